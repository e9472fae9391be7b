/*
 * A submitted request until its answer: where it goes, what was tried. Plain data of the client's.
 */
#pragma once

#include "model/exchange.h"
#include "net/limiter.h"
#include "net/services.h"
#include "net/transport.h"

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

/**
 * Call:
 * @body: (nullable): makes it a POST
 * @expense: (nullable): of a paid one; @tokens: that a try may take
 * @asked_url: as submitted; @url: where the next try goes, @host its host
 * @service: (nullable): the one @url belongs to, of a trusted request only
 * @limits: the name by which its limits are counted
 * @token_for: (nullable): it asks for a token for this service; nobody submitted it
 * @token: (nullable): what the next try shows, where its service wants a token
 * @was_refused: once with a token
 * @is_moved: every redirect so far was permanent
 * @failure: (nullable): how the last try ended, @status its status
 * @ready_ms: since when it waits
 * @place: (nullable): its place in the limits, from when a try is due until it ended
 * @tries: (element-type ClientTry): the last may be under way
 * @transfer: (nullable): the try under way
 */
typedef struct {
  void *tag;
  RequestKind kind;
  GPtrArray *headers;
  char *body;
  Expense *expense;
  int64_t tokens;
  bool has_auth;
  char *asked_url;
  char *url;
  char *host;
  KnownService *service;
  char *limits;
  KnownService *token_for;
  char *token;
  bool was_refused;
  int redirects;
  bool is_moved;
  char *failure;
  long status;
  int64_t failures;
  GArray *tries;
  int64_t sent_ms;
  int64_t ready_ms;
  int64_t waited_ms;
  Place *place;
  Transfer *transfer;
} Call;

/** call_new: as of client_submit(). Returns: (transfer full): aimed nowhere yet */
Call *call_new(const Request *request, const GPtrArray *validators, void *tag);

/** call_new_for_token: Returns: (transfer full): one that asks for a token for @service, aimed nowhere yet */
Call *call_new_for_token(KnownService *service);

/** call_free: when no try is under way. */
void call_free(Call *call);

/**
 * call_aim:
 * @services: (nullable): NULL for where a redirect leads, which is no service's whatever its address
 *
 * Points @call at @reference, seen from @base.
 *
 * Returns: false when no http or https request can be made of it, @call untouched
 */
bool call_aim(Call *call, const Services *services, const char *base, const char *reference);

/** call_is_trusted: whether it goes to a configured origin, as no redirect does. */
bool call_is_trusted(const Call *call);

/** call_paused: whose pause a refusal of @call is: its limits', or that of the host when @is_for_host or when they are for all
 * of it. Returns: (transfer full) */
char *call_paused(const Call *call, bool is_for_host);

/** call_lacks_token: whether its service wants a token that it does not have; takes up the one at hand at @now_ms. */
bool call_lacks_token(Call *call, int64_t now_ms);

/** call_drops_token: its token was refused and is used no more. Returns: whether it may be sent once more with a new one */
bool call_drops_token(Call *call);

/** call_start: sends the next try with the credential, if any. */
void call_start(Call *call, Transport *transport);
