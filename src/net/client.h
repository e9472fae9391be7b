/*
 * The HTTP client: one curl-multi loop, two connection pools that never mix, limits a host, credentials, retries, caps, the
 * address filter. It decides when a request starts and when to try again; its caller sees only how it ended.
 *
 * Trusted pool: listing and item requests, to the configured origin, and those for a token. Strangers' pool: pages, robots.txt,
 * moved feeds and every redirect target: no credentials, ports 80 and 443, public addresses only, unless a rule of
 * @allow_private allows.
 * Thread: the run's own thread, but for client_wake().
 */
#pragma once

#include "model/exchange.h"
#include "model/host.h"
#include "model/service.h"

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

typedef struct Client Client;

/**
 * ClientOptions:
 * @user_agent: sent with every request
 * @ca_file: (nullable): a PEM file of authorities that are trusted beside the system's
 * @allow_private: (array zero-terminated=1) (nullable): rules: host, `*.suffix` or CIDR, each with optional `:port`
 * ([v6]:port); without one a rule is for 80 and 443
 * @has_proxy: the environment names a proxy; strangers are then refused unless @is_proxy_filter, and for a filtering proxy on a
 * private address or another port than 80 and 443 @allow_private needs a rule, for what is dialled is the proxy
 * @in_flight: requests at once over all hosts
 * @in_flight_per_host: requests at once to one host
 * @timeout_ms: of one try (30 s), @connect_timeout_ms (10 s)
 * @max_tries: of one request (4)
 * @call_timeout_ms: the same for a call of a language model (120 s)
 * @retry_base_ms: first back-off, doubled each try, with full jitter (500), capped at 30 s
 * @seed: of the jitter
 */
typedef struct {
  const char *user_agent;
  const char *ca_file;
  const char *const *allow_private;
  bool has_proxy;
  bool is_proxy_filter;
  int64_t in_flight;
  int64_t in_flight_per_host;
  int64_t timeout_ms;
  int64_t connect_timeout_ms;
  int64_t call_timeout_ms;
  int64_t max_tries;
  int64_t retry_base_ms;
  uint32_t seed;
} ClientOptions;

/** client_new: Returns: (transfer full) (nullable). Errors: CONFIG for a bad rule or an unreadable CA file */
Client *client_new(const ClientOptions *options, GError **error);

/** client_free: ends what is under way; NULL-safe. */
void client_free(Client *client);

/**
 * client_set_deadline:
 * @deadline_ms: monotonic milliseconds (clock_monotonic_ms()); INT64_MAX for none
 *
 * A wait (a limit, a pause, a back-off) that would pass it ends its request THROTTLED at once; a transfer still under way then
 * ends RETRY.
 */
void client_set_deadline(Client *client, int64_t deadline_ms);

/**
 * client_add_service:
 * @service: copied
 * @owner: whose it is, as an error names it: "sources[0] (github)"
 *
 * It counts from now on for trusted requests to the addresses that begin with its prefix, in the place of one of the same owner
 * and prefix. What its replies say of limits is heeded; what strangers say is not.
 *
 * Errors: CONFIG: its prefix is no address, another owner's service of that prefix is not the same, or one credential would go
 * to different hosts
 */
bool client_add_service(Client *client, const Service *service, const char *owner, GError **error);

/**
 * client_submit:
 * @request: copied
 * @validators: (nullable) (element-type utf8): further "Name: value" lines that are no part of the request's identity
 * @tag: handed back with the answer
 */
void client_submit(Client *client, const Request *request, const GPtrArray *validators, void *tag);

/** client_perform: moves all transfers and starts what the limits allow, without waiting. What it starts counts now and goes
 * out with the next call, so that client_host_states() can be kept before. */
void client_perform(Client *client);

/**
 * CallState: what has come of a submitted request. A free one only ends. A paid one (with an #Expense) is announced before each
 * try, so that its money can be reserved and committed first.
 * @CALL_ENDED: it is answered for good
 * @CALL_DUE: a try may go out now: client_send() or client_refuse() says whether it does
 * @CALL_TRIED: a try ended without an answer and is followed by another; @reply says how
 */
typedef enum { CALL_ENDED, CALL_DUE, CALL_TRIED } CallState;

/** ClientTry: one try on the wire, in monotonic milliseconds. @status: 0 when none came; @is_sent: its server may have seen it
 */
typedef struct {
  int64_t began_ms;
  int64_t ended_ms;
  long status;
  bool is_sent;
} ClientTry;

/**
 * ClientAnswer: what has come of a submitted request.
 * @reply: 2xx, 304, 410, for a page a redirect (301, 302, 303, 307, 308; its @url is where to), or an error: RETRY (network,
 * 5xx, after all tries), THROTTLED (429, 503 with Retry-After, 403 of a service for its limits, the deadline), REJECTED (other
 * statuses, the filter, too many redirects, a body above its cap), CONFIG (a credential that is unknown, or refused when a
 * token was asked for), or that of client_refuse(); where a status is the reason, its @status is set beside the error. NULL
 * when it is due
 * @tries: (element-type ClientTry): all that were sent, redirects counted
 * @sent_ms: UTC, when the first try went out; 0 when none did
 * @waited_ms: time spent waiting for limits, pauses and back-off
 */
typedef struct {
  void *tag;
  CallState state;
  Reply *reply;
  GArray *tries;
  int64_t sent_ms;
  int64_t waited_ms;
} ClientAnswer;

/** client_take: Returns: (transfer full) (nullable): the next thing that happened; NULL when there is nothing now */
ClientAnswer *client_take(Client *client);

/** client_answer_free: frees the answer and its reply (nullable when it was taken); NULL-safe. */
void client_answer_free(ClientAnswer *answer);

/** client_send: the paid request @tag, which is due, goes out. Its places and tokens are counted since it became due. Nothing
 * happens when the deadline ended it meanwhile; the same for client_refuse(). */
void client_send(Client *client, void *tag);

/** client_refuse: the paid request @tag, which is due, ends with @error (transfer full). */
void client_refuse(Client *client, void *tag, GError *error);

/** client_wait: sleeps until a transfer moves, a limit opens, client_wake() is called, or @max_ms passed; returns at once while
 * startable work is queued. */
void client_wait(Client *client, int64_t max_ms);

/** client_held_ms: Returns: how long all that waits is held up, while nothing is under way, by a limit, a pause or a back-off
 * of
 * @ret_host (out) (transfer none) (nullable); 0 when nothing is */
int64_t client_held_ms(const Client *client, const char **ret_host);

/** client_wake: ends a client_wait() under way or the next one. Thread: any. */
void client_wake(Client *client);

/** client_changes: grows whenever there is something to keep: a pause, a send that a window counts, a limit learnt. */
uint64_t client_changes(const Client *client);

/** client_host_states: Returns: (transfer full) (element-type HostState): hosts with a window, a pause or a limit that still
 * matters, by name */
GPtrArray *client_host_states(const Client *client);

/**
 * client_restore_host:
 * @is_after_crash: the process that left @state may have sent more than it kept: its window is charged with as many requests
 *   as may be in flight
 *
 * Takes up a state of an earlier process.
 */
void client_restore_host(Client *client, const HostState *state, bool is_after_crash);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Client, client_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ClientAnswer, client_answer_free)
