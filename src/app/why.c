/* Which story a post or address belongs to, by which rule, and what became of it. */
#include "app/workspace.h"
#include "base/error.h"
#include "base/text.h"
#include "base/url.h"
#include "store/articles.h"
#include "store/items.h"
#include "store/stories.h"

#include <math.h>
#include <stdio.h>

/* Sets @ret_id to NULL when nothing is known of @word. */
static bool
find_story(Store *store, const char *word, char **ret_id, GError **error)
{
  GError *failure = NULL;
  g_autofree char *id = stories_of_item(store, word, &failure);
  g_autofree char *canonical = url_canonical(word, NULL);
  if (id == NULL && failure == NULL && canonical != NULL) {
    g_autoptr(GPtrArray) items = items_by_url(store, canonical, &failure);
    if (items != NULL && items->len > 0)
      id = stories_of_item(store, ((const Item *) g_ptr_array_index(items, 0))->id, &failure);
  }
  if (id == NULL && failure == NULL)
    id = articles_story_of_slug(store, word, &failure);
  if (failure != NULL) {
    g_propagate_error(error, failure);
    return false;
  }
  *ret_id = g_steal_pointer(&id);
  return true;
}

static const Item *
item_called(const Story *story, const char *id)
{
  for (guint i = 0; i < story->items->len; i++) {
    const Item *item = g_ptr_array_index(story->items, i);
    if (g_str_equal(item->id, id))
      return item;
  }
  return NULL;
}

static json_t *
members_json(Store *store, const Story *story, GError **error)
{
  g_autoptr(GPtrArray) members = stories_members(store, story->id, error);
  json_t *list = members != NULL ? json_array() : NULL;
  for (guint i = 0; list != NULL && i < members->len; i++) {
    const MemberInfo *member = g_ptr_array_index(members, i);
    const Item *item = item_called(story, member->item_id);
    json_t *features = member->features != NULL ? json_loads(member->features, 0, NULL) : NULL;
    json_array_append_new(list,
                          json_pack("{ss ss ss ss sf so*}", "item", member->item_id, "title", item->title, "url", item->url,
                                    "rule", member->rule, "probability", member->probability, "features", features));
  }
  return list;
}

static json_t *
why_document(Store *store, const char *id, GError **error)
{
  g_autoptr(Story) story = stories_load(store, id, error);
  if (story == NULL) {
    if (error != NULL && *error == NULL)
      error_set(error, ERROR_BAD_DATA,
                "nothing is known of \"%s\": no post, address, story or article of that name was collected", id);
    return NULL;
  }
  double score = NAN;
  g_autofree char *reason = NULL;
  GError *failure = NULL;
  g_autoptr(ArticleRow) article = articles_of_story(store, id, &failure);
  if (failure != NULL) {
    g_propagate_error(error, failure);
    return NULL;
  }
  json_t *members = stories_score(store, id, &score, &reason, error) ? members_json(store, story, error) : NULL;
  if (members == NULL)
    return NULL;
  return json_pack("{ss ss so so ss* ss*}", "schema", "courant.why/1", "story", id, "members", members, "score",
                   isnan(score) ? json_null() : json_real(score), "reason", reason, "article",
                   article != NULL ? article->slug : NULL);
}

static const char *
describe_rule(const char *rule)
{
  if (g_str_equal(rule, "founded"))
    return "founded the story";
  return g_str_equal(rule, "link") ? "links to the same page as" : "reads like";
}

static void
print_why(const json_t *document, double threshold)
{
  printf("Story %s\n", json_read_text(document, "story"));
  size_t index = 0;
  json_t *member = NULL;
  json_array_foreach(json_object_get(document, "members"), index, member)
  {
    g_autofree char *title = text_printable(json_read_text(member, "title"));
    g_autofree char *id = text_printable(json_read_text(member, "item"));
    const char *near = json_read_text(json_object_get(member, "features"), "nearest");
    g_autofree char *nearest = text_printable(near);
    printf("  %s: %s\n    %s%s%s (%.2f)\n", id, title, describe_rule(json_read_text(member, "rule")), near != NULL ? " " : "",
           nearest, json_real_value(json_object_get(member, "probability")));
  }
  const json_t *score = json_object_get(document, "score");
  const char *article = json_read_text(document, "article");
  if (!json_is_real(score))
    printf("Not scored yet.\n");
  else
    printf("Score %.2f (articles from %.2f): %s\n", json_real_value(score), threshold, json_read_text(document, "reason"));
  printf("%s%s\n", article != NULL ? "Article: " : "No article.", article != NULL ? article : "");
}

static json_t *
explain(Store *store, const char *word, GError **error)
{
  g_autofree char *id = NULL;
  if (!find_story(store, word, &id, error))
    return NULL;
  return why_document(store, id != NULL ? id : word, error);
}

static int
run_why(Invocation *invocation)
{
  int status = EXIT_OK;
  if (!invocation_parse(invocation, NULL, &status))
    return status;
  GError *error = NULL;
  g_autoptr(Workspace) workspace = workspace_open(invocation, &error);
  g_autoptr(Store) store = workspace != NULL ? workspace_read_store(workspace, &error) : NULL;
  g_autoptr(json_t) document = store != NULL ? explain(store, invocation->arguments[0], &error) : NULL;
  if (document == NULL)
    return fail_with(invocation, error);
  if (invocation->is_json)
    return print_json(invocation, g_steal_pointer(&document));
  print_why(document, workspace->config->enrich->threshold);
  return EXIT_OK;
}

const Command why_command = {
    .name = "why",
    .usage = "URL|ID [OPTION...]",
    .summary = "say which story a post, an address or an article belongs to, and why",
    .examples = "  courant why https://example.org/post\n"
                "  courant why hn:8863 --json\n",
    .min_arguments = 1,
    .max_arguments = 1,
    .run = run_why,
};
