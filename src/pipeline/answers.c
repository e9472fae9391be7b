#include "pipeline/answers.h"

#include "base/error.h"
#include "base/url.h"
#include "os/clock.h"
#include "pipeline/gate.h"
#include "pipeline/payments.h"
#include "pipeline/recall.h"

#include <string.h>

enum { STATUS_NOT_MODIFIED = 304, MAX_REDIRECTS = 3 };

struct Answers {
  AnswersOptions options;
  GHashTable *gates;
  GHashTable *tickets;   /* all, owned */
  GHashTable *in_flight; /* digest to the Ticket that asks for what it names */
  GQueue startable;      /* (element-type Ticket): to be advanced before anything waits */
  Payments *payments;
  bool is_durable; /* the open transaction */
  double waited;
};

/* A request on its way to its answer, of a job or of a gate that wants an origin's rules. */
typedef struct {
  void *asker;
  Gate *gate;
  ExchangeKey key;
  Request *request;
  char *sha256;
  char *address;        /* where it is fetched now: the request's own, or where a page was redirected */
  char *address_sha256; /* of the request for that; NULL while it is the request's own */
  unsigned redirects;
  int64_t asked_ms; /* monotonic */
  int64_t sent_ms;  /* when its first try went out */
  GArray *tries;    /* (element-type ClientTry) */
  bool is_new;      /* no row nor equal request has been looked for yet */
  Reply *stored;    /* what a 304 would confirm */
  PaidCall paid;    /* of a request with an expense */
  GPtrArray
      *followers; /* (element-type Ticket): that wait for this one's answer: equal requests, or redirected to its address */
} Ticket;

/* How a ticket ended: @source as kept in the row; @reply goes to whoever settles it. */
typedef struct {
  Reply *reply;
  const char *source;
} Ending;

static void
free_ticket(void *data)
{
  Ticket *ticket = data;
  request_free(ticket->request);
  reply_free(ticket->stored);
  g_ptr_array_unref(ticket->followers);
  g_array_unref(ticket->tries);
  g_free(ticket->sha256);
  g_free(ticket->address);
  g_free(ticket->address_sha256);
  g_free(ticket);
}

static void
start_ticket(Answers *answers, const ExchangeKey *key, Request *request, void *asker, Gate *gate)
{
  Ticket *ticket = g_new0(Ticket, 1);
  ticket->asker = asker;
  ticket->gate = gate;
  ticket->key = *key;
  ticket->key.run_id = answers->options.run->id;
  ticket->request = request;
  ticket->sha256 = request_sha256(request);
  ticket->address = g_strdup(request->url);
  ticket->asked_ms = clock_monotonic_ms();
  ticket->tries = g_array_new(false, false, sizeof(ClientTry));
  ticket->is_new = true;
  ticket->paid = (PaidCall){.key = &ticket->key, .expense = request->expense, .tag = ticket};
  ticket->followers = g_ptr_array_new();
  g_hash_table_add(answers->tickets, ticket);
  g_queue_push_tail(&answers->startable, ticket);
}

static Reply *
error_reply(const Answers *answers, const Request *request, GError *error)
{
  Reply *reply = reply_new();
  reply->url = g_strdup(request->url);
  reply->answered_ms = answers->options.run->now_ms;
  reply->error = error;
  return reply;
}

/* What has to do with money outlives a power cut; a transaction that would not is ended for one that does. */
static bool
write_for(Answers *answers, const Ticket *ticket, GError **error)
{
  Store *store = answers->options.store;
  bool is_paid = ticket->request->expense != NULL;
  if (store_is_writing(store) && (answers->is_durable || !is_paid))
    return true;
  if (store_is_writing(store) && !store_commit(store, error))
    return false;
  answers->is_durable = is_paid;
  return store_begin(store, is_paid, error);
}

