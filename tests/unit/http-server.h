/*
 * An HTTP server in the test's own process, on a port of 127.0.0.1 that the system chooses. The path says what it answers:
 *
 *   /echo the request's headers   /kept headers of all sorts   /headers too many of them   /flaky fails some times
 *   /status/N   /location/N that status to server->location   /redirect/N N redirects in a row, the second last not permanent
 *   /robots.txt server->robots   /kept again is a 304 for its ETag
 *   /stall half a body   /truncated half a body and an end   /endless no end of a body
 *   /bomb 12 MB of zeros as 75 KB, by gzip; /bomb/deflate by that   else "hello"
 *
 * What server->canned says of a path goes before all this, and server_take_log() tells what was asked.
 *
 * Thread: its handlers run on the daemon's; the members that change are atomic, the canned replies and the log locked.
 */
#pragma once

#include <arpa/inet.h>
#include <glib.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>

enum {
  BOMB_BYTES = 12 * 1000 * 1000,
  SERVER_MEMORY = 256 * 1024,
};

/** Canned: a reply to a path. @headers: (nullable): "Name: value" lines; @uses: how often it is given, 0 for always */
typedef struct {
  const char *path;
  unsigned status;
  const char *headers;
  const char *body;
  int uses;
} Canned;

/**
 * Server:
 * @canned: (nullable): ended by one without a path; of two for a path the second comes when the first is used up
 * @used: how often each was given
 * @log: a line a request: method, address, User-Agent, Authorization or x-api-key, body
 * @location: where /location/STATUS points
 * @robots: (nullable): the rules; "hello" without
 * @connections: opened so far; @requests: received so far
 * @failures: how many requests of /flaky are still to fail with @status and @retry_after (negative: none)
 */
