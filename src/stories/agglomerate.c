#include "stories/agglomerate.h"

#include <math.h>

/*
 * @total: the sum of the similarities between the posts of two groups
 */
typedef struct {
  double total;
  bool is_vetoed;
} Tie;

/*
 * @root: itself until it became part of another group
 * @ties: (nullable) (element-type guint Tie): by position of the other group; each tie stands with both groups; most groups
 * have none
 */
typedef struct {
  guint posts;
  guint root;
  double joined_at;
  GHashTable *ties;
} Group;

typedef struct {
  guint a;
  guint b;
  double similarity;
  bool is_vetoed;
} Pair;

/*
 * @groups: (element-type Group)
 * @pairs: (element-type Pair): as they were given
 */
struct Agglomeration {
  GArray *groups;
  GArray *pairs;
};

/* A join that was worth making when it was queued: @a < @b. */
typedef struct {
  guint a;
  guint b;
  double similarity;
} Join;

static void
clear_group(gpointer data)
{
  Group *group = data;
  g_clear_pointer(&group->ties, g_hash_table_unref);
}

static Group *
group_at(const Agglomeration *agglomeration, guint position)
{
  return &g_array_index(agglomeration->groups, Group, position);
}

static void
add_tie(Group *group, guint other, double similarity, bool is_vetoed)
{
  if (group->ties == NULL)
    group->ties = g_hash_table_new_full(NULL, NULL, NULL, g_free);
  Tie *tie = g_hash_table_lookup(group->ties, GUINT_TO_POINTER(other));
  if (tie == NULL) {
    tie = g_new0(Tie, 1);
    g_hash_table_insert(group->ties, GUINT_TO_POINTER(other), tie);
  }
  tie->total += similarity;
  tie->is_vetoed |= is_vetoed;
}

/* Returns: the smallest group of the chain @group is in, by @next: each one's next smaller, itself for the smallest */
static guint
chain_of(guint *next, guint group)
{
  while (next[group] != group) {
    next[group] = next[next[group]];
    group = next[group];
  }
  return group;
}

/*
 * An average is at most its highest pair, so only groups that a chain of pairs of at least @cut connects can become one: other
 * pairs, nearly all where everybody shares words, need no tie.
 */
static void
tie_groups(Agglomeration *agglomeration, double cut)
{
  g_autofree guint *next = g_new(guint, agglomeration->groups->len);
  for (guint i = 0; i < agglomeration->groups->len; i++)
    next[i] = i;
  for (guint i = 0; i < agglomeration->pairs->len; i++) {
    const Pair *pair = &g_array_index(agglomeration->pairs, Pair, i);
    guint a = chain_of(next, pair->a);
    guint b = chain_of(next, pair->b);
    if (pair->similarity >= cut && !pair->is_vetoed)
      next[MAX(a, b)] = MIN(a, b);
  }
  for (guint i = 0; i < agglomeration->pairs->len; i++) {
    const Pair *pair = &g_array_index(agglomeration->pairs, Pair, i);
    if (chain_of(next, pair->a) != chain_of(next, pair->b))
      continue;
    add_tie(group_at(agglomeration, pair->a), pair->b, pair->similarity, pair->is_vetoed);
    add_tie(group_at(agglomeration, pair->b), pair->a, pair->similarity, pair->is_vetoed);
  }
}

/* Returns: the average similarity, rounded to 1e-6; 0 when the two must not become one */
static double
average(const Agglomeration *agglomeration, guint a, guint b)
{
  const Group *first = group_at(agglomeration, a);
  const Group *second = group_at(agglomeration, b);
  const Tie *tie = first->ties != NULL ? g_hash_table_lookup(first->ties, GUINT_TO_POINTER(b)) : NULL;
  if (tie == NULL || tie->is_vetoed)
    return 0;
  return round(tie->total / ((double) first->posts * second->posts) * 1e6) / 1e6;
}

static int
compare_joins(const void *a, const void *b, void *unused)
{
  (void) unused;
  const Join *first = a;
  const Join *second = b;
  if (first->similarity != second->similarity)
    return first->similarity > second->similarity ? -1 : 1;
  if (first->a != second->a)
    return first->a < second->a ? -1 : 1;
  return (first->b > second->b) - (first->b < second->b);
}

