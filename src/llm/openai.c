/*
 * Chat completions, as OpenAI and many others serve them (https://platform.openai.com/docs/api-reference/chat).
 */
#include "base/error.h"
#include "base/json.h"
#include "base/text.h"
#include "base/url.h"
#include "llm/provider.h"

#include <arpa/inet.h>
#include <string.h>

typedef struct {
  char *base_url;
  char *model;
  char *reasoning_effort;
  int64_t in_flight;
  int64_t requests_per_minute;
  int64_t tokens_per_minute;
  int64_t max_output_tokens;
  int64_t input_price;
  int64_t output_price;
  char *key;
} OpenaiOptions;

#define AUTH "openai"

enum {
  MAX_MODEL_BYTES = 100,
  MAX_EFFORT_BYTES = 20,
  MAX_MESSAGE_CHARS = 200,
  MAX_REPLY_BYTES = 256 * 1024,
  MS_A_MINUTE = 60 * 1000
};

enum { HTTP_UNAUTHORIZED = 401, HTTP_FORBIDDEN = 403 };

static const char *
check_model(const char *text)
{
  bool is_name = strlen(text) <= MAX_MODEL_BYTES;
  for (const char *byte = text; *byte != '\0'; byte++)
    is_name = is_name && g_ascii_isgraph(*byte) && strchr("\"\\", *byte) == NULL;
  return is_name ? NULL : "is no model's name";
}

static const char *
check_effort(const char *text)
{
  bool is_word = strlen(text) <= MAX_EFFORT_BYTES && text[strspn(text, "abcdefghijklmnopqrstuvwxyz")] == '\0';
  return is_word ? NULL : "is no effort such as \"minimal\"";
}

static const Option OPTIONS[] = {
    {.name = "base_url",
     .type = OPTION_URL,
     .fallback = "https://api.openai.com/v1",
     .offset = offsetof(OpenaiOptions, base_url),
     .environment = "OPENAI_BASE_URL",
     .help = "where it is asked: OpenAI, or whoever speaks its language, such as http://localhost:11434/v1"},
    {.name = "model",
     .type = OPTION_TEXT,
     .fallback = "gpt-5-nano",
     .offset = offsetof(OpenaiOptions, model),
     .check = check_model,
     .help = "which model"},
    {.name = "reasoning_effort",
     .type = OPTION_TEXT,
     .fallback = "",
     .offset = offsetof(OpenaiOptions, reasoning_effort),
     .check = check_effort,
     .help = "how long a model that reasons may do so, such as minimal; nothing for models that do not"},
    {.name = "in_flight",
     .type = OPTION_INT,
     .fallback = "128",
     .offset = offsetof(OpenaiOptions, in_flight),
     .min = 1,
     .max = 1024,
     .help = "calls at the same time"},
    {.name = "requests_per_minute",
     .type = OPTION_INT,
     .fallback = "500",
     .offset = offsetof(OpenaiOptions, requests_per_minute),
     .max = 1000 * 1000,
     .help = "calls in any 60 seconds; 0 for no limit but the endpoint's own"},
    {.name = "tokens_per_minute",
     .type = OPTION_INT,
     .fallback = "200000",
     .offset = offsetof(OpenaiOptions, tokens_per_minute),
     .max = 1e9,
     .help = "tokens in any 60 seconds; 0 for no limit but the endpoint's own"},
    {.name = "max_output_tokens",
     .type = OPTION_INT,
     .fallback = "4000",
     .offset = offsetof(OpenaiOptions, max_output_tokens),
     .min = 100,
     .max = 1000 * 1000,
     .help = "the longest answer, what a model reasons before it included; this much is set aside of the budget"},
    {.name = "input_price",
     .type = OPTION_MONEY,
     .fallback = "",
     .offset = offsetof(OpenaiOptions, input_price),
     .max = 1e6,
     .help = "dollars a million tokens asked, 0 for a model that is free; nothing for what is known of the model"},
    {.name = "output_price",
     .type = OPTION_MONEY,
     .fallback = "",
     .offset = offsetof(OpenaiOptions, output_price),
     .max = 1e6,
     .help = "dollars a million tokens answered"},
    {.name = "key",
     .type = OPTION_TEXT,
     .is_secret = true,
     .fallback = "",
     .offset = offsetof(OpenaiOptions, key),
     .environment = "OPENAI_API_KEY",
     .help = "API key"},
    {0},
};

