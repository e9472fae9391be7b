/*
 * When a request is tried again: what a status means, how long to back off, what Retry-After asks. Pure.
 */
#pragma once

#include "base/error.h"
#include "net/quota.h"

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

/** RETRY_MAX_WAIT_MS: the longest back-off. */
enum { RETRY_MAX_WAIT_MS = 30000 };

/**
 * retry_status:
 * @status: of a reply that is no success and no redirect
 * @asks_wait: whether the reply asks for a wait
 *
 * Returns: RETRY (408, 500, 502, 503, 504, 529), THROTTLED (429, and 403, 503 or 529 that ask for a wait), else REJECTED,
 * which no further try will change. 529 is Anthropic's overload (https://docs.anthropic.com/en/api/errors)
 */
ErrorCode retry_status(long status, bool asks_wait);

/**
 * retry_delay_ms:
 * @base_ms: the most to wait after the first failure; doubled each further one up to %RETRY_MAX_WAIT_MS
 * @failures: so far, from 1
 *
 * Back-off with full jitter: anything from 0 to the most, so that callers that failed together do not return together.
 */
int64_t retry_delay_ms(int64_t base_ms, int64_t failures, GRand *random);

/**
 * retry_after_ms:
 * @value: (nullable): of a Retry-After header (RFC 9110, 10.2.3): seconds or an HTTP date
 * @now_ms: UTC
 * @ret_wait_ms: how long to wait, 0 for a time gone by, at most a day
 *
 * Returns: false when @value is neither, @ret_wait_ms untouched
 */
bool retry_after_ms(const char *value, int64_t now_ms, int64_t *ret_wait_ms);

/** retry_is_overload: whether @status tells that its host is overwhelmed: 429, 503, 529. */
bool retry_is_overload(long status);

/** retry_is_secondary: whether a refusal of a service is for GitHub's secondary limits, which count for the whole host. */
bool retry_is_secondary(const Reply *reply);

/**
 * retry_asked_ms:
 * @quotas: (nullable): what the reply of a configured service says is left (quota_read()); NULL for anybody else's
 * @now_ms: UTC
 * @ret_wait_ms: how long to wait
 *
 * Whether a refusal asks for a wait: by Retry-After-Ms (OpenAI's), Retry-After, and a service also by 403 or 429 when nothing
 * is left of a period (till its reset) or for GitHub's secondary limits (a minute:
 * https://docs.github.com/en/rest/using-the-rest-api/best-practices-for-using-the-rest-api#handle-rate-limit-errors-appropriately).
 * A 403 of anybody else is a plain no.
 *
 * Returns: false when it does not, @ret_wait_ms untouched
 */
bool retry_asked_ms(const Reply *reply, const Quotas *quotas, int64_t now_ms, int64_t *ret_wait_ms);