static bool
keep(Answers *answers, const Ticket *ticket, const Ending *ending, GError **error)
{
  ExchangeRow row = {
      .key = ticket->key,
      .request_sha256 = ticket->sha256,
      .kind = ticket->request->kind,
      .source = ending->source,
      .reply = ending->reply,
      .sent_ms = ticket->sent_ms,
      .answered_ms = ticket->sent_ms > 0 ? clock_now_ms() : 0,
  };
  Store *store = answers->options.store;
  return write_for(answers, ticket, error) && exchanges_add(store, &row, error) &&
         (ticket->paid.settled == 0 || ledger_link(store, ticket->paid.settled, &ticket->key, error));
}

static void
note(const Answers *answers, const Ticket *ticket, const Ending *ending)
{
  if (answers->options.timeline == NULL)
    return;
  const Reply *reply = ending->reply;
  g_autofree char *origin = url_origin(ticket->address);
  const char *host = origin != NULL ? strstr(origin, "://") + strlen("://") : "";
  const TimelineExchange exchange = {
      .job = ticket->key.job,
      .kind = ticket->request->kind,
      .source = ending->source,
      .url = ticket->address,
      .host = host,
      .asked_ms = ticket->asked_ms,
      .answered_ms = clock_monotonic_ms(),
      .tries = ticket->tries,
      .status = reply->status,
      .bytes = (int64_t) reply->body_length,
      .outcome = reply->error != NULL ? error_code_name(reply->error->code) : "ok",
      .cost_micros = ticket->paid.charged_micros,
  };
  timeline_exchange(answers->options.timeline, &exchange);
}

/* Tells whoever asked, who takes @reply; those who wait behind a gate become startable. */
static void
hand_over(Answers *answers, Ticket *ticket, Reply *reply)
{
  Gate *gate = ticket->gate;
  if (gate == NULL) {
    answers->options.deliver(ticket->asker, ticket->key.ordinal, reply);
  } else {
    gate_learn(gate, reply);
    reply_free(reply);
    for (guint i = 0; i < gate->waiting->len; i++)
      g_queue_push_tail(&answers->startable, g_ptr_array_index(gate->waiting, i));
    g_ptr_array_set_size(gate->waiting, 0);
  }
  g_hash_table_remove(answers->tickets, ticket);
}

/* @ticket asks for what @sha256 names no more. */
static void
leave(Answers *answers, const Ticket *ticket, const char *sha256)
{
  if (sha256 != NULL && g_hash_table_lookup(answers->in_flight, sha256) == ticket)
    g_hash_table_remove(answers->in_flight, sha256);
}

/*
 * Ends @ticket and all that follow it, who get the same answer; but that there was no money for the first says nothing of the
 * others.
 */
static bool
settle(Answers *answers, Ticket *ticket, const Ending *ending, GError **error)
{
  g_autoptr(Reply) reply = ending->reply;
  leave(answers, ticket, ticket->sha256);
  leave(answers, ticket, ticket->address_sha256);
  if (!keep(answers, ticket, ending, error))
    return false;
  note(answers, ticket, ending);
  for (guint i = 0; i < ticket->followers->len; i++) {
    Ticket *follower = g_ptr_array_index(ticket->followers, i);
    follower->is_new = error_is(reply->error, ERROR_BUDGET);
    if (follower->is_new)
      g_queue_push_tail(&answers->startable, follower);
    else if (!settle(answers, follower, &(Ending){.reply = reply_copy(reply), .source = "coalesced"}, error))
      return false;
  }
  hand_over(answers, ticket, g_steal_pointer(&reply));
  return true;
}

static bool
refuse(Answers *answers, Ticket *ticket, GError *refusal, GError **error)
{
  return settle(answers, ticket, &(Ending){.reply = error_reply(answers, ticket->request, refusal), .source = "error"}, error);
}

