#include "store/ledger.h"

#include "store-fixture.h"

#include "store/rows.h"
#include "store/runs.h"

static const int64_t DAY_MS = INT64_C(24) * 3600 * 1000;

/* 300 micro-dollars at most. */
static const Expense EXPENSE = {
    .provider = (char *) "openai",
    .model = (char *) "small",
    .purpose = (char *) "score",
    .input_tokens = 2000,
    .output_tokens = 500,
    .input_price = 50000,
    .output_price = 400000,
};

static int64_t
begin_run(Store *store, int64_t now_ms)
{
  g_autoptr(GError) error = NULL;
  const Run wanted = {.command = (char *) "run", .now_ms = now_ms, .config_sha256 = (char *) "c", .started_ms = 1};
  g_autoptr(Run) run = runs_begin(store, &wanted, &error);
  g_assert_no_error(error);
  return run->id;
}

static int64_t
reserve(Store *store, int64_t run_id, const char *job)
{
  g_autoptr(GError) error = NULL;
  const ExchangeKey key = {.run_id = run_id, .job = job, .pass = 2, .ordinal = 3};
  int64_t id = ledger_reserve(store, &key, &EXPENSE, &error);
  g_assert_no_error(error);
  g_assert_cmpint(id, >, 0);
  return id;
}

static void
settle(Store *store, int64_t id, LedgerState state, int64_t charged)
{
  const Payment payment = {.state = state, .input_tokens = 7, .output_tokens = 8, .charged = charged, .latency_ms = 9};
  g_assert_true(ledger_settle(store, id, &payment, NULL));
}

static char *
tell(Store *store, const char *sql)
{
  Rows *rows = store_select(store, sql, "");
  char *text = rows_next(rows) ? g_strdup(rows_text(rows, 0)) : NULL;
  g_assert_true(rows_end(rows, NULL));
  return text;
}

static const char ROW[] =
    "SELECT run_id || ' ' || job || ' ' || stage || ' ' || story_id || ' ' || provider || ' ' || model || ' ' || purpose || ' "
    "' "
    "|| input_tokens || ' ' || output_tokens || ' ' || reserved || ' ' || charged || ' ' || state || ' ' || pass || ' ' "
    "|| ordinal || ' ' || ifnull(latency_ms, '-') FROM ledger";

static void
test_a_row_tells_all(Fixture *fixture, gconstpointer data)
{
  (void) data;
  int64_t run_id = begin_run(fixture->store, 0);
  int64_t id = reserve(fixture->store, run_id, "enrich:abc:d");
  g_autofree char *open = tell(fixture->store, ROW);
  g_assert_cmpstr(open, ==, "1 enrich:abc:d enrich abc:d openai small score 2000 500 300 300 open 2 3 -");
  settle(fixture->store, id, LEDGER_ANSWERED, 4);
  g_autofree char *answered = tell(fixture->store, ROW);
  g_assert_cmpstr(answered, ==, "1 enrich:abc:d enrich abc:d openai small score 7 8 300 4 answered 2 3 9");
  /* what is settled stays as it is */
  settle(fixture->store, id, LEDGER_LOST, 5);
  g_autofree char *again = tell(fixture->store, ROW);
  g_assert_cmpstr(again, ==, answered);
}

static void
test_what_is_open_counts_in_full_and_is_lost(Fixture *fixture, gconstpointer data)
{
  (void) data;
  int64_t run_id = begin_run(fixture->store, 0);
  settle(fixture->store, reserve(fixture->store, run_id, "enrich:a"), LEDGER_UNBILLED, 0);
  settle(fixture->store, reserve(fixture->store, run_id, "enrich:a"), LEDGER_ANSWERED, 11);
  reserve(fixture->store, run_id, "enrich:a");
  reserve(fixture->store, run_id, "generate:a");
  for (int round = 0; round < 2; round++) {
    g_assert_cmpint(ledger_spent_in_run(fixture->store, run_id, NULL, NULL), ==, 611);
    g_assert_cmpint(ledger_spent_in_run(fixture->store, run_id, "enrich", NULL), ==, 311);
    g_autoptr(GHashTable) charges = ledger_by_job(fixture->store, run_id, NULL);
    g_assert_cmpuint(g_hash_table_size(charges), ==, round == 0 ? 2 : 1);
    g_assert_cmpint(*(const int64_t *) g_hash_table_lookup(charges, "enrich:a"), ==, round == 0 ? 311 : 11);
    g_assert_true(ledger_lose_open(fixture->store, NULL));
  }
  g_autofree char *states = tell(fixture->store, "SELECT group_concat(state) FROM (SELECT state FROM ledger ORDER BY id)");
  g_assert_cmpstr(states, ==, "unbilled,answered,lost,lost");
  g_assert_cmpint(ledger_spent_in_run(fixture->store, run_id + 1, NULL, NULL), ==, 0);
}

static void
test_a_time_is_that_of_the_now_of_its_run(Fixture *fixture, gconstpointer data)
{
  (void) data;
  static const int64_t NOWS_MS[] = {-1, 0, 1, 0};
  for (size_t i = 0; i < G_N_ELEMENTS(NOWS_MS); i++)
    reserve(fixture->store, begin_run(fixture->store, 5 * DAY_MS + NOWS_MS[i]), "enrich:a");
  begin_run(fixture->store, 6 * DAY_MS);
  g_assert_cmpint(ledger_spent(fixture->store, 5 * DAY_MS, 6 * DAY_MS, NULL), ==, 900);
  g_assert_cmpint(ledger_spent(fixture->store, 4 * DAY_MS, 5 * DAY_MS, NULL), ==, 300);
  g_assert_cmpint(ledger_spent(fixture->store, 6 * DAY_MS, 7 * DAY_MS, NULL), ==, 0);
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add("/ledger/row", Fixture, NULL, set_up, test_a_row_tells_all, tear_down);
  g_test_add("/ledger/open", Fixture, NULL, set_up, test_what_is_open_counts_in_full_and_is_lost, tear_down);
  g_test_add("/ledger/time", Fixture, NULL, set_up, test_a_time_is_that_of_the_now_of_its_run, tear_down);
  return g_test_run();
}
