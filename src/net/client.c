#include "net/client.h"

#include "base/error.h"
#include "base/url.h"
#include "net/hosts.h"
#include "net/limiter.h"
#include "net/retry.h"
#include "net/schedule.h"
#include "net/transport.h"
#include "os/clock.h"

#include <string.h>

enum { MAX_REDIRECTS = 3 };

struct Client {
  uint64_t pauses;
  Transport *transport;
  Limiter *limiter;
  Schedule *schedule;
  GRand *random;
  GPtrArray *active;
  GQueue ended;
  int64_t in_flight;
  int64_t max_tries;
  int64_t retry_base_ms;
  int64_t deadline_ms;
  bool refuses_strangers;
  bool has_fresh;
};

/*
 * A submitted request until its answer.
 * @asked_url: as submitted; @url: where the next try goes, @host its host, @host_key the same with a port
 * @is_moved: every redirect so far was permanent
 * @failure: (nullable): how the last try ended, @status its status
 * @ready_ms: since when it waits
 * @transfer: (nullable): the try under way
 */
typedef struct {
  void *tag;
  RequestKind kind;
  GPtrArray *headers;
  bool has_auth;
  char *asked_url;
  char *url;
  char *host;
  char *host_key;
  int redirects;
  bool is_moved;
  char *failure;
  long status;
  int64_t failures;
  int64_t tries;
  int64_t sent_ms;
  int64_t ready_ms;
  int64_t waited_ms;
  Transfer *transfer;
} Call;

static void
append_lines(GPtrArray *target, const GPtrArray *lines)
{
  for (unsigned i = 0; lines != NULL && i < lines->len; i++)
    g_ptr_array_add(target, g_strdup(g_ptr_array_index(lines, i)));
}

static Call *
call_new(const Request *request, const GPtrArray *validators, void *tag)
{
  Call *call = g_new0(Call, 1);
  call->tag = tag;
  call->kind = request->kind;
  call->has_auth = request->auth != NULL;
  call->asked_url = g_strdup(request->url);
  call->is_moved = true;
  call->headers = g_ptr_array_new_with_free_func(g_free);
  append_lines(call->headers, request->headers);
  append_lines(call->headers, validators);
  return call;
}

static void
call_free(Call *call)
{
  g_ptr_array_unref(call->headers);
  g_free(call->asked_url);
  g_free(call->url);
  g_free(call->host);
  g_free(call->host_key);
  g_free(call->failure);
  g_free(call);
}

/* Points @call at @reference, seen from @base. Returns false when no http or https request can be made of it. */
static bool
aim(Call *call, const char *base, const char *reference)
{
  g_autofree char *url = url_resolve(base, reference, NULL);
  g_auto(Url) parts = {0};
  if (url == NULL || !url_parse(url, &parts, NULL))
    return false;
  url[strcspn(url, "#")] = '\0';
  int default_port = strcmp(parts.scheme, "https") == 0 ? 443 : 80;
  g_free(call->url);
  g_free(call->host);
  g_free(call->host_key);
  call->url = g_steal_pointer(&url);
  call->host_key = parts.port == default_port ? g_strdup(parts.host) : g_strdup_printf("%s:%d", parts.host, parts.port);
  call->host = g_steal_pointer(&parts.host);
  return true;
}

static bool
is_trusted(const Call *call)
{
  return call->redirects == 0 && request_kind_is_trusted(call->kind);
}

/* Takes @call and @reply. */
static void
end_call(Client *client, Call *call, Reply *reply)
{
  reply->url = g_strdup(call->redirects > 0 ? call->url : call->asked_url);
  reply->is_moved = call->redirects > 0 && call->is_moved;
  reply->answered_ms = clock_now_ms();
  ClientAnswer *answer = g_new0(ClientAnswer, 1);
  answer->tag = call->tag;
  answer->reply = reply;
  answer->tries = call->tries;
  answer->sent_ms = call->sent_ms;
  answer->waited_ms = call->waited_ms;
  g_queue_push_tail(&client->ended, answer);
  call_free(call);
}

static void G_GNUC_PRINTF(4, 5) end_with_error(Client *client, Call *call, ErrorCode code, const char *format, ...)
{
  va_list arguments;
  va_start(arguments, format);
  g_autofree char *text = g_strdup_vprintf(format, arguments);
  va_end(arguments);
  Reply *reply = reply_new();
  reply->status = call->status;
  error_set(&reply->error, code, "GET %s: %s", call->url, text);
  end_call(client, call, reply);
}

