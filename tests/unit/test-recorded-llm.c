/* What real endpoints answered, from ../shared/payloads/openai: each file, and what comes of it. */
#include "base/error.h"
#include "llm/llm.h"
#include "llm/schema.h"
#include "model/refusal.h"

#include <string.h>

/* @outcome: an error of the reply, or what our schema finds, or its beginning; @tokens: asked and answered, "" where nothing is
 * told */
static const struct {
  const char *file;
  const char *outcome;
  const char *tokens;
} FILES[] = {
    {"error_400_1.json", "rejected POST u: HTTP 400: Unknown parameter: 'quality'.", ""},
    {"error_400_4.json", "rejected POST u: HTTP 400: Error while downloading https://source.unsplash.com/8xznAGy4HcY/800x400.",
     ""},
    {"error_400_5.json",
     "rejected POST u: HTTP 400: You uploaded an unsupported image. Please make sure your image has of one the following "
     "formats: ['png', 'jpeg', 'gif', 'webp'].",
     ""},
    {"error_401_3.json", "rejected is OPENAI_API_KEY still good? POST u: HTTP 401", ""},
    {"error_404_0.json",
     "rejected POST u: HTTP 404: The model `gpt-3.5-turbo-0613` has been deprecated, learn more here: "
     "https://platform.openai.com/docs/deprecations",
     ""},
    {"error_404_2.json",
     "rejected POST u: HTTP 404: The API deployment for this resource does not exist. If you created the deployment within the "
     "last 5 minutes, please wait a moment and try again.",
     ""},
    {"test_async_parsed_refused_completion_1_200.json",
     "rejected the model refused: I'm sorry, but I can't assist with that request.", "65 12"},
    {"test_chat_0_200.json", "repair line 1 column ", "15 19"},
    {"test_chat_1_200.json", "repair line 1 column ", "15 31"},
    {"test_chat_content_filtering_1_200.json", "repair line 1 column ", "16 24"},
    {"test_chat_history_message_dict_0_200.json", "repair line 1 column ", "20 2"},
    {"test_chat_history_message_dict_1_200.json", "repair line 1 column ", "43 8"},
    {"test_chat_response_format_0_200.json", "repair score is no number from 0 to 1", "83 32"},
    {"test_chat_response_format_1_200.json", "repair score is no number from 0 to 1", "83 32"},
    {"test_chat_streaming_0_200.sse", "repair line 1 column ", "10 50"},
    {"test_parsed_completion_0_200.json", "repair score is no number from 0 to 1", "68 41"},
    {"test_parsed_completion_1_200.json", "repair score is no number from 0 to 1", "68 35"},
};

/* As the client hands it over: "..._401_3.json", "..._200.sse". Returns: (transfer full) */
static Reply *
make_reply(const char *file, const char *body, size_t length)
{
  Reply *reply = reply_new();
  bool is_error = g_str_has_prefix(file, "error_");
  reply->status = is_error ? strtol(file + strlen("error_"), NULL, 10) : 200;
  reply->body = g_strndup(body, length);
  reply->body_length = length;
  if (!is_error)
    return reply;
  bool is_key = reply->status == 401;
  g_autofree char *words = is_key ? NULL : refusal_read(reply);
  error_set(&reply->error, ERROR_REJECTED, "POST u: HTTP %ld%s%s", reply->status, words != NULL ? ": " : "",
            words != NULL ? words : "");
  return reply;
}

/* Returns: (transfer full) */
static char *
find_outcome(const Reply *reply)
{
  g_autoptr(GError) error = NULL;
  g_autofree char *answer = openai_provider.read_answer(reply, &error);
  if (answer == NULL)
    return g_strdup_printf("%s %s", error_code_name(error->code), error->message);
  Prompt prompt = {.user = (char *) "", .urls = g_ptr_array_new()};
  g_autoptr(Verdict) verdict = verdict_read(answer, &prompt, &error);
  g_ptr_array_unref(prompt.urls);
  return verdict != NULL ? g_strdup("verdict") : g_strdup_printf("repair %s", error->message);
}

/* Returns: (transfer full): "15 31"; "" where nothing is told */
static char *
find_tokens(const Request *request, const Reply *reply)
{
  int64_t input = 0;
  int64_t output = 0;
  if (!request->expense->read_usage(reply, &input, &output))
    return g_strdup("");
  return g_strdup_printf("%" G_GINT64_FORMAT " %" G_GINT64_FORMAT, input, output);
}

static void
assert_file(const char *folder, const Request *request, size_t number)
{
  g_autofree char *path = g_build_filename(folder, FILES[number].file, NULL);
  g_autofree char *body = NULL;
  gsize length = 0;
  g_autoptr(GError) error = NULL;
  g_file_get_contents(path, &body, &length, &error);
  g_assert_no_error(error);
  g_autoptr(Reply) reply = make_reply(FILES[number].file, body, length);
  g_autofree char *outcome = find_outcome(reply);
  g_autofree char *tokens = find_tokens(request, reply);
  g_test_message("%s: %s", FILES[number].file, outcome);
  g_assert_cmpstr(tokens, ==, FILES[number].tokens);
  g_assert_true(g_str_has_prefix(outcome, FILES[number].outcome));
}

/* Returns: (transfer full): any call of the provider */
static Request *
make_request(void)
{
  const OptionReading reading = {"f", "", NULL, NULL};
  void *options = options_read(&openai_provider.section, NULL, &reading);
  Prompt prompt = {.system = (char *) "s", .user = (char *) "u", .schema = json_object()};
  Request *request = openai_provider.request(options, &prompt, NULL, 0);
  json_decref(prompt.schema);
  options_free(&openai_provider.section, options);
  return request;
}

static bool
is_listed(const char *file)
{
  for (size_t i = 0; i < G_N_ELEMENTS(FILES); i++)
    if (g_str_equal(FILES[i].file, file))
      return true;
  return false;
}

static void
test_files(void)
{
  const char *shared = g_getenv("COURANT_SHARED");
  if (shared == NULL) {
    g_test_skip("COURANT_SHARED is not set");
    return;
  }
  g_autofree char *folder = g_build_filename(shared, "payloads", "openai", NULL);
  g_autoptr(GDir) files = g_dir_open(folder, 0, NULL);
  g_assert_nonnull(files);
  for (const char *file = g_dir_read_name(files); file != NULL; file = g_dir_read_name(files)) {
    g_test_message("%s", file);
    g_assert_true(is_listed(file));
  }
  g_autoptr(Request) request = make_request();
  for (size_t i = 0; i < G_N_ELEMENTS(FILES); i++)
    assert_file(folder, request, i);
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/recorded-llm/files", test_files);
  return g_test_run();
}
