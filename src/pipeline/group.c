/* Which of the new items tell one story: pure work on the run's own thread, merged in one transaction. */
#include "pipeline/stage.h"

#include "os/clock.h"
#include "pipeline/corrections.h"
#include "pipeline/explain.h"
#include "store/corrections.h"
#include "store/items.h"
#include "store/knowledge.h"
#include "store/regroup.h"
#include "stories/cluster.h"

enum { MEMORY_MS = 14 * 24 * 60 * 60 * 1000, MAX_EXAMPLES = 3 };

/* What the workspace's posts have taught of how rare stems are. */
#define STEM_COUNTS "stem_counts"

/*
 * A grouping under way.
 * @items: (element-type Item): the new ones; @members: (element-type KnownMember): those of stories that may be joined
 * @by_id: of both, borrowed
 */
typedef struct {
  const Context *context;
  Lexicon *lexicon;
  GPtrArray *items;
  GPtrArray *members;
  GHashTable *by_id;
  ClusterOutcome outcome;
} Grouping;

static void
clear_grouping(Grouping *grouping)
{
  lexicon_free(grouping->lexicon);
  g_clear_pointer(&grouping->by_id, g_hash_table_unref);
  g_clear_pointer(&grouping->members, g_ptr_array_unref);
  g_clear_pointer(&grouping->items, g_ptr_array_unref);
  cluster_outcome_clear(&grouping->outcome);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Grouping, clear_grouping)

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

/* Returns: (transfer full) (element-type KnownItem) */
static GPtrArray *
known_items(const GPtrArray *members)
{
  GPtrArray *known = g_ptr_array_new_with_free_func(g_free);
  for (guint i = 0; i < members->len; i++) {
    const KnownMember *member = g_ptr_array_index(members, i);
    KnownItem *item = g_new(KnownItem, 1);
    *item = (KnownItem){.item = member->item, .story_id = member->story_id, .founded_ms = member->founded_ms};
    g_ptr_array_add(known, item);
  }
  return known;
}

static bool
open_grouping(Grouping *grouping, GError **error)
{
  const Context *context = grouping->context;
  grouping->items = items_without_story(context->store, error);
  grouping->lexicon = grouping->items != NULL ? open_lexicon(context, error) : NULL;
  if (grouping->lexicon == NULL)
    return false;
  g_autoptr(GPtrArray) urls = canonical_urls(grouping->items);
  grouping->members = stories_known(context->store, context->run->now_ms - MEMORY_MS, urls, error);
  if (grouping->members == NULL)
    return false;
  grouping->by_id = g_hash_table_new(g_str_hash, g_str_equal);
  for (guint i = 0; i < grouping->items->len; i++) {
    Item *item = g_ptr_array_index(grouping->items, i);
    g_hash_table_insert(grouping->by_id, item->id, item);
  }
  for (guint i = 0; i < grouping->members->len; i++) {
    Item *item = ((const KnownMember *) g_ptr_array_index(grouping->members, i))->item;
    g_hash_table_insert(grouping->by_id, item->id, item);
  }
  return true;
}

static bool
find_stories(Grouping *grouping, GError **error)
{
  const Context *context = grouping->context;
  g_autoptr(GHashTable) ids = stories_ids(context->store, error);
  g_autoptr(GPtrArray) rows = ids != NULL ? corrections_list(context->store, error) : NULL;
  if (rows == NULL)
    return false;
  g_autoptr(Corrections) corrections = corrections_of_rows(rows);
  g_autoptr(GPtrArray) known = known_items(grouping->members);
  grouping->outcome = cluster_items(&(ClusterSpec){.new_items = grouping->items,
                                                   .known = known,
                                                   .taken_ids = ids,
                                                   .lexicon = grouping->lexicon,
                                                   .model = context->likeness,
                                                   .corrections = corrections,
                                                   .threads = context->threads,
                                                   .now_ms = context->run->now_ms});
  return true;
}

/* The next run knows how common stems are: among pieces of news, not among posts, or the name of what many tell were common by
 * the time the next posts about it come. */
static bool
learn_stems(const Grouping *grouping, GError **error)
{
  const Context *context = grouping->context;
  for (guint i = 0; i < grouping->outcome.memberships->len; i++) {
    const Membership *membership = g_ptr_array_index(grouping->outcome.memberships, i);
    if (!g_str_equal(membership->rule, "founded"))
      continue;
    const Item *item = g_hash_table_lookup(grouping->by_id, membership->item_id);
    const Post post = post_of_item(item);
    g_autoptr(GPtrArray) stems = fingerprint_stems(&post);
    lexicon_learn(grouping->lexicon, stems);
  }
  g_autofree char *counts = lexicon_counts(grouping->lexicon);
  return grouping->items->len == 0 || knowledge_set(context->store, context->run->id, STEM_COUNTS, counts, error);
}

