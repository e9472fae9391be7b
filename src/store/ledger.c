#include "store/ledger.h"

#include "store/rows.h"

#include <string.h>

static const char *const STATE_NAMES[] = {"open", "answered", "unbilled", "lost"};

const char *
ledger_state_name(LedgerState state)
{
  return STATE_NAMES[state];
}

/* What is open was charged in full when it was reserved, so that a sum is a sum whatever became of its rows. */
int64_t
ledger_reserve(Store *store, const ExchangeKey *key, const Expense *expense, GError **error)
{
  const char *subject = strchr(key->job, ':');
  g_assert(subject != NULL);
  g_autofree char *stage = g_strndup(key->job, (size_t) (subject - key->job));
  Rows *rows = store_select(
      store,
      "INSERT INTO ledger(run_id, job, stage, story_id, provider, model, purpose, input_tokens, output_tokens,"
      " reserved, charged, state, pass, ordinal)"
      " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?10, 'open', ?11, ?12) RETURNING id",
      "issssssiiiii", key->run_id, key->job, stage, subject + 1, expense->provider, expense->model, expense->purpose,
      expense->input_tokens, expense->output_tokens, expense_worst_micros(expense), key->pass, key->ordinal);
  int64_t id = rows_next(rows) ? rows_int(rows, 0) : -1;
  return rows_end(rows, error) ? id : -1;
}

bool
ledger_settle(Store *store, int64_t id, const Payment *payment, GError **error)
{
  return store_run(store, error,
                   "UPDATE ledger SET state = ?2, input_tokens = ?3, output_tokens = ?4, charged = ?5, latency_ms = ?6"
                   " WHERE id = ?1 AND state = 'open'",
                   "isiiii", id, ledger_state_name(payment->state), payment->input_tokens, payment->output_tokens,
                   payment->charged, payment->latency_ms);
}

bool
ledger_link(Store *store, int64_t id, const ExchangeKey *key, GError **error)
{
  return store_run(store, error,
                   "UPDATE ledger SET exchange_id = (SELECT id FROM exchanges"
                   " WHERE run_id = ?2 AND job = ?3 AND pass = ?4 AND ordinal = ?5) WHERE id = ?1",
                   "iisii", id, key->run_id, key->job, key->pass, key->ordinal);
}

/* An answer that came from another's exchange has the same request. */
bool
ledger_judge(Store *store, int64_t run_id, const char *job, bool is_used, GError **error)
{
  return store_run(store, error,
                   "WITH told AS (SELECT request_sha256, pass, ordinal FROM exchanges"
                   "  WHERE run_id = ?1 AND job = ?2 AND kind = 'llm' AND source <> 'error')"
                   " UPDATE ledger SET outcome = iif(?3 AND (SELECT request_sha256 FROM exchanges WHERE id = exchange_id) ="
                   "  (SELECT request_sha256 FROM told ORDER BY pass DESC, ordinal DESC LIMIT 1), 'used', 'failed')"
                   " WHERE state = 'answered' AND outcome IS NULL AND exchange_id IN"
                   "  (SELECT id FROM exchanges WHERE request_sha256 IN (SELECT request_sha256 FROM told))",
                   "isi", run_id, job, (int64_t) is_used);
}

bool
ledger_lose_open(Store *store, GError **error)
{
  return store_run(store, error, "UPDATE ledger SET state = 'lost' WHERE state = 'open'", "");
}

/* Takes @rows, of one number. */
static int64_t
read_sum(Rows *rows, GError **error)
{
  int64_t sum = rows_next(rows) ? rows_int(rows, 0) : 0;
  return rows_end(rows, error) ? sum : -1;
}

int64_t
ledger_spent(Store *store, int64_t from_ms, int64_t until_ms, GError **error)
{
  return read_sum(store_select(store,
                               "SELECT sum(charged) FROM ledger JOIN runs ON runs.id = run_id"
                               " WHERE now_ms >= ?1 AND now_ms < ?2",
                               "ii", from_ms, until_ms),
                  error);
}

int64_t
ledger_spent_in_run(Store *store, int64_t run_id, const char *stage, GError **error)
{
  return read_sum(store_select(store, "SELECT sum(charged) FROM ledger WHERE run_id = ?1 AND (?2 IS NULL OR stage = ?2)", "is",
                               run_id, stage),
                  error);
}

GHashTable *
ledger_by_job(Store *store, int64_t run_id, GError **error)
{
  g_autoptr(GHashTable) charges = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
  Rows *rows = store_select(store,
                            "SELECT job, sum(charged) FROM ledger"
                            " WHERE run_id = ?1 AND NOT (state = 'lost' AND latency_ms IS NULL) GROUP BY job",
                            "i", run_id);
  while (rows_next(rows)) {
    const int64_t charged = rows_int(rows, 1);
    g_hash_table_insert(charges, g_strdup(rows_text(rows, 0)), g_memdup2(&charged, sizeof charged));
  }
  return rows_end(rows, error) ? g_steal_pointer(&charges) : NULL;
}

