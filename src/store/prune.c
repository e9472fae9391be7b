#include "store/prune.h"

#include "store/rows.h"

enum { REPLY_DAYS = 7 };

static const int64_t DAY_MS = INT64_C(24) * 3600 * 1000;

/* When the run @run_id (a column) had its now; a run that is gone is older than all. */
#define RUN_NOW(run_id) "coalesce((SELECT now_ms FROM runs WHERE id = " run_id "), 0)"

/* What was scored since then will be written: stories_to_write(). */
#define LAST_GENERATE "coalesce((SELECT max(run_id) FROM stages WHERE name = 'generate'), 0)"

/* What an unfinished run was told stays. */
#define IS_OVER "run_id NOT IN (SELECT id FROM runs WHERE state = 'running')"

#define HAS_ARTICLE(story_id) "EXISTS(SELECT 1 FROM articles a WHERE a.story_id = " story_id ")"

/**
 * Rule: rows that go.
 * @name: (nullable): what is counted; NULL for what goes with the rule before
 * @what: (nullable): the same for people, as of #PruneCount
 * @sql: with ?1 for the time before which a row is old
 * @days: after which it is; 0 where @sql has no ?1: what nothing names any more
 */
typedef struct {
  const char *name;
  const char *what;
  const char *sql;
  int64_t days;
} Rule;

/* In this order: what names a row goes before it. */
static const Rule RULES[] = {
    {"exchanges", "replies that were fetched", "DELETE FROM exchanges WHERE as_of_ms < ?1 AND kind <> 'llm' AND " IS_OVER,
     REPLY_DAYS},
    {"calls", "answers of language models that were paid",
     "DELETE FROM exchanges WHERE as_of_ms < ?1 AND kind = 'llm' AND " IS_OVER, 90},
    {"bodies", "contents that no reply has any more",
     "DELETE FROM bodies WHERE NOT EXISTS(SELECT 1 FROM exchanges e WHERE e.body_sha256 = bodies.sha256)", 0},
    {"engagement", "counts of points and comments, the latest of a post stay, taken",
     "DELETE FROM engagement WHERE " RUN_NOW(
         "run_id") " < ?1"
                   " AND run_id < (SELECT max(run_id) FROM engagement latest WHERE latest.item_id = engagement.item_id)",
     30},
    {"items", "posts of stories without an article, last seen",
     "DELETE FROM items WHERE " RUN_NOW(
         "last_run") " < ?1"
                     " AND NOT EXISTS(SELECT 1 FROM members m WHERE m.item_id = items.id AND (" HAS_ARTICLE(
                         "m.story_id") " OR EXISTS(SELECT 1 FROM members o JOIN items i ON i.id = o.item_id WHERE o.story_id = "
                                       "m.story_id AND " RUN_NOW("i.last_run") " >= ?1)))",
     180},
    {"texts", "texts of posts that have an article, which stays, last seen",
     "UPDATE items SET text = '', author = '', links = '[]', extra = NULL WHERE " RUN_NOW(
         "last_run") " < ?1"
                     " AND (text <> '' OR author <> '' OR links <> '[]' OR extra IS NOT NULL)"
                     " AND EXISTS(SELECT 1 FROM members m WHERE m.item_id = items.id AND " HAS_ARTICLE("m.story_id") ")",
     180},
    {NULL, NULL,
     "DELETE FROM scores WHERE NOT EXISTS(SELECT 1 FROM members m WHERE m.story_id = scores.story_id)"
     " AND NOT " HAS_ARTICLE("scores.story_id"),
     0},
    {"pages", "pages read for stories without an article that changed last",
     "DELETE FROM story_evidence WHERE NOT " HAS_ARTICLE(
         "story_evidence.story_id") " AND (SELECT updated_ms FROM stories WHERE id = story_evidence.story_id) < ?1"
                                    " AND NOT EXISTS(SELECT 1 FROM scores c WHERE c.story_id ="
                                    " story_evidence.story_id AND c.run_id > " LAST_GENERATE ")",
     7},
    {"comments", "comments on stories that were read", "DELETE FROM story_evidence WHERE kind = 'comment' AND fetched_ms < ?1",
     REPLY_DAYS},
    {NULL, NULL, "DELETE FROM evidence WHERE NOT EXISTS(SELECT 1 FROM story_evidence s WHERE s.sha256 = evidence.sha256)", 0},
    {"stories", "stories without posts and without an article that changed last",
     "DELETE FROM stories WHERE updated_ms < ?1 AND merged_into IS NULL AND NOT " HAS_ARTICLE(
         "stories.id") " AND NOT EXISTS(SELECT 1 FROM members m WHERE m.story_id = stories.id)"
                       " AND NOT EXISTS(SELECT 1 FROM story_evidence s WHERE s.story_id = stories.id)"
                       " AND NOT EXISTS(SELECT 1 FROM stories alias WHERE alias.merged_into = stories.id)",
     30},
    {"drops", "notes on posts that were left out", "DELETE FROM drops WHERE " RUN_NOW("run_id") " < ?1", 30},
    {"failures", "failures that were noted", "DELETE FROM failures WHERE " RUN_NOW("run_id") " < ?1", 30},
    {"runs", "notes on runs that began",
     "DELETE FROM runs WHERE now_ms < ?1 AND state <> 'running'"
     " AND NOT EXISTS(SELECT 1 FROM ledger l WHERE l.run_id = runs.id)"
     " AND id <> " LAST_GENERATE,
     180},
};

static bool
apply(Store *store, const Rule *rule, int64_t now_ms, int64_t *ret_removed, GError **error)
{
  bool is_done = rule->days > 0 ? store_run(store, error, rule->sql, "i", now_ms - rule->days * DAY_MS)
                                : store_run(store, error, rule->sql, "");
  if (!is_done)
    return false;
  Rows *rows = store_select(store, "SELECT changes()", "");
  *ret_removed = rows_next(rows) ? rows_int(rows, 0) : 0;
  return rows_end(rows, error);
}

PruneCount *
prune_run(Store *store, int64_t now_ms, bool is_trial, GError **error)
{
  g_autofree PruneCount *counts = g_new0(PruneCount, G_N_ELEMENTS(RULES) + 1);
  if (!store_begin(store, true, error))
    return NULL;
  size_t count = 0;
  for (size_t i = 0; i < G_N_ELEMENTS(RULES); i++) {
    int64_t removed = 0;
    if (!apply(store, &RULES[i], now_ms, &removed, error)) {
      store_rollback(store);
      return NULL;
    }
    if (RULES[i].name != NULL)
      counts[count++] = (PruneCount){.name = RULES[i].name, .what = RULES[i].what, .days = RULES[i].days, .removed = removed};
  }
  if (is_trial)
    store_rollback(store);
  else if (!store_commit(store, error))
    return NULL;
  return g_steal_pointer(&counts);
}

bool
prune_is_due(Store *store, int64_t now_ms, GError **error)
{
  Rows *rows = store_select(store, "SELECT as_of_ms FROM exchanges WHERE kind <> 'llm' ORDER BY id LIMIT 1", "");
  bool is_due = rows_next(rows) && rows_int(rows, 0) < now_ms - (REPLY_DAYS + 1) * DAY_MS;
  return rows_end(rows, error) && is_due;
}

bool
prune_compact(Store *store, GError **error)
{
  store_forget_statements(store);
  return store_execute(store, "VACUUM; PRAGMA wal_checkpoint(TRUNCATE)", error);
}
