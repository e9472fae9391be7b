/*
 * Items and their engagement.
 */
#pragma once

#include "model/item.h"
#include "store/store.h"

typedef enum { ITEM_NEW, ITEM_CHANGED, ITEM_SAME } ItemChange;

/**
 * items_merge:
 * @item: as collected in run @run_id
 * @ret_change: (out): whether it was new, or its title, text or links changed
 *
 * Adds or updates in place, and keeps this run's engagement.
 */
bool items_merge(Store *store, int64_t run_id, const Item *item, ItemChange *ret_change, GError **error);

/**
 * items_withdraw:
 *
 * Forgets the item @id (nothing is done when it is not known): its author or a moderator took it back. A story that has other
 * members is told anew without it in run @run_id, though its article's earlier revisions keep what they said; the article of
 * one that has none is emptied and withdrawn.
 */
bool items_withdraw(Store *store, int64_t run_id, const char *id, GError **error);

/** items_read_links: adds those of @json, as a row has them. */
void items_read_links(Item *item, const char *json);

/** items_by_url: whose own or canonical address is @url. Returns: (transfer full) (element-type Item) (nullable): by id */
GPtrArray *items_by_url(Store *store, const char *url, GError **error);

/** items_of_story: Returns: (transfer full) (element-type Item) (nullable): by publication and id, with their newest engagement
 */
GPtrArray *items_of_story(Store *store, const char *story_id, GError **error);

/** items_without_story: new ones that were not grouped yet. Returns: (transfer full) (element-type Item) (nullable): by id */
GPtrArray *items_without_story(Store *store, GError **error);
