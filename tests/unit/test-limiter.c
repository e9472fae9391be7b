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
  limiter_end(limiter, "a", &QUOTA_UNKNOWN, 2);
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
  limiter_restore(second, windowed, 120, false);
  limiter_restore(second, paused, 120, false);
  limiter_set_window(second, "b", 1, 100);
  g_assert_cmpint(limiter_next_ms(second, "b", 120), ==, 160);
  g_assert_cmpint(limiter_next_ms(second, "a", 120), ==, 300);
}

/* The parts have windows of their own, and share what may be under way. */
static void
test_parts_of_a_host(void)
{
  g_autoptr(Limiter) limiter = limiter_new(2);
  limiter_set_window(limiter, "a/search", 1, 100);
  limiter_start(limiter, "a/search", 0);
  g_assert_cmpint(limiter_next_ms(limiter, "a/search", 1), ==, 100);
  g_assert_cmpint(limiter_next_ms(limiter, "a", 1), ==, 1);
  limiter_start(limiter, "a", 1);
  static const char *const PARTS[] = {"a", "a/search", "a/other"};
  for (size_t i = 0; i < G_N_ELEMENTS(PARTS); i++)
    g_assert_cmpint(limiter_next_ms(limiter, PARTS[i], 200), ==, INT64_MAX);
  g_assert_cmpint(limiter_next_ms(limiter, "ab", 200), ==, 200);
  limiter_end(limiter, "a/search", &QUOTA_UNKNOWN, 200);
  g_assert_cmpint(limiter_next_ms(limiter, "a/other", 200), ==, 200);
  limiter_pause(limiter, "a/search", 500);
  g_assert_cmpint(limiter_next_ms(limiter, "a", 200), ==, 200);
  limiter_pause(limiter, "a", 400);
  static const int64_t NEXT_MS[] = {400, 500, 400};
  for (size_t i = 0; i < G_N_ELEMENTS(PARTS); i++)
    g_assert_cmpint(limiter_next_ms(limiter, PARTS[i], 200), ==, NEXT_MS[i]);
}

/* One event: a request starts, or ends and its reply tells @quota; then, at @now_ms, the next may start at @next_ms. */
typedef struct {
  bool is_start;
  int64_t now_ms;
  Quota quota;
  int64_t next_ms;
} Event;

static void
play(const Event *events, size_t count)
{
  g_autoptr(Limiter) limiter = limiter_new(8);
  for (size_t i = 0; i < count; i++) {
    const Event *event = &events[i];
    g_test_message("event %zu", i);
    if (event->is_start)
      limiter_start(limiter, "a", event->now_ms);
    else
      limiter_end(limiter, "a", &event->quota, event->now_ms);
    g_assert_cmpint(limiter_next_ms(limiter, "a", event->now_ms), ==, event->next_ms);
  }
}

static void
test_quota_bounds_what_is_started(void)
{
  static const Event EVENTS[] = {
      {true, 0, {-1, -1, QUOTA_NO_RESET}, 0},
      {true, 0, {-1, -1, QUOTA_NO_RESET}, 0},
      {true, 0, {-1, -1, QUOTA_NO_RESET}, 0},
      /* three left, two of them may be those under way */
      {false, 10, {10, 3, 60000}, 10},
      {true, 11, {-1, -1, QUOTA_NO_RESET}, INT64_MAX},
      /* not counted by the host: the same is left */
      {false, 12, {10, 3, 60000}, 12},
      {true, 13, {-1, -1, QUOTA_NO_RESET}, INT64_MAX},
      /* no word: one less is left */
      {false, 14, {-1, -1, QUOTA_NO_RESET}, INT64_MAX},
      {false, 15, {10, 2, 60000}, 15},
      /* of replies that overtook each other, the least counts */
      {true, 16, {-1, -1, QUOTA_NO_RESET}, INT64_MAX},
      {false, 17, {10, 0, 60000}, 60000},
      {false, 18, {10, 5, 60000}, 60000},
      {true, 60000, {-1, -1, QUOTA_NO_RESET}, 60000},
  };
  play(EVENTS, G_N_ELEMENTS(EVENTS));
}

