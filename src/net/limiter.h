/*
 * The limits of every host: requests at once, a sliding window of send times, a pause, and what its replies say is left. Pure:
 * time is passed in, any clock in milliseconds that never goes back. A host is a lower-case name, with ":port" where its
 * address has one; a path after it ("api.example/search/") names a part of the host, with limits of its own: but for requests
 * at once and pauses of the host, which hold for all.
 */
#pragma once

#include "net/quota.h"

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

typedef struct Limiter Limiter;

/** limiter_new: @in_flight: requests at once to one host with all its parts. Returns: (transfer full) */
Limiter *limiter_new(int64_t in_flight);

/** limiter_free: NULL-safe. */
void limiter_free(Limiter *limiter);

/** limiter_set_window: at most @requests are sent to @host in any @window_ms. */
void limiter_set_window(Limiter *limiter, const char *host, int64_t requests, int64_t window_ms);

/** limiter_pause: nothing is sent to @host, nor to a part of it, before @until_ms; never shortens a pause. */
void limiter_pause(Limiter *limiter, const char *host, int64_t until_ms);

/**
 * limiter_next_ms:
 * @now_ms: the present
 *
 * Returns: when the next request to @host may be sent: @now_ms or later; INT64_MAX while one under way must end first
 */
int64_t limiter_next_ms(Limiter *limiter, const char *host, int64_t now_ms);

/** limiter_start: a request to @host is sent now. */
void limiter_start(Limiter *limiter, const char *host, int64_t now_ms);

/**
 * limiter_end:
 * @quota: what its reply says is left, its reset on the limiter's clock; %QUOTA_UNKNOWN when there is none, or none to be
 * believed
 *
 * A request to @host ended. Until the reset no more are started than are left beside those under way, for whether these are
 * counted yet nobody knows; of what is said of one period the least counts, and of two periods the later.
 */
void limiter_end(Limiter *limiter, const char *host, const Quota *quota, int64_t now_ms);

/** limiter_changes: grows with whatever limiter_hosts() tells: a pause, a quota, a send that a window counts. */
uint64_t limiter_changes(const Limiter *limiter);

/** LimiterHost: what of a host's limits outlives a process. @sent_ms: (element-type gint64): send times, oldest first */
typedef struct {
  char *host;
  GArray *sent_ms;
  int64_t paused_until_ms;
  Quota quota;
} LimiterHost;

/** limiter_hosts: Returns: (transfer full) (element-type LimiterHost): hosts with a pause, sends still in their window or a
 * quota whose period goes on, by name */
GPtrArray *limiter_hosts(const Limiter *limiter, int64_t now_ms);

/**
 * limiter_restore:
 * @state: of an earlier process, its times on this one's clock
 * @has_lost: that process may have sent as many requests more as may be under way: where a window counted any, or a quota, they
 *   are counted as sent now
 */
void limiter_restore(Limiter *limiter, const LimiterHost *state, int64_t now_ms, bool has_lost);

/** limiter_host_free: NULL-safe. */
void limiter_host_free(LimiterHost *state);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Limiter, limiter_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(LimiterHost, limiter_host_free)
