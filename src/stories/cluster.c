#include "stories/cluster.h"

#include <string.h>

#include "model/story.h"
#include "stories/batch.h"
#include "threads/parallel.h"

static const char BY_TEXT[] = "text";

/* What speaks against it, beside vetoes: what was learned, and what people said. */
static const char LEARNED[] = "learned";
static const char CORRECTION[] = "correction";

/*
 * What text says of a group.
 * @nearest: the post of its story's other groups that is likest one of its own, by @likeness; of groups before it, where there
 *   is one (@is_earlier), so that each leads towards the founder
 * @veto: (nullable): why @apart, the post of another story that is likest one of its own, @barred, by @vetoed, is not of its
 *   story
 */
typedef struct {
  double likeness;
  double vetoed;
  const char *veto;
  uint32_t nearest;
  uint32_t apart;
  uint32_t barred;
  bool is_earlier;
} Neighbour;

/*
 * @parted: pairs of groups that people parted, as a set
 * @firsts: by group: its first post
 * @ids: by group: the id of its story where it is the story's first group, else NULL
 */
typedef struct {
  Batch batch;
  GArray *forbidden;
  GHashTable *parted;
  GArray *links;
  GArray *pairs;
  Agglomeration *groups;
  uint32_t *firsts;
  Neighbour *neighbours;
  char **ids;
} Work;

static void
clear_work(Work *work)
{
  for (uint32_t i = 0; i < work->batch.groups; i++)
    g_free(work->ids[i]);
  g_free(work->batch.members);
  patterns_free(work->batch.patterns);
  g_free(work->batch.held);
  g_array_unref(work->forbidden);
  g_hash_table_unref(work->parted);
  g_clear_pointer(&work->links, g_array_unref);
  g_array_unref(work->pairs);
  agglomeration_free(work->groups);
  g_free(work->firsts);
  g_free(work->neighbours);
  g_free(work->ids);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Work, clear_work)

/* ---- the batch */

static int
compare_times(int64_t a, int64_t b)
{
  return (a > b) - (a < b);
}

/* The order in which posts lay claim to a link: members of the oldest story first, then the earliest new post. */
static int
compare_claims(const void *a, const void *b)
{
  const Member *first = a;
  const Member *second = b;
  int order = 0;
  if (first->known == NULL || second->known == NULL) {
    order = (first->known == NULL) - (second->known == NULL);
    order = order != 0 ? order : compare_times(first->time_ms, second->time_ms);
  } else {
    order = compare_times(first->known->founded_ms, second->known->founded_ms);
    order = order != 0 ? order : strcmp(first->known->story_id, second->known->story_id);
  }
  return order != 0 ? order : strcmp(first->item->id, second->item->id);
}

static Member
make_member(const ClusterSpec *spec, const Item *item, const KnownItem *known)
{
  int64_t time_ms = item->published_ms != 0 ? MIN(item->published_ms, spec->now_ms) : spec->now_ms;
  return (Member){
      .item = item, .known = known, .time_ms = time_ms, .is_recent = known == NULL || time_ms >= spec->now_ms - WINDOW_MS};
}

static void
read_members(void *data, size_t begin, size_t end)
{
  const Batch *batch = data;
  for (size_t i = begin; i < end; i++) {
    Member *member = &batch->members[i];
    const Post post = post_of_item(member->item);
    member->anchor = (uint32_t) i;
    member->fingerprint = fingerprint_new(&post, batch->spec->lexicon);
  }
}

static Batch
open_batch(const ClusterSpec *spec)
{
  Batch batch = {.spec = spec, .members = g_new0(Member, MAX(spec->new_items->len + spec->known->len, 1))};
  for (guint i = 0; i < spec->known->len; i++) {
    const KnownItem *known = spec->known->pdata[i];
    batch.members[batch.count++] = make_member(spec, known->item, known);
  }
  for (guint i = 0; i < spec->new_items->len; i++)
    batch.members[batch.count++] = make_member(spec, spec->new_items->pdata[i], NULL);
  qsort(batch.members, batch.count, sizeof *batch.members, compare_claims);
  parallel_for(batch.count, spec->threads, read_members, &batch);
  return batch;
}

/* Once all is compared; they are most of what a large batch takes. */
static void
drop_fingerprints(Batch *batch)
{
  for (uint32_t i = 0; i < batch->count; i++)
    g_clear_pointer(&batch->members[i].fingerprint, fingerprint_free);
}

/* ---- groups become one by text */

static void
join_groups(Work *work)
{
  const Batch *batch = &work->batch;
  for (uint32_t i = batch->count; i-- > 0;)
    work->firsts[batch->members[i].group] = i;
  for (guint i = 0; i < work->forbidden->len; i++) {
    uint64_t pair = g_array_index(work->forbidden, uint64_t, i);
    uint64_t a = batch->members[pair >> 32].group;
    uint64_t b = batch->members[pair & UINT32_MAX].group;
    if (a != b)
      g_hash_table_add(work->parted, GSIZE_TO_POINTER(MIN(a, b) << 32 | MAX(a, b)));
  }
  work->groups = batch_join(batch, work->pairs, work->parted);
}

