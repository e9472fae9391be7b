#include "driver-harness.h"

#include "base/error.h"
#include "pipeline/gate.h"

/* What a test's job asks for, round by round: a NULL ends a round, two end the job. */
typedef struct {
  RequestKind kind;
  char *urls[12];
  unsigned endless_rounds;
} Wish;

static void
free_wish(void *data)
{
  Wish *wish = data;
  for (size_t i = 0; i < G_N_ELEMENTS(wish->urls); i++)
    g_free(wish->urls[i]);
  g_free(wish);
}

/* The result is what the replies said, joined by commas; any error fails the job. */
static void
step_wish(const void *input, const void *snapshot, const GPtrArray *replies, StepOutcome *ret_outcome)
{
  (void) snapshot;
  const Wish *wish = input;
  if (wish->endless_rounds > 0) {
    step_ask(ret_outcome, request_new(wish->kind, wish->urls[0]));
    return;
  }
  size_t next = replies->len;
  if (wish->urls[next] != NULL) {
    step_ask(ret_outcome, request_new(wish->kind, wish->urls[next]));
    return;
  }
  g_autoptr(GString) said = g_string_new(NULL);
  for (guint i = 0; i < replies->len; i++) {
    const Reply *reply = g_ptr_array_index(replies, i);
    if (reply->error != NULL && ret_outcome->error == NULL)
      ret_outcome->error = g_error_copy(reply->error);
    g_string_append_printf(said, "%s%s", i > 0 ? "," : "", reply->error == NULL ? reply->body : "failed");
  }
  if (ret_outcome->error == NULL)
    ret_outcome->result = g_strdup(said->str);
}

static Job *
add_job(GPtrArray *jobs, const char *name, RequestKind kind, const Engine *engine, const char *const *paths)
{
  Wish *wish = g_new0(Wish, 1);
  wish->kind = kind;
  for (size_t i = 0; paths[i] != NULL; i++)
    wish->urls[i] = make_url(engine->server, "a.localhost", paths[i]);
  Job *job = job_new("test", name, wish, free_wish, g_free);
  g_ptr_array_add(jobs, job);
  return job;
}

static StageTally
work(Engine *engine, GPtrArray *jobs)
{
  StageTally tally = {0};
  g_autoptr(GError) error = NULL;
  g_assert_true(driver_run(engine->driver, &(StageSpec){.name = "test", .step = step_wish, .deadline_ms = DEADLINE_MS}, jobs,
                           &tally, &error));
  g_assert_no_error(error);
  return tally;
}

static int64_t
count(Engine *engine, const char *condition)
{
  g_autofree char *sql = g_strdup_printf("SELECT count(*) FROM exchanges WHERE %s", condition);
  return query(engine, sql);
}

static void
test_results_stand_in_the_order_of_the_plan(void)
{
  g_autoptr(Engine) engine = engine_new();
  g_autoptr(GPtrArray) jobs = new_jobs();
  start_run(engine, NOW_MS);
  for (int i = 0; i < 40; i++) {
    g_autofree char *name = g_strdup_printf("%d", i);
    g_autofree char *path = g_strdup_printf("/job/%d", i);
    add_job(jobs, name, REQUEST_LISTING, engine, (const char *const[]){path, "/echo", NULL});
  }
  StageTally tally = work(engine, jobs);
  g_assert_cmpint(tally.failed, ==, 0);
  g_assert_cmpint(tally.workers, ==, 4);
  for (guint i = 0; i < jobs->len; i++) {
    const Job *job = g_ptr_array_index(jobs, i);
    g_assert_true(g_str_has_prefix(job->result, "hello,"));
  }
  /* /echo is one request of the whole run */
  g_assert_cmpint(engine->server->requests, ==, 41);
  g_assert_cmpint(count(engine, "source = 'coalesced'"), ==, 39);
}

static void
test_resume_sends_nothing_that_was_answered(void)
{
  g_autoptr(Engine) engine = engine_new();
  static const char *const PATHS[] = {"/a", "/b", NULL};
  start_run(engine, NOW_MS);
  for (int round = 0; round < 2; round++) {
    g_autoptr(GPtrArray) jobs = new_jobs();
    const Job *job = add_job(jobs, "x", REQUEST_LISTING, engine, PATHS);
    start_driver(engine);
    work(engine, jobs);
    g_assert_cmpstr(job->result, ==, "hello,hello");
    g_assert_cmpint(engine->server->requests, ==, 2);
  }
}

static void
test_resume_answers_errors_too(void)
{
  g_autoptr(Engine) engine = engine_new();
  start_run(engine, NOW_MS);
  for (int round = 0; round < 2; round++) {
    g_autoptr(GPtrArray) jobs = new_jobs();
    const Job *job = add_job(jobs, "x", REQUEST_LISTING, engine, (const char *const[]){"/status/404", NULL});
    start_driver(engine);
    g_assert_cmpint(work(engine, jobs).failed, ==, 1);
    g_assert_error(job->error, COURANT_ERROR, ERROR_REJECTED);
    g_assert_cmpint(engine->server->requests, ==, 1);
  }
}

