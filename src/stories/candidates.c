#include "stories/candidates.h"

#include <string.h>

/*
 * BANDS of ROWS smallest hashes of the head's trigrams: heads whose trigrams are alike by j (Jaccard) share one with probability
 * 1 - (1 - j^ROWS)^BANDS: 0.97 for 0.7, 0.03 for 0.1.
 */
enum { STEM_KEYS = CANDIDATES_KEYS - 4, BANDS = 4, ROWS = 2, MAX_VISITS = 400, SEARCH_SLOTS = 1024 };

/* Stems that are commoner lead to too many. */
static const float MIN_IDF = 0.25F;

/* What a band that is shared counts, beside the idf of a shared stem. */
static const float BAND_WEIGHT = 1;

/* An entry of a list of posts that share a key, the newest first. @next: 0 for none */
typedef struct {
  uint32_t post;
  uint32_t next;
} Entry;

/* @first: the newest entry, 0 while the slot is free */
typedef struct {
  uint32_t key;
  uint32_t first;
  uint32_t count;
} Slot;

/* @entries: (element-type Entry): the first one stands for none; @slots: a power of two of them, half empty at least */
struct Candidates {
  GArray *entries;
  Slot *slots;
  uint32_t slot_mask;
  uint32_t used;
  uint32_t posts;
};

/* A key of a post. @weight: of those that share it; @count: how many do */
typedef struct {
  uint32_t key;
  float weight;
  uint32_t first;
  uint32_t count;
} Lead;

/* @posts: positions, UINT32_MAX for a free slot; @found: the slots in use */
struct CandidateSearch {
  uint32_t posts[SEARCH_SLOTS];
  float scores[SEARCH_SLOTS];
  uint32_t found[SEARCH_SLOTS];
};

Candidates *
candidates_new(void)
{
  enum { FIRST_SLOTS = 1024 };
  Candidates *candidates = g_new0(Candidates, 1);
  candidates->entries = g_array_new(FALSE, FALSE, sizeof(Entry));
  const Entry none = {0};
  g_array_append_val(candidates->entries, none);
  candidates->slots = g_new0(Slot, FIRST_SLOTS);
  candidates->slot_mask = FIRST_SLOTS - 1;
  return candidates;
}

void
candidates_free(Candidates *candidates)
{
  if (candidates == NULL)
    return;
  g_array_unref(candidates->entries);
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
    const Lead lead = {.key = mix(term->key), .weight = term->idf};
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
  if (fingerprint->trigram_count == 0)
    return 0;
  for (uint32_t band = 0; band < BANDS; band++) {
    uint32_t key = band;
    for (uint32_t row = 0; row < ROWS; row++) {
      uint32_t smallest = UINT32_MAX;
      for (unsigned i = 0; i < fingerprint->trigram_count; i++)
        smallest = MIN(smallest, mix(fingerprint->trigrams[i] | (band * ROWS + row + 1) << 16));
      key = mix(key * 31 + smallest);
    }
    ret_leads[band] = (Lead){.key = key, .weight = BAND_WEIGHT};
  }
  return BANDS;
}

static unsigned
choose_keys(const Fingerprint *fingerprint, Lead ret_leads[CANDIDATES_KEYS])
{
  unsigned count = choose_stems(fingerprint, ret_leads);
  return count + choose_bands(fingerprint, ret_leads + count);
}

/* ---- the index */

static Slot *
find_slot(const Candidates *candidates, uint32_t key)
{
  uint32_t place = mix(key) & candidates->slot_mask;
  while (candidates->slots[place].first != 0 && candidates->slots[place].key != key)
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
    if (old[i].first != 0)
      *find_slot(candidates, old[i].key) = old[i];
  g_free(old);
}

uint32_t
candidates_add(Candidates *candidates, const Fingerprint *fingerprint)
{
  Lead leads[CANDIDATES_KEYS];
  unsigned count = choose_keys(fingerprint, leads);
  for (unsigned i = 0; i < count; i++) {
    Slot *slot = find_slot(candidates, leads[i].key);
    const Entry entry = {.post = candidates->posts, .next = slot->first};
    candidates->used += slot->first == 0;
    slot->key = leads[i].key;
    slot->first = candidates->entries->len;
    slot->count++;
    g_array_append_val(candidates->entries, entry);
    if (candidates->used * 2 > candidates->slot_mask)
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
  if (first->count != second->count)
    return first->count < second->count ? -1 : 1;
  return (first->key > second->key) - (first->key < second->key);
}

static void
note(CandidateSearch *search, unsigned *found, uint32_t post, float weight)
{
  uint32_t place = mix(post) & (SEARCH_SLOTS - 1);
  while (search->posts[place] != UINT32_MAX && search->posts[place] != post)
    place = (place + 1) & (SEARCH_SLOTS - 1);
  if (search->posts[place] == UINT32_MAX) {
    search->posts[place] = post;
    search->scores[place] = 0;
    search->found[(*found)++] = place;
  }
  search->scores[place] += weight;
}

/* Keeps the CANDIDATES_MAX of the highest scores, the highest first; of equals the first post. */
static unsigned
choose_best(const CandidateSearch *search, unsigned found, uint32_t ret_positions[CANDIDATES_MAX])
{
  float scores[CANDIDATES_MAX];
  unsigned count = 0;
  for (unsigned i = 0; i < found; i++) {
    uint32_t post = search->posts[search->found[i]];
    float score = search->scores[search->found[i]];
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
candidates_find(const Candidates *candidates, CandidateSearch *search, const Fingerprint *fingerprint,
                uint32_t ret_positions[CANDIDATES_MAX])
{
  Lead leads[CANDIDATES_KEYS];
  unsigned count = choose_keys(fingerprint, leads);
  for (unsigned i = 0; i < count; i++) {
    const Slot *slot = find_slot(candidates, leads[i].key);
    leads[i].first = slot->first;
    leads[i].count = slot->count;
  }
  qsort(leads, count, sizeof *leads, compare_counts);
  unsigned found = 0;
  unsigned visits = 0;
  for (unsigned i = 0; i < count && visits < MAX_VISITS; i++)
    for (uint32_t at = leads[i].first; at != 0 && visits < MAX_VISITS; visits++) {
      const Entry *entry = &g_array_index(candidates->entries, Entry, at);
      note(search, &found, entry->post, leads[i].weight);
      at = entry->next;
    }
  unsigned chosen = choose_best(search, found, ret_positions);
  for (unsigned i = 0; i < found; i++)
    search->posts[search->found[i]] = UINT32_MAX;
  return chosen;
}