const char *const LEDGER_GROUPINGS[] = {"day", "stage", "model", "outcome", NULL};

/* Every try of runs with a now from ?1. Whether a story is another's is known only later, and may be taken back. */
#define TRIES                                                                                                                  \
  "WITH tries AS (SELECT ledger.id AS id, ledger.run_id AS run, now_ms, date(now_ms / 1000, 'unixepoch') AS day, stage, "      \
  "story_id,"                                                                                                                  \
  " provider, model, purpose, input_tokens, output_tokens, reserved, charged, latency_ms, ledger.state AS state,"              \
  " CASE WHEN ledger.state <> 'answered' THEN ledger.state WHEN outcome = 'used' AND merged_into IS NOT NULL THEN 'duplicate'" \
  " ELSE coalesce(outcome, 'unused') END AS outcome"                                                                           \
  " FROM ledger JOIN runs ON runs.id = run_id LEFT JOIN stories ON stories.id = story_id WHERE now_ms >= ?1) "

/* Takes @rows. */
static json_t *
read_objects(Rows *rows, GError **error)
{
  g_autoptr(json_t) list = json_array();
  while (rows_next(rows))
    json_array_append_new(list, rows_object(rows));
  return rows_end(rows, error) ? g_steal_pointer(&list) : NULL;
}

json_t *
ledger_sums(Store *store, const char *by, int64_t from_ms, GError **error)
{
  g_autofree char *key = by != NULL ? g_strconcat(by, ", ", NULL) : g_strdup("");
  g_autofree char *sql = g_strconcat(TRIES "SELECT ", key,
                                     "count(*) FILTER (WHERE state = 'answered') AS calls,"
                                     " coalesce(sum(input_tokens) FILTER (WHERE state = 'answered'), 0) AS input_tokens,"
                                     " coalesce(sum(output_tokens) FILTER (WHERE state = 'answered'), 0) AS output_tokens,"
                                     " CAST(round(avg(latency_ms) FILTER (WHERE state = 'answered')) AS INTEGER) AS latency_ms,"
                                     " coalesce(sum(charged), 0) AS cost_micros,"
                                     " coalesce(sum(charged) FILTER (WHERE outcome = 'used'), 0) AS useful_micros,"
                                     " count(*) FILTER (WHERE state = 'lost') AS lost_calls,"
                                     " coalesce(sum(charged) FILTER (WHERE state = 'lost'), 0) AS lost_micros,"
                                     " count(*) FILTER (WHERE state = 'unbilled') AS unbilled_calls"
                                     " FROM tries",
                                     by != NULL ? " GROUP BY 1 ORDER BY 1" : "", NULL);
  return read_objects(store_select(store, sql, "i", from_ms), error);
}

int64_t
ledger_spared(Store *store, int64_t from_ms, GError **error)
{
  Rows *rows = store_select(store,
                            "SELECT coalesce(sum(s.counts ->> '$.spared'), 0) FROM stages s JOIN runs r ON r.id = s.run_id"
                            " WHERE r.now_ms >= ?1",
                            "i", from_ms);
  int64_t spared = rows_next(rows) ? rows_int(rows, 0) : -1;
  return rows_end(rows, error) ? spared : -1;
}

json_t *
ledger_calls(Store *store, int64_t from_ms, GError **error)
{
  return read_objects(
      store_select(store,
                   TRIES "SELECT strftime('%Y-%m-%dT%H:%M:%SZ', now_ms / 1000, 'unixepoch') AS now, run, stage,"
                         " story_id AS story, provider, model, purpose, input_tokens, output_tokens,"
                         " reserved AS reserved_micros, charged AS cost_micros, latency_ms, outcome FROM tries ORDER BY id",
                   "i", from_ms),
      error);
}

bool
ledger_last_days(Store *store, int64_t until_ms, int64_t most, LedgerDays *ret_days, GError **error)
{
  Rows *rows = store_select(store,
                            "SELECT count(*), coalesce(sum(charged), 0) FROM (SELECT coalesce(sum(charged), 0) AS charged"
                            " FROM runs LEFT JOIN ledger ON run_id = runs.id WHERE now_ms < ?1"
                            " GROUP BY now_ms / 86400000 ORDER BY now_ms / 86400000 DESC LIMIT ?2)",
                            "ii", until_ms, most);
  if (rows_next(rows))
    *ret_days = (LedgerDays){rows_int(rows, 0), rows_int(rows, 1)};
  return rows_end(rows, error);
}
