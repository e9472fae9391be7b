#include "net/pace.h"

#include <glib.h>

static Pace
make_pace(int64_t most)
{
  Pace pace = {0};
  pace_start_over(&pace, most);
  return pace;
}

/* Starts as many as may be at once. Returns: the number of the first */
static int64_t
fill(Pace *pace)
{
  int64_t first = pace->started + 1;
  while (!pace_is_full(pace))
    pace_start(pace);
  return first;
}

static void
end_all(Pace *pace, int64_t first, PaceVerdict verdict)
{
  while (pace->under_way > 0)
    pace_end(pace, first++, verdict);
}

static void
test_halves_once_a_round(void)
{
  static const int64_t CEILINGS[] = {8, 4, 2, 1, 1};
  Pace pace = make_pace(8);
  for (size_t i = 0; i < G_N_ELEMENTS(CEILINGS); i++) {
    int64_t first = fill(&pace);
    g_assert_cmpint(pace.under_way, ==, CEILINGS[i]);
    end_all(&pace, first, PACE_OVERWHELMED);
  }
}

/* What was under way when it was halved tells nothing more, though it ends later. */
static void
test_late_failures_say_nothing_new(void)
{
  Pace pace = make_pace(8);
  fill(&pace);
  pace_end(&pace, 1, PACE_OVERWHELMED);
  g_assert_cmpint(pace.ceiling, ==, 4);
  for (int64_t number = 2; number <= 8; number++)
    pace_end(&pace, number, PACE_OVERWHELMED);
  g_assert_cmpint(pace.ceiling, ==, 4);
  pace_end(&pace, pace_start(&pace), PACE_OVERWHELMED);
  g_assert_cmpint(pace.ceiling, ==, 2);
}

static void
test_grows_by_one_a_round(void)
{
  static const int64_t CEILINGS[] = {2, 3, 4, 5, 6, 7, 8, 8};
  Pace pace = make_pace(8);
  for (int i = 0; i < 2; i++)
    end_all(&pace, fill(&pace), PACE_OVERWHELMED);
  for (size_t i = 0; i < G_N_ELEMENTS(CEILINGS); i++) {
    int64_t first = fill(&pace);
    g_assert_cmpint(pace.under_way, ==, CEILINGS[i]);
    end_all(&pace, first, PACE_GOOD);
  }
  end_all(&pace, fill(&pace), PACE_OVERWHELMED);
  end_all(&pace, fill(&pace), PACE_NEITHER);
  g_assert_cmpint(pace.ceiling, ==, 4);
}

/* Returns: how often a host is asked for @requests, each at most four times, of which @failing_percent fail */
static int
count_tries(int requests, int failing_percent, int64_t places, int *ret_failed)
{
  Pace pace = make_pace(places);
  int tries = 0;
  *ret_failed = 0;
  for (int i = 0; i < requests; i++) {
    bool has_failed = true;
    for (int left = 4; has_failed && left > 0; left--) {
      tries++;
      has_failed = g_test_rand_int_range(0, 100) < failing_percent;
      pace_end(&pace, pace_start(&pace), has_failed ? PACE_NEITHER : PACE_GOOD);
      if (has_failed && left > 1 && !pace_take_retry(&pace))
        break;
    }
    *ret_failed += has_failed;
  }
  return tries;
}

static void
test_retries_have_a_budget(void)
{
  int failed;
  g_assert_cmpint(count_tries(31, 100, 8, &failed), ==, 31 + 10);
  g_assert_cmpint(failed, ==, 31);
  /* one connection that breaks fails all that it carried */
  g_assert_cmpint(count_tries(200, 100, 128, &failed), ==, 200 + 128);
  g_assert_cmpint(count_tries(1000, 0, 8, &failed), ==, 1000);
  count_tries(1000, 10, 8, &failed);
  g_test_message("of 1,000 requests to a host that fails one in ten, %d were given up", failed);
  g_assert_cmpint(failed, <=, 10);
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/pace/halves-once-a-round", test_halves_once_a_round);
  g_test_add_func("/pace/late-failures-say-nothing-new", test_late_failures_say_nothing_new);
  g_test_add_func("/pace/grows-by-one-a-round", test_grows_by_one_a_round);
  g_test_add_func("/pace/retries-have-a-budget", test_retries_have_a_budget);
  return g_test_run();
}
