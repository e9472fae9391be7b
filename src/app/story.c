/* What people say of stories: two are one, or one is two. It is obeyed for ever, and the store changes at once. */
#include "app/story_lookup.h"
#include "app/workspace.h"
#include "base/error.h"
#include "base/text.h"
#include "base/time.h"
#include "base/url.h"
#include "os/clock.h"
#include "store/articles.h"
#include "store/corrections.h"
#include "store/items.h"
#include "store/regroup.h"

#include <stdio.h>
#include <string.h>

enum { MAX_ITEMS = 100 };

/* Returns: (transfer full) (nullable) */
static Story *
find_story(Store *store, const char *word, GError **error)
{
  GError *failure = NULL;
  g_autofree char *named = story_lookup(store, word, &failure);
  g_autofree char *id = named != NULL ? stories_survivor(store, named, &failure) : NULL;
  g_autoptr(Story) story = id != NULL ? stories_load(store, id, &failure) : NULL;
  if (failure != NULL) {
    g_propagate_error(error, failure);
    return NULL;
  }
  if (story != NULL && story->items->len > 0)
    return g_steal_pointer(&story);
  if (story != NULL)
    error_set(error, ERROR_BAD_DATA, "story %s has no posts any more", story->id);
  else
    error_set(
        error, ERROR_BAD_DATA,
        "no story \"%s\": give at least %d digits of its id (\"courant stories\" lists them), a post's id or address, or an"
        " article's slug",
        word, STORY_PREFIX_DIGITS);
  return NULL;
}

static bool
is_older(const Story *a, const Story *b)
{
  return a->founded_ms != b->founded_ms ? a->founded_ms < b->founded_ms : strcmp(a->id, b->id) < 0;
}

/* Adds the slug of the article about @story_id, if there is one. */
static bool
add_article(Store *store, const char *story_id, json_t *document, GError **error)
{
  GError *failure = NULL;
  g_autoptr(ArticleRow) article = articles_of_story(store, story_id, &failure);
  if (article != NULL)
    json_object_set_new(document, "article", json_string(article->slug));
  if (failure != NULL)
    g_propagate_error(error, failure);
  return failure == NULL;
}

static json_t *
merge(Store *store, char *const *words, int64_t now_ms, GError **error)
{
  g_autoptr(Story) a = find_story(store, words[0], error);
  g_autoptr(Story) b = a != NULL ? find_story(store, words[1], error) : NULL;
  if (b == NULL)
    return NULL;
  if (g_str_equal(a->id, b->id)) {
    error_set(error, ERROR_BAD_DATA, "\"%s\" and \"%s\" are of story %s, both: there is nothing to merge", words[0], words[1],
              a->id);
    return NULL;
  }
  const Story *into = is_older(a, b) ? a : b;
  const Story *gone = into == a ? b : a;
  g_autoptr(json_t) features = json_pack("{ss}", "nearest", story_lead(into)->id);
  g_autofree char *text = json_write(features);
  const MemberRow joined = {
      .item_id = story_lead(gone)->id, .story_id = into->id, .probability = 1, .rule = "correction", .features = text};
  if (!corrections_merge(store, a->id, b->id, now_ms, error) || !stories_merge(store, gone->id, &joined, now_ms, error))
    return NULL;
  g_autoptr(json_t) document = json_pack("{ss ss ss ss sI}", "schema", "courant.story/1", "order", "merge", "story", into->id,
                                         "merged", gone->id, "posts", (json_int_t) a->items->len + (json_int_t) b->items->len);
  return add_article(store, into->id, document, error) ? g_steal_pointer(&document) : NULL;
}

static bool
is_at(const Item *item, const char *canonical)
{
  return canonical != NULL && (g_str_equal(item->url, canonical) || g_strcmp0(item->canonical_url, canonical) == 0);
}

