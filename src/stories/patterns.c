#include "stories/patterns.h"

#include <math.h>
#include <string.h>

/* What is commoner tells nothing of other posts. */
static const float RARE_IDF = 0.4F;

enum { MIN_STEMS = 2 };

/* @by_key: (element-type guint GArray): positions of patterns by their rarest stem */
struct Patterns {
  GArray *all;
  GHashTable *by_key;
};

static void
unref_array(gpointer array)
{
  g_array_unref(array);
}

Patterns *
patterns_new(void)
{
  Patterns *patterns = g_new(Patterns, 1);
  *patterns = (Patterns){.all = g_array_new(FALSE, FALSE, sizeof(Pattern)),
                         .by_key = g_hash_table_new_full(NULL, NULL, NULL, unref_array)};
  return patterns;
}

void
patterns_free(Patterns *patterns)
{
  if (patterns == NULL)
    return;
  g_array_unref(patterns->all);
  g_hash_table_unref(patterns->by_key);
  g_free(patterns);
}

guint
patterns_count(const Patterns *patterns)
{
  return patterns->all->len;
}

const Pattern *
patterns_get(const Patterns *patterns, guint index)
{
  return &g_array_index(patterns->all, Pattern, index);
}

/* ---- which stems */

static bool
is_rarer(const Term *a, const Term *b)
{
  return a->idf > b->idf || (a->idf == b->idf && a->key < b->key);
}

/* Keeps the rarest at the front. Returns: how many there are now */
static unsigned
insert_rare(const Term *rarest[PATTERN_STEMS], unsigned count, const Term *term)
{
  unsigned place = count;
  while (place > 0 && is_rarer(term, rarest[place - 1]))
    place--;
  if (place == PATTERN_STEMS)
    return count;
  unsigned kept = MIN(count, PATTERN_STEMS - 1);
  memmove(&rarest[place + 1], &rarest[place], (kept - place) * sizeof *rarest);
  rarest[place] = term;
  return kept + 1;
}

/* Terms stand by family, then key. */
static int
compare_terms(const Term *a, const Term *b)
{
  if (a->family != b->family)
    return a->family < b->family ? -1 : 1;
  return (a->key > b->key) - (a->key < b->key);
}

static Pattern
share_stems(const Fingerprint *a, const Fingerprint *b)
{
  const Term *rarest[PATTERN_STEMS] = {NULL};
  Pattern pattern = {0};
  for (unsigned i = 0, j = 0; i < a->term_count && j < b->term_count;) {
    int order = compare_terms(&a->terms[i], &b->terms[j]);
    if (order == 0 && a->terms[i].idf >= RARE_IDF)
      pattern.key_count = insert_rare(rarest, pattern.key_count, &a->terms[i]);
    i += order <= 0;
    j += order >= 0;
  }
  for (unsigned i = 0; i < pattern.key_count; i++)
    pattern.keys[i] = rarest[i]->key;
  return pattern;
}

void
patterns_open(Patterns *patterns, const Fingerprint *a, const Fingerprint *b, uint32_t teacher_a, uint32_t teacher_b)
{
  Pattern pattern = share_stems(a, b);
  if (pattern.key_count < MIN_STEMS || patterns->all->len == PATTERNS_MAX)
    return;
  pattern.teacher_a = teacher_a;
  pattern.teacher_b = teacher_b;
  gpointer key = GUINT_TO_POINTER(pattern.keys[0]);
  GArray *alike = g_hash_table_lookup(patterns->by_key, key);
  if (alike == NULL) {
    alike = g_array_new(FALSE, FALSE, sizeof(guint));
    g_hash_table_insert(patterns->by_key, key, alike);
  }
  for (guint i = 0; i < alike->len; i++)
    if (memcmp(patterns_get(patterns, g_array_index(alike, guint, i))->keys, pattern.keys, sizeof pattern.keys) == 0)
      return;
  g_array_append_val(alike, patterns->all->len);
  g_array_append_val(patterns->all, pattern);
}

/* ---- which patterns */

static bool
has_stem(const Fingerprint *fingerprint, uint32_t key)
{
  for (unsigned i = 0; i < fingerprint->term_count; i++)
    if (fingerprint->terms[i].key == key)
      return true;
  return false;
}

static bool
holds(const Fingerprint *fingerprint, const Pattern *pattern)
{
  for (unsigned i = 0; i < pattern->key_count; i++)
    if (!has_stem(fingerprint, pattern->keys[i]))
      return false;
  return true;
}

PatternSet
patterns_hold(const Patterns *patterns, const Fingerprint *fingerprint)
{
  PatternSet set = {0};
  for (unsigned i = 0; i < fingerprint->term_count; i++) {
    const GArray *alike = g_hash_table_lookup(patterns->by_key, GUINT_TO_POINTER(fingerprint->terms[i].key));
    for (guint j = 0; alike != NULL && j < alike->len && set.count < PATTERNS_HELD; j++) {
      guint index = g_array_index(alike, guint, j);
      if (holds(fingerprint, patterns_get(patterns, index)))
        set.patterns[set.count++] = (uint16_t) index;
    }
  }
  return set;
}

static bool
is_in(const PatternSet *set, uint16_t pattern)
{
  for (unsigned i = 0; i < set->count; i++)
    if (set->patterns[i] == pattern)
      return true;
  return false;
}

void
patterns_teach(Patterns *patterns, const PatternSet *a, const PatternSet *b, bool is_same, unsigned weight)
{
  for (unsigned i = 0; i < a->count; i++) {
    Pattern *pattern = &g_array_index(patterns->all, Pattern, a->patterns[i]);
    if (is_in(b, a->patterns[i]))
      *(is_same ? &pattern->same : &pattern->different) += weight;
  }
}

const Pattern *
patterns_strongest(const Patterns *patterns, const PatternSet *a, const PatternSet *b)
{
  const Pattern *strongest = NULL;
  for (unsigned i = 0; i < a->count; i++) {
    const Pattern *pattern = patterns_get(patterns, a->patterns[i]);
    if (is_in(b, a->patterns[i]) && (strongest == NULL || fabs(pattern_shift(pattern)) > fabs(pattern_shift(strongest)) ||
                                     (fabs(pattern_shift(pattern)) == fabs(pattern_shift(strongest)) && pattern < strongest)))
      strongest = pattern;
  }
  return strongest;
}

/* The rule of succession. */
double
pattern_confidence(const Pattern *pattern)
{
  return (pattern->same + 1.0) / (pattern->same + pattern->different + 2.0);
}

double
pattern_shift(const Pattern *pattern)
{
  return 2 * pattern_confidence(pattern) - 1;
}
