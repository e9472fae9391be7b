#include "net/schedule.h"

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
  g_assert_cmpint(schedule_next_ms(schedule, 0, NULL), ==, INT64_MAX);
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
  g_assert_cmpint(schedule_next_ms(schedule, 0, NULL), ==, 50);
  expect_order(schedule, 99, "b2b3");
  g_assert_cmpint(schedule_next_ms(schedule, 99, NULL), ==, 100);
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
  g_test_add_func("/schedule/hosts-take-turns", test_hosts_take_turns);
  g_test_add_func("/schedule/blocked-host-holds-up-no-other", test_blocked_host_holds_up_no_other);
  g_test_add_func("/schedule/what-cannot-make-the-deadline-is-given-up", test_what_cannot_make_the_deadline_is_given_up);
  return g_test_run();
}
