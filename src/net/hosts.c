#include "net/hosts.h"

#include "base/json.h"

#include <string.h>

/* A pause or period that a damaged store or a clock set back makes endless would lock a host out. */
static const int64_t MAX_WAIT_MS = INT64_C(24) * 3600 * 1000;

static char *
write_times(const GArray *times, int64_t offset_ms)
{
  g_autoptr(json_t) array = json_array();
  for (unsigned i = 0; i < times->len; i++)
    json_array_append_new(array, json_integer(g_array_index(times, int64_t, i) + offset_ms));
  return json_write(array);
}

static GArray *
read_times(const char *text, int64_t now_ms, int64_t utc_ms)
{
  GArray *times = g_array_new(FALSE, FALSE, sizeof(int64_t));
  g_autoptr(json_t) array = text != NULL ? json_parse(text, strlen(text), NULL, NULL) : NULL;
  size_t i;
  json_t *value;
  json_array_foreach(array, i, value)
  {
    int64_t sent_ms = now_ms - MAX(0, utc_ms - json_integer_value(value));
    if (json_is_integer(value))
      g_array_append_val(times, sent_ms);
  }
  return times;
}

GPtrArray *
hosts_save(const Limiter *limiter, int64_t now_ms, int64_t utc_ms)
{
  GPtrArray *states = g_ptr_array_new_with_free_func((GDestroyNotify) host_state_free);
  g_autoptr(GPtrArray) hosts = limiter_hosts(limiter, now_ms);
  for (unsigned i = 0; i < hosts->len; i++) {
    const LimiterHost *host = g_ptr_array_index(hosts, i);
    HostState *state = g_new0(HostState, 1);
    state->host = g_strdup(host->host);
    state->window = write_times(host->sent_ms, utc_ms - now_ms);
    state->paused_until_ms = host->paused_until_ms > now_ms ? host->paused_until_ms - now_ms + utc_ms : 0;
    state->allowed = host->quota.allowed;
    state->remaining = host->quota.remaining;
    state->reset_ms = host->quota.reset_ms > now_ms ? host->quota.reset_ms - now_ms + utc_ms : 0;
    g_ptr_array_add(states, state);
  }
  return states;
}

void
hosts_restore(Limiter *limiter, const HostState *state, bool has_lost, int64_t now_ms, int64_t utc_ms)
{
  bool has_period = state->reset_ms > utc_ms && state->reset_ms - utc_ms <= MAX_WAIT_MS;
  g_autoptr(GArray) times = read_times(state->window, now_ms, utc_ms);
  LimiterHost host = {
      .host = state->host,
      .sent_ms = times,
      .paused_until_ms = now_ms + MIN(MAX(state->paused_until_ms, utc_ms) - utc_ms, MAX_WAIT_MS),
      .quota = {.allowed = state->allowed,
                .remaining = state->remaining,
                .reset_ms = has_period ? now_ms + state->reset_ms - utc_ms : QUOTA_NO_RESET},
  };
  limiter_restore(limiter, &host, now_ms, has_lost);
}