static void
test_quota_of_periods(void)
{
  static const Event EVENTS[] = {
      {true, 0, {-1, -1, QUOTA_NO_RESET}, 0},
      {true, 0, {-1, -1, QUOTA_NO_RESET}, 0},
      {true, 0, {-1, -1, QUOTA_NO_RESET}, 0},
      {true, 0, {-1, -1, QUOTA_NO_RESET}, 0},
      {true, 0, {-1, -1, QUOTA_NO_RESET}, 0},
      {true, 0, {-1, -1, QUOTA_NO_RESET}, 0},
      {false, 10, {10, 0, 60000}, 60000},
      /* told as seconds left, by a slow reply: the same period, and its end rather late than early */
      {false, 20, {10, 4, 61000}, 61000},
      {false, 30, {10, 4, 59000}, 61000},
      /* one that is over */
      {false, 40, {10, 9, 1000}, 61000},
      {false, 50, {10, 9, QUOTA_NO_RESET}, 61000},
      /* a later one, and a reply that the earlier one left behind */
      {false, 60, {10, 9, 120000}, 60},
      {true, 70, {-1, -1, QUOTA_NO_RESET}, 70},
      {false, 80, {10, 0, 60000}, 80},
  };
  play(EVENTS, G_N_ELEMENTS(EVENTS));
}

/* Without an end nothing is bounded for ever. */
static void
test_quota_without_reset_binds_nothing(void)
{
  static const Event EVENTS[] = {
      {true, 0, {-1, -1, QUOTA_NO_RESET}, 0},   {false, 10, {10, 0, QUOTA_NO_RESET}, 10},
      {true, 20, {-1, -1, QUOTA_NO_RESET}, 20}, {false, 30, {10, 0, 30}, 30},
      {true, 40, {-1, -1, QUOTA_NO_RESET}, 40}, {false, 50, {10, -1, 5000}, 50},
      {true, 60, {-1, -1, QUOTA_NO_RESET}, 60}, {false, 70, {10, 0, QUOTA_NO_RESET}, 5000},
  };
  play(EVENTS, G_N_ELEMENTS(EVENTS));
}

/* Whatever the replies tell and however they overtake each other, a host never gets more in a period than it allows. */
static void
test_announced_limits_are_kept(void)
{
  enum { ALLOWED = 20, PERIOD_MS = 1000, STEPS = 20000, IN_FLIGHT = 8 };
  g_autoptr(Limiter) limiter = limiter_new(IN_FLIGHT);
  int64_t period = -1;
  int64_t taken = 0;
  int64_t sent = 0;
  g_autoptr(GArray) under_way = g_array_new(FALSE, FALSE, sizeof(Quota));
  for (int64_t now_ms = 0; now_ms < STEPS; now_ms++) {
    if (now_ms / PERIOD_MS != period) {
      period = now_ms / PERIOD_MS;
      /* what is under way was counted when it was sent */
      taken = 0;
    }
    if (limiter_next_ms(limiter, "a", now_ms) == now_ms && g_test_rand_bit()) {
      limiter_start(limiter, "a", now_ms);
      taken++;
      sent++;
      g_assert_cmpint(taken, <=, ALLOWED);
      Quota told = {ALLOWED, ALLOWED - taken, (period + 1) * PERIOD_MS};
      g_array_append_val(under_way, told);
    }
    if (under_way->len > 0 && g_test_rand_int_range(0, 5) == 0) {
      unsigned which = (unsigned) g_test_rand_int_range(0, (gint32) under_way->len);
      Quota told = g_array_index(under_way, Quota, which);
      g_array_remove_index_fast(under_way, which);
      limiter_end(limiter, "a", &told, now_ms);
    }
  }
  g_assert_cmpint(sent, >, STEPS / PERIOD_MS * ALLOWED * 3 / 4);
}

static void
test_quota_outlives_the_limiter(void)
{
  g_autoptr(Limiter) first = limiter_new(8);
  limiter_start(first, "a", 0);
  limiter_end(first, "a", &(Quota){30, 9, 500}, 10);
  g_autoptr(GPtrArray) over = limiter_hosts(first, 500);
  g_assert_cmpuint(over->len, ==, 0);
  g_autoptr(GPtrArray) states = limiter_hosts(first, 499);
  g_assert_cmpuint(states->len, ==, 1);
  const LimiterHost *state = states->pdata[0];
  g_assert_cmpint(state->quota.allowed, ==, 30);
  g_assert_cmpint(state->quota.remaining, ==, 9);
  g_assert_cmpint(state->quota.reset_ms, ==, 500);
  static const int64_t LEFT[] = {9, 1}; /* after a crash 8 less */
  for (int has_lost = 0; has_lost < 2; has_lost++) {
    g_autoptr(Limiter) second = limiter_new(8);
    limiter_restore(second, state, 100, has_lost);
    for (int64_t i = 0; i < LEFT[has_lost]; i++) {
      g_assert_cmpint(limiter_next_ms(second, "a", 100), ==, 100);
      limiter_start(second, "a", 100);
      limiter_end(second, "a", &QUOTA_UNKNOWN, 100);
    }
    g_assert_cmpint(limiter_next_ms(second, "a", 100), ==, 500);
  }
}

