#include "http-server.h"

#include "base/error.h"
#include "net/client.h"
#include "os/clock.h"

#include <curl/curl.h>
#include <string.h>

enum { PAGE_BYTES = 2 * 1000 * 1000, HOUR_MS = 3600 * 1000 };

static const ClientOptions OPTIONS = {
    .user_agent = "courant/1 (+https://project.example)",
    .in_flight = 16,
    .in_flight_per_host = 8,
    .timeout_ms = 60000,
    .connect_timeout_ms = 10000,
    .max_tries = 4,
    .retry_base_ms = 1,
    .seed = 1,
};

static Client *
make_client(const ClientOptions *options)
{
  g_autoptr(GError) error = NULL;
  Client *client = client_new(options, &error);
  g_assert_no_error(error);
  return client;
}

/* With rules by which strangers reach the server. */
static Client *
make_open_client(const Server *server, ClientOptions options)
{
  g_autofree char *rule = g_strdup_printf("127.0.0.0/8:%d", server->port);
  const char *rules[] = {rule, NULL};
  options.allow_private = rules;
  return make_client(&options);
}

static char *
make_url(const Server *server, const char *host, const char *path)
{
  return g_strdup_printf("http://%s:%d%s", host, server->port, path);
}

static void
submit(Client *client, RequestKind kind, const char *url, void *tag)
{
  g_autoptr(Request) request = request_new(kind, url);
  client_submit(client, request, NULL, tag);
}

static ClientAnswer *
await(Client *client)
{
  for (;;) {
    client_perform(client);
    ClientAnswer *ended = client_take(client);
    if (ended != NULL)
      return ended;
    client_wait(client, HOUR_MS);
  }
}

static ClientAnswer *
fetch(Client *client, RequestKind kind, const char *url)
{
  submit(client, kind, url, NULL);
  return await(client);
}

static void
assert_failed(const ClientAnswer *ended, ErrorCode code, const char *pattern)
{
  g_assert_nonnull(ended->reply->error);
  g_test_message("%s", ended->reply->error->message);
  g_assert_error(ended->reply->error, COURANT_ERROR, (int) code);
  g_assert_true(g_pattern_match_simple(pattern, ended->reply->error->message));
}

static void
test_reply(void)
{
  g_autoptr(Server) server = server_new();
  g_autoptr(Client) client = make_client(&OPTIONS);
  g_autofree char *url = make_url(server, "a.localhost", "/kept?q=1");
  int tag;
  submit(client, REQUEST_LISTING, url, &tag);
  g_autoptr(ClientAnswer) ended = await(client);
  const Reply *reply = ended->reply;
  g_assert_no_error(reply->error);
  g_assert_true(ended->tag == &tag);
  g_assert_cmpint(ended->tries, ==, 1);
  g_assert_cmpint(ended->sent_ms, >, 0);
  g_assert_cmpint(reply->answered_ms, >=, ended->sent_ms);
  g_assert_cmpint(reply->status, ==, 200);
  g_assert_cmpstr(reply->url, ==, url);
  g_assert_false(reply->is_moved);
  g_assert_cmpstr(reply->body, ==, "body");
  g_assert_cmpuint(reply->body_length, ==, 4);
  static const char *const EXPECTED[][2] = {
      {"etag", "\"v1\""}, {"x-ratelimit-remaining", "7"}, {"link", "</2>; rel=\"next\""}, {"set-cookie", NULL},
      {"x-other", NULL},
  };
  for (size_t i = 0; i < G_N_ELEMENTS(EXPECTED); i++) {
    g_autofree char *value = reply_header(reply, EXPECTED[i][0]);
    g_assert_cmpstr(value, ==, EXPECTED[i][1]);
  }
  g_assert_null(client_take(client));
}

static void
test_request_headers(void)
{
  g_autoptr(Server) server = server_new();
  g_autoptr(Client) client = make_client(&OPTIONS);
  g_autofree char *url = make_url(server, "a.localhost", "/echo");
  g_autoptr(Request) request = request_new(REQUEST_LISTING, url);
  request->headers = g_ptr_array_new();
  g_ptr_array_add(request->headers, "Accept: application/json");
  g_autoptr(GPtrArray) validators = g_ptr_array_new();
  g_ptr_array_add(validators, "If-None-Match: \"v1\"");
  client_submit(client, request, validators, NULL);
  g_autoptr(ClientAnswer) ended = await(client);
  static const char *const EXPECTED[] = {"User-Agent: courant/1 (+https://project.example)\n", "Accept: application/json\n",
                                         "If-None-Match: \"v1\"\n", "Accept-Encoding: ", "gzip"};
  for (size_t i = 0; i < G_N_ELEMENTS(EXPECTED); i++)
    g_assert_nonnull(strstr(ended->reply->body, EXPECTED[i]));
}