static void
miss_in_replay(Answers *answers, Ticket *ticket)
{
  GError *missing = NULL;
  error_set(&missing, ERROR_BAD_DATA, "%s %s: the recording holds no answer (request %" G_GINT64_FORMAT " of job %s)",
            ticket->request->body != NULL ? "POST" : "GET", ticket->request->url, ticket->key.ordinal + 1, ticket->key.job);
  hand_over(answers, ticket, error_reply(answers, ticket->request, missing));
}

/* An equal request's answer, or no money for one: @ticket is settled, in @ret_is_settled. Else it is in flight. */
static bool
look_for_equal(Answers *answers, Ticket *ticket, const Question *question, bool *ret_is_settled, GError **error)
{
  Recalled recalled = {0};
  Ticket *first = g_hash_table_lookup(answers->in_flight, ticket->sha256);
  *ret_is_settled = true;
  if (first != NULL) {
    g_ptr_array_add(first->followers, ticket);
    return true;
  }
  if (!recall_equal(answers->options.store, question, answers->options.run->now_ms, &recalled, error))
    return false;
  if (recalled.reply != NULL)
    return settle(answers, ticket, &(Ending){.reply = recalled.reply, .source = recalled.source}, error);
  GError *refusal = NULL;
  if (ticket->request->expense != NULL &&
      !budget_allows(answers->options.budget, ticket->key.job, ticket->request->expense, &refusal))
    return refuse(answers, ticket, refusal, error);
  ticket->stored = recalled.stored;
  g_hash_table_insert(answers->in_flight, ticket->sha256, ticket);
  *ret_is_settled = false;
  return true;
}

/* Returns: true in @ret_is_settled when there is nothing more to do for it: it is answered, or follows an equal one. */
static bool
look_up(Answers *answers, Ticket *ticket, bool *ret_is_settled, GError **error)
{
  const Question question = {
      .key = ticket->key, .kind = ticket->request->kind, .sha256 = ticket->sha256, .expense = ticket->request->expense};
  GError *failure = NULL;
  ticket->is_new = false;
  *ret_is_settled = true;
  Reply *own = recall_own(answers->options.store, &question, answers->options.is_replay, &failure);
  if (failure != NULL) {
    g_propagate_error(error, failure);
    return false;
  }
  if (own == NULL && !answers->options.is_replay)
    return look_for_equal(answers, ticket, &question, ret_is_settled, error);
  if (own != NULL)
    hand_over(answers, ticket, own);
  else
    miss_in_replay(answers, ticket);
  return true;
}

static void
submit(Answers *answers, Ticket *ticket)
{
  g_autoptr(GPtrArray) validators = g_ptr_array_new_with_free_func(g_free);
  if (ticket->stored != NULL) {
    g_autofree char *etag = reply_header(ticket->stored, "etag");
    g_autofree char *modified = reply_header(ticket->stored, "last-modified");
    if (etag != NULL)
      g_ptr_array_add(validators, g_strconcat("If-None-Match: ", etag, NULL));
    if (modified != NULL)
      g_ptr_array_add(validators, g_strconcat("If-Modified-Since: ", modified, NULL));
  }
  g_autoptr(Request) aimed = request_copy_to(ticket->request, ticket->address);
  client_submit(answers->options.client, aimed, validators, ticket);
}

/* A page waits until its origin's robots.txt is known. */
static bool
pass_gate(Answers *answers, Ticket *ticket, GError **error)
{
  Gate *gate = ticket->request->kind == REQUEST_PAGE ? gates_of(answers->gates, ticket->address, ticket->key.pass) : NULL;
  if (gate != NULL && !gate->is_known) {
    g_ptr_array_add(gate->waiting, ticket);
    if (!gate->is_asked)
      start_ticket(answers, &(ExchangeKey){.job = gate->job, .pass = ticket->key.pass}, gate_request(gate), NULL, gate);
    gate->is_asked = true;
    return true;
  }
  GError *refusal = NULL;
  if (gate != NULL && !gate_check(gate, ticket->address, answers->options.robots_token, &refusal))
    return refuse(answers, ticket, refusal, error);
  submit(answers, ticket);
  return true;
}

