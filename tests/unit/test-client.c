#include "base/error.h"
#include "net/client.h"
#include "os/clock.h"

#include <curl/curl.h>
#include <microhttpd.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/socket.h>

enum {
  BOMB_BYTES = 12 * 1000 * 1000,
  LISTING_BYTES = 10 * 1000 * 1000,
  PAGE_BYTES = 2 * 1000 * 1000,
  SERVER_MEMORY = 256 * 1024,
  HOUR_MS = 3600 * 1000,
};

/*
 * An HTTP server on 127.0.0.1; its path says what it answers.
 * @failures: how many requests of /flaky are still to fail with @status and @retry_after
 */
typedef struct {
  struct MHD_Daemon *daemon;
  int port;
  char *location;
  char *bomb;
  size_t bomb_length;
  atomic_int connections;
  atomic_int requests;
  atomic_int failures;
  atomic_int status;
  atomic_int retry_after;
} Server;

/* Appends the @count lowest bits of @bits, first the lowest. */
static void
put_bits(GString *out, unsigned *filled, unsigned bits, unsigned count)
{
  for (unsigned i = 0; i < count; i++) {
    if (*filled % 8 == 0)
      g_string_append_c(out, '\0');
    out->str[out->len - 1] = (char) (out->str[out->len - 1] | ((bits >> i & 1) << *filled % 8));
    (*filled)++;
  }
}

/* Zeros, deflated (RFC 1951) as one literal and then matches of 258 at distance 1, each 13 bits; the end never comes. */
static char *
make_bomb(size_t *ret_length)
{
  static const char GZIP_HEADER[10] = "\x1f\x8b\x08";
  enum { LITERAL_ZERO = 0x0c, MATCH_258 = 0xa3, DISTANCE_1 = 0, MATCH_BYTES = 258, FIXED_CODES = 1 };
  GString *out = g_string_new_len(GZIP_HEADER, sizeof GZIP_HEADER);
  unsigned filled = 0;
  put_bits(out, &filled, FIXED_CODES << 1, 3);
  put_bits(out, &filled, LITERAL_ZERO, 8);
  for (size_t i = 0; i < BOMB_BYTES / MATCH_BYTES; i++) {
    put_bits(out, &filled, MATCH_258, 8);
    put_bits(out, &filled, DISTANCE_1, 5);
  }
  *ret_length = out->len;
  return g_string_free(out, FALSE);
}

static ssize_t
read_part(void *user, uint64_t position, char *buffer, size_t size)
{
  const char *path = user;
  if (position == 0)
    return (ssize_t) g_strlcpy(buffer, "half of it", size);
  return strcmp(path, "/stall") == 0 ? 0 : MHD_CONTENT_READER_END_WITH_ERROR;
}

static enum MHD_Result
echo_header(void *user, enum MHD_ValueKind kind, const char *name, const char *value)
{
  (void) kind;
  g_string_append_printf(user, "%s: %s\n", name, value);
  return MHD_YES;
}

static struct MHD_Response *
text_response(const char *text)
{
  return MHD_create_response_from_buffer(strlen(text), (void *) text, MHD_RESPMEM_MUST_COPY);
}

static struct MHD_Response *
redirect_response(const char *location)
{
  struct MHD_Response *response = text_response("elsewhere");
  MHD_add_response_header(response, "Location", location);
  return response;
}

static struct MHD_Response *
echo_response(struct MHD_Connection *connection)
{
  g_autoptr(GString) text = g_string_new(NULL);
  MHD_get_connection_values(connection, MHD_HEADER_KIND, echo_header, text);
  return text_response(text->str);
}

static struct MHD_Response *
kept_response(void)
{
  static const char *const HEADERS[][2] = {
      {"ETag", "\"v1\""}, {"Set-Cookie", "a=b"}, {"X-RateLimit-Remaining", "7"}, {"Link", "</2>; rel=\"next\""}, {"X-Other", "1"},
  };
  struct MHD_Response *response = text_response("body");
  for (size_t i = 0; i < G_N_ELEMENTS(HEADERS); i++)
    MHD_add_response_header(response, HEADERS[i][0], HEADERS[i][1]);
  return response;
}

