#include "base/error.h"
#include "base/json.h"
#include "base/yaml.h"
#include "sources/github.h"
#include "sources/source.h"

#include <string.h>

/* 2026-11-20T08:30:00Z */
#define NOW_MS INT64_C(1795163400000)
#define DAY_MS INT64_C(86400000)

/* Setting: the options, as a file and an environment give them. */
typedef struct {
  void *options;
  GPtrArray *parts;
  GPtrArray *services;
} Setting;

static void
setting_clear(Setting *setting)
{
  g_clear_pointer(&setting->parts, g_ptr_array_unref);
  g_clear_pointer(&setting->services, g_ptr_array_unref);
  options_free(&github_source.section, setting->options);
  setting->options = NULL;
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Setting, setting_clear)

/* Returns: (transfer full): the options in @text; problems go to @problems */
static void *
read_options(const char *text, const char *token, GPtrArray *problems)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(YamlNode) node = yaml_parse(text, strlen(text), "options", &error);
  g_assert_no_error(error);
  g_autofree char *line = g_strconcat("GITHUB_TOKEN=", token, NULL);
  const char *const environment[] = {line, NULL};
  const OptionReading reading = {.file = "options", .path = "github", .environment = environment, .problems = problems};
  return options_read(&github_source.section, node, &reading);
}

static Setting
make_setting(const char *text, const char *token)
{
  g_autoptr(GPtrArray) problems = g_ptr_array_new_with_free_func(g_free);
  Setting setting = {.options = read_options(text, token, problems)};
  g_assert_cmpuint(problems->len, ==, 0);
  setting.parts = github_source.parts(setting.options);
  setting.services = github_source.services(setting.options);
  return setting;
}

static SourceInput
make_input(const Setting *setting, const char *memory, int64_t now_ms)
{
  const SourcePart *part = setting->parts->pdata[0];
  return (SourceInput){
      .key = part->key, .subject = part->subject, .options = setting->options, .memory = memory, .now_ms = now_ms};
}

static void
test_parts(void)
{
  static const struct {
    const char *options;
    const char *key;
    const char *subject;
    const char *origin;
    unsigned count;
  } CASES[] = {
      {"days: 3", "github:stars:>100", "stars:>100",
       "https://api.github.com/search/repositories?q=stars%3A%3E100&sort=stars&order=desc", 1},
      {"topics: [linux, c-library]", "github:stars:>100 topic:linux", "stars:>100 topic:linux",
       "https://api.github.com/search/repositories?q=stars%3A%3E100%20topic%3Alinux&sort=stars&order=desc", 2},
      {"{query: '', topics: linux}", "github:topic:linux", "topic:linux",
       "https://api.github.com/search/repositories?q=topic%3Alinux&sort=stars&order=desc", 1},
      {"{query: 'language:c++ a&b#c', base_url: 'http://ghe.example/api/v3/'}", "github:language:c++ a&b#c",
       "language:c++ a&b#c",
       "http://ghe.example/api/v3/search/repositories?q=language%3Ac%2B%2B%20a%26b%23c&sort=stars&order=desc", 1},
  };
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    g_auto(Setting) setting = make_setting(CASES[i].options, "");
    g_assert_cmpuint(setting.parts->len, ==, CASES[i].count);
    const SourcePart *part = setting.parts->pdata[0];
    g_assert_cmpstr(part->key, ==, CASES[i].key);
    g_assert_cmpstr(part->subject, ==, CASES[i].subject);
    g_assert_cmpstr(part->origin, ==, CASES[i].origin);
    g_assert_true(source_of_key(part->key) == &github_source);
  }
}

static void
test_topics_are_checked(void)
{
  static const char *const WRONG[] = {"topics: [Linux]", "topics: [a b]", "topics: ['']", "topics: 'linux,c'", "topics: [é]"};
  for (size_t i = 0; i < G_N_ELEMENTS(WRONG); i++) {
    g_autoptr(GPtrArray) problems = g_ptr_array_new_with_free_func(g_free);
    options_free(&github_source.section, read_options(WRONG[i], "", problems));
    g_assert_cmpuint(problems->len, ==, 1);
    g_assert_nonnull(strstr(problems->pdata[0], "is no topic"));
  }
}

