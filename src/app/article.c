/* What the user wants of an article: to read it, hidden, shown, approved. */
#include "app/article_view.h"
#include "base/error.h"
#include "base/text.h"
#include "base/time.h"
#include "store/articles.h"

#include <stdio.h>
#include <string.h>

/* A longer word is no slug, and none is near it. */
enum { MAX_SLUG_BYTES = 100 };

/* @done: said of the article; @then and @where: what deploying does then with it */
static const struct {
  const char *name;
  ArticleOrder order;
  const char *done;
  const char *then;
  const char *where;
} ORDERS[] = {
    {"hide", ARTICLE_HIDE, "Hidden", "takes", "off the site"},
    {"show", ARTICLE_SHOW, "Shown", "puts", "on the site"},
    {"approve", ARTICLE_APPROVE, "Approved", "puts", "on the site"},
};

static json_t *
line_json(const ArticleLine *line)
{
  g_autofree char *updated = time_format(line->updated_ms);
  return json_pack("{ss ss ss sI ss sf}", "slug", line->slug, "headline", line->headline, "state", line->state, "held",
                   (json_int_t) line->held, "updated", updated, "score", line->score);
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

/* In the transaction under way. Returns: (transfer full) (nullable): the article after the change */
static json_t *
change(Store *store, const char *slug, ArticleOrder order, GError **error)
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
  bool is_changed = false;
  if (!articles_set_state(store, slug, order, &is_changed, error))
    return NULL;
  g_autoptr(ArticleLine) after = articles_line(store, slug, error);
  json_t *changed = after != NULL ? line_json(after) : NULL;
  if (changed != NULL)
    json_object_set_new(changed, "changed", json_boolean(is_changed));
  return changed;
}

/* All of @slugs or none. Returns: (transfer full) (nullable): a list of change()'s */
static json_t *
change_all(Store *store, const GPtrArray *slugs, ArticleOrder order, GError **error)
{
  if (!store_begin(store, true, error))
    return NULL;
  g_autoptr(json_t) list = json_array();
  g_autoptr(GError) failure = NULL;
  for (guint i = 0; failure == NULL && i < slugs->len; i++) {
    json_t *changed = change(store, g_ptr_array_index(slugs, i), order, &failure);
    if (changed != NULL)
      json_array_append_new(list, changed);
  }
  if (failure == NULL)
    return store_commit(store, error) ? g_steal_pointer(&list) : NULL;
  store_rollback(store);
  error_set(error, (ErrorCode) failure->code, "%s%s", failure->message, slugs->len > 1 ? "; nothing was changed" : "");
  return NULL;
}

/* Returns: (transfer full) (nullable): those of the @words, or of all that waits when there are none */
static GPtrArray *
find_slugs(Store *store, char *const *words, GError **error)
{
  g_autoptr(GPtrArray) slugs = g_ptr_array_new_with_free_func(g_free);
  for (size_t i = 0; words[i] != NULL; i++)
    g_ptr_array_add(slugs, workspace_slug(words[i]));
  g_autoptr(GPtrArray) lines = slugs->len == 0 ? articles_list(store, error) : g_ptr_array_new();
  for (guint i = 0; lines != NULL && i < lines->len; i++) {
    const ArticleLine *line = g_ptr_array_index(lines, i);
    if (line->held > 0)
      g_ptr_array_add(slugs, g_strdup(line->slug));
  }
  return lines != NULL ? g_steal_pointer(&slugs) : NULL;
}

/* Returns: whether there was anything to change */
static bool
print_change(const json_t *article, size_t order)
{
  const char *slug = json_read_text(article, "slug");
  const char *state = json_read_text(article, "state");
  g_autofree char *headline = text_printable(json_read_text(article, "headline"));
  bool is_changed = json_is_true(json_object_get(article, "changed"));
  if (is_changed)
    printf("%s: %s (%s).", ORDERS[order].done, headline, slug);
  else
    printf("%s is %s already%s.", slug, state, json_read_int(article, "held", 0) > 0 ? ", and a newer revision is held" : "");
  return is_changed;
}

static void
print_changes(const json_t *document)
{
  const json_t *articles = json_object_get(document, "articles");
  size_t order = 0;
  while (!g_str_equal(ORDERS[order].name, json_read_text(document, "order")))
    order++;
  bool are_many = json_array_size(articles) > 1;
  bool is_any_changed = false;
  size_t index = 0;
  json_t *article = NULL;
  json_array_foreach(articles, index, article)
  {
    is_any_changed |= print_change(article, order);
    if (are_many)
      putchar('\n');
  }
  if (json_array_size(articles) == 0)
    printf("Nothing waits to be approved.");
  if (is_any_changed)
    printf("%s\"courant deploy\" %s %s %s.", are_many ? "" : " ", ORDERS[order].then, are_many ? "them" : "it",
           ORDERS[order].where);
  if (!are_many || is_any_changed)
    putchar('\n');
}