static bool
advance_all(Answers *answers, GError **error)
{
  Ticket *ticket = NULL;
  while ((ticket = g_queue_pop_head(&answers->startable)) != NULL) {
    bool is_settled = false;
    if (ticket->is_new && !look_up(answers, ticket, &is_settled, error))
      return false;
    if (!is_settled && !pass_gate(answers, ticket, error))
      return false;
  }
  return true;
}

/* Points @ticket at where a page was redirected. Returns: (nullable): another page's that asks for the same right now */
static Ticket *
aim(Answers *answers, Ticket *ticket, const char *url)
{
  leave(answers, ticket, ticket->address_sha256);
  g_autoptr(Request) aimed = request_copy_to(ticket->request, url);
  g_free(ticket->address);
  g_free(ticket->address_sha256);
  ticket->address = g_strdup(url);
  ticket->address_sha256 = request_sha256(aimed);
  Ticket *first = g_hash_table_lookup(answers->in_flight, ticket->address_sha256);
  if (first == NULL)
    g_hash_table_insert(answers->in_flight, ticket->address_sha256, ticket);
  bool is_there = first != NULL && first->request->kind == REQUEST_PAGE && g_str_equal(first->address, url);
  return is_there && first != ticket ? first : NULL;
}

/* What is known of the page at the ticket's new address; one that was itself redirected is no answer, for so many redirects
 * might be too many. */
static bool
recall_target(Answers *answers, const Ticket *ticket, Recalled *ret_recalled, GError **error)
{
  const Question target = {.key = ticket->key, .kind = REQUEST_PAGE, .sha256 = ticket->address_sha256};
  if (!recall_equal(answers->options.store, &target, answers->options.run->now_ms, ret_recalled, error))
    return false;
  const Reply *reply = ret_recalled->reply;
  if (reply != NULL && (reply->error != NULL || !g_str_equal(reply->url, ticket->address)))
    g_clear_pointer(&ret_recalled->reply, reply_free);
  return true;
}

/* A page that was redirected by @reply: it starts anew, behind the gate of where it went, unless that page is known or asked
 * for.
 */
static bool
go_on(Answers *answers, Ticket *ticket, const Reply *reply, GError **error)
{
  if (++ticket->redirects > MAX_REDIRECTS) {
    GError *refusal = NULL;
    error_set(&refusal, ERROR_REJECTED, "GET %s: HTTP %ld after %d redirects", ticket->request->url, reply->status,
              MAX_REDIRECTS);
    Reply *refused = error_reply(answers, ticket->request, refusal);
    refused->status = reply->status;
    return settle(answers, ticket, &(Ending){.reply = refused, .source = "error"}, error);
  }
  Ticket *first = aim(answers, ticket, reply->url);
  if (first != NULL) {
    g_ptr_array_add(first->followers, ticket);
    return true;
  }
  Recalled recalled = {0};
  if (!recall_target(answers, ticket, &recalled, error))
    return false;
  if (recalled.reply != NULL)
    return settle(answers, ticket, &(Ending){.reply = recalled.reply, .source = recalled.source}, error);
  g_queue_push_tail(&answers->startable, ticket);
  return true;
}

/* Those who wait for another request's page, which they were redirected to or asked for, go on by themselves: what is one
 * redirect too many for one of them is not for another, whoever came first. */
static bool
redirect(Answers *answers, Ticket *ticket, const Reply *reply, GError **error)
{
  g_autoptr(GPtrArray) followers = g_steal_pointer(&ticket->followers);
  g_autoptr(GPtrArray) others = g_ptr_array_new();
  ticket->followers = g_ptr_array_new();
  for (guint i = 0; i < followers->len; i++) {
    Ticket *follower = g_ptr_array_index(followers, i);
    g_ptr_array_add(g_str_equal(follower->sha256, ticket->sha256) ? ticket->followers : others, follower);
  }
  bool is_done = go_on(answers, ticket, reply, error);
  for (guint i = 0; is_done && i < others->len; i++)
    is_done = go_on(answers, g_ptr_array_index(others, i), reply, error);
  return is_done;
}

