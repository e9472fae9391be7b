#include "pipeline/budget.h"

#include "store-fixture.h"

#include "base/error.h"

#include <string.h>

enum { JOBS = 12, TRIES = 3, WORLDS = 150, PLENTY = 1000000 };

static const int64_t DAY_MS = INT64_C(24) * 3600 * 1000;

/* 2026-03-02, noon */
static const int64_t NOW_MS = INT64_C(1772452800000);

static Run *
begin_run(Store *store, int64_t now_ms)
{
  g_autoptr(GError) error = NULL;
  const Run wanted = {.command = (char *) "run", .now_ms = now_ms, .config_sha256 = (char *) "c", .started_ms = 1};
  Run *run = runs_begin(store, &wanted, &error);
  g_assert_no_error(error);
  return run;
}

static Budget *
open_budget(Store *store, const Run *run, BudgetOptions caps)
{
  g_autoptr(GError) error = NULL;
  Budget *budget = budget_new(store, run, &caps, &error);
  g_assert_no_error(error);
  budget_begin_stage(budget, "enrich", 0);
  return budget;
}

/* Of a call that costs @micros at most: a micro-dollar a token. */
static Expense
expense_of(int64_t micros)
{
  return (Expense){
      .provider = (char *) "openai",
      .model = (char *) "small",
      .purpose = (char *) "score",
      .input_tokens = micros,
      .input_price = 1000000,
  };
}

/* Returns: the row; -1 when there is no money */
static int64_t
reserve(Budget *budget, const Run *run, const char *job, int64_t micros)
{
  g_autoptr(GError) error = NULL;
  const Expense expense = expense_of(micros);
  const ExchangeKey key = {.run_id = run->id, .job = job, .pass = 1};
  int64_t id = budget_reserve(budget, &key, &expense, &error);
  if (id < 0)
    g_assert_error(error, COURANT_ERROR, ERROR_BUDGET);
  return id;
}

static void
settle(Budget *budget, const char *job, int64_t id, LedgerState state, int64_t charged)
{
  g_autoptr(GError) error = NULL;
  const Payment payment = {.state = state, .charged = charged};
  g_assert_true(budget_settle(budget, job, id, &payment, &error));
  g_assert_no_error(error);
}

/* A job admitted with @micros spends @charged of it and ends. */
static void
spend(Budget *budget, const Run *run, const char *job, int64_t micros, int64_t charged)
{
  g_assert_cmpint(budget_admit(budget, job, micros), ==, BUDGET_ADMITTED);
  settle(budget, job, reserve(budget, run, job, micros), LEDGER_ANSWERED, charged);
  budget_release(budget, job);
}

static const char *
why_not(Budget *budget, const char *job, int64_t micros)
{
  static char text[512];
  g_autoptr(GError) error = NULL;
  const Expense expense = expense_of(micros);
  g_assert_false(budget_allows(budget, job, &expense, &error));
  g_assert_error(error, COURANT_ERROR, ERROR_BUDGET);
  g_strlcpy(text, error->message, sizeof text);
  return text;
}

