#include "net/limiter.h"

#include "net/allowance.h"

#include <string.h>

/*
 * A network that is slower is not believed in; and clocks are read to the millisecond, while what is counted happened anywhere
 * within it.
 */
enum { LONGEST_WAY_MS = 1000, WITHIN_MS = 1 };

/* So many answers tell what calls take, also for those of which a quarter more may be expected. */
enum { TELLING_ANSWERS = 8, WIDER_PERCENT = 125 };

/* Limits of one host or of a part of it. @whole: the host, itself when this is no part; @pace and @has_own_places are
 * the whole's. @calls: (element-type Place): those under way that may take tokens. @answers: of such; none of which took more
 * tokens than @most, while up to @widest were expected */
typedef struct Limits Limits;
struct Limits {
  Limits *whole;
  Pace pace;
  Window *window;
  bool has_own_places;
  int64_t paused_until_ms;
  Allowance requests;
  Allowance tokens;
  GPtrArray *calls;
  int64_t answers;
  int64_t most;
  int64_t widest;
};

struct Limiter {
  int64_t in_flight;
  uint64_t changes;
  GHashTable *hosts;
};

/* @entry: (nullable): NULL where no window counts. @worst: tokens it may take, @tokens: those it is counted with */
struct Place {
  Limits *limits;
  WindowEntry *entry;
  int64_t number;
  int64_t worst;
  int64_t tokens;
};

static void
limits_free(Limits *limits)
{
  window_free(limits->window);
  g_ptr_array_unref(limits->calls);
  g_free(limits);
}

static Limits *
find_limits(Limiter *limiter, const char *name)
{
  Limits *limits = g_hash_table_lookup(limiter->hosts, name);
  if (limits != NULL)
    return limits;
  limits = g_new0(Limits, 1);
  limits->window = window_new();
  limits->calls = g_ptr_array_new();
  limits->paused_until_ms = INT64_MIN;
  limits->requests.quota = QUOTA_UNKNOWN;
  limits->tokens.quota = QUOTA_UNKNOWN;
  pace_start_over(&limits->pace, limiter->in_flight);
  g_hash_table_insert(limiter->hosts, g_strdup(name), limits);
  g_autofree char *host = g_strndup(name, strcspn(name, "/"));
  limits->whole = find_limits(limiter, host);
  return limits;
}

static int
compare_hosts(const void *a, const void *b)
{
  const LimiterHost *const *first = a;
  const LimiterHost *const *second = b;
  return strcmp((*first)->host, (*second)->host);
}

static bool
has_window(const Limits *limits)
{
  return window_limits_requests(limits->window) || window_limits_tokens(limits->window);
}

/* A call takes a part of its worst case; counted in full, calls would use a part of what is allowed. */
static int64_t
expect_tokens(const Limits *limits, int64_t worst)
{
  bool is_known = limits->answers >= TELLING_ANSWERS && worst <= limits->widest * WIDER_PERCENT / 100;
  return is_known ? MIN(worst, limits->most) : worst;
}

static void
count_anew(Limits *limits, Place *place)
{
  int64_t tokens = expect_tokens(limits, place->worst);
  limits->tokens.under_way += tokens - place->tokens;
  place->tokens = tokens;
  if (place->entry != NULL)
    window_correct(place->entry, tokens);
}

/* What an answer tells holds for what is under way, too. */
static void
learn_use(Limits *limits, const Place *place, const Ending *ending)
{
  if (ending->verdict != PACE_GOOD || ending->tokens <= 0)
    return;
  bool is_news = ++limits->answers <= TELLING_ANSWERS || ending->tokens > limits->most || place->worst > limits->widest;
  limits->most = MAX(limits->most, ending->tokens);
  limits->widest = MAX(limits->widest, place->worst);
  for (unsigned i = 0; is_news && i < limits->calls->len; i++)
    count_anew(limits, limits->calls->pdata[i]);
}

/* A @place is free again. Takes it. */
static Limits *
leave(Place *place, PaceVerdict verdict)
{
  Limits *limits = place->limits;
  pace_end(&limits->whole->pace, place->number, verdict);
  limits->requests.under_way--;
  limits->tokens.under_way -= place->tokens;
  g_ptr_array_remove_fast(limits->calls, place);
  g_free(place);
  return limits;
}

static void
learn(Limits *limits, const Quotas *told, int64_t tokens, int64_t now_ms)
{
  if (told->is_sliding)
    window_tighten(limits->window, told->requests.allowed, told->tokens.allowed);
  if (told->requests.remaining < 0)
    allowance_spend(&limits->requests, 1);
  if (told->tokens.remaining < 0)
    allowance_spend(&limits->tokens, tokens);
  /* a sliding window of our own lets something go as soon as there is room, not when all is given back */
  if (!told->is_sliding || !window_limits_requests(limits->window))
    allowance_learn(&limits->requests, &told->requests, now_ms);
  if (!told->is_sliding || !window_limits_tokens(limits->window))
    allowance_learn(&limits->tokens, &told->tokens, now_ms);
}

Limiter *
limiter_new(int64_t in_flight)
{
  Limiter *limiter = g_new0(Limiter, 1);
  limiter->in_flight = in_flight;
  limiter->hosts = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, (GDestroyNotify) limits_free);
  return limiter;
}

void
limiter_free(Limiter *limiter)
{
  if (limiter == NULL)
    return;
  g_hash_table_unref(limiter->hosts);
  g_free(limiter);
}

