#include "net/limiter.h"

/* A request to @host goes out. */
static Place *
start(Limiter *limiter, const char *host, int64_t now_ms)
{
  Place *place = limiter_take(limiter, host, 0);
  limiter_sent(limiter, place, now_ms);
  return place;
}

/* It ended, and its reply told @quota of requests. */
static void
end(Limiter *limiter, Place *place, Quota quota, int64_t now_ms)
{
  const Ending ending = {.quotas = {.requests = quota, .tokens = QUOTA_UNKNOWN}, .tokens = -1, .verdict = PACE_GOOD};
  limiter_end(limiter, place, &ending, now_ms);
}

/* One that is answered at once, and so was received at @now_ms. */
static void
ask(Limiter *limiter, const char *host, int64_t now_ms)
{
  end(limiter, start(limiter, host, now_ms), QUOTA_UNKNOWN, now_ms);
}

static int64_t
next_ms(Limiter *limiter, const char *host, int64_t now_ms)
{
  return limiter_next_ms(limiter, host, 0, now_ms);
}

static void
test_in_flight(void)
{
  g_autoptr(Limiter) limiter = limiter_new(2);
  Place *first = start(limiter, "a", 0);
  g_assert_cmpint(next_ms(limiter, "a", 1), ==, 1);
  Place *second = start(limiter, "a", 1);
  g_assert_cmpint(next_ms(limiter, "a", 2), ==, INT64_MAX);
  g_assert_cmpint(next_ms(limiter, "b", 2), ==, 2);
  end(limiter, first, QUOTA_UNKNOWN, 2);
  g_assert_cmpint(next_ms(limiter, "a", 3), ==, 3);
  limiter_set_in_flight(limiter, "a/part", 1);
  g_assert_cmpint(next_ms(limiter, "a", 3), ==, INT64_MAX);
  limiter_set_in_flight(limiter, "a", 3);
  limiter_set_in_flight(limiter, "a", 2);
  limiter_cancel(limiter, start(limiter, "a", 3));
  Place *third = start(limiter, "a", 3);
  g_assert_cmpint(next_ms(limiter, "a/part", 3), ==, 3);
  end(limiter, second, QUOTA_UNKNOWN, 4);
  end(limiter, third, QUOTA_UNKNOWN, 4);
}

static void
test_pause(void)
{
  g_autoptr(Limiter) limiter = limiter_new(1);
  limiter_pause(limiter, "a", 500);
  limiter_pause(limiter, "a", 400);
  g_assert_cmpint(next_ms(limiter, "a", 100), ==, 500);
  g_assert_cmpint(next_ms(limiter, "a", 600), ==, 600);
  g_assert_cmpint(next_ms(limiter, "b", 100), ==, 100);
}

/* Asks as early as allowed and checks that no window holds too many and that no time is lost. */
static void
test_window(void)
{
  enum { REQUESTS = 3, WINDOW_MS = 100, SENDS = 50 };
  g_autoptr(Limiter) limiter = limiter_new(8);
  limiter_set_window(limiter, "a", REQUESTS, 0, WINDOW_MS);
  int64_t sent_ms[SENDS];
  int64_t now_ms = 0;
  for (int i = 0; i < SENDS; i++) {
    now_ms += g_test_rand_int_range(0, 40);
    int64_t open_ms = next_ms(limiter, "a", now_ms);
    int64_t expected_ms = i < REQUESTS ? now_ms : MAX(now_ms, sent_ms[i - REQUESTS] + WINDOW_MS + 1);
    g_assert_cmpint(open_ms, ==, expected_ms);
    sent_ms[i] = now_ms = open_ms;
    ask(limiter, "a", now_ms);
  }
}