static void
test_the_head_waits_until_nobody_holds_anything(Fixture *fixture, gconstpointer data)
{
  (void) data;
  g_autoptr(Run) run = begin_run(fixture->store, NOW_MS);
  g_autoptr(Budget) budget = open_budget(fixture->store, run, (BudgetOptions){PLENTY, 100, PLENTY, PLENTY});
  g_assert_cmpint(budget_admit(budget, "enrich:a", 40), ==, BUDGET_ADMITTED);
  g_assert_cmpint(budget_admit(budget, "enrich:b", 40), ==, BUDGET_ADMITTED);
  g_assert_cmpint(budget_admit(budget, "enrich:c", 40), ==, BUDGET_WAITING);
  settle(budget, "enrich:a", reserve(budget, run, "enrich:a", 20), LEDGER_ANSWERED, 15);
  /* what is left of it may still be needed */
  g_assert_cmpint(budget_admit(budget, "enrich:c", 40), ==, BUDGET_WAITING);
  budget_release(budget, "enrich:a");
  g_assert_cmpint(budget_admit(budget, "enrich:c", 40), ==, BUDGET_ADMITTED);
  g_assert_cmpint(budget_admit(budget, "enrich:d", 40), ==, BUDGET_WAITING);
  settle(budget, "enrich:b", reserve(budget, run, "enrich:b", 40), LEDGER_LOST, 40);
  budget_release(budget, "enrich:b");
  g_assert_cmpint(budget_admit(budget, "enrich:d", 40), ==, BUDGET_WAITING);
  budget_release(budget, "enrich:c");
  g_assert_cmpint(budget_admit(budget, "enrich:d", 46), ==, BUDGET_REFUSED);
  /* and all that come later, however little they want */
  g_assert_cmpint(budget_admit(budget, "enrich:e", 1), ==, BUDGET_REFUSED);
  g_assert_cmpint(budget_admit(budget, "enrich:f", 0), ==, BUDGET_ADMITTED);
  g_assert_cmpint(reserve(budget, run, "enrich:e", 1), ==, -1);
  g_assert_cmpint(reserve(budget, run, "enrich:f", 0), >, 0);
  budget_begin_stage(budget, "generate", 0);
  g_assert_cmpint(budget_admit(budget, "generate:e", 45), ==, BUDGET_ADMITTED);
}

static void
test_a_job_above_per_article_is_refused_alone(Fixture *fixture, gconstpointer data)
{
  (void) data;
  g_autoptr(Run) run = begin_run(fixture->store, NOW_MS);
  g_autoptr(Budget) budget = open_budget(fixture->store, run, (BudgetOptions){50, 1000, PLENTY, PLENTY});
  g_assert_cmpint(budget_admit(budget, "enrich:a", 51), ==, BUDGET_REFUSED);
  g_assert_cmpstr(why_not(budget, "enrich:a", 20), ==,
                  "openai (small): not called, for budget.per_article of $0.00005 is less than the $0.000051 it may cost;"
                  " raise it in courant.yaml or go without");
  g_assert_cmpint(budget_admit(budget, "enrich:b", 50), ==, BUDGET_ADMITTED);
}

static void
test_every_try_is_paid_from_what_its_job_holds(Fixture *fixture, gconstpointer data)
{
  (void) data;
  g_autoptr(Run) run = begin_run(fixture->store, NOW_MS);
  g_autoptr(Budget) budget = open_budget(fixture->store, run, (BudgetOptions){PLENTY, 1000, PLENTY, PLENTY});
  g_assert_cmpint(budget_admit(budget, "enrich:a", 100), ==, BUDGET_ADMITTED);
  settle(budget, "enrich:a", reserve(budget, run, "enrich:a", 50), LEDGER_UNBILLED, 0);
  settle(budget, "enrich:a", reserve(budget, run, "enrich:a", 50), LEDGER_LOST, 50);
  int64_t open = reserve(budget, run, "enrich:a", 50);
  g_assert_cmpint(reserve(budget, run, "enrich:a", 1), ==, -1);
  settle(budget, "enrich:a", open, LEDGER_ANSWERED, 49);
  settle(budget, "enrich:a", reserve(budget, run, "enrich:a", 1), LEDGER_LOST, 1);
  g_assert_nonnull(strstr(why_not(budget, "enrich:a", 1), "what its job may cost is spent"));
  g_assert_nonnull(strstr(why_not(budget, "enrich:unknown", 1), "what its job may cost is spent"));
  g_assert_cmpint(ledger_spent_in_run(fixture->store, run->id, NULL, NULL), ==, 100);
}