/* A 304 confirms what was stored. */
static Ending
confirm(Answers *answers, Ticket *ticket)
{
  if (ticket->stored != NULL)
    return (Ending){.reply = g_steal_pointer(&ticket->stored), .source = "revalidated"};
  GError *failure = NULL;
  error_set(&failure, ERROR_BAD_DATA, "GET %s: HTTP 304, though nothing was known of it", ticket->request->url);
  return (Ending){.reply = error_reply(answers, ticket->request, failure), .source = "error"};
}

static bool
is_redirect(const Reply *reply)
{
  return reply->error == NULL && reply->status >= 300 && reply->status < 400 && reply->status != STATUS_NOT_MODIFIED;
}

static bool
end_call(Answers *answers, ClientAnswer *answer, GError **error)
{
  Ticket *ticket = answer->tag;
  answers->waited += (double) answer->waited_ms / 1000;
  g_array_append_vals(ticket->tries, answer->tries->data, answer->tries->len);
  if (ticket->sent_ms == 0)
    ticket->sent_ms = answer->sent_ms;
  if (is_redirect(answer->reply))
    return redirect(answers, ticket, answer->reply, error);
  Ending ending = {0};
  if (answer->reply->error == NULL && answer->reply->status == STATUS_NOT_MODIFIED) {
    ending = confirm(answers, ticket);
  } else {
    ending.reply = g_steal_pointer(&answer->reply);
    ending.source = ending.reply->error != NULL ? "error" : "sent";
  }
  ending.reply->answered_ms = answers->options.run->now_ms;
  return settle(answers, ticket, &ending, error);
}

static bool
take_answer(Answers *answers, ClientAnswer *answer, GError **error)
{
  Ticket *ticket = answer->tag;
  bool is_paid = ticket->request->expense != NULL;
  if (is_paid && !write_for(answers, ticket, error))
    return false;
  if (answer->state == CALL_DUE)
    return payments_due(answers->payments, &ticket->paid, error);
  if (is_paid && !payments_settle(answers->payments, &ticket->paid, answer, error))
    return false;
  return answer->state == CALL_TRIED || end_call(answers, answer, error);
}

Answers *
answers_new(const AnswersOptions *options)
{
  Answers *answers = g_new0(Answers, 1);
  answers->options = *options;
  answers->gates = gates_new();
  answers->tickets = g_hash_table_new_full(NULL, NULL, free_ticket, NULL);
  answers->in_flight = g_hash_table_new(g_str_hash, g_str_equal);
  answers->payments = payments_new(options->client, options->budget);
  g_queue_init(&answers->startable);
  return answers;
}

void
answers_free(Answers *answers)
{
  if (answers == NULL)
    return;
  g_queue_clear(&answers->startable);
  payments_free(answers->payments);
  g_hash_table_destroy(answers->in_flight);
  g_hash_table_destroy(answers->tickets);
  g_hash_table_destroy(answers->gates);
  g_free(answers);
}

bool
answers_ask(Answers *answers, const ExchangeKey *key, Request *request, void *asker, GError **error)
{
  start_ticket(answers, key, request, asker, NULL);
  return advance_all(answers, error);
}

bool
answers_move(Answers *answers, GError **error)
{
  client_perform(answers->options.client);
  ClientAnswer *taken = NULL;
  while ((taken = client_take(answers->options.client)) != NULL) {
    g_autoptr(ClientAnswer) answer = taken;
    if (!take_answer(answers, answer, error))
      return false;
  }
  return advance_all(answers, error);
}

void
answers_send(Answers *answers)
{
  payments_send(answers->payments);
}

double
answers_waited(const Answers *answers)
{
  return answers->waited;
}