/* Between the bounds of when it can have been received, what is not known counts against us. */
static void
test_counts_from_the_latest_receipt(void)
{
  g_autoptr(Limiter) limiter = limiter_new(8);
  limiter_set_window(limiter, "a", 1, 0, 5000);
  Place *due = limiter_take(limiter, "a", 0);
  g_assert_cmpint(next_ms(limiter, "a", 9000), ==, INT64_MAX);
  limiter_sent(limiter, due, 9000);
  g_assert_cmpint(next_ms(limiter, "a", 9000), ==, 9000 + 1000 + 1 + 5000);
  end(limiter, due, QUOTA_UNKNOWN, 9300);
  g_assert_cmpint(next_ms(limiter, "a", 9300), ==, 9300 + 1 + 5000);
  Place *slow = start(limiter, "a", 20000);
  end(limiter, slow, QUOTA_UNKNOWN, 23000);
  g_assert_cmpint(next_ms(limiter, "a", 23000), ==, 20000 + 1000 + 1 + 5000);
  Place *unsent = limiter_take(limiter, "a", 0);
  limiter_cancel(limiter, unsent);
  g_assert_cmpint(next_ms(limiter, "a", 30000), ==, 30000);
  Place *endless = start(limiter, "a", 30000);
  g_assert_cmpint(next_ms(limiter, "a", 40000), ==, 40000);
  end(limiter, endless, QUOTA_UNKNOWN, 40000);
  g_assert_cmpint(next_ms(limiter, "a", 40000), ==, 40000);
}

static void
test_tokens(void)
{
  static const int64_t WINDOW_MS = 60000;
  g_autoptr(Limiter) limiter = limiter_new(8);
  limiter_set_window(limiter, "a", 0, 100, WINDOW_MS);
  Place *first = limiter_take(limiter, "a", 60);
  g_assert_cmpint(limiter_next_ms(limiter, "a", 40, 0), ==, 0);
  g_assert_cmpint(limiter_next_ms(limiter, "a", 41, 0), ==, INT64_MAX);
  limiter_sent(limiter, first, 0);
  g_assert_cmpint(limiter_next_ms(limiter, "a", 41, 0), ==, 1001 + WINDOW_MS);
  /* told less than it may have taken */
  limiter_end(limiter, first, &(Ending){.quotas = QUOTAS_UNKNOWN, .tokens = 30}, 500);
  g_assert_cmpint(limiter_next_ms(limiter, "a", 70, 500), ==, 500);
  Place *second = limiter_take(limiter, "a", 70);
  limiter_sent(limiter, second, 2000);
  g_assert_cmpint(limiter_next_ms(limiter, "a", 30, 2000), ==, 501 + WINDOW_MS);
  g_assert_cmpint(limiter_next_ms(limiter, "a", 31, 2000), ==, 3001 + WINDOW_MS);
  /* larger than the limit: when nothing else counts */
  g_assert_cmpint(limiter_next_ms(limiter, "a", 1000, 2000), ==, 3001 + WINDOW_MS);
  /* nothing told: its worst case stands; a refusal takes none */
  limiter_end(limiter, second, &(Ending){.quotas = QUOTAS_UNKNOWN, .tokens = -1}, 2500);
  g_assert_cmpint(limiter_next_ms(limiter, "a", 31, 2500), ==, 2501 + WINDOW_MS);
  Place *refused = limiter_take(limiter, "a", 0);
  limiter_end(limiter, refused, &(Ending){.quotas = QUOTAS_UNKNOWN, .tokens = 0}, 2500);
  g_assert_cmpint(limiter_next_ms(limiter, "a", 100, 600 + WINDOW_MS), ==, 2501 + WINDOW_MS);
}

/* A window of our own is tightened by what a sliding one of the host's has room for in all; without one, nothing more goes than
 * is left till all is given back. */
static void
test_answers_tell_what_calls_take(void)
{
  g_autoptr(Limiter) limiter = limiter_new(100);
  limiter_set_window(limiter, "a", 0, 1000, 60000);
  for (int i = 0; i < 8; i++)
    limiter_end(limiter, limiter_take(limiter, "a", 300), &(Ending){QUOTAS_UNKNOWN, i == 3 ? 100 : 50, PACE_GOOD}, 1);
  /* of 1,000 tokens 550 are left: for five calls, of a tenth more too, but for none that is much larger than any before */
  g_assert_cmpint(limiter_next_ms(limiter, "a", 600, 2), >, 2);
  int calls = 0;
  for (; calls < 9 && limiter_next_ms(limiter, "a", 330, 2) == 2; calls++)
    limiter_end(limiter, limiter_take(limiter, "a", 330), &(Ending){QUOTAS_UNKNOWN, 100, PACE_GOOD}, 2);
  g_assert_cmpint(calls, ==, 5);
}

