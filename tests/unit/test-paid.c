#include "client-harness.h"

#include "os/clock.h"

#include <string.h>

static const char OK_BODY[] = "{\"used\": 20}";

/* The reply that tells nothing is one of an empty body. */
static bool
read_usage(const Reply *reply, int64_t *ret_input_tokens, int64_t *ret_output_tokens)
{
  *ret_input_tokens = 15;
  *ret_output_tokens = 5;
  return strcmp(reply->body, OK_BODY) == 0;
}

/* For a.localhost. */
static Client *
make_paying_client(const Server *server, const Service *limits, ClientOptions options)
{
  Client *client = make_client(&options);
  g_autoptr(Service) service = service_copy(limits);
  service->prefix = make_url(server, "a.localhost", "/");
  service->auth = g_strdup("llm");
  service->secret = g_strdup("s3cret");
  add_service_to(client, service);
  return client;
}

static void
submit_paid(Client *client, const Server *server, const char *path, void *tag)
{
  g_autofree char *url = make_url(server, "a.localhost", path);
  g_autoptr(Request) request = request_new(REQUEST_LLM, url);
  request->auth = g_strdup("llm");
  request->headers = g_ptr_array_new_with_free_func(g_free);
  g_ptr_array_add(request->headers, g_strdup("Content-Type: application/json"));
  request->body = g_strdup("{\"a\": \"b\"}");
  const Expense expense = {.input_tokens = 50, .output_tokens = 10, .read_usage = read_usage};
  request->expense = expense_copy(&expense);
  client_submit(client, request, NULL, tag);
}

/* The next thing that happens is @state of @tag. Returns: (transfer full) */
static ClientAnswer *
expect(Client *client, CallState state, const void *tag)
{
  ClientAnswer *answer = await(client);
  g_assert_cmpint(answer->state, ==, state);
  g_assert_true(answer->tag == tag);
  g_assert_cmpint(answer->reply == NULL, ==, state == CALL_DUE);
  return answer;
}

static void
expect_due(Client *client, void *tag)
{
  client_answer_free(expect(client, CALL_DUE, tag));
}

/* Nothing more happens now. */
static void
expect_nothing(Client *client)
{
  client_perform(client);
  g_assert_null(client_take(client));
}

static void
test_nothing_goes_out_before_it_is_sent(void)
{
  static const Canned CANNED[] = {{"/chat", 200, NULL, OK_BODY, 0}, {NULL, 0, NULL, NULL, 0}};
  static const char *const LOG[] = {"POST /chat|*|Bearer s3cret|{\"a\": \"b\"}"};
  g_autoptr(Server) server = server_new();
  server_can(server, CANNED);
  g_autoptr(Client) client = make_paying_client(server, &(Service){0}, OPTIONS);
  submit_paid(client, server, "/chat", "x");
  g_autoptr(ClientAnswer) due = expect(client, CALL_DUE, "x");
  g_assert_cmpuint(due->tries->len, ==, 0);
  for (int i = 0; i < 3; i++)
    expect_nothing(client);
  g_assert_cmpint(server->connections, ==, 0);
  client_send(client, "x");
  client_send(client, "x");
  g_autoptr(ClientAnswer) ended = expect(client, CALL_ENDED, "x");
  g_assert_no_error(ended->reply->error);
  g_assert_cmpstr(ended->reply->body, ==, OK_BODY);
  g_assert_cmpuint(ended->tries->len, ==, 1);
  g_assert_cmpint(g_array_index(ended->tries, ClientTry, 0).status, ==, 200);
  assert_log(server, LOG, G_N_ELEMENTS(LOG));
}