static void
test_replay_names_what_is_missing(void)
{
  g_autoptr(Engine) engine = engine_new();
  g_autoptr(GPtrArray) jobs = new_jobs();
  engine->is_replay = true;
  start_run(engine, NOW_MS);
  const Job *job = add_job(jobs, "x", REQUEST_LISTING, engine, (const char *const[]){"/a", NULL});
  work(engine, jobs);
  g_assert_error(job->error, COURANT_ERROR, ERROR_BAD_DATA);
  g_assert_nonnull(strstr(job->error->message, "/a: the recording holds no answer"));
  g_assert_cmpint(engine->server->requests, ==, 0);
}

static void
test_pages_are_cached_a_day_and_listings_revalidated(void)
{
  static const struct {
    const char *why;
    RequestKind kind;
    int64_t later_ms;
    int requests;
    const char *source;
  } CASES[] = {
      {"a page of the same day", REQUEST_PAGE, 24 * HOUR_MS, 0, "cached"},
      {"a page of yesterday", REQUEST_PAGE, 24 * HOUR_MS + 1, 2, "sent"},
      {"a listing", REQUEST_LISTING, 1, 1, "revalidated"},
  };
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    g_test_message("%s", CASES[i].why);
    g_autoptr(Engine) engine = engine_new();
    g_autoptr(GPtrArray) first = new_jobs();
    g_autoptr(GPtrArray) second = new_jobs();
    start_run(engine, NOW_MS);
    add_job(first, "x", CASES[i].kind, engine, (const char *const[]){"/kept", NULL});
    work(engine, first);
    engine->server->requests = 0;
    start_run(engine, NOW_MS + CASES[i].later_ms);
    const Job *job = add_job(second, "x", CASES[i].kind, engine, (const char *const[]){"/kept", NULL});
    work(engine, second);
    g_assert_cmpstr(job->result, ==, "body");
    g_assert_cmpint(engine->server->requests, ==, CASES[i].requests);
    g_autofree char *condition = g_strdup_printf("run_id = 2 AND source = '%s' AND job = 'test:x'", CASES[i].source);
    g_assert_cmpint(count(engine, condition), ==, 1);
  }
}

static void
test_robots_are_asked_once_an_origin(void)
{
  g_autoptr(Engine) engine = engine_new();
  g_autoptr(GPtrArray) jobs = new_jobs();
  start_run(engine, NOW_MS);
  for (int i = 0; i < 10; i++) {
    g_autofree char *path = g_strdup_printf("/page/%d", i);
    add_job(jobs, path, REQUEST_PAGE, engine, (const char *const[]){path, NULL});
  }
  g_assert_cmpint(work(engine, jobs).failed, ==, 0);
  g_assert_cmpint(engine->server->requests, ==, 11);
  g_assert_cmpint(count(engine, "kind = 'robots'"), ==, 1);
}

static void
test_robots_txt_as_a_page_waits_for_nothing(void)
{
  g_autoptr(Engine) engine = engine_new();
  g_autoptr(GPtrArray) jobs = new_jobs();
  start_run(engine, NOW_MS);
  const Job *job = add_job(jobs, "x", REQUEST_PAGE, engine, (const char *const[]){"/robots.txt", NULL});
  g_assert_cmpint(work(engine, jobs).failed, ==, 0);
  g_assert_cmpstr(job->result, ==, "hello");
}

static void
test_redirected_pages_obey_robots_where_they_went(void)
{
  static const struct {
    const char *path;
    int code; /* -1: good */
  } CASES[] = {
      {"/location/302", ERROR_REJECTED}, {"/private/x", ERROR_REJECTED}, {"/redirect/3", -1}, {"/redirect/4", ERROR_REJECTED}};
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    g_test_message("%s", CASES[i].path);
    g_autoptr(Engine) engine = engine_new();
    g_autoptr(GPtrArray) jobs = new_jobs();
    engine->server->robots = g_strdup("User-agent: *\nDisallow: /private/\n");
    engine->server->location = g_strdup("/private/x");
    start_run(engine, NOW_MS);
    const Job *job = add_job(jobs, "x", REQUEST_PAGE, engine, (const char *const[]){CASES[i].path, NULL});
    work(engine, jobs);
    if (CASES[i].code >= 0)
      g_assert_error(job->error, COURANT_ERROR, CASES[i].code);
    else
      g_assert_cmpstr(job->result, ==, "hello");
    g_assert_cmpint(count(engine, "job = 'test:x'"), ==, 1);
  }
}

