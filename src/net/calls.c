#include "net/calls.h"

#include "model/refusal.h"
#include "net/credential.h"
#include "net/retry.h"
#include "os/clock.h"

enum {
  MAX_REDIRECTS = 3,
  MAX_ROBOTS_REDIRECTS = 5, /* RFC 9309, 2.3.1.2 */
};

static GArray *
copy_tries(const Call *call)
{
  GArray *copy = g_array_sized_new(FALSE, FALSE, sizeof(ClientTry), call->tries->len);
  return g_array_append_vals(copy, call->tries->data, call->tries->len);
}

/* @reply: (transfer full) (nullable) */
static void
tell(Client *client, const Call *call, CallState state, Reply *reply)
{
  if (reply != NULL) {
    reply->url = g_strdup(call->redirects > 0 ? call->url : call->asked_url);
    reply->is_moved = call->redirects > 0 && call->is_moved;
    reply->answered_ms = clock_now_ms();
  }
  ClientAnswer *told = g_new0(ClientAnswer, 1);
  told->tag = call->tag;
  told->state = state;
  told->reply = reply;
  told->tries = copy_tries(call);
  told->sent_ms = call->sent_ms;
  told->waited_ms = call->waited_ms;
  g_queue_push_tail(&client->ended, told);
}

static Reply *
make_failure(const Call *call, ErrorCode code, const char *text)
{
  Reply *reply = reply_new();
  reply->status = call->status;
  if (call->token_for != NULL)
    error_set(&reply->error, code, "token: %s", text);
  else
    error_set(&reply->error, code, "%s %s: %s", call->body != NULL ? "POST" : "GET", call->url, text);
  return reply;
}

/* @call waits again, after a try that ended with @code. */
static void
try_again(Client *client, Call *call, ErrorCode code, int64_t not_before_ms)
{
  if (call->expense != NULL)
    tell(client, call, CALL_TRIED, make_failure(call, code, call->failure));
  call->ready_ms = clock_monotonic_ms();
  schedule_add(client->schedule, call->limits, call->tokens, not_before_ms, call);
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
      calls_end(client, call, make_failure(call, (ErrorCode) error->code, error->message));
      continue;
    }
    /* of its own, for one that lives a minute only is not used for what comes later */
    call->token = g_strdup(service->token);
    calls_enqueue(client, call);
  }
}

void
calls_end(Client *client, Call *call, Reply *reply)
{
  if (call->token_for == NULL) {
    tell(client, call, CALL_ENDED, reply);
  } else {
    settle_token(client, call->token_for, reply);
    reply_free(reply);
  }
  call_free(call);
}

void
calls_fail(Client *client, Call *call, ErrorCode code, const char *format, ...)
{
  va_list arguments;
  va_start(arguments, format);
  g_autofree char *text = g_strdup_vprintf(format, arguments);
  va_end(arguments);
  calls_end(client, call, make_failure(call, code, text));
}

/* How the server wants a refused request to go on. @asked_ms: a wait of at least so long: of all its host if @is_for_host, of
 * what is counted together if @is_for_quota, which is spent */
typedef struct {
  int64_t asked_ms;
  bool is_for_host;
  bool is_for_quota;
} Wait;

static void
pause_host(Client *client, const Call *call, const Wait *wait, int64_t until_ms)
{
  g_autofree char *paused = wait->is_for_quota ? g_strdup(call->limits) : call_paused(call, wait->is_for_host);
  limiter_pause(client->limiter, paused, until_ms);
}

/* Whether the last try went out. */
static bool
was_sent(const Call *call)
{
  return call->tries->len > 0 && g_array_index(call->tries, ClientTry, call->tries->len - 1).is_sent;
}