static void
test_services(void)
{
  static const struct {
    const char *options;
    const char *token;
    const char *prefixes[2];
    int64_t requests[2];
  } CASES[] = {
      {"days: 3", "", {"https://api.github.com/search/", "https://api.github.com/"}, {10, 60}},
      {"days: 3", "t0ken", {"https://api.github.com/search/", "https://api.github.com/"}, {30, 5000}},
      {"{requests_per_minute: 4, base_url: 'http://g.example:8080/v3/'}",
       "t0ken",
       {"http://g.example:8080/v3/search/", "http://g.example:8080/v3/"},
       {4, 5000}},
  };
  static const int64_t WINDOWS[] = {60 * 1000, 60 * 60 * 1000};
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    g_auto(Setting) setting = make_setting(CASES[i].options, CASES[i].token);
    const char *token = *CASES[i].token != '\0' ? CASES[i].token : NULL;
    g_assert_cmpuint(setting.services->len, ==, 2);
    for (unsigned j = 0; j < 2; j++) {
      const Service *service = setting.services->pdata[j];
      g_assert_cmpstr(service->prefix, ==, CASES[i].prefixes[j]);
      g_assert_cmpint(service->requests, ==, CASES[i].requests[j]);
      g_assert_cmpint(service->window_ms, ==, WINDOWS[j]);
      g_assert_cmpstr(service->auth, ==, token != NULL ? "github" : NULL);
      g_assert_cmpstr(service->secret, ==, token);
      g_assert_cmpint(service->credential, ==, CREDENTIAL_BEARER);
    }
  }
}

static void
check_request(const Request *request, const char *accept, bool has_token)
{
  g_assert_cmpuint(request->headers->len, ==, 2);
  g_assert_cmpstr(request->headers->pdata[0], ==, accept);
  g_assert_cmpstr(request->headers->pdata[1], ==, "X-GitHub-Api-Version: 2022-11-28");
  g_assert_cmpstr(request->auth, ==, has_token ? "github" : NULL);
}

static void
test_requests(void)
{
  for (int has_token = 0; has_token <= 1; has_token++) {
    g_auto(Setting) setting = make_setting("days: 7", has_token ? "t0ken" : "");
    const SourceInput input = make_input(&setting, NULL, NOW_MS);
    g_autoptr(GPtrArray) replies = g_ptr_array_new();
    StepOutcome outcome = {0};
    github_source.step(&input, NULL, replies, &outcome);
    g_assert_cmpuint(outcome.requests->len, ==, 2);
    for (unsigned i = 0; i < 2; i++)
      check_request(outcome.requests->pdata[i], "Accept: application/vnd.github+json", has_token);
    step_outcome_clear(&outcome, NULL);
  }
}

static void
test_evidence(void)
{
  static const struct {
    const char *extra;
    const char *url;
  } CASES[] = {
      {"{\"full_name\": \"pier/lantern\"}", "https://api.github.com/repos/pier/lantern/readme"},
      {"{\"full_name\": \"A-b_9/.c..h\"}", "https://api.github.com/repos/A-b_9/.c..h/readme"},
      {NULL, NULL},
      {"", NULL},
      {"[]", NULL},
      {"{}", NULL},
      {"{\"full_name\": 7}", NULL},
      {"{\"full_name\": \"\"}", NULL},
      {"{\"full_name\": \"pier\"}", NULL},
      {"{\"full_name\": \"/lantern\"}", NULL},
      {"{\"full_name\": \"pier/\"}", NULL},
      {"{\"full_name\": \"pier/lantern/\"}", NULL},
      {"{\"full_name\": \"pier/lantern/x\"}", NULL},
      {"{\"full_name\": \"../lantern\"}", NULL},
      {"{\"full_name\": \"pier/..\"}", NULL},
      {"{\"full_name\": \"./lantern\"}", NULL},
      {"{\"full_name\": \"pier/lan?tern\"}", NULL},
      {"{\"full_name\": \"pier/lan%2Ftern\"}", NULL},
      {"{\"full_name\": \"pier/lan tern\"}", NULL},
      {"{\"full_name\": \"pier/lantern\\u00e9\"}", NULL},
      {"{\"full_name\": \"pier/lantern\\n\"}", NULL},
  };
  for (size_t i = 0; i < G_N_ELEMENTS(CASES) * 2; i++) {
    bool has_token = i % 2 == 1;
    g_auto(Setting) setting = make_setting("days: 7", has_token ? "t0ken" : "");
    g_autoptr(Item) item = item_new();
    item->extra = g_strdup(CASES[i / 2].extra);
    g_autoptr(Request) request = github_source.evidence(setting.options, item);
    g_assert_cmpstr(request != NULL ? request->url : NULL, ==, CASES[i / 2].url);
    if (request == NULL)
      continue;
    g_assert_cmpint(request->kind, ==, REQUEST_ITEM);
    check_request(request, "Accept: application/vnd.github.html+json", has_token);
  }
}

