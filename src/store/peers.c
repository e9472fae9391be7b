#include "store/peers.h"

#include "store/rows.h"

enum { MS_A_DAY = 24 * 60 * 60 * 1000 };

void
source_state_free(SourceState *state)
{
  if (state == NULL)
    return;
  g_free(state->key);
  g_free(state->last_error);
  g_free(state->moved_to);
  g_free(state->memory);
  g_free(state);
}

bool
source_state_is_resting(const SourceState *state, int64_t now_ms)
{
  return state->is_disabled && now_ms - state->last_ok_ms < MS_A_DAY;
}

SourceState *
peers_source(Store *store, const char *key, GError **error)
{
  g_autoptr(SourceState) state = g_new0(SourceState, 1);
  state->key = g_strdup(key);
  Rows *rows = store_select(
      store, "SELECT last_ok_ms, failures, last_error, moved_to, disabled, memory FROM sources WHERE key = ?1", "s", key);
  if (rows_next(rows)) {
    state->last_ok_ms = rows_int(rows, 0);
    state->failures = rows_int(rows, 1);
    state->last_error = g_strdup(rows_text(rows, 2));
    state->moved_to = g_strdup(rows_text(rows, 3));
    state->is_disabled = rows_int(rows, 4) != 0;
    state->memory = g_strdup(rows_text(rows, 5));
  }
  return rows_end(rows, error) ? g_steal_pointer(&state) : NULL;
}

bool
peers_save_source(Store *store, const SourceState *state, GError **error)
{
  return store_run(store, error,
                   "INSERT OR REPLACE INTO sources(key, last_ok_ms, failures, last_error, moved_to, disabled, memory)"
                   " VALUES(?1, nullif(?2, 0), ?3, ?4, ?5, ?6, ?7)",
                   "siissis", state->key, state->last_ok_ms, state->failures, state->last_error, state->moved_to,
                   (int64_t) state->is_disabled, state->memory);
}

bool
peers_each_host(Store *store, void (*visit)(const HostState *host, void *data), void *data, GError **error)
{
  Rows *rows = store_select(store,
                            "SELECT host, window, paused_until_ms, ifnull(allowed, -1), ifnull(remaining, -1),"
                            " ifnull(reset_ms, 0) FROM hosts ORDER BY host",
                            "");
  while (rows_next(rows)) {
    const HostState state = {
        .host = (char *) rows_text(rows, 0),
        .window = (char *) rows_text(rows, 1),
        .paused_until_ms = rows_int(rows, 2),
        .allowed = rows_int(rows, 3),
        .remaining = rows_int(rows, 4),
        .reset_ms = rows_int(rows, 5),
    };
    visit(&state, data);
  }
  return rows_end(rows, error);
}

bool
peers_save_hosts(Store *store, const GPtrArray *states, GError **error)
{
  bool is_saved = store_run(store, error, "DELETE FROM hosts", "");
  for (guint i = 0; is_saved && i < states->len; i++) {
    const HostState *state = g_ptr_array_index(states, i);
    is_saved = store_run(store, error,
                         "INSERT INTO hosts(host, window, paused_until_ms, allowed, remaining, reset_ms)"
                         " VALUES(?1, ?2, ?3, nullif(?4, -1), nullif(?5, -1), nullif(?6, 0))",
                         "ssiiii", state->host, state->window, state->paused_until_ms, state->allowed, state->remaining,
                         state->reset_ms);
  }
  return is_saved;
}
