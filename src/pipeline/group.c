/* Which of the new items tell one story: pure work on the run's own thread, merged in one transaction. */
#include "pipeline/stage.h"

#include "os/clock.h"
#include "store/items.h"
#include "store/stories.h"
#include "stories/cluster.h"

enum { MEMORY_MS = 14 * 24 * 60 * 60 * 1000 };

typedef struct {
  int64_t founded;
  int64_t updated;
  int64_t duplicates;
} Tally;

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

static GPtrArray *
find_memberships(const Context *context, const GPtrArray *items, GError **error)
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
  return cluster_items(items, known, ids, now_ms);
}

static int64_t
effective_ms(const Item *item, int64_t now_ms)
{
  return item->published_ms > 0 && item->published_ms <= now_ms ? item->published_ms : now_ms;
}

/* The earliest founding member speaks for the story; its id was made from the same one. */
static const Item *
find_lead(const GPtrArray *memberships, const char *story_id, GHashTable *items, int64_t now_ms)
{
  const Item *lead = NULL;
  for (guint i = 0; i < memberships->len; i++) {
    const Membership *membership = g_ptr_array_index(memberships, i);
    if (!membership->is_founding || !g_str_equal(membership->story_id, story_id))
      continue;
    const Item *item = g_hash_table_lookup(items, membership->item_id);
    if (lead == NULL || effective_ms(item, now_ms) < effective_ms(lead, now_ms) ||
        (effective_ms(item, now_ms) == effective_ms(lead, now_ms) && g_strcmp0(item->id, lead->id) < 0))
      lead = item;
  }
  return lead;
}

static bool
found_story(const Context *context, const GPtrArray *memberships, const Membership *membership, GHashTable *items,
            GError **error)
{
  const Item *lead = find_lead(memberships, membership->story_id, items, context->run->now_ms);
  return stories_add(context->store, membership->story_id, context->run->now_ms, lead->id, error);
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

/* The first member of a founded story makes it. */
static bool
merge_all(const Context *context, const GPtrArray *memberships, GHashTable *items, Tally *tally, GError **error)
{
  g_autoptr(GHashTable) touched = g_hash_table_new(g_str_hash, g_str_equal);
  for (guint i = 0; i < memberships->len; i++) {
    const Membership *membership = g_ptr_array_index(memberships, i);
    bool is_first = g_hash_table_add(touched, membership->story_id);
    if (is_first && membership->is_founding && !found_story(context, memberships, membership, items, error))
      return false;
    tally->founded += is_first && membership->is_founding;
    tally->updated += is_first && !membership->is_founding;
    tally->duplicates += !is_first || !membership->is_founding;
    if (!merge_member(context, membership, error))
      return false;
  }
  return true;
}

static bool
merge(const Context *context, const GPtrArray *items, const GPtrArray *memberships, const StageTally *work, GError **error)
{
  Tally tally = {0};
  g_autoptr(GHashTable) by_id = g_hash_table_new(g_str_hash, g_str_equal);
  for (guint i = 0; i < items->len; i++) {
    Item *item = g_ptr_array_index(items, i);
    g_hash_table_insert(by_id, item->id, item);
  }
  if (!store_begin(context->store, true, error))
    return false;
  if (!merge_all(context, memberships, by_id, &tally, error)) {
    store_rollback(context->store);
    return false;
  }
  json_t *counts = json_pack("{sI sI sI}", "new_stories", (json_int_t) tally.founded, "updated_stories",
                             (json_int_t) tally.updated, "duplicates", (json_int_t) tally.duplicates);
  return stage_end(context, "group", work, counts, error);
}

bool
group_run(const Context *context, GError **error)
{
  int64_t began_ms = clock_monotonic_ms();
  g_autoptr(GPtrArray) items = items_without_story(context->store, error);
  g_autoptr(GPtrArray) memberships = items != NULL ? find_memberships(context, items, error) : NULL;
  if (memberships == NULL)
    return false;
  StageTally work = {.jobs = items->len, .workers = 1, .reason = "one pass over all items"};
  work.seconds = (double) (clock_monotonic_ms() - began_ms) / 1000;
  return merge(context, items, memberships, &work, error);
}