/* @status: 0: it must fail with @code and @pattern, in which SERVER stands for the address */
typedef struct {
  const char *path;
  RequestKind kind;
  long status;
  ErrorCode code;
  int64_t tries;
  const char *pattern;
} Ending;

static const Ending ENDINGS[] = {
    {"/", REQUEST_LISTING, 200, 0, 1, NULL},
    {"/", REQUEST_ROBOTS, 200, 0, 1, NULL},
    {"/status/204", REQUEST_LISTING, 204, 0, 1, NULL},
    {"/status/304", REQUEST_LISTING, 304, 0, 1, NULL},
    {"/status/410", REQUEST_LISTING, 410, 0, 1, NULL},
    {"/status/404", REQUEST_PAGE, 0, ERROR_REJECTED, 1, "GET http://a.localhost:*/status/404: HTTP 404"},
    {"/status/501", REQUEST_PAGE, 0, ERROR_REJECTED, 1, "*: HTTP 501"},
    {"/status/500", REQUEST_ITEM, 0, ERROR_RETRY, 4, "*: HTTP 500 after 4 tries; will be tried again next run"},
    {"/status/503", REQUEST_PAGE, 0, ERROR_RETRY, 4, "*: HTTP 503 after 4 tries; *"},
    {"/status/429", REQUEST_PAGE, 0, ERROR_THROTTLED, 4, "*: HTTP 429 after 4 tries; will be tried again next run"},
    {"/truncated", REQUEST_LISTING, 0, ERROR_RETRY, 4,
     "*: the connection broke before the whole reply had come after 4 tries*"},
    {"/truncated", REQUEST_PAGE, 0, ERROR_RETRY, 4, "*: the connection broke *"},
    {"/headers", REQUEST_LISTING, 0, ERROR_REJECTED, 1, "*: its headers are longer than 64 KB"},
    {"/headers", REQUEST_PAGE, 0, ERROR_REJECTED, 1, "*: its headers are longer than 64 KB"},
    {"/bomb", REQUEST_LISTING, 0, ERROR_REJECTED, 1, "*: its body is longer than 10 MB"},
    {"/bomb", REQUEST_ITEM, 0, ERROR_REJECTED, 1, "*: its body is longer than 10 MB"},
    {"/bomb", REQUEST_PAGE, 200, 0, 1, NULL},
    {"/redirect/3", REQUEST_LISTING, 200, 0, 4, NULL},
    {"/redirect/4", REQUEST_PAGE, 0, ERROR_REJECTED, 4, "GET http://a.localhost:*/redirect/1: HTTP 301 after 3 redirects"},
    {"/location/302", REQUEST_PAGE, 0, ERROR_REJECTED, 1, "*: HTTP 302 to what is no http or https address"},
    {"/status/302", REQUEST_PAGE, 0, ERROR_REJECTED, 1, "*: HTTP 302 that does not say where to"},
    {"/status/300", REQUEST_PAGE, 0, ERROR_REJECTED, 1, "*: HTTP 300"},
};

static void
test_endings(void)
{
  g_autoptr(Server) server = server_new();
  server->location = g_strdup("file:///etc/passwd");
  g_autoptr(Client) client = make_open_client(server, OPTIONS);
  for (size_t i = 0; i < G_N_ELEMENTS(ENDINGS); i++) {
    const Ending *ending = &ENDINGS[i];
    g_test_message("%s %s", request_kind_name(ending->kind), ending->path);
    g_autofree char *url = make_url(server, "a.localhost", ending->path);
    g_autoptr(ClientAnswer) ended = fetch(client, ending->kind, url);
    g_assert_cmpint(ended->tries, ==, ending->tries);
    if (ending->status == 0) {
      assert_failed(ended, ending->code, ending->pattern);
      continue;
    }
    g_assert_no_error(ended->reply->error);
    g_assert_cmpint(ended->reply->status, ==, ending->status);
  }
}