/* How many may be sent at 100 of a window of 20 in any 1000, after what was kept of an earlier process. */
static int
count_free(int64_t sent_ms, bool has_lost, bool is_window_first)
{
  g_autoptr(Limiter) limiter = limiter_new(8);
  g_autoptr(GArray) times = g_array_new(FALSE, FALSE, sizeof(int64_t));
  if (sent_ms != INT64_MAX)
    g_array_append_val(times, sent_ms);
  LimiterHost state = {.host = "a/b", .sent_ms = times, .paused_until_ms = INT64_MIN, .quota = QUOTA_UNKNOWN};
  if (is_window_first)
    limiter_set_window(limiter, "a/b", 20, 1000);
  limiter_restore(limiter, &state, 100, has_lost);
  if (!is_window_first)
    limiter_set_window(limiter, "a/b", 20, 1000);
  int count = 0;
  for (; limiter_next_ms(limiter, "a/b", 100) == 100; count++) {
    limiter_start(limiter, "a/b", 100);
    limiter_end(limiter, "a/b", &QUOTA_UNKNOWN, 100);
  }
  return count;
}

static void
test_crash_charges_the_window(void)
{
  static const struct {
    int64_t sent_ms;
    bool has_lost;
    bool is_window_first;
    int free;
  } CASES[] = {
      {50, false, true, 19},    {50, false, false, 19},      {50, true, true, 11},
      {50, true, false, 11},    {-900, true, true, 20},      {-900, false, true, 20},
      {-900, false, false, 20}, {INT64_MAX, true, true, 20}, {INT64_MAX, true, false, 20},
  };
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    g_test_message("case %zu", i);
    g_assert_cmpint(count_free(CASES[i].sent_ms, CASES[i].has_lost, CASES[i].is_window_first), ==, CASES[i].free);
  }
}

static void
test_charge_is_no_more_than_the_window(void)
{
  g_autoptr(Limiter) limiter = limiter_new(8);
  limiter_set_window(limiter, "a", 3, 1000);
  g_autoptr(GArray) times = g_array_new(FALSE, FALSE, sizeof(int64_t));
  int64_t sent_ms = 50;
  g_array_append_val(times, sent_ms);
  LimiterHost state = {.host = "a", .sent_ms = times, .paused_until_ms = INT64_MIN, .quota = QUOTA_UNKNOWN};
  limiter_restore(limiter, &state, 100, true);
  g_assert_cmpint(limiter_next_ms(limiter, "a", 100), ==, 1100);
  g_autoptr(GPtrArray) states = limiter_hosts(limiter, 100);
  g_assert_cmpuint(((const LimiterHost *) states->pdata[0])->sent_ms->len, <=, 1 + 3);
}

static void
test_changes(void)
{
  g_autoptr(Limiter) limiter = limiter_new(8);
  limiter_set_window(limiter, "a", 3, 1000);
  uint64_t changes = limiter_changes(limiter);
  limiter_start(limiter, "b", 0);
  limiter_end(limiter, "b", &QUOTA_UNKNOWN, 1);
  g_assert_cmpuint(limiter_changes(limiter), ==, changes);
  limiter_start(limiter, "a", 0);
  g_assert_cmpuint(limiter_changes(limiter), >, changes);
  changes = limiter_changes(limiter);
  limiter_end(limiter, "a", &(Quota){3, 2, 500}, 1);
  g_assert_cmpuint(limiter_changes(limiter), >, changes);
  changes = limiter_changes(limiter);
  limiter_pause(limiter, "b", 10);
  g_assert_cmpuint(limiter_changes(limiter), >, changes);
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
  g_test_add_func("/limiter/parts-of-a-host", test_parts_of_a_host);
  g_test_add_func("/limiter/quota-bounds-what-is-started", test_quota_bounds_what_is_started);
  g_test_add_func("/limiter/quota-of-periods", test_quota_of_periods);
  g_test_add_func("/limiter/quota-without-reset-binds-nothing", test_quota_without_reset_binds_nothing);
  g_test_add_func("/limiter/announced-limits-are-kept", test_announced_limits_are_kept);
  g_test_add_func("/limiter/quota-outlives-the-limiter", test_quota_outlives_the_limiter);
  g_test_add_func("/limiter/crash-charges-the-window", test_crash_charges_the_window);
  g_test_add_func("/limiter/charge-is-no-more-than-the-window", test_charge_is_no_more_than_the_window);
  g_test_add_func("/limiter/changes", test_changes);
  return g_test_run();
}