static void
test_content_type_is_the_steps_own(void)
{
  g_autoptr(Server) server = server_new();
  g_autoptr(Client) client = make_paying_client(server, &(Service){0}, OPTIONS);
  submit_paid(client, server, "/echo", NULL);
  expect_due(client, NULL);
  client_send(client, NULL);
  g_autoptr(ClientAnswer) ended = expect(client, CALL_ENDED, NULL);
  g_assert_nonnull(strstr(ended->reply->body, "Content-Type: application/json\n"));
  g_assert_null(strstr(ended->reply->body, "urlencoded"));
  g_assert_null(strstr(ended->reply->body, "Expect:"));
}

/* Each further try is due again, and how the one before ended is told first. */
static void
test_each_try_is_announced(void)
{
  static const struct {
    const char *path;
    long status;
    const char *headers;
    ErrorCode code;
  } CASES[] = {
      {"/chat", 503, NULL, ERROR_RETRY},
      {"/chat", 429, "Retry-After-Ms: 3\nRetry-After: 3600", ERROR_THROTTLED},
      {"/truncated", 0, NULL, ERROR_RETRY},
  };
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    g_autoptr(Server) server = server_new();
    const Canned canned[] = {{"/chat", (unsigned) CASES[i].status, CASES[i].headers, "", 1}, {NULL, 0, NULL, NULL, 0}};
    server_can(server, canned);
    g_autoptr(Client) client = make_paying_client(server, &(Service){0}, OPTIONS);
    submit_paid(client, server, CASES[i].path, "x");
    expect_due(client, "x");
    client_send(client, "x");
    g_autoptr(ClientAnswer) tried = expect(client, CALL_TRIED, "x");
    g_assert_error(tried->reply->error, COURANT_ERROR, (int) CASES[i].code);
    g_assert_true(g_str_has_prefix(tried->reply->error->message, "POST http://a.localhost"));
    g_assert_cmpint(tried->reply->status, ==, CASES[i].status);
    g_assert_cmpuint(tried->tries->len, ==, 1);
    expect_due(client, "x");
    int asked = server->requests;
    expect_nothing(client);
    g_assert_cmpint(server->requests, ==, asked);
  }
}

static void
test_refused_calls_end_as_they_were_refused(void)
{
  g_autoptr(Server) server = server_new();
  ClientOptions options = OPTIONS;
  options.in_flight_per_host = 1;
  g_autoptr(Client) client = make_paying_client(server, &(Service){0}, options);
  submit_paid(client, server, "/chat", "first");
  submit_paid(client, server, "/chat", "second");
  expect_due(client, "first");
  expect_nothing(client);
  client_refuse(client, "first", g_error_new_literal(COURANT_ERROR, ERROR_BUDGET, "no money"));
  client_refuse(client, "first", g_error_new_literal(COURANT_ERROR, ERROR_BUDGET, "of no use"));
  g_autoptr(ClientAnswer) refused = expect(client, CALL_ENDED, "first");
  assert_failed(refused, ERROR_BUDGET, "no money");
  g_assert_cmpuint(refused->tries->len, ==, 0);
  expect_due(client, "second");
  g_assert_cmpint(server->connections, ==, 0);
}

static void
test_deadline_ends_what_is_due(void)
{
  g_autoptr(Server) server = server_new();
  g_autoptr(Client) client = make_paying_client(server, &(Service){0}, OPTIONS);
  submit_paid(client, server, "/chat", "x");
  expect_due(client, "x");
  client_set_deadline(client, clock_monotonic_ms());
  g_autoptr(ClientAnswer) ended = expect(client, CALL_ENDED, "x");
  assert_failed(ended, ERROR_THROTTLED, "POST *: not sent at this stage's deadline; will be tried again next run");
  client_send(client, "x");
  expect_nothing(client);
  g_assert_cmpint(server->connections, ==, 0);
}

/* With what is due, under way, announced and not taken. */
static void
test_client_is_freed_with_calls(void)
{
  g_autoptr(Server) server = server_new();
  g_autoptr(Client) client = make_paying_client(server, &(Service){0}, OPTIONS);
  submit_paid(client, server, "/stall", "first");
  expect_due(client, "first");
  client_send(client, "first");
  client_perform(client);
  submit_paid(client, server, "/chat", "second");
  expect_due(client, "second");
  submit_paid(client, server, "/chat", "third");
  client_perform(client);
}

