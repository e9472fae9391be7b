/*
 * Retention: what no run will ask for again is removed.
 */
#pragma once

#include "store/store.h"

/**
 * PruneCount: @removed rows of @name, such as "exchanges".
 * @what: the same for people, ready for "more than @days days ago" where @days is not 0
 */
typedef struct {
  const char *name;
  const char *what;
  int64_t days;
  int64_t removed;
} PruneCount;

/**
 * prune_run:
 * @now_ms: what ages are measured from: the now of a run
 * @is_trial: counts only, and removes nothing
 *
 * Replies and comments 7 days after they were fetched, replies of language models 90 days, the pages of stories without an
 * article 7 days after the story changed, engagement but the latest, failures and what was left out 30 days, runs and posts not
 * seen for 180 days. Of a story with an article the posts stay with ids, addresses and titles; articles and their evidence, and
 * all money, stay for good. What an unfinished run was told stays, and the pages of what is still to be written. In one
 * transaction.
 *
 * Returns: (transfer full) (array zero-terminated=1) (nullable): one a kind, ended by a nameless one; free with g_free()
 */
PruneCount *prune_run(Store *store, int64_t now_ms, bool is_trial, GError **error);

/** prune_is_due: whether a day has passed since the oldest reply could go, so that it is worth the look at all rows. Returns:
 * false on error, too */
bool prune_is_due(Store *store, int64_t now_ms, GError **error);

/** prune_compact: hands the file's free pages back to the disk, which takes as long as copying the file. */
bool prune_compact(Store *store, GError **error);
