#include "pipeline/answers.h"

#include "base/error.h"
#include "os/clock.h"
#include "pipeline/gate.h"

enum { CACHED_FOR_MS = 24 * 60 * 60 * 1000 }; /* pages and robots.txt */

enum { STATUS_NOT_MODIFIED = 304, MAX_REDIRECTS = 3 };

struct Answers {
  AnswersOptions options;
  GHashTable *gates;
  GHashTable *in_flight; /* request digest to the Ticket that asked first, which it owns */
  GQueue startable;      /* (element-type Ticket): to be advanced before anything waits */
  double waited;
};

/* A request on its way to its answer, of a job or of a gate that wants an origin's rules. */
typedef struct {
  void *asker;
  Gate *gate;
  ExchangeKey key;
  Request *request;
  char *sha256;
  char *address; /* where it is fetched now: the request's own, or where a page was redirected */
  unsigned redirects;
  int64_t sent_ms;      /* when its first try went out */
  bool is_new;          /* no row nor equal request has been looked for yet */
  Reply *stored;        /* what a 304 would confirm */
  GPtrArray *followers; /* (element-type Ticket): equal requests that wait for this one */
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
  g_free(ticket->sha256);
  g_free(ticket->address);
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
  ticket->is_new = true;
  ticket->followers = g_ptr_array_new_with_free_func(free_ticket);
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

static bool
keep(Answers *answers, const Ticket *ticket, const Ending *ending, GError **error)
{
  Store *store = answers->options.store;
  ExchangeRow row = {
      .key = ticket->key,
      .request_sha256 = ticket->sha256,
      .kind = ticket->request->kind,
      .source = ending->source,
      .reply = ending->reply,
      .sent_ms = ticket->sent_ms,
      .answered_ms = ticket->sent_ms > 0 ? clock_now_ms() : 0,
  };
  return (store_is_writing(store) || store_begin(store, false, error)) && exchanges_add(store, &row, error);
}

/* Tells whoever asked, who takes @reply; those who wait behind a gate become startable. */
static void
hand_over(Answers *answers, const Ticket *ticket, Reply *reply)
{
  Gate *gate = ticket->gate;
  if (gate == NULL) {
    answers->options.deliver(ticket->asker, ticket->key.ordinal, reply);
    return;
  }
  gate_learn(gate, reply);
  reply_free(reply);
  for (guint i = 0; i < gate->waiting->len; i++)
    g_queue_push_tail(&answers->startable, g_ptr_array_index(gate->waiting, i));
  g_ptr_array_set_size(gate->waiting, 0);
}

/* Ends @ticket, which is in flight or was just looked up, and all that follow it. */
static bool
settle(Answers *answers, Ticket *ticket, const Ending *ending, GError **error)
{
  g_autoptr(Reply) reply = ending->reply;
  const Ending followed = {.reply = reply, .source = "coalesced"};
  bool is_kept = keep(answers, ticket, ending, error);
  for (guint i = 0; is_kept && i < ticket->followers->len; i++)
    is_kept = keep(answers, g_ptr_array_index(ticket->followers, i), &followed, error);
  if (is_kept) {
    for (guint i = 0; i < ticket->followers->len; i++)
      hand_over(answers, g_ptr_array_index(ticket->followers, i), reply_copy(reply));
    hand_over(answers, ticket, g_steal_pointer(&reply));
  }
  if (!g_hash_table_remove(answers->in_flight, ticket->sha256))
    free_ticket(ticket);
  return is_kept;
}

/* The row this very request left before: of this pass, or a good one of the pass before. */
static Reply *
find_own_row(Answers *answers, const Ticket *ticket, GError **error)
{
  ExchangeKey key = ticket->key;
  g_autoptr(Reply) reply = NULL;
  bool asks_anew = false;
  GError *failure = NULL;
  for (; key.pass >= 1 && reply == NULL && failure == NULL && !asks_anew; key.pass--) {
    bool is_other = false;
    reply = exchanges_at(answers->options.store, &key, ticket->sha256, &is_other, &failure);
    asks_anew = is_other && key.pass == ticket->key.pass;
    if (reply != NULL && reply->error != NULL && key.pass < ticket->key.pass)
      g_clear_pointer(&reply, reply_free);
  }
  if (asks_anew && !answers->options.is_replay)
    error_set(&failure, ERROR_DATABASE,
              "run %" G_GINT64_FORMAT
              ": job %s asks something else than before it was stopped, as another build of the program would;"
              " begin anew with --fresh",
              ticket->key.run_id, ticket->key.job);
  if (failure != NULL)
    g_propagate_error(error, failure);
  return g_steal_pointer(&reply);
}

static bool
is_cacheable(const Request *request)
{
  return request->kind == REQUEST_PAGE || request->kind == REQUEST_ROBOTS;
}

/* An equal request's answer, of this run or of an earlier one; of a listing only what a 304 may confirm. */
static bool
find_equal(Answers *answers, Ticket *ticket, Reply **ret_reply, const char **ret_source, GError **error)
{
  Store *store = answers->options.store;
  const Run *run = answers->options.run;
  GError *failure = NULL;
  *ret_source = "coalesced";
  *ret_reply = exchanges_in_run(store, run->id, ticket->key.pass, ticket->sha256, &failure);
  if (*ret_reply == NULL && failure == NULL && is_cacheable(ticket->request)) {
    *ret_source = "cached";
    *ret_reply = exchanges_cached(store, run->id, ticket->sha256, run->now_ms - CACHED_FOR_MS, &failure);
  } else if (*ret_reply == NULL && failure == NULL) {
    ticket->stored = exchanges_cached(store, run->id, ticket->sha256, INT64_MIN, &failure);
  }
  if (failure == NULL)
    return true;
  g_propagate_error(error, failure);
  return false;
}

static bool
miss_in_replay(Answers *answers, Ticket *ticket)
{
  GError *missing = NULL;
  error_set(&missing, ERROR_BAD_DATA, "GET %s: the recording holds no answer (request %" G_GINT64_FORMAT " of job %s)",
            ticket->request->url, ticket->key.ordinal + 1, ticket->key.job);
  hand_over(answers, ticket, error_reply(answers, ticket->request, missing));
  free_ticket(ticket);
  return true;
}

/* Returns: true in @ret_is_settled when the ticket is gone: answered, or following an equal one. */
static bool
look_up(Answers *answers, Ticket *ticket, bool *ret_is_settled, GError **error)
{
  GError *failure = NULL;
  ticket->is_new = false;
  *ret_is_settled = true;
  g_autoptr(Reply) reply = find_own_row(answers, ticket, &failure);
  if (failure != NULL) {
    g_propagate_error(error, failure);
    free_ticket(ticket);
    return false;
  }
  if (reply != NULL) {
    hand_over(answers, ticket, g_steal_pointer(&reply));
    free_ticket(ticket);
    return true;
  }
  if (answers->options.is_replay)
    return miss_in_replay(answers, ticket);
  Ticket *first = g_hash_table_lookup(answers->in_flight, ticket->sha256);
  if (first != NULL) {
    g_ptr_array_add(first->followers, ticket);
    return true;
  }
  const char *source = NULL;
  if (!find_equal(answers, ticket, &reply, &source, error)) {
    free_ticket(ticket);
    return false;
  }
  if (reply != NULL)
    return settle(answers, ticket, &(Ending){.reply = g_steal_pointer(&reply), .source = source}, error);
  g_hash_table_insert(answers->in_flight, ticket->sha256, ticket);
  *ret_is_settled = false;
  return true;
}

static void
send_ticket(Answers *answers, Ticket *ticket)
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
  if (gate == NULL || gate_check(gate, ticket->address, answers->options.robots_token, &refusal)) {
    send_ticket(answers, ticket);
    return true;
  }
  return settle(answers, ticket, &(Ending){.reply = error_reply(answers, ticket->request, refusal), .source = "error"}, error);
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

/* A page that was redirected starts anew, behind the gate of where it went; equal targets of several are fetched for each. */
static bool
follow(Answers *answers, Ticket *ticket, const Reply *reply, GError **error)
{
  if (++ticket->redirects <= MAX_REDIRECTS) {
    g_free(ticket->address);
    ticket->address = g_strdup(reply->url);
    g_queue_push_tail(&answers->startable, ticket);
    return true;
  }
  GError *refusal = NULL;
  error_set(&refusal, ERROR_REJECTED, "GET %s: HTTP %ld after %d redirects", ticket->request->url, reply->status,
            MAX_REDIRECTS);
  Reply *refused = error_reply(answers, ticket->request, refusal);
  refused->status = reply->status;
  return settle(answers, ticket, &(Ending){.reply = refused, .source = "error"}, error);
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
take_answer(Answers *answers, ClientAnswer *answer, GError **error)
{
  Ticket *ticket = answer->tag;
  answers->waited += (double) answer->waited_ms / 1000;
  if (ticket->sent_ms == 0)
    ticket->sent_ms = answer->sent_ms;
  if (is_redirect(answer->reply))
    return follow(answers, ticket, answer->reply, error);
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

Answers *
answers_new(const AnswersOptions *options)
{
  Answers *answers = g_new0(Answers, 1);
  answers->options = *options;
  answers->gates = gates_new();
  answers->in_flight = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, free_ticket);
  g_queue_init(&answers->startable);
  return answers;
}

void
answers_free(Answers *answers)
{
  if (answers == NULL)
    return;
  Ticket *ticket = NULL;
  while ((ticket = g_queue_pop_head(&answers->startable)) != NULL)
    if (g_hash_table_lookup(answers->in_flight, ticket->sha256) != ticket)
      free_ticket(ticket);
  g_hash_table_destroy(answers->in_flight);
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

double
answers_waited(const Answers *answers)
{
  return answers->waited;
}
