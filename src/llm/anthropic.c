/*
 * Messages, as Anthropic serves them (https://platform.claude.com/docs/en/api/messages). The answer's schema is told by
 * output_config.format; models before Claude 4.5 do not know that, and answer by a call of a tool that there is not, whose
 * input has the schema. Later ones refuse to be forced to call one.
 */
#include "base/error.h"
#include "base/json.h"
#include "llm/answer.h"
#include "llm/endpoint.h"
#include "model/refusal.h"

#include <string.h>

#define ENDPOINT_KEY      "ANTHROPIC_API_KEY"
#define ENDPOINT_REQUESTS "50"
#define ENDPOINT_TOKENS   "0"
#define TOOL              "answer"

static const Endpoint ENDPOINT = {
    .provider = "anthropic",
    .key = ENDPOINT_KEY,
    .version = "/v1",
    .credential = CREDENTIAL_API_KEY,
    .header = "anthropic-version: 2023-06-01",
};

static const Option OPTIONS[] = {
    {.name = "base_url",
     .type = OPTION_URL,
     .fallback = "https://api.anthropic.com",
     .offset = offsetof(EndpointOptions, base_url),
     .environment = "ANTHROPIC_BASE_URL",
     .help = "where it is asked: Anthropic, or whoever serves its messages"},
    {.name = "model",
     .type = OPTION_TEXT,
     .fallback = "claude-haiku-5-5",
     .offset = offsetof(EndpointOptions, model),
     .check = endpoint_check_model,
     .help = "which model"},
#include "llm/endpoint_options.def"
    {0},
};

static const LackWord LACK_WORDS[] = {
    {"effort", {LACKS_EFFORT}},
    {"output_format", {LACKS_SCHEMA}},
    {"output_config", {LACKS_SCHEMA, LACKS_EFFORT}},
    {"structured output", {LACKS_SCHEMA}},
    {"json_schema", {LACKS_SCHEMA}},
    {"tool", {LACKS_JSON}},
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

/* What is written to a cache or read from one stands apart. Nothing of ours is: no price of it needs to be known. */
static bool
read_usage(const Reply *reply, int64_t *ret_input_tokens, int64_t *ret_output_tokens)
{
  g_autoptr(json_t) root = answer_root(reply, NULL);
  const json_t *usage = json_object_get(root, "usage");
  int64_t input = json_read_int(usage, "input_tokens", -1);
  int64_t written = json_read_int(usage, "cache_creation_input_tokens", 0);
  int64_t read = json_read_int(usage, "cache_read_input_tokens", 0);
  int64_t output = json_read_int(usage, "output_tokens", -1);
  if (input < 0 || output < 0 || MAX(input, MAX(written, read)) > INT32_MAX)
    return false;
  *ret_input_tokens = input + MAX(written, 0) + MAX(read, 0);
  *ret_output_tokens = output;
  return true;
}

/* Returns: (nullable): how the answer is to look, and how long the model may reason */
static json_t *
make_output(const EndpointOptions *options, const Prompt *prompt, unsigned lacks)
{
  const char *effort = endpoint_effort(options, lacks);
  json_t *format = (lacks & LACKS_SCHEMA) == 0 ? json_pack("{ss sO}", "type", "json_schema", "schema", prompt->schema) : NULL;
  return format != NULL || effort != NULL ? json_pack("{ss* so*}", "effort", effort, "format", format) : NULL;
}

static void
force_tool(json_t *body, const Prompt *prompt)
{
  json_object_set_new(
      body, "tools",
      json_pack("[{ss ss sO}]", "name", TOOL, "description", "Takes the answer.", "input_schema", prompt->schema));
  json_object_set_new(body, "tool_choice", json_pack("{ss ss}", "type", "tool", "name", TOOL));
}

/* Turns of the user's that follow each other are one to the model. */
static json_t *
make_messages(const Prompt *prompt, const char *problem)
{
  g_autofree char *repair = answer_repair(problem);
  json_t *messages = json_pack("[{ss ss}]", "role", "user", "content", prompt->user);
  if (repair != NULL)
    json_array_append_new(messages, json_pack("{ss ss}", "role", "user", "content", repair));
  return messages;
}

static Request *
make_request(const void *options, const Prompt *prompt, const char *problem, unsigned lacks)
{
  const EndpointOptions *own = options;
  bool is_alone = (lacks & LACKS_SCHEMA) != 0 && (lacks & LACKS_JSON) != 0;
  g_autofree char *system = answer_system(prompt, is_alone);
  g_autoptr(json_t) body =
      json_pack("{ss sI ss so so*}", "model", own->model, "max_tokens", (json_int_t) own->max_output_tokens, "system", system,
                "messages", make_messages(prompt, problem), "output_config", make_output(own, prompt, lacks));
  g_assert(body != NULL);
  if ((lacks & LACKS_SCHEMA) != 0 && !is_alone)
    force_tool(body, prompt);
  return endpoint_call(&ENDPOINT, own, "messages", body, read_usage);
}

static unsigned
read_lacks(const void *options, const Reply *reply, unsigned lacks)
{
  return endpoint_lacks(options, reply, lacks, LACK_WORDS);
}

/* Returns: whether the reply is an answer that ended as it should */
static bool
check_end(const json_t *root, GError **error)
{
  const char *reason = json_read_text(root, "stop_reason");
  g_autofree char *words = refusal_find(root);
  if (words != NULL)
    error_set(error, ERROR_BAD_DATA, "the endpoint says: %s", words);
  else if (g_strcmp0(reason, "refusal") == 0)
    error_set(error, ERROR_REJECTED, "the model refused");
  else if (g_strcmp0(reason, "max_tokens") == 0 || g_strcmp0(reason, "model_context_window_exceeded") == 0)
    error_set(error, ERROR_BAD_DATA, "the answer was cut off; raise llm.anthropic.max_output_tokens");
  else
    return true;
  return false;
}

/* Returns: (transfer full) (nullable): what the answering tool was called with */
static char *
find_input(const json_t *content)
{
  for (size_t i = 0; i < json_array_size(content); i++) {
    const json_t *block = json_array_get(content, i);
    if (g_strcmp0(json_read_text(block, "type"), "tool_use") == 0 && json_is_object(json_object_get(block, "input")))
      return json_write(json_object_get(block, "input"));
  }
  return NULL;
}

static char *
read_answer(const Reply *reply, GError **error)
{
  if (endpoint_fail(&ENDPOINT, reply, error))
    return NULL;
  g_autoptr(json_t) root = answer_root(reply, error);
  if (root == NULL || !check_end(root, error))
    return NULL;
  const json_t *content = json_object_get(root, "content");
  char *input = find_input(content);
  if (input != NULL)
    return input;
  g_autofree char *text = answer_text(content);
  if (text == NULL || text[strspn(text, " \t\r\n")] == '\0') {
    error_set(error, ERROR_BAD_DATA, "the answer is empty");
    return NULL;
  }
  return answer_object(text);
}

const Provider anthropic_provider = {
    .section = {"anthropic", OPTIONS, sizeof(EndpointOptions)},
    .terms = endpoint_terms,
    .check = check,
    .service = make_service,
    .probe = make_probe,
    .request = make_request,
    .read_lacks = read_lacks,
    .read_answer = read_answer,
};
