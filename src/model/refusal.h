/*
 * What a service says of a request that it refused. Thread: pure.
 */
#pragma once

#include "base/json.h"
#include "model/exchange.h"

/** refusal_words: @words, a stranger's, on one clean line of bounded length. Returns: (transfer full) */
char *refusal_words(const char *words);

/** refusal_find: what the JSON @root (nullable) of a reply says went wrong, in the ways of those who serve language models:
 * `error.message`, `error`, `message`, `detail`. Returns: (transfer full) (nullable): NULL when it says nothing of an error */
char *refusal_find(const json_t *root);

/** refusal_read: the same of @reply; of a body that is no JSON its beginning, of a page nothing. Returns: (transfer full)
 * (nullable) */
char *refusal_read(const Reply *reply);
