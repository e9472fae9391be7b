/*
 * A language model behind OpenAI's interface: https://platform.openai.com/docs/api-reference/chat/create,
 * /docs/guides/structured-outputs, /docs/guides/rate-limits. It thinks nothing: what it answers is cut from what it is told.
 * An address with "without-NAME" in its path is of an endpoint that refuses the parameter NAME, as smaller ones do.
 */
#include "chat.h"

#include "base/json.h"

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

static bool
lacks(const Call *call, const char *name)
{
  g_autofree char *part = g_strconcat("/without-", name, "/", NULL);
  return strstr(call->path, part) != NULL;
}

/* Returns: (transfer full) (nullable): what is wrong with a parameter that the endpoint does not take */
static char *
find_unsupported(const Call *call, const json_t *request)
{
  static const char *const NAMES[] = {"max_completion_tokens", "reasoning_effort", "response_format"};
  const char *format = json_read_text(json_object_get(request, "response_format"), "type");
  for (size_t i = 0; i < G_N_ELEMENTS(NAMES); i++)
    if (json_object_get(request, NAMES[i]) != NULL && lacks(call, NAMES[i]))
      return g_strdup_printf("Unsupported parameter: '%s' is not supported with this model.", NAMES[i]);
  if (format != NULL && lacks(call, format))
    return g_strdup_printf("Invalid parameter: 'response_format' of type '%s' is not supported with this model.", format);
  return NULL;
}

/* Returns: (transfer full) (nullable): the schema that a message tells in words */
static json_t *
find_told_schema(const json_t *messages)
{
  size_t index;
  json_t *message;
  json_array_foreach(messages, index, message)
  {
    const char *content = json_read_text(message, "content");
    const char *told = content != NULL ? strstr(content, "JSON Schema: {") : NULL;
    if (told != NULL)
      return json_loads(strchr(told, '{'), JSON_DISABLE_EOF_CHECK, NULL);
  }
  return NULL;
}

/* @told: (nullable): the schema that is told in words. Returns: (nullable): what is wrong */
static const char *
read_chat(const json_t *request, const json_t *told, Chat *chat)
{
  if (!json_is_object(request))
    return "We could not parse the JSON body of your request.";
  chat->model = json_read_text(request, "model");
  if (chat->model == NULL || chat->model[0] == '\0')
    return "You must provide a model parameter.";
  const json_t *format = json_object_get(request, "response_format");
  chat->schema = told;
  if (g_strcmp0(json_read_text(format, "type"), "json_schema") == 0) {
    chat->schema = json_object_get(json_object_get(format, "json_schema"), "schema");
    if (!json_is_object(chat->schema))
      return "Missing required parameter: 'response_format.json_schema.schema'.";
  }
  chat->max_tokens = json_read_int(request, "max_completion_tokens", json_read_int(request, "max_tokens", INT32_MAX));
  if (chat->max_tokens < 1)
    return "'max_completion_tokens' must be at least 1.";
  return chat_read_messages(chat, json_object_get(request, "messages"));
}

/* A model that was told in words alone how to answer says more than that. Returns: (transfer full) */
static char *
dress(const Call *call, const Completion *completion)
{
  bool is_plain = completion->value == NULL || completion->is_cut;
  if (is_plain || (!lacks(call, "json_object") && !lacks(call, "response_format")))
    return g_strdup(completion->content);
  return g_strdup_printf("<think>So {this} it is.</think>Here you are:\n```json\n%s\n```\nDoes that help?",
                         completion->content);
}

static Answer *
write_completion(const Call *call, const Chat *chat, const Completion *completion)
{
  g_autofree char *content = dress(call, completion);
  g_autofree char *id = g_strdup_printf("chatcmpl-%.24s", completion->seed);
  g_autoptr(json_t) choice = json_pack("{s:i, s:{s:s, s:s, s:n}, s:s}", "index", 0, "message", "role", "assistant", "content",
                                       content, "refusal", "finish_reason", completion->is_cut ? "length" : "stop");
  int64_t total = completion->input_tokens + completion->output_tokens;
  g_autoptr(json_t) usage =
      json_pack("{s:I, s:I, s:I}", "prompt_tokens", (json_int_t) completion->input_tokens, "completion_tokens",
                (json_int_t) completion->output_tokens, "total_tokens", (json_int_t) total);
  int64_t created_s = world_day_ms(call->world, world_day(call->world)) / 1000;
  g_autoptr(json_t) json = json_pack("{s:s, s:s, s:I, s:s, s:[O], s:O}", "id", id, "object", "chat.completion", "created",
                                     (json_int_t) created_s, "model", chat->model, "choices", choice, "usage", usage);
  return answer_json(200, json);
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
refuse_for(const char *what, const char *message, int64_t wait_ms)
{
  g_autofree char *retry_ms = g_strdup_printf("%" G_GINT64_FORMAT, wait_ms);
  Answer *answer = refuse(429, what, "rate_limit_exceeded", message);
  answer_set_header(answer, "retry-after-ms", retry_ms);
  return answer;
}

static const ChatLanguage LANGUAGE = {.write = write_completion, .refuse = refuse_for, .tell = tell_quota};

static Answer *
answer_call(Call *call)
{
  g_autoptr(json_t) request = json_loadb(call->asked->body->str, call->asked->body->len, 0, NULL);
  g_autoptr(json_t) told = find_told_schema(json_object_get(request, "messages"));
  g_autoptr(GString) text = g_string_new(NULL);
  Chat chat = {.text = text};
  const char *problem = read_chat(request, told, &chat);
  g_autofree char *unsupported = problem == NULL ? find_unsupported(call, request) : NULL;
  if (problem != NULL || unsupported != NULL)
    return refuse_request(problem != NULL ? problem : unsupported);
  if (strcmp(chat.model, "wrong") == 0)
    return refuse(404, "invalid_request_error", "model_not_found", "The model 'wrong' does not exist.");
  return chat_answer(call, &chat, &LANGUAGE);
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
