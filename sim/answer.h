/*
 * What was asked of the simulated internet, and what it will answer: plain data, decided before a byte is sent.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

/**
 * Asked: one request.
 * @host: lower case, without port
 * @path: as sent, still percent-encoded
 * @query: (nullable): what follows "?"
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
  unsigned port;
} Asked;

/**
 * Answer: what to send.
 * @headers: (element-type utf8): a name and its value by turns
 * @delay_ms: to wait before the first byte
 * @bytes_per_second: of the body; 0 sends it at once
 * @truncate_at: bytes of the body after which the connection breaks; -1 sends all
 * @is_reset: breaks the connection (RST) instead of answering
 * @is_endless: repeats the body until the client leaves
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
} Answer;

/** asked_clear: frees the parts of @asked. */
void asked_clear(Asked *asked);

/** answer_new: an answer of @status with a copy of @text as its body. Returns: (transfer full) */
Answer *answer_new(unsigned status, const char *content_type, const char *text);

/** answer_free: NULL-safe. */
void answer_free(Answer *answer);

/** answer_set_header: sets @name to @value, in the place of a header of that name. */
void answer_set_header(Answer *answer, const char *name, const char *value);

/**
 * answer_from_file:
 * @path: of a file
 * @with_charset: says "charset=utf-8" of text; without it a type is named alone, as many servers do
 *
 * Returns: (transfer full) (nullable): 200 with the file's bytes and the type its ending tells; NULL when there is no such file
 */
Answer *answer_from_file(const char *path, bool with_charset);

/** asked_file: the file below @folder that the path of @asked names; "/" ends in index.html.
 * Returns: (transfer full) (nullable): NULL when the path leaves the folder */
char *asked_file(const Asked *asked, const char *folder);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Answer, answer_free)