/* Steps over @body as the answer to both searches. */
static void
answer_both(const SourceInput *input, const char *body, StepOutcome *ret_outcome)
{
  g_autoptr(GPtrArray) replies = g_ptr_array_new_with_free_func((GDestroyNotify) reply_free);
  for (unsigned i = 0; i < 2; i++) {
    Reply *reply = reply_new();
    reply->status = 200;
    reply->body = g_strdup(body);
    reply->body_length = strlen(body);
    g_ptr_array_add(replies, reply);
  }
  github_source.step(input, NULL, replies, ret_outcome);
}

/* What several runs, each handed what the last one remembered, tell of one repository that is old. */
static void
test_growth_over_runs(void)
{
  static const struct {
    const char *what;
    int64_t day;
    int64_t number;
    int64_t stars;
    unsigned items;
    const char *detail;
  } RUNS[] = {
      {"its fame is no news", 0, 7, 100000, 0, "100000 stars, seen for the first time"},
      {"nor a little more of it", 1, 7, 100060, 0, "100060 stars, 100000 on 2026-11-20"},
      {"slow growth adds up", 3, 7, 124999, 0, "124999 stars, 100000 on 2026-11-20"},
      {"until it is told", 4, 7, 125000, 1, NULL},
      {"once", 4, 7, 125000, 0, "125000 stars, 125000 on 2026-11-24"},
      {"the last time it was not too old to be measured from", 11, 7, 126000, 0, "126000 stars, 125000 on 2026-11-24"},
      {"then it is measured from a later day", 12, 7, 127000, 0, "127000 stars, 125000 on 2026-11-24"},
      {"which is this", 13, 7, 128000, 0, "128000 stars, 127000 on 2026-12-02"},
      {"another one of its name is another one", 14, 8, 900000, 0, "900000 stars, seen for the first time"},
      {"what was away for long is forgotten", 23, 7, 900000, 0, "900000 stars, seen for the first time"},
  };
  g_auto(Setting) setting = make_setting("days: 7", "");
  g_autofree char *memory = NULL;
  for (size_t i = 0; i < G_N_ELEMENTS(RUNS); i++) {
    g_test_message("%s", RUNS[i].what);
    const SourceInput input = make_input(&setting, memory, NOW_MS + RUNS[i].day * DAY_MS);
    g_autofree char *body =
        g_strdup_printf("{\"items\": [{\"id\": %" G_GINT64_FORMAT ", \"full_name\": \"giant/editor\","
                        " \"stargazers_count\": %" G_GINT64_FORMAT ", \"created_at\": \"2015-01-01T00:00:00Z\"}]}",
                        RUNS[i].number, RUNS[i].stars);
    StepOutcome outcome = {0};
    answer_both(&input, body, &outcome);
    const ItemBatch *batch = outcome.result;
    g_assert_cmpuint(batch->items->len, ==, RUNS[i].items);
    g_assert_cmpuint(batch->drops->len, ==, 1 - RUNS[i].items);
    if (batch->drops->len > 0)
      g_assert_cmpstr(((const Drop *) batch->drops->pdata[0])->detail, ==, RUNS[i].detail);
    g_free(memory);
    memory = g_strdup(batch->memory);
    step_outcome_clear(&outcome, (GDestroyNotify) item_batch_free);
  }
}

