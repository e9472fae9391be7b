#include "net/limiter.h"

static void
test_in_flight(void)
{
  g_autoptr(Limiter) limiter = limiter_new(2);
  limiter_start(limiter, "a", 0);
  g_assert_cmpint(limiter_next_ms(limiter, "a", 1), ==, 1);
  limiter_start(limiter, "a", 1);
  g_assert_cmpint(limiter_next_ms(limiter, "a", 2), ==, INT64_MAX);
  g_assert_cmpint(limiter_next_ms(limiter, "b", 2), ==, 2);
  limiter_end(limiter, "a");
  g_assert_cmpint(limiter_next_ms(limiter, "a", 3), ==, 3);
}

static void
test_pause(void)
{
  g_autoptr(Limiter) limiter = limiter_new(1);
  limiter_pause(limiter, "a", 500);
  limiter_pause(limiter, "a", 400);
  g_assert_cmpint(limiter_next_ms(limiter, "a", 100), ==, 500);
  g_assert_cmpint(limiter_next_ms(limiter, "a", 600), ==, 600);
  g_assert_cmpint(limiter_next_ms(limiter, "b", 100), ==, 100);
}

/* Sends as early as allowed and checks that no window holds too many and that no time is lost. */
static void
test_window(void)
{
  enum { REQUESTS = 3, WINDOW_MS = 100, SENDS = 50 };
  g_autoptr(Limiter) limiter = limiter_new(INT64_MAX);
  limiter_set_window(limiter, "a", REQUESTS, WINDOW_MS);
  int64_t sent_ms[SENDS];
  int64_t now_ms = 0;
  for (int i = 0; i < SENDS; i++) {
    now_ms += g_test_rand_int_range(0, 40);
    int64_t next_ms = limiter_next_ms(limiter, "a", now_ms);
    int64_t expected_ms = i < REQUESTS ? now_ms : MAX(now_ms, sent_ms[i - REQUESTS] + WINDOW_MS);
    g_assert_cmpint(next_ms, ==, expected_ms);
    sent_ms[i] = now_ms = next_ms;
    limiter_start(limiter, "a", now_ms);
  }
}

static void
test_smaller_window_counts_the_latest(void)
{
  g_autoptr(Limiter) limiter = limiter_new(8);
  limiter_set_window(limiter, "a", 2, 100);
  limiter_start(limiter, "a", 0);
  limiter_start(limiter, "a", 10);
  limiter_set_window(limiter, "a", 1, 100);
  g_assert_cmpint(limiter_next_ms(limiter, "a", 20), ==, 110);
}

static void
test_state_outlives_the_limiter(void)
{
  g_autoptr(Limiter) first = limiter_new(8);
  limiter_set_window(first, "b", 2, 100);
  limiter_start(first, "b", 10);
  limiter_start(first, "b", 60);
  limiter_start(first, "unlimited", 60);
  limiter_pause(first, "a", 300);
  limiter_pause(first, "over", 90);
  g_autoptr(GPtrArray) states = limiter_hosts(first, 120);
  g_assert_cmpuint(states->len, ==, 2);
  const LimiterHost *paused = states->pdata[0];
  const LimiterHost *windowed = states->pdata[1];
  g_assert_cmpstr(paused->host, ==, "a");
  g_assert_cmpint(paused->paused_until_ms, ==, 300);
  g_assert_cmpstr(windowed->host, ==, "b");
  g_assert_cmpuint(windowed->sent_ms->len, ==, 1);

  g_autoptr(Limiter) second = limiter_new(8);
  limiter_restore(second, windowed);
  limiter_restore(second, paused);
  limiter_set_window(second, "b", 1, 100);
  g_assert_cmpint(limiter_next_ms(second, "b", 120), ==, 160);
  g_assert_cmpint(limiter_next_ms(second, "a", 120), ==, 300);
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/limiter/in-flight", test_in_flight);
  g_test_add_func("/limiter/pause", test_pause);
  g_test_add_func("/limiter/window", test_window);
  g_test_add_func("/limiter/smaller-window-counts-the-latest", test_smaller_window_counts_the_latest);
  g_test_add_func("/limiter/state-outlives-the-limiter", test_state_outlives_the_limiter);
  return g_test_run();
}
