#include "net/client.h"

#include "base/error.h"
#include "net/call.h"
#include "net/credential.h"
#include "net/hosts.h"
#include "net/limiter.h"
#include "net/retry.h"
#include "net/schedule.h"
#include "os/clock.h"

enum {
  MAX_REDIRECTS = 3,
  MAX_ROBOTS_REDIRECTS = 5, /* RFC 9309, 2.3.1.2 */
};

struct Client {
  Transport *transport;
  Services *services;
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

/* Takes @call and @reply. */
static void
answer(Client *client, Call *call, Reply *reply)
{
  reply->url = g_strdup(call->redirects > 0 ? call->url : call->asked_url);
  reply->is_moved = call->redirects > 0 && call->is_moved;
  reply->answered_ms = clock_now_ms();
  ClientAnswer *ended = g_new0(ClientAnswer, 1);
  ended->tag = call->tag;
  ended->reply = reply;
  ended->tries = g_array_ref(call->tries);
  ended->sent_ms = call->sent_ms;
  ended->waited_ms = call->waited_ms;
  g_queue_push_tail(&client->ended, ended);
  call_free(call);
}

static Reply *
make_failure(const Call *call, ErrorCode code, const char *text)
{
  Reply *reply = reply_new();
  reply->status = call->status;
  if (call->token_for != NULL)
    error_set(&reply->error, code, "token: %s", text);
  else
    error_set(&reply->error, code, "GET %s: %s", call->url, text);
  return reply;
}

/* The request for a token ended with @reply: what waits for it goes on with the token, or ends as it did. */
static void
settle_token(Client *client, KnownService *service, const Reply *reply)
{
  g_autoptr(GError) error = NULL;
  int64_t life_ms = 0;
  g_free(service->token);
  service->token = credential_read_token(reply, &life_ms, &error);
  service->token_until_ms = clock_monotonic_ms() + life_ms;
  Call *call;
  while ((call = g_queue_pop_head(&service->waiting)) != NULL) {
    if (error != NULL) {
      answer(client, call, make_failure(call, (ErrorCode) error->code, error->message));
      continue;
    }
    /* of its own, for one that lives a minute only is not used for what comes later */
    call->token = g_strdup(service->token);
    call->ready_ms = clock_monotonic_ms();
    schedule_add(client->schedule, call->limits, call);
  }
}

/* Takes @call and @reply. */
static void
end_call(Client *client, Call *call, Reply *reply)
{
  if (call->token_for == NULL) {
    answer(client, call, reply);
    return;
  }
  settle_token(client, call->token_for, reply);
  reply_free(reply);
  call_free(call);
}

static void G_GNUC_PRINTF(4, 5) end_with_error(Client *client, Call *call, ErrorCode code, const char *format, ...)
{
  va_list arguments;
  va_start(arguments, format);
  g_autofree char *text = g_strdup_vprintf(format, arguments);
  va_end(arguments);
  end_call(client, call, make_failure(call, code, text));
}

/* How the server wants a refused request to go on. @asked_ms: a wait of at least so long, of all its host if @is_for_host */
typedef struct {
  int64_t asked_ms;
  bool is_for_host;
} Wait;

static void
pause_host(Client *client, const Call *call, bool is_for_host, int64_t until_ms)
{
  g_autofree char *paused = call_paused(call, is_for_host);
  limiter_pause(client->limiter, paused, until_ms);
}

/* A try ended as call->failure says. @code: what may come next */
static void
settle_failure(Client *client, Call *call, ErrorCode code, Wait wait)
{
  if (code == ERROR_REJECTED) {
    end_with_error(client, call, code, "%s", call->failure);
    return;
  }
  call->failures++;
  int64_t backoff_ms = retry_delay_ms(client->retry_base_ms, call->failures, client->random);
  call->ready_ms = clock_monotonic_ms();
  int64_t next_ms = call->ready_ms + MAX(wait.asked_ms, backoff_ms);
  if (code == ERROR_THROTTLED)
    pause_host(client, call, wait.is_for_host, next_ms);
  if (call->failures < client->max_tries) {
    schedule_delay(client->schedule, call->limits, next_ms, call);
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
  if (!call_is_trusted(call) && client->refuses_strangers)
    end_with_error(client, call, ERROR_REJECTED,
                   "not fetched, for a proxy hides which address would be dialled; allow it with network.proxy_is_filter");
  else
    schedule_add(client->schedule, call->limits, call);
}

static bool
is_redirect(long status)
{
  return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

/* Whether @location stays on the origin that was asked, and so with its service. */
static bool
is_own_place(const Call *call, const char *location)
{
  g_autofree char *url = url_resolve(call->url, location, NULL);
  g_autofree char *origin = url != NULL ? url_origin(url) : NULL;
  g_autofree char *asked_origin = url_origin(call->url);
  return origin != NULL && g_strcmp0(origin, asked_origin) == 0;
}

/* Takes @reply. Where a page went must pass its new origin's robots.txt first, which is not for us to ask. */
static void
follow(Client *client, Call *call, Reply *reply)
{
  g_autoptr(Reply) owned = reply;
  g_autofree char *location = reply_header(reply, "location");
  int most = call->kind == REQUEST_ROBOTS ? MAX_ROBOTS_REDIRECTS : MAX_REDIRECTS;
  const char *reason = NULL;
  if (call->has_auth)
    reason = "and no redirect is followed with a credential";
  else if (location == NULL)
    reason = "that does not say where to";
  else if (call->redirects == most)
    reason = most == MAX_REDIRECTS ? "after 3 redirects" : "after 5 redirects";
  else if (!call_aim(call, is_own_place(call, location) ? client->services : NULL, call->url, location))
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

/* @quota: (nullable): what @reply, of a service, says is left */
static void
settle_refusal(Client *client, Call *call, const Reply *reply, const Quota *quota)
{
  Wait wait = {.is_for_host = quota != NULL && retry_is_secondary(reply)};
  bool asks_wait = retry_asked_ms(reply, quota, clock_now_ms(), &wait.asked_ms);
  call->failure = g_strdup_printf("HTTP %ld", reply->status);
  settle_failure(client, call, retry_status(reply->status, asks_wait), wait);
}

/* A try is no longer under way. @quota: what its reply says is left, in UTC */
static void
end_try(Client *client, Call *call, Quota quota)
{
  int64_t now_ms = clock_monotonic_ms();
  if (quota.reset_ms != QUOTA_NO_RESET)
    quota.reset_ms += now_ms - clock_now_ms();
  g_ptr_array_remove(client->active, call);
  limiter_end(client->limiter, call->limits, &quota, now_ms);
  g_array_index(call->tries, ClientTry, call->tries->len - 1).ended_ms = now_ms;
  call->transfer = NULL;
}

/* Takes @reply: what a try of @call ended with. */
static void
settle(Client *client, Call *call, Reply *reply)
{
  g_autoptr(Reply) owned = reply;
  bool is_of_service = call->service != NULL && reply->error == NULL;
  Quota quota = is_of_service ? quota_read(reply, clock_now_ms()) : QUOTA_UNKNOWN;
  end_try(client, call, quota);
  bool may_renew = reply->error == NULL && reply->status == 401 && call_drops_token(call);
  g_clear_pointer(&call->token, g_free);
  call->status = reply->error == NULL ? reply->status : 0;
  g_array_index(call->tries, ClientTry, call->tries->len - 1).status = call->status;
  g_clear_pointer(&call->failure, g_free);
  if (reply->error != NULL) {
    call->failure = g_strdup(reply->error->message);
    settle_failure(client, call, (ErrorCode) reply->error->code, (Wait){0});
  } else if (is_answer(reply->status)) {
    if (call->has_auth && call->token_for == NULL)
      credential_hide(call->service->service, reply);
    end_call(client, call, g_steal_pointer(&owned));
  } else if (is_redirect(reply->status)) {
    follow(client, call, g_steal_pointer(&owned));
  } else if (may_renew) {
    enqueue(client, call);
  } else {
    settle_refusal(client, call, reply, is_of_service ? &quota : NULL);
  }
}

/* Puts @call off till there is a token; what waits first asks for it. */
static void
await_token(Client *client, Call *call)
{
  KnownService *service = call->service;
  g_queue_push_tail(&service->waiting, call);
  if (service->waiting.length > 1)
    return;
  Call *asking = call_new_for_token(service);
  if (call_aim(asking, client->services, service->service->token_url, ""))
    enqueue(client, asking);
  else
    end_with_error(client, asking, ERROR_CONFIG, "its address is no http or https address without user information");
}

static void
start(Client *client, Call *call, int64_t now_ms)
{
  limiter_start(client->limiter, call->limits, now_ms);
  g_ptr_array_add(client->active, call);
  if (call->tries->len == 0)
    call->sent_ms = clock_now_ms();
  const ClientTry begun = {.began_ms = now_ms};
  g_array_append_val(call->tries, begun);
  call_start(call, client->transport);
}

static void
start_all(Client *client)
{
  int64_t now_ms = clock_monotonic_ms();
  while (client->active->len < client->in_flight) {
    Call *call = schedule_take(client->schedule, now_ms);
    if (call == NULL)
      return;
    call->waited_ms += now_ms - call->ready_ms;
    if (call_lacks_token(call, now_ms))
      await_token(client, call);
    else
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
    transport_stop(client->transport, call->transfer);
    end_try(client, call, QUOTA_UNKNOWN);
    end_with_error(client, call, ERROR_RETRY, "cut off at this stage's deadline; will be tried again next run");
  }
}

static int64_t
next_start_ms(const Client *client, int64_t now_ms)
{
  return client->active->len < client->in_flight ? schedule_next_ms(client->schedule, now_ms, NULL) : INT64_MAX;
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
  client->services = services_new();
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
  services_free(client->services);
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

bool
client_add_service(Client *client, const Service *service, const char *owner, GError **error)
{
  const KnownService *known = services_add(client->services, service, owner, error);
  if (known != NULL && service->requests > 0)
    limiter_set_window(client->limiter, known->name, service->requests, service->window_ms);
  return known != NULL;
}

void
client_submit(Client *client, const Request *request, const GPtrArray *validators, void *tag)
{
  client->has_fresh = true;
  Call *call = call_new(request, validators, tag);
  g_autoptr(GError) error = NULL;
  if (!call_aim(call, client->services, request->url, "")) {
    /* not shown: it may hold a password */
    call->url = g_strdup("(an address)");
    end_with_error(client, call, ERROR_REJECTED, "it is no http or https address without user information");
  } else if (call->has_auth && !credential_check(call->service != NULL ? call->service->service : NULL, request, &error)) {
    end_with_error(client, call, ERROR_CONFIG, "%s", error->message);
  } else {
    enqueue(client, call);
  }
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
  g_array_unref(answer->tries);
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

int64_t
client_held_ms(const Client *client, const char **ret_host)
{
  int64_t now_ms = clock_monotonic_ms();
  int64_t next_ms = schedule_next_ms(client->schedule, now_ms, ret_host);
  bool is_held = client->active->len == 0 && client->ended.length == 0 && next_ms != INT64_MAX;
  return is_held ? MAX(next_ms - now_ms, 0) : 0;
}

void
client_wake(Client *client)
{
  transport_wake(client->transport);
}

uint64_t
client_changes(const Client *client)
{
  return limiter_changes(client->limiter);
}

GPtrArray *
client_host_states(const Client *client)
{
  return hosts_save(client->limiter, clock_monotonic_ms(), clock_now_ms());
}

void
client_restore_host(Client *client, const HostState *state, bool is_after_crash)
{
  hosts_restore(client->limiter, state, is_after_crash, clock_monotonic_ms(), clock_now_ms());
}
