#include "net/transport.h"

#include "base/error.h"
#include "base/text.h"
#include "net/authorities.h"
#include "net/filter.h"

#include <curl/curl.h>
#include <limits.h>
#include <string.h>

enum {
  HEADERS_MAX_BYTES = 64 * 1024,
  LEAST_CONNECTIONS = 128, /* of each pool; otherwise one for each place */
  OTHER_FAMILY_MS = 200,   /* RFC 8305, 5: between 100 ms and 2 s */
};

/* @max_bytes: of a decoded body. @said: (nullable): the same in words; NULL where what was read till then is of use */
typedef struct {
  size_t max_bytes;
  const char *said;
} Cap;

static const Cap CAPS[] = {
    [REQUEST_LISTING] = {10 * 1000 * 1000, "10 MB"}, [REQUEST_ITEM] = {10 * 1000 * 1000, "10 MB"},
    [REQUEST_FEED] = {10 * 1000 * 1000, "10 MB"},    [REQUEST_PAGE] = {2 * 1000 * 1000, NULL},
    [REQUEST_ROBOTS] = {512 * 1024, NULL}, /* RFC 9309, 2.5 asks for 500 KiB at least */
    [REQUEST_LLM] = {1000 * 1000, "1 MB"},
};

static const Cap TOKEN_CAP = {64 * 1024, "64 KB"};

/* Connections, TLS sessions, looked up names and idle handles that one kind of request shares with no other. */
typedef struct {
  CURLSH *share;
  GPtrArray *idle;
} Pool;

typedef enum { POOL_STRANGERS, POOL_TRUSTED, POOL_COUNT } PoolIndex;

struct Transport {
  CURLM *multi;
  GQueue sent;
  Pool pools[POOL_COUNT];
  Filter *filter;
  char *user_agent;
  Authorities *authorities;
  bool has_proxy;
  long timeout_ms;
  long call_timeout_ms;
  long connect_timeout_ms;
};

/* @is_cut: the body was longer than its cap. @refusal: (nullable): why the filter refused an address */
struct Transfer {
  Transport *transport;
  CURL *handle;
  PoolIndex pool;
  const Cap *cap;
  long timeout_ms;
  void *owner;
  char *host;
  struct curl_slist *lines;
  GString *body;
  GString *headers;
  size_t header_bytes;
  bool has_all_headers;
  bool is_cut;
  bool is_sent;
  bool has_dialled;
  GError *refusal;
};

static void
transfer_free(Transfer *transfer)
{
  g_free(transfer->host);
  curl_slist_free_all(transfer->lines);
  if (transfer->body != NULL)
    g_string_free(transfer->body, TRUE);
  if (transfer->headers != NULL)
    g_string_free(transfer->headers, TRUE);
  g_clear_error(&transfer->refusal);
  curl_easy_cleanup(transfer->handle);
  g_free(transfer);
}

/* Returning less than was given makes curl end the transfer. */
static size_t
receive_body(char *data, size_t size, size_t count, void *user)
{
  Transfer *transfer = user;
  size_t length = size * count;
  size_t room = transfer->cap->max_bytes - transfer->body->len;
  g_string_append_len(transfer->body, data, (gssize) MIN(length, room));
  transfer->is_cut = length > room;
  return MIN(length, room);
}

static bool
is_kept_header(const char *name)
{
  static const char *const KEPT[] = {"content-type", "etag",          "last-modified", "retry-after",    "link",
                                     "location",     "cache-control", "date",          "retry-after-ms", NULL};
  return g_strv_contains(KEPT, name) || g_str_has_prefix(name, "x-ratelimit-") || g_str_has_prefix(name, "ratelimit-") ||
         g_str_has_prefix(name, "anthropic-ratelimit-");
}

static size_t
receive_header(char *data, size_t size, size_t count, void *user)
{
  Transfer *transfer = user;
  size_t length = size * count;
  transfer->header_bytes += length;
  if (transfer->header_bytes > HEADERS_MAX_BYTES)
    return 0;
  /* a status line begins: what came before was an interim reply */
  if (length >= 5 && memcmp(data, "HTTP/", 5) == 0) {
    g_string_truncate(transfer->headers, 0);
    transfer->has_all_headers = false;
  }
  if (*data == '\r' || *data == '\n')
    transfer->has_all_headers = true;
  const char *colon = memchr(data, ':', length);
  if (colon == NULL)
    return length;
  g_autofree char *name = g_ascii_strdown(data, colon - data);
  if (!is_kept_header(name))
    return length;
  g_autofree char *value = text_clean_line(colon + 1, length - (size_t) (colon + 1 - data));
  g_string_append_printf(transfer->headers, "%s%s: %s", transfer->headers->len > 0 ? "\n" : "", name, value);
  return length;
}