void
limiter_set_in_flight(Limiter *limiter, const char *host, int64_t in_flight)
{
  Limits *whole = find_limits(limiter, host)->whole;
  pace_start_over(&whole->pace, whole->has_own_places ? MAX(whole->pace.most, in_flight) : in_flight);
  whole->has_own_places = true;
}

void
limiter_set_window(Limiter *limiter, const char *host, int64_t requests, int64_t tokens, int64_t window_ms)
{
  window_limit(find_limits(limiter, host)->window, requests, tokens, window_ms);
}

void
limiter_pause(Limiter *limiter, const char *host, int64_t until_ms)
{
  Limits *limits = find_limits(limiter, host);
  limits->paused_until_ms = MAX(limits->paused_until_ms, until_ms);
  limiter->changes++;
}

int64_t
limiter_next_ms(Limiter *limiter, const char *host, int64_t worst, int64_t now_ms)
{
  const Limits *limits = find_limits(limiter, host);
  int64_t tokens = expect_tokens(limits, worst);
  if (pace_is_full(&limits->whole->pace))
    return INT64_MAX;
  int64_t resumes_ms = MAX(limits->paused_until_ms, limits->whole->paused_until_ms);
  int64_t allowed_ms = MAX(allowance_opens_ms(&limits->requests, 1, now_ms), //
                           allowance_opens_ms(&limits->tokens, tokens, now_ms));
  int64_t opens_ms = window_opens_ms(limits->window, tokens, now_ms);
  return MAX(now_ms, MAX(resumes_ms, MAX(allowed_ms, opens_ms)));
}

Place *
limiter_take(Limiter *limiter, const char *host, int64_t worst)
{
  Limits *limits = find_limits(limiter, host);
  int64_t tokens = expect_tokens(limits, worst);
  Place *place = g_new0(Place, 1);
  place->limits = limits;
  place->worst = worst;
  place->tokens = tokens;
  place->number = pace_start(&limits->whole->pace);
  limits->requests.under_way++;
  limits->tokens.under_way += tokens;
  if (worst > 0)
    g_ptr_array_add(limits->calls, place);
  if (has_window(limits)) {
    place->entry = window_add(limits->window, tokens);
    limiter->changes++;
  }
  return place;
}

void
limiter_sent(Limiter *limiter, Place *place, int64_t now_ms)
{
  if (place->entry == NULL)
    return;
  window_date(place->entry, now_ms + LONGEST_WAY_MS + WITHIN_MS);
  limiter->changes++;
}

void
limiter_cancel(Limiter *limiter, Place *place)
{
  if (place->entry != NULL)
    window_drop(place->entry);
  leave(place, PACE_NEITHER);
  limiter->changes++;
}

void
limiter_end(Limiter *limiter, Place *place, const Ending *ending, int64_t now_ms)
{
  int64_t tokens = ending->tokens >= 0 ? ending->tokens : place->worst;
  if (place->entry != NULL) {
    window_date(place->entry, now_ms + WITHIN_MS);
    window_correct(place->entry, tokens);
    window_release(g_steal_pointer(&place->entry));
    limiter->changes++;
  }
  learn_use(place->limits, place, ending);
  Limits *limits = leave(place, ending->verdict);
  learn(limits, &ending->quotas, tokens, now_ms);
  if (allowance_has_period(&limits->requests, now_ms))
    limiter->changes++;
}

bool
limiter_take_retry(Limiter *limiter, const char *host)
{
  return pace_take_retry(&find_limits(limiter, host)->whole->pace);
}

uint64_t
limiter_changes(const Limiter *limiter)
{
  return limiter->changes;
}

GPtrArray *
limiter_hosts(const Limiter *limiter, int64_t now_ms)
{
  GPtrArray *states = g_ptr_array_new_with_free_func((GDestroyNotify) limiter_host_free);
  GHashTableIter iterator;
  void *name;
  void *value;
  g_hash_table_iter_init(&iterator, limiter->hosts);
  while (g_hash_table_iter_next(&iterator, &name, &value)) {
    const Limits *limits = value;
    bool has_period = allowance_has_period(&limits->requests, now_ms);
    if (window_is_empty(limits->window, now_ms) && limits->paused_until_ms <= now_ms && !has_period)
      continue;
    LimiterHost *state = g_new0(LimiterHost, 1);
    state->host = g_strdup(name);
    state->counted = window_list(limits->window, now_ms, now_ms + LONGEST_WAY_MS + WITHIN_MS);
    state->paused_until_ms = limits->paused_until_ms;
    state->quota = limits->requests.quota;
    if (state->quota.remaining > 0)
      state->quota.remaining = MAX(state->quota.remaining - limits->requests.under_way, 0);
    g_ptr_array_add(states, state);
  }
  g_ptr_array_sort(states, compare_hosts);
  return states;
}

void
limiter_restore(Limiter *limiter, const LimiterHost *state, int64_t now_ms, bool has_lost)
{
  Limits *limits = find_limits(limiter, state->host);
  for (unsigned i = 0; i < state->counted->len; i++)
    window_restore(limits->window, &g_array_index(state->counted, Counted, i));
  allowance_learn(&limits->requests, &state->quota, now_ms);
  limits->paused_until_ms = MAX(limits->paused_until_ms, state->paused_until_ms);
  if (!has_lost)
    return;
  limiter->changes++;
  allowance_spend(&limits->requests, limits->whole->pace.most);
  window_charge(limits->window, limits->whole->pace.most, now_ms);
}

void
limiter_host_free(LimiterHost *state)
{
  if (state == NULL)
    return;
  g_free(state->host);
  g_array_unref(state->counted);
  g_free(state);
}
