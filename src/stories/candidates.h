/*
 * Which posts are worth comparing: those that share a link, or two things, rare stems or parts of their heads' letters. An
 * index in memory to which posts are added one by one.
 */
#pragma once

#include "stories/fingerprint.h"

typedef struct Candidates Candidates;

/** candidates_new: Returns: (transfer full): nothing in it */
Candidates *candidates_new(void);

/** candidates_free: NULL-safe. */
void candidates_free(Candidates *candidates);

/** candidates_add: the fingerprint is read, not kept. Returns: its position: 0, 1 and so on */
uint32_t candidates_add(Candidates *candidates, const Fingerprint *fingerprint);

/** CANDIDATES_MAX: so many are found at most; CANDIDATES_KEYS: by so many of its stems, bands and links a post is known.
 */
enum { CANDIDATES_MAX = 24, CANDIDATES_KEYS = 28 + FINGERPRINT_LINKS };

/** CandidateSearch: what one thread needs while it searches. */
typedef struct CandidateSearch CandidateSearch;

/** candidate_search_new: Returns: (transfer full) */
CandidateSearch *candidate_search_new(void);

/** candidate_search_free: NULL-safe. */
void candidate_search_free(CandidateSearch *search);

/**
 * candidates_find:
 * @fingerprint: of a post, in the index or not
 * @before: only posts of lower positions are found
 * @ret_positions: (out): the most promising first, at most CANDIDATES_MAX
 *
 * Thread: may be called at once while nothing is added, each thread with a search of its own.
 *
 * Returns: how many
 */
unsigned candidates_find(const Candidates *candidates, CandidateSearch *search, const Fingerprint *fingerprint, uint32_t before,
                         uint32_t ret_positions[CANDIDATES_MAX]);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Candidates, candidates_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(CandidateSearch, candidate_search_free)