static void
test_sliding_quotas(void)
{
  static const Ending TOLD = {.quotas = {.requests = {5, 0, 9000}, .tokens = {100, 10, 8000}, .is_sliding = true},
                              .tokens = 50};
  g_autoptr(Limiter) limiter = limiter_new(8);
  limiter_end(limiter, limiter_take(limiter, "a", 50), &TOLD, 1000);
  g_assert_cmpint(limiter_next_ms(limiter, "a", 10, 1000), ==, 9000);
  limiter_set_window(limiter, "b", 6, 0, 60000);
  limiter_end(limiter, limiter_take(limiter, "b", 50), &TOLD, 1000);
  g_assert_cmpint(limiter_next_ms(limiter, "b", 10, 1000), ==, 1000);
  g_assert_cmpint(limiter_next_ms(limiter, "b", 11, 1000), ==, 8000);
  for (int i = 0; i < 4; i++)
    ask(limiter, "b", 9000);
  g_assert_cmpint(limiter_next_ms(limiter, "b", 0, 9000), ==, 1001 + 60000);
}

static void
test_smaller_window_counts_the_latest(void)
{
  g_autoptr(Limiter) limiter = limiter_new(8);
  limiter_set_window(limiter, "a", 2, 0, 100);
  ask(limiter, "a", 0);
  ask(limiter, "a", 10);
  limiter_set_window(limiter, "a", 1, 0, 100);
  g_assert_cmpint(next_ms(limiter, "a", 20), ==, 111);
}

static void
test_state_outlives_the_limiter(void)
{
  g_autoptr(Limiter) first = limiter_new(8);
  limiter_set_window(first, "b", 2, 1000, 100);
  ask(first, "b", 10);
  Place *under_way = limiter_take(first, "b", 70);
  ask(first, "unlimited", 60);
  limiter_pause(first, "a", 300);
  limiter_pause(first, "over", 90);
  g_autoptr(GPtrArray) states = limiter_hosts(first, 120);
  g_assert_cmpuint(states->len, ==, 2);
  const LimiterHost *paused = states->pdata[0];
  const LimiterHost *windowed = states->pdata[1];
  g_assert_cmpstr(paused->host, ==, "a");
  g_assert_cmpint(paused->paused_until_ms, ==, 300);
  g_assert_cmpstr(windowed->host, ==, "b");
  g_assert_cmpuint(windowed->counted->len, ==, 1);
  g_assert_cmpint(g_array_index(windowed->counted, Counted, 0).received_ms, ==, 120 + 1001);
  g_assert_cmpint(g_array_index(windowed->counted, Counted, 0).tokens, ==, 70);

  g_autoptr(Limiter) second = limiter_new(8);
  limiter_restore(second, windowed, 120, false);
  limiter_restore(second, paused, 120, false);
  limiter_set_window(second, "b", 2, 100, 100);
  g_assert_cmpint(limiter_next_ms(second, "b", 30, 120), ==, 120);
  g_assert_cmpint(limiter_next_ms(second, "b", 31, 120), ==, 120 + 1001 + 100);
  g_assert_cmpint(next_ms(second, "a", 120), ==, 300);
  limiter_cancel(first, under_way);
}

