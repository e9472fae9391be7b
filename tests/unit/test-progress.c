#include "pipeline/progress.h"

static void
test_waits_are_told_as_they_grow(void)
{
  if (g_test_subprocess()) {
    static const Log LOG = {LOG_INFO, false, false};
    g_autoptr(Progress) progress = progress_new(&LOG, false);
    progress_begin(progress, "collect", 0, 1, "");
    progress_wait(progress, "a.example", 4000);
    progress_wait(progress, "a.example", 3500);
    progress_wait(progress, "a.example", 59001);
    progress_wait(progress, "a.example", 4000);
    progress_wait(progress, "b.example", 5000);
    return;
  }
  g_test_trap_subprocess(NULL, 0, 0);
  g_test_trap_assert_passed();
  g_test_trap_assert_stderr("courant: collect: waiting 4 s for a.example, as its limits want\n"
                            "courant: collect: waiting 60 s for a.example, as its limits want\n"
                            "courant: collect: waiting 5 s for b.example, as its limits want\n");
}

typedef struct {
  const char *name;
  int64_t jobs;
  int64_t workers;
  const char *expected;
} Case;

static const Case CASES[] = {
    {"none", 0, 1, ""},
    {"one", 1, 1, "courant: collect: 1 job (a reason)\n"},
    {"one-at-a-time", 5, 1, "courant: collect: 5 jobs, one at a time (a reason)\n"},
    {"many", 5, 4, "courant: collect: 5 jobs, 4 at once (a reason)\n"},
};

static void
test_begin(const void *data)
{
  const Case *given = data;
  if (g_test_subprocess()) {
    static const Log LOG = {LOG_INFO, false, false};
    g_autoptr(Progress) progress = progress_new(&LOG, false);
    progress_begin(progress, "collect", given->jobs, given->workers, "a reason");
    progress_job(progress, "collect:a", 1, 2, false);
    progress_tick(progress);
    progress_end(progress);
    return;
  }
  g_test_trap_subprocess(NULL, 0, 0);
  g_test_trap_assert_passed();
  g_test_trap_assert_stderr(given->expected);
}

static void
test_stage_begins_once(void)
{
  if (g_test_subprocess()) {
    static const Log LOG = {LOG_INFO, true, false};
    g_autoptr(Progress) progress = progress_new(&LOG, false);
    progress_begin(progress, "collect", 5, 2, "a reason");
    progress_begin(progress, "collect", 3, 1, "once more");
    progress_begin(progress, "enrich", 3, 1, "a reason");
    return;
  }
  g_test_trap_subprocess(NULL, 0, 0);
  g_test_trap_assert_passed();
  g_test_trap_assert_stderr("*\"phase\":\"collect\",\"event\":\"start\"*\"workers\":2}\n"
                            "*\"phase\":\"collect\",\"event\":\"progress\"*\"workers\":1}\n"
                            "*\"phase\":\"enrich\",\"event\":\"start\"*\n");
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    g_autofree char *path = g_strdup_printf("/progress/begin/%s", CASES[i].name);
    g_test_add_data_func(path, &CASES[i], test_begin);
  }
  g_test_add_func("/progress/stage-begins-once", test_stage_begins_once);
  g_test_add_func("/progress/waits-are-told-as-they-grow", test_waits_are_told_as_they_grow);
  return g_test_run();
}
