/* What the user wants of an article: hidden, shown, approved. */
#include "app/workspace.h"
#include "base/error.h"
#include "base/text.h"
#include "base/time.h"
#include "store/articles.h"

#include <stdio.h>
#include <string.h>

/* A longer word is no slug, and none is near it. */
enum { MAX_SLUG_BYTES = 100 };

/* @done: said of the article; @next: what is to be done then */
static const struct {
  const char *name;
  ArticleOrder order;
  const char *done;
  const char *next;
} ORDERS[] = {
    {"hide", ARTICLE_HIDE, "Hidden", "takes it off the site"},
    {"show", ARTICLE_SHOW, "Shown", "puts it on the site"},
    {"approve", ARTICLE_APPROVE, "Approved", "puts it on the site"},
};

static json_t *
line_json(const ArticleLine *line)
{
  g_autofree char *updated = time_format(line->updated_ms);
  return json_pack("{ss ss ss sI ss}", "slug", line->slug, "headline", line->headline, "state", line->state, "held",
                   (json_int_t) line->held, "updated", updated);
}

/* Tells of an unknown @slug, and of the one that was meant. */
static void
set_unknown(Store *store, const char *slug, GError **error)
{
  g_autoptr(GPtrArray) lines = strlen(slug) <= MAX_SLUG_BYTES ? articles_list(store, NULL) : NULL;
  g_autoptr(GPtrArray) slugs = g_ptr_array_new();
  const char *longer = NULL;
  for (guint i = 0; lines != NULL && i < lines->len; i++) {
    const ArticleLine *line = g_ptr_array_index(lines, i);
    g_ptr_array_add(slugs, line->slug);
    if (longer == NULL && *slug != '\0' && g_str_has_prefix(line->slug, slug))
      longer = line->slug;
  }
  g_ptr_array_add(slugs, NULL);
  const char *near = longer != NULL ? longer : text_nearest(slug, (const char *const *) slugs->pdata);
  if (near != NULL)
    error_set(error, ERROR_BAD_DATA, "no article \"%s\"; did you mean \"%s\"?", slug, near);
  else
    error_set(error, ERROR_BAD_DATA, "no article \"%s\"; \"courant article list\" lists them", slug);
}

/* Returns: (transfer full) (nullable): the article after the change */
static ArticleLine *
change(Store *store, const char *slug, ArticleOrder order, bool *ret_is_changed, GError **error)
{
  GError *failure = NULL;
  g_autoptr(ArticleLine) before = articles_line(store, slug, &failure);
  if (before == NULL) {
    if (failure != NULL)
      g_propagate_error(error, failure);
    else
      set_unknown(store, slug, error);
    return NULL;
  }
  if (!store_begin(store, true, error))
    return NULL;
  if (!articles_set_state(store, slug, order, ret_is_changed, error)) {
    store_rollback(store);
    return NULL;
  }
  return store_commit(store, error) ? articles_line(store, slug, error) : NULL;
}

static void
print_change(const json_t *document)
{
  const char *slug = json_read_text(document, "slug");
  const char *state = json_read_text(document, "state");
  g_autofree char *headline = text_printable(json_read_text(document, "headline"));
  if (!json_is_true(json_object_get(document, "changed"))) {
    printf("%s is %s already%s.\n", slug, state,
           json_read_int(document, "held", 0) > 0 ? ", and a newer revision is held" : "");
    return;
  }
  size_t i = 0;
  while (!g_str_equal(ORDERS[i].name, json_read_text(document, "order")))
    i++;
  printf("%s: %s (%s). \"courant deploy\" %s.\n", ORDERS[i].done, headline, slug, ORDERS[i].next);
}

