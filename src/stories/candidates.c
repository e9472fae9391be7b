#include "stories/candidates.h"

#include <string.h>

/*
 * BANDS of ROWS smallest hashes of the head's trigrams, each of a part of all hashes (one permutation hashing: Li, Owen and
 * Zhang 2012): heads whose trigrams are alike by j (Jaccard) share a band with probability 1 - (1 - j^ROWS)^BANDS: 0.93 for
 * 0.7, 0.04 for 0.1.
 */
enum {
  BANDS = 4,
  STEM_KEYS = CANDIDATES_KEYS - FINGERPRINT_LINKS - BANDS,
  ROWS = 2,
  MAX_VISITS = 160,
  SEARCH_SLOTS = 512,
  BLOCK_POSTS = 15
};

/* Posts that share one stem or band alone are hardly ever of one story: 9 in 1,000 of such pairs of real titles. */
enum { MIN_SHARED = 2 };

/* Stems that are commoner lead to too many. */
static const float MIN_IDF = 0.25F;

/* What a band that is shared counts, beside the idf of a shared stem. */
static const float BAND_WEIGHT = 1;

/* A link tells more than any word. */
static const float LINK_WEIGHT = 8;

/* Posts that share a key, in order. @earlier: the block with those before them, 0 for none */
typedef struct {
  uint32_t earlier;
  uint32_t posts[BLOCK_POSTS];
} Block;

/* @count: of the posts with @key, 0 while the slot is free; @last: the block of the last ones; of one post alone, the post */
typedef struct {
  uint32_t key;
  uint32_t count;
  uint32_t last;
} Slot;

/* @blocks: (element-type Block): the first one stands for none; @slots: a power of two of them, never full */
struct Candidates {
  GArray *blocks;
  Slot *slots;
  uint32_t slot_mask;
  uint32_t used;
  uint32_t posts;
};

/* A key of a post. @weight: of those that share it; @counts: for how many keys */
typedef struct {
  uint32_t key;
  float weight;
  unsigned counts;
  Slot slot;
} Lead;

/* @posts: positions, UINT32_MAX for a free slot; @shared: how many keys; @found: the slots in use, @count of them */
struct CandidateSearch {
  unsigned count;
  uint32_t posts[SEARCH_SLOTS];
  float scores[SEARCH_SLOTS];
  uint16_t shared[SEARCH_SLOTS];
  uint32_t found[SEARCH_SLOTS];
};

Candidates *
candidates_new(void)
{
  enum { FIRST_SLOTS = 1024 };
  Candidates *candidates = g_new0(Candidates, 1);
  candidates->blocks = g_array_new(FALSE, FALSE, sizeof(Block));
  g_array_set_size(candidates->blocks, 1);
  candidates->slots = g_new0(Slot, FIRST_SLOTS);
  candidates->slot_mask = FIRST_SLOTS - 1;
  return candidates;
}

void
candidates_free(Candidates *candidates)
{
  if (candidates == NULL)
    return;
  g_array_unref(candidates->blocks);
  g_free(candidates->slots);
  g_free(candidates);
}

/* ---- keys */

static uint32_t
mix(uint32_t value)
{
  value ^= value >> 16;
  value *= 0x7feb352d;
  value ^= value >> 15;
  value *= 0x846ca68b;
  return value ^ value >> 16;
}

static int
compare_leads(const void *a, const void *b)
{
  const Lead *first = a;
  const Lead *second = b;
  if (first->weight != second->weight)
    return first->weight > second->weight ? -1 : 1;
  return (first->key > second->key) - (first->key < second->key);
}

