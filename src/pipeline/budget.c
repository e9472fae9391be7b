#include "pipeline/budget.h"

#include "base/error.h"
#include "base/money.h"

#include <string.h>

enum { FORECAST_DAYS = 7 };

static const int64_t DAY_MS = INT64_C(24) * 60 * 60 * 1000;

/*
 * A job's money in this run.
 * @charged: for good, before an interruption included
 * @held: admitted with and not charged: what it may still spend, and what is reserved for its tries under way
 * @is_planned: its share counts as given away in this stage
 * @refusal: (nullable): why it alone gets nothing
 */
typedef struct {
  int64_t charged;
  int64_t held;
  int64_t reserved;
  bool is_planned;
  char *refusal;
} Account;

/*
 * @room: what the run may spend, of which this stage may spend @allowed; @cap is the cap that says so, of @cap_micros
 * @spent: by the whole run, reservations included: never more than @room
 * @lost: cut off when the run was interrupted: nobody's, and gone from @room
 * @planned: what other stages were charged, and what this one's jobs so far were charged and hold. Charges of jobs that come
 *   later in the plan, from before an interruption, are no part of it: each job is judged as if there had been none.
 * @held: of @planned, what nobody was charged yet
 * @closed: (nullable): why all further jobs of this stage get nothing
 */
struct Budget {
  Store *store;
  int64_t per_article;
  int64_t room;
  int64_t allowed;
  const char *cap;
  int64_t cap_micros;
  int64_t spent;
  int64_t lost;
  int64_t planned;
  int64_t held;
  char *closed;
  GHashTable *accounts;
  GHashTable *open; /* rows of the ledger: what each reserved */
};

static void
free_account(void *data)
{
  Account *account = data;
  g_free(account->refusal);
  g_free(account);
}

static Account *
account_of(Budget *budget, const char *job)
{
  Account *account = g_hash_table_lookup(budget->accounts, job);
  if (account == NULL) {
    account = g_new0(Account, 1);
    g_hash_table_insert(budget->accounts, g_strdup(job), account);
  }
  return account;
}

static bool
open_accounts(Budget *budget, const Run *run, GError **error)
{
  g_autoptr(GHashTable) charges = ledger_by_job(budget->store, run->id, error);
  if (charges == NULL)
    return false;
  GHashTableIter each;
  void *job = NULL;
  void *charged = NULL;
  g_hash_table_iter_init(&each, charges);
  while (g_hash_table_iter_next(&each, &job, &charged)) {
    account_of(budget, job)->charged = *(const int64_t *) charged;
    budget->spent += *(const int64_t *) charged;
  }
  int64_t all = ledger_spent_in_run(budget->store, run->id, NULL, error);
  budget->lost = all - budget->spent;
  return all >= 0;
}

/* The cap that leaves least is the one that counts. @others_micros: what other runs of the time it is for were charged */
static void
apply_cap(Budget *budget, const char *name, int64_t cap_micros, int64_t others_micros)
{
  int64_t room = MAX(cap_micros - others_micros, 0);
  if (room >= budget->room)
    return;
  budget->room = room;
  budget->cap = name;
  budget->cap_micros = cap_micros;
}

static void
month_of(int64_t now_ms, int64_t ret_bounds_ms[2])
{
  g_autoptr(GDateTime) now = g_date_time_new_from_unix_utc(now_ms / 1000);
  g_autoptr(GDateTime) first = g_date_time_new_utc(g_date_time_get_year(now), g_date_time_get_month(now), 1, 0, 0, 0);
  g_autoptr(GDateTime) next = g_date_time_add_months(first, 1);
  ret_bounds_ms[0] = g_date_time_to_unix(first) * 1000;
  ret_bounds_ms[1] = g_date_time_to_unix(next) * 1000;
}

static bool
apply_period(Budget *budget, const char *name, int64_t cap_micros, const int64_t bounds_ms[2], GError **error)
{
  int64_t spent = budget->store != NULL ? ledger_spent(budget->store, bounds_ms[0], bounds_ms[1], error) : 0;
  if (spent >= 0)
    apply_cap(budget, name, cap_micros, spent - budget->spent);
  return spent >= 0;
}

