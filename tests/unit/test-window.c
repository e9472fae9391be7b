#include "net/limiter.h"

enum { MINUTE_MS = 60000, MOST_CALLS = 600 };

/*
 * A server that counts by when it receives, and a client far from it.
 * @way_ms: from being sent to being received, at most; @call_ms: from there to the answer
 * @places: requests at once; @ideal_ms: what the fastest client takes that breaks no limit; @least: part of its speed
 */
typedef struct {
  int calls;
  int64_t requests;
  int64_t tokens;
  int64_t worst_tokens;
  int64_t used_tokens;
  int way_ms;
  int call_ms;
  int64_t places;
  int64_t ideal_ms;
  double least;
} World;

typedef struct {
  Place *place;
  int64_t received_ms;
  int64_t ends_ms;
} Call;

static int
compare_received(const void *a, const void *b)
{
  const Call *first = a;
  const Call *second = b;
  return (first->received_ms > second->received_ms) - (first->received_ms < second->received_ms);
}

/* No span of a minute, by the server's count, holds too much. */
static void
assert_kept(const World *world, Call *calls)
{
  qsort(calls, (size_t) world->calls, sizeof *calls, compare_received);
  int first = 0;
  for (int last = 0; last < world->calls; last++) {
    while (calls[first].received_ms + MINUTE_MS <= calls[last].received_ms)
      first++;
    int64_t count = last - first + 1;
    g_assert_true(world->requests == 0 || count <= world->requests);
    g_assert_true(world->tokens == 0 || count * world->used_tokens <= world->tokens);
  }
}

/* Ends what has its answer at @now_ms. Returns: when the next one has; INT64_MAX for none */
static int64_t
end_calls(Limiter *limiter, const World *world, Call *calls, int sent, int64_t now_ms)
{
  int64_t next_ms = INT64_MAX;
  const Ending ending = {.quotas = QUOTAS_UNKNOWN, .tokens = world->used_tokens, .verdict = PACE_GOOD};
  for (int i = 0; i < sent; i++) {
    if (calls[i].place == NULL)
      continue;
    if (calls[i].ends_ms <= now_ms)
      limiter_end(limiter, g_steal_pointer(&calls[i].place), &ending, now_ms);
    else
      next_ms = MIN(next_ms, calls[i].ends_ms);
  }
  return next_ms;
}

/* Returns: how long it took, on a clock that is made up */
static int64_t
run(const World *world)
{
  Call calls[MOST_CALLS] = {{NULL}};
  g_autoptr(Limiter) limiter = limiter_new(world->places);
  limiter_set_window(limiter, "llm", world->requests, world->tokens, MINUTE_MS);
  int sent = 0;
  int64_t now_ms = 0;
  for (;;) {
    int64_t ends_ms = end_calls(limiter, world, calls, sent, now_ms);
    if (sent == world->calls && ends_ms == INT64_MAX)
      break;
    int64_t open_ms = sent < world->calls ? limiter_next_ms(limiter, "llm", world->worst_tokens, now_ms) : INT64_MAX;
    if (open_ms > now_ms) {
      now_ms = MIN(open_ms, ends_ms);
      continue;
    }
    Call *call = &calls[sent++];
    call->place = limiter_take(limiter, "llm", world->worst_tokens);
    limiter_sent(limiter, call->place, now_ms);
    call->received_ms = now_ms + g_test_rand_int_range(0, world->way_ms + 1);
    call->ends_ms = call->received_ms + world->call_ms;
  }
  assert_kept(world, calls);
  return now_ms;
}

static void
test_limits_are_kept_and_used(void)
{
  static const World WORLDS[] = {
      /* two bursts of what a minute allows, and the last call's own time */
      {300, 3000, 300000, 2000, 2000, 50, 1500, 256, 61500, 0.95},
      {300, 3000, 300000, 2000, 2000, 1000, 1500, 256, 62500, 0.95},
      {300, 3000, 300000, 2000, 2000, 50, 1500, 128, 63000, 0.95},
      {300, 100, 0, 0, 0, 20, 100, 64, 120100, 0.95},
      {300, 0, 300000, 2000, 2000, 1000, 30000, 256, 91000, 0.95},
      {200, 100, 0, 0, 0, 5, 1, 8, 60001, 0.95},
      /* what may be taken is more than is: the rest of a minute waits for usage to be told, three times */
      {290, 3000, 300000, 2500, 2000, 50, 1500, 256, 61500, 0.9},
  };
  for (size_t i = 0; i < G_N_ELEMENTS(WORLDS); i++) {
    int64_t took_ms = run(&WORLDS[i]);
    double speed = (double) WORLDS[i].ideal_ms / (double) took_ms;
    g_test_message("world %zu: %.2f s, %.1f %% of an ideal client's speed", i, (double) took_ms / 1000, speed * 100);
    g_assert_cmpfloat(speed, >=, WORLDS[i].least);
  }
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/window/limits-are-kept-and-used", test_limits_are_kept_and_used);
  return g_test_run();
}