/* Returns: (nullable): why two posts that read alike are of two stories */
static const char *
find_veto(const Work *work, const PostPair *pair)
{
  if (pair->untaught < work->batch.spec->model->cut)
    return NULL;
  uint64_t a = work->batch.members[pair->a].group;
  uint64_t b = work->batch.members[pair->b].group;
  if (g_hash_table_contains(work->parted, GSIZE_TO_POINTER(MIN(a, b) << 32 | MAX(a, b))))
    return CORRECTION;
  if (pair->veto != NULL)
    return pair->veto;
  return pair->likeness < work->batch.spec->model->cut ? LEARNED : NULL;
}

/* Of equals the first post. */
static void
note_neighbour(Work *work, const PostPair *pair, uint32_t own, uint32_t other, bool is_joined)
{
  const Member *members = work->batch.members;
  Neighbour *neighbour = &work->neighbours[members[own].group];
  bool is_earlier = members[other].group < members[own].group;
  bool is_likest =
      pair->likeness > neighbour->likeness || (pair->likeness == neighbour->likeness && other < neighbour->nearest);
  if (is_joined && (is_earlier == neighbour->is_earlier ? is_likest : is_earlier)) {
    neighbour->likeness = pair->likeness;
    neighbour->nearest = other;
    neighbour->is_earlier = is_earlier;
  }
  const char *veto = is_joined ? NULL : find_veto(work, pair);
  if (veto != NULL && pair->untaught > neighbour->vetoed) {
    neighbour->vetoed = pair->untaught;
    neighbour->veto = veto;
    neighbour->barred = own;
    neighbour->apart = other;
  }
}

static void
find_neighbours(Work *work)
{
  const Member *members = work->batch.members;
  for (guint i = 0; i < work->pairs->len; i++) {
    const PostPair *pair = &g_array_index(work->pairs, PostPair, i);
    guint root_a = agglomeration_root(work->groups, members[pair->a].group);
    guint root_b = agglomeration_root(work->groups, members[pair->b].group);
    note_neighbour(work, pair, pair->a, pair->b, root_a == root_b);
    note_neighbour(work, pair, pair->b, pair->a, root_a == root_b);
  }
}

/* ---- stories */

static void
make_ids(void *data, size_t begin, size_t end)
{
  const Work *work = data;
  for (size_t i = begin; i < end; i++) {
    const Member *first = &work->batch.members[work->firsts[i]];
    if (agglomeration_root(work->groups, (guint) i) == i)
      work->ids[i] =
          first->known != NULL ? g_strdup(first->known->story_id) : story_make_id(first->time_ms, first->item->id, 1);
  }
}

static void
name_stories(Work *work)
{
  GHashTable *taken_ids = work->batch.spec->taken_ids;
  parallel_for(work->batch.groups, work->batch.spec->threads, make_ids, work);
  g_autoptr(GHashTable) founded_ids = g_hash_table_new(g_str_hash, g_str_equal);
  for (uint32_t i = 0; i < work->batch.groups; i++) {
    const Member *first = &work->batch.members[work->firsts[i]];
    if (work->ids[i] == NULL || first->known != NULL)
      continue;
    for (unsigned attempt = 2; g_hash_table_contains(taken_ids, work->ids[i]) || !g_hash_table_add(founded_ids, work->ids[i]);
         attempt++) {
      g_free(work->ids[i]);
      work->ids[i] = story_make_id(first->time_ms, first->item->id, attempt);
    }
  }
}

/* Why a post is in its story. @nearest: a post; the post itself for the story's first */
typedef struct {
  const char *rule;
  uint32_t nearest;
  double probability;
} Reason;

static Reason
explain(const Work *work, uint32_t post)
{
  const Member *member = &work->batch.members[post];
  if (member->bond != NULL)
    return (Reason){member->bond, member->anchor, 1};
  if (agglomeration_root(work->groups, member->group) == member->group)
    return (Reason){"founded", post, 1};
  return (Reason){BY_TEXT, work->neighbours[member->group].nearest, agglomeration_joined_at(work->groups, member->group)};
}

static const char *
story_of(const Work *work, uint32_t post)
{
  return work->ids[agglomeration_root(work->groups, work->batch.members[post].group)];
}

/* @learned: (element-type Learned): by pattern. Returns: (nullable): what shifted the likeness of two posts */
static Learned *
find_learned(const Work *work, const GPtrArray *learned, uint32_t a, uint32_t b)
{
  const Pattern *pattern = batch_pattern(&work->batch, a, b);
  return pattern != NULL ? learned->pdata[pattern - patterns_get(work->batch.patterns, 0)] : NULL;
}

static Membership *
tell_membership(const Work *work, const GPtrArray *learned, uint32_t post)
{
  const Member *members = work->batch.members;
  const Neighbour *neighbour = &work->neighbours[members[post].group];
  Reason reason = explain(work, post);
  Membership *membership = g_new0(Membership, 1);
  *membership = (Membership){.item_id = g_strdup(members[post].item->id),
                             .story_id = g_strdup(story_of(work, post)),
                             .probability = reason.probability,
                             .rule = reason.rule,
                             .veto = neighbour->veto};
  if (reason.nearest != post)
    membership->nearest = g_strdup(members[reason.nearest].item->id);
  if (neighbour->veto != NULL)
    membership->apart = g_strdup(members[neighbour->apart].item->id);
  if (g_str_equal(reason.rule, BY_TEXT))
    membership->learned = find_learned(work, learned, post, reason.nearest);
  else if (neighbour->veto == LEARNED)
    membership->learned = find_learned(work, learned, neighbour->barred, neighbour->apart);
  return membership;
}

