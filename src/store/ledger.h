/*
 * The ledger: a row a try of a paid call, reserved at its worst case before it goes out and settled when its end is known.
 * Money is integer micro-dollars; a day and a month are UTC, by the now of the run.
 */
#pragma once

#include "base/json.h"
#include "model/exchange.h"
#include "store/exchanges.h"
#include "store/store.h"

/**
 * LedgerState: how a try ended.
 * @LEDGER_OPEN: reserved, its end not known yet; counts in full
 * @LEDGER_ANSWERED: charged by the usage it told, or in full when it told none
 * @LEDGER_UNBILLED: refused by its server (429, 5xx, another status) or never sent: nothing is charged
 * @LEDGER_LOST: sent, and no answer came: charged in full, for it may be billed
 */
typedef enum { LEDGER_OPEN, LEDGER_ANSWERED, LEDGER_UNBILLED, LEDGER_LOST } LedgerState;

/** ledger_state_name: Returns: (transfer none): "open", "answered", "unbilled" or "lost" */
const char *ledger_state_name(LedgerState state);

/** ledger_reserve: adds an open row for a try of @expense by the request at @key, whose job is `stage:subject` (the subject is
 * the story). Returns: its id; -1 on error */
int64_t ledger_reserve(Store *store, const ExchangeKey *key, const Expense *expense, GError **error);

/** Payment: how a try ended. @charged: micro-dollars; the tokens are what its answer said, or the reserved ones */
typedef struct {
  LedgerState state;
  int64_t input_tokens;
  int64_t output_tokens;
  int64_t charged;
  int64_t latency_ms;
} Payment;

/** ledger_settle: ends the open row @id. */
bool ledger_settle(Store *store, int64_t id, const Payment *payment, GError **error);

/** ledger_link: the call whose last try is the row @id ended as the exchange at @key. */
bool ledger_link(Store *store, int64_t id, const ExchangeKey *key, GError **error);

/**
 * ledger_judge: @job of run @run_id is over, in the open transaction of its merge.
 * @is_used: its last answer counts; those before it held no good, nor does any when it is false
 *
 * Whoever paid for the answers it got learns what they were good for: this run, or one that ended before it came to that. What
 * was judged stays so.
 */
bool ledger_judge(Store *store, int64_t run_id, const char *job, bool is_used, GError **error);

/** ledger_lose_open: what an ended process left open is lost, and charged in full. */
bool ledger_lose_open(Store *store, GError **error);

/** ledger_spent: what runs with a now in [@from_ms, @until_ms) were charged, open rows in full. Returns: -1 on error */
int64_t ledger_spent(Store *store, int64_t from_ms, int64_t until_ms, GError **error);

/** ledger_by_job: what each job of run @run_id was charged, open rows in full, but for what ledger_lose_open() lost: that is no
 * doing of the job. Returns: (transfer full) (element-type utf8
 * gint64) (nullable): by job's name; values are int64_t* */
GHashTable *ledger_by_job(Store *store, int64_t run_id, GError **error);

/** LEDGER_GROUPINGS: what ledger_sums() can group by; ended by NULL. */
extern const char *const LEDGER_GROUPINGS[];

/**
 * ledger_sums: what the tries of runs with a now from @from_ms came to.
 * @by: (nullable): one of LEDGER_GROUPINGS: "day", "stage", "model" or "outcome"; NULL for one sum of all
 *
 * An outcome is "used", "duplicate" (used, for a story that was merged into another), "failed" (the answer held no good),
 * "unused" (answered, and its run was cut off before anybody read it), "lost", "unbilled" or "open".
 *
 * Returns: (transfer full) (nullable): an array of objects in the order of @by, which is their first key; then `calls` that
 * were answered with their `input_tokens`, `output_tokens` and mean `latency_ms`, `cost_micros` of all tries,
 * `useful_micros` of what was used, `lost_calls`, `lost_micros`, `unbilled_calls`
 */
json_t *ledger_sums(Store *store, const char *by, int64_t from_ms, GError **error);

/** ledger_spared: about how many stories no model was asked in runs with a now from @from_ms, for a call was hardly worth it.
 * Returns: -1 on error */
int64_t ledger_spared(Store *store, int64_t from_ms, GError **error);

/** ledger_calls: every try of runs with a now from @from_ms, the oldest first. Returns: (transfer full) (nullable): an array of
 * objects */
json_t *ledger_calls(Store *store, int64_t from_ms, GError **error);

/** LedgerDays: @days, with @charged together, open rows in full. */
typedef struct {
  int64_t days;
  int64_t charged;
} LedgerDays;

/** ledger_last_days: the last days (UTC, no more than @most) with a run whose now was before @until_ms. */
bool ledger_last_days(Store *store, int64_t until_ms, int64_t most, LedgerDays *ret_days, GError **error);

/** ledger_spent_in_run: @stage (nullable): NULL for all. Returns: -1 on error */
int64_t ledger_spent_in_run(Store *store, int64_t run_id, const char *stage, GError **error);
