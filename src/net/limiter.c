#include "net/limiter.h"

#include <stdbool.h>
#include <string.h>

/* Limits of one host. @requests: 0 for no window */
typedef struct {
  int64_t in_flight;
  int64_t requests;
  int64_t window_ms;
  GArray *sent_ms;
  int64_t paused_until_ms;
} Host;

struct Limiter {
  int64_t in_flight;
  GHashTable *hosts;
};

static void
host_free(Host *host)
{
  g_array_unref(host->sent_ms);
  g_free(host);
}

static Host *
find_host(Limiter *limiter, const char *name)
{
  Host *host = g_hash_table_lookup(limiter->hosts, name);
  if (host != NULL)
    return host;
  host = g_new0(Host, 1);
  host->sent_ms = g_array_new(FALSE, FALSE, sizeof(int64_t));
  host->paused_until_ms = INT64_MIN;
  g_hash_table_insert(limiter->hosts, g_strdup(name), host);
  return host;
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

/* The first send time that still counts at @now_ms. */
static unsigned
first_in_window(const Host *host, int64_t now_ms)
{
  unsigned first = 0;
  while (first < host->sent_ms->len && g_array_index(host->sent_ms, int64_t, first) + host->window_ms <= now_ms)
    first++;
  return first;
}

Limiter *
limiter_new(int64_t in_flight)
{
  Limiter *limiter = g_new0(Limiter, 1);
  limiter->in_flight = in_flight;
  limiter->hosts = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, (GDestroyNotify) host_free);
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
  Host *limits = find_host(limiter, host);
  limits->requests = requests;
  limits->window_ms = window_ms;
}

void
limiter_pause(Limiter *limiter, const char *host, int64_t until_ms)
{
  Host *limits = find_host(limiter, host);
  limits->paused_until_ms = MAX(limits->paused_until_ms, until_ms);
}

int64_t
limiter_next_ms(const Limiter *limiter, const char *host, int64_t now_ms)
{
  const Host *limits = g_hash_table_lookup(limiter->hosts, host);
  if (limits == NULL)
    return now_ms;
  if (limits->in_flight >= limiter->in_flight)
    return INT64_MAX;
  int64_t next_ms = MAX(now_ms, limits->paused_until_ms);
  if (limits->requests > 0 && limits->sent_ms->len >= limits->requests) {
    unsigned oldest = limits->sent_ms->len - (unsigned) limits->requests;
    next_ms = MAX(next_ms, g_array_index(limits->sent_ms, int64_t, oldest) + limits->window_ms);
  }
  return next_ms;
}

void
limiter_start(Limiter *limiter, const char *host, int64_t now_ms)
{
  Host *limits = find_host(limiter, host);
  limits->in_flight++;
  if (limits->requests == 0)
    return;
  unsigned first = first_in_window(limits, now_ms);
  if (first > 0)
    g_array_remove_range(limits->sent_ms, 0, first);
  g_array_append_val(limits->sent_ms, now_ms);
}

void
limiter_end(Limiter *limiter, const char *host)
{
  Host *limits = g_hash_table_lookup(limiter->hosts, host);
  g_assert(limits != NULL && limits->in_flight > 0);
  limits->in_flight--;
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
    const Host *host = value;
    unsigned first = host->requests > 0 ? first_in_window(host, now_ms) : host->sent_ms->len;
    if (first == host->sent_ms->len && host->paused_until_ms <= now_ms)
      continue;
    LimiterHost *state = g_new0(LimiterHost, 1);
    state->host = g_strdup(name);
    state->sent_ms = g_array_new(FALSE, FALSE, sizeof(int64_t));
    if (first < host->sent_ms->len)
      g_array_append_vals(state->sent_ms, &g_array_index(host->sent_ms, int64_t, first), host->sent_ms->len - first);
    state->paused_until_ms = host->paused_until_ms;
    g_ptr_array_add(states, state);
  }
  g_ptr_array_sort(states, compare_hosts);
  return states;
}

void
limiter_restore(Limiter *limiter, const LimiterHost *state)
{
  Host *host = find_host(limiter, state->host);
  if (state->sent_ms->len > 0)
    g_array_append_vals(host->sent_ms, state->sent_ms->data, state->sent_ms->len);
  g_array_sort(host->sent_ms, compare_times);
  limiter_pause(limiter, state->host, state->paused_until_ms);
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
