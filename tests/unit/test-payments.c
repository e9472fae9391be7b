/* Calls of language models: what they cost, and who pays. */
#include "driver-harness.h"

#include "base/error.h"

#include <stdio.h>

enum { WORST_MICROS = 100, PLENTY = 100000 };

static const int64_t DAY_MS = INT64_C(24) * HOUR_MS;

/* What a test's job asks: each of @urls in turn, until one is answered; "" ends. */
typedef struct {
  char *urls[4];
  const char *body;
} Prompt;

static void
free_prompt(void *data)
{
  Prompt *prompt = data;
  for (size_t i = 0; i < G_N_ELEMENTS(prompt->urls); i++)
    g_free(prompt->urls[i]);
  g_free(prompt);
}

/* Answers say it in their body: "usage 12 5". */
static bool
read_usage(const Reply *reply, int64_t *ret_input_tokens, int64_t *ret_output_tokens)
{
  long long input = 0;
  long long output = 0;
  if (sscanf(reply->body, "usage %lld %lld", &input, &output) != 2)
    return false;
  *ret_input_tokens = input;
  *ret_output_tokens = output;
  return true;
}

static Request *
make_call(const char *url, const char *body)
{
  static const Expense EXPENSE = {
      .provider = (char *) "openai",
      .model = (char *) "small",
      .purpose = (char *) "score",
      .input_tokens = 60,
      .output_tokens = 20,
      .input_price = 1000000,
      .output_price = 2000000,
      .read_usage = read_usage,
  };
  Request *request = request_new(REQUEST_LLM, url);
  request->body = g_strdup(body);
  request->expense = expense_copy(&EXPENSE);
  return request;
}

/* The result is what was answered, or the code of the last error. */
static void
step_prompt(const void *input, const void *snapshot, const GPtrArray *replies, StepOutcome *ret_outcome)
{
  (void) snapshot;
  const Prompt *prompt = input;
  const Reply *last = replies->len > 0 ? g_ptr_array_index(replies, replies->len - 1) : NULL;
  if (last != NULL && last->error == NULL)
    ret_outcome->result = g_strdup(last->body);
  else if (prompt->urls[replies->len] != NULL)
    step_ask(ret_outcome, make_call(prompt->urls[replies->len], prompt->body));
  else
    ret_outcome->result = g_strdup(error_code_name(last->error->code));
}

static Job *
add_job(GPtrArray *jobs, const char *name, const Engine *engine, const char *path, const char *body)
{
  Prompt *prompt = g_new0(Prompt, 1);
  prompt->urls[0] = make_url(engine->server, "llm.localhost", path);
  prompt->body = body;
  Job *job = job_new("test", name, prompt, free_prompt, g_free);
  job->worst_micros = 2 * WORST_MICROS;
  g_ptr_array_add(jobs, job);
  return job;
}

static void
work(Engine *engine, GPtrArray *jobs)
{
  StageTally tally = {0};
  g_autoptr(GError) error = NULL;
  g_assert_true(driver_run(engine->driver, &(StageSpec){.name = "test", .step = step_prompt, .deadline_ms = DEADLINE_MS}, jobs,
                           &tally, &error));
  g_assert_no_error(error);
}

/* Works one job that posts to @path. Returns: (transfer full): its result */
static char *
work_one(Engine *engine, const char *path)
{
  g_autoptr(GPtrArray) jobs = new_jobs();
  Job *job = add_job(jobs, "x", engine, path, "p");
  work(engine, jobs);
  return g_steal_pointer(&job->result);
}

static char *
tell(Engine *engine, const char *sql)
{
  Rows *rows = store_select(engine->store, sql, "");
  char *text = rows_next(rows) ? g_strdup(rows_text(rows, 0)) : NULL;
  g_assert_true(rows_end(rows, NULL));
  return text;
}

static char *
tell_ledger(Engine *engine)
{
  return tell(engine, "SELECT ifnull(group_concat(line, ' '), '') FROM (SELECT state || ':' || input_tokens || '+' ||"
                      " output_tokens || '=' || charged AS line FROM ledger ORDER BY id)");
}

