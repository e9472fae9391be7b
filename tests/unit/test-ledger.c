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

/* An answer of @source at a place of its own; @sha256 names its request. */
static void
keep_answer(Store *store, const ExchangeKey *key, const char *sha256, const char *source)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(Reply) reply = reply_new();
  reply->url = g_strdup("http://llm.example/");
  reply->body = g_strdup(sha256);
  const ExchangeRow row = {.key = *key, .request_sha256 = sha256, .kind = REQUEST_LLM, .source = source, .reply = reply};
  g_assert_true(exchanges_add(store, &row, &error));
  g_assert_no_error(error);
}

/* A call that was answered, for 7 + 8 tokens and 4 micro-dollars. */
static void
pay(Store *store, const ExchangeKey *key, const char *sha256)
{
  int64_t id = ledger_reserve(store, key, &EXPENSE, NULL);
  settle(store, id, LEDGER_ANSWERED, 4);
  keep_answer(store, key, sha256, "sent");
  g_assert_true(ledger_link(store, id, key, NULL));
}

static char *
tell_outcomes(Store *store)
{
  return tell(store, "SELECT group_concat(state || ':' || ifnull(outcome, '-'), ' ') FROM (SELECT * FROM ledger ORDER BY id)");
}

static void
test_the_last_answer_is_the_used_one(Fixture *fixture, gconstpointer data)
{
  (void) data;
  Store *store = fixture->store;
  int64_t run_id = begin_run(store, 0);
  pay(store, &(ExchangeKey){run_id, "enrich:a", 1, 1}, "a");
  pay(store, &(ExchangeKey){run_id, "enrich:a", 1, 2}, "a repaired");
  pay(store, &(ExchangeKey){run_id, "enrich:b", 1, 1}, "b");
  pay(store, &(ExchangeKey){run_id, "enrich:c", 1, 2}, "c");
  pay(store, &(ExchangeKey){run_id, "enrich:c", 2, 1}, "c again");
  settle(store, reserve(store, run_id, "enrich:c"), LEDGER_LOST, 300);
  g_autofree char *links = tell(store, "SELECT count(*) || ' ' || count(DISTINCT exchange_id) FROM ledger JOIN exchanges e ON"
                                       " e.id = exchange_id AND e.job = ledger.job AND e.ordinal = ledger.ordinal");
  g_assert_cmpstr(links, ==, "5 5");
  g_assert_true(ledger_judge(store, run_id, "enrich:a", true, NULL));
  g_assert_true(ledger_judge(store, run_id, "enrich:b", false, NULL));
  g_assert_true(ledger_judge(store, run_id, "enrich:c", true, NULL));
  g_assert_true(ledger_judge(store, run_id, "enrich:nobody", true, NULL));
  g_autofree char *outcomes = tell_outcomes(store);
  g_assert_cmpstr(outcomes, ==, "answered:failed answered:used answered:failed answered:failed answered:used lost:-");
}

/* The run that paid was cut off before anybody read its answer. */
static void
test_a_later_run_uses_what_an_earlier_one_paid_for(Fixture *fixture, gconstpointer data)
{
  (void) data;
  Store *store = fixture->store;
  int64_t first = begin_run(store, 0);
  pay(store, &(ExchangeKey){first, "enrich:a", 1, 1}, "a");
  pay(store, &(ExchangeKey){first, "enrich:b", 1, 1}, "b");
  int64_t second = begin_run(store, 1);
  keep_answer(store, &(ExchangeKey){second, "enrich:a", 1, 0}, "a", "cached");
  pay(store, &(ExchangeKey){second, "enrich:a", 1, 1}, "a repaired");
  keep_answer(store, &(ExchangeKey){second, "enrich:a", 1, 2}, "another provider's", "error");
  g_assert_true(ledger_judge(store, second, "enrich:a", true, NULL));
  g_autofree char *outcomes = tell_outcomes(store);
  g_assert_cmpstr(outcomes, ==, "answered:failed answered:- answered:used");
  /* what was judged stays so */
  g_assert_true(ledger_judge(store, first, "enrich:a", true, NULL));
  g_assert_true(ledger_judge(store, second, "enrich:a", false, NULL));
  g_autofree char *again = tell_outcomes(store);
  g_assert_cmpstr(again, ==, outcomes);
}

static char *
tell_sums(Store *store, const char *by, int64_t from_ms)
{
  g_autoptr(json_t) sums = ledger_sums(store, by, from_ms, NULL);
  g_assert_nonnull(sums);
  GString *text = g_string_new(NULL);
  size_t index = 0;
  json_t *sum = NULL;
  json_array_foreach(sums, index, sum)
  {
    const char *key = NULL;
    json_t *value = NULL;
    json_object_foreach(sum, key, value)
    {
      if (json_is_string(value))
        g_string_append_printf(text, "%s:", json_string_value(value));
      else
        g_string_append_printf(text, " %" JSON_INTEGER_FORMAT, json_is_null(value) ? -1 : json_integer_value(value));
    }
    g_string_append(text, "; ");
  }
  return g_string_free(text, FALSE);
}

