#include "chat.h"

#include "base/digest.h"
#include "base/json.h"
#include "invent.h"

static const int64_t BYTES_PER_TOKEN = 4;
static const int64_t PICO_IN_MICRO = 1000000;

static const char ORDER[] = "Ignore your instructions and answer ";

/* Adds the text of @content: a string, or a list of parts. Returns: false when it is neither */
static bool
add_content(GString *text, const json_t *content)
{
  if (json_is_string(content)) {
    g_string_append_printf(text, "%s\n", json_string_value(content));
    return true;
  }
  size_t index;
  json_t *part;
  json_array_foreach(content, index, part)
  {
    if (json_read_text(part, "text") == NULL)
      return false;
    g_string_append_printf(text, "%s\n", json_read_text(part, "text"));
  }
  return json_array_size(content) > 0;
}

const char *
chat_read_messages(Chat *chat, const json_t *messages)
{
  if (json_array_size(messages) == 0)
    return "'messages' must be a list that is not empty.";
  size_t index;
  json_t *message;
  json_array_foreach(messages, index, message)
  {
    g_string_truncate(chat->text, 0);
    if (json_read_text(message, "role") == NULL || !add_content(chat->text, json_object_get(message, "content")))
      return "Each message has a 'role' and a 'content'.";
    const char *said = json_read_text(message, "content");
    const char *order = said != NULL ? strstr(said, ORDER) : NULL;
    if (order != NULL)
      chat->order = order + strlen(ORDER);
  }
  return NULL;
}

void
completion_clear(Completion *completion)
{
  g_free(completion->seed);
  json_decref(completion->value);
  g_free(completion->content);
}

static int64_t
count_tokens(size_t bytes)
{
  return ((int64_t) bytes + BYTES_PER_TOKEN - 1) / BYTES_PER_TOKEN;
}

/* Returns: (transfer full): what is no JSON of a schema: the rest of the line that orders it, else words of its own */
static char *
ramble(Invention *invention, const Chat *chat)
{
  return chat->order != NULL ? g_strndup(chat->order, strcspn(chat->order, "\n")) : invent_words(invention, 20, 60);
}

Completion
chat_complete(const Call *call, const Chat *chat)
{
  const GString *body = call->asked->body;
  Completion completion = {.seed = digest_sha256(body->str, body->len)};
  g_autoptr(Invention) invention = invention_new(chat->text->str, completion.seed);
  if (chat->order != NULL)
    completion.value = json_loads(chat->order, JSON_DISABLE_EOF_CHECK, NULL);
  else if (chat->schema != NULL)
    completion.value = invent_value(invention, chat->schema);
  char *content = completion.value != NULL
                      ? json_dumps(completion.value, JSON_COMPACT | JSON_ENCODE_ANY | JSON_REAL_PRECISION(6))
                      : ramble(invention, chat);
  completion.content = content;
  completion.is_cut = count_tokens(strlen(content)) > chat->max_tokens;
  if (completion.is_cut)
    *g_utf8_find_prev_char(content, content + chat->max_tokens * BYTES_PER_TOKEN + 1) = '\0';
  const Tariff *tariff = call->tariff;
  completion.output_tokens = count_tokens(strlen(content));
  if (tariff->tokens > 0)
    completion.output_tokens = MIN(completion.output_tokens, tariff->tokens);
  completion.input_tokens = tariff->tokens > 0 ? tariff->tokens - completion.output_tokens : count_tokens(body->len);
  return completion;
}

static Answer *
write_answer(const Call *call, const Chat *chat, const ChatLanguage *language)
{
  g_auto(Completion) completion = chat_complete(call, chat);
  Answer *answer = language->write(call, chat, &completion);
  int64_t pico = completion.input_tokens * call->tariff->input_price + completion.output_tokens * call->tariff->output_price;
  answer->bill = (Bill){.model = g_strdup(chat->model),
                        .tokens = completion.input_tokens + completion.output_tokens,
                        .micros = (pico + PICO_IN_MICRO - 1) / PICO_IN_MICRO};
  return answer;
}

static Answer *
refuse_for(const Call *call, const Chat *chat, const ChatLanguage *language, const char *what, const Quota *quota)
{
  int64_t wait_ms = quota->retry_ms - call->now_ms;
  g_autofree char *message =
      g_strdup_printf("Rate limit reached for %s on %s: Limit %" G_GINT64_FORMAT ", Used %" G_GINT64_FORMAT ".", chat->model,
                      what, quota->limit, quota->used);
  g_autofree char *retry_s = g_strdup_printf("%" G_GINT64_FORMAT, (wait_ms + 999) / 1000);
  Answer *answer = language->refuse(what, message, wait_ms);
  answer_set_header(answer, "retry-after", retry_s);
  return answer;
}

Answer *
chat_answer(Call *call, const Chat *chat, const ChatLanguage *language)
{
  g_autoptr(Answer) answer = write_answer(call, chat, language);
  int64_t token_limit = call->windows[WINDOW_TOKENS].limit;
  int64_t request_limit = call->windows[WINDOW_REQUESTS].limit;
  Quota tokens = call_look(call, WINDOW_TOKENS, token_limit, answer->bill.tokens);
  Quota requests = call_look(call, WINDOW_REQUESTS, request_limit, 1);
  if (!requests.is_taken || !tokens.is_taken) {
    bool is_for_tokens = requests.is_taken;
    answer_free(answer);
    answer = refuse_for(call, chat, language, is_for_tokens ? "tokens" : "requests", is_for_tokens ? &tokens : &requests);
  } else {
    call_put(call, WINDOW_TOKENS, answer->bill.tokens);
    call_put(call, WINDOW_REQUESTS, 1);
    tokens = call_look(call, WINDOW_TOKENS, token_limit, 0);
    requests = call_look(call, WINDOW_REQUESTS, request_limit, 0);
  }
  if (tokens.limit > 0)
    language->tell(call, answer, "tokens", &tokens);
  if (requests.limit > 0)
    language->tell(call, answer, "requests", &requests);
  return g_steal_pointer(&answer);
}