/* The founder speaks for the story. */
static bool
found_stories(const Grouping *grouping, guint *ret_founded, GError **error)
{
  const Context *context = grouping->context;
  const GPtrArray *memberships = grouping->outcome.memberships;
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

/* Returns: (transfer full): what is kept of why an item came where it is */
static char *
describe_joining(const Grouping *grouping, const Membership *membership)
{
  const char *nearest = membership->nearest;
  const Item *item = g_hash_table_lookup(grouping->by_id, membership->item_id);
  const Item *other = nearest != NULL ? g_hash_table_lookup(grouping->by_id, nearest) : NULL;
  g_autoptr(json_t) features =
      json_pack("{ss* ss* ss*}", "nearest", nearest, "veto", membership->veto, "apart", membership->apart);
  if (item != NULL && other != NULL && g_str_equal(membership->rule, "text"))
    json_object_update_new(
        features, explain_likeness(grouping->lexicon, grouping->context->likeness, grouping->outcome.links, item, other));
  if (membership->learned != NULL)
    json_object_set_new(features, "learned", explain_learned(membership->learned));
  return json_dumps(features, JSON_COMPACT | JSON_SORT_KEYS | JSON_REAL_PRECISION(6));
}

static MemberRow
member_row(const Membership *membership, const char *features)
{
  return (MemberRow){.item_id = membership->item_id,
                     .story_id = membership->story_id,
                     .probability = membership->probability,
                     .rule = membership->rule,
                     .features = features};
}

/* @touched: the stories that took a member, as a set, borrowed */
static bool
merge_members(const Grouping *grouping, GHashTable *touched, GError **error)
{
  const Context *context = grouping->context;
  const GPtrArray *memberships = grouping->outcome.memberships;
  for (guint i = 0; i < memberships->len; i++) {
    const Membership *membership = g_ptr_array_index(memberships, i);
    g_autofree char *features = describe_joining(grouping, membership);
    const MemberRow row = member_row(membership, features);
    if (!stories_add_member(context->store, context->run->id, context->run->now_ms, &row, error))
      return false;
    g_hash_table_add(touched, membership->story_id);
  }
  return true;
}

static bool
merge_stories(const Grouping *grouping, GHashTable *touched, GError **error)
{
  const Context *context = grouping->context;
  const GPtrArray *merges = grouping->outcome.merges;
  for (guint i = 0; i < merges->len; i++) {
    const Merge *merge = g_ptr_array_index(merges, i);
    g_autofree char *features = describe_joining(grouping, merge->joining);
    const MemberRow row = member_row(merge->joining, features);
    if (!stories_merge(context->store, merge->gone_id, &row, context->run->now_ms, error))
      return false;
    g_hash_table_add(touched, merge->joining->story_id);
  }
  return true;
}

/* Ids alone: what its author takes back is not kept here. */
static json_t *
list_examples(const GPtrArray *memberships)
{
  json_t *examples = json_array();
  for (guint i = 0; i < memberships->len && json_array_size(examples) < MAX_EXAMPLES; i++) {
    const Membership *membership = g_ptr_array_index(memberships, i);
    if (membership->nearest != NULL)
      json_array_append_new(examples,
                            json_pack("{ss ss ss ss sf}", "item", membership->item_id, "nearest", membership->nearest, "story",
                                      membership->story_id, "rule", membership->rule, "probability", membership->probability));
  }
  return examples;
}

/* What was learned and spoke of posts of this grouping. */
static json_t *
list_used(const GPtrArray *learned)
{
  json_t *used = json_array();
  for (guint i = 0; i < learned->len; i++) {
    const Learned *one = g_ptr_array_index(learned, i);
    json_t *entry = one->pairs > 0 ? explain_learned(one) : NULL;
    if (entry != NULL && json_object_set_new(entry, "pairs", json_integer(one->pairs)) == 0)
      json_array_append_new(used, entry);
  }
  return used;
}

static bool
merge(const Grouping *grouping, const StageTally *work, GError **error)
{
  const Context *context = grouping->context;
  const ClusterOutcome *outcome = &grouping->outcome;
  g_autoptr(GHashTable) touched = g_hash_table_new(g_str_hash, g_str_equal);
  guint founded = 0;
  if (!store_begin(context->store, true, error))
    return false;
  if (!found_stories(grouping, &founded, error) || !merge_members(grouping, touched, error) ||
      !merge_stories(grouping, touched, error) || !learn_stems(grouping, error)) {
    store_rollback(context->store);
    return false;
  }
  json_t *counts = json_pack("{sI sI sI sI so so}", "new_stories", (json_int_t) founded, "updated_stories",
                             (json_int_t) (g_hash_table_size(touched) - founded), "duplicates",
                             (json_int_t) (outcome->memberships->len - founded), "merged", (json_int_t) outcome->merges->len,
                             "examples", list_examples(outcome->memberships), "patterns", list_used(outcome->learned));
  return stage_end(context, "group", work, counts, error);
}

bool
group_run(const Context *context, GError **error)
{
  int64_t began_ms = clock_monotonic_ms();
  g_auto(Grouping) grouping = {.context = context};
  if (!open_grouping(&grouping, error) || !find_stories(&grouping, error))
    return false;
  StageTally work = {.jobs = grouping.items->len, .workers = 1, .reason = "one pass over all items"};
  work.seconds = (double) (clock_monotonic_ms() - began_ms) / 1000;
  stage_note(context, "group", "work");
  return merge(&grouping, &work, error);
}
