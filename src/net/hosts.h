/*
 * Hosts' limits as they are kept between processes: what their windows count, on the UTC clock, as JSON. Pure.
 */
#pragma once

#include "model/host.h"
#include "net/limiter.h"

/** hosts_save: @now_ms and @utc_ms: the present on the limiter's clock and in UTC. Returns: as client_host_states() */
GPtrArray *hosts_save(const Limiter *limiter, int64_t now_ms, int64_t utc_ms);

/**
 * hosts_restore:
 * @has_lost: as of limiter_restore()
 *
 * Takes up @state; what is still to come, by a clock set back, counts as now, and a pause lasts a day at most.
 */
void hosts_restore(Limiter *limiter, const HostState *state, bool has_lost, int64_t now_ms, int64_t utc_ms);