static void
test_each_try_is_charged_as_it_ended(void)
{
  static const Canned CANNED[] = {
      {.path = "/good", .status = 200, .body = "usage 12 5"},
      {.path = "/busy", .status = 503, .body = "", .uses = 1},
      {.path = "/busy", .status = 200, .body = "usage 1 1"},
      {.path = "/silent", .status = 200, .body = "no usage"},
      {.path = "/dear", .status = 200, .body = "usage 60 21"},
      {.path = "/absurd", .status = 200, .body = "usage 9000000000000000000 9000000000000000000"},
      {.path = "/negative", .status = 200, .body = "usage -5 20"},
      {.path = "/long", .status = 200, .body = "usage 61 1"},
      {.path = "/gone", .status = 410, .body = "usage 12 5"},
      {0},
  };
  static const struct {
    const char *path;
    int64_t max_tries;
    const char *ledger;
    const char *result;
  } CASES[] = {
      {"/good", 1, "answered:12+5=22", "usage 12 5"},
      {"/busy", 2, "unbilled:0+0=0 answered:1+1=3", "usage 1 1"},
      {"/status/400", 3, "unbilled:0+0=0", "rejected"},
      {"/status/500", 2, "unbilled:0+0=0 unbilled:0+0=0", "retry"},
      {"/silent", 1, "answered:60+20=100", "no usage"},
      {"/dear", 1, "answered:60+20=100", "usage 60 21"},
      {"/absurd", 1, "answered:60+20=100", "usage 9000000000000000000 9000000000000000000"},
      {"/negative", 1, "answered:60+20=100", "usage -5 20"},
      {"/long", 1, "answered:60+20=100", "usage 61 1"},
      {"/gone", 1, "unbilled:0+0=0", "usage 12 5"},
      {"/truncated", 1, "lost:60+20=100", "retry"},
      /* a try after a lost one is paid from what the job holds: enough for one */
      {"/truncated", 3, "lost:60+20=100 lost:60+20=100", "budget"},
  };
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    g_test_message("%s", CASES[i].path);
    g_autoptr(Engine) engine = engine_new();
    server_can(engine->server, CANNED);
    engine->max_tries = CASES[i].max_tries;
    start_run(engine, NOW_MS);
    g_autofree char *result = work_one(engine, CASES[i].path);
    g_autofree char *ledger = tell_ledger(engine);
    g_assert_cmpstr(result, ==, CASES[i].result);
    g_assert_cmpstr(ledger, ==, CASES[i].ledger);
    g_assert_cmpint(query(engine, "SELECT count(*) FROM exchanges"), ==, 1);
    /* the last of them left it */
    g_assert_cmpint(query(engine, "SELECT count(*) FROM ledger WHERE exchange_id = (SELECT id FROM exchanges)"), ==, 1);
    g_assert_cmpint(query(engine, "SELECT exchange_id FROM ledger ORDER BY id DESC LIMIT 1"), >, 0);
  }
}

static void
test_nothing_that_was_not_sent_costs_anything(void)
{
  g_autoptr(Engine) engine = engine_new();
  start_run(engine, NOW_MS);
  g_autoptr(GPtrArray) jobs = new_jobs();
  Job *job = add_job(jobs, "x", engine, "/", "p");
  Prompt *prompt = job->input;
  g_free(prompt->urls[0]);
  /* port 1, tcpmux: nobody listens */
  prompt->urls[0] = g_strdup("http://127.0.0.1:1/");
  work(engine, jobs);
  g_autofree char *ledger = tell_ledger(engine);
  g_assert_cmpstr(job->result, ==, "retry");
  g_assert_cmpstr(ledger, ==, "unbilled:0+0=0");
}

static void
test_an_answer_is_paid_once_in_90_days(void)
{
  static const Canned CANNED[] = {{.path = "/good", .status = 200, .body = "usage 12 5"}, {0}};
  g_autoptr(Engine) engine = engine_new();
  server_can(engine->server, CANNED);
  static const struct {
    int64_t later_ms;
    int rows;
    const char *source;
  } RUNS[] = {{0, 1, "sent"}, {90 * DAY_MS, 1, "cached"}, {90 * DAY_MS + 1, 2, "sent"}};
  for (size_t i = 0; i < G_N_ELEMENTS(RUNS); i++) {
    start_run(engine, NOW_MS + RUNS[i].later_ms);
    g_autofree char *result = work_one(engine, "/good");
    g_assert_cmpstr(result, ==, "usage 12 5");
    g_assert_cmpint(query(engine, "SELECT count(*) FROM ledger"), ==, RUNS[i].rows);
    g_assert_cmpint(engine->server->requests, ==, RUNS[i].rows);
    g_autofree char *source = tell(engine, "SELECT source FROM exchanges ORDER BY id DESC LIMIT 1");
    g_assert_cmpstr(source, ==, RUNS[i].source);
  }
}

static void
test_an_answer_without_usage_answers_once(void)
{
  static const Canned CANNED[] = {{.path = "/sorry", .status = 200, .body = "the model is busy"}, {0}};
  g_autoptr(Engine) engine = engine_new();
  server_can(engine->server, CANNED);
  for (int i = 1; i <= 2; i++) {
    start_run(engine, NOW_MS + i);
    g_autofree char *result = work_one(engine, "/sorry");
    g_assert_cmpstr(result, ==, "the model is busy");
    g_assert_cmpint(engine->server->requests, ==, i);
  }
}