/* Of a run with a now of @now_ms. */
static bool
find_room(Budget *budget, int64_t now_ms, const BudgetOptions *caps, GError **error)
{
  const int64_t begin_ms = now_ms - now_ms % DAY_MS;
  const int64_t day_ms[2] = {begin_ms, begin_ms + DAY_MS};
  int64_t month_ms[2];
  month_of(now_ms, month_ms);
  budget->room = INT64_MAX;
  apply_cap(budget, "per_run", caps->per_run_micros, budget->lost);
  return apply_period(budget, "per_day", caps->per_day_micros, day_ms, error) &&
         apply_period(budget, "per_month", caps->per_month_micros, month_ms, error);
}

int64_t
budget_room(Store *store, int64_t now_ms, const BudgetOptions *caps, GError **error)
{
  Budget budget = {.store = store};
  return find_room(&budget, now_ms, caps, error) ? budget.room : -1;
}

bool
budget_forecast(Store *store, int64_t now_ms, const BudgetOptions *caps, Forecast *ret_forecast, GError **error)
{
  const int64_t today_ms = now_ms - now_ms % DAY_MS;
  int64_t month_ms[2];
  LedgerDays last = {0};
  month_of(now_ms, month_ms);
  int64_t spent = ledger_spent(store, month_ms[0], month_ms[1], error);
  if (spent < 0 || !ledger_last_days(store, today_ms + DAY_MS, FORECAST_DAYS, &last, error))
    return false;
  Forecast forecast = {.month_ms = month_ms[0], .spent = spent, .days = last.days, .full_ms = -1};
  forecast.a_day = last.days > 0 ? last.charged / last.days : 0;
  forecast.days_left = (month_ms[1] - today_ms) / DAY_MS - 1;
  forecast.expected = spent + forecast.a_day * forecast.days_left;
  int64_t room = MAX(caps->per_month_micros - spent, 0);
  int64_t full_days = forecast.a_day > 0 ? (room + forecast.a_day - 1) / forecast.a_day : INT64_MAX;
  if (room == 0)
    forecast.full_ms = today_ms;
  else if (full_days <= forecast.days_left)
    forecast.full_ms = today_ms + full_days * DAY_MS;
  *ret_forecast = forecast;
  return true;
}

static bool
lose_open(Store *store, GError **error)
{
  if (!store_begin(store, true, error))
    return false;
  if (ledger_lose_open(store, error))
    return store_commit(store, error);
  store_rollback(store);
  return false;
}

Budget *
budget_new(Store *store, const Run *run, const BudgetOptions *caps, GError **error)
{
  g_autoptr(Budget) budget = g_new0(Budget, 1);
  budget->store = store;
  budget->per_article = caps->per_article_micros;
  budget->accounts = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, free_account);
  budget->open = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, g_free);
  bool is_ready = lose_open(store, error) && open_accounts(budget, run, error) && find_room(budget, run->now_ms, caps, error);
  return is_ready ? g_steal_pointer(&budget) : NULL;
}

void
budget_free(Budget *budget)
{
  if (budget == NULL)
    return;
  g_hash_table_destroy(budget->accounts);
  g_hash_table_destroy(budget->open);
  g_free(budget->closed);
  g_free(budget);
}

void
budget_begin_stage(Budget *budget, const char *stage, int64_t kept_back_micros)
{
  g_autofree char *prefix = g_strconcat(stage, ":", NULL);
  g_clear_pointer(&budget->closed, g_free);
  budget->allowed = budget->room - MIN(kept_back_micros, budget->room / 2);
  budget->planned = 0;
  budget->held = 0;
  GHashTableIter each;
  void *job = NULL;
  void *data = NULL;
  g_hash_table_iter_init(&each, budget->accounts);
  while (g_hash_table_iter_next(&each, &job, &data)) {
    Account *account = data;
    account->held = 0;
    account->is_planned = !g_str_has_prefix(job, prefix);
    budget->planned += account->is_planned ? account->charged : 0;
  }
}

