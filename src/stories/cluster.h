/*
 * Which posts tell one story. Pure: the same batch gives the same stories in any order.
 */
#pragma once

#include <glib.h>
#include <stdint.h>

#include "model/item.h"
#include "stories/likeness.h"

/**
 * Membership: an item's place.
 * @item_id: the new item
 * @story_id: the story it joins, an existing or a founded one
 * @probability: 1 for "founded", "link" and "copy", else the similarity that decided, rounded to 1e-6
 * @rule: "founded" for exactly one member of a founded story, the one its id is made from, and for nobody of an existing story;
 *   else "link" for a shared canonical link, "copy" for the title of another source's post, "text" for like words
 * @nearest: (nullable): id of the member it was joined by; NULL for "founded"
 */
typedef struct {
  char *item_id;
  char *story_id;
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
 * ClusterSpec:
 * @new_items: (element-type Item): the batch, in any order; none is a member of a story yet
 * @known: (element-type KnownItem): members of the stories that may be joined (any age for a shared link, the last 14 days by
 * text)
 * @taken_ids: ids of all stories that exist, as a set
 * @lexicon: what is known of stems
 * @model: how probable it is that two posts tell one story
 * @now_ms: the run's now; stands in for unknown and future publication times
 */
typedef struct {
  const GPtrArray *new_items;
  const GPtrArray *known;
  GHashTable *taken_ids;
  const Lexicon *lexicon;
  const LikenessModel *model;
  int64_t now_ms;
} ClusterSpec;

/**
 * cluster_items:
 *
 * A shared canonical link that is no hub joins; then the same title from another source within 3 days; then likeness: groups
 * whose posts are on average as probably one story as the model's cut says, within 14 days, unless a veto stands between two of
 * them. Existing stories never become one. A new story's id is the first 16 hex digits of the SHA-256 of "<publication in ms>
 * <item id>" of its first post, by time, then id; while the id is taken, " 2", " 3" and so on is appended before hashing.
 *
 * Returns: (transfer full) (element-type Membership): one for each new item, by item id
 */
GPtrArray *cluster_items(const ClusterSpec *spec);

/** membership_free: NULL-safe. */
void membership_free(Membership *membership);
