#include "stories/cluster.h"

#include <string.h>

#include "base/digest.h"
#include "stories/agglomerate.h"
#include "stories/batch.h"
#include "threads/parallel.h"

static const int64_t TEXT_WINDOW_MS = 14LL * 24 * 60 * 60 * 1000;

enum { STORY_ID_LENGTH = 16 };

/*
 * What text says of a group.
 * @nearest: the post of its story's other groups that is likest one of its own, by @likeness
 * @veto: (nullable): why the likest group that is as probable, by @vetoed, is of another story
 */
typedef struct {
  double likeness;
  double vetoed;
  const char *veto;
  uint32_t nearest;
} Neighbour;

/*
 * @firsts: by group: its first post
 * @ids: by group: the id of its story where it is the story's first group, else NULL
 */
typedef struct {
  Batch batch;
  GArray *forbidden;
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
  g_array_unref(work->forbidden);
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
  return (Member){.item = item, .known = known, .time_ms = time_ms, .is_recent = time_ms >= spec->now_ms - TEXT_WINDOW_MS};
}

static void
read_members(void *data, size_t begin, size_t end)
{
  const Batch *batch = data;
  for (size_t i = begin; i < end; i++) {
    Member *member = &batch->members[i];
    const Post post = {.source = member->item->source,
                       .link = member->item->canonical_url,
                       .links = member->item->links,
                       .title = member->item->title,
                       .text = member->item->text,
                       .language = member->item->language};
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
  g_autofree guint *sizes = g_new0(guint, MAX(batch->groups, 1));
  for (uint32_t i = batch->count; i-- > 0;) {
    work->firsts[batch->members[i].group] = i;
    sizes[batch->members[i].group] += batch->members[i].is_recent;
  }
  for (uint32_t i = 0; i < batch->groups; i++)
    agglomeration_add_group(work->groups, sizes[i]);
  for (guint i = 0; i < work->pairs->len; i++) {
    const PostPair *pair = &g_array_index(work->pairs, PostPair, i);
    agglomeration_add_pair(work->groups, batch->members[pair->a].group, batch->members[pair->b].group, pair->likeness,
                           pair->veto != NULL);
  }
  for (guint i = 0; i < work->forbidden->len; i++) {
    uint64_t pair = g_array_index(work->forbidden, uint64_t, i);
    uint32_t a = batch->members[pair >> 32].group;
    uint32_t b = batch->members[pair & UINT32_MAX].group;
    if (a != b)
      agglomeration_add_pair(work->groups, a, b, 0, true);
  }
  agglomeration_run(work->groups, batch->spec->model->cut);
}

/* Of equals the first post. */
static void
note_neighbour(Work *work, const PostPair *pair, uint32_t own, uint32_t other, bool is_joined)
{
  Neighbour *neighbour = &work->neighbours[work->batch.members[own].group];
  bool is_likest =
      pair->likeness > neighbour->likeness || (pair->likeness == neighbour->likeness && other < neighbour->nearest);
  if (is_joined && is_likest) {
    neighbour->likeness = pair->likeness;
    neighbour->nearest = other;
  }
  if (!is_joined && pair->veto != NULL && pair->likeness >= work->batch.spec->model->cut &&
      pair->likeness > neighbour->vetoed) {
    neighbour->vetoed = pair->likeness;
    neighbour->veto = pair->veto;
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

/* Returns: (transfer full): the id of the story that @member founds; @try from 1 */
static char *
make_id(const Member *member, unsigned try)
{
  g_autofree char *first = g_strdup_printf("%" G_GINT64_FORMAT " %s", member->time_ms, member->item->id);
  g_autofree char *name = try == 1 ? g_strdup(first) : g_strdup_printf("%s %u", first, try);
  g_autofree char *digest = digest_sha256(name, strlen(name));
  return g_strndup(digest, STORY_ID_LENGTH);
}

static void
make_ids(void *data, size_t begin, size_t end)
{
  const Work *work = data;
  for (size_t i = begin; i < end; i++) {
    const Member *first = &work->batch.members[work->firsts[i]];
    if (agglomeration_root(work->groups, (guint) i) == i)
      work->ids[i] = first->known != NULL ? g_strdup(first->known->story_id) : make_id(first, 1);
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
    for (unsigned try = 2; g_hash_table_contains(taken_ids, work->ids[i]) || !g_hash_table_add(founded_ids, work->ids[i]);
         try++) {
      g_free(work->ids[i]);
      work->ids[i] = make_id(first, try);
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
  return (Reason){"text", work->neighbours[member->group].nearest, agglomeration_joined_at(work->groups, member->group)};
}

static const char *
story_of(const Work *work, uint32_t post)
{
  return work->ids[agglomeration_root(work->groups, work->batch.members[post].group)];
}

static Membership *
tell_membership(const Work *work, uint32_t post)
{
  const Member *members = work->batch.members;
  Reason reason = explain(work, post);
  Membership *membership = g_new0(Membership, 1);
  *membership = (Membership){.item_id = g_strdup(members[post].item->id),
                             .story_id = g_strdup(story_of(work, post)),
                             .probability = reason.probability,
                             .rule = reason.rule,
                             .veto = work->neighbours[members[post].group].veto};
  if (reason.nearest != post)
    membership->nearest = g_strdup(members[reason.nearest].item->id);
  return membership;
}

/* Returns: (transfer full) (nullable): NULL unless @post, of an existing story, is the one that made it part of another */
static Merge *
tell_merge(const Work *work, uint32_t post)
{
  const Member *members = work->batch.members;
  Reason reason = explain(work, post);
  if (reason.nearest == post || reason.rule == BOND_STORY)
    return NULL;
  Merge *merge = g_new(Merge, 1);
  *merge = (Merge){.gone_id = g_strdup(members[post].known->story_id),
                   .into_id = g_strdup(story_of(work, post)),
                   .item_id = g_strdup(members[post].item->id),
                   .nearest = g_strdup(members[reason.nearest].item->id),
                   .probability = reason.probability,
                   .rule = reason.rule};
  return merge;
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
  g_free(merge->into_id);
  g_free(merge->item_id);
  g_free(merge->nearest);
  g_free(merge);
}

static ClusterOutcome
tell_outcome(Work *work)
{
  ClusterOutcome outcome = {.memberships = g_ptr_array_new_full(work->batch.spec->new_items->len, free_membership),
                            .merges = g_ptr_array_new_with_free_func(free_merge),
                            .links = g_steal_pointer(&work->links)};
  for (uint32_t i = 0; i < work->batch.count; i++) {
    bool is_new = work->batch.members[i].known == NULL;
    Merge *merge = is_new ? NULL : tell_merge(work, i);
    if (is_new)
      g_ptr_array_add(outcome.memberships, tell_membership(work, i));
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
  g_auto(Work) work = {.batch = open_batch(spec), .groups = agglomeration_new()};
  work.forbidden = batch_bind(&work.batch);
  work.links = batch_keep_links(&work.batch);
  work.pairs = batch_pairs(&work.batch);
  drop_fingerprints(&work.batch);
  work.firsts = g_new(uint32_t, MAX(work.batch.groups, 1));
  work.neighbours = g_new0(Neighbour, MAX(work.batch.groups, 1));
  work.ids = g_new0(char *, MAX(work.batch.groups, 1));
  join_groups(&work);
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
}

void
membership_free(Membership *membership)
{
  if (membership == NULL)
    return;
  g_free(membership->item_id);
  g_free(membership->story_id);
  g_free(membership->nearest);
  g_free(membership);
}