static void
test_caps_of_day_and_month_count_other_runs(Fixture *fixture, gconstpointer data)
{
  (void) fixture;
  (void) data;
  static const struct {
    const char *why;
    int64_t earlier_ms;
    int64_t room;
    const char *cap;
  } CASES[] = {
      {"the same day", 0, 40, "budget.per_day of $0.0001 leaves $0.00004"},
      {"its first millisecond", -DAY_MS / 2, 40, "budget.per_day of $0.0001 leaves $0.00004"},
      {"the day before", -DAY_MS / 2 - 1, 60, "budget.per_month of $0.00012 leaves $0.00006"},
      {"the first of the month", -DAY_MS / 2 - DAY_MS, 60, "budget.per_month of $0.00012 leaves $0.00006"},
      {"the month before", -DAY_MS / 2 - DAY_MS - 1, 90, "budget.per_run of $0.00009 leaves $0.00009"},
  };
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    g_test_message("%s", CASES[i].why);
    Fixture fresh = {0};
    set_up(&fresh, NULL);
    g_autoptr(Run) before = begin_run(fresh.store, NOW_MS + CASES[i].earlier_ms);
    g_autoptr(Budget) spender = open_budget(fresh.store, before, (BudgetOptions){PLENTY, PLENTY, PLENTY, PLENTY});
    spend(spender, before, "enrich:a", 70, 60);
    g_autoptr(Run) run = begin_run(fresh.store, NOW_MS);
    g_autoptr(Budget) budget = open_budget(fresh.store, run, (BudgetOptions){PLENTY, 90, 100, 120});
    g_assert_cmpint(budget_admit(budget, "enrich:a", CASES[i].room), ==, BUDGET_ADMITTED);
    budget_release(budget, "enrich:a");
    g_assert_cmpint(budget_admit(budget, "enrich:b", CASES[i].room + 1), ==, BUDGET_REFUSED);
    g_assert_nonnull(strstr(why_not(budget, "enrich:b", CASES[i].room + 1), CASES[i].cap));
    tear_down(&fresh, NULL);
  }
}

static void
test_later_stages_are_left_their_part(Fixture *fixture, gconstpointer data)
{
  (void) data;
  static const struct {
    int64_t kept_back;
    int64_t allowed;
  } CASES[] = {{0, 100}, {30, 70}, {50, 50}, {90, 50}};
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    g_autoptr(Run) run = begin_run(fixture->store, NOW_MS + (int64_t) i * DAY_MS);
    g_autoptr(Budget) budget = open_budget(fixture->store, run, (BudgetOptions){PLENTY, 1000, 100, PLENTY});
    budget_begin_stage(budget, "enrich", CASES[i].kept_back);
    spend(budget, run, "enrich:a", CASES[i].allowed, CASES[i].allowed);
    g_assert_cmpint(budget_admit(budget, "enrich:b", 1), ==, BUDGET_REFUSED);
    g_assert_cmpint(strstr(why_not(budget, "enrich:b", 1), "kept for later stages") != NULL, ==, CASES[i].kept_back > 0);
    budget_begin_stage(budget, "generate", 0);
    int64_t left = 100 - CASES[i].allowed;
    g_assert_cmpint(budget_admit(budget, "generate:a", left + 1), ==, BUDGET_REFUSED);
    budget_begin_stage(budget, "generate", 0);
    g_assert_cmpint(budget_admit(budget, "generate:a", left), ==, BUDGET_ADMITTED);
  }
}

static void
test_what_was_charged_before_an_interruption_is_the_jobs_own(Fixture *fixture, gconstpointer data)
{
  (void) data;
  const BudgetOptions caps = {PLENTY, 100, PLENTY, PLENTY};
  g_autoptr(Run) run = begin_run(fixture->store, NOW_MS);
  g_autoptr(Budget) killed = open_budget(fixture->store, run, caps);
  g_assert_cmpint(budget_admit(killed, "enrich:a", 40), ==, BUDGET_ADMITTED);
  g_assert_cmpint(budget_admit(killed, "enrich:b", 40), ==, BUDGET_ADMITTED);
  settle(killed, "enrich:a", reserve(killed, run, "enrich:a", 20), LEDGER_ANSWERED, 5);
  reserve(killed, run, "enrich:b", 20);

  g_autoptr(Budget) budget = open_budget(fixture->store, run, caps);
  g_assert_cmpint(budget_admit(budget, "enrich:a", 40), ==, BUDGET_ADMITTED);
  g_assert_cmpint(reserve(budget, run, "enrich:a", 36), ==, -1);
  g_assert_cmpint(reserve(budget, run, "enrich:a", 35), >, 0);
  /* the lost call is the run's loss, and no doing of the job */
  g_assert_cmpint(budget_admit(budget, "enrich:b", 40), ==, BUDGET_ADMITTED);
  g_assert_cmpint(reserve(budget, run, "enrich:b", 41), ==, -1);
  g_assert_cmpint(reserve(budget, run, "enrich:b", 40), >, 0);
  g_assert_cmpint(ledger_spent_in_run(fixture->store, run->id, NULL, NULL), ==, 100);
  g_assert_cmpint(budget_admit(budget, "enrich:c", 1), ==, BUDGET_WAITING);
}

