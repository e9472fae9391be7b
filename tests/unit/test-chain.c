#include "pipeline/chain.h"

#include "base/error.h"

#include <string.h>

#define ANSWER(content) "{\"choices\":[{\"finish_reason\":\"stop\",\"message\":{\"content\":\"" content "\"}}]}"
#define SOUND           ANSWER("{\\\"score\\\":0.5,\\\"reason\\\":\\\"r\\\",\\\"topics\\\":[],\\\"summary\\\":[]}")
#define OFF             ANSWER("{\\\"score\\\":7,\\\"reason\\\":\\\"r\\\",\\\"topics\\\":[],\\\"summary\\\":[]}")
#define EMPTY           ANSWER("")
#define PROBLEM         "score is no number from 0 to 1"

/* What each call is answered, the beginning of a request's purposes, and what comes of it. A reply without a body is an error.
 */
typedef struct {
  const char *name;
  const char *replies[6];
  const char *purposes;
  const char *outcome;
} Case;

static const Case CASES[] = {
    {"sound", {SOUND}, "score", "verdict"},
    {"mended", {OFF, SOUND}, "score repair", "verdict"},
    {"off-twice", {OFF, OFF}, "score repair", "bad_data llm.openai: the second answer does not hold either: " PROBLEM},
    {"empty", {EMPTY}, "score", "bad_data llm.openai: the answer is empty"},
    {"failed", {"retry"}, "score", "retry llm.openai: fate"},
    {"unpaid", {"budget"}, "score", "budget llm.openai: fate"},
    {"repair-unpaid", {OFF, "budget"}, "score repair", "budget llm.openai: fate"},
    {"repair-empty", {OFF, EMPTY}, "score repair", "bad_data llm.openai: the answer is empty"},
};

/* The same provider twice: the second is asked when the first gave nothing, and what the first said stays told. */
static const Case NEXT_CASES[] = {
    {"first", {SOUND}, "score", "verdict"},
    {"second", {"retry", SOUND}, "score score", "verdict retry llm.openai: fate"},
    {"second-after-repair",
     {OFF, OFF, SOUND},
     "score repair score",
     "verdict bad_data llm.openai: the second answer does not hold either: " PROBLEM},
    {"neither", {"budget", OFF, "retry"}, "score score repair", "budget llm.openai: fate"},
};

static Reply *
make_reply(const char *text)
{
  Reply *reply = reply_new();
  ErrorCode code;
  if (error_code_parse(text, &code)) {
    error_set(&reply->error, code, "fate");
    return reply;
  }
  reply->status = 200;
  g_free(reply->body);
  reply->body = g_strdup(text);
  reply->body_length = strlen(text);
  return reply;
}

static char *
describe(const Opinion *opinion)
{
  const GError *failure = opinion->failure;
  return g_strdup_printf("%s%s%s%s%s", opinion->verdict != NULL ? "verdict" : "",
                         opinion->verdict != NULL && failure != NULL ? " " : "",
                         failure != NULL ? error_code_name(failure->code) : "", failure != NULL ? " " : "",
                         failure != NULL ? failure->message : "");
}

/* Plays @given as the driver does: the step is called anew with all replies so far, of which the first is a page's. */
static void
play(const Case *given, const GPtrArray *llms, const Prompt *prompt)
{
  g_autoptr(GPtrArray) replies = g_ptr_array_new_with_free_func((GDestroyNotify) reply_free);
  g_ptr_array_add(replies, make_reply("a page"));
  g_autoptr(GString) purposes = g_string_new(NULL);
  g_autofree char *outcome = NULL;
  while (outcome == NULL) {
    StepOutcome step = {0};
    Opinion opinion = {0};
    if (chain_ask(&(Consultation){llms, prompt, replies, 1}, &step, &opinion)) {
      g_assert_null(step.requests);
      outcome = describe(&opinion);
    } else {
      g_assert_cmpuint(step.requests->len, ==, 1);
      const Request *request = step.requests->pdata[0];
      bool is_repair = g_str_equal(request->expense->purpose, "repair");
      g_assert_cmpint(strstr(request->body, PROBLEM) != NULL, ==, is_repair);
      g_string_append_printf(purposes, "%s%s", purposes->len > 0 ? " " : "", request->expense->purpose);
      g_ptr_array_add(replies, make_reply(given->replies[replies->len - 1]));
    }
    opinion_clear(&opinion);
    step_outcome_clear(&step, NULL);
  }
  g_assert_cmpstr(purposes->str, ==, given->purposes);
  g_assert_cmpstr(outcome, ==, given->outcome);
}

