#include "stories/agglomerate.h"

#include <math.h>
#include <stdlib.h>

/*
 * @sample: @count posts that speak for it, ascending
 * @root: itself until it became part of another group
 * @parted: (nullable): positions of the groups it must not become one with, as a set; each stands with both
 */
typedef struct {
  uint32_t sample[AGGLOMERATION_SAMPLE];
  guint count;
  guint root;
  double joined_at;
  GHashTable *parted;
} Group;

/*
 * @groups: (element-type Group)
 * @ties: pairs of groups, the smaller position in the high half, as a set
 * @likeness, @data, @cut: while it runs
 */
struct Agglomeration {
  PostLikeness likeness;
  const void *data;
  double cut;
  GArray *groups;
  GHashTable *ties;
};

/* Two groups, @a < @b, and how alike they were when it was queued: @a and @b may have become parts of others since. */
typedef struct {
  guint a;
  guint b;
  double likeness;
} Join;

static void
clear_group(gpointer data)
{
  Group *group = data;
  g_clear_pointer(&group->parted, g_hash_table_unref);
}

static Group *
group_at(const Agglomeration *agglomeration, guint position)
{
  return &g_array_index(agglomeration->groups, Group, position);
}

Agglomeration *
agglomeration_new(void)
{
  Agglomeration *agglomeration = g_new(Agglomeration, 1);
  *agglomeration = (Agglomeration){.groups = g_array_new(FALSE, FALSE, sizeof(Group)), .ties = g_hash_table_new(NULL, NULL)};
  g_array_set_clear_func(agglomeration->groups, clear_group);
  return agglomeration;
}

void
agglomeration_free(Agglomeration *agglomeration)
{
  if (agglomeration == NULL)
    return;
  g_array_unref(agglomeration->groups);
  g_hash_table_unref(agglomeration->ties);
  g_free(agglomeration);
}

/* Sets those of @count posts that speak for all: the first, the last, and evenly what lies between. */
static void
choose_sample(Group *group, const uint32_t *posts, guint count)
{
  group->count = MIN(count, AGGLOMERATION_SAMPLE);
  for (guint i = 0; i < group->count; i++)
    group->sample[i] = posts[group->count == count ? i : (guint64) i * (count - 1) / (AGGLOMERATION_SAMPLE - 1)];
}

guint
agglomeration_add_group(Agglomeration *agglomeration, const uint32_t *posts, guint count)
{
  Group group = {.root = agglomeration->groups->len};
  choose_sample(&group, posts, count);
  g_array_append_val(agglomeration->groups, group);
  return group.root;
}

static void
unite_samples(Group *target, const Group *gone)
{
  uint32_t posts[2 * AGGLOMERATION_SAMPLE];
  guint count = 0;
  for (guint i = 0, j = 0; i < target->count || j < gone->count; count++) {
    bool is_own = j == gone->count || (i < target->count && target->sample[i] < gone->sample[j]);
    posts[count] = is_own ? target->sample[i++] : gone->sample[j++];
  }
  choose_sample(target, posts, count);
}

/* ---- ties */

void
agglomeration_tie(Agglomeration *agglomeration, guint a, guint b)
{
  g_hash_table_add(agglomeration->ties, GSIZE_TO_POINTER((uint64_t) MIN(a, b) << 32 | MAX(a, b)));
}

static void
note_parted(Group *group, guint other)
{
  if (group->parted == NULL)
    group->parted = g_hash_table_new(NULL, NULL);
  g_hash_table_add(group->parted, GUINT_TO_POINTER(other));
}

void
agglomeration_part(Agglomeration *agglomeration, guint a, guint b)
{
  note_parted(group_at(agglomeration, a), b);
  note_parted(group_at(agglomeration, b), a);
}

static void
inherit_parted(Agglomeration *agglomeration, guint target, guint gone)
{
  Group *group = group_at(agglomeration, gone);
  GHashTableIter others;
  if (group->parted == NULL)
    return;
  g_hash_table_iter_init(&others, group->parted);
  for (gpointer other; g_hash_table_iter_next(&others, &other, NULL);)
    agglomeration_part(agglomeration, target, GPOINTER_TO_UINT(other));
  g_clear_pointer(&group->parted, g_hash_table_unref);
}

static int
compare_likeness(const void *a, const void *b)
{
  double first = *(const double *) a;
  double second = *(const double *) b;
  return (first < second) - (first > second);
}

