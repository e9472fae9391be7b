/*
 * The posts of one batch while they are grouped, for the files of stories/cluster.h alone. A post is named by its position:
 * those of existing stories stand first, those of the oldest story first of all, then the new ones by time.
 */
#pragma once

#include "stories/agglomerate.h"
#include "stories/cluster.h"
#include "stories/patterns.h"

/** WINDOW_MS: posts further apart are not compared by text. */
static const int64_t WINDOW_MS = 14LL * 24 * 60 * 60 * 1000;

/**
 * Member:
 * @known: (nullable): NULL for a new item
 * @time_ms: when it was published, never unknown and never in the future
 * @is_recent: whether it is compared by text: new, or published within WINDOW_MS
 * @voice: the first post of its group that is about the same page or has the same head, itself where none is: they speak once
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
  uint32_t voice;
  bool is_recent;
} Member;

/** BOND_STORY: they are members of one existing story. */
extern const char BOND_STORY[];

/** Batch: @members: @count of them; @groups: how many they are in; @patterns, @held: (nullable): what was learned, and what of
 * it each post holds */
typedef struct {
  const ClusterSpec *spec;
  Member *members;
  uint32_t count;
  uint32_t groups;
  Patterns *patterns;
  PatternSet *held;
} Batch;

/** PostPair: two posts of different groups that were compared, @a before @b. @likeness: as what was learned shifts it;
 * @untaught: without; @veto: (nullable): why they never tell one story */
typedef struct {
  uint32_t a;
  uint32_t b;
  double likeness;
  double untaught;
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

/** batch_compare: @a, @b: positions, in any order */
PostPair batch_compare(const Batch *batch, uint32_t a, uint32_t b);

/** batch_learn: sets what the batch's corrections and shared links teach, where they teach anything */
void batch_learn(Batch *batch);

/** batch_pattern: Returns: (nullable): what was learned that counts for two posts */
const Pattern *batch_pattern(const Batch *batch, uint32_t a, uint32_t b);

/** batch_pairs: compares what is worth it. Returns: (transfer full) (element-type PostPair): those that may be one story or
 * must not; the same for any number of threads */
GArray *batch_pairs(const Batch *batch);

/** batch_join: @pairs: as batch_pairs() found them; @parted: pairs of groups that must not become one, the smaller in the high
 * half, as a set. Returns: (transfer full): which groups are one */
Agglomeration *batch_join(const Batch *batch, const GArray *pairs, GHashTable *parted);
