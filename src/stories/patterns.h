/*
 * What was learned of stems: posts that share these few rare ones told one story, or did not. Learned anew in every grouping,
 * from what people said and from links that posts share; so what is taken back is forgotten. Pure.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "stories/fingerprint.h"

enum { PATTERN_STEMS = 3, PATTERNS_MAX = 1000, PATTERNS_HELD = 15 };

/** Pattern: @keys: of two or three stems, the rarest first; @same, @different: how often posts that share them were found to
 * tell one story, and two; @teacher_a, @teacher_b: the posts that taught it first, as the caller names them */
typedef struct {
  uint32_t keys[PATTERN_STEMS];
  unsigned key_count;
  unsigned same;
  unsigned different;
  uint32_t teacher_a;
  uint32_t teacher_b;
} Pattern;

/** PatternSet: @count patterns that a post holds all stems of. */
typedef struct {
  uint16_t count;
  uint16_t patterns[PATTERNS_HELD];
} PatternSet;

typedef struct Patterns Patterns;

/** patterns_new: none yet. Returns: (transfer full) */
Patterns *patterns_new(void);

/** patterns_free: NULL-safe. */
void patterns_free(Patterns *patterns);

/** patterns_count: how many there are */
guint patterns_count(const Patterns *patterns);

/** patterns_get: @index: below patterns_count(). Returns: (transfer none): until the next one is opened */
const Pattern *patterns_get(const Patterns *patterns, guint index);

/** patterns_open: a pattern of the rarest stems that @a and @b share, unless they share too few rare ones, it is there already,
 * or there are PATTERNS_MAX. Nothing is counted yet. */
void patterns_open(Patterns *patterns, const Fingerprint *a, const Fingerprint *b, uint32_t teacher_a, uint32_t teacher_b);

/** patterns_hold: Returns: those of whose stems none is missing in @fingerprint; PATTERNS_HELD at most */
PatternSet patterns_hold(const Patterns *patterns, const Fingerprint *fingerprint);

/** patterns_teach: counts, for each pattern that both posts hold, that they tell one story or two. @weight: how often it counts
 */
void patterns_teach(Patterns *patterns, const PatternSet *a, const PatternSet *b, bool is_same, unsigned weight);

/** patterns_strongest: Returns: (nullable): of those that both posts hold the one that shifts most */
const Pattern *patterns_strongest(const Patterns *patterns, const PatternSet *a, const PatternSet *b);

/** pattern_confidence: Returns: how probable it is that posts which share its stems tell one story, above 0 and below 1; it
 * falls towards a half, and beyond, where it is contradicted */
double pattern_confidence(const Pattern *pattern);

/** pattern_shift: Returns: what it adds to the log-odds of a likeness, above -1 and below 1 */
double pattern_shift(const Pattern *pattern);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Patterns, patterns_free)