static bool
has_key(const OpenaiOptions *options)
{
  return *options->key != '\0';
}

/* Private ranges: RFC 1918, RFC 4193; loopback and link-local ones: RFC 6890. */
static bool
is_local(const char *host)
{
  struct in_addr four;
  struct in6_addr six;
  if (inet_pton(AF_INET, host, &four) == 1) {
    uint32_t address = ntohl(four.s_addr);
    return address >> 24 == 127 || address >> 24 == 10 || address >> 20 == 0xAC1 || address >> 16 == 0xC0A8 ||
           address >> 16 == 0xA9FE;
  }
  g_autofree char *bare = g_str_has_prefix(host, "[") ? g_strndup(host + 1, strcspn(host + 1, "]")) : g_strdup(host);
  if (inet_pton(AF_INET6, bare, &six) == 1)
    return IN6_IS_ADDR_LOOPBACK(&six) || IN6_IS_ADDR_LINKLOCAL(&six) || (six.s6_addr[0] & 0xFE) == 0xFC;
  return strchr(host, '.') == NULL || g_str_has_suffix(host, ".localhost") || g_str_has_suffix(host, ".local") ||
         g_str_has_suffix(host, ".internal");
}

static ProviderTerms
read_terms(const void *options)
{
  const OpenaiOptions *own = options;
  return (ProviderTerms){own->model, own->input_price, own->output_price, own->max_output_tokens};
}

static bool
check(const void *options, GError **error)
{
  const OpenaiOptions *own = options;
  g_autofree char *host = url_host(own->base_url);
  if (has_key(own) || is_local(host))
    return true;
  error_set(error, ERROR_CONFIG, "llm.openai: OPENAI_API_KEY is not set, and %s wants a key; set it in the environment", host);
  return false;
}

/* Returns: (transfer full): the address of @path, whether the configured one ends in a slash or not */
static char *
make_url(const OpenaiOptions *options, const char *path)
{
  g_autofree char *base = g_strdup(options->base_url);
  for (size_t length = strlen(base); length > 0 && base[length - 1] == '/'; length--)
    base[length - 1] = '\0';
  return g_strconcat(base, "/", path, NULL);
}

static Service *
make_service(const void *options)
{
  const OpenaiOptions *own = options;
  Service *service = service_new(make_url(own, ""));
  service->requests = own->requests_per_minute;
  service->tokens = own->tokens_per_minute;
  service->window_ms = MS_A_MINUTE;
  service->in_flight = own->in_flight;
  if (has_key(own)) {
    service->auth = g_strdup(AUTH);
    service->credential = CREDENTIAL_BEARER;
    service->secret = g_strdup(own->key);
  }
  return service;
}

/* Returns: (transfer full) (nullable): a JSON object, of which @reply is @what */
static json_t *
read_object(const Reply *reply, GError **error)
{
  if (reply->body_length > MAX_REPLY_BYTES) {
    error_set(error, ERROR_BAD_DATA, "the reply is longer than %d bytes", MAX_REPLY_BYTES);
    return NULL;
  }
  json_t *root = json_parse(reply->body, reply->body_length, NULL, error);
  if (root == NULL)
    g_prefix_error(error, "the reply is no JSON: ");
  return root;
}

