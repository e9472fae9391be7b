#include "client-harness.h"

#include "os/clock.h"

#include <string.h>

/* The second last of three redirects is a 302. */
static void
test_redirects_that_last(void)
{
  static const struct {
    const char *path;
    bool is_moved;
  } CASES[] = {{"/redirect/0", false}, {"/redirect/1", true}, {"/redirect/2", false}, {"/redirect/3", false}};
  g_autoptr(Server) server = server_new();
  g_autoptr(Client) client = make_open_client(server, OPTIONS);
  g_autofree char *last = make_url(server, "a.localhost", "/redirect/0");
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    g_autofree char *url = make_url(server, "a.localhost", CASES[i].path);
    g_autoptr(ClientAnswer) ended = fetch(client, REQUEST_LISTING, url);
    g_assert_no_error(ended->reply->error);
    g_assert_cmpstr(ended->reply->url, ==, last);
    g_assert_cmpint(ended->reply->is_moved, ==, CASES[i].is_moved);
  }
}

static void
test_failures_that_pass(void)
{
  static const struct {
    int failures;
    int status;
    int retry_after;
  } CASES[] = {{1, 503, -1}, {3, 500, -1}, {1, 429, 0}, {2, 503, 0}, {1, 408, -1}};
  g_autoptr(Server) server = server_new();
  g_autoptr(Client) client = make_client(&OPTIONS);
  g_autofree char *url = make_url(server, "a.localhost", "/flaky");
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    server->failures = CASES[i].failures;
    server->status = CASES[i].status;
    server->retry_after = CASES[i].retry_after;
    g_autoptr(ClientAnswer) ended = fetch(client, REQUEST_LISTING, url);
    g_assert_no_error(ended->reply->error);
    g_assert_cmpstr(ended->reply->body, ==, "flaky");
    g_assert_cmpint(ended->tries->len, ==, CASES[i].failures + 1);
  }
}

static void
test_failures_without_a_server(void)
{
  g_autoptr(Server) server = server_new();
  ClientOptions options = OPTIONS;
  options.max_tries = 1;
  options.timeout_ms = 100;
  g_autoptr(Client) client = make_client(&options);
  g_autofree char *stalled = make_url(server, "a.localhost", "/stall");
  g_autoptr(ClientAnswer) slow = fetch(client, REQUEST_LISTING, stalled);
  assert_failed(slow, ERROR_RETRY, "*: timed out after 0.1 s after 1 try; will be tried again next run");
  g_autofree char *url = make_url(server, "a.localhost", "/");
  g_clear_pointer(&server, server_free);
  g_autoptr(ClientAnswer) gone = fetch(client, REQUEST_LISTING, url);
  assert_failed(gone, ERROR_RETRY, "*: could not connect after 1 try; will be tried again next run");
}

static void
test_requests_that_are_never_sent(void)
{
  static const char *const URLS[] = {"ftp://a.localhost/", "http://user:secret@a.localhost/", "no address", ""};
  g_autoptr(Client) client = make_client(&OPTIONS);
  for (size_t i = 0; i < G_N_ELEMENTS(URLS); i++) {
    g_autoptr(ClientAnswer) ended = fetch(client, REQUEST_LISTING, URLS[i]);
    assert_failed(ended, ERROR_REJECTED, "GET (an address): it is no http or https address without user information");
    g_assert_null(strstr(ended->reply->error->message, "secret"));
    g_assert_cmpint(ended->tries->len, ==, 0);
    g_assert_cmpint(ended->sent_ms, ==, 0);
  }
  g_autoptr(Request) request = request_new(REQUEST_LISTING, "http://a.localhost/");
  request->auth = g_strdup("x");
  client_submit(client, request, NULL, NULL);
  g_autoptr(ClientAnswer) ended = await(client);
  assert_failed(ended, ERROR_CONFIG, "*: no credential named \"x\"");
}

static void
take_all(Client *client, unsigned count)
{
  for (unsigned i = 0; i < count; i++) {
    g_autoptr(ClientAnswer) ended = await(client);
    g_assert_no_error(ended->reply->error);
  }
}

static void
test_connections_are_used_again(void)
{
  enum { REQUESTS = 20, PER_HOST = 4 };
  g_autoptr(Server) server = server_new();
  ClientOptions options = OPTIONS;
  options.in_flight_per_host = PER_HOST;
  g_autoptr(Client) client = make_client(&options);
  g_autofree char *url = make_url(server, "a.localhost", "/");
  for (int i = 0; i < REQUESTS; i++)
    submit(client, REQUEST_ITEM, url, NULL);
  take_all(client, REQUESTS);
  g_assert_cmpint(server->requests, ==, REQUESTS);
  g_assert_cmpint(server->connections, <=, PER_HOST);
}