/* However their requests meet: each page ends as it would alone, and a target that somebody asked for is not asked for again.
 */
static void
test_pages_redirected_to_one_that_is_asked_for_share_it(void)
{
  static const Canned CANNED[] = {
      {.path = "/short/1", .status = 302, .headers = "Location: /long", .body = ""},
      {.path = "/short/2", .status = 301, .headers = "Location: /long", .body = ""},
      {.path = "/long", .status = 200, .body = "there"},
      {.path = "/loop/1", .status = 302, .headers = "Location: /loop/2", .body = ""},
      {.path = "/loop/2", .status = 302, .headers = "Location: /loop/1", .body = ""},
      {.path = "/self", .status = 302, .headers = "Location: /self", .body = ""},
      {.path = "/chain/4", .status = 302, .headers = "Location: /chain/3", .body = ""},
      {.path = "/chain/3", .status = 302, .headers = "Location: /chain/2", .body = ""},
      {.path = "/chain/2", .status = 302, .headers = "Location: /chain/1", .body = ""},
      {.path = "/chain/1", .status = 302, .headers = "Location: /chain/0", .body = ""},
      {.path = "/chain/0", .status = 200, .body = "end"},
      {0},
  };
  static const struct {
    const char *why;
    const char *paths[4];
    const char *results[4]; /* NULL: too many redirects */
    int most_requests;      /* with that for robots.txt */
  } CASES[] = {
      {"one target", {"/short/1", "/short/2", "/long"}, {"there", "there", "there"}, 4},
      {"the target last", {"/long", "/short/2"}, {"there", "there"}, 3},
      {"a loop of two", {"/loop/1", "/loop/2"}, {NULL, NULL}, 9},
      {"a loop of one, asked twice", {"/self", "/self"}, {NULL, NULL}, 5},
      {"one redirect too many for one", {"/chain/4", "/chain/3", "/chain/1"}, {NULL, "end", "end"}, 11},
      {"the same from the other end", {"/chain/1", "/chain/3", "/chain/4"}, {"end", "end", NULL}, 11},
  };
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    g_test_message("%s", CASES[i].why);
    g_autoptr(Engine) engine = engine_new();
    g_autoptr(GPtrArray) jobs = new_jobs();
    server_can(engine->server, CANNED);
    start_run(engine, NOW_MS);
    for (int j = 0; CASES[i].paths[j] != NULL; j++) {
      g_autofree char *name = g_strdup_printf("%d", j);
      add_job(jobs, name, REQUEST_PAGE, engine, (const char *const[]){CASES[i].paths[j], NULL});
    }
    work(engine, jobs);
    for (guint j = 0; j < jobs->len; j++) {
      const Job *job = g_ptr_array_index(jobs, j);
      g_assert_cmpstr(job->result, ==, CASES[i].results[j]);
      if (CASES[i].results[j] == NULL)
        g_assert_error(job->error, COURANT_ERROR, ERROR_REJECTED);
    }
    g_assert_cmpint(engine->server->requests, <=, CASES[i].most_requests);
  }
}

static void
test_a_304_nobody_asked_for_is_an_error(void)
{
  g_autoptr(Engine) engine = engine_new();
  g_autoptr(GPtrArray) jobs = new_jobs();
  start_run(engine, NOW_MS);
  const Job *job = add_job(jobs, "x", REQUEST_LISTING, engine, (const char *const[]){"/status/304", NULL});
  work(engine, jobs);
  g_assert_error(job->error, COURANT_ERROR, ERROR_BAD_DATA);
}

static void
test_resume_by_a_job_that_asks_something_else(void)
{
  g_autoptr(Engine) engine = engine_new();
  g_autoptr(GPtrArray) before = new_jobs();
  g_autoptr(GPtrArray) after = new_jobs();
  start_run(engine, NOW_MS);
  add_job(before, "x", REQUEST_LISTING, engine, (const char *const[]){"/a", NULL});
  work(engine, before);
  start_driver(engine);
  add_job(after, "x", REQUEST_LISTING, engine, (const char *const[]){"/b", NULL});
  StageTally tally = {0};
  g_autoptr(GError) error = NULL;
  g_assert_false(driver_run(engine->driver, &(StageSpec){.name = "test", .step = step_wish, .deadline_ms = DEADLINE_MS}, after,
                            &tally, &error));
  g_assert_error(error, COURANT_ERROR, ERROR_DATABASE);
  g_assert_nonnull(strstr(error->message, "--fresh"));
}

