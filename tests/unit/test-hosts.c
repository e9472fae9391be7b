#include "net/hosts.h"

enum { WINDOW_MS = 1000 };

static const int64_t UTC_MS = INT64_C(1795163400000);

/* One to "a" that is answered at once. */
static void
ask(Limiter *limiter, int64_t tokens, int64_t now_ms)
{
  limiter_end(limiter, limiter_take(limiter, "a", tokens), &(Ending){.quotas = QUOTAS_UNKNOWN, .tokens = -1}, now_ms);
}

static void
test_times_move_to_another_clock(void)
{
  g_autoptr(Limiter) first = limiter_new(8);
  limiter_set_window(first, "a", 2, 1000, WINDOW_MS);
  ask(first, 0, 5000);
  ask(first, 40, 5100);
  limiter_pause(first, "b", 6000);
  g_autoptr(GPtrArray) states = hosts_save(first, 5200, UTC_MS);
  g_assert_cmpuint(states->len, ==, 2);
  const HostState *windowed = states->pdata[0];
  const HostState *paused = states->pdata[1];
  g_assert_cmpstr(windowed->window, ==, "[1795163399801,[1795163399901,40]]");
  g_assert_cmpint(windowed->paused_until_ms, ==, 0);
  g_assert_cmpstr(paused->window, ==, "[]");
  g_assert_cmpint(paused->paused_until_ms, ==, UTC_MS + 800);

  g_autoptr(Limiter) second = limiter_new(8);
  hosts_restore(second, windowed, false, 70, UTC_MS + 300);
  hosts_restore(second, paused, false, 70, UTC_MS + 300);
  limiter_set_window(second, "a", 2, 40, WINDOW_MS);
  /* read to the millisecond, twice */
  g_assert_cmpint(limiter_next_ms(second, "a", 0, 70), ==, 70 - 499 + 2 + WINDOW_MS);
  g_assert_cmpint(limiter_next_ms(second, "a", 1, 70), ==, 70 - 399 + 2 + WINDOW_MS);
  g_assert_cmpint(limiter_next_ms(second, "b", 0, 70), ==, 70 + 500);
}

static void
test_quota_moves_to_another_clock(void)
{
  g_autoptr(Limiter) first = limiter_new(8);
  const Ending ending = {.quotas = {.requests = {10, 0, 5900}, .tokens = QUOTA_UNKNOWN}, .tokens = -1};
  limiter_end(first, limiter_take(first, "a/b", 0), &ending, 5100);
  g_autoptr(GPtrArray) states = hosts_save(first, 5200, UTC_MS);
  g_assert_cmpuint(states->len, ==, 1);
  const HostState *state = states->pdata[0];
  g_assert_cmpstr(state->host, ==, "a/b");
  g_assert_cmpint(state->allowed, ==, 10);
  g_assert_cmpint(state->remaining, ==, 0);
  g_assert_cmpint(state->reset_ms, ==, UTC_MS + 700);
  g_autoptr(Limiter) second = limiter_new(8);
  hosts_restore(second, state, false, 70, UTC_MS + 300);
  g_assert_cmpint(limiter_next_ms(second, "a/b", 0, 70), ==, 70 + 400);
}

/* A clock set back, or a damaged store, must not lock a host out for good. */
static void
test_strange_states(void)
{
  enum { NOW_MS = 70, DAY_MS = 24 * 3600 * 1000 };
  static const struct {
    HostState state;
    int64_t next_ms;
  } CASES[] = {
      {{.host = "a", .window = "[1795163405000]"}, NOW_MS + 1000 + 2 + WINDOW_MS},
      {{.host = "a", .window = "[[1795163400000, 7]]"}, NOW_MS + 2 + WINDOW_MS},
      {{.host = "a", .window = "[[1795163400000]]"}, NOW_MS + 2 + WINDOW_MS},
      {{.host = "a", .window = "[[1795163400000, -7], [], [[]], [\"7\", 7], [1795163400000, 1000000000]]"}, NOW_MS},
      {{.host = "a", .window = "[-9223372036854775808, 0]"}, NOW_MS},
      {{.host = "a", .window = "[1795163405000"}, NOW_MS},
      {{.host = "a", .window = "[\"1795163400000\", null]"}, NOW_MS},
      {{.host = "a", .window = "{}"}, NOW_MS},
      {{.host = "a", .window = NULL, .paused_until_ms = -1}, NOW_MS},
      {{.host = "a", .window = "", .paused_until_ms = INT64_MAX}, NOW_MS + DAY_MS},
      {{.host = "a", .window = "", .reset_ms = INT64_MAX}, NOW_MS},
      {{.host = "a", .window = "", .paused_until_ms = INT64_MIN, .reset_ms = INT64_MIN}, NOW_MS},
      {{.host = "a", .window = "", .reset_ms = INT64_C(1795163400000)}, NOW_MS},
      {{.host = "a", .window = "", .reset_ms = INT64_C(1795163400300)}, NOW_MS + 300},
  };
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    g_autoptr(Limiter) limiter = limiter_new(8);
    hosts_restore(limiter, &CASES[i].state, false, NOW_MS, UTC_MS);
    limiter_set_window(limiter, "a", 1, 0, WINDOW_MS);
    g_assert_cmpint(limiter_next_ms(limiter, "a", 0, NOW_MS), ==, CASES[i].next_ms);
  }
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/hosts/times-move-to-another-clock", test_times_move_to_another_clock);
  g_test_add_func("/hosts/quota-moves-to-another-clock", test_quota_moves_to_another_clock);
  g_test_add_func("/hosts/strange-states", test_strange_states);
  return g_test_run();
}
