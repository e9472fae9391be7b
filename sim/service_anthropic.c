/*
 * A language model behind Anthropic's interface: https://platform.claude.com/docs/en/api/messages, /api/rate-limits,
 * /build-with-claude/structured-outputs. Models whose name begins with "claude-3" know of no output_config, as the real ones;
 * all others take no forced call of a tool.
 */
#include "chat.h"

#include "base/json.h"
#include "base/time.h"

static Answer *
refuse(unsigned status, const char *type, const char *message)
{
  g_autoptr(json_t) json = json_pack("{s:s, s:{s:s, s:s}, s:s}", "type", "error", "error", "type", type, "message", message,
                                     "request_id", "req_sim");
  return answer_json(status, json);
}

static Answer *
refuse_request(const char *message)
{
  return refuse(400, "invalid_request_error", message);
}

static bool
has_tool(const json_t *request)
{
  return json_object_get(request, "tool_choice") != NULL;
}

/* Returns: (nullable): what is wrong */
static const char *
read_output(const json_t *request, Chat *chat)
{
  bool is_old = g_str_has_prefix(chat->model, "claude-3");
  const json_t *output = json_object_get(request, "output_config");
  const json_t *format = json_object_get(output, "format");
  if (output != NULL && is_old)
    return "output_config: Extra inputs are not permitted";
  if (has_tool(request) && !is_old)
    return "tool_choice: forced tool use is not supported for this model.";
  if (has_tool(request))
    chat->schema = json_object_get(json_array_get(json_object_get(request, "tools"), 0), "input_schema");
  if (format != NULL)
    chat->schema = json_object_get(format, "schema");
  if ((has_tool(request) || format != NULL) && !json_is_object(chat->schema))
    return "output_config.format.schema: Field required";
  return NULL;
}

/* Returns: (nullable): what is wrong */
static const char *
read_chat(const json_t *request, Chat *chat)
{
  if (!json_is_object(request))
    return "The request body is not valid JSON.";
  chat->model = json_read_text(request, "model");
  if (chat->model == NULL || chat->model[0] == '\0')
    return "model: Field required";
  chat->max_tokens = json_read_int(request, "max_tokens", 0);
  if (chat->max_tokens < 1)
    return "max_tokens: Field required";
  const char *problem = read_output(request, chat);
  return problem != NULL ? problem : chat_read_messages(chat, json_object_get(request, "messages"));
}

/* A call of the tool, or words; what was thought stands before it. */
static json_t *
write_content(const Completion *completion, bool is_called)
{
  json_t *thought = json_pack("{s:s, s:s, s:s}", "type", "thinking", "thinking", "Is {it} so?", "signature", "c2lt");
  if (is_called)
    return json_pack("[o, {s:s, s:s, s:s, s:O}]", thought, "type", "tool_use", "id", "toolu_sim", "name", "answer", "input",
                     completion->value);
  return json_pack("[o, {s:s, s:s}]", thought, "type", "text", "text", completion->content);
}

static Answer *
write_message(const Call *call, const Chat *chat, const Completion *completion)
{
  g_autoptr(json_t) request = json_loadb(call->asked->body->str, call->asked->body->len, 0, NULL);
  bool is_called = has_tool(request) && !completion->is_cut;
  const char *reason = completion->is_cut ? "max_tokens" : is_called ? "tool_use" : "end_turn";
  g_autofree char *id = g_strdup_printf("msg_%.24s", completion->seed);
  g_autoptr(json_t) usage =
      json_pack("{s:I, s:i, s:i, s:I}", "input_tokens", (json_int_t) completion->input_tokens, "cache_creation_input_tokens", 0,
                "cache_read_input_tokens", 0, "output_tokens", (json_int_t) completion->output_tokens);
  g_autoptr(json_t) json = json_pack("{s:s, s:s, s:s, s:s, s:o, s:s, s:n, s:O}", "id", id, "type", "message", "role",
                                     "assistant", "model", chat->model, "content", write_content(completion, is_called),
                                     "stop_reason", reason, "stop_sequence", "usage", usage);
  return answer_json(200, json);
}

static Answer *
refuse_for(const char *what, const char *message, int64_t wait_ms)
{
  (void) what;
  (void) wait_ms;
  return refuse(429, "rate_limit_error", message);
}

static void
tell_quota(const Call *call, Answer *answer, const char *what, const Quota *quota)
{
  (void) call;
  g_autofree char *limit = g_strdup_printf("%" G_GINT64_FORMAT, quota->limit);
  g_autofree char *remaining = g_strdup_printf("%" G_GINT64_FORMAT, quota->limit - quota->used);
  g_autofree char *reset = time_format((quota->reset_ms + 999) / 1000 * 1000);
  const char *const told[][2] = {{"limit", limit}, {"remaining", remaining}, {"reset", reset}};
  for (size_t i = 0; i < G_N_ELEMENTS(told); i++) {
    g_autofree char *name = g_strdup_printf("anthropic-ratelimit-%s-%s", what, told[i][0]);
    answer_set_header(answer, name, told[i][1]);
  }
}

static const ChatLanguage LANGUAGE = {.write = write_message, .refuse = refuse_for, .tell = tell_quota};

static Answer *
answer_call(Call *call)
{
  g_autoptr(json_t) request = json_loadb(call->asked->body->str, call->asked->body->len, 0, NULL);
  g_autoptr(GString) text = g_string_new(NULL);
  Chat chat = {.text = text};
  const char *problem = read_chat(request, &chat);
  if (problem != NULL)
    return refuse_request(problem);
  if (strcmp(chat.model, "wrong") == 0)
    return refuse(404, "not_found_error", "model: wrong");
  return chat_answer(call, &chat, &LANGUAGE);
}

static Answer *
list_models(void)
{
  g_autoptr(json_t) json = json_pack("{s:[{s:s, s:s, s:s}], s:b}", "data", "type", "model", "id", "claude-haiku-5-5",
                                     "display_name", "Claude Haiku 5.5", "has_more", false);
  return answer_json(200, json);
}

static Answer *
answer_anthropic(Call *call)
{
  const char *key = call->asked->api_key;
  Answer *answer = NULL;
  bool is_known = key != NULL && key[0] != '\0' && strcmp(key, "wrong") != 0;
  if (!is_known)
    answer = refuse(401, "authentication_error", "invalid x-api-key");
  else if (g_strcmp0(call->asked->version, "2023-06-01") != 0)
    answer = refuse_request("anthropic-version: header is required");
  else if (strcmp(call->asked->method, "POST") == 0)
    answer = answer_call(call);
  else if (g_str_has_suffix(call->path, "/v1/models"))
    answer = list_models();
  else
    answer = refuse(404, "not_found_error", "Not Found");
  answer->is_authorized = is_known;
  return answer;
}

const Protocol anthropic_protocol = {.name = "anthropic", .post_path = "/v1/messages", .answer = answer_anthropic};
