/*
 * Single tries over curl: options, pools of connections, caps on what is read, the address filter. It follows no redirect and
 * tries nothing again. The one file here that knows curl. Thread: the client's, but for transport_wake().
 */
#pragma once

#include "net/client.h"

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

typedef struct Transport Transport;

/** Transfer: one try under way. */
typedef struct Transfer Transfer;

/**
 * TransferSpec: all is read by transport_start() only.
 * @url: absolute, as url_resolve() makes it
 * @host: of @url, lower case
 * @kind: decides the caps, and the time limit where @timeout_ms is 0
 * @is_trusted: the pool; strangers' addresses pass the filter
 * @headers: (element-type utf8): "Name: value" lines
 * @authorization: (nullable): one more of them
 * @user_agent: (nullable): in the place of ours
 * @body: (nullable): makes it a POST
 * @is_for_token: it is answered by a token
 */
typedef struct {
  const char *url;
  const char *host;
  RequestKind kind;
  int64_t timeout_ms;
  bool is_trusted;
  const GPtrArray *headers;
  const char *authorization;
  const char *user_agent;
  const char *body;
  bool is_for_token;
} TransferSpec;

/** transport_new: @options: as of client_new(). Returns: (transfer full) (nullable). Errors: CONFIG */
Transport *transport_new(const ClientOptions *options, GError **error);

/** transport_free: when no transfer is under way; NULL-safe. */
void transport_free(Transport *transport);

/** transport_start: begins a try, which is sent once at most; transport_take() hands back @owner when it ended. Returns:
 * (transfer none): to stop it by */
Transfer *transport_start(Transport *transport, const TransferSpec *spec, void *owner);

/** transport_stop: ends a try under way without an answer and frees it. */
void transport_stop(Transport *transport, Transfer *transfer);

/** transport_perform: moves all transfers, without waiting. */
void transport_perform(Transport *transport);

/** transport_take_sent: to be emptied after each transport_perform(). Returns: (nullable): the owner of the next try that goes
 * out now, on a connection that is open; NULL when there is none */
void *transport_take_sent(Transport *transport);

/**
 * transport_take:
 * @ret_reply: (out) (transfer full): any status with the headers and the body, or an error without a prefix: RETRY when a
 *   further try may succeed, else REJECTED. Its @url and @answered_ms are not set.
 *
 * Returns: (nullable): the owner of the next try that ended; NULL when there is none now
 */
void *transport_take(Transport *transport, Reply **ret_reply);

/** transport_wait: sleeps until a transfer moves, transport_wake() is called, or @max_ms passed. */
void transport_wait(Transport *transport, int64_t max_ms);

/** transport_wake: ends a transport_wait() under way or the next one. Thread: any. */
void transport_wake(Transport *transport);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Transport, transport_free)