/* A job as it will go, whoever works it: tries of @step micro-dollars at most, each ending so. */
typedef struct {
  char name[24];
  int64_t worst;
  int64_t step;
  Payment tries[TRIES];
} Script;

/* Where a job stands: @done tries are settled, of which it remembers the answers; @row is its open try. */
typedef struct {
  bool is_started;
  bool is_ended;
  bool has_money;
  int done;
  int64_t row;
} Progressed;

static void
write_script(Script *script, int number, GRand *random)
{
  static const LedgerState STATES[] = {LEDGER_ANSWERED, LEDGER_ANSWERED, LEDGER_UNBILLED, LEDGER_LOST};
  memset(script, 0, sizeof *script);
  g_snprintf(script->name, sizeof script->name, "enrich:%d", number);
  script->step = g_rand_int_range(random, 0, 5) == 0 ? 0 : g_rand_int_range(random, 1, 40);
  script->worst = 2 * script->step;
  for (int i = 0; i < TRIES; i++) {
    script->tries[i].state = STATES[g_rand_int_range(random, 0, G_N_ELEMENTS(STATES))];
    script->tries[i].charged = script->tries[i].state == LEDGER_UNBILLED ? 0
                               : script->tries[i].state == LEDGER_LOST   ? script->step
                                                                         : g_rand_int_range(random, 0, (int) script->step + 1);
  }
}

/* One thing happens to a started job: its next try goes out, or ends, or the job does. */
static void
advance(Budget *budget, const Run *run, const Script *script, Progressed *job)
{
  if (job->row > 0) {
    settle(budget, script->name, job->row, script->tries[job->done].state, script->tries[job->done].charged);
    job->row = 0;
    job->done++;
    return;
  }
  if (job->done < TRIES) {
    job->row = reserve(budget, run, script->name, script->step);
    job->has_money |= job->row > 0 && script->step > 0;
  }
  if (job->done == TRIES || job->row < 0) {
    job->row = 0;
    job->is_ended = true;
    budget_release(budget, script->name);
  }
}

typedef struct {
  Run *run;
  BudgetOptions caps;
  const Script *scripts;
  Progressed *jobs;
  int next;
} World;

static void
start_some(Budget *budget, World *world, int limit)
{
  int under_way = 0;
  for (int i = 0; i < world->next; i++)
    under_way += !world->jobs[i].is_ended;
  for (; world->next < JOBS && under_way < limit; under_way++) {
    const Script *script = &world->scripts[world->next];
    if (budget_admit(budget, script->name, script->worst) == BUDGET_WAITING)
      return;
    world->jobs[world->next++].is_started = true;
  }
}

/* Works until all jobs ended, or @steps things happened. Returns: whether all ended */
static bool
work(Store *store, World *world, int limit, int steps, GRand *random)
{
  g_autoptr(Budget) budget = open_budget(store, world->run, world->caps);
  g_assert_true(store_begin(store, false, NULL));
  int open[JOBS];
  int count = 1;
  for (int step = 0; step < steps && count > 0; step++) {
    start_some(budget, world, limit);
    count = 0;
    for (int i = 0; i < world->next; i++)
      if (!world->jobs[i].is_ended)
        open[count++] = i;
    if (count > 0) {
      int chosen = open[g_rand_int_range(random, 0, count)];
      advance(budget, world->run, &world->scripts[chosen], &world->jobs[chosen]);
    }
    g_assert_cmpint(ledger_spent_in_run(store, world->run->id, NULL, NULL), <=, world->caps.per_run_micros);
  }
  g_assert_true(store_commit(store, NULL));
  return count == 0;
}

