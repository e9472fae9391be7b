#include "app/article_view.h"

#include "base/text.h"
#include "base/time.h"
#include "model/article.h"
#include "store/articles.h"

#include <stdio.h>

/* Returns: (transfer container): what @article quotes */
static GHashTable *
quoted_texts(const Article *article)
{
  GHashTable *texts = g_hash_table_new(g_str_hash, g_str_equal);
  for (guint i = 0; i < article->quotations->len; i++)
    g_hash_table_add(texts, ((const Quotation *) g_ptr_array_index(article->quotations, i))->text);
  return texts;
}

/* Returns: (transfer container): the addresses of @article's sources */
static GHashTable *
source_addresses(const Article *article)
{
  GHashTable *addresses = g_hash_table_new(g_str_hash, g_str_equal);
  for (guint i = 0; i < article->sources->len; i++)
    g_hash_table_add(addresses, ((const ArticleSource *) g_ptr_array_index(article->sources, i))->url);
  return addresses;
}

/* How many of @texts are not among @others. */
static json_t *
count_missing(GHashTable *texts, GHashTable *others)
{
  json_int_t missing = 0;
  GHashTableIter all;
  g_hash_table_iter_init(&all, texts);
  for (void *text; g_hash_table_iter_next(&all, &text, NULL);)
    missing += !g_hash_table_contains(others, text);
  return json_integer(missing);
}

/* @newest: waits to take the place of @shown. */
static json_t *
changes_json(const ArticleRow *shown, const Article *newest, GError **error)
{
  g_autoptr(Article) before = article_from_document(shown->document, error);
  if (before == NULL)
    return NULL;
  g_autoptr(GHashTable) old_texts = quoted_texts(before);
  g_autoptr(GHashTable) new_texts = quoted_texts(newest);
  g_autoptr(GHashTable) old_sources = source_addresses(before);
  g_autoptr(GHashTable) new_sources = source_addresses(newest);
  return json_pack("{sI sb so so so so}", "since", (json_int_t) shown->revision, "headline",
                   !g_str_equal(before->headline, newest->headline), "quotations_new", count_missing(new_texts, old_texts),
                   "quotations_gone", count_missing(old_texts, new_texts), "sources_new",
                   count_missing(new_sources, old_sources), "sources_gone", count_missing(old_sources, new_sources));
}

/* Adds the text of @row, and what is new in it since @shown (nullable). */
static bool
add_text(json_t *document, const ArticleRow *row, const ArticleRow *shown, GError **error)
{
  g_autoptr(Article) article = article_from_document(row->document, error);
  if (article == NULL)
    return false;
  g_autofree char *text = article_document(article);
  g_autoptr(json_t) parts = json_loads(text, 0, NULL);
  json_object_update(document, parts);
  if (shown == NULL || !g_str_equal(shown->state, "published") || shown->revision == row->revision)
    return true;
  json_t *changes = changes_json(shown, article, error);
  return changes != NULL && json_object_set_new(document, "changes", changes) == 0;
}

json_t *
article_view_document(const Workspace *workspace, Store *store, const char *slug, GError **error)
{
  GError *failure = NULL;
  g_autofree char *story_id = articles_story_of_slug(store, slug, &failure);
  g_autoptr(ArticleRow) row = story_id != NULL ? articles_of_story(store, story_id, &failure) : NULL;
  g_autoptr(ArticleRow) shown = row != NULL ? articles_shown(store, story_id, &failure) : NULL;
  if (failure != NULL)
    g_propagate_error(error, failure);
  if (failure != NULL || row == NULL)
    return NULL;
  g_autofree char *written = time_format(row->created_ms);
  g_autofree char *url = workspace_page_url(workspace, slug);
  g_autoptr(json_t) document = json_pack("{ss ss sI ss ss ss}", "schema", "courant.article/1", "slug", slug, "revision",
                                         (json_int_t) row->revision, "state", row->state, "updated", written, "url", url);
  bool has_text = !g_str_equal(row->state, "withdrawn");
  return !has_text || add_text(document, row, shown, error) ? g_steal_pointer(&document) : NULL;
}