/* What usage tells makes room at once; what it does not tell, and what failed, is left at its worst; a 429 took nothing. */
static void
test_tokens_are_corrected_by_usage(void)
{
  static const struct {
    unsigned status;
    const char *body;
    bool has_room;
  } CASES[] = {{200, OK_BODY, true}, {200, "", false}, {400, OK_BODY, true}, {500, OK_BODY, false}, {429, OK_BODY, true}};
  ClientOptions options = OPTIONS;
  options.max_tries = 1;
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    g_test_message("case %zu", i);
    g_autoptr(Server) server = server_new();
    const Canned canned[] = {{"/chat", CASES[i].status, NULL, CASES[i].body, 0}, {NULL, 0, NULL, NULL, 0}};
    server_can(server, canned);
    g_autoptr(Client) client = make_paying_client(server, &(Service){.tokens = 100, .window_ms = HOUR_MS}, options);
    client_set_deadline(client, clock_monotonic_ms() + HOUR_MS / 2);
    submit_paid(client, server, "/chat", "first");
    expect_due(client, "first");
    submit_paid(client, server, "/chat", "second");
    expect_nothing(client);
    client_send(client, "first");
    client_answer_free(expect(client, CALL_ENDED, "first"));
    client_answer_free(expect(client, CASES[i].has_room ? CALL_DUE : CALL_ENDED, "second"));
  }
}

static void
test_services_have_places_of_their_own(void)
{
  enum { PLACES = 3 };
  g_autoptr(Server) server = server_new();
  ClientOptions options = OPTIONS;
  options.in_flight_per_host = 1;
  g_autoptr(Client) client = make_paying_client(server, &(Service){.in_flight = PLACES}, options);
  static int tags[PLACES + 1];
  for (int i = 0; i < PLACES + 1; i++)
    submit_paid(client, server, "/chat", &tags[i]);
  for (int i = 0; i < PLACES; i++)
    expect_due(client, &tags[i]);
  expect_nothing(client);
}

static void
test_calls_have_their_own_time(void)
{
  g_autoptr(Server) server = server_new();
  ClientOptions options = OPTIONS;
  options.call_timeout_ms = 50;
  options.max_tries = 1;
  g_autoptr(Client) client = make_paying_client(server, &(Service){0}, options);
  submit_paid(client, server, "/stall", NULL);
  expect_due(client, NULL);
  client_send(client, NULL);
  g_autoptr(ClientAnswer) ended = expect(client, CALL_ENDED, NULL);
  assert_failed(ended, ERROR_RETRY, "POST *: timed out after 0.05 s after 1 try; will be tried again next run");
}

int
main(int argc, char **argv)
{
  static const Test TESTS[] = {
      {"/paid/nothing-goes-out-before-it-is-sent", test_nothing_goes_out_before_it_is_sent},
      {"/paid/content-type-is-the-steps-own", test_content_type_is_the_steps_own},
      {"/paid/each-try-is-announced", test_each_try_is_announced},
      {"/paid/refused-calls-end-as-they-were-refused", test_refused_calls_end_as_they_were_refused},
      {"/paid/deadline-ends-what-is-due", test_deadline_ends_what_is_due},
      {"/paid/client-is-freed-with-calls", test_client_is_freed_with_calls},
      {"/paid/tokens-are-corrected-by-usage", test_tokens_are_corrected_by_usage},
      {"/paid/services-have-places-of-their-own", test_services_have_places_of_their_own},
      {"/paid/calls-have-their-own-time", test_calls_have_their_own_time},
      {NULL, NULL},
  };
  return run_tests(argc, argv, TESTS);
}
