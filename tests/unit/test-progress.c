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

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/progress/waits-are-told-as-they-grow", test_waits_are_told_as_they_grow);
  return g_test_run();
}