static void
test_equal_calls_cost_once(void)
{
  static const Canned CANNED[] = {{.path = "/good", .status = 200, .body = "usage 12 5"}, {0}};
  g_autoptr(Engine) engine = engine_new();
  g_autoptr(GPtrArray) jobs = new_jobs();
  server_can(engine->server, CANNED);
  start_run(engine, NOW_MS);
  for (int i = 0; i < 4; i++) {
    g_autofree char *name = g_strdup_printf("%d", i);
    add_job(jobs, name, engine, "/good", "p");
  }
  Job *other = add_job(jobs, "other", engine, "/good", "another body");
  work(engine, jobs);
  g_assert_cmpstr(other->result, ==, "usage 12 5");
  g_assert_cmpint(query(engine, "SELECT count(*) FROM ledger"), ==, 2);
  g_assert_cmpint(query(engine, "SELECT count(*) FROM exchanges WHERE source = 'coalesced'"), ==, 3);
}

/* The second waits for the first, which runs out of money: it then asks with its own. */
static void
test_one_that_follows_pays_when_the_first_cannot(void)
{
  g_autoptr(Engine) engine = engine_new();
  g_autoptr(GPtrArray) jobs = new_jobs();
  engine->max_tries = 3;
  start_run(engine, NOW_MS);
  Job *first = add_job(jobs, "first", engine, "/truncated", "p");
  Job *second = add_job(jobs, "second", engine, "/truncated", "p");
  work(engine, jobs);
  g_assert_cmpstr(first->result, ==, "budget");
  g_assert_cmpstr(second->result, ==, "budget");
  g_assert_cmpint(query(engine, "SELECT count(*) FROM ledger WHERE state = 'lost' AND charged = 100"), ==, 4);
  g_assert_cmpint(query(engine, "SELECT count(DISTINCT job) FROM ledger"), ==, 2);
}

/* Without money nothing is asked; that one has none says nothing of the next. */
static void
test_without_money_nothing_goes_out(void)
{
  static const Canned CANNED[] = {{.path = "/good", .status = 200, .body = "usage 12 5"}, {0}};
  g_autoptr(Engine) engine = engine_new();
  g_autoptr(GPtrArray) jobs = new_jobs();
  server_can(engine->server, CANNED);
  engine->workers = 1;
  start_run(engine, NOW_MS);
  Job *dear = add_job(jobs, "dear", engine, "/good", "p");
  Job *free_of_charge = add_job(jobs, "free", engine, "/good", "p");
  Job *good = add_job(jobs, "good", engine, "/good", "p");
  dear->worst_micros = engine->caps.per_article_micros + 1;
  free_of_charge->worst_micros = 0;
  work(engine, jobs);
  g_assert_cmpstr(dear->result, ==, "budget");
  g_assert_cmpstr(free_of_charge->result, ==, "budget");
  g_assert_cmpstr(good->result, ==, "usage 12 5");
  g_assert_cmpint(engine->server->requests, ==, 1);
  ExchangeCounts counts = {0};
  g_assert_true(exchanges_count(engine->store, engine->run->id, &counts, NULL));
  g_assert_cmpint(counts.unpaid, ==, 2);
  g_assert_cmpint(counts.calls, ==, 1);
}

/* Fills @jobs with ten whose calls cost different sums. */
static void
add_ten(GPtrArray *jobs, const Engine *engine)
{
  static const char *const PATHS[] = {"/a", "/b", "/c"};
  for (int i = 0; i < 10; i++) {
    g_autofree char *name = g_strdup_printf("%d", i);
    Job *job = add_job(jobs, name, engine, PATHS[i % 3], NULL);
    ((Prompt *) job->input)->body = ((const char *const[]){"0", "1", "2", "3", "4", "5", "6", "7", "8", "9"})[i];
  }
}

static void
test_who_gets_money_does_not_depend_on_the_workers(void)
{
  static const Canned CANNED[] = {
      {.path = "/a", .status = 200, .body = "usage 10 5"},
      {.path = "/b", .status = 200, .body = "usage 50 20"},
      {.path = "/c", .status = 200, .body = "usage 0 1"},
      {0},
  };
  static const int64_t WORKERS[] = {1, 3, 10};
  for (size_t i = 0; i < G_N_ELEMENTS(WORKERS); i++) {
    g_autoptr(Engine) engine = engine_new();
    g_autoptr(GPtrArray) jobs = new_jobs();
    g_autoptr(GString) results = g_string_new(NULL);
    server_can(engine->server, CANNED);
    engine->workers = WORKERS[i];
    engine->caps.per_run_micros = 420;
    start_run(engine, NOW_MS);
    add_ten(jobs, engine);
    work(engine, jobs);
    for (guint j = 0; j < jobs->len; j++)
      g_string_append_c(results, *(const char *) ((const Job *) g_ptr_array_index(jobs, j))->result);
    /* the five cost 20, 90, 2, 20 and 90: another 200 are no more to be had */
    g_assert_cmpstr(results->str, ==, "uuuuubbbbb");
    g_assert_cmpint(ledger_spent_in_run(engine->store, engine->run->id, NULL, NULL), ==, 222);
  }
}

