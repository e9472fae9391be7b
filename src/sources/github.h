/*
 * A repository as GitHub describes it, and what is remembered of it between runs. Private to this layer. Thread: all functions
 * are pure.
 */
#pragma once

#include "base/json.h"
#include "model/item.h"

/**
 * Repository: an entry of a reply, and what was checked of it.
 * @entry: (transfer none): the whole object
 * @number: its id, which outlives its name
 * @full_name: (transfer none): "owner/name"
 * @stars: -1 when the entry does not say
 */
typedef struct {
  const json_t *entry;
  int64_t number;
  const char *full_name;
  int64_t stars;
} Repository;

/** github_is_full_name: whether @text (nullable) is "owner/name" and nothing else, for it becomes part of addresses. */
bool github_is_full_name(const char *text);

/** github_read_repository: Returns: false when @entry is none, @ret_repository untouched. Errors: BAD_DATA */
bool github_read_repository(const json_t *entry, Repository *ret_repository, GError **error);

/** github_make_id: Returns: (transfer full): its id as of #Item */
char *github_make_id(const Repository *repository);

/** github_find_obstacle: Returns: (transfer none) (nullable): why @repository is no story, whatever its stars: "fork" */
const char *github_find_obstacle(const Repository *repository);

/** github_make_item: an item of the source @key, but for when it was published. Returns: (transfer full) */
Item *github_make_item(const Repository *repository, const char *key);

/**
 * Baseline: what the growth of a repository is measured from.
 * @stars: how many it had
 * @taken_ms: when it had them, UTC
 * @seen_ms: when a reply last held it, UTC
 */
typedef struct {
  int64_t stars;
  int64_t taken_ms;
  int64_t seen_ms;
} Baseline;

/** github_memory_read: what a search remembers of the repositories it saw, so that growth can be told from fame: @text
 * (nullable) as github_memory_write() made it, without what was not seen since @since_ms; empty when @text is broken. Returns:
 * (transfer full) */
json_t *github_memory_read(const char *text, int64_t since_ms);

/** github_memory_find: Returns: false when the repository @number is not known, @ret_baseline untouched */
bool github_memory_find(const json_t *memory, int64_t number, Baseline *ret_baseline);

/** github_memory_keep: @baseline of the repository @number, in the place of what was known. */
void github_memory_keep(json_t *memory, int64_t number, const Baseline *baseline);

/** github_memory_write: forgets the longest unseen beyond the first 1,000. Returns: (transfer full): the same bytes for equal
 * memories */
char *github_memory_write(json_t *memory);
