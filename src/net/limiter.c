#include "net/limiter.h"

#include <string.h>

/* Ends of one period, told as seconds left by replies that took their time, differ by so much at most. */
enum { SAME_PERIOD_MS = 5000, LONGEST_WINDOW_MS = 60 * 60 * 1000 };

/*
 * Limits of one host or of a part of it.
 * @whole: the host; itself when this is no part
 * @under_way: with this very name; @in_flight: with all its parts, counted in the whole only
 * @requests: 0 for no window
 */
typedef struct Limits Limits;
struct Limits {
  Limits *whole;
  int64_t under_way;
  int64_t in_flight;
  int64_t requests;
  int64_t window_ms;
  GArray *sent_ms;
  int64_t paused_until_ms;
  Quota quota;
};

struct Limiter {
  int64_t in_flight;
  uint64_t changes;
  GHashTable *hosts;
};

static void
limits_free(Limits *limits)
{
  g_array_unref(limits->sent_ms);
  g_free(limits);
}

static Limits *
find_limits(Limiter *limiter, const char *name)
{
  Limits *limits = g_hash_table_lookup(limiter->hosts, name);
  if (limits != NULL)
    return limits;
  limits = g_new0(Limits, 1);
  limits->sent_ms = g_array_new(FALSE, FALSE, sizeof(int64_t));
  limits->paused_until_ms = INT64_MIN;
  limits->quota = QUOTA_UNKNOWN;
  g_hash_table_insert(limiter->hosts, g_strdup(name), limits);
  g_autofree char *host = g_strndup(name, strcspn(name, "/"));
  limits->whole = find_limits(limiter, host);
  return limits;
}

static int
compare_times(const void *a, const void *b)
{
  const int64_t *first = a;
  const int64_t *second = b;
  return (*first > *second) - (*first < *second);
}

static int
compare_hosts(const void *a, const void *b)
{
  const LimiterHost *const *first = a;
  const LimiterHost *const *second = b;
  return strcmp((*first)->host, (*second)->host);
}

/* The first send time that still counts at @now_ms; those of a service that is not configured now are kept for when it is. */
static unsigned
first_in_window(const Limits *limits, int64_t now_ms)
{
  unsigned first = 0;
  int64_t window_ms = limits->requests > 0 ? limits->window_ms : LONGEST_WINDOW_MS;
  while (first < limits->sent_ms->len && g_array_index(limits->sent_ms, int64_t, first) + window_ms <= now_ms)
    first++;
  return first;
}

static void
forget_sends(Limits *limits, int64_t now_ms)
{
  unsigned first = first_in_window(limits, now_ms);
  if (first > 0)
    g_array_remove_range(limits->sent_ms, 0, first);
}

static bool
has_quota(const Limits *limits, int64_t now_ms)
{
  return limits->quota.reset_ms > now_ms;
}

/* When the window has room. */
static int64_t
window_opens_ms(const Limits *limits)
{
  if (limits->requests == 0 || limits->sent_ms->len < limits->requests)
    return INT64_MIN;
  unsigned oldest = limits->sent_ms->len - (unsigned) limits->requests;
  return g_array_index(limits->sent_ms, int64_t, oldest) + limits->window_ms;
}

/* When the quota has room; INT64_MAX while one under way must first tell. */
static int64_t
quota_opens_ms(const Limits *limits, int64_t now_ms)
{
  const Quota *quota = &limits->quota;
  if (!has_quota(limits, now_ms) || quota->remaining < 0 || quota->remaining > limits->under_way)
    return INT64_MIN;
  return quota->remaining > 0 ? INT64_MAX : quota->reset_ms;
}

static void
learn(Limits *limits, const Quota *told, int64_t now_ms)
{
  Quota *quota = &limits->quota;
  if (told->allowed >= 0)
    quota->allowed = told->allowed;
  bool has_period = has_quota(limits, now_ms);
  if (told->reset_ms > now_ms && (!has_period || told->reset_ms > quota->reset_ms + SAME_PERIOD_MS)) {
    quota->remaining = told->remaining;
    quota->reset_ms = told->reset_ms;
    return;
  }
  if (!has_period || (told->reset_ms != QUOTA_NO_RESET && told->reset_ms < quota->reset_ms - SAME_PERIOD_MS))
    return;
  quota->reset_ms = MAX(quota->reset_ms, told->reset_ms);
  if (told->remaining >= 0)
    quota->remaining = quota->remaining < 0 ? told->remaining : MIN(quota->remaining, told->remaining);
}