/* Returns: (transfer none) (nullable): the post of @story that has the id or the address @word */
static const char *
find_member(const Story *story, const char *word, GError **error)
{
  g_autofree char *canonical = url_canonical(word, NULL);
  const char *found = NULL;
  unsigned count = 0;
  for (guint i = 0; i < story->items->len; i++) {
    const Item *item = g_ptr_array_index(story->items, i);
    if (g_str_equal(item->id, word))
      return item->id;
    if (is_at(item, canonical)) {
      found = item->id;
      count++;
    }
  }
  if (count == 1)
    return found;
  if (count > 1)
    error_set(error, ERROR_BAD_DATA,
              "%u posts of story %s are about \"%s\": name those you mean by their ids (\"courant why %s\")", count, story->id,
              word, story->id);
  else
    error_set(error, ERROR_BAD_DATA, "\"%s\" is no post of story %s; \"courant why %s\" lists them", word, story->id,
              story->id);
  return NULL;
}

/* Returns: (transfer container) (element-type utf8) (nullable): the ids of those posts, each once */
static GPtrArray *
find_members(const Story *story, char *const *words, GError **error)
{
  g_autoptr(GPtrArray) ids = g_ptr_array_new();
  for (; *words != NULL; words++) {
    const char *id = find_member(story, *words, error);
    if (id == NULL)
      return NULL;
    if (!g_ptr_array_find(ids, id, NULL))
      g_ptr_array_add(ids, (char *) id);
  }
  if (ids->len < story->items->len)
    return g_steal_pointer(&ids);
  error_set(error, ERROR_BAD_DATA, "these are all posts of story %s, none would stay: name those that tell something else",
            story->id);
  return NULL;
}

static json_t *
split(Store *store, char *const *words, int64_t now_ms, GError **error)
{
  g_autoptr(Story) story = find_story(store, words[0], error);
  g_autoptr(GPtrArray) ids = story != NULL ? find_members(story, words + 1, error) : NULL;
  if (ids == NULL || !corrections_split(store, story->id, ids, now_ms, error))
    return NULL;
  g_autofree char *founded = stories_split(store, story->id, ids, now_ms, error);
  if (founded == NULL)
    return NULL;
  g_autoptr(json_t) document =
      json_pack("{ss ss ss ss sI sI}", "schema", "courant.story/1", "order", "split", "story", story->id, "founded", founded,
                "posts", (json_int_t) story->items->len - (json_int_t) ids->len, "founded_posts", (json_int_t) ids->len);
  return add_article(store, story->id, document, error) ? g_steal_pointer(&document) : NULL;
}

/* Corrections outlive their posts: what is no address of a known one is taken for an id. Returns: (transfer full) (nullable) */
static char *
name_item(Store *store, const char *word, GError **error)
{
  g_autofree char *canonical = url_canonical(word, NULL);
  if (canonical == NULL)
    return g_strdup(word);
  g_autoptr(GPtrArray) items = items_by_url(store, canonical, error);
  if (items == NULL)
    return NULL;
  if (items->len <= 1)
    return g_strdup(items->len == 1 ? ((const Item *) g_ptr_array_index(items, 0))->id : word);
  error_set(error, ERROR_BAD_DATA, "%u posts are about \"%s\": name the one you mean by its id", items->len, word);
  return NULL;
}

static json_t *
forget(Store *store, char *const *words, int64_t now_ms, GError **error)
{
  (void) now_ms;
  g_autofree char *item = name_item(store, words[0], error);
  g_autofree char *other = item != NULL && words[1] != NULL ? name_item(store, words[1], error) : NULL;
  if (item == NULL || (words[1] != NULL && other == NULL))
    return NULL;
  int64_t count = corrections_forget(store, item, other, error);
  if (count == 0)
    error_set(error, ERROR_BAD_DATA, "nothing was said of %s%s%s; \"courant stories --corrections\" lists what was", item,
              other != NULL ? " and " : "", other != NULL ? other : "");
  return count > 0 ? json_pack("{ss ss sI}", "schema", "courant.story/1", "order", "forget", "forgotten", (json_int_t) count)
                   : NULL;
}

static void
print_merge(const json_t *document)
{
  printf("Merged: story %s into %s, which has %" G_GINT64_FORMAT " posts now.\n", json_read_text(document, "merged"),
         json_read_text(document, "story"), json_read_int(document, "posts", 0));
}

