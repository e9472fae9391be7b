/*
 * The ledger: a row a try of a paid call, reserved at its worst case before it goes out and settled when its end is known.
 * Money is integer micro-dollars; a day and a month are UTC, by the now of the run.
 */
#pragma once

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

/** ledger_lose_open: what an ended process left open is lost, and charged in full. */
bool ledger_lose_open(Store *store, GError **error);

/** ledger_spent: what runs with a now in [@from_ms, @until_ms) were charged, open rows in full. Returns: -1 on error */
int64_t ledger_spent(Store *store, int64_t from_ms, int64_t until_ms, GError **error);

/** ledger_by_job: what each job of run @run_id was charged, open rows in full, but for what ledger_lose_open() lost: that is no
 * doing of the job. Returns: (transfer full) (element-type utf8
 * gint64) (nullable): by job's name; values are int64_t* */
GHashTable *ledger_by_job(Store *store, int64_t run_id, GError **error);

/** ledger_spent_in_run: @stage (nullable): NULL for all. Returns: -1 on error */
int64_t ledger_spent_in_run(Store *store, int64_t run_id, const char *stage, GError **error);