static void
test_long_page_is_cut(void)
{
  g_autoptr(Server) server = server_new();
  g_autoptr(Client) client = make_open_client(server, OPTIONS);
  g_autofree char *url = make_url(server, "a.localhost", "/bomb");
  g_autoptr(ClientAnswer) ended = fetch(client, REQUEST_PAGE, url);
  g_assert_no_error(ended->reply->error);
  g_assert_cmpuint(ended->reply->body_length, ==, PAGE_BYTES);
}

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
    g_assert_cmpint(ended->tries, ==, CASES[i].failures + 1);
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
    assert_failed(ended, ERROR_REJECTED, "*the request's address is no http or https one");
    g_assert_null(strstr(ended->reply->error->message, "secret"));
    g_assert_cmpint(ended->tries, ==, 0);
    g_assert_cmpint(ended->sent_ms, ==, 0);
  }
  g_autoptr(Request) request = request_new(REQUEST_LISTING, "http://a.localhost/");
  request->auth = g_strdup("x");
  client_submit(client, request, NULL, NULL);
  g_autoptr(ClientAnswer) ended = await(client);
  assert_failed(ended, ERROR_CONFIG, "*: no credential named \"x\"");
}

static const char *const LOOPBACK_HOSTS[] = {"127.0.0.1",          "127.1",           "0x7f.1",
                                             "2130706433",         "0177.0.0.1",      "0x7f000001",
                                             "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "a.localhost"};

static void
test_strangers_reach_no_private_address(void)
{
  g_autoptr(Server) server = server_new();
  g_autoptr(Client) closed = make_client(&OPTIONS);
  g_autoptr(Client) open = make_open_client(server, OPTIONS);
  for (size_t i = 0; i < G_N_ELEMENTS(LOOPBACK_HOSTS); i++) {
    g_autofree char *url = make_url(server, LOOPBACK_HOSTS[i], "/");
    g_test_message("%s", url);
    int connections = server->connections;
    g_autoptr(ClientAnswer) refused = fetch(closed, REQUEST_PAGE, url);
    assert_failed(refused, ERROR_REJECTED, "*: address * is private; allow it with network.allow_private");
    g_assert_cmpint(server->connections, ==, connections);
    g_autoptr(ClientAnswer) allowed = fetch(open, REQUEST_PAGE, url);
    g_assert_no_error(allowed->reply->error);
  }
}

/* A connection that the configured origin holds open must not carry a stranger's request past the filter. */
static void
test_pools_never_mix(void)
{
  g_autoptr(Server) server = server_new();
  g_autoptr(Client) client = make_client(&OPTIONS);
  g_autofree char *url = make_url(server, "a.localhost", "/");
  g_autofree char *redirecting = make_url(server, "a.localhost", "/redirect/1");
  for (int i = 0; i < 2; i++) {
    g_autoptr(ClientAnswer) trusted = fetch(client, REQUEST_LISTING, url);
    g_assert_no_error(trusted->reply->error);
    static const RequestKind STRANGERS[] = {REQUEST_PAGE, REQUEST_ROBOTS};
    for (size_t kind = 0; kind < G_N_ELEMENTS(STRANGERS); kind++) {
      g_autoptr(ClientAnswer) stranger = fetch(client, STRANGERS[kind], url);
      assert_failed(stranger, ERROR_REJECTED, "*/: address * of a.localhost is private; *");
    }
    g_autoptr(ClientAnswer) redirected = fetch(client, REQUEST_LISTING, redirecting);
    assert_failed(redirected, ERROR_REJECTED, "*/redirect/0: address * of a.localhost is private; *");
  }
  g_assert_cmpint(server->connections, ==, 1);
  g_assert_cmpint(server->requests, ==, 4);
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
  g_autofree char *blocked_host = g_strdup_printf("a.localhost:%d", server->port);
  g_autofree char *blocked = make_url(server, "a.localhost", "/");
  g_autofree char *open = make_url(server, "b.localhost", "/");
  client_set_window(client, blocked_host, 1, HOUR_MS);
  for (int i = 0; i < REQUESTS; i++) {
    submit(client, REQUEST_LISTING, blocked, NULL);
    submit(client, REQUEST_LISTING, open, NULL);
  }
  take_all(client, REQUESTS + 1);
  client_set_deadline(client, clock_monotonic_ms() + HOUR_MS / 2);
  for (int i = 0; i < REQUESTS - 1; i++) {
    g_autoptr(ClientAnswer) ended = await(client);
    assert_failed(ended, ERROR_THROTTLED, "*: no turn before this stage's deadline; will be tried again next run");
    g_assert_cmpint(ended->tries, ==, 0);
  }
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
  g_assert_cmpint(throttled->tries, ==, 1);
  g_autoptr(ClientAnswer) unsent = fetch(client, REQUEST_LISTING, paused);
  assert_failed(unsent, ERROR_THROTTLED, "*: no turn before *");
  g_assert_cmpint(unsent->tries, ==, 0);
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
  g_autofree char *host = g_strdup_printf("a.localhost:%d", server->port);
  g_autofree char *url = make_url(server, "a.localhost", "/");
  client_set_window(first, host, 2, HOUR_MS);
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
  client_restore_host(second, state);
  client_restore_host(second, &damaged);
  client_set_window(second, host, 2, HOUR_MS);
  g_autoptr(ClientAnswer) allowed = fetch(second, REQUEST_LISTING, url);
  g_assert_no_error(allowed->reply->error);
  g_autoptr(ClientAnswer) throttled = fetch(second, REQUEST_LISTING, url);
  assert_failed(throttled, ERROR_THROTTLED, "*: no turn before *");
  g_autoptr(ClientAnswer) paused = fetch(second, REQUEST_LISTING, "http://b.localhost/");
  assert_failed(paused, ERROR_THROTTLED, "*: no turn before *");
}

/* The server plays the proxy. */
static void
test_proxy(void)
{
  g_autoptr(Server) server = server_new();
  g_autofree char *proxy = make_url(server, "127.0.0.1", "");
  g_setenv("http_proxy", proxy, TRUE);
  ClientOptions options = OPTIONS;
  options.has_proxy = true;
  g_autoptr(Client) closed = make_client(&options);
  options.is_proxy_filter = true;
  g_autoptr(Client) open = make_client(&options);
  g_autoptr(ClientAnswer) trusted = fetch(closed, REQUEST_LISTING, "http://feed.example/");
  g_assert_no_error(trusted->reply->error);
  g_autoptr(ClientAnswer) refused = fetch(closed, REQUEST_PAGE, "http://page.example/");
  assert_failed(refused, ERROR_REJECTED, "*network.proxy_is_filter");
  g_autoptr(ClientAnswer) filtered = fetch(open, REQUEST_PAGE, "http://page.example/");
  g_assert_no_error(filtered->reply->error);
  g_unsetenv("http_proxy");
  g_autoptr(Client) direct = make_client(&options);
  g_autoptr(ClientAnswer) checked = fetch(direct, REQUEST_PAGE, proxy);
  assert_failed(checked, ERROR_REJECTED, "*: address 127.0.0.1 of 127.0.0.1 is private; *");
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
  static const struct {
    const char *path;
    void (*run)(void);
  } TESTS[] = {
      {"/client/reply", test_reply},
      {"/client/request-headers", test_request_headers},
      {"/client/endings", test_endings},
      {"/client/long-page-is-cut", test_long_page_is_cut},
      {"/client/redirects-that-last", test_redirects_that_last},
      {"/client/failures-that-pass", test_failures_that_pass},
      {"/client/failures-without-a-server", test_failures_without_a_server},
      {"/client/requests-that-are-never-sent", test_requests_that_are_never_sent},
      {"/client/strangers-reach-no-private-address", test_strangers_reach_no_private_address},
      {"/client/pools-never-mix", test_pools_never_mix},
      {"/client/connections-are-used-again", test_connections_are_used_again},
      {"/client/many-hosts", test_many_hosts},
      {"/client/blocked-host-holds-up-no-other", test_blocked_host_holds_up_no_other},
      {"/client/long-retry-after-pauses-its-host-only", test_long_retry_after_pauses_its_host_only},
      {"/client/deadline-cuts-off-what-is-under-way", test_deadline_cuts_off_what_is_under_way},
      {"/client/limits-outlive-the-client", test_limits_outlive_the_client},
      {"/client/proxy", test_proxy},
      {"/client/bad-options", test_bad_options},
      {"/client/wake-ends-the-next-wait", test_wake_ends_the_next_wait},
      {"/client/free-ends-what-is-under-way", test_free_ends_what_is_under_way},
  };
  g_test_init(&argc, &argv, NULL);
  curl_global_init(CURL_GLOBAL_DEFAULT);
  for (size_t i = 0; i < G_N_ELEMENTS(TESTS); i++)
    g_test_add_func(TESTS[i].path, TESTS[i].run);
  int failed = g_test_run();
  curl_global_cleanup();
  return failed;
}
