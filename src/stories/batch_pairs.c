/* Which posts of a batch are compared, and what comes of it. */
#include "stories/batch.h"
#include "stories/candidates.h"
#include "threads/parallel.h"

/* Pairs less probable than this count 0: it bounds the work and takes next to nothing from an average. */
static const double PAIR_FLOOR = 0.02;

/* So many posts are added to the index before all of them look at once for those before them. */
enum { CHUNK = 1024 };

/*
 * @posts: in the order of @index
 * @first: the position in @index of the first post of the chunk
 * @found, @counts: what each post of the chunk was compared with, CANDIDATES_MAX places each
 */
typedef struct {
  const Batch *batch;
  Candidates *index;
  uint32_t *posts;
  uint32_t first;
  PostPair *found;
  unsigned *counts;
} Chunk;

static void
clear_chunk(Chunk *chunk)
{
  candidates_free(chunk->index);
  g_free(chunk->posts);
  g_free(chunk->found);
  g_free(chunk->counts);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Chunk, clear_chunk)

PostPair
batch_compare(const Batch *batch, uint32_t a, uint32_t b)
{
  const Fingerprint *first = batch->members[a].fingerprint;
  const Fingerprint *second = batch->members[b].fingerprint;
  const Pattern *pattern = batch_pattern(batch, a, b);
  double values[LIKENESS_COUNT];
  likeness_measure(first, second, values);
  double untaught = likeness_probability(batch->spec->model, values);
  return (PostPair){.a = a,
                    .b = b,
                    .untaught = untaught,
                    .likeness = pattern != NULL ? likeness_shift(untaught, pattern_shift(pattern)) : untaught,
                    .veto = likeness_veto(first, second)};
}

/* Returns: whether it is worth keeping */
static bool
compare_posts(const Batch *batch, uint32_t a, uint32_t b, PostPair *ret_pair)
{
  *ret_pair = batch_compare(batch, a, b);
  return ret_pair->veto != NULL || MAX(ret_pair->likeness, ret_pair->untaught) >= PAIR_FLOOR;
}

/* Compares new posts with what stands before them, which members of existing stories do: each pair once. */
static void
compare_chunk(void *data, size_t begin, size_t end)
{
  const Chunk *chunk = data;
  const Member *members = chunk->batch->members;
  g_autoptr(CandidateSearch) search = candidate_search_new();
  for (size_t i = begin; i < end; i++) {
    uint32_t position = chunk->first + (uint32_t) i;
    uint32_t post = chunk->posts[position];
    uint32_t found[CANDIDATES_MAX];
    bool is_new = members[post].known == NULL;
    unsigned count = is_new ? candidates_find(chunk->index, search, members[post].fingerprint, position, found) : 0;
    unsigned kept = 0;
    for (unsigned j = 0; j < count; j++) {
      uint32_t other = chunk->posts[found[j]];
      bool is_near = ABS(members[other].time_ms - members[post].time_ms) <= WINDOW_MS;
      if (is_near && members[other].group != members[post].group)
        kept += compare_posts(chunk->batch, other, post, &chunk->found[i * CANDIDATES_MAX + kept]);
    }
    chunk->counts[i] = kept;
  }
}

static GArray *
compare_new(const Batch *batch)
{
  GArray *pairs = g_array_new(FALSE, FALSE, sizeof(PostPair));
  g_auto(Chunk) chunk = {.batch = batch,
                         .index = candidates_new(),
                         .posts = g_new(uint32_t, MAX(batch->count, 1)),
                         .found = g_new(PostPair, CHUNK * CANDIDATES_MAX),
                         .counts = g_new(unsigned, CHUNK)};
  for (uint32_t post = 0; post < batch->count;) {
    uint32_t count = 0;
    for (; post < batch->count && count < CHUNK; post++)
      if (batch->members[post].is_recent) {
        uint32_t position = candidates_add(chunk.index, batch->members[post].fingerprint);
        chunk.posts[position] = post;
        count++;
      }
    parallel_for(count, batch->spec->threads, compare_chunk, &chunk);
    for (uint32_t i = 0; i < count; i++)
      g_array_append_vals(pairs, &chunk.found[i * CANDIDATES_MAX], chunk.counts[i]);
    chunk.first += count;
  }
  return pairs;
}

/* ---- existing stories */

/* Returns: (nullable): a key for the groups of two posts that both are in existing stories */
static gpointer
story_pair(const Batch *batch, uint32_t a, uint32_t b)
{
  uint64_t first = batch->members[a].group;
  uint64_t second = batch->members[b].group;
  bool are_stories = first != second && batch->members[a].known != NULL && batch->members[b].known != NULL;
  return are_stories ? GSIZE_TO_POINTER(MIN(first, second) << 32 | MAX(first, second)) : NULL;
}

/* Returns: (transfer full): pairs of existing stories that one new post may join both, as a set. @ret_stories: their groups, as
 * a set */
static GHashTable *
find_partners(const Batch *batch, const GArray *pairs, GHashTable *ret_stories)
{
  GHashTable *partners = g_hash_table_new(NULL, NULL);
  for (guint i = 0; i < pairs->len; i++) {
    const PostPair *pair = &g_array_index(pairs, PostPair, i);
    bool is_of_story = batch->members[pair->a].known != NULL;
    for (guint j = i; is_of_story && j-- > 0 && g_array_index(pairs, PostPair, j).b == pair->b;) {
      const PostPair *other = &g_array_index(pairs, PostPair, j);
      gpointer stories = story_pair(batch, pair->a, other->a);
      bool is_probable = MIN(pair->likeness, other->likeness) >= batch->spec->model->cut;
      if (stories == NULL || !is_probable || pair->veto != NULL || other->veto != NULL)
        continue;
      g_hash_table_add(partners, stories);
      g_hash_table_add(ret_stories, GUINT_TO_POINTER(batch->members[pair->a].group));
      g_hash_table_add(ret_stories, GUINT_TO_POINTER(batch->members[other->a].group));
    }
  }
  return partners;
}

static void
compare_stories(const Batch *batch, GArray *pairs)
{
  g_autoptr(GHashTable) stories = g_hash_table_new(NULL, NULL);
  g_autoptr(GHashTable) partners = find_partners(batch, pairs, stories);
  g_autoptr(Candidates) index = candidates_new();
  g_autoptr(CandidateSearch) search = candidate_search_new();
  g_autoptr(GArray) posts = g_array_new(FALSE, FALSE, sizeof(uint32_t));
  for (uint32_t post = 0; post < batch->count && batch->members[post].known != NULL; post++) {
    const Member *member = &batch->members[post];
    if (!member->is_recent || !g_hash_table_contains(stories, GUINT_TO_POINTER(member->group)))
      continue;
    uint32_t found[CANDIDATES_MAX];
    unsigned count = candidates_find(index, search, member->fingerprint, posts->len, found);
    for (unsigned i = 0; i < count; i++) {
      PostPair pair;
      uint32_t other = g_array_index(posts, uint32_t, found[i]);
      gpointer key = story_pair(batch, post, other);
      if (key != NULL && g_hash_table_contains(partners, key) && compare_posts(batch, other, post, &pair))
        g_array_append_val(pairs, pair);
    }
    candidates_add(index, member->fingerprint);
    g_array_append_val(posts, post);
  }
}

GArray *
batch_pairs(const Batch *batch)
{
  GArray *pairs = compare_new(batch);
  compare_stories(batch, pairs);
  return pairs;
}