static int64_t
leave_open(Engine *engine, const char *job)
{
  g_autoptr(Request) request = make_call("http://llm.localhost/", "p");
  const ExchangeKey key = {.run_id = engine->run->id, .job = job, .pass = 1};
  return ledger_reserve(engine->store, &key, request->expense, NULL);
}

/* Killed between the reservation and the answer: whether the call was sent nobody knows. */
static void
test_what_a_kill_left_open_is_lost_and_asked_again(void)
{
  static const Canned CANNED[] = {{.path = "/good", .status = 200, .body = "usage 12 5"}, {0}};
  static const struct {
    int open;
    int64_t per_run_micros;
    const char *result;
    const char *ledger;
    int requests;
  } CASES[] = {
      {1, 300, "usage 12 5", "lost:60+20=100 answered:12+5=22", 1},
      {2, 400, "usage 12 5", "lost:60+20=100 lost:60+20=100 answered:12+5=22", 1},
      {2, 399, "budget", "lost:60+20=100 lost:60+20=100", 0},
  };
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    g_autoptr(Engine) engine = engine_new();
    server_can(engine->server, CANNED);
    engine->caps.per_run_micros = CASES[i].per_run_micros;
    start_run(engine, NOW_MS);
    for (int j = 0; j < CASES[i].open; j++)
      g_assert_cmpint(leave_open(engine, "test:x"), >, 0);
    /* and once more: killed after the answer was committed, before its step */
    for (int round = 0; round < 2; round++) {
      start_driver(engine);
      g_autofree char *result = work_one(engine, "/good");
      g_autofree char *ledger = tell_ledger(engine);
      g_assert_cmpstr(result, ==, CASES[i].result);
      g_assert_cmpstr(ledger, ==, CASES[i].ledger);
      g_assert_cmpint(engine->server->requests, ==, CASES[i].requests);
    }
  }
}

static void
test_a_replay_pays_nothing(void)
{
  static const Canned CANNED[] = {{.path = "/good", .status = 200, .body = "usage 12 5"}, {0}};
  static const BudgetOptions CAPS[] = {{PLENTY, PLENTY, PLENTY, PLENTY}, {0}};
  static const char *const RESULTS[] = {"usage 12 5", "budget"};
  for (size_t i = 0; i < G_N_ELEMENTS(CAPS); i++) {
    g_autoptr(Engine) engine = engine_new();
    server_can(engine->server, CANNED);
    engine->caps = CAPS[i];
    start_run(engine, NOW_MS);
    g_autofree char *first = work_one(engine, "/good");
    int asked = engine->server->requests;
    g_assert_cmpstr(first, ==, RESULTS[i]);
    g_assert_true(store_execute(engine->store, "DELETE FROM ledger", NULL));
    engine->is_replay = true;
    /* what had money finds none, and the other way about */
    engine->caps = CAPS[1 - i];
    start_driver(engine);
    g_autofree char *again = work_one(engine, "/good");
    g_assert_cmpstr(again, ==, first);
    g_assert_cmpint(query(engine, "SELECT count(*) FROM ledger"), ==, 0);
    g_assert_cmpint(engine->server->requests, ==, asked);
  }
}

int
main(int argc, char **argv)
{
  static const Test TESTS[] = {
      {"/payments/tries", test_each_try_is_charged_as_it_ended},
      {"/payments/not-sent", test_nothing_that_was_not_sent_costs_anything},
      {"/payments/cache", test_an_answer_is_paid_once_in_90_days},
      {"/payments/no-usage", test_an_answer_without_usage_answers_once},
      {"/payments/equal", test_equal_calls_cost_once},
      {"/payments/follower", test_one_that_follows_pays_when_the_first_cannot},
      {"/payments/no-money", test_without_money_nothing_goes_out},
      {"/payments/workers", test_who_gets_money_does_not_depend_on_the_workers},
      {"/payments/kill", test_what_a_kill_left_open_is_lost_and_asked_again},
      {"/payments/replay", test_a_replay_pays_nothing},
      {0},
  };
  return run_tests(argc, argv, TESTS);
}
