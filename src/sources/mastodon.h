/*
 * Entries of Mastodon's lists as items. Private to this layer. Thread: all functions are pure.
 */
#pragma once

#include "base/json.h"
#include "model/item.h"

/** MASTODON_MAX_PARTS: how many of an entry's links, mentions, tags, options and days are looked at; honest ones have dozens.
 */
enum { MASTODON_MAX_PARTS = 200 };

/** mastodon_line: Returns: (transfer full) (nullable): the text at @key of @object as a clean line, cut as titles are; NULL
 * when there is none */
char *mastodon_line(const json_t *object, const char *key);

/** mastodon_first_sentence: Returns: (transfer full) (nullable): of @text, the first that is more than an address, cut as
 * titles are */
char *mastodon_first_sentence(const char *text);

/** mastodon_id: Returns: (transfer full): @prefix and @name, which is hashed when it is long: an id is kept for good */
char *mastodon_id(const char *prefix, const char *name);

/** mastodon_time: Returns: the time at @key of @object, UTC milliseconds; 0 when there is none */
int64_t mastodon_time(const json_t *object, const char *key);

/** mastodon_set: lets @field be @text (transfer full) (nullable), unless that is NULL. */
void mastodon_set(char **field, char *text);

/**
 * mastodon_read_status:
 * @entry: of a list of statuses; a boost counts as what it boosts (https://docs.joinmastodon.org/entities/Status/)
 * @instance: the address of the instance that was asked
 * @batch: gets to know what is left out
 *
 * Returns: (transfer full) (nullable): without its source; NULL when it is left out. Errors: BAD_DATA
 */
Item *mastodon_read_status(const json_t *entry, const char *instance, ItemBatch *batch, GError **error);
