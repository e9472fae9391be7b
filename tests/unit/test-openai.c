#include "base/error.h"
#include "llm/llm.h"

#include <string.h>

static const char PRICES[] = "gpt-5-nano\t0.05\t0.40\n";

/* The options of the provider with @text in the file and @key in the environment. */
static ConfiguredProvider
configure(const char *text, const char *key)
{
  g_autofree char *variable = g_strconcat("OPENAI_API_KEY=", key, NULL);
  const char *const environment[] = {variable, NULL};
  g_autoptr(GError) error = NULL;
  g_autoptr(YamlNode) node = yaml_parse(text, strlen(text), "f", &error);
  g_assert_no_error(error);
  g_autoptr(GPtrArray) problems = g_ptr_array_new_with_free_func(g_free);
  void *values = options_read(&openai_provider.section, node, &(OptionReading){"f", "", environment, problems});
  g_assert_cmpuint(problems->len, ==, 0);
  return (ConfiguredProvider){&openai_provider.section, values};
}

static void
clear(ConfiguredProvider *configured)
{
  options_free(configured->section, configured->values);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(ConfiguredProvider, clear)

static Prompt *
make_prompt(const char *system, const char *user)
{
  Prompt *prompt = g_new0(Prompt, 1);
  prompt->system = g_strdup(system);
  prompt->user = g_strdup(user);
  prompt->schema = json_pack("{ss}", "type", "object");
  prompt->urls = g_ptr_array_new();
  return prompt;
}

static void
test_request(void)
{
  g_auto(ConfiguredProvider) configured = configure("{base_url: 'https://llm.example/v1/', max_output_tokens: 700}", "sesame");
  g_autoptr(Llm) llm = llm_new(&configured, PRICES, NULL);
  g_autoptr(Prompt) prompt = make_prompt("be good", "tell \"all\"\n漢");
  g_autoptr(Request) request = llm_request(llm, prompt, NULL, 0);
  g_assert_cmpint(request->kind, ==, REQUEST_LLM);
  g_assert_cmpstr(request->url, ==, "https://llm.example/v1/chat/completions");
  g_assert_cmpstr(request->auth, ==, "openai");
  g_assert_cmpstr(request->headers->pdata[0], ==, "Content-Type: application/json");
  g_assert_cmpstr(request->body, ==,
                  "{\"max_completion_tokens\":700,\"messages\":[{\"content\":\"be good\",\"role\":\"system\"},"
                  "{\"content\":\"tell \\\"all\\\"\\n漢\",\"role\":\"user\"}],\"model\":\"gpt-5-nano\",\"response_format\":"
                  "{\"json_schema\":{\"name\":\"story\",\"schema\":{\"type\":\"object\"},\"strict\":true},"
                  "\"type\":\"json_schema\"}}");
  const Expense *expense = request->expense;
  g_assert_cmpstr(expense->provider, ==, "openai");
  g_assert_cmpstr(expense->model, ==, "gpt-5-nano");
  g_assert_cmpstr(expense->purpose, ==, "score");
  g_assert_cmpint(expense->input_tokens, ==, (int64_t) strlen(request->body));
  g_assert_cmpint(expense->output_tokens, ==, 700);
  g_assert_cmpint(expense->input_price, ==, 50000);
  g_assert_cmpint(expense->output_price, ==, 400000);
}

static void
test_repair(void)
{
  g_auto(ConfiguredProvider) configured = configure("{reasoning_effort: minimal, base_url: 'http://localhost:11434/v1'}", "");
  g_autoptr(Llm) llm = llm_new(&configured, PRICES, NULL);
  g_autoptr(Prompt) prompt = make_prompt("s", "u");
  g_autofree char *problem = g_strnfill(1000, '"');
  g_autoptr(Request) request = llm_request(llm, prompt, problem, 0);
  g_assert_null(request->auth);
  g_assert_cmpstr(request->expense->purpose, ==, "repair");
  g_assert_nonnull(strstr(request->body, "\"reasoning_effort\":\"minimal\""));
  g_assert_nonnull(strstr(request->body, "Your first answer could not be used: \\\"\\\""));
  g_assert_nonnull(strstr(request->body, "\"max_tokens\":4000"));
  g_assert_cmpuint(strlen(request->body), <, 1000);
}

/* The longest prompt and the longest options still make a request within its bound, which the worst case is reckoned by. */
static void
test_bound(void)
{
  g_autofree char *model = g_strnfill(100, 'm');
  g_autofree char *options = g_strdup_printf("{model: %s, reasoning_effort: abcdefghijklmnopqrst, input_price: 1, "
                                             "output_price: 1, max_output_tokens: 1000000}",
                                             model);
  g_auto(ConfiguredProvider) configured = configure(options, "k");
  g_autoptr(Llm) llm = llm_new(&configured, PRICES, NULL);
  g_autofree char *words = g_strnfill(100 * 1000, '"');
  g_autoptr(Story) story = story_new("0123456789abcdef");
  for (int i = 0; i < 500; i++) {
    Item *item = item_new();
    g_free(item->title);
    item->title = g_strndup(words, i > 0 ? 0 : 1000);
    g_ptr_array_add(story->items, item);
  }
  g_autoptr(GPtrArray) evidence = g_ptr_array_new();
  g_autoptr(Prompt) prompt = prompt_story(words, story, evidence, evidence);
  g_autofree char *problem = g_strnfill(1000, (char) 0xFF); /* each is shown as three bytes */
  g_assert_cmpuint(prompt->urls->len, >, 100);
  for (unsigned lacks = 0; lacks < 16; lacks++) {
    g_autoptr(Request) request = llm_request(llm, prompt, problem, lacks);
    g_assert_cmpuint(strlen(request->body), >, 8 * 1000);
    g_assert_cmpuint(strlen(request->body), <=, PROMPT_MAX_BODY_BYTES);
    g_assert_cmpint(2 * expense_worst_micros(request->expense), <=, llm_worst_micros(llm));
  }
}

static const struct {
  const char *base_url;
  const char *key;
  bool is_sound;
} KEYS[] = {
    {"https://api.openai.com/v1", "k", true},
    {"https://api.openai.com/v1", "", false},
    {"http://localhost:11434/v1", "", true},
    {"http://ollama:11434/v1", "", true},
    {"http://llm.localhost:80/v1", "", true},
    {"http://box.local/v1", "", true},
    {"http://127.0.0.1:1/v1", "", true},
    {"http://10.1.2.3/v1", "", true},
    {"http://192.168.1.9/v1", "", true},
    {"http://172.31.0.1/v1", "", true},
    {"http://172.32.0.1/v1", "", false},
    {"http://[::1]:8080/v1", "", true},
    {"http://[fd00::1]/v1", "", true},
    {"http://[2001:db8::1]/v1", "", false},
    {"http://127.0.0.1.evil.example/", "", false},
};

static void
test_keys(void)
{
  for (size_t i = 0; i < G_N_ELEMENTS(KEYS); i++) {
    g_autofree char *text = g_strdup_printf("{base_url: '%s'}", KEYS[i].base_url);
    g_auto(ConfiguredProvider) configured = configure(text, KEYS[i].key);
    g_autoptr(GError) error = NULL;
    g_test_message("%s", KEYS[i].base_url);
    g_assert_cmpint(openai_provider.check(configured.values, &error), ==, KEYS[i].is_sound);
    g_assert_cmpint(error_is(error, ERROR_CONFIG), ==, !KEYS[i].is_sound);
    g_autoptr(Service) service = openai_provider.service(configured.values);
    g_assert_cmpint(service->secret != NULL, ==, *KEYS[i].key != '\0');
  }
}

static void
test_service(void)
{
  g_auto(ConfiguredProvider) configured =
      configure("{base_url: 'https://llm.example/v1', in_flight: 7, requests_per_minute: 8, tokens_per_minute: 9}", "sesame");
  g_autoptr(Service) service = openai_provider.service(configured.values);
  g_assert_cmpstr(service->prefix, ==, "https://llm.example/v1/");
  g_assert_cmpint(service->in_flight, ==, 7);
  g_assert_cmpint(service->requests, ==, 8);
  g_assert_cmpint(service->tokens, ==, 9);
  g_assert_cmpint(service->window_ms, ==, 60000);
  g_assert_cmpstr(service->auth, ==, "openai");
  g_assert_cmpint(service->credential, ==, CREDENTIAL_BEARER);
  g_assert_cmpstr(service->secret, ==, "sesame");
}

#define CHOICE(rest)  "{\"choices\":[{" rest "}]}"
#define CONTENT(text) CHOICE("\"finish_reason\":\"stop\",\"message\":{\"content\":" text "}")

static const struct {
  const char *body;
  const char *expected;
  int code; /* -1 for an answer */
} REPLIES[] = {
    {CONTENT("\"{\\\"a\\\":1}\""), "{\"a\":1}", -1},
    {CONTENT("\"```json\\n{\\\"a\\\":1}\\n```\""), "{\"a\":1}", -1},
    {CONTENT("\"Here it is: {\\\"a\\\":{}} Enjoy!\""), "{\"a\":{}}", -1},
    {CONTENT("\"no object\""), "no object", -1},
    {CHOICE("\"message\":{\"content\":\"{}\",\"refusal\":null}"), "{}", -1},
    {CHOICE("\"finish_reason\":\"stop\",\"message\":{\"content\":null,\"refusal\":\"I can not\\u0007 help.\"}"),
     "the model refused: I can not help.", ERROR_REJECTED},
    {CHOICE("\"finish_reason\":\"content_filter\",\"message\":{\"content\":\"{}\"}"),
     "the endpoint's content filter cut the answer off", ERROR_REJECTED},
    {CHOICE("\"finish_reason\":\"length\",\"message\":{\"content\":\"{\\\"a\\\"\"}"),
     "the answer was cut off; raise llm.openai.max_output_tokens", ERROR_BAD_DATA},
    {CONTENT("null"), "the answer is empty", ERROR_BAD_DATA},
    {CONTENT("\" \\n\""), "the answer is empty", ERROR_BAD_DATA},
    {CONTENT("[\"{}\"]"), "the answer is empty", ERROR_BAD_DATA},
    {"{\"choices\":[]}", "the answer is empty", ERROR_BAD_DATA},
    {"{\"error\":{\"message\":\"no credits\"}}", "the endpoint says: no credits", ERROR_BAD_DATA},
    {"{\"choices\":[{\"message\":{\"refusal\":\"\"}}],\"error\":{\"message\":\"no credits\"}}", "the endpoint says: no credits",
     ERROR_BAD_DATA},
    {"[]", "the answer is empty", ERROR_BAD_DATA},
    {"<html>", NULL, ERROR_BAD_DATA},
    /* streamed, though nobody asked for it */
    {"data: {\"choices\":[{\"delta\":{}}]}\n\ndata: [DONE]\n", "the answer is empty", ERROR_BAD_DATA},
    {": WAITING\n\ndata: "
     "{\"choices\":[{\"delta\":{\"content\":\"{\\\"a\\\"\"}}]}\r\n\r\ndata:{\"choices\":[{\"delta\":{\"content\":"
     "\":1}\"},\"finish_reason\":\"stop\"}]}\n\n",
     "{\"a\":1}", -1},
    {"data: {\"choices\":[{\"delta\":{\"content\":\"{}\"}}]}\n\n", "the stream was cut off before its end", ERROR_BAD_DATA},
    {"data: {\"choices\":[{\"delta\":{\"content\":\"{}\"}}]}\n\ndata: {\"choi", NULL, ERROR_BAD_DATA},
    {"data: {\"choices\":[{\"delta\":{\"content\":\"{\"},\"finish_reason\":\"length\"}]}\n\ndata: [DONE]\n",
     "the answer was cut off; raise llm.openai.max_output_tokens", ERROR_BAD_DATA},
    {"data: {\"choices\":[{\"delta\":{\"refusal\":\"No\"}}]}\n\ndata: {\"choices\":[{\"delta\":{\"refusal\":\".\"}}]}\n\ndata: "
     "[DONE]",
     "the model refused: No.", ERROR_REJECTED},
    {"data: {\"error\":{\"message\":\"no credits\"}}\n\n", "the endpoint says: no credits", ERROR_BAD_DATA},
    /* in parts, and with what was thought */
    {CONTENT("[{\"type\":\"text\",\"text\":\"{\\\"a\\\"\"},{\"type\":\"text\",\"text\":\":1}\"}]"), "{\"a\":1}", -1},
    {CONTENT("[{\"type\":\"thinking\",\"text\":\"{}\"},{\"type\":\"output_text\",\"text\":\"{\\\"a\\\":1}\"}]"), "{\"a\":1}",
     -1},
    {CHOICE("\"finish_reason\":\"stop\",\"message\":{\"content\":\"{}\",\"reasoning_content\":\"Is {a} it?\"}"), "{}", -1},
    {CHOICE("\"finish_reason\":\"stop\",\"message\":{\"content\":\"\",\"reasoning_content\":\"{}\"}"), "the answer is empty",
     ERROR_BAD_DATA},
    {CONTENT("\"<think>perhaps {\\\"b\\\":{\\\"c\\\":2}}</think>\\n{\\\"a\\\":1}\""), "{\"a\":1}", -1},
    {CONTENT("\"perhaps {}</thinking> {\\\"a\\\":1}\""), "{\"a\":1}", -1},
    {CONTENT("\"<think>{\\\"a\\\":1}\""), "<think>{\"a\":1}", -1},
    {CONTENT("\"{\\\"a\\\":\\\"</think>\\\"}\""), "{\"a\":\"</think>\"}", -1},
    {CONTENT("\"As {this}: {\\\"a\\\":{\\\"b\\\":2}} or {\\\"a\\\":1}.\""), "{\"a\":{\"b\":2}}", -1},
    {CONTENT("\"{\\\"a\\\":1\""), "{\"a\":1", -1},
    /* errors that come with a 200 */
    {"{\"error\":\"model 'x' not found\"}", "the endpoint says: model 'x' not found", ERROR_BAD_DATA},
    {"{\"object\":\"error\",\"message\":\"too long\",\"code\":400}", "the endpoint says: too long", ERROR_BAD_DATA},
    {CHOICE("\"finish_reason\":\"error\",\"error\":{\"message\":\"upstream\"},\"message\":{\"content\":\"\"}"),
     "the endpoint says: upstream", ERROR_BAD_DATA},
    {"{\"error\":null,\"choices\":[{\"message\":{\"content\":\"{}\"}}]}", "{}", -1},
    {"", NULL, ERROR_BAD_DATA},
};

static Reply *
make_reply(const char *body)
{
  Reply *reply = reply_new();
  reply->status = 200;
  g_free(reply->body);
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
    g_autofree char *answer = openai_provider.read_answer(reply, &error);
    g_test_message("%s", REPLIES[i].body);
    g_assert_cmpint(error != NULL ? error->code : -1, ==, REPLIES[i].code);
    if (REPLIES[i].expected != NULL)
      g_assert_cmpstr(answer != NULL ? answer : error->message, ==, REPLIES[i].expected);
  }
  g_autoptr(Reply) failed = make_reply(CONTENT("\"{}\""));
  error_set(&failed->error, ERROR_BUDGET, "no money");
  g_autoptr(GError) error = NULL;
  g_assert_null(openai_provider.read_answer(failed, &error));
  g_assert_true(error_is(error, ERROR_BUDGET));
}

