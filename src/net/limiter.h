/*
 * The limits of every host: requests at once, a sliding window of send times, a pause. Pure: time is passed in, any
 * clock in milliseconds that never goes back. A host is a lower-case name, with ":port" where its address has one.
 */
#pragma once

#include <glib.h>
#include <stdint.h>

typedef struct Limiter Limiter;

/** limiter_new: @in_flight: requests at once to one host. Returns: (transfer full) */
Limiter *limiter_new(int64_t in_flight);

/** limiter_free: NULL-safe. */
void limiter_free(Limiter *limiter);

/** limiter_set_window: at most @requests are sent to @host in any @window_ms. */
void limiter_set_window(Limiter *limiter, const char *host, int64_t requests, int64_t window_ms);

/** limiter_pause: nothing is sent to @host before @until_ms; never shortens a pause. */
void limiter_pause(Limiter *limiter, const char *host, int64_t until_ms);

/**
 * limiter_next_ms:
 * @now_ms: the present
 *
 * Returns: when the next request to @host may be sent: @now_ms or later; INT64_MAX while one under way must end first
 */
int64_t limiter_next_ms(const Limiter *limiter, const char *host, int64_t now_ms);

/** limiter_start: a request to @host is sent now. */
void limiter_start(Limiter *limiter, const char *host, int64_t now_ms);

/** limiter_end: a request to @host ended. */
void limiter_end(Limiter *limiter, const char *host);

/** LimiterHost: what of a host's limits outlives a process. @sent_ms: (element-type gint64): send times, oldest first */
typedef struct {
  char *host;
  GArray *sent_ms;
  int64_t paused_until_ms;
} LimiterHost;

/** limiter_hosts: Returns: (transfer full) (element-type LimiterHost): hosts with a pause or with sends still in their window,
 * by name */
GPtrArray *limiter_hosts(const Limiter *limiter, int64_t now_ms);

/** limiter_restore: takes up @state of an earlier process, its times on this one's clock. */
void limiter_restore(Limiter *limiter, const LimiterHost *state);

/** limiter_host_free: NULL-safe. */
void limiter_host_free(LimiterHost *state);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Limiter, limiter_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(LimiterHost, limiter_host_free)
