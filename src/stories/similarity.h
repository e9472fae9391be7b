/*
 * How alike two posts are: the cosine of their stems, weighted by how rare each stem is among the posts at hand. Pure.
 */
#pragma once

#include <glib.h>

/** SIMILARITY_CUT: from here on two posts tell one story; where it comes from stands in similarity.c. */
extern const double SIMILARITY_CUT;

/** Corpus: posts that are compared with each other, named by their position. */
typedef struct Corpus Corpus;

/**
 * Match: one post that is like another.
 * @document: its position
 * @similarity: 0 to 1
 */
typedef struct {
  guint document;
  double similarity;
} Match;

/** corpus_new: @fingerprints (element-type Fingerprint) are read, not kept. Returns: (transfer full) */
Corpus *corpus_new(const GPtrArray *fingerprints);

/** corpus_free: NULL-safe. */
void corpus_free(Corpus *corpus);

/** corpus_similarity: of the posts at positions @a and @b. Returns: 0 to 1, rounded to 1e-6 */
double corpus_similarity(const Corpus *corpus, guint a, guint b);

/**
 * corpus_matches:
 * @document: a position
 * @at_least: the similarity to reach
 *
 * Finds the posts like @document through the stems they share; stems that more than 5 % of the posts (and more than 50) hold
 * lead to none.
 *
 * Returns: (transfer full) (element-type Match): by position, without @document
 */
GArray *corpus_matches(const Corpus *corpus, guint document, double at_least);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Corpus, corpus_free)
