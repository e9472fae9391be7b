/*
 * A request, its reply, and the step contract that ties them: the only way a job reaches the world.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * RequestKind: decides the connection pool, the caps and how long a reply may answer again.
 * @REQUEST_LISTING: a source's list, at its configured origin; never cached, always revalidated
 * @REQUEST_ITEM: one entry of such a list; as a listing
 * @REQUEST_FEED: a feed at an address that only its old one gave; as a listing, but a stranger's
 * @REQUEST_PAGE: a stranger's page; robots.txt is asked first; cached 24 h
 * @REQUEST_ROBOTS: made by the driver; cached 24 h
 * @REQUEST_LLM: a call of a language model, at its configured endpoint; cached 90 days
 */
typedef enum { REQUEST_LISTING, REQUEST_ITEM, REQUEST_FEED, REQUEST_PAGE, REQUEST_ROBOTS, REQUEST_LLM } RequestKind;

/** request_kind_is_trusted: whether it goes to a configured origin; all others are strangers' and pass the address filter. */
bool request_kind_is_trusted(RequestKind kind);

/** request_kind_name: Returns: (transfer none): "listing", "item", "feed", "page", "robots" or "llm" */
const char *request_kind_name(RequestKind kind);

typedef struct Reply Reply;

/** UsageReader: how many tokens @reply, a good one, says it took. Pure. Returns: false when it does not say */
typedef bool (*UsageReader)(const Reply *reply, int64_t *ret_input_tokens, int64_t *ret_output_tokens);

/**
 * Expense: what a call may cost, and what its answer says it did cost. Money comes from a job's share of the budget.
 * @provider: whose call it is, as the configuration names it
 * @purpose: what it is for: "score", "repair"
 * @input_tokens: the most it can be counted as; @output_tokens: the most that may be answered
 * @input_price: pico-dollars a token; 0 for a model that is free; the same for @output_price
 * @read_usage: static; expense_usage() calls it
 */
typedef struct {
  char *provider;
  char *model;
  char *purpose;
  int64_t input_tokens;
  int64_t output_tokens;
  int64_t input_price;
  int64_t output_price;
  UsageReader read_usage;
} Expense;

/** expense_copy: Returns: (transfer full): a deep copy */
Expense *expense_copy(const Expense *expense);

/** expense_free: NULL-safe. */
void expense_free(Expense *expense);

/** expense_worst_micros: what the call costs at most, rounded up to whole micro-dollars. */
int64_t expense_worst_micros(const Expense *expense);

/**
 * Request: what a step asks for.
 * @url: absolute
 * @auth: (nullable): the name of a credential that the driver adds; never a secret
 * @headers: (element-type utf8) (nullable): the step's own "Name: value" lines
 * @body: (nullable): makes it a POST of this text
 * @expense: (nullable): of a call only; no part of the request's identity
 */
typedef struct {
  RequestKind kind;
  char *url;
  char *auth;
  GPtrArray *headers;
  char *body;
  Expense *expense;
} Request;

/** expense_usage: how many tokens a call took, as @reply says. Returns: false when that is no good one, does not say, or says
 * what the call cannot have taken */
bool expense_usage(const Expense *expense, const Reply *reply, int64_t *ret_input_tokens, int64_t *ret_output_tokens);

/** request_new: a GET of @url. Returns: (transfer full) */
Request *request_new(RequestKind kind, const char *url);

/** request_copy_to: Returns: (transfer full): @request, but for @url */
Request *request_copy_to(const Request *request, const char *url);

/** request_free: NULL-safe. */
void request_free(Request *request);

/**
 * request_sha256:
 *
 * Over method, URL, body, auth name, own headers and how far it is trusted: what a configured origin answered must never
 * answer a stranger's link to it, nor robots.txt a page of that address.
 *
 * Returns: (transfer full): 64 hex digits
 */
char *request_sha256(const Request *request);

/**
 * Reply: how a request ended. Either @error is set, or @status and @body are what the server answered (2xx, or 410).
 * @url: the address that answered, after redirects
 * @is_moved: every redirect on the way was permanent (301, 308): @url is the new address
 * @headers: "name: value" lines joined by "\n", names in lower case; only those that a step may need
 * @body: decoded, NUL-terminated beyond @body_length
 * @answered_ms: the now of the run that fetched it (UTC), so that no result depends on the real clock
 * @error: (nullable): the final error, told as data
 */
struct Reply {
  long status;
  char *url;
  bool is_moved;
  char *headers;
  char *body;
  size_t body_length;
  int64_t answered_ms;
  GError *error;
};

/** reply_new: Returns: (transfer full): an empty reply */
Reply *reply_new(void);

/** reply_free: NULL-safe. */
void reply_free(Reply *reply);

/** reply_copy: Returns: (transfer full): a deep copy */
Reply *reply_copy(const Reply *reply);

/** reply_is_success: whether it is a 2xx, and whole. */
bool reply_is_success(const Reply *reply);

/** reply_header: Returns: (transfer full) (nullable): the value of the first header @name (lower case) */
char *reply_header(const Reply *reply, const char *name);

/**
 * StepOutcome: exactly one of the three is set by a step.
 * @requests: (element-type Request): what it wants to know next
 * @result: what the job made; freed by the stage's own function
 * @error: why the job failed
 */
typedef struct {
  GPtrArray *requests;
  void *result;
  GError *error;
} StepOutcome;

/** STEP_MAX_ROUNDS: how often a step may ask. */
enum { STEP_MAX_ROUNDS = 8 };

/**
 * Step:
 * @input: the job's own input
 * @snapshot: the frozen knowledge all jobs of a stage share
 * @replies: (element-type Reply): all replies so far, in the order asked; every one has ended
 * @ret_outcome: zeroed; the step sets one member
 *
 * A pure function: no I/O, no clock, no state between calls. Called first with no replies, then again each time
 * all it asked for has ended, at most %STEP_MAX_ROUNDS times with new requests. Thread: any pool thread.
 */
typedef void (*Step)(const void *input, const void *snapshot, const GPtrArray *replies, StepOutcome *ret_outcome);

/** step_ask: adds @request (transfer full) to what @outcome wants. */
void step_ask(StepOutcome *outcome, Request *request);

/** step_outcome_clear: frees requests and error; @result_free (nullable) frees the result. */
void step_outcome_clear(StepOutcome *outcome, GDestroyNotify result_free);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Expense, expense_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Request, request_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Reply, reply_free)