/* What became of each job, and what was charged for it. */
static char *
describe(Store *store, const World *world)
{
  g_autoptr(GHashTable) charges = ledger_by_job(store, world->run->id, NULL);
  GString *text = g_string_new(NULL);
  for (int i = 0; i < JOBS; i++) {
    const int64_t *charged = g_hash_table_lookup(charges, world->scripts[i].name);
    g_string_append_printf(text, "%d:%s:%" G_GINT64_FORMAT " ", i, world->jobs[i].has_money ? "paid" : "none",
                           charged != NULL ? *charged : 0);
  }
  return g_string_free(text, FALSE);
}

static World
make_world(Store *store, BudgetOptions caps, const Script *scripts, Progressed *jobs)
{
  memset(jobs, 0, JOBS * sizeof *jobs);
  return (World){.run = begin_run(store, NOW_MS), .caps = caps, .scripts = scripts, .jobs = jobs};
}

static BudgetOptions
choose_caps(GRand *random)
{
  return (BudgetOptions){g_rand_int_range(random, 30, 90), g_rand_int_range(random, 0, 500), PLENTY, PLENTY};
}

static void
test_who_gets_money_is_the_same_in_any_order(Fixture *fixture, gconstpointer data)
{
  (void) data;
  guint32 seed = (guint32) g_test_rand_int();
  g_test_message("seed %u", seed);
  g_autoptr(GRand) random = g_rand_new_with_seed(seed);
  int refused = 0;
  for (int round = 0; round < WORLDS; round++) {
    Script scripts[JOBS];
    Progressed jobs[JOBS];
    for (int i = 0; i < JOBS; i++)
      write_script(&scripts[i], i, random);
    const BudgetOptions caps = choose_caps(random);
    g_autofree char *expected = NULL;
    static const int LIMITS[] = {1, 2, 4, JOBS};
    for (size_t i = 0; i < G_N_ELEMENTS(LIMITS); i++) {
      World world = make_world(fixture->store, caps, scripts, jobs);
      g_assert_true(work(fixture->store, &world, LIMITS[i], G_MAXINT, random));
      g_autofree char *told = describe(fixture->store, &world);
      run_free(world.run);
      if (expected == NULL)
        expected = g_strdup(told);
      g_assert_cmpstr(told, ==, expected);
    }
    refused += strstr(expected, "none") != NULL;
  }
  g_assert_cmpint(refused, >, WORLDS / 4);
}

/* What is known of each job after a kill: the tries that were settled; the open one is lost and is tried again. */
static void
forget(World *world)
{
  world->next = 0;
  for (int i = 0; i < JOBS; i++) {
    world->jobs[i].is_ended = false;
    world->jobs[i].row = 0;
  }
}

static bool
has_open(const World *world)
{
  bool has = false;
  for (int i = 0; i < JOBS; i++)
    has |= world->jobs[i].row > 0;
  return has;
}

static void
test_a_kill_changes_nobodys_turn(Fixture *fixture, gconstpointer data)
{
  (void) data;
  guint32 seed = (guint32) g_test_rand_int();
  g_test_message("seed %u", seed);
  g_autoptr(GRand) random = g_rand_new_with_seed(seed);
  int compared = 0;
  for (int round = 0; round < WORLDS; round++) {
    Script scripts[JOBS];
    Progressed jobs[JOBS];
    for (int i = 0; i < JOBS; i++)
      write_script(&scripts[i], i, random);
    const BudgetOptions caps = choose_caps(random);
    World whole = make_world(fixture->store, caps, scripts, jobs);
    g_assert_true(work(fixture->store, &whole, JOBS, G_MAXINT, random));
    g_autofree char *expected = describe(fixture->store, &whole);
    run_free(whole.run);
    World killed = make_world(fixture->store, caps, scripts, jobs);
    bool has_lost = false;
    while (!work(fixture->store, &killed, 4, g_rand_int_range(random, 1, 60), random)) {
      has_lost |= has_open(&killed);
      forget(&killed);
    }
    g_autofree char *told = describe(fixture->store, &killed);
    run_free(killed.run);
    if (!has_lost)
      g_assert_cmpstr(told, ==, expected);
    compared += !has_lost;
  }
  g_assert_cmpint(compared, >, WORLDS / 10);
}