/* Sets the rarest stems. Returns: how many */
static unsigned
choose_stems(const Fingerprint *fingerprint, Lead ret_leads[STEM_KEYS])
{
  unsigned count = 0;
  for (unsigned i = 0; i < fingerprint->term_count; i++) {
    const Term *term = &fingerprint->terms[i];
    const Lead lead = {.key = mix(term->key), .weight = term->idf, .counts = 1};
    if (term->idf < MIN_IDF)
      continue;
    unsigned place = count;
    while (place > 0 && compare_leads(&lead, &ret_leads[place - 1]) < 0)
      place--;
    if (place == STEM_KEYS)
      continue;
    count = MIN(count + 1, STEM_KEYS);
    memmove(&ret_leads[place + 1], &ret_leads[place], (count - place - 1) * sizeof *ret_leads);
    ret_leads[place] = lead;
  }
  return count;
}

/* Sets a key a band. Returns: how many */
static unsigned
choose_bands(const Fingerprint *fingerprint, Lead ret_leads[BANDS])
{
  uint32_t smallest[BANDS][ROWS];
  memset(smallest, 0xFF, sizeof smallest);
  for (unsigned i = 0; i < fingerprint->trigram_count; i++) {
    uint32_t hash = mix(fingerprint->trigrams[i] + 1U);
    uint32_t *row = &smallest[hash % BANDS][hash / BANDS % ROWS];
    *row = MIN(*row, hash);
  }
  unsigned count = 0;
  for (uint32_t band = 0; band < BANDS; band++)
    if (smallest[band][0] != UINT32_MAX || smallest[band][1] != UINT32_MAX)
      ret_leads[count++] = (Lead){.key = mix(smallest[band][0] * 31 + smallest[band][1]), .weight = BAND_WEIGHT, .counts = 1};
  return count;
}

static unsigned
choose_keys(const Fingerprint *fingerprint, Lead ret_leads[CANDIDATES_KEYS])
{
  unsigned count = choose_stems(fingerprint, ret_leads);
  count += choose_bands(fingerprint, ret_leads + count);
  for (unsigned i = 0; i < fingerprint->link_count; i++)
    ret_leads[count++] = (Lead){.key = mix(fingerprint->links[i] ^ 0x5BD1E995), .weight = LINK_WEIGHT, .counts = MIN_SHARED};
  return count;
}

/* ---- the index */

static Slot *
find_slot(const Candidates *candidates, uint32_t key)
{
  uint32_t place = mix(key) & candidates->slot_mask;
  while (candidates->slots[place].count != 0 && candidates->slots[place].key != key)
    place = (place + 1) & candidates->slot_mask;
  return &candidates->slots[place];
}

static void
grow(Candidates *candidates)
{
  Slot *old = candidates->slots;
  uint32_t count = candidates->slot_mask + 1;
  candidates->slots = g_new0(Slot, (size_t) count * 2);
  candidates->slot_mask = count * 2 - 1;
  for (uint32_t i = 0; i < count; i++)
    if (old[i].count != 0)
      *find_slot(candidates, old[i].key) = old[i];
  g_free(old);
}

static void
append(Candidates *candidates, Slot *slot, uint32_t post)
{
  if (slot->count == 0) {
    slot->last = post;
  } else if (slot->count == 1 || slot->count % BLOCK_POSTS == 0) {
    const Block block = {.earlier = slot->count == 1 ? 0 : slot->last, .posts = {slot->last}};
    slot->last = candidates->blocks->len;
    g_array_append_val(candidates->blocks, block);
  }
  if (slot->count > 0)
    g_array_index(candidates->blocks, Block, slot->last).posts[slot->count % BLOCK_POSTS] = post;
  slot->count++;
}

uint32_t
candidates_add(Candidates *candidates, const Fingerprint *fingerprint)
{
  Lead leads[CANDIDATES_KEYS];
  unsigned count = choose_keys(fingerprint, leads);
  for (unsigned i = 0; i < count; i++) {
    Slot *slot = find_slot(candidates, leads[i].key);
    candidates->used += slot->count == 0;
    slot->key = leads[i].key;
    append(candidates, slot, candidates->posts);
    if (candidates->used > candidates->slot_mask / 4 * 3)
      grow(candidates);
  }
  return candidates->posts++;
}

/* ---- search */

CandidateSearch *
candidate_search_new(void)
{
  CandidateSearch *search = g_new0(CandidateSearch, 1);
  memset(search->posts, 0xFF, sizeof search->posts);
  return search;
}

