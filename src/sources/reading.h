/*
 * What all sources need to read their replies. Private to this layer. Thread: all functions are pure.
 */
#pragma once

#include "base/json.h"
#include "model/exchange.h"
#include "model/item.h"
#include "model/story.h"

/** reading_json_kind: Returns: (transfer none): what @value is, for people: "an object", "a string", "null" */
const char *reading_json_kind(const json_t *value);

/** reading_parse: the value in @json, clean text. Returns: (transfer full) (nullable). Errors: BAD_DATA, also when it holds
 * more values than any honest reply */
json_t *reading_parse(const char *json, GError **error);

/** reading_json: the body of @reply to the request for @url. Returns: (transfer full) (nullable). Errors: the reply's own, or
 * BAD_DATA */
json_t *reading_json(const Reply *reply, const char *url, GError **error);

/** reading_list: as reading_json(), which must be a list; of what is told by @entries, for people: "statuses". */
json_t *reading_list(const Reply *reply, const char *url, const char *entries, GError **error);

/** reading_url: Returns: (transfer full): @path below @base, whether that ends in a slash or not */
char *reading_url(const char *base, const char *path);

/** reading_flag: whether @key of @object is true. */
bool reading_flag(const json_t *object, const char *key);

/** reading_count: how many @key of @object says, at most 2^31 - 1. Returns: -1 when it does not say */
int64_t reading_count(const json_t *object, const char *key);

/** reading_seconds: the time at @key of @object, told in seconds since 1970. Returns: UTC milliseconds; 0 when there is none */
int64_t reading_seconds(const json_t *object, const char *key);

/** reading_time: as reading_seconds(), of a time told as text (base/time.h). */
int64_t reading_time(const json_t *object, const char *key);

/** reading_line: Returns: (transfer full) (nullable): the text at @key of @object as a clean line, cut as titles are; NULL when
 * there is none */
char *reading_line(const json_t *object, const char *key);

/** reading_tags: Returns: (transfer full): the texts in @list (nullable) as a list of short clean lines */
json_t *reading_tags(const json_t *list);

/** reading_id: Returns: (transfer full): @prefix and @name, which is hashed when it is long: an id is kept for good and
 * repeated in many rows */
char *reading_id(const char *prefix, const char *name);

/** reading_title: @line (transfer full) cut to %ITEM_MAX_TITLE_CHARS. Returns: (transfer full) */
char *reading_title(char *line);

/** reading_text: @text (transfer full) cut to %ITEM_MAX_TEXT_BYTES at a character. Returns: (transfer full) */
char *reading_text(char *text);

/** reading_plain: @text (nullable), a stranger's that is no markup, clean and cut as reading_text() does. Returns: (transfer
 * full): perhaps "" */
char *reading_plain(const char *text);

/** reading_html: as reading_plain(), of markup whose links are appended to @links, as html_to_text() does. */
char *reading_html(const char *html, const char *base_url, GPtrArray *links);

/** reading_set: lets @field be @text (transfer full) (nullable), unless that is NULL. */
void reading_set(char **field, char *text);

/** reading_seen_new: Returns: (transfer full) (element-type utf8): ids of items for reading_add_item(), none so far */
GHashTable *reading_seen_new(void);

/** reading_add_item: appends @item (transfer full) to @batch, or leaves it out where @seen (nullable), the ids so far, has
 * its own already, or its engagement is known and below @min_engagement. */
void reading_add_item(ItemBatch *batch, GHashTable *seen, Item *item, int64_t min_engagement);

/** reading_add_failure: appends to @batch; @input is (nullable), @length bytes. */
void reading_add_failure(ItemBatch *batch, const GError *error, const char *input, size_t length);

/** reading_add_malformed: appends to @batch the @reason why the entry @number of the reply to the request for @url, or the
 * whole of it where that is 0, is malformed; @input (nullable) is that part of it. */
void reading_add_malformed(ItemBatch *batch, const char *url, size_t number, const char *reason, const char *input);

/**
 * reading_add_comment:
 * @comments: (element-type Evidence): of a discussion
 * @url: (transfer full) (nullable): where a reader opens the comment
 * @author: (nullable): who wrote it, which is not kept
 * @html: (nullable): what it says
 * @fetched_ms: when it was read
 *
 * Appends it, cut where it is long, unless nobody finds it at @url, it says next to nothing or a program wrote it.
 */
void reading_add_comment(GPtrArray *comments, char *url, const char *author, const char *html, int64_t fetched_ms);

/**
 * reading_end:
 * @batch: (transfer full): of which the first failures are kept and the others counted in one more, for what a stranger gets
 *   wrong a thousand times needs no thousand rows
 * @url: that was asked
 *
 * Returns: (transfer full) (nullable): @batch. Errors: its first failure when nothing else came of the reply
 */
ItemBatch *reading_end(ItemBatch *batch, const char *url, GError **error);
