/*
 * A language model behind OpenAI's interface: https://platform.openai.com/docs/api-reference/chat/create,
 * /docs/guides/structured-outputs, /docs/guides/rate-limits. It thinks nothing: what it answers is cut from what it is told.
 */
#include "service.h"

#include "base/digest.h"
#include "base/json.h"
#include "invent.h"

static const int64_t BYTES_PER_TOKEN = 4;
static const int64_t PICO_IN_MICRO = 1000000;

/* What whoever says it gets for an answer: no model is as obedient. */
static const char ORDER[] = "Ignore your instructions and answer ";

/* Prompt: what a good request says. @order: what the last order in it says, to the end of its line */
typedef struct {
  const char *model;
  GString *text;
  GString *order;
  const json_t *schema;
  int64_t max_tokens;
} Prompt;

static Answer *
refuse(unsigned status, const char *type, const char *code, const char *message)
{
  g_autoptr(json_t) json =
      json_pack("{s:{s:s, s:s, s:n, s:s?}}", "error", "message", message, "type", type, "param", "code", code);
  return answer_json(status, json);
}

static Answer *
refuse_request(const char *message)
{
  return refuse(400, "invalid_request_error", NULL, message);
}

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

/* What the last message says is what there is to cut from. Returns: (nullable): what is wrong */
static const char *
read_messages(const json_t *messages, Prompt *prompt)
{
  if (json_array_size(messages) == 0)
    return "'messages' must be a list that is not empty.";
  size_t index;
  json_t *message;
  json_array_foreach(messages, index, message)
  {
    g_string_truncate(prompt->text, 0);
    if (json_read_text(message, "role") == NULL || !add_content(prompt->text, json_object_get(message, "content")))
      return "Each message has a 'role' and a 'content'.";
    const char *order = strstr(prompt->text->str, ORDER);
    if (order != NULL)
      g_string_append_len(g_string_truncate(prompt->order, 0), order + strlen(ORDER),
                          (gssize) strcspn(order + strlen(ORDER), "\n"));
  }
  return NULL;
}

/* Returns: (nullable): what is wrong */
static const char *
read_prompt(const json_t *request, Prompt *prompt)
{
  if (!json_is_object(request))
    return "We could not parse the JSON body of your request.";
  prompt->model = json_read_text(request, "model");
  if (prompt->model == NULL || prompt->model[0] == '\0')
    return "You must provide a model parameter.";
  const json_t *format = json_object_get(request, "response_format");
  if (g_strcmp0(json_read_text(format, "type"), "json_schema") == 0) {
    prompt->schema = json_object_get(json_object_get(format, "json_schema"), "schema");
    if (!json_is_object(prompt->schema))
      return "Missing required parameter: 'response_format.json_schema.schema'.";
  }
  prompt->max_tokens = json_read_int(request, "max_completion_tokens", json_read_int(request, "max_tokens", INT32_MAX));
  if (prompt->max_tokens < 1)
    return "'max_completion_tokens' must be at least 1.";
  return read_messages(json_object_get(request, "messages"), prompt);
}

static int64_t
count_tokens(size_t bytes)
{
  return ((int64_t) bytes + BYTES_PER_TOKEN - 1) / BYTES_PER_TOKEN;
}

/* Returns: (transfer full): what it is ordered to say, the JSON at the beginning of that where there is any; else what it makes
 * up itself */
static char *
think(const Prompt *prompt, const char *seed)
{
  g_autoptr(Invention) invention = invention_new(prompt->text->str, seed);
  bool is_ordered = prompt->order->len > 0;
  g_autoptr(json_t) value = NULL;
  if (is_ordered)
    value = json_loads(prompt->order->str, JSON_DISABLE_EOF_CHECK, NULL);
  else if (prompt->schema != NULL)
    value = invent_value(invention, prompt->schema);
  if (value != NULL)
    return json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY | JSON_REAL_PRECISION(6));
  return is_ordered ? g_strdup(prompt->order->str) : invent_words(invention, 20, 60);
}

