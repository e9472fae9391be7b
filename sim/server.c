#include "server.h"

#include "base/error.h"

#include <arpa/inet.h>
#include <errno.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sys/socket.h>
#include <unistd.h>

static const unsigned MAX_CONNECTIONS = 2048;
static const int LISTEN_BACKLOG = 1024;
static const size_t CONNECTION_MEMORY = 512 * 1024;
static const size_t THREAD_STACK = 512 * 1024;
static const size_t BLOCK_BYTES = 64 * 1024;
static const size_t MAX_UPLOAD_BYTES = 1024 * 1024;
static const int64_t SLOW_TICK_MS = 100;

struct Server {
  Internet *internet;
  struct MHD_Daemon *daemon;
  int64_t latency_ms;
  unsigned port;
  pthread_mutex_t lock;
  pthread_cond_t stopped;
  bool is_stopping;
};

/* Exchange: one request and its answer; lives from the request line to the last byte, always on one thread. */
typedef struct {
  Server *server;
  Asked asked;
  Answer *answer;
  uint64_t sent;
  bool is_read;
  bool is_in_flight;
} Exchange;

/* Returns: false when the server was stopped meanwhile */
static bool
wait_ms(Server *server, int64_t duration_ms)
{
  struct timespec until;
  clock_gettime(CLOCK_MONOTONIC, &until);
  int64_t nanoseconds = until.tv_nsec + duration_ms % 1000 * 1000000;
  until.tv_sec += (time_t) (duration_ms / 1000 + nanoseconds / 1000000000);
  until.tv_nsec = (long) (nanoseconds % 1000000000);
  pthread_mutex_lock(&server->lock);
  int result = 0;
  while (!server->is_stopping && result == 0 && duration_ms > 0)
    result = pthread_cond_timedwait(&server->stopped, &server->lock, &until);
  bool is_stopping = server->is_stopping;
  pthread_mutex_unlock(&server->lock);
  return !is_stopping;
}

static void
end_flight(Exchange *exchange)
{
  if (exchange->is_in_flight)
    internet_end(exchange->server->internet, &exchange->asked);
  exchange->is_in_flight = false;
}

/* An MHD_ContentReaderCallback. The flight ends before its last bytes are handed over: a client that asks again as soon as it
 * has them must not be counted twice. */
static ssize_t
read_body(void *data, uint64_t position, char *target, size_t size)
{
  Exchange *exchange = data;
  const Answer *answer = exchange->answer;
  uint64_t length = answer->body->len;
  uint64_t end = answer->truncate_at >= 0 ? MIN(length, (uint64_t) answer->truncate_at) : length;
  uint64_t from = answer->is_endless ? position % length : position;
  if (from >= end)
    return MHD_CONTENT_READER_END_WITH_ERROR;
  uint64_t count = MIN(end - from, size);
  if (answer->bytes_per_second > 0)
    count = MIN(count, (uint64_t) MAX(answer->bytes_per_second * SLOW_TICK_MS / 1000, 1));
  int64_t pause_ms = answer->bytes_per_second > 0 ? (int64_t) count * 1000 / answer->bytes_per_second : 0;
  if (!wait_ms(exchange->server, pause_ms))
    return MHD_CONTENT_READER_END_WITH_ERROR;
  memcpy(target, answer->body->str + from, count);
  if (!answer->is_endless && from + count == end)
    end_flight(exchange);
  return (ssize_t) count;
}

/* Another socket takes the place of the connection's, which so is closed at once, unsent data dropped: the client sees a reset.
 */
