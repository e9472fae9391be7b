/*
 * The answer a story's prompt asks for: its JSON Schema, and our own check of what came. Thread: pure.
 */
#pragma once

#include "base/json.h"
#include "llm/prompt.h"
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
 * @answer: of a model, to @prompt
 *
 * Texts are cleaned and cut. None may hold an address, nor name a host that the prompt does not: links come from sources
 * alone. All are in English or in a language of the sources, as far as that can be told.
 *
 * Returns: (transfer full) (nullable). Errors: BAD_DATA, in words that the model can mend it by
 */
Verdict *verdict_read(const char *answer, const Prompt *prompt, GError **error);

/** verdict_free: NULL-safe. */
void verdict_free(Verdict *verdict);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Verdict, verdict_free)
