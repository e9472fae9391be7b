#include "client-harness.h"

#include "os/clock.h"

#include <string.h>

/* For all of a.localhost and, apart, for what is below /part/; no limit is known of either. */
static Client *
make_limited_client(const Server *server, int64_t deadline_ms)
{
  static const char *const PREFIXES[] = {"/", "/part/"};
  Client *client = make_open_client(server, OPTIONS);
  for (size_t i = 0; i < G_N_ELEMENTS(PREFIXES); i++) {
    g_autoptr(Service) service = service_new(make_url(server, "a.localhost", PREFIXES[i]));
    add_service_to(client, service);
  }
  client_set_deadline(client, clock_monotonic_ms() + deadline_ms);
  return client;
}

static void
assert_open(Client *client, const Server *server, const char *host, const char *path)
{
  g_autofree char *url = make_url(server, host, path);
  g_autoptr(ClientAnswer) ended = fetch(client, REQUEST_LISTING, url);
  g_assert_no_error(ended->reply->error);
}

static void
assert_shut_to(RequestKind kind, Client *client, const Server *server, const char *path)
{
  g_autofree char *url = make_url(server, "a.localhost", path);
  g_autoptr(ClientAnswer) ended = fetch(client, kind, url);
  assert_failed(ended, ERROR_THROTTLED, "*: no turn before this stage's deadline; will be tried again next run");
  g_assert_cmpint(ended->tries->len, ==, 0);
}

static void
assert_shut(Client *client, const Server *server, const char *path)
{
  assert_shut_to(REQUEST_LISTING, client, server, path);
}

static void
test_limits_are_learnt(void)
{
  static const char *const HEADERS[] = {
      "X-RateLimit-Limit: 300\nX-RateLimit-Remaining: 0\nX-RateLimit-Reset: 3600",
      "X-RateLimit-Limit: 300\nX-RateLimit-Remaining: 0.7\nX-RateLimit-Reset: 3600.0",
      "RateLimit-Limit: 300\nRateLimit-Remaining: 0\nRateLimit-Reset: 3600",
  };
  static const unsigned STATUSES[] = {200, 304, 404, 410};
  g_autoptr(Server) server = server_new();
  for (size_t i = 0; i < G_N_ELEMENTS(HEADERS) * G_N_ELEMENTS(STATUSES); i++) {
    const char *headers = HEADERS[i / G_N_ELEMENTS(STATUSES)];
    const Canned canned[] = {{"/part/x", STATUSES[i % G_N_ELEMENTS(STATUSES)], headers, "", 0}, {NULL, 0, NULL, NULL, 0}};
    server_can(server, canned);
    g_autoptr(Client) client = make_limited_client(server, HOUR_MS / 2);
    uint64_t changes = client_changes(client);
    int64_t before_ms = clock_now_ms();
    g_autofree char *url = make_url(server, "a.localhost", "/part/x");
    g_autoptr(ClientAnswer) ended = fetch(client, REQUEST_LISTING, url);
    g_assert_cmpint(ended->tries->len, ==, 1);
    g_assert_cmpuint(client_changes(client), >, changes);
    assert_shut(client, server, "/part/y");
    assert_open(client, server, "a.localhost", "/x");
    assert_open(client, server, "b.localhost", "/part/y");

    g_autofree char *name = g_strdup_printf("a.localhost:%d/part/", server->port);
    g_autoptr(GPtrArray) states = client_host_states(client);
    g_assert_cmpuint(states->len, ==, 1);
    const HostState *state = states->pdata[0];
    g_assert_cmpstr(state->host, ==, name);
    g_assert_cmpint(state->allowed, ==, 300);
    g_assert_cmpint(state->remaining, ==, 0);
    /* of two clocks, each read to the millisecond */
    g_assert_cmpint(state->reset_ms, >=, before_ms + HOUR_MS - 2);
    g_assert_cmpint(state->reset_ms, <=, clock_now_ms() + HOUR_MS + 2);

    g_autoptr(Client) second = make_limited_client(server, HOUR_MS / 2);
    client_restore_host(second, state, false);
    assert_shut(second, server, "/part/y");
    assert_open(second, server, "a.localhost", "/x");
  }
}

static void
test_limits_of_others_are_not_learnt(void)
{
  static const Canned CANNED[] = {
      {"/spent", 200, "X-RateLimit-Remaining: 0\nX-RateLimit-Reset: 3600", "", 0},
      {"/garbage", 200, "X-RateLimit-Remaining: 0\nX-RateLimit-Reset: 999999", "", 0},
      {"/worse", 200, "X-RateLimit-Remaining: -5\nX-RateLimit-Reset: 3600", "", 0},
      {NULL, 0, NULL, NULL, 0},
  };
  static const struct {
    const char *host;
    const char *path;
    RequestKind kind;
  } CASES[] = {
      {"b.localhost", "/spent", REQUEST_LISTING}, {"a.localhost", "/spent", REQUEST_PAGE},
      {"a.localhost", "/spent", REQUEST_FEED},    {"a.localhost", "/garbage", REQUEST_LISTING},
      {"a.localhost", "/worse", REQUEST_LISTING},
  };
  g_autoptr(Server) server = server_new();
  server_can(server, CANNED);
  g_autoptr(Client) client = make_limited_client(server, HOUR_MS / 2);
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    g_autofree char *url = make_url(server, CASES[i].host, CASES[i].path);
    g_autoptr(ClientAnswer) ended = fetch(client, CASES[i].kind, url);
    g_assert_no_error(ended->reply->error);
    assert_open(client, server, CASES[i].host, "/x");
  }
}

