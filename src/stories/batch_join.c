/* Which groups of a batch become one by what their posts say. */
#include "stories/batch.h"

/*
 * @likeness: (element-type guint64 double): how alike two voices are, of those that were compared and may come together; below
 * 0 when they must not
 */
typedef struct {
  const Batch *batch;
  const GArray *pairs;
  GHashTable *likeness;
} Joining;

static void
clear_joining(Joining *joining)
{
  g_hash_table_unref(joining->likeness);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Joining, clear_joining)

static gpointer
pair_key(uint64_t a, uint64_t b)
{
  return GSIZE_TO_POINTER(MIN(a, b) << 32 | MAX(a, b));
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

/* An average is at most its highest pair, so only groups that a chain of pairs of at least the cut connects can become one.
 * Returns: (transfer full): as chain_of() reads it */
static guint *
find_chains(const Joining *joining)
{
  const Member *members = joining->batch->members;
  guint *next = g_new(guint, MAX(joining->batch->groups, 1));
  for (guint i = 0; i < joining->batch->groups; i++)
    next[i] = i;
  for (guint i = 0; i < joining->pairs->len; i++) {
    const PostPair *pair = &g_array_index(joining->pairs, PostPair, i);
    guint a = chain_of(next, members[pair->a].group);
    guint b = chain_of(next, members[pair->b].group);
    if (pair->likeness >= joining->batch->spec->model->cut && pair->veto == NULL)
      next[MAX(a, b)] = MIN(a, b);
  }
  return next;
}

/* Posts of one voice count once, as the likest of them; a veto of one is a veto of all. */
static void
note_likeness(const Joining *joining, const PostPair *pair)
{
  const Member *members = joining->batch->members;
  gpointer key = pair_key(members[pair->a].voice, members[pair->b].voice);
  double *known = g_hash_table_lookup(joining->likeness, key);
  double likeness = pair->veto != NULL ? -1 : pair->likeness;
  if (known == NULL)
    g_hash_table_insert(joining->likeness, key, g_memdup2(&likeness, sizeof likeness));
  else
    *known = *known < 0 || likeness < 0 ? -1 : MAX(*known, likeness);
}

static double
find_likeness(const void *data, uint32_t a, uint32_t b)
{
  const Joining *joining = data;
  const double *known = g_hash_table_lookup(joining->likeness, pair_key(a, b));
  if (known != NULL)
    return *known;
  PostPair pair = batch_compare(joining->batch, MIN(a, b), MAX(a, b));
  return pair.veto != NULL ? -1 : pair.likeness;
}

static bool
is_voice(const Batch *batch, uint32_t index)
{
  return batch->members[index].is_recent && batch->members[index].voice == index;
}

/* Adds the groups, each with its voices. */
static void
add_groups(const Batch *batch, Agglomeration *agglomeration)
{
  g_autofree uint32_t *ends = g_new0(uint32_t, batch->groups + 1);
  g_autofree uint32_t *voices = g_new(uint32_t, MAX(batch->count, 1));
  for (uint32_t i = 0; i < batch->count; i++)
    ends[batch->members[i].group + 1] += is_voice(batch, i);
  for (uint32_t i = 0; i < batch->groups; i++)
    ends[i + 1] += ends[i];
  for (uint32_t i = 0; i < batch->count; i++)
    if (is_voice(batch, i))
      voices[ends[batch->members[i].group]++] = i;
  for (uint32_t i = 0, begin = 0; i < batch->groups; begin = ends[i++])
    agglomeration_add_group(agglomeration, voices + begin, ends[i] - begin);
}

Agglomeration *
batch_join(const Batch *batch, const GArray *pairs, GHashTable *parted)
{
  g_auto(Joining) joining = {batch, pairs, g_hash_table_new_full(NULL, NULL, NULL, g_free)};
  g_autofree guint *chains = find_chains(&joining);
  Agglomeration *agglomeration = agglomeration_new();
  add_groups(batch, agglomeration);
  for (guint i = 0; i < pairs->len; i++) {
    const PostPair *pair = &g_array_index(pairs, PostPair, i);
    uint32_t a = batch->members[pair->a].group;
    uint32_t b = batch->members[pair->b].group;
    if (chain_of(chains, a) != chain_of(chains, b))
      continue;
    note_likeness(&joining, pair);
    if (pair->veto != NULL)
      agglomeration_part(agglomeration, a, b);
    else if (pair->likeness >= batch->spec->model->cut)
      agglomeration_tie(agglomeration, a, b);
  }
  GHashTableIter all;
  g_hash_table_iter_init(&all, parted);
  for (gpointer key; g_hash_table_iter_next(&all, &key, NULL);)
    agglomeration_part(agglomeration, (guint) (GPOINTER_TO_SIZE(key) >> 32), (guint) GPOINTER_TO_SIZE(key));
  agglomeration_run(agglomeration, find_likeness, &joining, batch->spec->model->cut);
  return agglomeration;
}