static Config *
parse(const char *text, const char *key)
{
  static const Option FEED_OPTIONS[] = {{.name = "limit", .type = OPTION_INT, .fallback = "1", .help = "how many"}, {0}};
  static const OptionSection FEED = {"feed", FEED_OPTIONS, sizeof(int64_t)};
  static const OptionSection *const SOURCES[] = {&FEED, NULL};
  const OptionSection *providers[] = {&provider_find("openai")->section, NULL};
  g_autofree char *whole = g_strconcat("sources: [feed]\n", text, NULL);
  g_autofree char *variable = g_strconcat("OPENAI_API_KEY=", key, NULL);
  const char *const environment[] = {variable, NULL};
  g_autoptr(GError) error = NULL;
  Config *config = config_parse(&(ConfigInput){.text = whole,
                                               .length = strlen(whole),
                                               .file = "courant.yaml",
                                               .environment = environment,
                                               .source_sections = SOURCES,
                                               .provider_sections = providers},
                                &error);
  g_assert_no_error(error);
  return config;
}

static char *
datadir(void)
{
  return g_build_filename(g_getenv("COURANT_TEST_DATA"), "..", "..", NULL);
}

static void
test_ask(void)
{
  g_autoptr(Config) config = parse("enrich: {providers: [openai]}\n", "k");
  g_autofree char *folder = datadir();
  g_autoptr(GPtrArray) one = chain_open(config, folder, config->enrich->providers, NULL);
  g_assert_cmpuint(one->len, ==, 1);
  g_autoptr(GPtrArray) two = g_ptr_array_new();
  g_ptr_array_add(two, one->pdata[0]);
  g_ptr_array_add(two, one->pdata[0]);
  g_assert_cmpint(chain_worst_micros(two), ==, llm_worst_micros(one->pdata[0]));
  g_autoptr(Story) story = story_new("0123456789abcdef");
  g_ptr_array_add(story->items, item_new());
  g_autoptr(GPtrArray) evidence = g_ptr_array_new();
  g_autoptr(Prompt) prompt = prompt_story("", story, evidence, evidence);
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    g_test_message("%s", CASES[i].name);
    play(&CASES[i], one, prompt);
  }
  for (size_t i = 0; i < G_N_ELEMENTS(NEXT_CASES); i++) {
    g_test_message("next: %s", NEXT_CASES[i].name);
    play(&NEXT_CASES[i], two, prompt);
  }
}

static const struct {
  const char *text;
  const char *key;
  const char *stage;
  const char *expected; /* what the error holds; NULL for none */
} CHECKS[] = {
    {"", "", "enrich", NULL},
    {"enrich: {providers: [openai]}\n", "k", "enrich", NULL},
    {"enrich: {providers: [openai, extractive]}\n", "", "enrich", "OPENAI_API_KEY"},
    {"enrich: {providers: [openai]}\n", "", "collect", NULL},
    {"enrich: {providers: [openai]}\nllm: {openai: {base_url: 'http://localhost/v1'}}\n", "", "enrich", NULL},
    {"enrich: {providers: [openai]}\nllm: {openai: {model: unheard-of}}\n", "k", "enrich", "input_price"},
    {"enrich: {providers: [openai]}\nllm: {openai: {model: unheard-of, input_price: 0, output_price: 0}}\n", "k", "enrich",
     NULL},
};

static void
test_check(void)
{
  g_autofree char *folder = datadir();
  for (size_t i = 0; i < G_N_ELEMENTS(CHECKS); i++) {
    g_autoptr(Config) config = parse(CHECKS[i].text, CHECKS[i].key);
    const Stage stages[] = {{"deploy", NULL}, {CHECKS[i].stage, NULL}, {0}};
    g_autoptr(GError) error = NULL;
    g_test_message("%s%s", CHECKS[i].text, CHECKS[i].stage);
    g_assert_cmpint(chain_check(config, folder, stages, &error), ==, CHECKS[i].expected == NULL);
    if (CHECKS[i].expected != NULL) {
      g_assert_true(error_is(error, ERROR_CONFIG));
      g_assert_nonnull(strstr(error->message, CHECKS[i].expected));
    }
  }
}

static void
test_no_prices(void)
{
  g_autoptr(Config) config = parse("enrich: {providers: [openai]}\n", "k");
  g_autoptr(GError) error = NULL;
  g_assert_null(chain_open(config, "/nowhere", config->enrich->providers, &error));
  g_assert_true(error_is(error, ERROR_IO));
  g_autoptr(GPtrArray) none = chain_open(config, "/nowhere", config->generate->providers, NULL);
  g_assert_cmpuint(none->len, ==, 0);
  g_assert_cmpint(chain_worst_micros(none), ==, 0);
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/chain/ask", test_ask);
  g_test_add_func("/chain/check", test_check);
  g_test_add_func("/chain/no-prices", test_no_prices);
  return g_test_run();
}