/* @words: (array zero-terminated=1): none for all that waits */
static int
change_articles(const Invocation *invocation, const Workspace *workspace, size_t order, char *const *words)
{
  GError *error = NULL;
  if (!store_exists(workspace->data_folder))
    error_set(&error, ERROR_IO, "no store in %s: run \"courant run\" first", workspace->data_folder);
  g_autoptr(Store) store = error == NULL ? store_open(workspace->data_folder, STORE_WRITE, &error) : NULL;
  g_autoptr(GPtrArray) slugs = store != NULL ? find_slugs(store, words, &error) : NULL;
  json_t *articles = slugs != NULL ? change_all(store, slugs, ORDERS[order].order, &error) : NULL;
  if (articles == NULL)
    return fail_with(invocation, error);
  json_t *document = json_pack("{ss ss so}", "schema", "courant.article/1", "order", ORDERS[order].name, "articles", articles);
  if (words[0] != NULL && words[1] == NULL)
    json_object_update(document, json_array_get(articles, 0));
  return print_document(invocation, document, print_changes);
}

static int
view_article(const Invocation *invocation, const Workspace *workspace, const char *word)
{
  GError *error = NULL;
  g_autoptr(Store) store = workspace_read_store(workspace, &error);
  g_autofree char *slug = workspace_slug(word);
  json_t *document = store != NULL ? article_view_document(workspace, store, slug, &error) : NULL;
  if (document == NULL && error == NULL)
    set_unknown(store, slug, &error);
  return document != NULL ? print_document(invocation, document, article_view_print) : fail_with(invocation, error);
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
    printf("%-15s %.10s  %.2f  %s\n                %s\n", shown, json_read_text(article, "updated"),
           json_real_value(json_object_get(article, "score")), json_read_text(article, "slug"), headline);
    held += is_waiting;
  }
  if (json_array_size(articles) == 0)
    printf("No articles.\n");
  if (held > 0)
    printf("%" JSON_INTEGER_FORMAT " wait%s to be approved: courant article view SLUG, then approve SLUG, or approve --all\n",
           held, held == 1 ? "s" : "");
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
  gboolean are_all = false;
  const GOptionEntry own[] = {
      {"held", 0, 0, G_OPTION_ARG_NONE, &is_held_only, "With list: only what waits to be approved", NULL},
      {"all", 0, 0, G_OPTION_ARG_NONE, &are_all, "With approve: all that waits", NULL},
      {0}};
  g_autoptr(Workspace) workspace = NULL;
  if (!workspace_begin(invocation, own, &workspace, NULL, &status))
    return status;
  const char *word = invocation->arguments[0];
  char *const *slugs = invocation->arguments + 1;
  bool is_list = g_str_equal(word, "list");
  if (is_held_only && !is_list)
    return fail_usage(invocation, "--held belongs to \"article list\"");
  if (are_all && (!g_str_equal(word, "approve") || slugs[0] != NULL))
    return fail_usage(invocation, "--all belongs to \"article approve\" without a slug");
  if (is_list && slugs[0] == NULL)
    return list_articles(invocation, workspace, is_held_only);
  if (g_str_equal(word, "view") && slugs[0] != NULL && slugs[1] == NULL)
    return view_article(invocation, workspace, slugs[0]);
  for (size_t i = 0; i < G_N_ELEMENTS(ORDERS); i++)
    if ((slugs[0] != NULL || are_all) && g_str_equal(word, ORDERS[i].name))
      return change_articles(invocation, workspace, i, slugs);
  return fail_usage(invocation,
                    "after \"article\" comes hide, show or approve with slugs or pages' addresses, view with one, or list");
}

const Command article_command = {
    .name = "article",
    .usage = "hide|show|approve SLUG..., view SLUG, or list",
    .summary = "read an article, take it off the site or put it back, approve what is held, or list all",
    .examples = "  courant article list --held          what waits to be approved (generate.review)\n"
                "  courant article view a-new-kernel-5c1f3a\n"
                "  courant article approve a-new-kernel-5c1f3a\n"
                "  courant article approve --all\n"
                "  courant article hide https://example.org/news/posts/a-new-kernel-5c1f3a/\n",
    .min_arguments = 1,
    .max_arguments = G_MAXINT,
    .run = run_article,
};
