/*
 * Hosts that are more than files: services with a protocol, limits and credentials of their own. A service answers from the
 * world's files; one file a protocol says how. README.md has what world.json says of a service.
 */
#pragma once

#include "answer.h"
#include "world.h"

typedef struct Services Services;

/**
 * Window: a sliding window of requests, or of their tokens.
 * @limit: as many in any @window_ms; 0 for no limit
 * @taken: (element-type Taken): those that still count, oldest first
 */
typedef struct {
  int64_t limit;
  int64_t window_ms;
  GArray *taken;
} Window;

/** Taken: @amount taken from a window at once, in UTC milliseconds. */
typedef struct {
  int64_t at_ms;
  int64_t amount;
} Taken;

/** WindowName: the windows a service may have: of requests, of requests that do not fall under the first, of tokens. */
typedef enum { WINDOW_REQUESTS, WINDOW_CORE, WINDOW_TOKENS, WINDOW_COUNT } WindowName;

/**
 * Quota: how a window stands after a request, for the headers that tell it.
 * @is_taken: the request is within the limit, or there is none
 * @limit: 0 for none, and nothing to tell
 * @reset_ms: when the whole limit is there again if nobody asks, UTC
 * @retry_ms: when the next request is taken, UTC
 */
typedef struct {
  bool is_taken;
  int64_t limit;
  int64_t used;
  int64_t reset_ms;
  int64_t retry_ms;
} Quota;

/** Tariff: what a language model takes: pico-dollars a token; @tokens: of every call; 0 counts them. */
typedef struct {
  int64_t input_price;
  int64_t output_price;
  int64_t tokens;
} Tariff;

/**
 * Call: one request to a service, and all that its answer is made of.
 * @path: decoded
 * @parameters: of the query
 * @api: (nullable): the host whose files the service reads
 * @is_unlimited: no limit counts
 * @windows: the service's limits, by #WindowName
 * @tokens: those issued in this world
 * @now_ms: UTC
 * @counted: (nullable): the key of the limit that the request falls under
 * @changed_ms: the instant of the newest file read
 * @problem: (nullable): a fault of the world that the answer will be
 */
typedef struct {
  const World *world;
  const Asked *asked;
  const char *path;
  GHashTable *parameters;
  const char *api;
  bool is_unlimited;
  Window *windows;
  const Tariff *tariff;
  GHashTable *tokens;
  int64_t now_ms;
  const char *counted;
  int64_t changed_ms;
  char *problem;
} Call;

/** Protocol: @post_path: (nullable): paths that end so take POST, all else GET alone; @answer: NULL leaves it to the world's
 * files */
typedef struct {
  const char *name;
  const char *post_path;
  Answer *(*answer)(Call *call);
} Protocol;

extern const Protocol mastodon_protocol;
extern const Protocol reddit_protocol;
extern const Protocol reddit_www_protocol;
extern const Protocol github_protocol;
extern const Protocol openai_protocol;
extern const Protocol anthropic_protocol;

/**
 * services_new:
 * @json: (nullable): by host name, what world.json says of each
 * @are_unlimited: its limits do not count
 *
 * Returns: (transfer full) (nullable). Errors: BAD_DATA `services: m1.localhost: unknown key "request"; known: ...`
 */
Services *services_new(const json_t *json, bool are_unlimited, GError **error);

/** services_free: NULL-safe. */
void services_free(Services *services);

/**
 * services_answer:
 * @now_ms: Unix milliseconds, when it was asked, by which the windows count
 *
 * Returns: (transfer full) (nullable): NULL when the host is no service or leaves it to the world's files
 */
Answer *services_answer(Services *services, const World *world, const Asked *asked, int64_t now_ms);

/** call_look: Returns: how @window, whose limit is @limit now, stands for @amount more: @is_taken when it would be within */
Quota call_look(Call *call, WindowName window, int64_t limit, int64_t amount);

/** call_put: takes @amount from @window, whatever its limit. */
void call_put(Call *call, WindowName window, int64_t amount);

/** call_take: takes a request from @window when it is within @limit. Returns: how it stands then */
Quota call_take(Call *call, WindowName window, int64_t limit);

/** call_document: Returns: (transfer full) (nullable): the world's JSON file of @host and @path; NULL when there is none */
json_t *call_document(Call *call, const char *host, const char *path);

/** call_number: the number of the query's @name, @fallback when it has none, from @least to @most. */
int64_t call_number(const Call *call, const char *name, int64_t fallback, int64_t least, int64_t most);

/** call_bearer: Returns: (transfer none) (nullable): the token that the request came with */
const char *call_bearer(const Call *call);

/** list_part: Returns: (transfer full): at most @count entries of @list from @first on */
json_t *list_part(const json_t *list, int64_t first, int64_t count);

/** reddit_token: Reddit's answer to a client that asks for a token, which goes to @tokens (nullable). Returns: (transfer full)
 */
Answer *reddit_token(const Asked *asked, GHashTable *tokens);

/** reddit_feed: Reddit's Atom feed of @posts (element-type json_t), @subreddits as the path has them. Returns: (transfer full)
 */
Answer *reddit_feed(const char *subreddits, const GPtrArray *posts, const Call *call);

/** github_filter: Returns: (transfer full) (nullable): the repositories among @items that the search @query finds, in their
 * order; NULL when it asks for what is not known */
json_t *github_filter(const json_t *items, const char *query);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Services, services_free)