/* @count requests of which no reply told. */
static void
spend(Limits *limits, int64_t count)
{
  if (limits->quota.remaining >= 0)
    limits->quota.remaining = MAX(limits->quota.remaining - count, 0);
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
limiter_set_window(Limiter *limiter, const char *host, int64_t requests, int64_t window_ms)
{
  g_assert(requests > 0 && window_ms > 0);
  Limits *limits = find_limits(limiter, host);
  limits->requests = requests;
  limits->window_ms = window_ms;
}

void
limiter_pause(Limiter *limiter, const char *host, int64_t until_ms)
{
  Limits *limits = find_limits(limiter, host);
  limits->paused_until_ms = MAX(limits->paused_until_ms, until_ms);
  limiter->changes++;
}

int64_t
limiter_next_ms(Limiter *limiter, const char *host, int64_t now_ms)
{
  const Limits *limits = find_limits(limiter, host);
  if (limits->whole->in_flight >= limiter->in_flight)
    return INT64_MAX;
  int64_t opens_ms = MAX(window_opens_ms(limits), quota_opens_ms(limits, now_ms));
  int64_t resumes_ms = MAX(limits->paused_until_ms, limits->whole->paused_until_ms);
  return MAX(now_ms, MAX(resumes_ms, opens_ms));
}

void
limiter_start(Limiter *limiter, const char *host, int64_t now_ms)
{
  Limits *limits = find_limits(limiter, host);
  limits->under_way++;
  limits->whole->in_flight++;
  if (limits->requests == 0)
    return;
  forget_sends(limits, now_ms);
  g_array_append_val(limits->sent_ms, now_ms);
  limiter->changes++;
}

void
limiter_end(Limiter *limiter, const char *host, const Quota *quota, int64_t now_ms)
{
  Limits *limits = find_limits(limiter, host);
  g_assert(limits->under_way > 0);
  limits->under_way--;
  limits->whole->in_flight--;
  if (quota->remaining < 0)
    spend(limits, 1);
  learn(limits, quota, now_ms);
  if (has_quota(limits, now_ms))
    limiter->changes++;
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
    unsigned first = first_in_window(limits, now_ms);
    if (first == limits->sent_ms->len && limits->paused_until_ms <= now_ms && !has_quota(limits, now_ms))
      continue;
    LimiterHost *state = g_new0(LimiterHost, 1);
    state->host = g_strdup(name);
    state->sent_ms = g_array_new(FALSE, FALSE, sizeof(int64_t));
    if (first < limits->sent_ms->len)
      g_array_append_vals(state->sent_ms, &g_array_index(limits->sent_ms, int64_t, first), limits->sent_ms->len - first);
    state->paused_until_ms = limits->paused_until_ms;
    state->quota = limits->quota;
    if (state->quota.remaining > 0)
      state->quota.remaining = MAX(state->quota.remaining - limits->under_way, 0);
    g_ptr_array_add(states, state);
  }
  g_ptr_array_sort(states, compare_hosts);
  return states;
}

void
limiter_restore(Limiter *limiter, const LimiterHost *state, int64_t now_ms, bool has_lost)
{
  Limits *limits = find_limits(limiter, state->host);
  if (state->sent_ms->len > 0)
    g_array_append_vals(limits->sent_ms, state->sent_ms->data, state->sent_ms->len);
  g_array_sort(limits->sent_ms, compare_times);
  learn(limits, &state->quota, now_ms);
  limits->paused_until_ms = MAX(limits->paused_until_ms, state->paused_until_ms);
  if (!has_lost)
    return;
  limiter->changes++;
  spend(limits, limiter->in_flight);
  /* without a window yet, whether they still count is not known */
  if (limits->requests > 0)
    forget_sends(limits, now_ms);
  int64_t lost = limits->requests > 0 ? MIN(limiter->in_flight, limits->requests) : limiter->in_flight;
  for (int64_t i = 0; i < lost && limits->sent_ms->len > 0; i++)
    g_array_append_val(limits->sent_ms, now_ms);
}

void
limiter_host_free(LimiterHost *state)
{
  if (state == NULL)
    return;
  g_free(state->host);
  g_array_unref(state->sent_ms);
  g_free(state);
}
