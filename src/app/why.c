/* Which story a post or address belongs to, by which rule, and what became of it. */
#include "app/story_lookup.h"
#include "app/why_likeness.h"
#include "app/workspace.h"
#include "base/error.h"
#include "base/text.h"
#include "base/url.h"
#include "store/articles.h"
#include "store/drops.h"
#include "store/regroup.h"

#include <math.h>
#include <stdio.h>

/* The posts called @word, or about that page, that were left out. */
static GPtrArray *
find_drops(Store *store, const char *word, GError **error)
{
  g_autoptr(GPtrArray) drops = drops_find(store, word, error);
  if (drops == NULL || drops->len > 0)
    return g_steal_pointer(&drops);
  g_autofree char *canonical = url_canonical(word, NULL);
  return canonical != NULL ? drops_find(store, canonical, error) : g_steal_pointer(&drops);
}

static json_t *
drops_json(const GPtrArray *drops)
{
  json_t *list = json_array();
  for (guint i = 0; i < drops->len; i++) {
    const DropRow *drop = g_ptr_array_index(drops, i);
    g_autofree char *run = g_strdup_printf("%" G_GINT64_FORMAT, drop->run_id);
    json_array_append_new(list, json_pack("{ss ss ss ss ss* ss}", "source", drop->source, "item", drop->id, "url", drop->url,
                                          "reason", drop->reason, "detail", drop->detail, "run", run));
  }
  return list;
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

/* What kept two posts apart is history once they are together. */
static void
forget_parting(const Story *story, json_t *features)
{
  const char *apart = json_read_text(features, "apart");
  if (apart == NULL || item_called(story, apart) == NULL)
    return;
  json_object_del(features, "apart");
  json_object_del(features, "veto");
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
    forget_parting(story, features);
    json_array_append_new(list,
                          json_pack("{ss ss ss ss sf so*}", "item", member->item_id, "title", item->title, "url", item->url,
                                    "rule", member->rule, "probability", member->probability, "features", features));
  }
  return list;
}

/* Adds the slug, state and address of the article about the story @id, if there is one. */
static bool
add_article(const Workspace *workspace, Store *store, const char *id, json_t *document, GError **error)
{
  GError *failure = NULL;
  g_autoptr(ArticleRow) article = articles_of_story(store, id, &failure);
  g_autoptr(ArticleLine) line = article != NULL ? articles_line(store, article->slug, &failure) : NULL;
  if (line != NULL) {
    bool has_page = g_str_equal(line->state, "published");
    g_autofree char *url = has_page ? workspace_page_url(workspace, line->slug) : NULL;
    json_object_set_new(document, "article", json_string(line->slug));
    json_object_set_new(document, "article_state", json_string(line->state));
    json_object_set_new(document, "article_held", json_integer(line->held));
    json_object_update_new(document, json_pack("{ss*}", "article_url", url));
  }
  if (failure != NULL)
    g_propagate_error(error, failure);
  return failure == NULL;
}

/* Adds what the score was predicted to be, and what each feature has of it: `{name: [value, what it adds]}`. */
static bool
add_prediction(Store *store, const char *id, json_t *document, GError **error)
{
  double predicted = NAN;
  g_autofree char *features = NULL;
  if (!stories_prediction(store, id, &predicted, &features, error))
    return false;
  g_autoptr(json_t) parts = features != NULL ? json_loads(features, 0, NULL) : NULL;
  if (!isnan(predicted))
    json_object_set_new(document, "predicted", json_real(predicted));
  if (parts != NULL)
    json_object_set(document, "score_features", parts);
  return true;
}

static json_t *
story_document(const Workspace *workspace, Store *store, const char *id, GError **error)
{
  g_autoptr(Story) story = stories_load(store, id, error);
  if (story == NULL)
    return NULL;
  double score = NAN;
  g_autofree char *reason = NULL;
  json_t *members = stories_score(store, id, &score, &reason, error) ? members_json(store, story, error) : NULL;
  if (members == NULL)
    return NULL;
  g_autoptr(json_t) document = json_pack("{ss ss so so sf ss*}", "schema", "courant.why/1", "story", id, "members", members,
                                         "score", isnan(score) ? json_null() : json_real(score), "threshold",
                                         workspace->config->enrich->threshold, "reason", reason);
  bool is_told = add_prediction(store, id, document, error) && add_article(workspace, store, id, document, error);
  return is_told ? g_steal_pointer(&document) : NULL;
}

/* A post that was kept by one source and left out by another is told as kept, with what the other said beside it. */
static json_t *
why_document(const Workspace *workspace, Store *store, const char *word, GError **error)
{
  GError *failure = NULL;
  g_autofree char *named = story_lookup(store, word, &failure);
  g_autofree char *id = named != NULL ? stories_survivor(store, named, &failure) : NULL;
  g_autoptr(GPtrArray) drops = failure == NULL ? find_drops(store, word, &failure) : NULL;
  if (failure != NULL) {
    g_propagate_error(error, failure);
    return NULL;
  }
  if (id == NULL && drops->len == 0) {
    error_set(error, ERROR_BAD_DATA,
              "nothing is known of \"%s\"; give the whole address of a post or of the page it is about, a post's id such as"
              " hn:1, an article's address or slug, or at least %d digits of a story's id",
              word, STORY_PREFIX_DIGITS);
    return NULL;
  }
  json_t *document = id != NULL ? story_document(workspace, store, id, error) : json_pack("{ss}", "schema", "courant.why/1");
  if (document != NULL && id != NULL && !g_str_equal(id, named))
    json_object_set_new(document, "merged_from", json_string(named));
  if (document != NULL && drops->len > 0)
    json_object_set_new(document, "dropped", drops_json(drops));
  return document;
}

