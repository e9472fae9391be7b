/*
 * How alike two posts are: the cosine of their stems, weighted by how rare each stem is among the posts at hand. Posts of
 * different sources may be as alike as their heads are, for one often has a long text and the other none. Pure.
 */
#pragma once

#include <glib.h>

/** SIMILARITY_CUT: from here on two posts tell one story; where it comes from stands in similarity.c. */
extern const double SIMILARITY_CUT;

/** Corpus: posts that are compared with each other, named by their position. */
typedef struct Corpus Corpus;

/** corpus_new: @fingerprints (element-type Fingerprint) are read, not kept. Returns: (transfer full) */
Corpus *corpus_new(const GPtrArray *fingerprints);

/** corpus_free: NULL-safe. */
void corpus_free(Corpus *corpus);

/** corpus_similarity: of the posts at positions @a and @b. Returns: 0 to 1, rounded to 1e-6 */
double corpus_similarity(const Corpus *corpus, guint a, guint b);

/**
 * corpus_candidates:
 * @document: a position
 *
 * The posts worth comparing with @document: those its rarest stems lead to, and those whose rarest stems lead to it. A post
 * leads to a hundred others at most, however many hold its stems.
 *
 * Returns: (transfer full) (element-type guint): ascending, without @document
 */
GArray *corpus_candidates(const Corpus *corpus, guint document);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Corpus, corpus_free)
