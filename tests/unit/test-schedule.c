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
    schedule_add(schedule, host, 0, INT64_MIN, (void *) entries[i]);
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
  schedule_add(schedule, "a", 0, INT64_MIN, "a1");
  schedule_add(schedule, "a", 0, INT64_MIN, "a2");
  schedule_add(schedule, "b", 0, INT64_MIN, "b1");
  schedule_add(schedule, "b", 0, 70, "b3");
  schedule_add(schedule, "b", 0, 50, "b2");
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
  Place *busy = limiter_take(limiter, "busy", 0);
  schedule_add(schedule, "paused", 0, INT64_MIN, "p1");
  schedule_add(schedule, "paused", 0, INT64_MIN, "p2");
  schedule_add(schedule, "busy", 0, INT64_MIN, "b");
  schedule_add(schedule, "free", 0, INT64_MIN, "f");
  schedule_add(schedule, "free", 0, 99, "d1");
  schedule_add(schedule, "free", 0, 100, "d2");
  expect_hopeless(schedule, 0, INT64_MAX, "");
  expect_hopeless(schedule, 0, 101, "");
  expect_hopeless(schedule, 0, 100, "d2p1p2");
  expect_hopeless(schedule, 100, 100, "d1fb");
  limiter_cancel(limiter, busy);
}

/* A host that waits for an answer goes on when schedule_recheck() says so; all its parts do. */
static void
test_held_hosts_are_rechecked(void)
{
  g_autoptr(Limiter) limiter = limiter_new(1);
  g_autoptr(Schedule) schedule = schedule_new(limiter);
  Place *place = limiter_take(limiter, "a", 0);
  schedule_add(schedule, "a", 0, INT64_MIN, "a1");
  schedule_add(schedule, "a/part", 0, INT64_MIN, "a2");
  expect_order(schedule, 0, "");
  const char *host = "";
  g_assert_cmpint(schedule_next_ms(schedule, 0, &host), ==, INT64_MAX);
  g_assert_null(host);
  limiter_cancel(limiter, place);
  schedule_recheck(schedule, "a/other");
  g_assert_cmpint(schedule_next_ms(schedule, 0, &host), ==, 0);
  g_assert_cmpstr(host, ==, "a");
  expect_order(schedule, 0, "a1a2");
}

/* What is too large for now waits, and what comes after it too: nothing overtakes within a host. */
static void
test_tokens_of_the_first_count(void)
{
  g_autoptr(Limiter) limiter = limiter_new(8);
  limiter_set_window(limiter, "a", 0, 100, 1000);
  Place *place = limiter_take(limiter, "a", 60);
  limiter_sent(limiter, place, 0);
  g_autoptr(Schedule) schedule = schedule_new(limiter);
  schedule_add(schedule, "a", 50, INT64_MIN, "large");
  schedule_add(schedule, "a", 10, INT64_MIN, "small");
  expect_order(schedule, 0, "");
  g_assert_cmpint(schedule_next_ms(schedule, 0, NULL), ==, 2001);
  limiter_end(limiter, place, &(Ending){.quotas = QUOTAS_UNKNOWN, .tokens = 20}, 10);
  schedule_recheck(schedule, "a");
  expect_order(schedule, 10, "largesmall");
}

/* Nearly all of it is held up at any time: ten times as much takes about ten times as long, as is told, not a hundred. */
static double
time_requests(int hosts, int each)
{
  g_autoptr(Limiter) limiter = limiter_new(1);
  g_autoptr(Schedule) schedule = schedule_new(limiter);
  g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
  GQueue under_way = G_QUEUE_INIT;
  for (int i = 0; i < hosts; i++)
    g_ptr_array_add(names, g_strdup_printf("host%d", i));
  for (int i = 0; i < hosts * each; i++)
    schedule_add(schedule, names->pdata[i % hosts], 0, i % 2 == 0 ? INT64_MIN : i / hosts, names->pdata[i % hosts]);
  g_autoptr(GTimer) timer = g_timer_new();
  for (int left = hosts * each; left > 0;) {
    for (char *host; (host = schedule_take(schedule, each)) != NULL; left--) {
      g_queue_push_tail(&under_way, limiter_take(limiter, host, 0));
      g_queue_push_tail(&under_way, host);
    }
    g_assert_cmpint(schedule_next_ms(schedule, each, NULL), ==, INT64_MAX);
    g_assert_null(schedule_take_hopeless(schedule, each, each + 1));
    limiter_cancel(limiter, g_queue_pop_head(&under_way));
    schedule_recheck(schedule, g_queue_pop_head(&under_way));
  }
  for (Place *place; (place = g_queue_pop_head(&under_way)) != NULL; g_queue_pop_head(&under_way))
    limiter_cancel(limiter, place);
  return g_timer_elapsed(timer, NULL);
}

static void
test_many_hosts(void)
{
  double few_s = time_requests(100, 10);
  double many_s = time_requests(1000, 10);
  g_test_message("1,000 requests to 100 hosts %.1f ms, 10,000 to 1,000 %.1f ms", few_s * 1000, many_s * 1000);
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/schedule/hosts-take-turns", test_hosts_take_turns);
  g_test_add_func("/schedule/blocked-host-holds-up-no-other", test_blocked_host_holds_up_no_other);
  g_test_add_func("/schedule/what-cannot-make-the-deadline-is-given-up", test_what_cannot_make_the_deadline_is_given_up);
  g_test_add_func("/schedule/held-hosts-are-rechecked", test_held_hosts_are_rechecked);
  g_test_add_func("/schedule/tokens-of-the-first-count", test_tokens_of_the_first_count);
  g_test_add_func("/schedule/many-hosts", test_many_hosts);
  return g_test_run();
}