/* A try ended as call->failure says. @code: what may come next */
static void
settle_failure(Client *client, Call *call, ErrorCode code, Wait wait)
{
  if (code == ERROR_REJECTED) {
    calls_fail(client, call, code, "%s", call->failure);
    return;
  }
  call->failures++;
  int64_t backoff_ms = retry_delay_ms(client->retry_base_ms, call->failures, client->random);
  int64_t next_ms = clock_monotonic_ms() + MAX(wait.asked_ms, backoff_ms);
  if (code == ERROR_THROTTLED)
    pause_host(client, call, &wait, next_ms);
  bool has_tries = call->failures < client->max_tries;
  /* a host that asks for a wait gets one, and is not pressed by what comes after it; what may have been billed is bounded by
   * money, so that who is tried again does not depend on the order of arrival */
  bool is_paid = call->expense != NULL && was_sent(call);
  bool is_bounded = code == ERROR_THROTTLED || is_paid;
  if (has_tries && (is_bounded || limiter_take_retry(client->limiter, call->limits))) {
    try_again(client, call, code, next_ms);
    return;
  }
  calls_fail(client, call, code, "%s after %" G_GINT64_FORMAT " tr%s%s; will be tried again next run", call->failure,
             call->failures, call->failures == 1 ? "y" : "ies",
             has_tries ? ", and its host fails too often to be asked again" : "");
}

void
calls_enqueue(Client *client, Call *call)
{
  call->ready_ms = clock_monotonic_ms();
  if (!call_is_trusted(call) && client->refuses_strangers)
    calls_fail(client, call, ERROR_REJECTED,
               "not fetched, for a proxy hides which address would be dialled; allow it with network.proxy_is_filter");
  else
    schedule_add(client->schedule, call->limits, call->tokens, INT64_MIN, call);
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
  else if (call->body != NULL)
    reason = "and no redirect is followed with a body";
  else if (location == NULL)
    reason = "that does not say where to";
  else if (call->redirects == most)
    reason = most == MAX_REDIRECTS ? "after 3 redirects" : "after 5 redirects";
  else if (!call_aim(call, is_own_place(call, location) ? client->services : NULL, call->url, location))
    reason = "to what is no http or https address";
  if (reason != NULL) {
    calls_fail(client, call, ERROR_REJECTED, "HTTP %ld %s", reply->status, reason);
    return;
  }
  call->redirects++;
  call->is_moved = call->is_moved && (reply->status == 301 || reply->status == 308);
  if (call->kind == REQUEST_PAGE)
    calls_end(client, call, g_steal_pointer(&owned));
  else
    calls_enqueue(client, call);
}

static bool
is_answer(const Reply *reply)
{
  return reply_is_success(reply) || reply->status == 304 || reply->status == 410;
}

/* @quotas: (nullable): what @reply, of a service, says is left */
static void
settle_refusal(Client *client, Call *call, const Reply *reply, const Quotas *quotas)
{
  if (call->expense != NULL && call->service != NULL && reply->status == 401)
    call->service->refused_status = reply->status;
  Wait wait = {.is_for_host = quotas != NULL && retry_is_secondary(reply)};
  wait.is_for_quota = quotas != NULL && !wait.is_for_host && quotas->requests.remaining == 0;
  bool asks_wait = retry_asked_ms(reply, quotas, clock_now_ms(), &wait.asked_ms);
  settle_failure(client, call, retry_status(reply->status, asks_wait), wait);
}

static PaceVerdict
judge(const Reply *reply)
{
  if (reply->error != NULL)
    return error_is(reply->error, ERROR_RETRY) ? PACE_OVERWHELMED : PACE_NEITHER;
  if (retry_is_overload(reply->status))
    return PACE_OVERWHELMED;
  return reply->status < 500 && reply->status != 408 ? PACE_GOOD : PACE_NEITHER;
}

/* Returns: what a try took of the tokens; -1 when that is not known. What never went out, or a server refuses, it did not
 * process; an error of its own may come late, and is left at its worst. */
static int64_t
count_tokens(const Call *call, const Reply *reply)
{
  int64_t input = 0;
  int64_t output = 0;
  if (reply->error != NULL && !was_sent(call))
    return 0;
  if (reply->error == NULL && reply->status >= 400 && reply->status < 500)
    return 0;
  bool is_told = call->expense != NULL && expense_usage(call->expense, reply, &input, &output);
  return is_told ? input + output : -1;
}

static void
move_reset(Quota *quota, int64_t offset_ms)
{
  if (quota->reset_ms != QUOTA_NO_RESET)
    quota->reset_ms += offset_ms;
}