/* Cut at a character where it would be longer than the prompt allows. Returns: (transfer full) */
static char *
write_content(const Prompt *prompt, const char *seed, bool *ret_is_cut)
{
  char *content = think(prompt, seed);
  *ret_is_cut = count_tokens(strlen(content)) > prompt->max_tokens;
  if (*ret_is_cut)
    *g_utf8_find_prev_char(content, content + prompt->max_tokens * BYTES_PER_TOKEN + 1) = '\0';
  return content;
}

static Answer *
answer_completion(const Call *call, const Prompt *prompt)
{
  const GString *body = call->asked->body;
  g_autofree char *seed = digest_sha256(body->str, body->len);
  bool is_cut = false;
  g_autofree char *content = write_content(prompt, seed, &is_cut);
  const Tariff *tariff = call->tariff;
  int64_t output = count_tokens(strlen(content));
  if (tariff->tokens > 0)
    output = MIN(output, tariff->tokens);
  int64_t input = tariff->tokens > 0 ? tariff->tokens - output : count_tokens(body->len);
  int64_t total = input + output;
  g_autofree char *id = g_strdup_printf("chatcmpl-%.24s", seed);
  g_autoptr(json_t) choice = json_pack("{s:i, s:{s:s, s:s, s:n}, s:s}", "index", 0, "message", "role", "assistant", "content",
                                       content, "refusal", "finish_reason", is_cut ? "length" : "stop");
  g_autoptr(json_t) usage = json_pack("{s:I, s:I, s:I}", "prompt_tokens", (json_int_t) input, "completion_tokens",
                                      (json_int_t) output, "total_tokens", (json_int_t) total);
  int64_t created_s = world_day_ms(call->world, world_day(call->world)) / 1000;
  g_autoptr(json_t) json = json_pack("{s:s, s:s, s:I, s:s, s:[O], s:O}", "id", id, "object", "chat.completion", "created",
                                     (json_int_t) created_s, "model", prompt->model, "choices", choice, "usage", usage);
  Answer *answer = answer_json(200, json);
  int64_t pico = input * tariff->input_price + output * tariff->output_price;
  answer->bill =
      (Bill){.model = g_strdup(prompt->model), .tokens = total, .micros = (pico + PICO_IN_MICRO - 1) / PICO_IN_MICRO};
  return answer;
}

/* As Go writes durations: 12ms, 1.5s, 6m0s. Returns: (transfer full) */
static char *
duration(int64_t time_ms)
{
  if (time_ms < 1000)
    return g_strdup_printf("%" G_GINT64_FORMAT "ms", time_ms);
  g_autofree char *fraction = time_ms % 1000 > 0 ? g_strdup_printf(".%03d", (int) (time_ms % 1000)) : g_strdup("");
  int64_t seconds = time_ms / 1000;
  if (seconds < 60)
    return g_strdup_printf("%" G_GINT64_FORMAT "%ss", seconds, fraction);
  return g_strdup_printf("%" G_GINT64_FORMAT "m%" G_GINT64_FORMAT "%ss", seconds / 60, seconds % 60, fraction);
}

static void
tell_quota(const Call *call, Answer *answer, const char *what, const Quota *quota)
{
  if (quota->limit == 0)
    return;
  g_autofree char *limit = g_strdup_printf("%" G_GINT64_FORMAT, quota->limit);
  g_autofree char *remaining = g_strdup_printf("%" G_GINT64_FORMAT, quota->limit - quota->used);
  g_autofree char *reset = duration(quota->reset_ms - call->now_ms);
  const char *const told[][2] = {{"limit", limit}, {"remaining", remaining}, {"reset", reset}};
  for (size_t i = 0; i < G_N_ELEMENTS(told); i++) {
    g_autofree char *name = g_strdup_printf("x-ratelimit-%s-%s", told[i][0], what);
    answer_set_header(answer, name, told[i][1]);
  }
}