/* Returns: (transfer full): such as "budget.per_run of $0.50 leaves $0.01 where $0.02 may be needed; raise it ..." */
static char *
describe_cap(const Budget *budget, int64_t worst_micros)
{
  g_autofree char *cap = money_text(budget->cap_micros);
  g_autofree char *left = money_text(MAX(budget->allowed - budget->planned, 0));
  g_autofree char *worst = money_text(worst_micros);
  const char *rest = budget->allowed < budget->room ? ", the rest is kept for later stages" : "";
  return g_strdup_printf("budget.%s of %s leaves %s where %s may be needed%s; raise it in courant.yaml or go without",
                         budget->cap, cap, left, worst, rest);
}

static char *
describe_article_cap(const Budget *budget, int64_t worst_micros)
{
  g_autofree char *cap = money_text(budget->per_article);
  g_autofree char *worst = money_text(worst_micros);
  return g_strdup_printf("budget.per_article of %s is less than the %s it may cost; raise it in courant.yaml or go without",
                         cap, worst);
}

BudgetDecision
budget_admit(Budget *budget, const char *job, int64_t worst_micros)
{
  if (worst_micros == 0)
    return BUDGET_ADMITTED;
  Account *account = account_of(budget, job);
  if (worst_micros > budget->per_article) {
    g_free(account->refusal);
    account->refusal = describe_article_cap(budget, worst_micros);
    return BUDGET_REFUSED;
  }
  if (budget->closed != NULL)
    return BUDGET_REFUSED;
  int64_t left = MAX(worst_micros - account->charged, 0);
  int64_t share = account->is_planned ? left : left + account->charged;
  if (share > budget->allowed - budget->planned) {
    if (budget->held > 0)
      return BUDGET_WAITING;
    budget->closed = describe_cap(budget, worst_micros);
    return BUDGET_REFUSED;
  }
  account->is_planned = true;
  account->held = left;
  budget->planned += share;
  budget->held += left;
  return BUDGET_ADMITTED;
}

void
budget_release(Budget *budget, const char *job)
{
  Account *account = g_hash_table_lookup(budget->accounts, job);
  if (account == NULL)
    return;
  budget->planned -= account->held;
  budget->held -= account->held;
  account->held = 0;
}

bool
budget_allows(const Budget *budget, const char *job, const Expense *expense, GError **error)
{
  const Account *account = g_hash_table_lookup(budget->accounts, job);
  int64_t worst_micros = expense_worst_micros(expense);
  int64_t own_micros = account != NULL ? account->held - account->reserved : 0;
  if (worst_micros <= own_micros && worst_micros <= budget->room - budget->spent)
    return true;
  const char *reason = "what its job may cost is spent";
  if (account != NULL && account->refusal != NULL)
    reason = account->refusal;
  else if (own_micros == 0 && budget->closed != NULL)
    reason = budget->closed;
  error_set(error, ERROR_BUDGET, "%s (%s): not called, for %s", expense->provider, expense->model, reason);
  return false;
}

int64_t
budget_reserve(Budget *budget, const ExchangeKey *key, const Expense *expense, GError **error)
{
  if (!budget_allows(budget, key->job, expense, error))
    return -1;
  int64_t id = ledger_reserve(budget->store, key, expense, error);
  if (id < 0)
    return -1;
  const int64_t worst_micros = expense_worst_micros(expense);
  account_of(budget, key->job)->reserved += worst_micros;
  budget->spent += worst_micros;
  g_hash_table_insert(budget->open, g_memdup2(&id, sizeof id), g_memdup2(&worst_micros, sizeof worst_micros));
  return id;
}

bool
budget_settle(Budget *budget, const char *job, int64_t id, const Payment *payment, GError **error)
{
  const int64_t *reserved = g_hash_table_lookup(budget->open, &id);
  Account *account = g_hash_table_lookup(budget->accounts, job);
  g_assert(reserved != NULL && account != NULL && payment->charged <= *reserved);
  account->reserved -= *reserved;
  account->held -= payment->charged;
  account->charged += payment->charged;
  budget->held -= payment->charged;
  budget->spent -= *reserved - payment->charged;
  g_hash_table_remove(budget->open, &id);
  return ledger_settle(budget->store, id, payment, error);
}
