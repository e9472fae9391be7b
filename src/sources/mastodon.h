/*
 * Entries of Mastodon's lists as items. Private to this layer. Thread: all functions are pure.
 */
#pragma once

#include "base/json.h"
#include "model/item.h"

/** MASTODON_MAX_PARTS: how many of an entry's links, mentions, tags, options, days and fields are looked at; honest ones
 * have dozens.
 */
enum { MASTODON_MAX_PARTS = 200 };

/** mastodon_first_sentence: Returns: (transfer full) (nullable): of @text, the first that is more than an address, cut as
 * titles are */
char *mastodon_first_sentence(const char *text);

/**
 * mastodon_read_status:
 * @entry: of a list of statuses; a boost counts as what it boosts (https://docs.joinmastodon.org/entities/Status/)
 * @instance: the address of the instance that was asked
 * @batch: gets to know what is left out
 *
 * Returns: (transfer full) (nullable): without its source; NULL when it is left out. Errors: BAD_DATA
 */
Item *mastodon_read_status(const json_t *entry, const char *instance, ItemBatch *batch, GError **error);
