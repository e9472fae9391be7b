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