static void
queue_joins(const Agglomeration *agglomeration, GSequence *queue, guint position, double cut)
{
  const Group *group = group_at(agglomeration, position);
  if (group->ties == NULL)
    return;
  GHashTableIter iter;
  gpointer key = NULL;
  g_hash_table_iter_init(&iter, group->ties);
  while (g_hash_table_iter_next(&iter, &key, NULL)) {
    guint other = GPOINTER_TO_UINT(key);
    Join join = {MIN(position, other), MAX(position, other), average(agglomeration, position, other)};
    if (join.similarity >= cut)
      g_sequence_insert_sorted(queue, g_memdup2(&join, sizeof join), compare_joins, NULL);
  }
}

static void
join_groups(Agglomeration *agglomeration, const Join *join)
{
  Group *target = group_at(agglomeration, join->a);
  Group *gone = group_at(agglomeration, join->b);
  g_hash_table_remove(target->ties, GUINT_TO_POINTER(join->b));

  GHashTableIter iter;
  gpointer key = NULL;
  gpointer value = NULL;
  g_hash_table_iter_init(&iter, gone->ties);
  while (g_hash_table_iter_next(&iter, &key, &value)) {
    guint other = GPOINTER_TO_UINT(key);
    const Tie *tie = value;
    if (other == join->a)
      continue;
    g_hash_table_remove(group_at(agglomeration, other)->ties, GUINT_TO_POINTER(join->b));
    add_tie(target, other, tie->total, tie->is_vetoed);
    add_tie(group_at(agglomeration, other), join->a, tie->total, tie->is_vetoed);
  }
  g_clear_pointer(&gone->ties, g_hash_table_unref);

  target->posts += gone->posts;
  gone->root = join->a;
  for (guint i = 0; i < 2; i++) {
    Group *group = i == 0 ? target : gone;
    group->joined_at = group->joined_at > 0 ? group->joined_at : join->similarity;
  }
}

Agglomeration *
agglomeration_new(void)
{
  Agglomeration *agglomeration = g_new0(Agglomeration, 1);
  agglomeration->groups = g_array_new(FALSE, FALSE, sizeof(Group));
  g_array_set_clear_func(agglomeration->groups, clear_group);
  agglomeration->pairs = g_array_new(FALSE, FALSE, sizeof(Pair));
  return agglomeration;
}

void
agglomeration_free(Agglomeration *agglomeration)
{
  if (agglomeration == NULL)
    return;
  g_array_unref(agglomeration->groups);
  g_array_unref(agglomeration->pairs);
  g_free(agglomeration);
}

guint
agglomeration_add_group(Agglomeration *agglomeration, guint posts)
{
  const Group group = {.posts = posts, .root = agglomeration->groups->len};
  g_array_append_val(agglomeration->groups, group);
  return group.root;
}

void
agglomeration_add_pair(Agglomeration *agglomeration, guint a, guint b, double similarity, bool is_vetoed)
{
  Pair pair = {a, b, similarity, is_vetoed};
  g_array_append_val(agglomeration->pairs, pair);
}

void
agglomeration_run(Agglomeration *agglomeration, double cut)
{
  tie_groups(agglomeration, cut);
  g_autoptr(GSequence) queue = g_sequence_new(g_free);
  for (guint i = 0; i < agglomeration->groups->len; i++)
    queue_joins(agglomeration, queue, i, cut);

  while (!g_sequence_is_empty(queue)) {
    GSequenceIter *first = g_sequence_get_begin_iter(queue);
    Join join = *(const Join *) g_sequence_get(first);
    g_sequence_remove(first);
    /* Groups have grown or gone since it was queued, perhaps; what they are now was queued then. */
    if (average(agglomeration, join.a, join.b) != join.similarity)
      continue;
    join_groups(agglomeration, &join);
    queue_joins(agglomeration, queue, join.a, cut);
  }
}

guint
agglomeration_root(const Agglomeration *agglomeration, guint group)
{
  while (group_at(agglomeration, group)->root != group)
    group = group_at(agglomeration, group)->root;
  return group;
}

double
agglomeration_joined_at(const Agglomeration *agglomeration, guint group)
{
  return group_at(agglomeration, group)->joined_at;
}