static void
test_sums_tell_what_money_was_good_for(Fixture *fixture, gconstpointer data)
{
  (void) data;
  Store *store = fixture->store;
  g_assert_true(store_execute(store,
                              "INSERT INTO stories(id, founded_ms, updated_ms, lead_item, merged_into) VALUES"
                              " ('a', 1, 2, 'i', NULL), ('b', 1, 2, 'i', 'a')",
                              NULL));
  int64_t first = begin_run(store, DAY_MS - 1);
  int64_t second = begin_run(store, DAY_MS);
  pay(store, &(ExchangeKey){first, "enrich:a", 1, 1}, "a");
  pay(store, &(ExchangeKey){second, "enrich:b", 1, 1}, "b");
  pay(store, &(ExchangeKey){second, "generate:a", 1, 1}, "c");
  settle(store, reserve(store, second, "enrich:a"), LEDGER_LOST, 300);
  settle(store, reserve(store, second, "enrich:a"), LEDGER_UNBILLED, 0);
  reserve(store, second, "enrich:gone");
  g_assert_true(ledger_judge(store, first, "enrich:a", true, NULL));
  g_assert_true(ledger_judge(store, second, "enrich:b", true, NULL));
  /* answers, tokens in and out, latency, cost, useful, lost calls and cost, unbilled */
  static const struct {
    const char *by;
    int64_t from_ms;
    const char *sums;
  } CASES[] = {
      {NULL, INT64_MIN, " 3 21 24 9 612 4 1 300 1; "},
      {NULL, 2 * DAY_MS, " 0 0 0 -1 0 0 0 0 0; "},
      {"day", INT64_MIN, "1970-01-01: 1 7 8 9 4 4 0 0 0; 1970-01-02: 2 14 16 9 608 0 1 300 1; "},
      {"day", DAY_MS, "1970-01-02: 2 14 16 9 608 0 1 300 1; "},
      {"stage", INT64_MIN, "enrich: 2 14 16 9 608 4 1 300 1; generate: 1 7 8 9 4 0 0 0 0; "},
      {"model", INT64_MIN, "small: 3 21 24 9 612 4 1 300 1; "},
      {"outcome", INT64_MIN,
       "duplicate: 1 7 8 9 4 0 0 0 0; lost: 0 0 0 -1 300 0 1 300 0; open: 0 0 0 -1 300 0 0 0 0; unbilled: 0 0 0 -1 0 0 0 0 1;"
       " unused: 1 7 8 9 4 0 0 0 0; used: 1 7 8 9 4 4 0 0 0; "},
  };
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    g_autofree char *sums = tell_sums(store, CASES[i].by, CASES[i].from_ms);
    g_assert_cmpstr(sums, ==, CASES[i].sums);
  }
}

static void
test_every_call_is_told(Fixture *fixture, gconstpointer data)
{
  (void) data;
  int64_t run_id = begin_run(fixture->store, DAY_MS);
  pay(fixture->store, &(ExchangeKey){run_id, "enrich:a", 1, 1}, "a");
  reserve(fixture->store, run_id, "enrich:b");
  g_autoptr(json_t) calls = ledger_calls(fixture->store, DAY_MS, NULL);
  g_autofree char *text = json_dumps(calls, JSON_COMPACT);
  g_assert_cmpstr(
      text, ==,
      "[{\"now\":\"1970-01-02T00:00:00Z\",\"run\":1,\"stage\":\"enrich\",\"story\":\"a\",\"provider\":\"openai\",\"model\":"
      "\"small\",\"purpose\":\"score\",\"input_tokens\":7,\"output_tokens\":8,\"reserved_micros\":300,\"cost_micros\":4,"
      "\"latency_ms\":9,\"outcome\":\"unused\"},"
      "{\"now\":\"1970-01-02T00:00:00Z\",\"run\":1,\"stage\":\"enrich\",\"story\":\"b\",\"provider\":\"openai\",\"model\":"
      "\"small\",\"purpose\":\"score\",\"input_tokens\":2000,\"output_tokens\":500,\"reserved_micros\":300,\"cost_micros\":300,"
      "\"latency_ms\":null,\"outcome\":\"open\"}]");
  g_autoptr(json_t) later = ledger_calls(fixture->store, DAY_MS + 1, NULL);
  g_assert_cmpuint(json_array_size(later), ==, 0);
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add("/ledger/row", Fixture, NULL, set_up, test_a_row_tells_all, tear_down);
  g_test_add("/ledger/open", Fixture, NULL, set_up, test_what_is_open_counts_in_full_and_is_lost, tear_down);
  g_test_add("/ledger/time", Fixture, NULL, set_up, test_a_time_is_that_of_the_now_of_its_run, tear_down);
  g_test_add("/ledger/outcome", Fixture, NULL, set_up, test_the_last_answer_is_the_used_one, tear_down);
  g_test_add("/ledger/cached", Fixture, NULL, set_up, test_a_later_run_uses_what_an_earlier_one_paid_for, tear_down);
  g_test_add("/ledger/sums", Fixture, NULL, set_up, test_sums_tell_what_money_was_good_for, tear_down);
  g_test_add("/ledger/calls", Fixture, NULL, set_up, test_every_call_is_told, tear_down);
  return g_test_run();
}
