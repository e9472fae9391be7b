/*
 * What was asked of the simulated internet, and what it will answer: plain data, decided before a byte is sent.
 */
#pragma once

#include <glib.h>
#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

/**
 * Asked: one request.
 * @host: lower case, without port
 * @path: as sent, still percent-encoded
 * @query: (nullable): what follows "?"
 * @api_key: (nullable): x-api-key, and @version: anthropic-version
 * @body: what was sent with it
 * @port: of this server
 */
typedef struct {
  char *method;
  char *host;
  char *path;
  char *query;
  char *user_agent;
  char *if_none_match;
  char *if_modified_since;
  char *accept;
  char *authorization;
  char *api_key;
  char *version;
  GString *body;
  unsigned port;
} Asked;

/**
 * Bill: what a call of a language model is charged once it is answered with 2xx, whether or not that arrives.
 * @model: (nullable): NULL when nothing is charged
 */
typedef struct {
  char *model;
  int64_t tokens;
  int64_t micros;
} Bill;

/**
 * Answer: what to send.
 * @headers: (element-type utf8): a name and its value by turns
 * @delay_ms: to wait before the first byte
 * @bytes_per_second: of the body; 0 sends it at once
 * @truncate_at: bytes of the body after which the connection breaks; -1 sends all
 * @is_reset: breaks the connection (RST) instead of answering
 * @is_endless: repeats the body until the client leaves
 * @is_authorized: a credential was accepted
 * @counted: (nullable): the key of the service's limit that the request falls under
 */
typedef struct {
  unsigned status;
  GPtrArray *headers;
  GString *body;
  int64_t delay_ms;
  int64_t bytes_per_second;
  int64_t truncate_at;
  bool is_reset;
  bool is_endless;
  bool is_authorized;
  const char *counted;
  Bill bill;
} Answer;

/** asked_clear: frees the parts of @asked. */
void asked_clear(Asked *asked);

/** asked_path: Returns: (transfer full) (nullable): the path decoded; NULL when it holds what no path can */
char *asked_path(const Asked *asked);

/** form_decode: Returns: (transfer full): names and values of @text (nullable), as queries and forms have them; those of a
 * wrong one are none */
GHashTable *form_decode(const char *text);

/** path_below: Returns: (transfer full) (nullable): the file below @folder that the decoded @path names; one that ends in "/"
 * means index.html; NULL when it leaves the folder */
char *path_below(const char *folder, const char *path);

/** answer_new: an answer of @status with a copy of @text as its body. Returns: (transfer full) */
Answer *answer_new(unsigned status, const char *content_type, const char *text);

/** answer_free: NULL-safe. */
void answer_free(Answer *answer);

/** answer_set_header: sets @name to @value, in the place of a header of that name. */
void answer_set_header(Answer *answer, const char *name, const char *value);

/** answer_add_header: adds @name and @value to headers of that name, if any. */
void answer_add_header(Answer *answer, const char *name, const char *value);

/** answer_json: an answer of @status with @json as its body. Returns: (transfer full) */
Answer *answer_json(unsigned status, const json_t *json);

/**
 * answer_from_file:
 * @name: of the file; its ending tells the type
 * @with_charset: says "charset=utf-8" of text; without it a type is named alone, as many servers do
 *
 * Returns: (transfer full): 200 with the file's @bytes
 */
Answer *answer_from_file(const char *name, const char *bytes, size_t length, bool with_charset);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Answer, answer_free)
