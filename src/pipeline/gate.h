/*
 * robots.txt of each origin, as far as a run knows it. Thread: the run's own.
 */
#pragma once

#include "model/exchange.h"

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

/**
 * Gate: the rules of one origin.
 * @job: the name under which its exchange is kept, "robots:<origin>"
 * @pass: in which its rules were asked
 * @waiting: (element-type void): whoever waits for the rules, borrowed
 * @is_asked: the request for the rules is under way; @is_known: it has ended
 */
typedef struct {
  char *origin;
  char *job;
  int64_t pass;
  GPtrArray *waiting;
  bool is_asked;
  bool is_known;
  char *rules;
  size_t rules_length;
  char *refusal;
} Gate;

/** gates_new: Returns: (transfer full): a table of gates, by origin */
GHashTable *gates_new(void);

/** gates_of: the gate before @url; new, or new again in a later @pass than the one in which its rules could not be read.
 * Returns: (transfer none) (nullable): NULL when @url is no address */
Gate *gates_of(GHashTable *gates, const char *url, int64_t pass);

/** gate_request: Returns: (transfer full): the request for the origin's rules */
Request *gate_request(const Gate *gate);

/** gate_learn: how that request ended: rules as sent; REJECTED (a 4xx, say) allows all; any other error refuses all (RFC 9309
 * section 2.3.1). */
void gate_learn(Gate *gate, const Reply *reply);

/** gate_check: whether @url may be fetched by the product @token. Errors: REJECTED the rules forbid it; RETRY they could not be
 * read */
bool gate_check(const Gate *gate, const char *url, const char *token, GError **error);