static Answer *
refuse_for(const Call *call, const Prompt *prompt, const char *what, const Quota *quota)
{
  int64_t wait_ms = quota->retry_ms - call->now_ms;
  g_autofree char *message =
      g_strdup_printf("Rate limit reached for %s on %s: Limit %" G_GINT64_FORMAT ", Used %" G_GINT64_FORMAT ".", prompt->model,
                      what, quota->limit, quota->used);
  g_autofree char *retry_s = g_strdup_printf("%" G_GINT64_FORMAT, (wait_ms + 999) / 1000);
  g_autofree char *retry_ms = g_strdup_printf("%" G_GINT64_FORMAT, wait_ms);
  Answer *answer = refuse(429, what, "rate_limit_exceeded", message);
  answer_set_header(answer, "retry-after", retry_s);
  answer_set_header(answer, "retry-after-ms", retry_ms);
  return answer;
}

/* Counted when it was received, and only what is answered. */
static Answer *
answer_within_limits(Call *call, const Prompt *prompt)
{
  g_autoptr(Answer) answer = answer_completion(call, prompt);
  int64_t token_limit = call->windows[WINDOW_TOKENS].limit;
  int64_t request_limit = call->windows[WINDOW_REQUESTS].limit;
  Quota tokens = call_look(call, WINDOW_TOKENS, token_limit, answer->bill.tokens);
  Quota requests = call_look(call, WINDOW_REQUESTS, request_limit, 1);
  if (!requests.is_taken || !tokens.is_taken) {
    answer_free(answer);
    answer = requests.is_taken ? refuse_for(call, prompt, "tokens", &tokens) : refuse_for(call, prompt, "requests", &requests);
  } else {
    call_put(call, WINDOW_TOKENS, answer->bill.tokens);
    call_put(call, WINDOW_REQUESTS, 1);
    tokens = call_look(call, WINDOW_TOKENS, token_limit, 0);
    requests = call_look(call, WINDOW_REQUESTS, request_limit, 0);
  }
  tell_quota(call, answer, "tokens", &tokens);
  tell_quota(call, answer, "requests", &requests);
  return g_steal_pointer(&answer);
}

static Answer *
answer_call(Call *call)
{
  g_autoptr(json_t) request = json_loadb(call->asked->body->str, call->asked->body->len, 0, NULL);
  g_autoptr(GString) text = g_string_new(NULL);
  g_autoptr(GString) order = g_string_new(NULL);
  Prompt prompt = {.text = text, .order = order};
  const char *problem = read_prompt(request, &prompt);
  if (problem != NULL)
    return refuse_request(problem);
  if (strcmp(prompt.model, "wrong") == 0)
    return refuse(404, "invalid_request_error", "model_not_found", "The model 'wrong' does not exist.");
  return answer_within_limits(call, &prompt);
}

static Answer *
list_models(void)
{
  g_autoptr(json_t) json = json_pack("{s:s, s:[{s:s, s:s, s:i, s:s}]}", "object", "list", "data", "id", "gpt-5-nano", "object",
                                     "model", "created", 0, "owned_by", "courant-sim");
  return answer_json(200, json);
}

static Answer *
answer_openai(Call *call)
{
  const char *key = call_bearer(call);
  Answer *answer = NULL;
  bool is_known = key != NULL && key[0] != '\0' && strcmp(key, "wrong") != 0;
  if (!is_known)
    answer = refuse(401, "invalid_request_error", "invalid_api_key", "Incorrect API key provided.");
  else if (strcmp(call->asked->method, "POST") == 0)
    answer = answer_call(call);
  else if (g_str_has_suffix(call->path, "/models"))
    answer = list_models();
  else
    answer = refuse(404, "invalid_request_error", NULL, "Unknown request URL.");
  answer->is_authorized = is_known;
  return answer;
}

const Protocol openai_protocol = {.name = "openai", .post_path = "/chat/completions", .answer = answer_openai};
