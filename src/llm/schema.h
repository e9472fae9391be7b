/*
 * The answer a story's prompt asks for: its JSON Schema, and our own check of what came. Thread: pure.
 */
#pragma once

#include "base/json.h"
#include "model/summary.h"

#include <glib.h>

/**
 * Verdict: what a model makes of a story.
 * @score: 0 to 1
 * @reason: one line
 * @summary: topics, perhaps none, and sentences; no statements
 */
typedef struct {
  double score;
  char *reason;
  Summary *summary;
} Verdict;

/** verdict_schema: for a prompt with @sources numbered sources. Returns: (transfer full): in the subset that all endpoints
 * know: no bounds, every property required */
json_t *verdict_schema(guint sources);

/**
 * verdict_read:
 * @answer: of a model
 * @urls: (element-type utf8): where the source of each number is read; number 1 is the first
 *
 * Texts are cleaned and cut. None may hold an address: links come from sources alone.
 *
 * Returns: (transfer full) (nullable). Errors: BAD_DATA, in words that the model can mend it by
 */
Verdict *verdict_read(const char *answer, const GPtrArray *urls, GError **error);

/** verdict_free: NULL-safe. */
void verdict_free(Verdict *verdict);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Verdict, verdict_free)
