/*
 * What is known of stems: how rare they are, in English at large and in what the workspace has read, and which of them tell of
 * the same. Made before the work, read-only while it lasts. Thread: all but lexicon_learn() and the constructor are pure and
 * may be called at once.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "text/background.h"

typedef struct Lexicon Lexicon;

/**
 * lexicon_new:
 * @background: of English; outlives it
 * @families: (nullable): data/families-en.txt: words that tell of the same, a family a line, "@" before those that name a
 * place;
 *   `#` begins a comment
 * @counts: (nullable): what lexicon_counts() gave for the posts read so far
 *
 * Returns: (transfer full) (nullable). Errors: BAD_DATA
 */
Lexicon *lexicon_new(const Background *background, const char *families, const char *counts, GError **error);

/** lexicon_free: NULL-safe. */
void lexicon_free(Lexicon *lexicon);

/**
 * lexicon_weigh:
 * @stem: as tokens_stems() makes it, in @language ((nullable): primary subtag; English where NULL)
 *
 * Returns: 0 for what stands everywhere to 1 for what was never met; what no background is there for starts from a middle value
 *   and is moved by the workspace's own posts
 */
double lexicon_weigh(const Lexicon *lexicon, const char *stem, const char *language);

/** lexicon_family: Returns: equal for stems that tell of the same ("kill", "dead"), or that begin alike ("orbit", "orbital") */
uint32_t lexicon_family(const Lexicon *lexicon, const char *stem);

/** lexicon_is_place: Returns: whether stems of the family name a place ("syria", "damascus") */
bool lexicon_is_place(uint32_t family);

/** lexicon_learn: one more post was read; @stems (element-type utf8): its distinct stems */
void lexicon_learn(Lexicon *lexicon, const GPtrArray *stems);

/** lexicon_counts: Returns: (transfer full): JSON: of the commonest 20,000 stems how many posts had each, by hash; each time
 * 20,000 posts were read, all counts are halved */
char *lexicon_counts(const Lexicon *lexicon);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Lexicon, lexicon_free)