static bool
read_usage(const Reply *reply, int64_t *ret_input_tokens, int64_t *ret_output_tokens)
{
  g_autoptr(json_t) root = read_object(reply, NULL);
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
make_messages(const Prompt *prompt, const char *problem)
{
  json_t *messages = json_array();
  add_message(messages, "system", prompt->system);
  add_message(messages, "user", prompt->user);
  g_autofree char *repair =
      problem != NULL ? g_strconcat("Your first answer could not be used: ", problem, ". Answer again, in full.", NULL) : NULL;
  if (repair != NULL)
    add_message(messages, "user", repair);
  return messages;
}

/* No temperature is sent: models that reason refuse it. */
static Request *
make_request(const void *options, const Prompt *prompt, const char *problem)
{
  const OpenaiOptions *own = options;
  const char *effort = *own->reasoning_effort != '\0' ? own->reasoning_effort : NULL;
  g_autoptr(json_t) body =
      json_pack("{ss so sI ss* s{ss s{ss sb sO}}}", "model", own->model, "messages", make_messages(prompt, problem),
                "max_completion_tokens", (json_int_t) own->max_output_tokens, "reasoning_effort", effort, "response_format",
                "type", "json_schema", "json_schema", "name", "story", "strict", true, "schema", prompt->schema);
  g_assert(body != NULL);
  g_autofree char *url = make_url(own, "chat/completions");
  Request *request = request_new(REQUEST_LLM, url);
  request->auth = has_key(own) ? g_strdup(AUTH) : NULL;
  request->headers = g_ptr_array_new_with_free_func(g_free);
  g_ptr_array_add(request->headers, g_strdup("Content-Type: application/json"));
  request->body = json_write(body);
  request->expense = g_new0(Expense, 1);
  request->expense->model = g_strdup(own->model);
  request->expense->input_tokens = (int64_t) strlen(request->body);
  request->expense->output_tokens = own->max_output_tokens;
  request->expense->read_usage = read_usage;
  return request;
}

/* @words: a stranger's */
static char *
quote(const char *words)
{
  g_autofree char *line = text_clean_line(words, strlen(words));
  return text_truncate(line, MAX_MESSAGE_CHARS);
}

/* Returns: whether the reply is an answer that ended as it should */
static bool
check_end(const json_t *root, const json_t *choice, GError **error)
{
  const char *message = json_read_text(json_object_get(root, "error"), "message");
  const char *refusal = json_read_text(json_object_get(choice, "message"), "refusal");
  const char *reason = json_read_text(choice, "finish_reason");
  bool is_refused = refusal != NULL && *refusal != '\0';
  g_autofree char *words = quote(is_refused ? refusal : message != NULL ? message : "");
  if (is_refused)
    error_set(error, ERROR_REJECTED, "the model refused: %s", words);
  else if (g_strcmp0(reason, "content_filter") == 0)
    error_set(error, ERROR_REJECTED, "the endpoint's content filter cut the answer off");
  else if (g_strcmp0(reason, "length") == 0)
    error_set(error, ERROR_BAD_DATA, "the answer was cut off; raise llm.openai.max_output_tokens");
  else if (message != NULL)
    error_set(error, ERROR_BAD_DATA, "the endpoint says: %s", words);
  else
    return true;
  return false;
}

/* Returns: (transfer full): the object in @content, without the fence or the words that some models put around it */
static char *
take_object(const char *content)
{
  const char *first = strchr(content, '{');
  const char *last = strrchr(content, '}');
  return first != NULL && last > first ? g_strndup(first, (size_t) (last - first) + 1) : g_strdup(content);
}

static char *
read_answer(const Reply *reply, GError **error)
{
  if (reply->error != NULL) {
    bool is_key = reply->status == HTTP_UNAUTHORIZED || reply->status == HTTP_FORBIDDEN;
    g_propagate_prefixed_error(error, g_error_copy(reply->error), "%s", is_key ? "is OPENAI_API_KEY still good? " : "");
    return NULL;
  }
  g_autoptr(json_t) root = read_object(reply, error);
  if (root == NULL)
    return NULL;
  const json_t *choice = json_array_get(json_object_get(root, "choices"), 0);
  if (!check_end(root, choice, error))
    return NULL;
  const char *content = json_read_text(json_object_get(choice, "message"), "content");
  if (content == NULL || content[strspn(content, " \t\r\n")] == '\0') {
    error_set(error, ERROR_BAD_DATA, "the answer is empty");
    return NULL;
  }
  return take_object(content);
}

const Provider openai_provider = {
    .section = {"openai", OPTIONS, sizeof(OpenaiOptions)},
    .terms = read_terms,
    .check = check,
    .service = make_service,
    .request = make_request,
    .read_answer = read_answer,
};