static int
change_article(const Invocation *invocation, const Workspace *workspace, size_t order)
{
  GError *error = NULL;
  if (!store_exists(workspace->data_folder))
    error_set(&error, ERROR_IO, "no store in %s: run \"courant run\" first", workspace->data_folder);
  g_autoptr(Store) store = error == NULL ? store_open(workspace->data_folder, STORE_WRITE, &error) : NULL;
  g_autofree char *slug = workspace_slug(invocation->arguments[1]);
  bool is_changed = false;
  g_autoptr(ArticleLine) line = store != NULL ? change(store, slug, ORDERS[order].order, &is_changed, &error) : NULL;
  if (line == NULL)
    return fail_with(invocation, error);
  json_t *document = line_json(line);
  json_object_set_new(document, "schema", json_string("courant.article/1"));
  json_object_set_new(document, "order", json_string(ORDERS[order].name));
  json_object_set_new(document, "changed", json_boolean(is_changed));
  return print_document(invocation, document, print_change);
}

static json_t *
list_document(Store *store, bool is_held_only, GError **error)
{
  g_autoptr(GPtrArray) lines = articles_list(store, error);
  json_t *list = lines != NULL ? json_array() : NULL;
  for (guint i = 0; lines != NULL && i < lines->len; i++) {
    const ArticleLine *line = g_ptr_array_index(lines, i);
    if (!is_held_only || line->held > 0)
      json_array_append_new(list, line_json(line));
  }
  return list != NULL ? json_pack("{ss so}", "schema", "courant.article/1", "articles", list) : NULL;
}

static void
print_list(const json_t *document)
{
  const json_t *articles = json_object_get(document, "articles");
  size_t index = 0;
  json_t *article = NULL;
  json_int_t held = 0;
  json_array_foreach(articles, index, article)
  {
    const char *state = json_read_text(article, "state");
    bool is_waiting = json_read_int(article, "held", 0) > 0;
    g_autofree char *shown = g_strconcat(state, is_waiting && !g_str_equal(state, "held") ? ", held" : "", NULL);
    g_autofree char *headline = text_printable(json_read_text(article, "headline"));
    printf("%-15s %s\n                %s\n", shown, json_read_text(article, "slug"), headline);
    held += is_waiting;
  }
  if (json_array_size(articles) == 0)
    printf("No articles.\n");
  if (held > 0)
    printf("%" JSON_INTEGER_FORMAT " wait%s to be approved: courant article approve SLUG\n", held, held == 1 ? "s" : "");
}

static int
list_articles(const Invocation *invocation, const Workspace *workspace, bool is_held_only)
{
  GError *error = NULL;
  g_autoptr(Store) store = workspace_read_store(workspace, &error);
  json_t *document = store != NULL ? list_document(store, is_held_only, &error) : NULL;
  return document != NULL ? print_document(invocation, document, print_list) : fail_with(invocation, error);
}

static int
run_article(Invocation *invocation)
{
  int status = EXIT_OK;
  gboolean is_held_only = false;
  const GOptionEntry own[] = {
      {"held", 0, 0, G_OPTION_ARG_NONE, &is_held_only, "With list: only what waits to be approved", NULL}, {0}};
  g_autoptr(Workspace) workspace = NULL;
  if (!workspace_begin(invocation, own, &workspace, NULL, &status))
    return status;
  const char *word = invocation->arguments[0];
  bool has_slug = invocation->arguments[1] != NULL;
  if (g_str_equal(word, "list") && !has_slug)
    return list_articles(invocation, workspace, is_held_only);
  if (is_held_only)
    return fail_usage(invocation, "--held belongs to \"article list\"");
  for (size_t i = 0; i < G_N_ELEMENTS(ORDERS); i++)
    if (has_slug && g_str_equal(word, ORDERS[i].name))
      return change_article(invocation, workspace, i);
  return fail_usage(invocation, "after \"article\" comes hide, show or approve with a slug or a page's address, or list");
}

const Command article_command = {
    .name = "article",
    .usage = "hide|show|approve SLUG, or list",
    .summary = "take an article off the site or put it back, approve what is held, or list all",
    .examples = "  courant article list --held          what waits to be approved (generate.review)\n"
                "  courant article approve a-new-kernel-5c1f3a\n"
                "  courant article hide https://example.org/news/posts/a-new-kernel-5c1f3a/\n",
    .min_arguments = 1,
    .max_arguments = 2,
    .run = run_article,
};
