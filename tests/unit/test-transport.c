#include "client-harness.h"

#include <pthread.h>
#include <string.h>
#include <unistd.h>

enum { PAGE_BYTES = 2 * 1000 * 1000, FILLER_BYTES = 10000 };

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
  g_assert_cmpint(ended->tries->len, ==, 1);
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

/* @status: 0: it must fail with @code and @pattern */
typedef struct {
  const char *path;
  RequestKind kind;
  long status;
  ErrorCode code;
  int64_t tries;
  const char *pattern;
} Expected;

static const Expected ENDINGS[] = {
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
    {"/bomb/deflate", REQUEST_FEED, 0, ERROR_REJECTED, 1, "*: its body is longer than 10 MB"},
    {"/endless", REQUEST_LISTING, 0, ERROR_REJECTED, 1, "*: its body is longer than 10 MB"},
    {"/endless", REQUEST_PAGE, 200, 0, 1, NULL},
    {"/endless", REQUEST_ROBOTS, 200, 0, 1, NULL},
    {"/redirect/3", REQUEST_LISTING, 200, 0, 4, NULL},
    {"/redirect/4", REQUEST_PAGE, 301, 0, 1, NULL},
    {"/redirect/4", REQUEST_FEED, 0, ERROR_REJECTED, 4, "GET http://a.localhost:*/redirect/1: HTTP 301 after 3 redirects"},
    {"/redirect/5", REQUEST_ROBOTS, 200, 0, 6, NULL},
    {"/redirect/6", REQUEST_ROBOTS, 0, ERROR_REJECTED, 6, "*: HTTP 301 after 5 redirects"},
    {"/location/302", REQUEST_PAGE, 0, ERROR_REJECTED, 1, "*: HTTP 302 to what is no http or https address"},
    {"/status/302", REQUEST_PAGE, 0, ERROR_REJECTED, 1, "*: HTTP 302 that does not say where to"},
    {"/status/300", REQUEST_PAGE, 0, ERROR_REJECTED, 1, "*: HTTP 300"},
};

static void
test_endings(void)
{
  g_autoptr(Server) server = server_new();
  server->location = g_strdup("file:///etc/passwd");
  for (size_t i = 0; i < G_N_ELEMENTS(ENDINGS); i++) {
    const Expected *ending = &ENDINGS[i];
    g_test_message("%s %s", request_kind_name(ending->kind), ending->path);
    /* one that failed as often would not try again for long */
    g_autoptr(Client) client = make_open_client(server, OPTIONS);
    g_autofree char *url = make_url(server, "a.localhost", ending->path);
    g_autoptr(ClientAnswer) ended = fetch(client, ending->kind, url);
    g_assert_cmpint(ended->tries->len, ==, ending->tries);
    if (ending->status == 0) {
      assert_failed(ended, ending->code, ending->pattern);
      continue;
    }
    g_assert_no_error(ended->reply->error);
    g_assert_cmpint(ended->reply->status, ==, ending->status);
  }
}

/* RFC 9309, 2.3.1.2: also across hosts. */
static void
test_robots_of_another_host(void)
{
  g_autoptr(Server) server = server_new();
  server->location = make_url(server, "b.localhost", "/robots.txt");
  server->robots = g_strdup("User-agent: *\n");
  g_autoptr(Client) client = make_open_client(server, OPTIONS);
  g_autofree char *url = make_url(server, "a.localhost", "/location/307");
  g_autoptr(ClientAnswer) ended = fetch(client, REQUEST_ROBOTS, url);
  g_assert_no_error(ended->reply->error);
  g_assert_cmpstr(ended->reply->url, ==, server->location);
  g_assert_cmpstr(ended->reply->body, ==, server->robots);
}

