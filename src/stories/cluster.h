/*
 * Which posts tell one story. Pure: the same batch gives the same stories in any order.
 */
#pragma once

#include <glib.h>
#include <stdint.h>

#include "model/item.h"
#include "stories/corrections.h"
#include "stories/likeness.h"

/**
 * Learned: a few rare stems that two posts share, and what these taught of others that share them.
 * @item_a, @item_b: the two; people said of them that they tell one story or two, or they share a link
 * @confidence: how probable posts of these stems tell one story
 * @shift: what is added to the log-odds of their likeness, above -1 and below 1
 * @pairs: how many pairs it shifted in this batch
 */
typedef struct {
  char *item_a;
  char *item_b;
  double confidence;
  double shift;
  unsigned pairs;
} Learned;

/**
 * Membership: an item's place.
 * @item_id: the new item
 * @story_id: the story it joins, an existing or a founded one
 * @probability: 1 for "founded", "link" and "copy", else the similarity that decided, rounded to 1e-6
 * @rule: "founded" for exactly one member of a founded story, the one its id is made from, and for nobody of an existing story;
 *   else "correction" for what people said, "link" for a shared canonical link, "copy" for the title of another source's post,
 * "text" for like words
 * @nearest: (nullable): id of the member it was joined by; NULL for "founded"
 * @veto: (nullable): why @apart, the likest post of another story, did not join them: as likeness_veto() says it, "series" for
 *   entries of one title in one feed, "correction" or "learned"
 * @learned: (nullable): what shifted the likeness with @nearest, or, for the veto "learned", with @apart; the outcome's
 */
typedef struct {
  char *item_id;
  char *story_id;
  double probability;
  const char *rule;
  char *nearest;
  const char *veto;
  char *apart;
  const Learned *learned;
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
 * @corrections: (nullable): what people said
 * @threads: so many at most work at once; 0 and 1: the caller's alone
 * @now_ms: the run's now; stands in for unknown and future publication times
 */
typedef struct {
  const GPtrArray *new_items;
  const GPtrArray *known;
  GHashTable *taken_ids;
  const Lexicon *lexicon;
  const LikenessModel *model;
  const Corrections *corrections;
  unsigned threads;
  int64_t now_ms;
} ClusterSpec;

/** Merge: an existing story that is one with an older one, by (founding time, id), from now on. @joining: of the member of
 * @gone_id that did it, in the older one */
typedef struct {
  char *gone_id;
  Membership *joining;
} Merge;

/** ClusterOutcome: @memberships: (element-type Membership): one for each new item, by item id; @merges: (element-type Merge):
 * by @gone_id; @links: (element-type uint32_t): links that spoke for two posts being one story, as fingerprint_keep_links()
 * takes them; @learned: (element-type Learned): all there is, what people said first */
typedef struct {
  GPtrArray *memberships;
  GPtrArray *merges;
  GArray *links;
  GPtrArray *learned;
} ClusterOutcome;

/** cluster_outcome_clear: frees what it holds. */
void cluster_outcome_clear(ClusterOutcome *outcome);

/**
 * cluster_items:
 *
 * First what corrections say; then a shared canonical link that is no hub joins; then the same title from another source within
 * 3 days; then likeness, to which a link in the texts adds that few share and nobody repeats, shifted a little by what
 * corrections and shared links taught of the same rare stems: groups whose posts are on average as probably one story as the
 * model's cut says, within 14 days, unless a veto stands between two of them. Nothing joins what corrections part. An existing
 * story is one group, which is never split; two of them may become one. A new story's id is the first 16 hex digits of the
 * SHA-256 of "<publication in ms> <item id>" of its first post, by time, then id; while the id is taken, " 2", " 3" and so on
 * is appended before hashing.
 */
ClusterOutcome cluster_items(const ClusterSpec *spec);

/** membership_free: NULL-safe. */
void membership_free(Membership *membership);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(ClusterOutcome, cluster_outcome_clear)