void
candidate_search_free(CandidateSearch *search)
{
  g_free(search);
}

/* Those that fewest posts share first, for they tell most. */
static int
compare_counts(const void *a, const void *b)
{
  const Lead *first = a;
  const Lead *second = b;
  if (first->slot.count != second->slot.count)
    return first->slot.count < second->slot.count ? -1 : 1;
  return (first->key > second->key) - (first->key < second->key);
}

static void
note(CandidateSearch *search, uint32_t post, const Lead *lead)
{
  uint32_t place = mix(post) & (SEARCH_SLOTS - 1);
  while (search->posts[place] != UINT32_MAX && search->posts[place] != post)
    place = (place + 1) & (SEARCH_SLOTS - 1);
  if (search->posts[place] == UINT32_MAX) {
    search->posts[place] = post;
    search->scores[place] = 0;
    search->shared[place] = 0;
    search->found[search->count++] = place;
  }
  search->scores[place] += lead->weight;
  search->shared[place] = (uint16_t) (search->shared[place] + lead->counts);
}

/* Notes those that share a key, the last first. Returns: how many, at most @most */
static unsigned
visit(const Candidates *candidates, CandidateSearch *search, const Lead *lead, uint32_t before, unsigned most)
{
  const Slot *slot = &lead->slot;
  unsigned visits = 0;
  uint32_t at = slot->last;
  for (uint32_t i = slot->count; i-- > 0 && visits < most;) {
    const Block *block = slot->count > 1 ? &g_array_index(candidates->blocks, Block, at) : NULL;
    uint32_t post = block != NULL ? block->posts[i % BLOCK_POSTS] : slot->last;
    if (post < before) {
      note(search, post, lead);
      visits++;
    }
    if (block != NULL && i % BLOCK_POSTS == 0)
      at = block->earlier;
  }
  return visits;
}

/* Keeps the CANDIDATES_MAX of the highest scores that share enough, the highest first; of equals the first post. */
static unsigned
choose_best(const CandidateSearch *search, uint32_t ret_positions[CANDIDATES_MAX])
{
  float scores[CANDIDATES_MAX];
  unsigned count = 0;
  for (unsigned i = 0; i < search->count; i++) {
    uint32_t post = search->posts[search->found[i]];
    float score = search->scores[search->found[i]];
    if (search->shared[search->found[i]] < MIN_SHARED)
      continue;
    unsigned place = count;
    while (place > 0 && (scores[place - 1] < score || (scores[place - 1] == score && ret_positions[place - 1] > post)))
      place--;
    if (place == CANDIDATES_MAX)
      continue;
    count = MIN(count + 1, CANDIDATES_MAX);
    memmove(&scores[place + 1], &scores[place], (count - place - 1) * sizeof *scores);
    memmove(&ret_positions[place + 1], &ret_positions[place], (count - place - 1) * sizeof *ret_positions);
    scores[place] = score;
    ret_positions[place] = post;
  }
  return count;
}

unsigned
candidates_find(const Candidates *candidates, CandidateSearch *search, const Fingerprint *fingerprint, uint32_t before,
                uint32_t ret_positions[CANDIDATES_MAX])
{
  Lead leads[CANDIDATES_KEYS];
  unsigned count = choose_keys(fingerprint, leads);
  for (unsigned i = 0; i < count; i++)
    leads[i].slot = *find_slot(candidates, leads[i].key);
  qsort(leads, count, sizeof *leads, compare_counts);
  /* Each list its share, what the shorter ones leave to the longer ones: a post must be met in two. */
  unsigned visits = 0;
  for (unsigned i = 0; i < count; i++)
    visits += visit(candidates, search, &leads[i], before, (MAX_VISITS - visits) / (count - i));
  unsigned chosen = choose_best(search, ret_positions);
  for (unsigned i = 0; i < search->count; i++)
    search->posts[search->found[i]] = UINT32_MAX;
  search->count = 0;
  return chosen;
}
