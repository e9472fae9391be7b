/*
 * Sentences as vectors of their stems (TF-IDF). Thread: pure.
 */
#pragma once

#include "text/background.h"

typedef struct Vectors Vectors;

/**
 * vectors_new:
 * @documents: (element-type GPtrArray): the stems of each, as of tokens_stems()
 * @background: (nullable): how common stems are in English; NULL counts them in @documents instead, as for other languages
 *
 * Returns: (transfer full)
 */
Vectors *vectors_new(const GPtrArray *documents, const Background *background);

/** vectors_free: NULL-safe. */
void vectors_free(Vectors *vectors);

/** vectors_cosines: Returns: (transfer full): the cosine of each of the first @rows documents with each of all, row by row;
 * 0 where one has no stem */
double *vectors_cosines(const Vectors *vectors, size_t rows);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Vectors, vectors_free)
