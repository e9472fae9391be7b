/*
 * Money in the order of the plan. A job that pays is admitted with the worst case of its calls, and pays every try from what it
 * holds. The first job that does not fit waits while others still hold more than they may need; it is refused only when nobody
 * does, and with it all later ones: so who gets money does not depend on how many work at once. Every reservation is a row of
 * the ledger before its call goes out. Micro-dollars. Thread: the run's own.
 */
#pragma once

#include "model/config.h"
#include "store/ledger.h"
#include "store/runs.h"

#include <stdbool.h>
#include <stdint.h>

typedef struct Budget Budget;

/** budget_room: @store: (nullable): when nothing was spent yet. What a new run with a now of @now_ms may spend. Returns: -1 on
 * error. Errors: DATABASE */
int64_t budget_room(Store *store, int64_t now_ms, const BudgetOptions *caps, GError **error);

/**
 * Forecast: what the month of a time comes to when its days go on like the last ones with runs.
 * @month_ms: when it begins
 * @spent: in it so far
 * @days: so many days with runs tell @a_day, what one of them costs
 * @days_left: after the present one
 * @expected: by its end
 * @full_ms: the day on which the month's cap is reached; -1 when it is not
 */
typedef struct {
  int64_t month_ms;
  int64_t spent;
  int64_t days;
  int64_t a_day;
  int64_t days_left;
  int64_t expected;
  int64_t full_ms;
} Forecast;

/** budget_forecast: as of @now_ms. Errors: DATABASE */
bool budget_forecast(Store *store, int64_t now_ms, const BudgetOptions *caps, Forecast *ret_forecast, GError **error);

/**
 * budget_new: what @run may still spend, by the ledger: its own charges and those of other runs of its day and month count;
 * what an ended process left open is lost first.
 *
 * Returns: (transfer full) (nullable). Errors: DATABASE
 */
Budget *budget_new(Store *store, const Run *run, const BudgetOptions *caps, GError **error);

/** budget_free: NULL-safe. */
void budget_free(Budget *budget);

/** budget_begin_stage: the jobs of @stage come now. @kept_back_micros: what later stages are left, though never more than half
 * of what the run may spend */
void budget_begin_stage(Budget *budget, const char *stage, int64_t kept_back_micros);

typedef enum { BUDGET_ADMITTED, BUDGET_WAITING, BUDGET_REFUSED } BudgetDecision;

/**
 * budget_admit:
 * @job: the next in the order of the plan
 * @worst_micros: 0 is always admitted
 *
 * A job that was charged before, in an earlier pass or before the run was interrupted, holds what is left of its worst case.
 * What an interruption lost counts in the caps alone, or a run that is killed often would end otherwise than one that is not.
 *
 * Returns: %BUDGET_REFUSED for one above per_article alone, and for the first that does not fit with all later ones
 */
BudgetDecision budget_admit(Budget *budget, const char *job, int64_t worst_micros);

/** budget_release: what @job still holds is free again; a job that was not admitted holds nothing. */
void budget_release(Budget *budget, const char *job);

/** budget_allows: whether @job holds the worst case of @expense. Errors: BUDGET when not, saying which cap is in the way */
bool budget_allows(const Budget *budget, const char *job, const Expense *expense, GError **error);

/**
 * budget_reserve: a try of the request at @key is about to go out, once this turn is committed.
 *
 * Returns: its row in the ledger; -1 on error. Errors: as budget_allows(); DATABASE
 */
int64_t budget_reserve(Budget *budget, const ExchangeKey *key, const Expense *expense, GError **error);

/** budget_settle: the try of row @id of @job ended; what was reserved beyond its charge is the job's again. */
bool budget_settle(Budget *budget, const char *job, int64_t id, const Payment *payment, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Budget, budget_free)