static void
test_many_hosts(void)
{
  enum { REQUESTS = 45, HOSTS = 6 };
  g_autoptr(Server) server = server_new();
  g_autoptr(Client) client = make_client(&OPTIONS);
  int64_t began_ms = clock_monotonic_ms();
  for (int i = 0; i < REQUESTS; i++) {
    g_autofree char *host = g_strdup_printf("h%d.localhost", i % HOSTS);
    g_autofree char *url = make_url(server, host, "/");
    submit(client, REQUEST_ITEM, url, NULL);
  }
  take_all(client, REQUESTS);
  g_test_message("%d requests in %" G_GINT64_FORMAT " ms", REQUESTS, clock_monotonic_ms() - began_ms);
}

/* One request of the host goes out; what its window holds back is given up at once, and other hosts notice nothing. */
static void
test_blocked_host_holds_up_no_other(void)
{
  enum { REQUESTS = 5 };
  g_autoptr(Server) server = server_new();
  ClientOptions options = OPTIONS;
  options.in_flight = 1;
  g_autoptr(Client) client = make_client(&options);
  g_autofree char *blocked = make_url(server, "a.localhost", "/");
  g_autofree char *open = make_url(server, "b.localhost", "/");
  add_window(client, blocked, 1);
  for (int i = 0; i < REQUESTS; i++) {
    submit(client, REQUEST_LISTING, blocked, NULL);
    submit(client, REQUEST_LISTING, open, NULL);
  }
  take_all(client, REQUESTS + 1);
  client_set_deadline(client, clock_monotonic_ms() + HOUR_MS / 2);
  for (int i = 0; i < REQUESTS - 1; i++) {
    g_autoptr(ClientAnswer) ended = await(client);
    assert_failed(ended, ERROR_THROTTLED, "*: no turn before this stage's deadline; will be tried again next run");
    g_assert_cmpint(ended->tries->len, ==, 0);
  }
}

/* What strangers' links ask of a service's host neither waits for its window, nor fills it, nor goes by its name; a redirect on
 * its own origin does. */
static void
test_services_are_for_trusted_requests_only(void)
{
  static const char *const LOG[] = {
      "GET /x|courant/1 *", "GET /robots.txt|courant/1 *", "GET /x|courant/1 *",       "GET /x|theirs|*",
      "GET /x|courant/1 *", "GET /redirect/1|theirs|*",    "GET /redirect/0|theirs|*",
  };
  static const struct {
    RequestKind kind;
    const char *path;
  } CASES[] = {
      {REQUEST_PAGE, "/x"}, {REQUEST_ROBOTS, "/robots.txt"},  {REQUEST_FEED, "/x"}, {REQUEST_LISTING, "/x"},
      {REQUEST_PAGE, "/x"}, {REQUEST_LISTING, "/redirect/1"},
  };
  g_autoptr(Server) server = server_new();
  g_autoptr(Client) client = make_open_client(server, OPTIONS);
  client_set_deadline(client, clock_monotonic_ms() + HOUR_MS / 2);
  g_autoptr(Service) service = service_new(make_url(server, "a.localhost", "/"));
  service->requests = 3;
  service->window_ms = HOUR_MS;
  service->user_agent = g_strdup("theirs");
  add_service_to(client, service);
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    g_autofree char *url = make_url(server, "a.localhost", CASES[i].path);
    g_autoptr(ClientAnswer) ended = fetch(client, CASES[i].kind, url);
    g_assert_no_error(ended->reply->error);
  }
  assert_log(server, LOG, G_N_ELEMENTS(LOG));
  g_autofree char *url = make_url(server, "a.localhost", "/x");
  g_autoptr(ClientAnswer) throttled = fetch(client, REQUEST_LISTING, url);
  assert_failed(throttled, ERROR_THROTTLED, "*: no turn before *");
}

static void
test_long_retry_after_pauses_its_host_only(void)
{
  g_autoptr(Server) server = server_new();
  g_autoptr(Client) client = make_client(&OPTIONS);
  client_set_deadline(client, clock_monotonic_ms() + HOUR_MS / 2);
  server->failures = 1;
  server->status = 429;
  server->retry_after = 3600;
  g_autofree char *paused = make_url(server, "a.localhost", "/flaky");
  g_autofree char *open = make_url(server, "b.localhost", "/");
  g_autoptr(ClientAnswer) throttled = fetch(client, REQUEST_LISTING, paused);
  assert_failed(throttled, ERROR_THROTTLED, "*: HTTP 429, and no turn before this stage's deadline; *");
  g_assert_cmpint(throttled->reply->status, ==, 429);
  g_assert_cmpint(throttled->tries->len, ==, 1);
  g_autoptr(ClientAnswer) unsent = fetch(client, REQUEST_LISTING, paused);
  assert_failed(unsent, ERROR_THROTTLED, "*: no turn before *");
  g_assert_cmpint(unsent->tries->len, ==, 0);
  g_autoptr(ClientAnswer) other = fetch(client, REQUEST_LISTING, open);
  g_assert_no_error(other->reply->error);
}

