/*
 * What came for an answer: whole, streamed though nobody asked for it, or within words. Thread: pure.
 */
#pragma once

#include "base/json.h"
#include "llm/prompt.h"
#include "model/exchange.h"

/** answer_root: Returns: (transfer full) (nullable): the JSON that @reply is. Errors: BAD_DATA */
json_t *answer_root(const Reply *reply, GError **error);

/**
 * answer_chat_root:
 *
 * As answer_root(), for chat completions; a stream of their chunks (server-sent events) is put together as if it had been sent
 * whole. Errors: BAD_DATA, also for a stream that ends before its answer does
 */
json_t *answer_chat_root(const Reply *reply, GError **error);

/** answer_text: Returns: (transfer full) (nullable): what a message's @content (nullable) says: a text, or the texts of a list
 * of parts; NULL when that is nothing */
char *answer_text(const json_t *content);

/** answer_object: Returns: (transfer full): the JSON object in @text, without what a model thought before it, and the fence or
 * the words that some put around it; of several the longest; @text where there is none */
char *answer_object(const char *text);

/** answer_system: Returns: (transfer full): @prompt's words to the model, with its schema where nothing but them can tell it */
char *answer_system(const Prompt *prompt, bool tells_schema);

/** answer_repair: Returns: (transfer full) (nullable): what a model is told of its first answer's @problem (nullable) */
char *answer_repair(const char *problem);
