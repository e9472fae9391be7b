/*
 * What the services of language models share: reading what is said, inventing an answer, its bill and its limits.
 */
#pragma once

#include "service.h"

/**
 * Chat: what a good request says.
 * @text: the last message: what there is to cut from
 * @schema: (nullable): borrowed from the request: of the answer
 * @max_tokens: of the answer
 * @order: (nullable): borrowed likewise: what a message orders it to answer, whoever says so there: no model is as obedient
 */
typedef struct {
  const char *model;
  GString *text;
  const json_t *schema;
  int64_t max_tokens;
  const char *order;
} Chat;

/** chat_read_messages: Returns: (nullable): what is wrong */
const char *chat_read_messages(Chat *chat, const json_t *messages);

/**
 * Completion: an answer.
 * @value: (nullable): what @content writes, where a schema was told
 * @is_cut: @content ends where it would be longer than the request allows
 */
typedef struct {
  char *seed;
  json_t *value;
  char *content;
  bool is_cut;
  int64_t input_tokens;
  int64_t output_tokens;
} Completion;

/** completion_clear: frees what it holds. */
void completion_clear(Completion *completion);

/** chat_complete: what @chat is answered, and what that takes; a token is four bytes. Returns: to be cleared */
Completion chat_complete(const Call *call, const Chat *chat);

/** ChatLanguage: how a protocol writes an answer, says that a limit (@what: "requests" or "tokens") is reached, and tells how
 * one stands. */
typedef struct {
  Answer *(*write)(const Call *call, const Chat *chat, const Completion *completion);
  Answer *(*refuse)(const char *what, const char *message, int64_t wait_ms);
  void (*tell)(const Call *call, Answer *answer, const char *what, const Quota *quota);
} ChatLanguage;

/** chat_answer: answers @chat within the service's limits, which count when it was received, and only what is answered.
 * Returns: (transfer full): with its bill */
Answer *chat_answer(Call *call, const Chat *chat, const ChatLanguage *language);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Completion, completion_clear)