/* Returns: (transfer full) (nullable): NULL unless @post, of an existing story, is the one that made it part of another */
static Merge *
tell_merge(const Work *work, const GPtrArray *learned, uint32_t post)
{
  const Member *members = work->batch.members;
  Reason reason = explain(work, post);
  if (reason.nearest == post || reason.rule == BOND_STORY)
    return NULL;
  Merge *merge = g_new(Merge, 1);
  *merge = (Merge){g_strdup(members[post].known->story_id), tell_membership(work, learned, post)};
  return merge;
}

static void
free_learned(gpointer data)
{
  Learned *learned = data;
  g_free(learned->item_a);
  g_free(learned->item_b);
  g_free(learned);
}

static GPtrArray *
tell_learned(const Work *work)
{
  const Batch *batch = &work->batch;
  GPtrArray *all = g_ptr_array_new_with_free_func(free_learned);
  for (guint i = 0; i < patterns_count(batch->patterns); i++) {
    const Pattern *pattern = patterns_get(batch->patterns, i);
    Learned *learned = g_new(Learned, 1);
    *learned = (Learned){.item_a = g_strdup(batch->members[pattern->teacher_a].item->id),
                         .item_b = g_strdup(batch->members[pattern->teacher_b].item->id),
                         .confidence = pattern_confidence(pattern),
                         .shift = pattern_shift(pattern)};
    g_ptr_array_add(all, learned);
  }
  for (guint i = 0; all->len > 0 && i < work->pairs->len; i++) {
    const PostPair *pair = &g_array_index(work->pairs, PostPair, i);
    Learned *learned = find_learned(work, all, pair->a, pair->b);
    if (learned != NULL)
      learned->pairs++;
  }
  return all;
}

static int
compare_memberships(const void *a, const void *b)
{
  return strcmp((*(const Membership *const *) a)->item_id, (*(const Membership *const *) b)->item_id);
}

static int
compare_merges(const void *a, const void *b)
{
  return strcmp((*(const Merge *const *) a)->gone_id, (*(const Merge *const *) b)->gone_id);
}

void
membership_free(Membership *membership)
{
  if (membership == NULL)
    return;
  g_free(membership->item_id);
  g_free(membership->story_id);
  g_free(membership->nearest);
  g_free(membership->apart);
  g_free(membership);
}

static void
free_membership(gpointer membership)
{
  membership_free(membership);
}

static void
free_merge(gpointer data)
{
  Merge *merge = data;
  g_free(merge->gone_id);
  membership_free(merge->joining);
  g_free(merge);
}

static ClusterOutcome
tell_outcome(Work *work)
{
  ClusterOutcome outcome = {.memberships = g_ptr_array_new_full(work->batch.spec->new_items->len, free_membership),
                            .merges = g_ptr_array_new_with_free_func(free_merge),
                            .links = g_steal_pointer(&work->links),
                            .learned = tell_learned(work)};
  for (uint32_t i = 0; i < work->batch.count; i++) {
    bool is_new = work->batch.members[i].known == NULL;
    Merge *merge = is_new ? NULL : tell_merge(work, outcome.learned, i);
    if (is_new)
      g_ptr_array_add(outcome.memberships, tell_membership(work, outcome.learned, i));
    else if (merge != NULL)
      g_ptr_array_add(outcome.merges, merge);
  }
  g_ptr_array_sort(outcome.memberships, compare_memberships);
  g_ptr_array_sort(outcome.merges, compare_merges);
  return outcome;
}

ClusterOutcome
cluster_items(const ClusterSpec *spec)
{
  g_auto(Work) work = {.batch = open_batch(spec), .parted = g_hash_table_new(NULL, NULL)};
  work.forbidden = batch_bind(&work.batch);
  work.links = batch_keep_links(&work.batch);
  batch_learn(&work.batch);
  work.pairs = batch_pairs(&work.batch);
  work.firsts = g_new(uint32_t, MAX(work.batch.groups, 1));
  work.neighbours = g_new0(Neighbour, MAX(work.batch.groups, 1));
  work.ids = g_new0(char *, MAX(work.batch.groups, 1));
  join_groups(&work);
  drop_fingerprints(&work.batch);
  find_neighbours(&work);
  name_stories(&work);
  return tell_outcome(&work);
}

void
cluster_outcome_clear(ClusterOutcome *outcome)
{
  g_clear_pointer(&outcome->memberships, g_ptr_array_unref);
  g_clear_pointer(&outcome->merges, g_ptr_array_unref);
  g_clear_pointer(&outcome->links, g_array_unref);
  g_clear_pointer(&outcome->learned, g_ptr_array_unref);
}