/* The parts have windows of their own, and share what may be under way. */
static void
test_parts_of_a_host(void)
{
  g_autoptr(Limiter) limiter = limiter_new(2);
  limiter_set_window(limiter, "a/search", 1, 0, 100);
  Place *part = start(limiter, "a/search", 0);
  g_assert_cmpint(next_ms(limiter, "a/search", 1), ==, 1101);
  g_assert_cmpint(next_ms(limiter, "a", 1), ==, 1);
  Place *whole = start(limiter, "a", 1);
  static const char *const PARTS[] = {"a", "a/search", "a/other"};
  for (size_t i = 0; i < G_N_ELEMENTS(PARTS); i++)
    g_assert_cmpint(next_ms(limiter, PARTS[i], 200), ==, INT64_MAX);
  g_assert_cmpint(next_ms(limiter, "ab", 200), ==, 200);
  end(limiter, part, QUOTA_UNKNOWN, 50);
  end(limiter, whole, QUOTA_UNKNOWN, 50);
  g_assert_cmpint(next_ms(limiter, "a/other", 200), ==, 200);
  limiter_pause(limiter, "a/search", 500);
  g_assert_cmpint(next_ms(limiter, "a", 200), ==, 200);
  limiter_pause(limiter, "a", 400);
  static const int64_t NEXT_MS[] = {400, 500, 400};
  for (size_t i = 0; i < G_N_ELEMENTS(PARTS); i++)
    g_assert_cmpint(next_ms(limiter, PARTS[i], 200), ==, NEXT_MS[i]);
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
  GQueue under_way = G_QUEUE_INIT;
  for (size_t i = 0; i < count; i++) {
    const Event *event = &events[i];
    g_test_message("event %zu", i);
    if (event->is_start)
      g_queue_push_tail(&under_way, start(limiter, "a", event->now_ms));
    else
      end(limiter, g_queue_pop_head(&under_way), event->quota, event->now_ms);
    g_assert_cmpint(next_ms(limiter, "a", event->now_ms), ==, event->next_ms);
  }
  while (under_way.length > 0)
    end(limiter, g_queue_pop_head(&under_way), QUOTA_UNKNOWN, 0);
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
  struct {
    Place *place;
    Quota told;
  } under_way[IN_FLIGHT];
  int count = 0;
  for (int64_t now_ms = 0; now_ms < STEPS; now_ms++) {
    if (now_ms / PERIOD_MS != period) {
      period = now_ms / PERIOD_MS;
      /* what is under way was counted when it was sent */
      taken = 0;
    }
    if (next_ms(limiter, "a", now_ms) == now_ms && g_test_rand_bit()) {
      taken++;
      sent++;
      g_assert_cmpint(taken, <=, ALLOWED);
      under_way[count].place = start(limiter, "a", now_ms);
      under_way[count++].told = (Quota){ALLOWED, ALLOWED - taken, (period + 1) * PERIOD_MS};
    }
    if (count > 0 && g_test_rand_int_range(0, 5) == 0) {
      int which = g_test_rand_int_range(0, count);
      end(limiter, under_way[which].place, under_way[which].told, now_ms);
      under_way[which] = under_way[--count];
    }
  }
  while (count > 0)
    end(limiter, under_way[--count].place, QUOTA_UNKNOWN, STEPS);
  g_assert_cmpint(sent, >, STEPS / PERIOD_MS * ALLOWED * 3 / 4);
}

static void
test_quota_outlives_the_limiter(void)
{
  g_autoptr(Limiter) first = limiter_new(8);
  end(first, start(first, "a", 0), (Quota){30, 9, 500}, 10);
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
      g_assert_cmpint(next_ms(second, "a", 100), ==, 100);
      ask(second, "a", 100);
    }
    g_assert_cmpint(next_ms(second, "a", 100), ==, 500);
  }
}