static void
test_usage(void)
{
  static const struct {
    const char *body;
    int64_t input;
    int64_t output;
  } USAGES[] = {
      {"{\"usage\":{\"prompt_tokens\":65,\"completion_tokens\":12,\"total_tokens\":77}}", 65, 12},
      {"{\"usage\":{\"prompt_tokens\":0,\"completion_tokens\":0}}", 0, 0},
      {"{\"usage\":{\"prompt_tokens\":65}}", -1, -1},
      {"{\"usage\":{\"prompt_tokens\":-65,\"completion_tokens\":12}}", -1, -1},
      {"{\"usage\":null}", -1, -1},
      {"{}", -1, -1},
      {"x", -1, -1},
  };
  g_auto(ConfiguredProvider) configured = configure("{}", "k");
  g_autoptr(Llm) llm = llm_new(&configured, PRICES, NULL);
  g_autoptr(Prompt) prompt = make_prompt("s", "u");
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

/* How each endpoint says what it does not take, and what is not sent then. */
static void
test_lacks(void)
{
  enum { TOKENS = LACKS_COMPLETION_TOKENS, ALL = LACKS_SCHEMA | LACKS_JSON | TOKENS | LACKS_EFFORT };
  static const struct {
    const char *said;
    long status;
    unsigned before;
    unsigned after;
  } CASES[] = {
      {"Unsupported parameter: 'max_completion_tokens' is not supported with this model.", 400, 0, TOKENS},
      {"Unrecognized request argument supplied: max_completion_tokens", 400, 0, TOKENS},
      {"{\"detail\":[{\"loc\":[\"body\",\"max_completion_tokens\"],\"type\":\"extra_forbidden\"}]}", 422, 0, TOKENS},
      {"Unsupported parameter: 'max_tokens' is not supported. Use 'max_completion_tokens' instead.", 400, TOKENS, TOKENS},
      {"Invalid parameter: 'response_format' of type 'json_schema' is not supported with this model.", 400, 0, LACKS_SCHEMA},
      {"This response_format type is unavailable now", 400, LACKS_SCHEMA, LACKS_SCHEMA | LACKS_JSON},
      {"'response_format.type' must be 'json_schema' or 'text'", 400, LACKS_SCHEMA, LACKS_SCHEMA | LACKS_JSON},
      {"'response_format' must be nothing", 400, LACKS_SCHEMA | LACKS_JSON, LACKS_SCHEMA | LACKS_JSON},
      {"Unsupported value: 'reasoning_effort' does not support 'minimal' with this model.", 400, 0, LACKS_EFFORT},
      {"response_format and max_completion_tokens", 400, 0, TOKENS},
      {"response_format and max_completion_tokens", 400, TOKENS, TOKENS | LACKS_SCHEMA},
      {"response_format", 404, 0, 0},
      {"response_format", 500, 0, 0},
      {"context length exceeded", 400, 0, 0},
      {"", 400, 0, 0},
  };
  g_auto(ConfiguredProvider) configured =
      configure("{reasoning_effort: minimal, base_url: 'http://without-json_schema.example/v1'}", "k");
  g_autoptr(Llm) llm = llm_new(&configured, PRICES, NULL);
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    g_autoptr(Reply) reply = reply_new();
    reply->status = CASES[i].status;
    error_set(&reply->error, ERROR_REJECTED, "POST http://without-json_schema.example/v1/chat/completions: HTTP %ld: %s",
              CASES[i].status, CASES[i].said);
    g_test_message("%s", CASES[i].said);
    g_assert_cmpuint(openai_provider.read_lacks(configured.values, reply, CASES[i].before), ==, CASES[i].after);
  }
  g_autoptr(Reply) sound = make_reply(CONTENT("\"response_format\""));
  g_assert_cmpuint(openai_provider.read_lacks(configured.values, sound, 0), ==, 0);

  g_autoptr(Prompt) prompt = make_prompt("s", "u");
  for (unsigned lacks = 0; lacks <= ALL; lacks++) {
    g_autoptr(Request) request = llm_request(llm, prompt, NULL, lacks);
    bool has_schema = (lacks & LACKS_SCHEMA) == 0;
    const char *body = request->body;
    g_assert_cmpint(strstr(body, "\"json_schema\"") != NULL, ==, has_schema);
    g_assert_cmpint(strstr(body, "json_object") != NULL, ==, !has_schema && (lacks & LACKS_JSON) == 0);
    g_assert_cmpint(strstr(body, "JSON Schema: {\\\"type\\\"") != NULL, ==, !has_schema);
    g_assert_cmpint(strstr(body, "\"max_tokens\"") != NULL, ==, (lacks & TOKENS) != 0);
    g_assert_cmpint(strstr(body, "\"max_completion_tokens\"") != NULL, ==, (lacks & TOKENS) == 0);
    g_assert_cmpint(strstr(body, "reasoning_effort") != NULL, ==, (lacks & LACKS_EFFORT) == 0);
  }
}

/* What nobody sent cannot be what was refused. */
static void
test_no_effort(void)
{
  g_auto(ConfiguredProvider) configured = configure("{}", "k");
  g_autoptr(Reply) reply = reply_new();
  reply->status = 400;
  error_set(&reply->error, ERROR_REJECTED, "POST u: HTTP 400: reasoning_effort");
  g_assert_cmpuint(openai_provider.read_lacks(configured.values, reply, 0), ==, 0);
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/openai/request", test_request);
  g_test_add_func("/openai/repair", test_repair);
  g_test_add_func("/openai/bound", test_bound);
  g_test_add_func("/openai/keys", test_keys);
  g_test_add_func("/openai/service", test_service);
  g_test_add_func("/openai/replies", test_replies);
  g_test_add_func("/openai/usage", test_usage);
  g_test_add_func("/openai/lacks", test_lacks);
  g_test_add_func("/openai/no-effort", test_no_effort);
  return g_test_run();
}
