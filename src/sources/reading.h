/*
 * What all sources need to read their replies. Private to this layer. Thread: all functions are pure.
 */
#pragma once

#include "base/json.h"
#include "model/exchange.h"
#include "model/item.h"

/** reading_json_kind: Returns: (transfer none): what @value is, for people: "an object", "a string", "null" */
const char *reading_json_kind(const json_t *value);

/** reading_parse: the value in @json, clean text. Returns: (transfer full) (nullable). Errors: BAD_DATA, also when it holds
 * more values than any honest reply */
json_t *reading_parse(const char *json, GError **error);

/** reading_json: the body of @reply to the request for @url. Returns: (transfer full) (nullable). Errors: the reply's own, or
 * BAD_DATA */
json_t *reading_json(const Reply *reply, const char *url, GError **error);

/** reading_flag: whether @key of @object is true. */
bool reading_flag(const json_t *object, const char *key);

/** reading_add_failure: appends to @batch; @input is (nullable), @length bytes. */
void reading_add_failure(ItemBatch *batch, const GError *error, const char *input, size_t length);

/** reading_cap_failures: keeps the first of @batch's failures, which the reply to the request for @url caused, and counts the
 * others in one more: what a stranger gets wrong a thousand times needs no thousand rows. */
void reading_cap_failures(ItemBatch *batch, const char *url);

/** reading_add_item: appends @item (transfer full) to @batch, or leaves it out where its engagement is known and below
 * @min_engagement. */
void reading_add_item(ItemBatch *batch, Item *item, int64_t min_engagement);

/** reading_title: @line (transfer full) cut to %ITEM_MAX_TITLE_CHARS. Returns: (transfer full) */
char *reading_title(char *line);

/** reading_text: @text (transfer full) cut to %ITEM_MAX_TEXT_BYTES at a character. Returns: (transfer full) */
char *reading_text(char *text);