/* A try is no longer under way. @ending: its resets in UTC */
static void
end_try(Client *client, Call *call, Ending ending)
{
  int64_t now_ms = clock_monotonic_ms();
  int64_t offset_ms = now_ms - clock_now_ms();
  move_reset(&ending.quotas.requests, offset_ms);
  move_reset(&ending.quotas.tokens, offset_ms);
  g_ptr_array_remove_fast(client->active, call);
  limiter_end(client->limiter, g_steal_pointer(&call->place), &ending, now_ms);
  schedule_recheck(client->schedule, call->limits);
  g_array_index(call->tries, ClientTry, call->tries->len - 1).ended_ms = now_ms;
  call->transfer = NULL;
}

void
calls_stop(Client *client, Call *call)
{
  if (call->transfer != NULL) {
    transport_stop(client->transport, call->transfer);
    end_try(client, call, (Ending){.quotas = QUOTAS_UNKNOWN, .tokens = -1});
    return;
  }
  g_ptr_array_remove_fast(client->active, call);
  limiter_cancel(client->limiter, g_steal_pointer(&call->place));
  schedule_recheck(client->schedule, call->limits);
}

/* Of a language model's refusal also what it says: which parameter it does not take, or what it lacks. What is said of a key
 * may show some of it. Returns: (transfer full) */
static char *
describe_status(const Call *call, const Reply *reply)
{
  bool is_told = call->expense != NULL && reply->status >= 400 && reply->status != 401 && reply->status != 403 &&
                 retry_status(reply->status, false) == ERROR_REJECTED;
  g_autofree char *words = is_told ? refusal_read(reply) : NULL;
  return words != NULL ? g_strdup_printf("HTTP %ld: %s", reply->status, words) : g_strdup_printf("HTTP %ld", reply->status);
}

void
calls_settle(Client *client, Call *call, Reply *reply)
{
  g_autoptr(Reply) owned = reply;
  bool is_of_service = call->service != NULL && reply->error == NULL;
  Quotas quotas = is_of_service ? quota_read(reply, clock_now_ms()) : QUOTAS_UNKNOWN;
  end_try(client, call, (Ending){.quotas = quotas, .tokens = count_tokens(call, reply), .verdict = judge(reply)});
  bool may_renew = reply->error == NULL && reply->status == 401 && call_drops_token(call);
  g_clear_pointer(&call->token, g_free);
  call->status = reply->error == NULL ? reply->status : 0;
  g_array_index(call->tries, ClientTry, call->tries->len - 1).status = call->status;
  if (call->has_auth && call->token_for == NULL && reply->error == NULL)
    credential_hide(call->service->service, reply);
  g_free(call->failure);
  call->failure = reply->error != NULL ? g_strdup(reply->error->message) : describe_status(call, reply);
  if (reply->error != NULL) {
    settle_failure(client, call, (ErrorCode) reply->error->code, (Wait){0});
  } else if (is_answer(reply)) {
    calls_end(client, call, g_steal_pointer(&owned));
  } else if (is_redirect(reply->status)) {
    follow(client, call, g_steal_pointer(&owned));
  } else if (may_renew) {
    try_again(client, call, ERROR_RETRY, INT64_MIN);
  } else {
    settle_refusal(client, call, reply, is_of_service ? &quotas : NULL);
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
    calls_enqueue(client, asking);
  else
    calls_fail(client, asking, ERROR_CONFIG, "its address is no http or https address without user information");
}

void
calls_begin(Client *client, Call *call, int64_t now_ms)
{
  call->waited_ms += now_ms - call->ready_ms;
  if (call_lacks_token(call, now_ms)) {
    await_token(client, call);
    return;
  }
  if (call->expense != NULL && call->service != NULL && call->service->refused_status != 0) {
    call->status = call->service->refused_status;
    calls_fail(client, call, ERROR_REJECTED, "HTTP %ld", call->status);
    return;
  }
  call->place = limiter_take(client->limiter, call->limits, call->tokens);
  g_ptr_array_add(client->active, call);
  if (call->expense != NULL)
    tell(client, call, CALL_DUE, NULL);
  else
    calls_send(client, call, now_ms);
}

void
calls_send(Client *client, Call *call, int64_t now_ms)
{
  if (call->tries->len == 0)
    call->sent_ms = clock_now_ms();
  const ClientTry begun = {.began_ms = now_ms};
  g_array_append_val(call->tries, begun);
  call_start(call, client->transport);
}
