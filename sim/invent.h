/*
 * Answers of a language model that is none: JSON by a schema, its words cut from a text, all of it decided by a seed.
 */
#pragma once

#include <glib.h>
#include <jansson.h>

typedef struct Invention Invention;

/**
 * invention_new:
 * @text: where words are cut from
 * @seed: hex digits, 64 at least; the same seed, text and schemas make the same values
 *
 * Returns: (transfer full)
 */
Invention *invention_new(const char *text, const char *seed);

/** invention_free: NULL-safe. */
void invention_free(Invention *invention);

/** invent_words: Returns: (transfer full): from @least to @most words that follow each other in the text */
char *invent_words(Invention *invention, int64_t least, int64_t most);

/**
 * invent_value:
 * @schema: `type` (the first where there are several) with `properties`, `items`, `minItems`, `maxItems`, `minimum`,
 *   `maximum`, `maxLength`; or `enum`, `const`
 *
 * A number is from 0 to 1, an integer from 0 to 10, an array has 1 to 3 entries, unless the schema says otherwise.
 *
 * Returns: (transfer full): null for a schema without a known type, or nested too deep
 */
json_t *invent_value(Invention *invention, const json_t *schema);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Invention, invention_free)