/* Of more than a thousand those seen last are kept, whatever the order they came in. */
static void
test_memory_is_bounded(void)
{
  g_autoptr(json_t) forth = github_memory_read(NULL, 0);
  g_autoptr(json_t) back = github_memory_read("{", 0);
  for (int64_t i = 1; i <= 1200; i++) {
    github_memory_keep(forth, i, &(Baseline){.stars = i, .taken_ms = 1, .seen_ms = i / 2});
    github_memory_keep(back, 1201 - i, &(Baseline){.stars = 1201 - i, .taken_ms = 1, .seen_ms = (1201 - i) / 2});
  }
  g_autofree char *written = github_memory_write(forth);
  g_autofree char *again = github_memory_write(back);
  g_assert_cmpstr(written, ==, again);
  g_autoptr(json_t) read = github_memory_read(written, 0);
  g_assert_cmpuint(json_object_size(read), ==, 1000);
  Baseline baseline = {.stars = -1};
  g_assert_false(github_memory_find(read, 200, &baseline));
  g_assert_cmpint(baseline.stars, ==, -1);
  g_assert_true(github_memory_find(read, 201, &baseline));
  g_assert_cmpint(baseline.stars, ==, 201);
  g_assert_cmpint(baseline.taken_ms, ==, 1);
  g_assert_cmpint(baseline.seen_ms, ==, 100);
  g_autoptr(json_t) later = github_memory_read(written, 600);
  g_assert_cmpuint(json_object_size(later), ==, 1);
}

/* What recorded replies hold. The repositories are all old; issues, topics and pieces of code are not what was asked for. */
static void
test_real_replies(void)
{
  static const struct {
    const char *file;
    unsigned dropped;
    const char *error;
  } PAYLOADS[] = {
      {"PaginatedList_testSearchWithIncompleteResults_1.json", 0, "entry 1: expected a repository"},
      {"Search_testSearchIssues_0.json", 0, "entry 1: expected a repository"},
      {"Search_testSearchReposWithNoResults_0.json", 0, NULL},
      {"Search_testSearchRepos_0.json", 30, NULL},
      {"Search_testSearchTopics_0.json", 0, "entry 1: expected a repository"},
  };
  const char *shared = g_getenv("COURANT_SHARED");
  if (shared == NULL) {
    g_test_skip("COURANT_SHARED is not set");
    return;
  }
  g_auto(Setting) setting = make_setting("days: 7", "");
  const SourceInput input = make_input(&setting, NULL, NOW_MS);
  for (size_t i = 0; i < G_N_ELEMENTS(PAYLOADS); i++) {
    g_autofree char *path = g_build_filename(shared, "payloads", "github", PAYLOADS[i].file, NULL);
    g_autofree char *body = NULL;
    g_assert_true(g_file_get_contents(path, &body, NULL, NULL));
    StepOutcome outcome = {0};
    answer_both(&input, body, &outcome);
    g_test_message("%s: %s", PAYLOADS[i].file, outcome.error != NULL ? outcome.error->message : "read");
    if (PAYLOADS[i].error != NULL) {
      g_assert_true(error_is(outcome.error, ERROR_BAD_DATA));
      g_assert_nonnull(strstr(outcome.error->message, PAYLOADS[i].error));
    } else {
      const ItemBatch *batch = outcome.result;
      g_assert_nonnull(batch);
      g_assert_cmpuint(batch->items->len, ==, 0);
      g_assert_cmpuint(batch->drops->len, ==, PAYLOADS[i].dropped);
      g_assert_cmpuint(batch->failures->len, ==, 0);
    }
    step_outcome_clear(&outcome, (GDestroyNotify) item_batch_free);
  }
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/github/parts", test_parts);
  g_test_add_func("/github/topics-are-checked", test_topics_are_checked);
  g_test_add_func("/github/services", test_services);
  g_test_add_func("/github/requests", test_requests);
  g_test_add_func("/github/evidence", test_evidence);
  g_test_add_func("/github/growth-over-runs", test_growth_over_runs);
  g_test_add_func("/github/memory-is-bounded", test_memory_is_bounded);
  g_test_add_func("/github/real-replies", test_real_replies);
  return g_test_run();
}
