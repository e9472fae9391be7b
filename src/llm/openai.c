/*
 * Chat completions, as OpenAI and many others serve them (https://platform.openai.com/docs/api-reference/chat).
 */
#include "base/error.h"
#include "base/json.h"
#include "llm/answer.h"
#include "llm/endpoint.h"
#include "model/refusal.h"

#include <string.h>

#define ENDPOINT_KEY      "OPENAI_API_KEY"
#define ENDPOINT_REQUESTS "500"
#define ENDPOINT_TOKENS   "200000"

static const Endpoint ENDPOINT = {
    .provider = "openai",
    .key = ENDPOINT_KEY,
    .version = "",
    .credential = CREDENTIAL_BEARER,
};

static const Option OPTIONS[] = {
    {.name = "base_url",
     .type = OPTION_URL,
     .fallback = "https://api.openai.com/v1",
     .offset = offsetof(EndpointOptions, base_url),
     .environment = "OPENAI_BASE_URL",
     .help = "where it is asked: OpenAI, or whoever speaks its language, such as http://localhost:11434/v1"},
    {.name = "model",
     .type = OPTION_TEXT,
     .fallback = "gpt-5-nano",
     .offset = offsetof(EndpointOptions, model),
     .check = endpoint_check_model,
     .help = "which model"},
#include "llm/endpoint_options.def"
    {0},
};

/* How those who speak the language name what they do not take. */
static const LackWord LACK_WORDS[] = {
    {"max_completion_tokens", {LACKS_COMPLETION_TOKENS}},
    {"reasoning_effort", {LACKS_EFFORT}},
    {"reasoning effort", {LACKS_EFFORT}},
    {"reasoning.effort", {LACKS_EFFORT}},
    {"response_format", {LACKS_SCHEMA, LACKS_JSON}},
    {"response format", {LACKS_SCHEMA, LACKS_JSON}},
    {"json_schema", {LACKS_SCHEMA, LACKS_JSON}},
    {"json schema", {LACKS_SCHEMA, LACKS_JSON}},
    {"json_object", {LACKS_SCHEMA, LACKS_JSON}},
    {"json mode", {LACKS_SCHEMA, LACKS_JSON}},
    {"structured output", {LACKS_SCHEMA, LACKS_JSON}},
    {"grammar", {LACKS_SCHEMA, LACKS_JSON}},
    {0},
};

static bool
check(const void *options, GError **error)
{
  return endpoint_check(&ENDPOINT, options, error);
}

static Service *
make_service(const void *options)
{
  return endpoint_service(&ENDPOINT, options);
}

static Request *
make_probe(const void *options)
{
  return endpoint_probe(&ENDPOINT, options);
}

static bool
read_usage(const Reply *reply, int64_t *ret_input_tokens, int64_t *ret_output_tokens)
{
  g_autoptr(json_t) root = answer_chat_root(reply, NULL);
  const json_t *usage = json_object_get(root, "usage");
  int64_t input = json_read_int(usage, "prompt_tokens", -1);
  int64_t output = json_read_int(usage, "completion_tokens", -1);
  if (input < 0 || output < 0)
    return false;
  *ret_input_tokens = input;
  *ret_output_tokens = output;
  return true;
}

static void
add_message(json_t *messages, const char *role, const char *content)
{
  json_array_append_new(messages, json_pack("{ss ss}", "role", role, "content", content));
}

static json_t *
make_messages(const Prompt *prompt, const char *problem, unsigned lacks)
{
  json_t *messages = json_array();
  g_autofree char *system = answer_system(prompt, (lacks & LACKS_SCHEMA) != 0);
  g_autofree char *repair = answer_repair(problem);
  add_message(messages, "system", system);
  add_message(messages, "user", prompt->user);
  if (repair != NULL)
    add_message(messages, "user", repair);
  return messages;
}

/* Returns: (nullable): how the answer is to look */
static json_t *
make_format(const Prompt *prompt, unsigned lacks)
{
  if ((lacks & LACKS_SCHEMA) == 0)
    return json_pack("{ss s{ss sb sO}}", "type", "json_schema", "json_schema", "name", "story", "strict", true, "schema",
                     prompt->schema);
  return (lacks & LACKS_JSON) == 0 ? json_pack("{ss}", "type", "json_object") : NULL;
}

/* Those that people run themselves know the older name, and some pass over the newer in silence: Ollama does. */
static const char *
name_limit(const EndpointOptions *options, unsigned lacks)
{
  bool is_older = (lacks & LACKS_COMPLETION_TOKENS) != 0 || endpoint_is_local(options);
  return is_older ? "max_tokens" : "max_completion_tokens";
}

/* No temperature is sent: models that reason refuse it. */
static Request *
make_request(const void *options, const Prompt *prompt, const char *problem, unsigned lacks)
{
  const EndpointOptions *own = options;
  g_autoptr(json_t) body =
      json_pack("{ss so sI ss* so*}", "model", own->model, "messages", make_messages(prompt, problem, lacks),
                name_limit(own, lacks), (json_int_t) own->max_output_tokens, "reasoning_effort", endpoint_effort(own, lacks),
                "response_format", make_format(prompt, lacks));
  g_assert(body != NULL);
  return endpoint_call(&ENDPOINT, own, "chat/completions", body, read_usage);
}

static unsigned
read_lacks(const void *options, const Reply *reply, unsigned lacks)
{
  return endpoint_lacks(options, reply, lacks, LACK_WORDS);
}

/* Returns: whether the reply is an answer that ended as it should */
static bool
check_end(const json_t *root, const json_t *choice, GError **error)
{
  const char *refusal = json_read_text(json_object_get(choice, "message"), "refusal");
  const char *reason = json_read_text(choice, "finish_reason");
  bool is_refused = refusal != NULL && *refusal != '\0';
  g_autofree char *said = is_refused ? refusal_words(refusal) : refusal_find(root);
  g_autofree char *words = said != NULL ? g_steal_pointer(&said) : refusal_find(choice);
  if (is_refused)
    error_set(error, ERROR_REJECTED, "the model refused: %s", words);
  else if (g_strcmp0(reason, "content_filter") == 0)
    error_set(error, ERROR_REJECTED, "the endpoint's content filter cut the answer off");
  else if (g_strcmp0(reason, "length") == 0 || g_strcmp0(reason, "max_tokens") == 0)
    error_set(error, ERROR_BAD_DATA, "the answer was cut off; raise llm.openai.max_output_tokens");
  else if (words != NULL)
    error_set(error, ERROR_BAD_DATA, "the endpoint says: %s", words);
  else
    return true;
  return false;
}

static char *
read_answer(const Reply *reply, GError **error)
{
  if (endpoint_fail(&ENDPOINT, reply, error))
    return NULL;
  g_autoptr(json_t) root = answer_chat_root(reply, error);
  if (root == NULL)
    return NULL;
  const json_t *choice = json_array_get(json_object_get(root, "choices"), 0);
  if (!check_end(root, choice, error))
    return NULL;
  g_autofree char *content = answer_text(json_object_get(json_object_get(choice, "message"), "content"));
  if (content == NULL || content[strspn(content, " \t\r\n")] == '\0') {
    error_set(error, ERROR_BAD_DATA, "the answer is empty");
    return NULL;
  }
  return answer_object(content);
}

const Provider openai_provider = {
    .section = {"openai", OPTIONS, sizeof(EndpointOptions)},
    .terms = endpoint_terms,
    .check = check,
    .service = make_service,
    .probe = make_probe,
    .request = make_request,
    .read_lacks = read_lacks,
    .read_answer = read_answer,
};
