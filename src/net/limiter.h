/*
 * The limits of every host: requests at once, a sliding window of requests and tokens, a pause, what its replies say is left,
 * and how often it is asked again after failures. Pure: time is passed in, any clock in milliseconds that never goes back. A
 * host is a lower-case name, with ":port" where its address has one; a path after it ("api.example/search/") names a part of
 * the host, with limits of its own: but for requests at once, retries and pauses of the host, which hold for all.
 */
#pragma once

#include "net/pace.h"
#include "net/quota.h"
#include "net/window.h"

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

typedef struct Limiter Limiter;

/** Place: what one request takes up of its host's limits. */
typedef struct Place Place;

/** limiter_new: @in_flight: requests at once to one host with all its parts. Returns: (transfer full) */
Limiter *limiter_new(int64_t in_flight);

/** limiter_free: when no place is taken; NULL-safe. */
void limiter_free(Limiter *limiter);

/** limiter_set_in_flight: requests at once to @host, or to that of which it is a part; of several calls the most counts. */
void limiter_set_in_flight(Limiter *limiter, const char *host, int64_t in_flight);

/** limiter_set_window: as window_limit() of @host. */
void limiter_set_window(Limiter *limiter, const char *host, int64_t requests, int64_t tokens, int64_t window_ms);

/** limiter_pause: nothing is sent to @host, nor to a part of it, before @until_ms; never shortens a pause. */
void limiter_pause(Limiter *limiter, const char *host, int64_t until_ms);

/**
 * limiter_next_ms:
 * @worst: tokens that the request may take; 0 for none. It counts with as many until eight answers have told how many calls of
 *   the host take at most, then with no more than that: a worst case is three times what a call takes
 * @now_ms: the present
 *
 * Returns: when the next request to @host may be sent: @now_ms or later; INT64_MAX while one under way must end first
 */
int64_t limiter_next_ms(Limiter *limiter, const char *host, int64_t worst, int64_t now_ms);

/** limiter_take: a request to @host is about to be sent: it counts from now on. Returns: (transfer full): till limiter_end() or
 * limiter_cancel() */
Place *limiter_take(Limiter *limiter, const char *host, int64_t worst);

/** limiter_sent: the request of @place went out now. */
void limiter_sent(Limiter *limiter, Place *place, int64_t now_ms);

/** limiter_cancel: the request of @place (transfer full) was never sent. */
void limiter_cancel(Limiter *limiter, Place *place);

/**
 * Ending: how a request ended.
 * @quotas: what its reply says is left, its resets on the limiter's clock; %QUOTAS_UNKNOWN when there is none, or none to be
 * believed
 * @tokens: that it took; -1 for unknown: its worst case counts
 */
typedef struct {
  Quotas quotas;
  int64_t tokens;
  PaceVerdict verdict;
} Ending;

/**
 * limiter_end:
 * @place: (transfer full)
 *
 * A request ended. It is taken to have been received a second after it was sent at the latest, and before its reply ended.
 * Until the reset no more are started than are left beside those under way, for whether these are counted yet nobody knows; of
 * what is said of one period the least counts, and of two periods the later. Where a window is known, the host's sliding one
 * only tightens it.
 */
void limiter_end(Limiter *limiter, Place *place, const Ending *ending, int64_t now_ms);

/** limiter_take_retry: as pace_take_retry() of @host, or of that of which it is a part. */
bool limiter_take_retry(Limiter *limiter, const char *host);

/** limiter_changes: grows with whatever limiter_hosts() tells: a pause, a quota, what a window counts. */
uint64_t limiter_changes(const Limiter *limiter);

/** LimiterHost: what of a host's limits outlives a process. @counted: (element-type Counted): oldest first */
typedef struct {
  char *host;
  GArray *counted;
  int64_t paused_until_ms;
  Quota quota;
} LimiterHost;

/** limiter_hosts: Returns: (transfer full) (element-type LimiterHost): hosts with a pause, a window that is not empty or a
 * quota whose period goes on, by name */
GPtrArray *limiter_hosts(const Limiter *limiter, int64_t now_ms);

/**
 * limiter_restore:
 * @state: of an earlier process, its times on this one's clock
 * @has_lost: that process may have sent as many requests more as may be under way: they are counted as sent now, as
 *   window_charge() does, and spent of a quota
 */
void limiter_restore(Limiter *limiter, const LimiterHost *state, int64_t now_ms, bool has_lost);

/** limiter_host_free: NULL-safe. */
void limiter_host_free(LimiterHost *state);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Limiter, limiter_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(LimiterHost, limiter_host_free)