static void
run_for(Store *store, int64_t now_ms, int64_t micros)
{
  g_autoptr(Run) run = begin_run(store, now_ms);
  g_autoptr(Budget) budget = open_budget(store, run, (BudgetOptions){PLENTY, PLENTY, PLENTY, PLENTY});
  if (micros > 0)
    spend(budget, run, "enrich:a", micros, micros);
}

static void
test_a_month_goes_on_like_its_last_days(Fixture *fixture, gconstpointer data)
{
  (void) data;
  /* a run on that day of March is charged so much, unless that is negative; the last number, too, is a day of March */
  static const struct {
    int64_t day;
    int64_t charged;
    int64_t cap;
    const char *expected;
  } CASES[] = {
      {-39, -1, 100, "0 in 0 days, 0 each, 11 left: 0, -1"},       {-1, 100, 201, "100 in 1 days, 100 each, 1 left: 200, -1"},
      {2, 0, 9999, "0 in 2 days, 50 each, 29 left: 1450, -1"},     {3, 30, 9999, "30 in 3 days, 43 each, 28 left: 1234, -1"},
      {3, 70, 9999, "100 in 3 days, 66 each, 28 left: 1948, -1"},  {4, 400, 9999, "500 in 4 days, 150 each, 27 left: 4550, -1"},
      {8, 20, 9999, "520 in 5 days, 124 each, 23 left: 3372, -1"}, {9, 20, 9999, "540 in 6 days, 106 each, 22 left: 2872, -1"},
      {10, 20, 9999, "560 in 7 days, 94 each, 21 left: 2534, -1"}, {11, 40, 2601, "600 in 7 days, 85 each, 20 left: 2300, -1"},
      {11, -1, 2300, "600 in 7 days, 85 each, 20 left: 2300, 31"}, {11, -1, 685, "600 in 7 days, 85 each, 20 left: 2300, 12"},
      {11, -1, 686, "600 in 7 days, 85 each, 20 left: 2300, 13"},  {11, -1, 600, "600 in 7 days, 85 each, 20 left: 2300, 11"},
  };
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    int64_t now_ms = NOW_MS + (CASES[i].day - 2) * DAY_MS;
    if (CASES[i].charged >= 0)
      run_for(fixture->store, now_ms, CASES[i].charged);
    Forecast told = {0};
    g_assert_true(budget_forecast(fixture->store, now_ms, &(BudgetOptions){.per_month_micros = CASES[i].cap}, &told, NULL));
    int full = told.full_ms < 0 ? -1 : (int) ((told.full_ms - NOW_MS + DAY_MS / 2) / DAY_MS) + 2;
    g_autofree char *text = g_strdup_printf("%d in %d days, %d each, %d left: %d, %d", (int) told.spent, (int) told.days,
                                            (int) told.a_day, (int) told.days_left, (int) told.expected, full);
    g_assert_cmpstr(text, ==, CASES[i].expected);
  }
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add("/budget/head", Fixture, NULL, set_up, test_the_head_waits_until_nobody_holds_anything, tear_down);
  g_test_add("/budget/per-article", Fixture, NULL, set_up, test_a_job_above_per_article_is_refused_alone, tear_down);
  g_test_add("/budget/tries", Fixture, NULL, set_up, test_every_try_is_paid_from_what_its_job_holds, tear_down);
  g_test_add("/budget/other-runs", Fixture, NULL, set_up, test_caps_of_day_and_month_count_other_runs, tear_down);
  g_test_add("/budget/later-stages", Fixture, NULL, set_up, test_later_stages_are_left_their_part, tear_down);
  g_test_add("/budget/interruption", Fixture, NULL, set_up, test_what_was_charged_before_an_interruption_is_the_jobs_own,
             tear_down);
  g_test_add("/budget/any-order", Fixture, NULL, set_up, test_who_gets_money_is_the_same_in_any_order, tear_down);
  g_test_add("/budget/forecast", Fixture, NULL, set_up, test_a_month_goes_on_like_its_last_days, tear_down);
  g_test_add("/budget/kill", Fixture, NULL, set_up, test_a_kill_changes_nobodys_turn, tear_down);
  return g_test_run();
}
