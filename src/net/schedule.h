/*
 * Requests that wait to be sent: first in, first out a host, hosts in turn, so that no host's limits hold up another's. A host
 * that must wait is not looked at again before its time, nor before schedule_recheck(): what is done costs the logarithm of how
 * many hosts there are. Pure: time is passed in, on the clock of the limiter.
 */
#pragma once

#include "net/limiter.h"

#include <glib.h>
#include <stdint.h>

typedef struct Schedule Schedule;

/** schedule_new: @limiter: (transfer none): says when a host's next request may be sent. Returns: (transfer full) */
Schedule *schedule_new(Limiter *limiter);

/** schedule_free: when nothing waits any more; NULL-safe. */
void schedule_free(Schedule *schedule);

/** schedule_add: @entry (transfer full), which may take @tokens, is to be sent to @host, but not before @not_before_ms;
 * INT64_MIN for at once. */
void schedule_add(Schedule *schedule, const char *host, int64_t tokens, int64_t not_before_ms, void *entry);

/** schedule_recheck: a request to @host, or to a part of it, ended or was paused: its limits may let something go earlier than
 * they said. */
void schedule_recheck(Schedule *schedule, const char *host);

/** schedule_take: Returns: (transfer full) (nullable): what may be sent now, taken out */
void *schedule_take(Schedule *schedule, int64_t now_ms);

/**
 * schedule_take_hopeless:
 * @deadline_ms: INT64_MAX for none
 *
 * Returns: (transfer full) (nullable): an entry that cannot be sent before @deadline_ms, taken out; when that is past, any
 */
void *schedule_take_hopeless(Schedule *schedule, int64_t now_ms, int64_t deadline_ms);

/** schedule_next_ms: Returns: when schedule_take() will next have something, and for which @ret_host (out) (optional) (transfer
 * none) (nullable); INT64_MAX when nothing waits, or only for limiter_end() */
int64_t schedule_next_ms(Schedule *schedule, int64_t now_ms, const char **ret_host);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Schedule, schedule_free)