typedef struct {
  struct MHD_Daemon *daemon;
  int port;
  char *location;
  char *robots;
  char *bomb;
  size_t bomb_length;
  const Canned *canned;
  int used[16];
  GString *log;
  pthread_mutex_t lock;
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
    out->str[out->len - 1] = (char) ((unsigned char) out->str[out->len - 1] | (bits >> i & 1) << *filled % 8);
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

static ssize_t
read_endless(void *user, uint64_t position, char *buffer, size_t size)
{
  (void) user, (void) position;
  memset(buffer, 'x', size);
  return (ssize_t) size;
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
      {"ETag", "\"v1\""}, {"Set-Cookie", "a=b"}, {"X-RateLimit-Remaining", "7"}, {"Link", "</2>; rel=\"next\""},
      {"X-Other", "1"},
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
bomb_response(const Server *server, bool is_gzip)
{
  /* a gzip header (RFC 1952) is 10 bytes; bare deflate is what most servers call so */
  size_t skipped = is_gzip ? 0 : 10;
  struct MHD_Response *bomb =
      MHD_create_response_from_buffer(server->bomb_length - skipped, server->bomb + skipped, MHD_RESPMEM_PERSISTENT);
  MHD_add_response_header(bomb, "Content-Encoding", is_gzip ? "gzip" : "deflate");
  return bomb;
}

/* Returns: (nullable): the reply that the test laid out for @path */
static struct MHD_Response *
canned_response(Server *server, const char *path, unsigned *ret_status)
{
  const Canned *canned = server->canned;
  for (int *used = server->used; canned != NULL && canned->path != NULL; canned++, used++) {
    if (strcmp(canned->path, path) != 0 || (canned->uses > 0 && *used == canned->uses))
      continue;
    ++*used;
    *ret_status = canned->status;
    struct MHD_Response *response = text_response(canned->body);
    g_auto(GStrv) lines = g_strsplit(canned->headers != NULL ? canned->headers : "", "\n", -1);
    for (char **line = lines; *line != NULL; line++) {
      g_auto(GStrv) parts = g_strsplit(*line, ": ", 2);
      MHD_add_response_header(response, parts[0], parts[1]);
    }
    return response;
  }
  return NULL;
}

static struct MHD_Response *
make_response(Server *server, struct MHD_Connection *connection, const char *path, unsigned *ret_status)
{
  int number = (int) g_ascii_strtoll(path + strcspn(path, "0123456789"), NULL, 10);
  if (strcmp(path, "/echo") == 0)
    return echo_response(connection);
  const char *known = MHD_lookup_connection_value(connection, MHD_HEADER_KIND, "If-None-Match");
  if (strcmp(path, "/kept") == 0 && known != NULL && strcmp(known, "\"v1\"") == 0) {
    *ret_status = 304;
    return text_response("");
  }
  if (strcmp(path, "/robots.txt") == 0 && server->robots != NULL)
    return text_response(server->robots);
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
  if (strcmp(path, "/endless") == 0)
    return MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, SERVER_MEMORY, read_endless, NULL, NULL);
  if (strcmp(path, "/bomb") == 0 || strcmp(path, "/bomb/deflate") == 0)
    return bomb_response(server, strcmp(path, "/bomb") == 0);
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
add_argument(void *user, enum MHD_ValueKind kind, const char *name, const char *value)
{
  (void) kind;
  GString *text = user;
  g_string_append_printf(text, "%c%s=%s", strchr(text->str, '?') != NULL ? '&' : '?', name, value);
  return MHD_YES;
}

static void
log_request(Server *server, struct MHD_Connection *connection, const char *method, const char *path, const char *body)
{
  const char *agent = MHD_lookup_connection_value(connection, MHD_HEADER_KIND, "User-Agent");
  const char *authorization = MHD_lookup_connection_value(connection, MHD_HEADER_KIND, "Authorization");
  const char *key = MHD_lookup_connection_value(connection, MHD_HEADER_KIND, "x-api-key");
  g_autofree char *shown = key != NULL ? g_strconcat("x-api-key ", key, NULL) : NULL;
  if (shown != NULL)
    authorization = shown;
  g_autoptr(GString) address = g_string_new(path);
  MHD_get_connection_values(connection, MHD_GET_ARGUMENT_KIND, add_argument, address);
  g_string_append_printf(server->log, "%s %s|%s|%s|%s\n", method, address->str, agent != NULL ? agent : "-",
                         authorization != NULL ? authorization : "-", body);
}

static enum MHD_Result
answer(void *user, struct MHD_Connection *connection, const char *path, const char *method, const char *version,
       const char *upload, size_t *upload_size, void **state)
{
  (void) version;
  Server *server = user;
  /* an answer to the first call would close the connection */
  if (*state == NULL) {
    *state = g_string_new(NULL);
    return MHD_YES;
  }
  GString *body = *state;
  if (*upload_size > 0) {
    g_string_append_len(body, upload, (gssize) *upload_size);
    *upload_size = 0;
    return MHD_YES;
  }
  server->requests++;
  unsigned status = 200;
  pthread_mutex_lock(&server->lock);
  log_request(server, connection, method, path, body->str);
  struct MHD_Response *response = canned_response(server, path, &status);
  pthread_mutex_unlock(&server->lock);
  if (response == NULL)
    response = make_response(server, connection, path, &status);
  enum MHD_Result result = MHD_queue_response(connection, status, response);
  MHD_destroy_response(response);
  return result;
}

static void
end_request(void *user, struct MHD_Connection *connection, void **state, enum MHD_RequestTerminationCode code)
{
  (void) user, (void) connection, (void) code;
  if (*state != NULL)
    g_string_free(*state, TRUE);
  *state = NULL;
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
  server->log = g_string_new(NULL);
  pthread_mutex_init(&server->lock, NULL);
  struct sockaddr_in loopback = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  server->daemon =
      MHD_start_daemon(MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_EPOLL, 0, NULL, NULL, answer, server, MHD_OPTION_SOCK_ADDR,
                       &loopback, MHD_OPTION_NOTIFY_CONNECTION, count_connection, server, MHD_OPTION_NOTIFY_COMPLETED,
                       end_request, NULL, MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t) SERVER_MEMORY, MHD_OPTION_END);
  g_assert_nonnull(server->daemon);
  server->port = MHD_get_daemon_info(server->daemon, MHD_DAEMON_INFO_BIND_PORT)->port;
  return server;
}

static void
server_free(Server *server)
{
  MHD_stop_daemon(server->daemon);
  g_free(server->location);
  g_free(server->robots);
  g_free(server->bomb);
  g_string_free(server->log, TRUE);
  pthread_mutex_destroy(&server->lock);
  g_free(server);
}

/* Lays out the replies @canned, which are to outlive @server, and forgets what was asked before. */
static inline void
server_can(Server *server, const Canned *canned)
{
  pthread_mutex_lock(&server->lock);
  server->canned = canned;
  memset(server->used, 0, sizeof server->used);
  g_string_truncate(server->log, 0);
  pthread_mutex_unlock(&server->lock);
}

/* Returns: (transfer full): the log since it was taken last */
static inline char *
server_take_log(Server *server)
{
  pthread_mutex_lock(&server->lock);
  char *log = g_strdup(server->log->str);
  g_string_truncate(server->log, 0);
  pthread_mutex_unlock(&server->lock);
  return log;
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Server, server_free)