/* The first replies tell how few are left, while more are under way; not one request meets a 429. */
static void
test_announced_refusals_are_not_met(void)
{
  enum { ALLOWED = 12, WANTED = 40 };
  Canned canned[ALLOWED + 2] = {{NULL}};
  g_autoptr(GPtrArray) headers = g_ptr_array_new_with_free_func(g_free);
  for (int i = 0; i < ALLOWED; i++) {
    char *lines = g_strdup_printf("X-RateLimit-Remaining: %d\nX-RateLimit-Reset: 3600", ALLOWED - 1 - i);
    g_ptr_array_add(headers, lines);
    canned[i] = (Canned){"/x", 200, lines, "", 1};
  }
  canned[ALLOWED] = (Canned){"/x", 429, NULL, "", 0};
  g_autoptr(Server) server = server_new();
  server_can(server, canned);
  g_autoptr(Client) client = make_limited_client(server, HOUR_MS / 2);
  g_autofree char *url = make_url(server, "a.localhost", "/x");
  for (int i = 0; i < WANTED; i++)
    submit(client, REQUEST_ITEM, url, NULL);
  int answered = 0;
  for (int i = 0; i < WANTED; i++) {
    g_autoptr(ClientAnswer) ended = await(client);
    if (ended->reply->error == NULL)
      answered++;
    else
      assert_failed(ended, ERROR_THROTTLED, "*: no turn before *");
  }
  g_assert_cmpint(answered, ==, ALLOWED);
  g_assert_cmpint(server->requests, ==, ALLOWED);
}

static void
test_refusals(void)
{
  static const char SECONDARY[] = "{\"message\": \"You have exceeded a secondary rate limit. Please wait.\"}";
  static const char SPENT[] = "X-RateLimit-Remaining: 0\nX-RateLimit-Reset: 3600";
  /* @is_paused: what comes next waits as well; @is_for_host: and so does whatever else is asked of the host */
  static const struct {
    Canned canned;
    ErrorCode code;
    const char *pattern;
    bool is_paused;
    bool is_for_host;
  } CASES[] = {
      {{"/part/x", 403, NULL, "no", 0}, ERROR_REJECTED, "*/part/x: HTTP 403", false, false},
      {{"/part/x", 403, "X-RateLimit-Remaining: 5\nX-RateLimit-Reset: 3600", "no", 0},
       ERROR_REJECTED,
       "*: HTTP 403",
       false,
       false},
      {{"/part/x", 403, "Retry-After: 3600", "", 0}, ERROR_THROTTLED, "*: HTTP 403, and no turn before *", true, false},
      {{"/part/x", 429, "Retry-After: 3600", "", 0}, ERROR_THROTTLED, "*: HTTP 429, and no turn before *", true, false},
      {{"/part/x", 503, "Retry-After: 3600", "", 0}, ERROR_THROTTLED, "*: HTTP 503, and no turn before *", true, false},
      {{"/part/x", 403, "Retry-After: Sun, 06 Nov 2095 08:49:37 GMT", "", 0},
       ERROR_THROTTLED,
       "*: HTTP 403, and no *",
       true,
       false},
      {{"/part/x", 403, SPENT, "", 0}, ERROR_THROTTLED, "*: HTTP 403, and no turn before *", true, false},
      {{"/part/x", 429, SPENT, "", 0}, ERROR_THROTTLED, "*: HTTP 429, and no turn before *", true, false},
      {{"/x", 429, "Retry-After: 3600", "", 0}, ERROR_THROTTLED, "*/x: HTTP 429, and no turn before *", true, true},
      {{"/x", 503, "Retry-After: 3600", "", 0}, ERROR_THROTTLED, "*/x: HTTP 503, and no turn before *", true, true},
      {{"/x", 404, NULL, SECONDARY, 0}, ERROR_REJECTED, "*/x: HTTP 404", false, false},
      {{"/part/x", 403, NULL, SECONDARY, 0}, ERROR_THROTTLED, "*: HTTP 403, and no turn before *", true, true},
      {{"/part/x", 429, NULL, SECONDARY, 0}, ERROR_THROTTLED, "*: HTTP 429, and no turn before *", true, true},
  };
  g_autoptr(Server) server = server_new();
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    g_autofree char *url = make_url(server, "a.localhost", CASES[i].canned.path);
    const Canned canned[] = {CASES[i].canned, {NULL, 0, NULL, NULL, 0}};
    server_can(server, canned);
    /* within the minute that the secondary limits ask for, or the hour */
    g_autoptr(Client) client = make_limited_client(server, HOUR_MS / 120);
    g_autoptr(ClientAnswer) ended = fetch(client, REQUEST_LISTING, url);
    assert_failed(ended, CASES[i].code, CASES[i].pattern);
    g_assert_cmpint(ended->reply->status, ==, CASES[i].canned.status);
    g_assert_cmpint(ended->tries->len, ==, 1);
    if (CASES[i].is_paused)
      assert_shut(client, server, "/part/y");
    if (CASES[i].is_for_host) {
      assert_shut(client, server, "/y");
      assert_shut_to(REQUEST_PAGE, client, server, "/y");
    } else {
      assert_open(client, server, "a.localhost", "/y");
    }
  }
}