static struct MHD_Response *
big_header_response(void)
{
  enum { LINES = 70, LINE_BYTES = 1000 };
  g_autofree char *value = g_strnfill(LINE_BYTES, 'x');
  struct MHD_Response *response = text_response("");
  for (int i = 0; i < LINES; i++)
    MHD_add_response_header(response, "Link", value);
  return response;
}

static struct MHD_Response *
flaky_response(Server *server, unsigned *ret_status)
{
  struct MHD_Response *response = text_response("flaky");
  if (atomic_fetch_sub(&server->failures, 1) <= 0)
    return response;
  *ret_status = (unsigned) server->status;
  g_autofree char *retry_after = g_strdup_printf("%d", (int) server->retry_after);
  if (server->retry_after >= 0)
    MHD_add_response_header(response, "Retry-After", retry_after);
  return response;
}

static struct MHD_Response *
make_response(Server *server, struct MHD_Connection *connection, const char *path, unsigned *ret_status)
{
  int number = (int) g_ascii_strtoll(path + strcspn(path, "0123456789"), NULL, 10);
  if (strcmp(path, "/echo") == 0)
    return echo_response(connection);
  if (strcmp(path, "/kept") == 0)
    return kept_response();
  if (strcmp(path, "/headers") == 0)
    return big_header_response();
  if (strcmp(path, "/flaky") == 0)
    return flaky_response(server, ret_status);
  if (strcmp(path, "/stall") == 0)
    return MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, 100, read_part, (void *) "/stall", NULL);
  if (strcmp(path, "/truncated") == 0)
    return MHD_create_response_from_callback(1000, 100, read_part, (void *) "/truncated", NULL);
  if (strcmp(path, "/bomb") == 0) {
    struct MHD_Response *bomb = MHD_create_response_from_buffer(server->bomb_length, server->bomb, MHD_RESPMEM_PERSISTENT);
    MHD_add_response_header(bomb, "Content-Encoding", "gzip");
    return bomb;
  }
  if (g_str_has_prefix(path, "/status/")) {
    *ret_status = (unsigned) number;
    return text_response("status");
  }
  if (g_str_has_prefix(path, "/location/")) {
    *ret_status = (unsigned) number;
    return redirect_response(server->location);
  }
  if (g_str_has_prefix(path, "/redirect/") && number > 0) {
    *ret_status = number == 2 ? 302 : 301;
    g_autofree char *next = g_strdup_printf("%d#part", number - 1);
    return redirect_response(next);
  }
  return text_response("hello");
}

static enum MHD_Result
answer(void *user, struct MHD_Connection *connection, const char *path, const char *method, const char *version,
       const char *upload, size_t *upload_size, void **state)
{
  (void) method, (void) version, (void) upload, (void) upload_size, (void) state;
  Server *server = user;
  server->requests++;
  unsigned status = 200;
  struct MHD_Response *response = make_response(server, connection, path, &status);
  enum MHD_Result result = MHD_queue_response(connection, status, response);
  MHD_destroy_response(response);
  return result;
}

static void
count_connection(void *user, struct MHD_Connection *connection, void **state, enum MHD_ConnectionNotificationCode code)
{
  (void) connection, (void) state;
  Server *server = user;
  if (code == MHD_CONNECTION_NOTIFY_STARTED)
    server->connections++;
}

static Server *
server_new(void)
{
  Server *server = g_new0(Server, 1);
  server->bomb = make_bomb(&server->bomb_length);
  struct sockaddr_in loopback = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  server->daemon = MHD_start_daemon(MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_EPOLL, 0, NULL, NULL, answer, server,
                                    MHD_OPTION_SOCK_ADDR, &loopback, MHD_OPTION_NOTIFY_CONNECTION, count_connection, server,
                                    MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t) SERVER_MEMORY, MHD_OPTION_END);
  g_assert_nonnull(server->daemon);
  server->port = MHD_get_daemon_info(server->daemon, MHD_DAEMON_INFO_BIND_PORT)->port;
  return server;
}

static void
server_free(Server *server)
{
  MHD_stop_daemon(server->daemon);
  g_free(server->location);
  g_free(server->bomb);
  g_free(server);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Server, server_free)

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
