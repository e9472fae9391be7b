#include "net/limiter.h"
#include "net/schedule.h"

#include <string.h>

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

static void
expect_order(Schedule *schedule, int64_t now_ms, const char *expected)
{
  g_autoptr(GString) order = g_string_new(NULL);
  for (const char *entry = schedule_take(schedule, now_ms); entry != NULL; entry = schedule_take(schedule, now_ms))
    g_string_append(order, entry);
  g_assert_cmpstr(order->str, ==, expected);
}

static void
test_hosts_take_turns(void)
{
  g_autoptr(Limiter) limiter = limiter_new(8);
  g_autoptr(Schedule) schedule = schedule_new(limiter);
  const char *entries[] = {"a1", "a2", "a3", "b1", "b2", "c1"};
  for (size_t i = 0; i < G_N_ELEMENTS(entries); i++) {
    const char host[] = {entries[i][0], '\0'};
    schedule_add(schedule, host, (void *) entries[i]);
  }
  expect_order(schedule, 0, "a1b1c1a2b2a3");
  g_assert_cmpint(schedule_next_ms(schedule, 0), ==, INT64_MAX);
}

static void
test_blocked_host_holds_up_no_other(void)
{
  g_autoptr(Limiter) limiter = limiter_new(8);
  g_autoptr(Schedule) schedule = schedule_new(limiter);
  limiter_pause(limiter, "a", 100);
  schedule_add(schedule, "a", "a1");
  schedule_add(schedule, "a", "a2");
  schedule_add(schedule, "b", "b1");
  schedule_delay(schedule, "b", 70, "b3");
  schedule_delay(schedule, "b", 50, "b2");
  expect_order(schedule, 0, "b1");
  g_assert_cmpint(schedule_next_ms(schedule, 0), ==, 50);
  expect_order(schedule, 99, "b2b3");
  g_assert_cmpint(schedule_next_ms(schedule, 99), ==, 100);
  expect_order(schedule, 100, "a1a2");
}

static void
expect_hopeless(Schedule *schedule, int64_t now_ms, int64_t deadline_ms, const char *expected)
{
  g_autoptr(GString) order = g_string_new(NULL);
  const char *entry;
  while ((entry = schedule_take_hopeless(schedule, now_ms, deadline_ms)) != NULL)
    g_string_append(order, entry);
  g_assert_cmpstr(order->str, ==, expected);
}

static void
test_what_cannot_make_the_deadline_is_given_up(void)
{
  g_autoptr(Limiter) limiter = limiter_new(1);
  g_autoptr(Schedule) schedule = schedule_new(limiter);
  limiter_pause(limiter, "paused", 100);
  limiter_start(limiter, "busy", 0);
  schedule_add(schedule, "paused", "p1");
  schedule_add(schedule, "paused", "p2");
  schedule_add(schedule, "busy", "b");
  schedule_add(schedule, "free", "f");
  schedule_delay(schedule, "free", 99, "d1");
  schedule_delay(schedule, "free", 100, "d2");
  expect_hopeless(schedule, 0, INT64_MAX, "");
  expect_hopeless(schedule, 0, 101, "");
  expect_hopeless(schedule, 0, 100, "d2p1p2");
  expect_hopeless(schedule, 100, 100, "d1bf");
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/limiter/in-flight", test_in_flight);
  g_test_add_func("/limiter/pause", test_pause);
  g_test_add_func("/limiter/window", test_window);
  g_test_add_func("/limiter/state-outlives-the-limiter", test_state_outlives_the_limiter);
  g_test_add_func("/schedule/hosts-take-turns", test_hosts_take_turns);
  g_test_add_func("/schedule/blocked-host-holds-up-no-other", test_blocked_host_holds_up_no_other);
  g_test_add_func("/schedule/what-cannot-make-the-deadline-is-given-up", test_what_cannot_make_the_deadline_is_given_up);
  return g_test_run();
}