/* Counted as decoded; what was read till then is of use. */
static void
test_long_pages_are_cut(void)
{
  static const char *const PATHS[] = {"/bomb", "/bomb/deflate", "/endless"};
  g_autoptr(Server) server = server_new();
  g_autoptr(Client) client = make_open_client(server, OPTIONS);
  for (size_t i = 0; i < G_N_ELEMENTS(PATHS); i++) {
    g_autofree char *url = make_url(server, "a.localhost", PATHS[i]);
    g_autoptr(ClientAnswer) ended = fetch(client, REQUEST_PAGE, url);
    g_assert_no_error(ended->reply->error);
    g_assert_cmpuint(ended->reply->body_length, ==, PAGE_BYTES);
  }
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

/* What no HTTP library would send. @filler: (nullable): sent after @reply as long as anybody listens. @stays_open: after @reply
 * nothing comes any more */
typedef struct {
  const char *reply;
  const char *filler;
  ErrorCode code;
  const char *pattern;
  bool stays_open;
} RawCase;

static const RawCase RAW_CASES[] = {
    {"HTTP/1.1 200 OK\r\nContent-Ty", NULL, ERROR_RETRY, "*: the connection broke before the whole reply had come *"},
    {"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello", NULL, ERROR_RETRY, "*: the connection broke *"},
    {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n", NULL, ERROR_RETRY, "*: the connection broke *"},
    {"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 5\r\n\r\nhello", NULL, ERROR_REJECTED, "*Encoding"},
    {"HTTP/1.1 200 OK\r\nLink: ", "x", ERROR_REJECTED, "*: its headers are longer than 64 KB"},
    {"HTTP/1.1 200 OK\r\n", "a: b\r\n", ERROR_REJECTED, "*: its headers are longer than 64 KB"},
    {"HTTP/1.1 200 OK\r\n", ":\r\n", ERROR_REJECTED, "*: its headers are longer than 64 KB"},
    {"", "HTTP/1.1 100 Continue\r\n\r\n", ERROR_REJECTED, "*: its headers are longer than 64 KB"},
    {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: a\r\n\r\n0\r\n", "a: b\r\n", ERROR_REJECTED,
     "*: its headers are longer than 64 KB"},
    {"HTTP/1.1 200 ", "x", ERROR_REJECTED, "*: its headers are longer than 64 KB"},
    {"HTTP/1.1 200", "0", ERROR_REJECTED, "*"},
    {"", "x", ERROR_REJECTED, "*: what answers does not speak HTTP"},
    {"SSH-2.0-OpenSSH_9.2\r\n\r\n", NULL, ERROR_REJECTED, "*: what answers does not speak HTTP"},
    {"", NULL, ERROR_RETRY, "*: Server returned nothing *"},
    {"", NULL, ERROR_RETRY, "*: timed out after 0.2 s *", true},
    {"HTTP/1.1 2", NULL, ERROR_RETRY, "*: timed out after 0.2 s *", true},
    {"HTTP/1.1 200 OK\r\nContent-Le", NULL, ERROR_RETRY, "*: timed out after 0.2 s *", true},
    {"HTTP/1.1 100 Continue\r\n\r\n", NULL, ERROR_RETRY, "*: timed out after 0.2 s *", true},
};

static int
listen_raw(int *ret_port)
{
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t length = sizeof address;
  int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  g_assert_cmpint(bind(listener, (struct sockaddr *) &address, sizeof address), ==, 0);
  g_assert_cmpint(listen(listener, 1), ==, 0);
  g_assert_cmpint(getsockname(listener, (struct sockaddr *) &address, &length), ==, 0);
  *ret_port = ntohs(address.sin_port);
  return listener;
}

/* Reads the request of the one connection and sends the reply, from beside the client's loop. */
static void *
answer_raw(void *user)
{
  int listener = ((const int *) user)[0];
  const RawCase *raw = &RAW_CASES[((const int *) user)[1]];
  int connection = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
  char request[1024];
  ssize_t received = recv(connection, request, sizeof request, 0);
  g_assert_cmpint(received, >, 0);
  ssize_t sent = send(connection, raw->reply, strlen(raw->reply), MSG_NOSIGNAL);
  g_autoptr(GString) filler = g_string_new(raw->filler);
  while (raw->filler != NULL && filler->len < FILLER_BYTES)
    g_string_append(filler, raw->filler);
  while (raw->filler != NULL && sent >= 0)
    sent = send(connection, filler->str, filler->len, MSG_NOSIGNAL);
  /* till the client gives up */
  if (raw->stays_open)
    recv(connection, request, sizeof request, 0);
  close(connection);
  return NULL;
}

static void
test_raw_replies(void)
{
  ClientOptions options = OPTIONS;
  options.max_tries = 1;
  g_autoptr(Client) patient = make_client(&options);
  options.timeout_ms = 200;
  g_autoptr(Client) hurried = make_client(&options);
  for (int i = 0; i < (int) G_N_ELEMENTS(RAW_CASES); i++) {
    int port;
    int arguments[] = {listen_raw(&port), i};
    pthread_t thread;
    g_assert_cmpint(pthread_create(&thread, NULL, answer_raw, arguments), ==, 0);
    g_autofree char *url = g_strdup_printf("http://127.0.0.1:%d/", port);
    g_autoptr(ClientAnswer) ended = fetch(RAW_CASES[i].stays_open ? hurried : patient, REQUEST_LISTING, url);
    g_test_message("raw reply %d", i);
    assert_failed(ended, RAW_CASES[i].code, RAW_CASES[i].pattern);
    g_assert_cmpint(ended->reply->status, ==, 0);
    pthread_join(thread, NULL);
    close(arguments[0]);
  }
}

/* The server plays the proxy. */
static void
test_proxy(void)
{
  g_autoptr(Server) server = server_new();
  g_autofree char *proxy = make_url(server, "127.0.0.1", "");
  g_setenv("http_proxy", proxy, TRUE);
  g_setenv("no_proxy", "*", TRUE);
  ClientOptions options = OPTIONS;
  options.has_proxy = true;
  g_autoptr(Client) closed = make_open_client(server, options);
  options.is_proxy_filter = true;
  g_autoptr(Client) open = make_open_client(server, options);
  g_autoptr(Client) unruled = make_client(&options);
  g_autoptr(ClientAnswer) refused = fetch(closed, REQUEST_PAGE, "http://page.example/");
  assert_failed(refused, ERROR_REJECTED, "*network.proxy_is_filter");
  g_autoptr(ClientAnswer) filtered = fetch(open, REQUEST_PAGE, "http://page.example/");
  g_assert_no_error(filtered->reply->error);
  g_autoptr(ClientAnswer) checked = fetch(unruled, REQUEST_PAGE, "http://page.example/");
  assert_failed(checked, ERROR_REJECTED, "*: address 127.0.0.1 of page.example is private; *");
  g_unsetenv("no_proxy");
  g_autoptr(ClientAnswer) trusted = fetch(closed, REQUEST_LISTING, "http://feed.example/");
  g_assert_no_error(trusted->reply->error);
  g_unsetenv("http_proxy");
  g_assert_cmpint(server->requests, ==, 2);
}

int
main(int argc, char **argv)
{
  static const Test TESTS[] = {
      {"/transport/reply", test_reply},
      {"/transport/request-headers", test_request_headers},
      {"/transport/endings", test_endings},
      {"/transport/robots-of-another-host", test_robots_of_another_host},
      {"/transport/long-pages-are-cut", test_long_pages_are_cut},
      {"/transport/strangers-reach-no-private-address", test_strangers_reach_no_private_address},
      {"/transport/pools-never-mix", test_pools_never_mix},
      {"/transport/raw-replies", test_raw_replies},
      {"/transport/proxy", test_proxy},
      {NULL, NULL},
  };
  return run_tests(argc, argv, TESTS);
}
