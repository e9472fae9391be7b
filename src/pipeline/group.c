/* Which of the new items tell one story: pure work on the run's own thread, merged in one transaction. */
#include "pipeline/stage.h"

#include "os/clock.h"
#include "store/items.h"
#include "store/knowledge.h"
#include "store/stories.h"
#include "stories/cluster.h"

enum { MEMORY_MS = 14 * 24 * 60 * 60 * 1000 };

/* What the workspace's posts have taught of how rare stems are. */
#define STEM_COUNTS "stem_counts"

static GPtrArray *
canonical_urls(const GPtrArray *items)
{
  GPtrArray *urls = g_ptr_array_new();
  for (guint i = 0; i < items->len; i++) {
    const Item *item = g_ptr_array_index(items, i);
    if (item->canonical_url != NULL)
      g_ptr_array_add(urls, item->canonical_url);
  }
  return urls;
}

static Lexicon *
open_lexicon(const Context *context, GError **error)
{
  GError *failure = NULL;
  g_autofree char *counts = knowledge_get(context->store, STEM_COUNTS, &failure);
  if (failure == NULL)
    return lexicon_new(context->background, context->families, counts, error);
  g_propagate_error(error, failure);
  return NULL;
}

static GPtrArray *
find_memberships(const Context *context, const Lexicon *lexicon, const GPtrArray *items, GError **error)
{
  int64_t now_ms = context->run->now_ms;
  g_autoptr(GPtrArray) urls = canonical_urls(items);
  g_autoptr(GPtrArray) members = stories_known(context->store, now_ms - MEMORY_MS, urls, error);
  g_autoptr(GHashTable) ids = members != NULL ? stories_ids(context->store, error) : NULL;
  if (ids == NULL)
    return NULL;
  g_autoptr(GPtrArray) known = g_ptr_array_new_with_free_func(g_free);
  for (guint i = 0; i < members->len; i++) {
    const KnownMember *member = g_ptr_array_index(members, i);
    KnownItem *item = g_new(KnownItem, 1);
    *item = (KnownItem){.item = member->item, .story_id = member->story_id, .founded_ms = member->founded_ms};
    g_ptr_array_add(known, item);
  }
  const ClusterSpec spec = {.new_items = items,
                            .known = known,
                            .taken_ids = ids,
                            .lexicon = lexicon,
                            .model = context->likeness,
                            .now_ms = now_ms};
  return cluster_items(&spec);
}

/* The next run knows how common the stems of these posts are. */
static bool
learn_stems(const Context *context, Lexicon *lexicon, const GPtrArray *items, GError **error)
{
  for (guint i = 0; i < items->len; i++) {
    const Item *item = g_ptr_array_index(items, i);
    const Post post = {.title = item->title, .text = item->text, .language = item->language};
    g_autoptr(GPtrArray) stems = fingerprint_stems(&post);
    lexicon_learn(lexicon, stems);
  }
  g_autofree char *counts = lexicon_counts(lexicon);
  return items->len == 0 || knowledge_set(context->store, context->run->id, STEM_COUNTS, counts, error);
}

/* The founder speaks for the story. */
static bool
found_stories(const Context *context, const GPtrArray *memberships, guint *ret_founded, GError **error)
{
  guint founded = 0;
  for (guint i = 0; i < memberships->len; i++) {
    const Membership *membership = g_ptr_array_index(memberships, i);
    if (!g_str_equal(membership->rule, "founded"))
      continue;
    if (!stories_add(context->store, membership->story_id, context->run->now_ms, membership->item_id, error))
      return false;
    founded++;
  }
  *ret_founded = founded;
  return true;
}

static bool
merge_member(const Context *context, const Membership *membership, GError **error)
{
  g_autoptr(json_t) features = membership->nearest != NULL ? json_pack("{ss}", "nearest", membership->nearest) : json_object();
  g_autofree char *text = json_dumps(features, JSON_COMPACT);
  const MemberRow row = {
      .item_id = membership->item_id,
      .story_id = membership->story_id,
      .probability = membership->probability,
      .rule = membership->rule,
      .features = text,
  };
  return stories_add_member(context->store, context->run->id, context->run->now_ms, &row, error);
}

static bool
merge_members(const Context *context, const GPtrArray *memberships, guint *ret_touched, GError **error)
{
  g_autoptr(GHashTable) touched = g_hash_table_new(g_str_hash, g_str_equal);
  for (guint i = 0; i < memberships->len; i++) {
    const Membership *membership = g_ptr_array_index(memberships, i);
    if (!merge_member(context, membership, error))
      return false;
    g_hash_table_add(touched, membership->story_id);
  }
  *ret_touched = g_hash_table_size(touched);
  return true;
}

static bool
merge(const Context *context, Lexicon *lexicon, const GPtrArray *items, const GPtrArray *memberships, const StageTally *work,
      GError **error)
{
  guint founded = 0;
  guint touched = 0;
  if (!store_begin(context->store, true, error))
    return false;
  if (!found_stories(context, memberships, &founded, error) || !merge_members(context, memberships, &touched, error) ||
      !learn_stems(context, lexicon, items, error)) {
    store_rollback(context->store);
    return false;
  }
  json_t *counts = json_pack("{sI sI sI}", "new_stories", (json_int_t) founded, "updated_stories",
                             (json_int_t) (touched - founded), "duplicates", (json_int_t) (memberships->len - founded));
  return stage_end(context, "group", work, counts, error);
}

bool
group_run(const Context *context, GError **error)
{
  int64_t began_ms = clock_monotonic_ms();
  g_autoptr(GPtrArray) items = items_without_story(context->store, error);
  g_autoptr(Lexicon) lexicon = items != NULL ? open_lexicon(context, error) : NULL;
  g_autoptr(GPtrArray) memberships = lexicon != NULL ? find_memberships(context, lexicon, items, error) : NULL;
  if (memberships == NULL)
    return false;
  StageTally work = {.jobs = items->len, .workers = 1, .reason = "one pass over all items"};
  work.seconds = (double) (clock_monotonic_ms() - began_ms) / 1000;
  stage_note(context, "group", "work");
  return merge(context, lexicon, items, memberships, &work, error);
}