/* The quarter that is least alike is left out: a post that says little keeps nobody off. */
static double
trimmed_mean(double *likeness, guint count)
{
  guint kept = count - count / 4;
  double total = 0;
  qsort(likeness, count, sizeof *likeness, compare_likeness);
  for (guint i = 0; i < kept; i++)
    total += likeness[i];
  return kept > 0 ? round(total / kept * 1e6) / 1e6 : 0;
}

/* Returns: how alike the posts of two groups are on average, rounded to 1e-6; 0 when the two must not become one */
static double
average(Agglomeration *agglomeration, guint a, guint b)
{
  const Group *first = group_at(agglomeration, a);
  const Group *second = group_at(agglomeration, b);
  double likeness[AGGLOMERATION_SAMPLE * AGGLOMERATION_SAMPLE];
  guint count = 0;
  if (first->parted != NULL && g_hash_table_contains(first->parted, GUINT_TO_POINTER(b)))
    return 0;
  for (guint i = 0; i < first->count; i++)
    for (guint j = 0; j < second->count; j++) {
      likeness[count] = agglomeration->likeness(agglomeration->data, first->sample[i], second->sample[j]);
      if (likeness[count++] < 0) {
        agglomeration_part(agglomeration, a, b);
        return 0;
      }
    }
  return trimmed_mean(likeness, count);
}

/* ---- joining */

static int
compare_joins(const void *a, const void *b, void *unused)
{
  (void) unused;
  const Join *first = a;
  const Join *second = b;
  if (first->likeness != second->likeness)
    return first->likeness > second->likeness ? -1 : 1;
  if (first->a != second->a)
    return first->a < second->a ? -1 : 1;
  return (first->b > second->b) - (first->b < second->b);
}

/* @a, @b: groups that are no parts of others */
static void
queue_join(Agglomeration *agglomeration, GSequence *queue, guint a, guint b)
{
  const Join join = {MIN(a, b), MAX(a, b), average(agglomeration, a, b)};
  if (join.likeness >= agglomeration->cut)
    g_sequence_insert_sorted(queue, g_memdup2(&join, sizeof join), compare_joins, NULL);
}

static void
join_groups(Agglomeration *agglomeration, const Join *join)
{
  Group *target = group_at(agglomeration, join->a);
  Group *gone = group_at(agglomeration, join->b);
  unite_samples(target, gone);
  inherit_parted(agglomeration, join->a, join->b);
  gone->root = join->a;
  target->joined_at = target->joined_at > 0 ? target->joined_at : join->likeness;
  gone->joined_at = gone->joined_at > 0 ? gone->joined_at : join->likeness;
}

static GSequence *
queue_ties(Agglomeration *agglomeration)
{
  GSequence *queue = g_sequence_new(g_free);
  GHashTableIter ties;
  g_hash_table_iter_init(&ties, agglomeration->ties);
  for (gpointer tie; g_hash_table_iter_next(&ties, &tie, NULL);)
    queue_join(agglomeration, queue, (guint) (GPOINTER_TO_SIZE(tie) >> 32), (guint) GPOINTER_TO_SIZE(tie));
  return queue;
}

/* What two groups became part of is hardly ever more alike than they were: it is looked at when they are the first of the
 * queue, and waits for its turn where it is less. */
void
agglomeration_run(Agglomeration *agglomeration, PostLikeness likeness, const void *data, double cut)
{
  agglomeration->likeness = likeness;
  agglomeration->data = data;
  agglomeration->cut = cut;
  g_autoptr(GSequence) queue = queue_ties(agglomeration);
  while (!g_sequence_is_empty(queue)) {
    GSequenceIter *first = g_sequence_get_begin_iter(queue);
    const Join queued = *(const Join *) g_sequence_get(first);
    g_sequence_remove(first);
    guint a = agglomeration_root(agglomeration, queued.a);
    guint b = agglomeration_root(agglomeration, queued.b);
    const Join join = {MIN(a, b), MAX(a, b), a != b ? average(agglomeration, a, b) : 0};
    if (a == b || join.likeness < cut)
      continue;
    if (compare_joins(&join, &queued, NULL) <= 0)
      join_groups(agglomeration, &join);
    else
      g_sequence_insert_sorted(queue, g_memdup2(&join, sizeof join), compare_joins, NULL);
  }
}

guint
agglomeration_root(const Agglomeration *agglomeration, guint group)
{
  Group *at = group_at(agglomeration, group);
  while (at->root != group) {
    at->root = group_at(agglomeration, at->root)->root;
    group = at->root;
    at = group_at(agglomeration, group);
  }
  return group;
}

double
agglomeration_joined_at(const Agglomeration *agglomeration, guint group)
{
  return group_at(agglomeration, group)->joined_at;
}
