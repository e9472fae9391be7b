/*
 * Reading foreign JSON with jansson. No json_t is shared by threads.
 */
#pragma once

#include <glib.h>
#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

G_DEFINE_AUTOPTR_CLEANUP_FUNC(json_t, json_decref)

/**
 * json_parse:
 * @bytes: one JSON text
 * @length: its length in bytes
 * @ret_is_repaired: (out) (optional): whether bad UTF-8, a lone surrogate, \u0000 or a number out of range was mended
 *
 * Parses; where jansson refuses the text for a bad character or number that a reader can do without, mends the
 * text and parses once more. A byte order mark before it is skipped. Nesting is bounded by jansson (2048).
 *
 * Returns: (transfer full) (nullable): any JSON value. Errors: BAD_DATA with line, column and reason
 */
json_t *json_parse(const char *bytes, size_t length, bool *ret_is_repaired, GError **error);

/** json_read_text: Returns: (transfer none) (nullable): the string at @key of @object, NULL when absent or no string */
const char *json_read_text(const json_t *object, const char *key);

/** json_read_int: the integer (or a real, or a decimal string, truncated) at @key of @object, else @fallback. */
int64_t json_read_int(const json_t *object, const char *key, int64_t fallback);

/** json_write: Returns: (transfer full): @value compact with sorted keys, the same bytes for equal values */
char *json_write(const json_t *value);
