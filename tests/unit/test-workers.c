#include "pipeline/workers.h"

#include "base/error.h"

#include <string.h>

static void
test_choice(void)
{
  static const struct {
    const char *why;
    int64_t flag;
    const char *environment[4];
    int64_t jobs;
    int64_t count;
    int64_t requests;
    int64_t per_host;
  } CASES[] = {
      {"the limits", 0, {NULL}, 45, 45, 128, 8},
      {"the flag", 3, {"WORKER_COUNT=9", NULL}, 45, 3, 3, 8},
      {"the environment", 0, {"WORKER_COUNT=9", NULL}, 45, 9, 9, 8},
      {"one", 1, {NULL}, 45, 1, 1, 8},
      {"not parallel", 0, {"USE_PARALLEL=False", "WORKER_COUNT=9", NULL}, 45, 1, 1, 8},
      {"parallel", 0, {"USE_PARALLEL=true", NULL}, 45, 45, 128, 8},
      {"at most", 500, {"PARALLEL_MAX_WORKERS=20", NULL}, 45, 20, 20, 8},
      {"a CI machine", 0, {"CI=true", NULL}, 45, 16, 16, 4},
      {"no CI machine", 0, {"CI=0", "GITHUB_ACTIONS=", NULL}, 45, 45, 128, 8},
      {"a CI machine that was told", 32, {"GITHUB_ACTIONS=true", NULL}, 45, 32, 32, 8},
      {"a single job", 0, {NULL}, 1, 1, 128, 8},
      {"few jobs", 0, {"PARALLEL_MIN_ITEMS=6", NULL}, 5, 1, 128, 8},
      {"just enough jobs", 0, {"PARALLEL_MIN_ITEMS=5", NULL}, 5, 5, 128, 8},
  };
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    g_test_message("%s", CASES[i].why);
    Workers workers = {0};
    const char *reason = NULL;
    g_autoptr(GError) error = NULL;
    g_assert_true(workers_choose(CASES[i].flag, CASES[i].environment, 8, &workers, &error));
    g_assert_no_error(error);
    g_assert_cmpint(workers_for_jobs(&workers, CASES[i].jobs, &reason), ==, CASES[i].count);
    g_assert_nonnull(reason);
    g_assert_cmpint(workers.requests, ==, CASES[i].requests);
    g_assert_cmpint(workers.per_host, ==, CASES[i].per_host);
  }
}

static void
test_wrong_variables(void)
{
  static const char *const LINES[] = {"WORKER_COUNT=many", "WORKER_COUNT=0", "PARALLEL_MAX_WORKERS=-1",
                                      "PARALLEL_MIN_ITEMS=2.5"};
  for (size_t i = 0; i < G_N_ELEMENTS(LINES); i++) {
    const char *const environment[] = {LINES[i], NULL};
    Workers workers = {0};
    g_autoptr(GError) error = NULL;
    g_autofree char *name = g_strndup(LINES[i], strcspn(LINES[i], "="));
    g_assert_false(workers_choose(0, environment, 8, &workers, &error));
    g_assert_error(error, COURANT_ERROR, ERROR_CONFIG);
    g_assert_nonnull(strstr(error->message, name));
  }
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/workers/choice", test_choice);
  g_test_add_func("/workers/wrong-variables", test_wrong_variables);
  return g_test_run();
}
