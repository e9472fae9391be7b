/*
 * Rules that change answers: faults written by a test, and what a world says of its own pages.
 * README.md has the form of a rule. Thread: the caller locks.
 */
#pragma once

#include "answer.h"

#include <jansson.h>

typedef struct Script Script;

/**
 * script_new:
 * @rules: a list of rules, copied
 * @name: where they come from, for messages
 *
 * Returns: (transfer full) (nullable). Errors: BAD_DATA `faults.json: rule 2: unknown key "delay"; known: ...`
 */
Script *script_new(const json_t *rules, const char *name, GError **error);

/** script_parse: as script_new(), from JSON text. Returns: (transfer full) (nullable) */
Script *script_parse(const char *text, size_t length, const char *name, GError **error);

/** script_free: NULL-safe. */
void script_free(Script *script);

/** script_rewind: gives every rule its uses back. */
void script_rewind(Script *script);

/**
 * script_apply:
 *
 * The first rule that fits @asked and has uses left changes @answer.
 *
 * Returns: (transfer none) (nullable): the name of what it did, such as "delay_ms"; NULL when no rule fits
 */
const char *script_apply(Script *script, const Asked *asked, Answer *answer);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Script, script_free)
