#include "net/client.h"

#include "net/calls.h"
#include "net/credential.h"
#include "net/hosts.h"
#include "os/clock.h"

static void
start_all(Client *client)
{
  int64_t now_ms = clock_monotonic_ms();
  while (client->active->len < client->in_flight) {
    Call *call = schedule_take(client->schedule, now_ms);
    if (call == NULL)
      return;
    calls_begin(client, call, now_ms);
    client->has_fresh = true;
  }
}

/* Moves what is under way and settles what ended by that. */
static void
move_all(Client *client)
{
  transport_perform(client->transport);
  int64_t now_ms = clock_monotonic_ms();
  Call *call;
  while ((call = transport_take_sent(client->transport)) != NULL) {
    limiter_sent(client->limiter, call->place, now_ms);
    g_array_index(call->tries, ClientTry, call->tries->len - 1).is_sent = true;
  }
  Reply *reply;
  while ((call = transport_take(client->transport, &reply)) != NULL)
    calls_settle(client, call, reply);
}

/* Ends what the deadline leaves no time for. */
static void
end_hopeless(Client *client)
{
  int64_t now_ms = clock_monotonic_ms();
  Call *call;
  while ((call = schedule_take_hopeless(client->schedule, now_ms, client->deadline_ms)) != NULL) {
    call->waited_ms += now_ms - call->ready_ms;
    calls_fail(client, call, ERROR_THROTTLED, "%s%sno turn before this stage's deadline; will be tried again next run",
               call->failure != NULL ? call->failure : "", call->failure != NULL ? ", and " : "");
  }
  while (now_ms >= client->deadline_ms && client->active->len > 0) {
    call = g_ptr_array_index(client->active, 0);
    bool is_due = call->transfer == NULL;
    calls_stop(client, call);
    calls_fail(client, call, is_due ? ERROR_THROTTLED : ERROR_RETRY,
               "%s at this stage's deadline; will be tried again next run", is_due ? "not sent" : "cut off");
  }
}

static int64_t
next_start_ms(const Client *client, int64_t now_ms)
{
  return client->active->len < client->in_flight ? schedule_next_ms(client->schedule, now_ms, NULL) : INT64_MAX;
}

/* Returns: (nullable): the paid request @tag, when it is due */
static Call *
find_due(const Client *client, const void *tag)
{
  for (unsigned i = 0; i < client->active->len; i++) {
    Call *call = g_ptr_array_index(client->active, i);
    if (call->tag == tag && call->expense != NULL && call->transfer == NULL)
      return call;
  }
  return NULL;
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
  if (known == NULL)
    return false;
  if (service->requests > 0 || service->tokens > 0)
    limiter_set_window(client->limiter, known->name, service->requests, service->tokens, service->window_ms);
  if (service->in_flight > 0)
    limiter_set_in_flight(client->limiter, known->name, service->in_flight);
  return true;
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
    calls_fail(client, call, ERROR_REJECTED, "it is no http or https address without user information");
  } else if (call->has_auth && !credential_check(call->service != NULL ? call->service->service : NULL, request, &error)) {
    calls_fail(client, call, ERROR_CONFIG, "%s", error->message);
  } else {
    calls_enqueue(client, call);
  }
}

void
client_perform(Client *client)
{
  client->has_fresh = false;
  move_all(client);
  end_hopeless(client);
  start_all(client);
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
client_send(Client *client, void *tag)
{
  Call *call = find_due(client, tag);
  if (call == NULL)
    return;
  calls_send(client, call, clock_monotonic_ms());
  client->has_fresh = true;
}

void
client_refuse(Client *client, void *tag, GError *error)
{
  Call *call = find_due(client, tag);
  if (call == NULL) {
    g_error_free(error);
    return;
  }
  calls_stop(client, call);
  Reply *reply = reply_new();
  reply->error = error;
  calls_end(client, call, reply);
}

void
client_wait(Client *client, int64_t max_ms)
{
  if (client->has_fresh || client->ended.length > 0)
    return;
  int64_t now_ms = clock_monotonic_ms();
  int64_t next_ms = next_start_ms(client, now_ms);
  if (next_ms <= now_ms)
    return;
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