/* A try ended as call->failure says. @code: what may come next; @asked_ms: how long the server asks to wait at least */
static void
settle_failure(Client *client, Call *call, ErrorCode code, int64_t asked_ms)
{
  if (code == ERROR_REJECTED) {
    end_with_error(client, call, code, "%s", call->failure);
    return;
  }
  call->failures++;
  int64_t backoff_ms = retry_delay_ms(client->retry_base_ms, call->failures, client->random);
  call->ready_ms = clock_monotonic_ms();
  int64_t next_ms = call->ready_ms + MAX(asked_ms, backoff_ms);
  if (code == ERROR_THROTTLED) {
    limiter_pause(client->limiter, call->host_key, next_ms);
    client->pauses++;
  }
  if (call->failures < client->max_tries) {
    schedule_delay(client->schedule, call->host_key, next_ms, call);
    return;
  }
  const char *plural = call->failures == 1 ? "y" : "ies";
  end_with_error(client, call, code, "%s after %" G_GINT64_FORMAT " tr%s; will be tried again next run", call->failure,
                 call->failures, plural);
}

static void
enqueue(Client *client, Call *call)
{
  call->ready_ms = clock_monotonic_ms();
  if (!is_trusted(call) && client->refuses_strangers)
    end_with_error(client, call, ERROR_REJECTED,
                   "not fetched, for a proxy hides which address would be dialled; allow it with network.proxy_is_filter");
  else
    schedule_add(client->schedule, call->host_key, call);
}

