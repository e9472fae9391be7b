/*
 * A client for tests and what is done with it again and again.
 */
#pragma once

#include "http-server.h"

#include "base/error.h"
#include "net/client.h"

#include <curl/curl.h>

enum { HOUR_MS = 3600 * 1000 };

static const ClientOptions OPTIONS = {
    .user_agent = "courant/1 (+https://project.example)",
    .in_flight = 16,
    .in_flight_per_host = 8,
    .timeout_ms = 60000,
    .connect_timeout_ms = 10000,
    .call_timeout_ms = 60000,
    .max_tries = 4,
    .retry_base_ms = 1,
    .seed = 1,
};

static inline Client *
make_client(const ClientOptions *options)
{
  g_autoptr(GError) error = NULL;
  Client *client = client_new(options, &error);
  g_assert_no_error(error);
  return client;
}

/* With a rule by which strangers reach the server. */
static inline Client *
make_open_client(const Server *server, ClientOptions options)
{
  g_autofree char *rule = g_strdup_printf("127.0.0.0/8:%d", server->port);
  const char *rules[] = {rule, NULL};
  options.allow_private = rules;
  return make_client(&options);
}

static inline char *
make_url(const Server *server, const char *host, const char *path)
{
  return g_strdup_printf("http://%s:%d%s", host, server->port, path);
}

static inline void
add_service_to(Client *client, const Service *service)
{
  g_autoptr(GError) error = NULL;
  client_add_service(client, service, "sources[0] (test)", &error);
  g_assert_no_error(error);
}

/* At most @requests an hour to addresses that begin with @prefix. */
static inline void
add_window(Client *client, const char *prefix, int64_t requests)
{
  g_autoptr(Service) service = service_new(g_strdup(prefix));
  service->requests = requests;
  service->window_ms = HOUR_MS;
  add_service_to(client, service);
}

static inline void
submit(Client *client, RequestKind kind, const char *url, void *tag)
{
  g_autoptr(Request) request = request_new(kind, url);
  client_submit(client, request, NULL, tag);
}

/* With the credential named @auth. */
static inline void
submit_with(Client *client, const char *url, const char *auth)
{
  g_autoptr(Request) request = request_new(REQUEST_LISTING, url);
  request->auth = g_strdup(auth);
  client_submit(client, request, NULL, NULL);
}

static inline ClientAnswer *
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

static inline ClientAnswer *
fetch(Client *client, RequestKind kind, const char *url)
{
  submit(client, kind, url, NULL);
  return await(client);
}

static inline ClientAnswer *
fetch_with(Client *client, const char *url, const char *auth)
{
  submit_with(client, url, auth);
  return await(client);
}

/* Each line of the log has its pattern, in this order, and there is no further one. */
static inline void
assert_log(Server *server, const char *const *patterns, size_t count)
{
  g_autofree char *log = server_take_log(server);
  g_test_message("%s", log);
  g_auto(GStrv) lines = g_strsplit(log, "\n", -1);
  g_assert_cmpuint(g_strv_length(lines), ==, count + 1);
  for (size_t i = 0; i < count; i++)
    if (!g_pattern_match_simple(patterns[i], lines[i]))
      g_error("line %zu of the log is not like %s", i, patterns[i]);
}

static inline void
assert_failed(const ClientAnswer *ended, ErrorCode code, const char *pattern)
{
  g_assert_nonnull(ended->reply->error);
  g_test_message("%s", ended->reply->error->message);
  g_assert_error(ended->reply->error, COURANT_ERROR, (int) code);
  g_assert_true(g_pattern_match_simple(pattern, ended->reply->error->message));
}

/** run_tests: what main() does. @tests: ended by one without a path */
typedef struct {
  const char *path;
  void (*run)(void);
} Test;

static inline int
run_tests(int argc, char **argv, const Test *tests)
{
  g_test_init(&argc, &argv, NULL);
  curl_global_init(CURL_GLOBAL_DEFAULT);
  for (size_t i = 0; tests[i].path != NULL; i++)
    g_test_add_func(tests[i].path, tests[i].run);
  int failed = g_test_run();
  curl_global_cleanup();
  return failed;
}