static void
reset_connection(struct MHD_Connection *connection)
{
  const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
  struct linger at_once = {.l_onoff = 1, .l_linger = 0};
  setsockopt(info->connect_fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  int other = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (other < 0)
    return;
  dup2(other, info->connect_fd);
  close(other);
}

static enum MHD_Result
send_answer(Exchange *exchange, struct MHD_Connection *connection)
{
  const Answer *answer = exchange->answer;
  uint64_t size = answer->is_endless ? MHD_SIZE_UNKNOWN : answer->body->len;
  struct MHD_Response *response = MHD_create_response_from_callback(size, BLOCK_BYTES, read_body, exchange, NULL);
  for (guint i = 0; i < answer->headers->len; i += 2)
    MHD_add_response_header(response, answer->headers->pdata[i], answer->headers->pdata[i + 1]);
  if (size == 0)
    end_flight(exchange);
  enum MHD_Result result = MHD_queue_response(connection, answer->status, response);
  MHD_destroy_response(response);
  return result;
}

static char *
header(struct MHD_Connection *connection, const char *name)
{
  return g_strdup(MHD_lookup_connection_value(connection, MHD_HEADER_KIND, name));
}

static char *
host_asked(struct MHD_Connection *connection)
{
  const char *host = MHD_lookup_connection_value(connection, MHD_HEADER_KIND, "Host");
  if (host == NULL || host[0] == '.' || strchr(host, '/') != NULL)
    return g_strdup("");
  return g_ascii_strdown(host, (gssize) strcspn(host, ":"));
}

static enum MHD_Result
answer_request(Exchange *exchange, struct MHD_Connection *connection, const char *method)
{
  Server *server = exchange->server;
  Asked *asked = &exchange->asked;
  asked->method = g_strdup(method);
  asked->host = host_asked(connection);
  asked->user_agent = header(connection, "User-Agent");
  asked->if_none_match = header(connection, "If-None-Match");
  asked->if_modified_since = header(connection, "If-Modified-Since");
  asked->accept = header(connection, "Accept");
  asked->authorization = header(connection, "Authorization");
  asked->api_key = header(connection, "x-api-key");
  asked->version = header(connection, "anthropic-version");
  asked->port = server->port;
  exchange->answer = internet_ask(server->internet, asked);
  exchange->is_in_flight = true;
  int64_t latency_ms = g_str_has_prefix(asked->path, "/_sim/") ? 0 : server->latency_ms;
  if (!wait_ms(server, latency_ms + exchange->answer->delay_ms))
    return MHD_NO;
  if (!exchange->answer->is_reset)
    return send_answer(exchange, connection);
  reset_connection(connection);
  return MHD_NO;
}

/* An MHD_AccessHandlerCallback: called once for the headers, once for each part of the upload, once at its end. */
static enum MHD_Result
/* NOLINTNEXTLINE(readability-function-size): the library says how many parameters */
handle(void *data, struct MHD_Connection *connection, const char *url, const char *method, const char *version,
       const char *upload, size_t *upload_size, void **request)
{
  (void) data;
  (void) url;
  (void) version;
  Exchange *exchange = *request;
  if (!exchange->is_read) {
    exchange->is_read = true;
    return MHD_YES;
  }
  if (*upload_size == 0)
    return answer_request(exchange, connection, method);
  GString *body = exchange->asked.body;
  if (body->len + *upload_size > MAX_UPLOAD_BYTES)
    return MHD_NO;
  g_string_append_len(body, upload, (gssize) *upload_size);
  *upload_size = 0;
  return MHD_YES;
}

/* The only place where the library shows the path as it was sent. */
static void *
begin(void *data, const char *uri, struct MHD_Connection *connection)
{
  (void) connection;
  Exchange *exchange = g_new0(Exchange, 1);
  exchange->server = data;
  exchange->asked.body = g_string_new(NULL);
  const char *query = strchr(uri, '?');
  exchange->asked.path = g_strndup(uri, query != NULL ? (gsize) (query - uri) : strlen(uri));
  exchange->asked.query = query != NULL ? g_strdup(query + 1) : NULL;
  return exchange;
}

static void
complete(void *data, struct MHD_Connection *connection, void **request, enum MHD_RequestTerminationCode code)
{
  (void) data;
  (void) connection;
  (void) code;
  Exchange *exchange = *request;
  if (exchange == NULL)
    return;
  end_flight(exchange);
  asked_clear(&exchange->asked);
  answer_free(exchange->answer);
  g_free(exchange);
  *request = NULL;
}

/* Bound before the daemon starts: its threads read the port from their first moment on. */
static int
listen_on_loopback(unsigned *port, GError **error)
{
  struct sockaddr_in address = {
      .sin_family = AF_INET, .sin_port = htons((uint16_t) *port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t size = sizeof address;
  int yes = 1;
  int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (listener >= 0 && setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) == 0 &&
      bind(listener, (struct sockaddr *) &address, size) == 0 && listen(listener, LISTEN_BACKLOG) == 0 &&
      getsockname(listener, (struct sockaddr *) &address, &size) == 0) {
    *port = ntohs(address.sin_port);
    return listener;
  }
  error_set(error, ERROR_IO, "cannot listen on 127.0.0.1:%u: %s", *port, g_strerror(errno));
  if (listener >= 0)
    close(listener);
  return -1;
}

Server *
server_start(Internet *internet, unsigned port, int64_t latency_ms, GError **error)
{
  int listener = listen_on_loopback(&port, error);
  if (listener < 0)
    return NULL;
  Server *server = g_new0(Server, 1);
  server->internet = internet;
  server->latency_ms = latency_ms;
  server->port = port;
  pthread_mutex_init(&server->lock, NULL);
  pthread_condattr_t monotonic;
  pthread_condattr_init(&monotonic);
  pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
  pthread_cond_init(&server->stopped, &monotonic);
  pthread_condattr_destroy(&monotonic);
  unsigned flags = MHD_USE_THREAD_PER_CONNECTION | MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_POLL;
  server->daemon = MHD_start_daemon(flags, 0, NULL, NULL, handle, server, MHD_OPTION_LISTEN_SOCKET, listener,
                                    MHD_OPTION_URI_LOG_CALLBACK, begin, server, MHD_OPTION_NOTIFY_COMPLETED, complete, NULL,
                                    MHD_OPTION_CONNECTION_LIMIT, MAX_CONNECTIONS, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
                                    CONNECTION_MEMORY, MHD_OPTION_THREAD_STACK_SIZE, THREAD_STACK, MHD_OPTION_END);
  if (server->daemon == NULL) {
    error_set(error, ERROR_IO, "cannot start the server: %s", g_strerror(errno));
    close(listener);
    server_stop(server);
    return NULL;
  }
  return server;
}

unsigned
server_port(const Server *server)
{
  return server->port;
}

void
server_stop(Server *server)
{
  if (server == NULL)
    return;
  pthread_mutex_lock(&server->lock);
  server->is_stopping = true;
  pthread_cond_broadcast(&server->stopped);
  pthread_mutex_unlock(&server->lock);
  if (server->daemon != NULL)
    MHD_stop_daemon(server->daemon);
  pthread_cond_destroy(&server->stopped);
  pthread_mutex_destroy(&server->lock);
  g_free(server);
}