static void
print_clean(const char *before, const char *text)
{
  g_autofree char *clean = text_printable(text != NULL ? text : "");
  printf("%s%s\n", before, clean);
}

static void
print_changes(const json_t *changes)
{
  printf("Revision %" G_GINT64_FORMAT " is on the site. Since then: %s", json_read_int(changes, "since", 0),
         json_is_true(json_object_get(changes, "headline")) ? "headline changed" : "headline the same");
  printf("; quotations: %" G_GINT64_FORMAT " new, %" G_GINT64_FORMAT " gone", json_read_int(changes, "quotations_new", 0),
         json_read_int(changes, "quotations_gone", 0));
  printf("; sources: %" G_GINT64_FORMAT " new, %" G_GINT64_FORMAT " gone.\n", json_read_int(changes, "sources_new", 0),
         json_read_int(changes, "sources_gone", 0));
}

static void
print_topics(const json_t *topics)
{
  g_autoptr(GString) labels = g_string_new(NULL);
  size_t index = 0;
  json_t *topic = NULL;
  json_array_foreach(topics, index, topic)
      g_string_append_printf(labels, "%s%s", index > 0 ? ", " : "", json_read_text(topic, "label"));
  print_clean("Topics: ", labels->str);
}

static void
print_quotations(const json_t *document, const char *part, const char *heading)
{
  const json_t *sources = json_object_get(document, "sources");
  bool has_heading = false;
  size_t index = 0;
  json_t *quotation = NULL;
  json_array_foreach(json_object_get(document, "quotations"), index, quotation)
  {
    if (!g_str_equal(json_read_text(quotation, "part"), part))
      continue;
    if (!has_heading)
      printf("\n%s\n", heading);
    has_heading = true;
    print_clean("  > ", json_read_text(quotation, "text"));
    const json_t *source = json_array_get(sources, (size_t) json_read_int(quotation, "source", 0));
    print_clean("      - ", json_read_text(source, "name"));
  }
}

/* "      12 points, 1 comment", as much of it as is known */
static void
print_counts(const json_t *source)
{
  static const char *const COUNTS[][2] = {{"likes", "point"}, {"replies", "comment"}};
  bool is_first = true;
  for (size_t i = 0; i < G_N_ELEMENTS(COUNTS); i++) {
    int64_t count = json_read_int(source, COUNTS[i][0], -1);
    if (count < 0)
      continue;
    printf("%s%" G_GINT64_FORMAT " %s%s", is_first ? "      " : ", ", count, COUNTS[i][1], count == 1 ? "" : "s");
    is_first = false;
  }
  if (!is_first)
    putchar('\n');
}

static void
print_sources(const json_t *sources, bool are_discussions, const char *heading)
{
  bool has_heading = false;
  size_t index = 0;
  json_t *source = NULL;
  json_array_foreach(sources, index, source)
  {
    if (g_str_equal(json_read_text(source, "kind"), "discussion") != are_discussions)
      continue;
    if (!has_heading)
      printf("\n%s\n", heading);
    has_heading = true;
    g_autofree char *line = g_strdup_printf("%s: %s", json_read_text(source, "name"), json_read_text(source, "title"));
    print_clean("  ", line);
    print_clean("      ", json_read_text(source, "url"));
    print_counts(source);
  }
}

void
article_view_print(const json_t *document)
{
  const json_t *sources = json_object_get(document, "sources");
  const json_t *changes = json_object_get(document, "changes");
  printf("%s, revision %" G_GINT64_FORMAT " of %s\n", json_read_text(document, "state"), json_read_int(document, "revision", 0),
         json_read_text(document, "updated"));
  if (changes != NULL)
    print_changes(changes);
  print_clean("", json_read_text(document, "url"));
  if (sources == NULL) {
    printf("Its authors took back what it was about; its text was forgotten.\n");
    return;
  }
  print_clean("\n", json_read_text(document, "headline"));
  print_topics(json_object_get(document, "topics"));
  print_clean("\n", json_read_text(document, "teaser"));
  print_quotations(document, "news", "What happened");
  print_quotations(document, "more", "What else is known");
  print_sources(sources, false, "Sources");
  print_sources(sources, true, "Discussed at");
}