static void
test_second_pass_asks_anew_only_what_failed(void)
{
  g_autoptr(Engine) engine = engine_new();
  g_autoptr(GPtrArray) jobs = new_jobs();
  start_run(engine, NOW_MS);
  engine->server->failures = 2;
  engine->server->status = 503;
  engine->server->retry_after = -1;
  add_job(jobs, "good", REQUEST_LISTING, engine, (const char *const[]){"/a", NULL});
  add_job(jobs, "also", REQUEST_LISTING, engine, (const char *const[]){"/b", NULL});
  add_job(jobs, "bad", REQUEST_LISTING, engine, (const char *const[]){"/c", "/flaky?1", NULL});
  add_job(jobs, "worse", REQUEST_LISTING, engine, (const char *const[]){"/d", "/flaky?2", NULL});
  add_job(jobs, "never", REQUEST_LISTING, engine, (const char *const[]){"/e", "/status/404", NULL});
  StageTally tally = work(engine, jobs);
  g_assert_true(tally.has_second_pass);
  g_assert_cmpint(tally.failed, ==, 1);
  g_assert_cmpstr(((const Job *) g_ptr_array_index(jobs, 2))->result, ==, "hello,flaky");
  g_assert_cmpstr(((const Job *) g_ptr_array_index(jobs, 3))->result, ==, "hello,flaky");
  g_assert_cmpint(engine->server->requests, ==, 5 + 3 + 2);
  g_assert_cmpint(count(engine, "pass = 2"), ==, 2);
}

static void
test_a_job_that_never_ends_asking_is_stopped(void)
{
  g_autoptr(Engine) engine = engine_new();
  g_autoptr(GPtrArray) jobs = new_jobs();
  start_run(engine, NOW_MS);
  Job *job = add_job(jobs, "x", REQUEST_LISTING, engine, (const char *const[]){"/a", NULL});
  ((Wish *) job->input)->endless_rounds = 1;
  work(engine, jobs);
  g_assert_error(job->error, COURANT_ERROR, ERROR_BAD_DATA);
  g_assert_cmpint(count(engine, "1"), ==, STEP_MAX_ROUNDS);
}

static void
test_gate_judges_by_how_robots_ended(void)
{
  static const struct {
    const char *why;
    const char *rules;
    int code;
    int refusal; /* -1: allowed */
  } CASES[] = {
      {"rules that allow", "User-agent: *\nDisallow: /private/\n", -1, -1},
      {"rules that forbid", "User-agent: courant\nDisallow: /p\n", -1, ERROR_REJECTED},
      {"no such file", NULL, ERROR_REJECTED, -1},
      {"a broken server", NULL, ERROR_RETRY, ERROR_RETRY},
      {"a busy server", NULL, ERROR_THROTTLED, ERROR_RETRY},
  };
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    g_test_message("%s", CASES[i].why);
    g_autoptr(GHashTable) gates = gates_new();
    Gate *gate = gates_of(gates, "https://example.org/page?x=1", 1);
    g_autoptr(Reply) reply = reply_new();
    g_autoptr(GError) error = NULL;
    if (CASES[i].rules != NULL) {
      g_free(reply->body);
      reply->body = g_strdup(CASES[i].rules);
      reply->body_length = strlen(reply->body);
    }
    if (CASES[i].code >= 0)
      error_set(&reply->error, (ErrorCode) CASES[i].code, "HTTP");
    gate_learn(gate, reply);
    g_assert_cmpint(gate_check(gate, "https://example.org/page?x=1", "courant", &error), ==, CASES[i].refusal < 0);
    if (CASES[i].refusal >= 0)
      g_assert_error(error, COURANT_ERROR, CASES[i].refusal);
    Gate *later = gates_of(gates, "https://example.org/other", 2);
    g_assert_cmpint(later->is_known, ==, CASES[i].refusal != ERROR_RETRY);
  }
}

int
main(int argc, char **argv)
{
  static const Test TESTS[] = {
      {"/driver/order", test_results_stand_in_the_order_of_the_plan},
      {"/driver/resume", test_resume_sends_nothing_that_was_answered},
      {"/driver/resume-errors", test_resume_answers_errors_too},
      {"/driver/replay", test_replay_names_what_is_missing},
      {"/driver/cache", test_pages_are_cached_a_day_and_listings_revalidated},
      {"/driver/robots", test_robots_are_asked_once_an_origin},
      {"/driver/robots-as-a-page", test_robots_txt_as_a_page_waits_for_nothing},
      {"/driver/redirected-pages", test_redirected_pages_obey_robots_where_they_went},
      {"/driver/shared-targets", test_pages_redirected_to_one_that_is_asked_for_share_it},
      {"/driver/unasked-304", test_a_304_nobody_asked_for_is_an_error},
      {"/driver/another-program", test_resume_by_a_job_that_asks_something_else},
      {"/driver/second-pass", test_second_pass_asks_anew_only_what_failed},
      {"/driver/rounds", test_a_job_that_never_ends_asking_is_stopped},
      {"/gate", test_gate_judges_by_how_robots_ended},
      {0},
  };
  return run_tests(argc, argv, TESTS);
}