static void
print_split(const json_t *document)
{
  printf("Split: %" G_GINT64_FORMAT " post(s) of story %s are story %s now; %" G_GINT64_FORMAT " stay(s).\n",
         json_read_int(document, "founded_posts", 0), json_read_text(document, "story"), json_read_text(document, "founded"),
         json_read_int(document, "posts", 0));
}

static void
print_change(const json_t *document)
{
  const char *order = json_read_text(document, "order");
  if (g_str_equal(order, "forget")) {
    printf("Forgotten: %" G_GINT64_FORMAT
           " correction(s). The posts stay where they are until something new is said of them.\n",
           json_read_int(document, "forgotten", 0));
    return;
  }
  if (g_str_equal(order, "merge"))
    print_merge(document);
  else
    print_split(document);
  const char *article = json_read_text(document, "article");
  printf("The site follows with the next \"courant run\", which reads and scores anew%s%s.\n",
         article != NULL ? "; the page is " : "", article != NULL ? article : "");
}

/* @at_least, @at_most: how many words stand behind it */
static const struct {
  const char *name;
  guint at_least;
  guint at_most;
  json_t *(*change)(Store *store, char *const *words, int64_t now_ms, GError **error);
} ORDERS[] = {{"merge", 2, 2, merge}, {"split", 2, MAX_ITEMS + 1, split}, {"forget", 1, 2, forget}};

static int
change_stories(const Invocation *invocation, const Workspace *workspace, size_t order, int64_t now_ms)
{
  GError *error = NULL;
  if (!store_exists(workspace->data_folder))
    error_set(&error, ERROR_IO, "no store in %s: run \"courant run\" first", workspace->data_folder);
  g_autoptr(Store) store = error == NULL ? store_open(workspace->data_folder, STORE_WRITE, &error) : NULL;
  if (store == NULL || !store_begin(store, true, &error))
    return fail_with(invocation, error);
  g_autoptr(json_t) document = ORDERS[order].change(store, invocation->arguments + 1, now_ms, &error);
  if (document == NULL)
    store_rollback(store);
  if (document == NULL || !store_commit(store, &error))
    return fail_with(invocation, error);
  return print_document(invocation, g_steal_pointer(&document), print_change);
}

static int
run_story(Invocation *invocation)
{
  int status = EXIT_OK;
  g_autofree char *now = NULL;
  const GOptionEntry own[] = {
      {"now", 0, 0, G_OPTION_ARG_STRING, &now, "The time that counts as now, such as 2026-03-02T08:00:00Z", "TIME"}, {0}};
  g_autoptr(Workspace) workspace = NULL;
  if (!workspace_begin(invocation, own, &workspace, NULL, &status))
    return status;
  int64_t now_ms = clock_now_ms();
  if (now != NULL && !time_parse(now, &now_ms))
    return fail_usage(invocation, "--now takes a time such as 2026-03-02T08:00:00Z");
  guint words = g_strv_length(invocation->arguments) - 1;
  for (size_t i = 0; i < G_N_ELEMENTS(ORDERS); i++)
    if (g_str_equal(invocation->arguments[0], ORDERS[i].name) && words >= ORDERS[i].at_least && words <= ORDERS[i].at_most)
      return change_stories(invocation, workspace, i, now_ms);
  return fail_usage(invocation, "after \"story\" comes merge with two stories, split with a story and some of its posts (100 at"
                                " most), or forget with one post or two");
}

const Command story_command = {
    .name = "story",
    .usage = "merge A B, split ID ITEM..., or forget ITEM [ITEM]",
    .summary = "say that two stories are one, or that posts of a story tell something else; or forget what was said",
    .examples = "  courant story merge 5c1f3a hn:8863\n"
                "  courant story split 5c1f3a hn:8863 https://example.org/post\n"
                "  courant stories --corrections           what was said\n"
                "  courant story forget hn:8863            all that was said of this post\n",
    .min_arguments = 1,
    .max_arguments = MAX_ITEMS + 2,
    .run = run_story,
};
