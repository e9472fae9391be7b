/*
 * The posts of one batch while they are grouped, for the files of stories/cluster.h alone. A post is named by its position:
 * those of existing stories stand first, those of the oldest story first of all, then the new ones by time.
 */
#pragma once

#include "stories/cluster.h"

/**
 * Member:
 * @known: (nullable): NULL for a new item
 * @time_ms: when it was published, never unknown and never in the future
 * @is_recent: whether it is compared by text
 * @anchor: the post it is bound to, itself where none is
 * @bond: (nullable): the rule that binds it to @anchor, BOND_STORY within an existing story, NULL for none
 * @group: of the posts that are bound, numbered in the order of their first ones
 */
typedef struct {
  const Item *item;
  const KnownItem *known;
  int64_t time_ms;
  Fingerprint *fingerprint;
  const char *bond;
  uint32_t anchor;
  uint32_t group;
  bool is_recent;
} Member;

/** BOND_STORY: they are members of one existing story. */
extern const char BOND_STORY[];

/** Batch: @members: @count of them; @groups: how many they are in */
typedef struct {
  const ClusterSpec *spec;
  Member *members;
  uint32_t count;
  uint32_t groups;
} Batch;

/** PostPair: two posts of different groups that were compared, @a before @b. @veto: (nullable): why they never tell one story
 */
typedef struct {
  uint32_t a;
  uint32_t b;
  double likeness;
  const char *veto;
} PostPair;

/**
 * batch_bind: binds by existing stories, corrections, links and copies, in this order, and numbers the groups.
 *
 * Returns: (transfer full) (element-type guint64): pairs of posts whose groups must not become one, a post in each half, sorted
 */
GArray *batch_bind(Batch *batch);

/** batch_keep_links: drops the links of all posts that tell nothing: those of one group alone, of many groups, or that one
 * author or feed gives to several. After batch_bind(). Returns: (transfer full) (element-type uint32_t): those that are kept,
 * ascending */
GArray *batch_keep_links(Batch *batch);

/** batch_pairs: compares what is worth it. Returns: (transfer full) (element-type PostPair): those that may be one story or
 * must not; the same for any number of threads */
GArray *batch_pairs(const Batch *batch);