/* A 403 that asks for a wait is tried again; a stranger's never is. */
static void
test_refusals_that_pass(void)
{
  static const Canned CANNED[] = {
      {"/x", 403, "Retry-After: 0", "", 1}, {"/page", 403, "Retry-After: 0", "", 1}, {NULL, 0, NULL, NULL, 0}};
  g_autoptr(Server) server = server_new();
  server_can(server, CANNED);
  g_autoptr(Client) client = make_limited_client(server, HOUR_MS);
  g_autofree char *url = make_url(server, "a.localhost", "/x");
  g_autoptr(ClientAnswer) passed = fetch(client, REQUEST_LISTING, url);
  g_assert_no_error(passed->reply->error);
  g_assert_cmpint(passed->tries->len, ==, 2);
  g_autofree char *page = make_url(server, "a.localhost", "/page");
  g_autoptr(ClientAnswer) refused = fetch(client, REQUEST_PAGE, page);
  assert_failed(refused, ERROR_REJECTED, "*/page: HTTP 403");
}

/* Eight at once for the whole host, whatever its parts. */
static void
test_parts_share_what_may_be_under_way(void)
{
  g_autoptr(Server) server = server_new();
  ClientOptions options = OPTIONS;
  options.in_flight_per_host = 2;
  g_autoptr(Client) client = make_client(&options);
  static const char *const PREFIXES[] = {"/", "/part/", "/other/"};
  for (size_t i = 0; i < G_N_ELEMENTS(PREFIXES); i++) {
    g_autofree char *prefix = make_url(server, "a.localhost", PREFIXES[i]);
    add_window(client, prefix, 100);
  }
  static const char *const PATHS[] = {"/x", "/part/x", "/other/x"};
  enum { EACH = 10 };
  for (size_t i = 0; i < EACH * G_N_ELEMENTS(PATHS); i++) {
    g_autofree char *url = make_url(server, "a.localhost", PATHS[i % G_N_ELEMENTS(PATHS)]);
    submit(client, REQUEST_ITEM, url, NULL);
  }
  for (size_t i = 0; i < EACH * G_N_ELEMENTS(PATHS); i++) {
    g_autoptr(ClientAnswer) ended = await(client);
    g_assert_no_error(ended->reply->error);
  }
  g_assert_cmpint(server->connections, <=, 2);
  g_autoptr(GPtrArray) states = client_host_states(client);
  g_assert_cmpuint(states->len, ==, G_N_ELEMENTS(PATHS));
}

static void
test_crash_charges_what_was_sent(void)
{
  enum { WINDOW = 10 };
  g_autoptr(Server) server = server_new();
  g_autofree char *prefix = make_url(server, "a.localhost", "/part/");
  g_autoptr(Client) first = make_client(&OPTIONS);
  add_window(first, prefix, WINDOW);
  assert_open(first, server, "a.localhost", "/part/x");
  g_autoptr(GPtrArray) states = client_host_states(first);
  g_assert_cmpuint(states->len, ==, 1);
  /* one was sent, and eight may have been */
  static const int FREE[] = {WINDOW - 1, WINDOW - 1 - 8};
  for (int is_after_crash = 0; is_after_crash < 2; is_after_crash++) {
    g_autoptr(Client) second = make_client(&OPTIONS);
    client_set_deadline(second, clock_monotonic_ms() + HOUR_MS / 2);
    add_window(second, prefix, WINDOW);
    client_restore_host(second, states->pdata[0], is_after_crash);
    for (int i = 0; i < FREE[is_after_crash]; i++)
      assert_open(second, server, "a.localhost", "/part/x");
    assert_shut(second, server, "/part/x");
    assert_open(second, server, "a.localhost", "/x");
  }
}

int
main(int argc, char **argv)
{
  static const Test TESTS[] = {
      {"/refusals/limits-are-learnt", test_limits_are_learnt},
      {"/refusals/limits-of-others-are-not-learnt", test_limits_of_others_are_not_learnt},
      {"/refusals/announced-refusals-are-not-met", test_announced_refusals_are_not_met},
      {"/refusals/refusals", test_refusals},
      {"/refusals/that-pass", test_refusals_that_pass},
      {"/refusals/parts-share-what-may-be-under-way", test_parts_share_what_may_be_under_way},
      {"/refusals/crash-charges-what-was-sent", test_crash_charges_what_was_sent},
      {NULL, NULL},
  };
  return run_tests(argc, argv, TESTS);
}
