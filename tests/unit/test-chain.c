#include "pipeline/chain.h"

#include "store-fixture.h"

#include "base/error.h"
#include "store/knowledge.h"

#include <string.h>

#define ANSWER(content) "{\"choices\":[{\"finish_reason\":\"stop\",\"message\":{\"content\":\"" content "\"}}]}"
#define SOUND           ANSWER("{\\\"score\\\":0.5,\\\"reason\\\":\\\"r\\\",\\\"topics\\\":[],\\\"summary\\\":[]}")
#define OFF             ANSWER("{\\\"score\\\":7,\\\"reason\\\":\\\"r\\\",\\\"topics\\\":[],\\\"summary\\\":[]}")
#define EMPTY           ANSWER("")
#define PROBLEM         "score is no number from 0 to 1"

/* A refusal that names a parameter. */
#define REFUSED(name) "!" name

/* What each call is answered, the beginning of a request's purposes, and what comes of it. A reply without a body is an error.
 */
typedef struct {
  const char *name;
  const char *replies[7];
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
    {"stepping-down", {REFUSED("response_format"), SOUND}, "score score-1", "verdict lacks 1"},
    {"stepping-down-far",
     {REFUSED("response_format"), REFUSED("json_object"), REFUSED("max_completion_tokens"), OFF, SOUND},
     "score score-1 score-3 score-7 repair-7",
     "verdict lacks 7"},
    {"stepping-down-in-repair", {OFF, REFUSED("json_schema"), SOUND}, "score repair repair-1", "verdict lacks 1"},
    {"refused-for-good", {REFUSED("nothing known")}, "score", "rejected llm.openai: POST u: HTTP 400: nothing known"},
    /* what did not help is not kept */
    {"stepping-down-in-vain",
     {REFUSED("max_completion_tokens"), REFUSED("max_tokens")},
     "score score-4",
     "rejected llm.openai: POST u: HTTP 400: max_tokens"},
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
    {"asked-too-often",
     {REFUSED("max_completion_tokens"), REFUSED("json_schema"), OFF, REFUSED("json_schema"), OFF, OFF},
     "score score-4 score-5 repair-5 repair-7 score",
     "bad_data llm.openai: the second answer does not hold either: " PROBLEM " lacks 7"},
};

static Reply *
make_reply(const char *text)
{
  Reply *reply = reply_new();
  ErrorCode code;
  if (*text == '!') {
    reply->status = 400;
    error_set(&reply->error, ERROR_REJECTED, "POST u: HTTP 400: %s", text + 1);
    return reply;
  }
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
describe(const Opinion *opinion, guint llms)
{
  const GError *failure = opinion->failure;
  GString *text = g_string_new(opinion->verdict != NULL ? "verdict" : "");
  if (failure != NULL)
    g_string_append_printf(text, "%s%s %s", text->len > 0 ? " " : "", error_code_name(failure->code), failure->message);
  for (guint i = 0; i < llms; i++)
    if (opinion->lacks[i] != 0)
      g_string_append_printf(text, " lacks %u", opinion->lacks[i]);
  return g_string_free(text, false);
}

/* Returns: (transfer full): what @request is for, and what it does without */
static char *
describe_request(const Request *request)
{
  unsigned lacks = strstr(request->body, "\"json_schema\"") != NULL ? 0 : LACKS_SCHEMA;
  lacks |= lacks != 0 && strstr(request->body, "json_object") == NULL ? LACKS_JSON : 0;
  lacks |= strstr(request->body, "\"max_tokens\"") != NULL ? LACKS_COMPLETION_TOKENS : 0;
  return lacks != 0 ? g_strdup_printf("%s-%u", request->expense->purpose, lacks) : g_strdup(request->expense->purpose);
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
      outcome = describe(&opinion, llms->len);
    } else {
      g_assert_cmpuint(step.requests->len, ==, 1);
      const Request *request = step.requests->pdata[0];
      bool is_repair = g_str_equal(request->expense->purpose, "repair");
      g_assert_cmpint(strstr(request->body, PROBLEM) != NULL, ==, is_repair);
      g_autofree char *shown = describe_request(request);
      g_string_append_printf(purposes, "%s%s", purposes->len > 0 ? " " : "", shown);
      g_assert_cmpuint(replies->len - 1, <, G_N_ELEMENTS(given->replies));
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
  const OptionSection *providers[] = {&provider_find("openai")->section, &provider_find("anthropic")->section, NULL};
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

/* What a run found out is where the next begins, for that endpoint and model alone. */
static void
test_knowledge(Fixture *fixture, gconstpointer data)
{
  (void) data;
  Store *store = fixture->store;
  g_autofree char *folder = datadir();
  g_autoptr(Config) config = parse("enrich: {providers: [openai]}\n", "k");
  g_autoptr(Config) other = parse("enrich: {providers: [openai]}\nllm: {openai: {model: gpt-5-mini}}\n", "k");
  g_autoptr(GPtrArray) llms = chain_open(config, folder, config->enrich->providers, NULL);
  Llm *llm = llms->pdata[0];
  unsigned found[] = {LACKS_SCHEMA | LACKS_EFFORT};
  for (int i = 0; i < 2; i++) {
    g_assert_true(chain_recall(llms, store, NULL));
    g_assert_cmpuint(llm->lacks, ==, i == 0 ? 0 : LACKS_SCHEMA | LACKS_EFFORT);
    chain_learn(llms, &(Opinion){.lacks = i == 0 ? found : NULL});
    g_assert_true(store_begin(store, true, NULL));
    g_assert_true(chain_remember(llms, store, 0, NULL));
    g_assert_true(store_commit(store, NULL));
    llm->lacks = 0;
  }
  g_autofree char *kept = knowledge_get(store, "llm_lacks", NULL);
  g_assert_cmpstr(kept, ==, "{\"https://api.openai.com/v1 gpt-5-nano\":[\"json_schema\",\"reasoning_effort\"]}");
  g_autoptr(GPtrArray) others = chain_open(other, folder, other->enrich->providers, NULL);
  g_assert_true(chain_recall(others, store, NULL));
  g_assert_cmpuint(((const Llm *) others->pdata[0])->lacks, ==, 0);
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
    {"enrich: {providers: [openai, anthropic]}\n", "k", "enrich", "ANTHROPIC_API_KEY"},
    {"enrich: {providers: [anthropic]}\nllm: {anthropic: {base_url: 'http://[::1]:8080'}}\n", "", "enrich", NULL},
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
  g_test_add("/chain/knowledge", Fixture, NULL, set_up, test_knowledge, tear_down);
  g_test_add_func("/chain/check", test_check);
  g_test_add_func("/chain/no-prices", test_no_prices);
  return g_test_run();
}