static void
test_deadline_cuts_off_what_is_under_way(void)
{
  g_autoptr(Server) server = server_new();
  ClientOptions options = OPTIONS;
  options.in_flight_per_host = 1;
  g_autoptr(Client) client = make_client(&options);
  g_autofree char *url = make_url(server, "a.localhost", "/stall");
  submit(client, REQUEST_LISTING, url, "under way");
  submit(client, REQUEST_LISTING, url, "waiting");
  client_perform(client);
  client_set_deadline(client, clock_monotonic_ms() + 20);
  g_autoptr(ClientAnswer) waiting = await(client);
  g_assert_cmpstr(waiting->tag, ==, "waiting");
  assert_failed(waiting, ERROR_THROTTLED, "*: no turn before *");
  g_autoptr(ClientAnswer) under_way = await(client);
  assert_failed(under_way, ERROR_RETRY, "*: cut off at this stage's deadline; will be tried again next run");
}

static void
test_limits_outlive_the_client(void)
{
  g_autoptr(Server) server = server_new();
  g_autoptr(Client) first = make_client(&OPTIONS);
  g_autofree char *host = g_strdup_printf("a.localhost:%d/", server->port);
  g_autofree char *url = make_url(server, "a.localhost", "/");
  add_window(first, url, 2);
  g_autoptr(ClientAnswer) sent = fetch(first, REQUEST_LISTING, url);
  g_assert_no_error(sent->reply->error);
  g_autoptr(GPtrArray) states = client_host_states(first);
  g_assert_cmpuint(states->len, ==, 1);
  const HostState *state = states->pdata[0];
  g_assert_cmpstr(state->host, ==, host);
  g_assert_cmpint(state->paused_until_ms, ==, 0);
  g_assert_true(g_regex_match_simple("^\\[[0-9]{13}\\]$", state->window, 0, 0));

  HostState damaged = {.host = "b.localhost", .window = "[1,", .paused_until_ms = INT64_MAX};
  g_autoptr(Client) second = make_client(&OPTIONS);
  client_set_deadline(second, clock_monotonic_ms() + HOUR_MS / 2);
  client_restore_host(second, state, false);
  client_restore_host(second, &damaged, false);
  add_window(second, url, 2);
  g_autoptr(ClientAnswer) allowed = fetch(second, REQUEST_LISTING, url);
  g_assert_no_error(allowed->reply->error);
  g_autoptr(ClientAnswer) throttled = fetch(second, REQUEST_LISTING, url);
  assert_failed(throttled, ERROR_THROTTLED, "*: no turn before *");
  g_autoptr(ClientAnswer) paused = fetch(second, REQUEST_LISTING, "http://b.localhost/");
  assert_failed(paused, ERROR_THROTTLED, "*: no turn before *");
}

static void
test_bad_options(void)
{
  g_autoptr(GError) error = NULL;
  ClientOptions options = OPTIONS;
  options.ca_file = "/nonexistent/ca.pem";
  g_assert_null(client_new(&options, &error));
  g_assert_error(error, COURANT_ERROR, ERROR_CONFIG);
  g_assert_cmpstr(error->message, ==, "network.ca_file: /nonexistent/ca.pem: No such file or directory");
  g_clear_error(&error);
  const char *rules[] = {"10.0.0.0/99", NULL};
  options = OPTIONS;
  options.allow_private = rules;
  g_assert_null(client_new(&options, &error));
  g_assert_error(error, COURANT_ERROR, ERROR_CONFIG);
}

/* Without the wake-up this waits for an hour. */
static void
test_wake_ends_the_next_wait(void)
{
  g_autoptr(Client) client = make_client(&OPTIONS);
  client_wake(client);
  client_wait(client, HOUR_MS);
}

static void
test_free_ends_what_is_under_way(void)
{
  g_autoptr(Server) server = server_new();
  g_autoptr(Client) client = make_client(&OPTIONS);
  g_autofree char *url = make_url(server, "a.localhost", "/stall");
  for (int i = 0; i < 20; i++)
    submit(client, REQUEST_LISTING, url, NULL);
  client_perform(client);
}

int
main(int argc, char **argv)
{
  static const Test TESTS[] = {
      {"/client/redirects-that-last", test_redirects_that_last},
      {"/client/failures-that-pass", test_failures_that_pass},
      {"/client/failures-without-a-server", test_failures_without_a_server},
      {"/client/requests-that-are-never-sent", test_requests_that_are_never_sent},
      {"/client/connections-are-used-again", test_connections_are_used_again},
      {"/client/many-hosts", test_many_hosts},
      {"/client/blocked-host-holds-up-no-other", test_blocked_host_holds_up_no_other},
      {"/client/services-are-for-trusted-requests-only", test_services_are_for_trusted_requests_only},
      {"/client/long-retry-after-pauses-its-host-only", test_long_retry_after_pauses_its_host_only},
      {"/client/deadline-cuts-off-what-is-under-way", test_deadline_cuts_off_what_is_under_way},
      {"/client/limits-outlive-the-client", test_limits_outlive_the_client},
      {"/client/bad-options", test_bad_options},
      {"/client/wake-ends-the-next-wait", test_wake_ends_the_next_wait},
      {"/client/free-ends-what-is-under-way", test_free_ends_what_is_under_way},
      {NULL, NULL},
  };
  return run_tests(argc, argv, TESTS);
}