static const char *
describe_rule(const char *rule)
{
  static const char *const RULES[][2] = {{"founded", "founded the story"},
                                         {"correction", "was put by hand with"},
                                         {"link", "links to the same page as"},
                                         {"copy", "has the title of"}};
  for (size_t i = 0; i < G_N_ELEMENTS(RULES); i++)
    if (g_str_equal(RULES[i][0], rule))
      return RULES[i][1];
  return "reads like";
}

static void
print_member(const json_t *member)
{
  const json_t *features = json_object_get(member, "features");
  const char *near = json_read_text(features, "nearest");
  const char *former = json_read_text(features, "story");
  g_autofree char *title = text_printable(json_read_text(member, "title"));
  g_autofree char *id = text_printable(json_read_text(member, "item"));
  g_autofree char *nearest = text_printable(near != NULL ? near : "");
  printf("  %s: %s\n    %s%s%s (%.2f)%s%s%s\n", id, title, describe_rule(json_read_text(member, "rule")),
         near != NULL ? " " : "", nearest, json_real_value(json_object_get(member, "probability")),
         former != NULL ? ", with story " : "", former != NULL ? former : "",
         former != NULL ? " that was merged into this one" : "");
  why_print_likeness(features);
}

static void
print_drops(const json_t *drops)
{
  size_t index = 0;
  json_t *drop = NULL;
  json_array_foreach(drops, index, drop)
  {
    const char *detail = json_read_text(drop, "detail");
    g_autofree char *url = text_printable(json_read_text(drop, "url"));
    g_autofree char *source = text_printable(json_read_text(drop, "source"));
    g_autofree char *printable = detail != NULL ? text_printable(detail) : NULL;
    printf("Left out by %s in run %s: %s%s%s%s\n  %s\n", source, json_read_text(drop, "run"),
           drop_reason_words(json_read_text(drop, "reason")), detail != NULL ? " (" : "", detail != NULL ? printable : "",
           detail != NULL ? ")" : "", url);
  }
}

static void
print_article(const json_t *document)
{
  const char *state = json_read_text(document, "article_state");
  const char *url = json_read_text(document, "article_url");
  bool is_waiting = json_read_int(document, "article_held", 0) > 0;
  printf("Its article is %s%s%s%s\n", state, is_waiting && !g_str_equal(state, "held") ? ", a newer revision is held" : "",
         url != NULL ? ": " : "", url != NULL ? url : "");
  printf("Article: %s\n", json_read_text(document, "article"));
}

static void
print_story(const json_t *document)
{
  const char *former = json_read_text(document, "merged_from");
  printf("Story %s%s%s%s\n", json_read_text(document, "story"), former != NULL ? " (story " : "", former != NULL ? former : "",
         former != NULL ? " was merged into it)" : "");
  size_t index = 0;
  json_t *member = NULL;
  json_array_foreach(json_object_get(document, "members"), index, member) print_member(member);
  const json_t *score = json_object_get(document, "score");
  const char *article = json_read_text(document, "article");
  if (!json_is_real(score))
    printf("Not scored yet.\n");
  else
    printf("Score %.2f (articles from %.2f): %s\n", json_real_value(score),
           json_real_value(json_object_get(document, "threshold")), json_read_text(document, "reason"));
  if (article != NULL)
    print_article(document);
  else if (json_is_real(score) && json_real_value(score) >= json_real_value(json_object_get(document, "threshold")))
    printf(
        "No article: others of its run scored higher (generate.articles_per_run); it comes back when something new is said.\n");
  else
    printf("No article.\n");
}

static void
print_why(const json_t *document)
{
  if (json_read_text(document, "story") != NULL)
    print_story(document);
  print_drops(json_object_get(document, "dropped"));
}

static int
run_why(Invocation *invocation)
{
  int status = EXIT_OK;
  g_autoptr(Workspace) workspace = NULL;
  g_autoptr(Store) store = NULL;
  if (!workspace_begin(invocation, NULL, &workspace, &store, &status))
    return status;
  GError *error = NULL;
  json_t *document = why_document(workspace, store, invocation->arguments[0], &error);
  return document != NULL ? print_document(invocation, document, print_why) : fail_with(invocation, error);
}

const Command why_command = {
    .name = "why",
    .usage = "URL|ID",
    .summary = "say which story a post, an address or an article belongs to, and why",
    .examples = "  courant why https://example.org/post\n"
                "  courant why hn:8863 --json\n"
                "  courant why 5c1f                     the first digits of a story\n",
    .min_arguments = 1,
    .max_arguments = 1,
    .run = run_why,
};
