#include "base/error.h"
#include "llm/llm.h"

#include <string.h>

static const char PRICES[] = "claude-haiku-5-5\t0.10\t0.50\n";

/* The options of the provider with @text in the file and @key in the environment. */
static ConfiguredProvider
configure(const char *text, const char *key)
{
  g_autofree char *variable = g_strconcat("ANTHROPIC_API_KEY=", key, NULL);
  const char *const environment[] = {variable, NULL};
  g_autoptr(GError) error = NULL;
  g_autoptr(YamlNode) node = yaml_parse(text, strlen(text), "f", &error);
  g_assert_no_error(error);
  g_autoptr(GPtrArray) problems = g_ptr_array_new_with_free_func(g_free);
  void *values = options_read(&anthropic_provider.section, node, &(OptionReading){"f", "", environment, problems});
  g_assert_cmpuint(problems->len, ==, 0);
  return (ConfiguredProvider){&anthropic_provider.section, values};
}

static void
clear(ConfiguredProvider *configured)
{
  options_free(configured->section, configured->values);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(ConfiguredProvider, clear)

static Prompt *
make_prompt(void)
{
  Prompt *prompt = g_new0(Prompt, 1);
  prompt->system = g_strdup("be good");
  prompt->user = g_strdup("tell all");
  prompt->schema = json_pack("{ss}", "type", "object");
  prompt->urls = g_ptr_array_new();
  return prompt;
}

#define TURN "\"messages\":[{\"content\":\"tell all\",\"role\":\"user\"}],\"model\":\"claude-haiku-5-5\","

static const struct {
  unsigned lacks;
  const char *body;
} BODIES[] = {
    {0, "{\"max_tokens\":700," TURN "\"output_config\":{\"effort\":\"low\",\"format\":{\"schema\":{\"type\":\"object\"},"
        "\"type\":\"json_schema\"}},\"system\":\"be good\"}"},
    {LACKS_EFFORT, "{\"max_tokens\":700," TURN "\"output_config\":{\"format\":{\"schema\":{\"type\":\"object\"},"
                   "\"type\":\"json_schema\"}},\"system\":\"be good\"}"},
    {LACKS_SCHEMA | LACKS_EFFORT,
     "{\"max_tokens\":700," TURN "\"system\":\"be good\",\"tool_choice\":{\"name\":\"answer\",\"type\":\"tool\"},"
     "\"tools\":[{\"description\":\"Takes the answer.\",\"input_schema\":{\"type\":\"object\"},\"name\":\"answer\"}]}"},
    {LACKS_SCHEMA | LACKS_JSON,
     "{\"max_tokens\":700," TURN "\"output_config\":{\"effort\":\"low\"},\"system\":\"be good\\nNothing but the object, which "
     "holds to this JSON Schema: {\\\"type\\\":\\\"object\\\"}\"}"},
};

static void
test_request(void)
{
  g_auto(ConfiguredProvider) configured =
      configure("{base_url: 'https://llm.example/', max_output_tokens: 700, reasoning_effort: low}", "sesame");
  g_autoptr(Llm) llm = llm_new(&configured, PRICES, NULL);
  g_autoptr(Prompt) prompt = make_prompt();
  for (size_t i = 0; i < G_N_ELEMENTS(BODIES); i++) {
    g_autoptr(Request) request = llm_request(llm, prompt, NULL, BODIES[i].lacks);
    g_assert_cmpstr(request->body, ==, BODIES[i].body);
    g_assert_cmpstr(request->url, ==, "https://llm.example/v1/messages");
    g_assert_cmpstr(request->auth, ==, "anthropic");
    g_assert_cmpstr(request->headers->pdata[0], ==, "anthropic-version: 2023-06-01");
    g_assert_cmpstr(request->headers->pdata[1], ==, "Content-Type: application/json");
    g_assert_cmpstr(request->expense->provider, ==, "anthropic");
    g_assert_cmpint(request->expense->output_tokens, ==, 700);
    g_assert_cmpint(request->expense->output_price, ==, 500000);
  }
  g_autoptr(Request) repair = llm_request(llm, prompt, "score is missing", 0);
  g_assert_nonnull(strstr(repair->body,
                          "[{\"content\":\"tell all\",\"role\":\"user\"},{\"content\":\"Your first answer could not be "
                          "used: score is missing. Answer again, in full.\",\"role\":\"user\"}]"));
}

/* The longest prompt is within the bound of requests. What a tool adds, 530 tokens at most, is outweighed by our own words, of
 * which a token is four bytes. */
static void
test_bound(void)
{
  enum { TOOL_TOKENS = 530 };
  g_autofree char *model = g_strnfill(100, 'm');
  g_autofree char *options = g_strdup_printf("{model: %s, input_price: 1, output_price: 1}", model);
  g_auto(ConfiguredProvider) configured = configure(options, "k");
  g_autoptr(Llm) llm = llm_new(&configured, PRICES, NULL);
  g_autofree char *words = g_strnfill(100 * 1000, '"');
  g_autoptr(Story) story = story_new("0123456789abcdef");
  for (int i = 0; i < 500; i++)
    g_ptr_array_add(story->items, item_new());
  g_autoptr(GPtrArray) evidence = g_ptr_array_new();
  g_autoptr(Prompt) prompt = prompt_story(words, story, evidence, evidence);
  for (unsigned lacks = 0; lacks < 16; lacks++) {
    g_autoptr(Request) request = llm_request(llm, prompt, words, lacks);
    g_assert_cmpuint(strlen(request->body), <=, PROMPT_MAX_BODY_BYTES);
  }
  g_assert_cmpuint(strlen(prompt->system) * 3 / 4, >, TOOL_TOKENS);
}

static void
test_service(void)
{
  static const char *const URLS[][2] = {
      {"https://api.anthropic.com", "https://api.anthropic.com/v1/"},
      {"https://api.anthropic.com/v1/", "https://api.anthropic.com/v1/"},
      {"https://gate.example/anthropic", "https://gate.example/anthropic/v1/"},
  };
  for (size_t i = 0; i < G_N_ELEMENTS(URLS); i++) {
    g_autofree char *options = g_strdup_printf("{base_url: '%s'}", URLS[i][0]);
    g_auto(ConfiguredProvider) configured = configure(options, "sesame");
    g_autoptr(Service) service = anthropic_provider.service(configured.values);
    g_assert_cmpstr(service->prefix, ==, URLS[i][1]);
    g_assert_cmpstr(service->auth, ==, "anthropic");
    g_assert_cmpint(service->credential, ==, CREDENTIAL_API_KEY);
    g_assert_cmpstr(service->secret, ==, "sesame");
    g_autoptr(Request) probe = anthropic_provider.probe(configured.values);
    g_autofree char *expected = g_strconcat(URLS[i][1], "models", NULL);
    g_assert_cmpstr(probe->url, ==, expected);
    g_assert_null(probe->body);
    g_assert_null(probe->expense);
    g_assert_true(anthropic_provider.check(configured.values, NULL));
  }
  g_auto(ConfiguredProvider) keyless = configure("{}", "");
  g_autoptr(GError) error = NULL;
  g_assert_false(anthropic_provider.check(keyless.values, &error));
  g_assert_cmpstr(error->message, ==,
                  "llm.anthropic: ANTHROPIC_API_KEY is not set, and api.anthropic.com wants a key; set it in the environment");
}

#define MESSAGE(reason, content) "{\"type\":\"message\",\"stop_reason\":\"" reason "\",\"content\":[" content "]}"
#define THOUGHT                  "{\"type\":\"thinking\",\"thinking\":\"Is {it} so?\",\"signature\":\"x\"}"
#define TEXT(text)               "{\"type\":\"text\",\"text\":\"" text "\"}"
#define USE(input)               "{\"type\":\"tool_use\",\"id\":\"t\",\"name\":\"answer\",\"input\":" input "}"

static const struct {
  const char *body;
  const char *expected;
  int code; /* -1 for an answer */
} REPLIES[] = {
    {MESSAGE("end_turn", TEXT("{\\\"a\\\":1}")), "{\"a\":1}", -1},
    {MESSAGE("end_turn", THOUGHT "," TEXT("Here: {\\\"a\\\":1}!")), "{\"a\":1}", -1},
    {MESSAGE("tool_use", THOUGHT "," USE("{\"b\":2,\"a\":1}")), "{\"a\":1,\"b\":2}", -1},
    {MESSAGE("tool_use", TEXT("I call {it}.") "," USE("{}")), "{}", -1},
    {MESSAGE("end_turn", TEXT("no object")), "no object", -1},
    {MESSAGE("max_tokens", USE("{\"a\":1}")), "the answer was cut off; raise llm.anthropic.max_output_tokens", ERROR_BAD_DATA},
    {MESSAGE("model_context_window_exceeded", TEXT("{")), "the answer was cut off; raise llm.anthropic.max_output_tokens",
     ERROR_BAD_DATA},
    {MESSAGE("refusal", TEXT("{}")), "the model refused", ERROR_REJECTED},
    {MESSAGE("end_turn", ""), "the answer is empty", ERROR_BAD_DATA},
    {MESSAGE("end_turn", THOUGHT), "the answer is empty", ERROR_BAD_DATA},
    {MESSAGE("tool_use", USE("\"text\"")), "the answer is empty", ERROR_BAD_DATA},
    {"{\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\",\"message\":\"Overloaded\"}}",
     "the endpoint says: Overloaded", ERROR_BAD_DATA},
    {"[]", "the answer is empty", ERROR_BAD_DATA},
    {"event: message_start\ndata: {}\n\n", NULL, ERROR_BAD_DATA},
    {"<html>", NULL, ERROR_BAD_DATA},
    {"", NULL, ERROR_BAD_DATA},
};

static Reply *
make_reply(const char *body)
{
  Reply *reply = reply_new();
  reply->status = 200;
  reply->body = g_strdup(body);
  reply->body_length = strlen(body);
  return reply;
}

static void
test_replies(void)
{
  for (size_t i = 0; i < G_N_ELEMENTS(REPLIES); i++) {
    g_autoptr(Reply) reply = make_reply(REPLIES[i].body);
    g_autoptr(GError) error = NULL;
    g_autofree char *answer = anthropic_provider.read_answer(reply, &error);
    g_test_message("%s", REPLIES[i].body);
    g_assert_cmpint(error != NULL ? error->code : -1, ==, REPLIES[i].code);
    if (REPLIES[i].expected != NULL)
      g_assert_cmpstr(answer != NULL ? answer : error->message, ==, REPLIES[i].expected);
  }
  g_autoptr(Reply) refused = make_reply("");
  refused->status = 401;
  error_set(&refused->error, ERROR_REJECTED, "POST u: HTTP 401");
  g_autoptr(GError) error = NULL;
  g_assert_null(anthropic_provider.read_answer(refused, &error));
  g_assert_cmpstr(error->message, ==, "is ANTHROPIC_API_KEY still good? POST u: HTTP 401");
}

static void
test_usage(void)
{
  static const struct {
    const char *body;
    int64_t input;
    int64_t output;
  } USAGES[] = {
      {"{\"usage\":{\"input_tokens\":65,\"output_tokens\":12}}", 65, 12},
      {"{\"usage\":{\"input_tokens\":5,\"cache_creation_input_tokens\":40,\"cache_read_input_tokens\":20,\"output_tokens\":1}}",
       65, 1},
      {"{\"usage\":{\"input_tokens\":5,\"cache_creation_input_tokens\":null,\"output_tokens\":1}}", 5, 1},
      {"{\"usage\":{\"input_tokens\":9223372036854775807,\"cache_read_input_tokens\":20,\"output_tokens\":1}}", -1, -1},
      {"{\"usage\":{\"output_tokens\":1}}", -1, -1},
      {"{}", -1, -1},
      {"x", -1, -1},
  };
  g_auto(ConfiguredProvider) configured = configure("{}", "k");
  g_autoptr(Llm) llm = llm_new(&configured, PRICES, NULL);
  g_autoptr(Prompt) prompt = make_prompt();
  g_autoptr(Request) request = llm_request(llm, prompt, NULL, 0);
  for (size_t i = 0; i < G_N_ELEMENTS(USAGES); i++) {
    g_autoptr(Reply) reply = make_reply(USAGES[i].body);
    int64_t input = -1;
    int64_t output = -1;
    g_test_message("%s", USAGES[i].body);
    g_assert_cmpint(request->expense->read_usage(reply, &input, &output), ==, USAGES[i].input >= 0);
    g_assert_cmpint(input, ==, USAGES[i].input);
    g_assert_cmpint(output, ==, USAGES[i].output);
  }
}

static void
test_lacks(void)
{
  static const struct {
    const char *said;
    unsigned before;
    unsigned after;
  } CASES[] = {
      {"output_config: Extra inputs are not permitted", LACKS_EFFORT, LACKS_EFFORT | LACKS_SCHEMA},
      {"output_config.effort: this model does not support effort", 0, LACKS_EFFORT},
      {"output_config.format: structured outputs are not supported by this model", 0, LACKS_SCHEMA},
      {"tool_choice forces tool use, which is not supported for this model.", LACKS_SCHEMA, LACKS_SCHEMA | LACKS_JSON},
      {"max_tokens: 1000000 > 64000", 0, 0},
  };
  g_auto(ConfiguredProvider) configured = configure("{reasoning_effort: low}", "k");
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    g_autoptr(Reply) reply = reply_new();
    reply->status = 400;
    error_set(&reply->error, ERROR_REJECTED, "POST u: HTTP 400: %s", CASES[i].said);
    g_test_message("%s", CASES[i].said);
    g_assert_cmpuint(anthropic_provider.read_lacks(configured.values, reply, CASES[i].before), ==, CASES[i].after);
  }
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/anthropic/request", test_request);
  g_test_add_func("/anthropic/bound", test_bound);
  g_test_add_func("/anthropic/service", test_service);
  g_test_add_func("/anthropic/replies", test_replies);
  g_test_add_func("/anthropic/usage", test_usage);
  g_test_add_func("/anthropic/lacks", test_lacks);
  return g_test_run();
}