/* How many may be sent at 100 of a window of 20 in any 1000, after what was kept of an earlier process. */
static int
count_free(int64_t sent_ms, bool has_lost, bool is_window_first)
{
  g_autoptr(Limiter) limiter = limiter_new(8);
  g_autoptr(GArray) times = g_array_new(FALSE, FALSE, sizeof(Counted));
  const Counted counted = {sent_ms, 0};
  if (sent_ms != INT64_MAX)
    g_array_append_val(times, counted);
  LimiterHost state = {.host = "a/b", .counted = times, .paused_until_ms = INT64_MIN, .quota = QUOTA_UNKNOWN};
  if (is_window_first)
    limiter_set_window(limiter, "a/b", 20, 0, 1000);
  limiter_restore(limiter, &state, 100, has_lost);
  if (!is_window_first)
    limiter_set_window(limiter, "a/b", 20, 0, 1000);
  int count = 0;
  for (; next_ms(limiter, "a/b", 100) == 100; count++) {
    ask(limiter, "a/b", 100);
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

/* What may have been lost is as large as the largest that is known, and no more than the window. */
static void
test_size_of_the_charge(void)
{
  g_autoptr(Limiter) limiter = limiter_new(8);
  limiter_set_window(limiter, "a", 3, 100, 1000);
  g_autoptr(GArray) counted = g_array_new(FALSE, FALSE, sizeof(Counted));
  static const Counted COUNTED[] = {{50, 20}, {60, 7}};
  g_array_append_vals(counted, COUNTED, G_N_ELEMENTS(COUNTED));
  LimiterHost state = {.host = "a", .counted = counted, .paused_until_ms = INT64_MIN, .quota = QUOTA_UNKNOWN};
  limiter_restore(limiter, &state, 100, true);
  g_assert_cmpint(next_ms(limiter, "a", 100), ==, 1101);
  g_autoptr(GPtrArray) states = limiter_hosts(limiter, 100);
  const GArray *charged = ((const LimiterHost *) states->pdata[0])->counted;
  g_assert_cmpuint(charged->len, ==, 2 + 3);
  for (unsigned i = 2; i < charged->len; i++)
    g_assert_cmpint(g_array_index(charged, Counted, i).tokens, ==, 20);
}

static void
assert_changed(const Limiter *limiter, uint64_t *changes, bool is_changed)
{
  g_assert_cmpint(limiter_changes(limiter) > *changes, ==, is_changed);
  *changes = limiter_changes(limiter);
}

static void
test_changes(void)
{
  g_autoptr(Limiter) limiter = limiter_new(8);
  limiter_set_window(limiter, "a", 3, 0, 1000);
  uint64_t changes = limiter_changes(limiter);
  ask(limiter, "b", 0);
  assert_changed(limiter, &changes, false);
  Place *place = limiter_take(limiter, "a", 0);
  assert_changed(limiter, &changes, true);
  limiter_sent(limiter, place, 1);
  assert_changed(limiter, &changes, true);
  end(limiter, place, QUOTA_UNKNOWN, 2);
  assert_changed(limiter, &changes, true);
  end(limiter, start(limiter, "b", 2), (Quota){3, 2, 500}, 3);
  assert_changed(limiter, &changes, true);
  limiter_pause(limiter, "b", 10);
  assert_changed(limiter, &changes, true);
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/limiter/in-flight", test_in_flight);
  g_test_add_func("/limiter/pause", test_pause);
  g_test_add_func("/limiter/window", test_window);
  g_test_add_func("/limiter/counts-from-the-latest-receipt", test_counts_from_the_latest_receipt);
  g_test_add_func("/limiter/tokens", test_tokens);
  g_test_add_func("/limiter/answers-tell-what-calls-take", test_answers_tell_what_calls_take);
  g_test_add_func("/limiter/sliding-quotas", test_sliding_quotas);
  g_test_add_func("/limiter/smaller-window-counts-the-latest", test_smaller_window_counts_the_latest);
  g_test_add_func("/limiter/state-outlives-the-limiter", test_state_outlives_the_limiter);
  g_test_add_func("/limiter/parts-of-a-host", test_parts_of_a_host);
  g_test_add_func("/limiter/quota-bounds-what-is-started", test_quota_bounds_what_is_started);
  g_test_add_func("/limiter/quota-of-periods", test_quota_of_periods);
  g_test_add_func("/limiter/quota-without-reset-binds-nothing", test_quota_without_reset_binds_nothing);
  g_test_add_func("/limiter/announced-limits-are-kept", test_announced_limits_are_kept);
  g_test_add_func("/limiter/quota-outlives-the-limiter", test_quota_outlives_the_limiter);
  g_test_add_func("/limiter/crash-charges-the-window", test_crash_charges_the_window);
  g_test_add_func("/limiter/size-of-the-charge", test_size_of_the_charge);
  g_test_add_func("/limiter/changes", test_changes);
  return g_test_run();
}
