/*
 * Stories, their members, scores and evidence.
 */
#pragma once

#include "model/story.h"
#include "model/summary.h"
#include "store/store.h"

/**
 * KnownMember: a member as grouping wants to know it.
 * @item: id, source, canonical_url, title, text, language and published_ms only
 */
typedef struct {
  Item *item;
  char *story_id;
  int64_t founded_ms;
} KnownMember;

/** known_member_free: NULL-safe. */
void known_member_free(KnownMember *member);

/**
 * stories_known:
 * @since_ms: members published (or founded) at or after this are wanted for their text
 * @canonical_urls: (element-type utf8): members about one of these are wanted whatever their age, and so are those that people
 *   corrected
 *
 * Returns: (transfer full) (element-type KnownMember) (nullable): by item id
 */
GPtrArray *stories_known(Store *store, int64_t since_ms, const GPtrArray *canonical_urls, GError **error);

/** stories_ids: Returns: (transfer full) (element-type utf8) (nullable): the ids of all stories, as a set */
GHashTable *stories_ids(Store *store, GError **error);

/** stories_add: a founded story without members yet. */
bool stories_add(Store *store, const char *id, int64_t founded_ms, const char *lead_item, GError **error);

/**
 * MemberRow: an item's place in a story.
 * @features: (nullable): a JSON object with what decided
 */
typedef struct {
  const char *item_id;
  const char *story_id;
  double probability;
  const char *rule;
  const char *features;
} MemberRow;

/** stories_add_member: also marks the story as updated at @now_ms. */
bool stories_add_member(Store *store, int64_t run_id, int64_t now_ms, const MemberRow *member, GError **error);

/** stories_load: with its items. Returns: (transfer full) (nullable): NULL without error when there is none */
Story *stories_load(Store *store, const char *id, GError **error);

/** stories_of_item: Returns: (transfer full) (nullable): id of the item's story, NULL without error when it has none */
char *stories_of_item(Store *store, const char *item_id, GError **error);

/** stories_to_enrich: never scored, with a member that is new or changed since the last score, merged or split since then, or
 * with a provisional one, for three days before @now_ms. Returns: (transfer full) (element-type utf8) (nullable): ids, sorted
 */
GPtrArray *stories_to_enrich(Store *store, int64_t now_ms, GError **error);

/**
 * stories_to_write:
 * @run_id: this run
 * @threshold: of the score
 * @limit: of stories without an article
 *
 * Stories scored since the last run that wrote: those with an article, and the best of the others.
 *
 * Returns: (transfer full) (element-type utf8) (nullable): ids, by score (highest first) and id
 */
GPtrArray *stories_to_write(Store *store, int64_t run_id, double threshold, int64_t limit, GError **error);

/**
 * ScoreRow:
 * @predicted: by our own model, @given: by a language model; NAN when none gave one
 * @provider: who is behind it, as the configuration names it
 * @is_provisional: a language model was to give one and did not
 * @features: a JSON object
 */
typedef struct {
  const char *story_id;
  double predicted;
  double given;
  const char *reason;
  const char *provider;
  bool is_provisional;
  const char *features;
} ScoreRow;

/** stories_add_score: the score of this run. Where it is provisional, as the one before, and nothing new was said of the story
 * since, that one stays: the story has no news. */
bool stories_add_score(Store *store, int64_t run_id, const ScoreRow *score, GError **error);

/** stories_score: the latest score. Returns: false on error; @ret_score is NAN when there is none; @ret_reason (out) (optional)
 * (transfer full) */
bool stories_score(Store *store, const char *story_id, double *ret_score, char **ret_reason, GError **error);

/** stories_prediction: what the latest score was predicted to be and of what: @ret_features (out) (transfer full) (nullable):
 * JSON text. Returns: false on error; @ret_predicted is NAN when there is none */
bool stories_prediction(Store *store, const char *story_id, double *ret_predicted, char **ret_features, GError **error);

/** stories_set_evidence: replaces what is kept of a story's pages and of the comments on it by @pages and @comments
 * (element-type Evidence), in their order. */
bool
stories_set_evidence(Store *store, const char *story_id, const GPtrArray *pages, const GPtrArray *comments, GError **error);

/** stories_evidence: Returns: (transfer full) (element-type Evidence) (nullable): its pages, by rank */
GPtrArray *stories_evidence(Store *store, const char *story_id, GError **error);

/** stories_set_summary: replaces what was found out about a story. */
bool stories_set_summary(Store *store, const char *story_id, const Summary *summary, GError **error);

/** stories_summary: Returns: (transfer full) (nullable): an empty one when nothing was found out yet */
Summary *stories_summary(Store *store, const char *story_id, GError **error);

/**
 * StoryLine: a story in a list.
 * @score: NAN when there is none
 * @slug: (nullable): of its article
 */
typedef struct {
  char *id;
  char *title;
  int64_t members;
  int64_t updated_ms;
  double score;
  char *slug;
} StoryLine;

/** story_line_free: NULL-safe. */
void story_line_free(StoryLine *line);

/** stories_list: the newest @limit stories. Returns: (transfer full) (element-type StoryLine) (nullable): by update (newest
 * first), score (highest first) and id */
GPtrArray *stories_list(Store *store, int64_t limit, GError **error);

/** MemberInfo: how a member came in. */
typedef struct {
  char *item_id;
  double probability;
  char *rule;
  char *features;
} MemberInfo;

/** member_info_free: NULL-safe. */
void member_info_free(MemberInfo *info);

/** stories_members: Returns: (transfer full) (element-type MemberInfo) (nullable): by item id */
GPtrArray *stories_members(Store *store, const char *story_id, GError **error);
