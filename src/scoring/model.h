/*
 * How good a story is: a linear model over measured features. Pure.
 */
#pragma once

#include <glib.h>
#include <stdint.h>

#include "model/story.h"

/**
 * Score:
 * @value: 0 to 1, rounded to 1e-6
 * @reason: one plain sentence that names what carried it
 * @features: a JSON object: each feature with its value, sorted by name
 */
typedef struct {
  double value;
  char *reason;
  char *features;
} Score;

/**
 * model_score:
 * @story: with its members
 * @evidence: (element-type Evidence): pages that were read, perhaps none
 *
 * The age of a post told nothing of its score on the data, so it is no feature.
 *
 * Returns: (transfer full)
 */
Score *model_score(const Story *story, const GPtrArray *evidence);

/** score_free: NULL-safe. */
void score_free(Score *score);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Score, score_free)