static curl_socket_t
open_socket(void *user, curlsocktype purpose, struct curl_sockaddr *address)
{
  (void) purpose;
  Transfer *transfer = user;
  bool is_checked = transfer->pool == POOL_STRANGERS;
  g_autoptr(GError) refusal = NULL;
  if (is_checked && !filter_allows(transfer->transport->filter, transfer->host, &address->addr, &refusal)) {
    g_clear_error(&transfer->refusal);
    transfer->refusal = g_steal_pointer(&refusal);
    return CURL_SOCKET_BAD;
  }
  transfer->has_dialled = true;
  return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

/* curl would send a request once more by itself when a connection that was used before breaks: nobody would have counted it,
 * nor set aside what it may cost. */
static int
begin_sending(void *user, G_GNUC_UNUSED char *remote_ip, G_GNUC_UNUSED char *local_ip, int remote_port, int local_port)
{
  (void) remote_port;
  (void) local_port;
  Transfer *transfer = user;
  if (transfer->is_sent)
    return CURL_PREREQFUNC_ABORT;
  transfer->is_sent = true;
  g_queue_push_tail(&transfer->transport->sent, transfer->owner);
  return CURL_PREREQFUNC_OK;
}

/* A handle once used is quicker to start with than a new one. */
static CURL *
take_handle(Pool *pool)
{
  if (pool->idle->len > 0)
    return g_ptr_array_steal_index_fast(pool->idle, pool->idle->len - 1);
  CURL *handle = curl_easy_init();
  g_assert(handle != NULL);
  curl_easy_setopt(handle, CURLOPT_SHARE, pool->share);
  return handle;
}

static void
set_limits(const Transfer *transfer)
{
  const Transport *transport = transfer->transport;
  CURL *handle = transfer->handle;
  curl_easy_setopt(handle, CURLOPT_TIMEOUT_MS, transfer->timeout_ms);
  curl_easy_setopt(handle, CURLOPT_CONNECTTIMEOUT_MS, transport->connect_timeout_ms);
  curl_easy_setopt(handle, CURLOPT_HAPPY_EYEBALLS_TIMEOUT_MS, (long) OTHER_FAMILY_MS);
  curl_easy_setopt(handle, CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(handle, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(handle, CURLOPT_DISALLOW_USERNAME_IN_URL, 1L);
  curl_easy_setopt(handle, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(handle, CURLOPT_QUICK_EXIT, 1L);
}

static void
set_connection(const Transfer *transfer, bool is_tls)
{
  CURL *handle = transfer->handle;
  /* waiting to learn whether a connection multiplexes would cost plain HTTP its first round trip */
  curl_easy_setopt(handle, CURLOPT_HTTP_VERSION, is_tls ? (long) CURL_HTTP_VERSION_2TLS : (long) CURL_HTTP_VERSION_1_1);
  curl_easy_setopt(handle, CURLOPT_PIPEWAIT, is_tls ? 1L : 0L);
  authorities_use(transfer->transport->authorities, handle);
  curl_easy_setopt(handle, CURLOPT_TCP_KEEPALIVE, 1L);
  curl_easy_setopt(handle, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
  curl_easy_setopt(handle, CURLOPT_OPENSOCKETFUNCTION, open_socket);
  curl_easy_setopt(handle, CURLOPT_OPENSOCKETDATA, transfer);
  curl_easy_setopt(handle, CURLOPT_PREREQFUNCTION, begin_sending);
  curl_easy_setopt(handle, CURLOPT_PREREQDATA, transfer);
  /* a proxy that filters does so for every host */
  if (transfer->pool == POOL_STRANGERS)
    curl_easy_setopt(handle, transfer->transport->has_proxy ? CURLOPT_NOPROXY : CURLOPT_PROXY, "");
}

static void
set_request(Transfer *transfer, const TransferSpec *spec)
{
  for (unsigned i = 0; i < spec->headers->len; i++)
    transfer->lines = curl_slist_append(transfer->lines, g_ptr_array_index(spec->headers, i));
  if (spec->authorization != NULL)
    transfer->lines = curl_slist_append(transfer->lines, spec->authorization);
  CURL *handle = transfer->handle;
  curl_easy_setopt(handle, CURLOPT_URL, spec->url);
  if (spec->body != NULL) {
    /* a server that does not know how to say "100 Continue" would cost a second */
    transfer->lines = curl_slist_append(transfer->lines, "Expect:");
    curl_easy_setopt(handle, CURLOPT_COPYPOSTFIELDS, spec->body);
  }
  curl_easy_setopt(handle, CURLOPT_USERAGENT, spec->user_agent != NULL ? spec->user_agent : transfer->transport->user_agent);
  curl_easy_setopt(handle, CURLOPT_ACCEPT_ENCODING, "");
  curl_easy_setopt(handle, CURLOPT_HTTPHEADER, transfer->lines);
  curl_easy_setopt(handle, CURLOPT_PRIVATE, transfer);
  curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, receive_body);
  curl_easy_setopt(handle, CURLOPT_WRITEDATA, transfer);
  curl_easy_setopt(handle, CURLOPT_HEADERFUNCTION, receive_header);
  curl_easy_setopt(handle, CURLOPT_HEADERDATA, transfer);
}

/* Returns: whether a further try may end otherwise */
static bool
is_passing(CURLcode code)
{
  switch (code) {
  case CURLE_URL_MALFORMAT:
  case CURLE_UNSUPPORTED_PROTOCOL:
  case CURLE_PEER_FAILED_VERIFICATION:
  case CURLE_SSL_CACERT_BADFILE:
  case CURLE_BAD_CONTENT_ENCODING:
    return false;
  default:
    return true;
  }
}

static char *
describe_timeout(const Transfer *transfer)
{
  const Transport *transport = transfer->transport;
  curl_off_t connected_us = 0;
  curl_off_t total_us = 0;
  curl_easy_getinfo(transfer->handle, CURLINFO_PRETRANSFER_TIME_T, &connected_us);
  curl_easy_getinfo(transfer->handle, CURLINFO_TOTAL_TIME_T, &total_us);
  if (connected_us == 0 && total_us / 1000 < transfer->timeout_ms)
    return g_strdup_printf("no connection within %g s", (double) transport->connect_timeout_ms / 1000);
  return g_strdup_printf("timed out after %g s", (double) transfer->timeout_ms / 1000);
}

static char *
describe_failure(const Transfer *transfer, CURLcode code)
{
  switch (code) {
  case CURLE_COULDNT_RESOLVE_HOST:
    return g_strdup("could not resolve host");
  case CURLE_COULDNT_CONNECT:
    return g_strdup("could not connect");
  case CURLE_PARTIAL_FILE:
  case CURLE_RECV_ERROR:
  case CURLE_ABORTED_BY_CALLBACK:
    return g_strdup("the connection broke before the whole reply had come");
  case CURLE_PEER_FAILED_VERIFICATION:
    return g_strdup("its TLS certificate cannot be verified");
  case CURLE_UNSUPPORTED_PROTOCOL:
  case CURLE_WEIRD_SERVER_REPLY:
    return g_strdup("what answers does not speak HTTP");
  case CURLE_OPERATION_TIMEDOUT:
    return describe_timeout(transfer);
  default:
    return g_strdup(curl_easy_strerror(code));
  }
}

static void
check_end(Transfer *transfer, CURLcode code, Reply *reply)
{
  bool is_success = reply->status >= 200 && reply->status < 300;
  /* curl takes a connection that is closed among the headers for the end of a reply without a body */
  if (code == CURLE_OK && !transfer->has_all_headers)
    code = CURLE_PARTIAL_FILE;
  /* a single line that is too long for curl is "out of memory" to it */
  if (transfer->header_bytes > HEADERS_MAX_BYTES || code == CURLE_OUT_OF_MEMORY) {
    error_set(&reply->error, ERROR_REJECTED, "its headers are longer than %d KB", HEADERS_MAX_BYTES / 1024);
  } else if (transfer->is_cut) {
    if (is_success && transfer->cap->said != NULL)
      error_set(&reply->error, ERROR_REJECTED, "its body is longer than %s", transfer->cap->said);
  } else if (code != CURLE_OK && transfer->refusal != NULL && !transfer->has_dialled) {
    reply->error = g_steal_pointer(&transfer->refusal);
  } else if (code != CURLE_OK) {
    g_autofree char *text = describe_failure(transfer, code);
    error_set(&reply->error, is_passing(code) ? ERROR_RETRY : ERROR_REJECTED, "%s", text);
  }
}

static Reply *
make_reply(Transfer *transfer, CURLcode code)
{
  Reply *reply = reply_new();
  curl_easy_getinfo(transfer->handle, CURLINFO_RESPONSE_CODE, &reply->status);
  check_end(transfer, code, reply);
  reply->headers = g_string_free(g_steal_pointer(&transfer->headers), FALSE);
  reply->body_length = transfer->body->len;
  /* a GString holds up to twice what it needs */
  reply->body = g_realloc(g_string_free(g_steal_pointer(&transfer->body), FALSE), reply->body_length + 1);
  return reply;
}

static void
open_pool(Pool *pool)
{
  pool->share = curl_share_init();
  g_assert(pool->share != NULL);
  curl_share_setopt(pool->share, CURLSHOPT_SHARE, CURL_LOCK_DATA_CONNECT);
  curl_share_setopt(pool->share, CURLSHOPT_SHARE, CURL_LOCK_DATA_DNS);
  curl_share_setopt(pool->share, CURLSHOPT_SHARE, CURL_LOCK_DATA_SSL_SESSION);
  pool->idle = g_ptr_array_new_with_free_func(curl_easy_cleanup);
}

static void
close_pool(Pool *pool)
{
  g_ptr_array_unref(pool->idle);
  curl_share_cleanup(pool->share);
}

Transport *
transport_new(const ClientOptions *options, GError **error)
{
  /* to curl 0 is for ever */
  g_assert(options->timeout_ms > 0 && options->call_timeout_ms > 0 && options->connect_timeout_ms > 0);
  g_autoptr(Authorities) authorities = authorities_new(options->ca_file, error);
  Filter *filter = authorities != NULL ? filter_new(options->allow_private, error) : NULL;
  if (filter == NULL)
    return NULL;
  Transport *transport = g_new0(Transport, 1);
  transport->filter = filter;
  transport->authorities = g_steal_pointer(&authorities);
  transport->user_agent = g_strdup(options->user_agent);
  transport->has_proxy = options->has_proxy;
  transport->timeout_ms = (long) options->timeout_ms;
  transport->call_timeout_ms = (long) options->call_timeout_ms;
  transport->connect_timeout_ms = (long) options->connect_timeout_ms;
  transport->multi = curl_multi_init();
  g_assert(transport->multi != NULL);
  curl_multi_setopt(transport->multi, CURLMOPT_MAXCONNECTS, (long) MAX(options->in_flight, LEAST_CONNECTIONS));
  for (PoolIndex i = 0; i < POOL_COUNT; i++)
    open_pool(&transport->pools[i]);
  return transport;
}

void
transport_free(Transport *transport)
{
  if (transport == NULL)
    return;
  for (PoolIndex i = 0; i < POOL_COUNT; i++)
    close_pool(&transport->pools[i]);
  curl_multi_cleanup(transport->multi);
  filter_free(transport->filter);
  g_free(transport->user_agent);
  authorities_free(transport->authorities);
  g_free(transport);
}

Transfer *
transport_start(Transport *transport, const TransferSpec *spec, void *owner)
{
  bool is_tls = g_ascii_strncasecmp(spec->url, "https:", 6) == 0;
  Transfer *transfer = g_new0(Transfer, 1);
  transfer->transport = transport;
  transfer->owner = owner;
  transfer->cap = spec->is_for_token ? &TOKEN_CAP : &CAPS[spec->kind];
  transfer->timeout_ms = spec->kind == REQUEST_LLM ? transport->call_timeout_ms : transport->timeout_ms;
  if (spec->timeout_ms > 0)
    transfer->timeout_ms = (long) spec->timeout_ms;
  transfer->pool = spec->is_trusted ? POOL_TRUSTED : POOL_STRANGERS;
  transfer->host = g_strdup(spec->host);
  transfer->body = g_string_new(NULL);
  transfer->headers = g_string_new(NULL);
  transfer->handle = take_handle(&transport->pools[transfer->pool]);
  set_request(transfer, spec);
  set_limits(transfer);
  set_connection(transfer, is_tls);
  CURLMcode code = curl_multi_add_handle(transport->multi, transfer->handle);
  g_assert(code == CURLM_OK);
  return transfer;
}

void
transport_stop(Transport *transport, Transfer *transfer)
{
  curl_multi_remove_handle(transport->multi, transfer->handle);
  transfer_free(transfer);
}

void
transport_perform(Transport *transport)
{
  int running;
  CURLMcode code = curl_multi_perform(transport->multi, &running);
  g_assert(code == CURLM_OK);
}

void *
transport_take_sent(Transport *transport)
{
  return g_queue_pop_head(&transport->sent);
}

void *
transport_take(Transport *transport, Reply **ret_reply)
{
  int left;
  const CURLMsg *message = curl_multi_info_read(transport->multi, &left);
  if (message == NULL)
    return NULL;
  CURLcode code = message->data.result;
  CURL *handle = message->easy_handle;
  Transfer *transfer;
  curl_easy_getinfo(handle, CURLINFO_PRIVATE, &transfer);
  *ret_reply = make_reply(transfer, code);
  void *owner = transfer->owner;
  curl_multi_remove_handle(transport->multi, handle);
  curl_easy_reset(handle);
  g_ptr_array_add(transport->pools[transfer->pool].idle, g_steal_pointer(&transfer->handle));
  transfer_free(transfer);
  return owner;
}

void
transport_wait(Transport *transport, int64_t max_ms)
{
  curl_multi_poll(transport->multi, NULL, 0, (int) CLAMP(max_ms, 0, INT_MAX), NULL);
}

void
transport_wake(Transport *transport)
{
  curl_multi_wakeup(transport->multi);
}