static bool
is_redirect(long status)
{
  return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

/* Takes @reply. Where a page went must pass its new origin's robots.txt first, which is not for us to ask. */
static void
follow(Client *client, Call *call, Reply *reply)
{
  g_autoptr(Reply) owned = reply;
  g_autofree char *location = reply_header(reply, "location");
  const char *reason = NULL;
  if (call->has_auth)
    reason = "and no redirect is followed with a credential";
  else if (location == NULL)
    reason = "that does not say where to";
  else if (call->redirects == MAX_REDIRECTS)
    reason = "after 3 redirects";
  else if (!aim(call, call->url, location))
    reason = "to what is no http or https address";
  if (reason != NULL) {
    end_with_error(client, call, ERROR_REJECTED, "HTTP %ld %s", reply->status, reason);
    return;
  }
  call->redirects++;
  call->is_moved = call->is_moved && (reply->status == 301 || reply->status == 308);
  if (call->kind == REQUEST_PAGE)
    end_call(client, call, g_steal_pointer(&owned));
  else
    enqueue(client, call);
}

static bool
is_answer(long status)
{
  return (status >= 200 && status < 300) || status == 304 || status == 410;
}

/* Takes @reply: what a try of @call ended with. */
static void
settle(Client *client, Call *call, Reply *reply)
{
  g_autoptr(Reply) owned = reply;
  g_ptr_array_remove(client->active, call);
  limiter_end(client->limiter, call->host_key);
  call->transfer = NULL;
  call->status = reply->error == NULL ? reply->status : 0;
  g_clear_pointer(&call->failure, g_free);
  if (reply->error != NULL) {
    call->failure = g_strdup(reply->error->message);
    settle_failure(client, call, (ErrorCode) reply->error->code, 0);
  } else if (is_answer(reply->status)) {
    end_call(client, call, g_steal_pointer(&owned));
  } else if (is_redirect(reply->status)) {
    follow(client, call, g_steal_pointer(&owned));
  } else {
    g_autofree char *retry_after = reply_header(reply, "retry-after");
    int64_t asked_ms = 0;
    bool is_asked = retry_after_ms(retry_after, clock_now_ms(), &asked_ms);
    call->failure = g_strdup_printf("HTTP %ld", reply->status);
    settle_failure(client, call, retry_status(reply->status, is_asked), asked_ms);
  }
}

static void
start(Client *client, Call *call, int64_t now_ms)
{
  TransferSpec spec = {
      .url = call->url,
      .host = call->host,
      .kind = call->kind,
      .is_trusted = is_trusted(call),
      .headers = call->headers,
  };
  limiter_start(client->limiter, call->host_key, now_ms);
  g_ptr_array_add(client->active, call);
  call->waited_ms += now_ms - call->ready_ms;
  if (call->tries == 0)
    call->sent_ms = clock_now_ms();
  call->tries++;
  call->transfer = transport_start(client->transport, &spec, call);
}

static void
start_all(Client *client)
{
  int64_t now_ms = clock_monotonic_ms();
  while (client->active->len < client->in_flight) {
    Call *call = schedule_take(client->schedule, now_ms);
    if (call == NULL)
      return;
    start(client, call, now_ms);
  }
}

static void
settle_all(Client *client)
{
  Reply *reply;
  for (Call *call = transport_take(client->transport, &reply); call != NULL; call = transport_take(client->transport, &reply))
    settle(client, call, reply);
}

static void
stop(Client *client, Call *call)
{
  transport_stop(client->transport, call->transfer);
  limiter_end(client->limiter, call->host_key);
  g_ptr_array_remove(client->active, call);
}

/* Ends what the deadline leaves no time for. */
static void
end_hopeless(Client *client)
{
  int64_t now_ms = clock_monotonic_ms();
  Call *call;
  while ((call = schedule_take_hopeless(client->schedule, now_ms, client->deadline_ms)) != NULL) {
    call->waited_ms += now_ms - call->ready_ms;
    end_with_error(client, call, ERROR_THROTTLED, "%s%sno turn before this stage's deadline; will be tried again next run",
                   call->failure != NULL ? call->failure : "", call->failure != NULL ? ", and " : "");
  }
  while (now_ms >= client->deadline_ms && client->active->len > 0) {
    call = g_ptr_array_index(client->active, 0);
    stop(client, call);
    end_with_error(client, call, ERROR_RETRY, "cut off at this stage's deadline; will be tried again next run");
  }
}

static int64_t
next_start_ms(const Client *client, int64_t now_ms)
{
  return client->active->len < client->in_flight ? schedule_next_ms(client->schedule, now_ms) : INT64_MAX;
}

static bool
has_startable(const Client *client)
{
  int64_t now_ms = clock_monotonic_ms();
  return next_start_ms(client, now_ms) <= now_ms;
}

Client *
client_new(const ClientOptions *options, GError **error)
{
  Transport *transport = transport_new(options, error);
  if (transport == NULL)
    return NULL;
  Client *client = g_new0(Client, 1);
  client->transport = transport;
  client->limiter = limiter_new(options->in_flight_per_host);
  client->schedule = schedule_new(client->limiter);
  client->random = g_rand_new_with_seed(options->seed);
  client->active = g_ptr_array_new();
  client->in_flight = options->in_flight;
  client->max_tries = options->max_tries;
  client->retry_base_ms = options->retry_base_ms;
  client->deadline_ms = INT64_MAX;
  client->refuses_strangers = options->has_proxy && !options->is_proxy_filter;
  return client;
}

void
client_free(Client *client)
{
  if (client == NULL)
    return;
  client->deadline_ms = INT64_MIN;
  end_hopeless(client);
  g_queue_clear_full(&client->ended, (GDestroyNotify) client_answer_free);
  transport_free(client->transport);
  schedule_free(client->schedule);
  limiter_free(client->limiter);
  g_rand_free(client->random);
  g_ptr_array_unref(client->active);
  g_free(client);
}

void
client_set_deadline(Client *client, int64_t deadline_ms)
{
  client->deadline_ms = deadline_ms;
}

void
client_add_service(Client *client, const Service *service)
{
  g_auto(Url) parts = {0};
  if (service->requests > 0 && url_parse(service->prefix, &parts, NULL)) {
    int default_port = strcmp(parts.scheme, "https") == 0 ? 443 : 80;
    g_autofree char *host =
        parts.port == default_port ? g_strdup(parts.host) : g_strdup_printf("%s:%d", parts.host, parts.port);
    limiter_set_window(client->limiter, host, service->requests, service->window_ms);
  }
}

void
client_submit(Client *client, const Request *request, const GPtrArray *validators, void *tag)
{
  client->has_fresh = true;
  Call *call = call_new(request, validators, tag);
  if (!aim(call, request->url, "")) {
    /* not shown: it may hold a password */
    call->url = g_strdup("(an address)");
    end_with_error(client, call, ERROR_REJECTED, "it is no http or https address without user information");
  } else if (call->has_auth)
    end_with_error(client, call, ERROR_CONFIG, "no credential named \"%s\"", request->auth);
  else
    enqueue(client, call);
}

void
client_perform(Client *client)
{
  client->has_fresh = false;
  do {
    end_hopeless(client);
    start_all(client);
    transport_perform(client->transport);
    settle_all(client);
  } while (has_startable(client));
  end_hopeless(client);
}

ClientAnswer *
client_take(Client *client)
{
  return g_queue_pop_head(&client->ended);
}

void
client_answer_free(ClientAnswer *answer)
{
  if (answer == NULL)
    return;
  reply_free(answer->reply);
  g_free(answer);
}

void
client_wait(Client *client, int64_t max_ms)
{
  if (client->has_fresh || client->ended.length > 0)
    return;
  int64_t now_ms = clock_monotonic_ms();
  int64_t next_ms = next_start_ms(client, now_ms);
  bool has_work = next_ms != INT64_MAX || client->active->len > 0;
  next_ms = has_work ? MIN(next_ms, client->deadline_ms) : INT64_MAX;
  transport_wait(client->transport, MIN(max_ms, next_ms - now_ms));
}

void
client_wake(Client *client)
{
  transport_wake(client->transport);
}

uint64_t
client_changes(const Client *client)
{
  return client->pauses;
}

GPtrArray *
client_host_states(const Client *client)
{
  return hosts_save(client->limiter, clock_monotonic_ms(), clock_now_ms());
}

void
client_restore_host(Client *client, const HostState *state, bool is_after_crash G_GNUC_UNUSED)
{
  hosts_restore(client->limiter, state, clock_monotonic_ms(), clock_now_ms());
}
