/*
 * Which posts tell one story. Pure: the same batch gives the same stories in any order.
 */
#pragma once

#include "model/item.h"

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

/**
 * Membership: an item's place.
 * @item_id: the new item
 * @story_id: the story it joins, an existing or a founded one
 * @is_founding: it belongs to the batch that founded @story_id
 * @probability: 1 for a shared link, else the similarity that decided, rounded to 1e-6; 1 for the first of a story
 * @rule: "founded", "link" or "text"
 * @nearest: (nullable): id of the member it was joined by
 */
typedef struct {
  char *item_id;
  char *story_id;
  bool is_founding;
  double probability;
  const char *rule;
  char *nearest;
} Membership;

/**
 * KnownItem: a member of an existing story, as the store has it.
 * @item: (transfer none)
 * @story_id: (transfer none)
 * @founded_ms: of the story
 */
typedef struct {
  const Item *item;
  const char *story_id;
  int64_t founded_ms;
} KnownItem;

/**
 * cluster_items:
 * @new_items: (element-type Item): the batch, in any order; none is a member of a story yet
 * @known: (element-type KnownItem): members of the stories that may be joined (any age for a shared link, the last 14 days by
 * text)
 * @taken_ids: ids of all stories that exist, as a set
 * @now_ms: the run's now; stands in for unknown and future publication times
 *
 * A shared canonical link that is no hub joins; else TF-IDF cosine over stems above the measured threshold, within 14 days.
 * New stories get the id of DESIGN section 4.
 *
 * Returns: (transfer full) (element-type Membership): one for each new item, by item id
 */
GPtrArray *cluster_items(const GPtrArray *new_items, const GPtrArray *known, GHashTable *taken_ids, int64_t now_ms);

/** membership_free: NULL-safe. */
void membership_free(Membership *membership);
