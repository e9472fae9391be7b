/*
 * What of a host's limits is kept over restarts.
 */
#pragma once

#include <glib.h>
#include <stdint.h>

/**
 * HostState: the limits of a host, or of a service's part of it with limits of its own.
 * @host: lower-case host, with ":port" where it is not the scheme's own; of a part its path follows
 * @window: what its window counts, oldest first, as a JSON array: when each was received at the latest, in UTC ms, or a pair of
 *   that and its tokens
 * @paused_until_ms: UTC; 0 for no pause
 * @allowed: how many requests a period has, as the host said last; -1 when it never did; the same for @remaining
 * @reset_ms: when that period ends, UTC; 0 for unknown
 */
typedef struct {
  char *host;
  char *window;
  int64_t paused_until_ms;
  int64_t allowed;
  int64_t remaining;
  int64_t reset_ms;
} HostState;

/** host_state_free: NULL-safe. */
void host_state_free(HostState *state);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(HostState, host_state_free)
