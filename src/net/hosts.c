#include "net/hosts.h"

#include "base/json.h"

#include <string.h>

/* A pause or period that a damaged store or a clock set back makes endless would lock a host out. */
static const int64_t MAX_WAIT_MS = INT64_C(24) * 3600 * 1000;

/* A date in the future is that of something under way, or of a clock set back. */
static const int64_t LATEST_MS = 1000;

/* No request takes more. */
static const json_int_t MAX_TOKENS = 100 * 1000 * 1000;

/* Two clocks, each read to the millisecond, twice. */
enum { READING_MS = 2 };

static char *
write_window(const GArray *window, int64_t offset_ms)
{
  g_autoptr(json_t) array = json_array();
  for (unsigned i = 0; i < window->len; i++) {
    const Counted *counted = &g_array_index(window, Counted, i);
    json_int_t utc_ms = counted->received_ms + offset_ms;
    json_array_append_new(array, counted->tokens > 0 ? json_pack("[I, I]", utc_ms, (json_int_t) counted->tokens)
                                                     : json_integer(utc_ms));
  }
  return json_write(array);
}

/* @entry: a time, or a time and tokens */
static bool
read_entry(const json_t *entry, Counted *ret_counted)
{
  const json_t *time = json_is_array(entry) ? json_array_get(entry, 0) : entry;
  const json_t *tokens = json_array_get(entry, 1);
  *ret_counted = (Counted){.received_ms = json_integer_value(time), .tokens = json_integer_value(tokens)};
  bool has_time = json_is_integer(time) && ret_counted->received_ms >= 0;
  return has_time && ret_counted->tokens >= 0 && ret_counted->tokens <= MAX_TOKENS;
}

static GArray *
read_window(const char *text, int64_t now_ms, int64_t utc_ms)
{
  GArray *window = g_array_new(FALSE, FALSE, sizeof(Counted));
  g_autoptr(json_t) array = text != NULL ? json_parse(text, strlen(text), NULL, NULL) : NULL;
  size_t i;
  json_t *entry;
  json_array_foreach(array, i, entry)
  {
    Counted counted;
    if (!read_entry(entry, &counted))
      continue;
    int64_t age_ms = CLAMP(utc_ms - counted.received_ms, -LATEST_MS, MAX_WAIT_MS);
    counted.received_ms = now_ms - age_ms + READING_MS;
    g_array_append_val(window, counted);
  }
  return window;
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
    state->window = write_window(host->counted, utc_ms - now_ms);
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
  g_autoptr(GArray) window = read_window(state->window, now_ms, utc_ms);
  LimiterHost host = {
      .host = state->host,
      .counted = window,
      .paused_until_ms = now_ms + MIN(MAX(state->paused_until_ms, utc_ms) - utc_ms, MAX_WAIT_MS),
      .quota = {.allowed = state->allowed,
                .remaining = state->remaining,
                .reset_ms = has_period ? now_ms + state->reset_ms - utc_ms : QUOTA_NO_RESET},
  };
  limiter_restore(limiter, &host, now_ms, has_lost);
}
