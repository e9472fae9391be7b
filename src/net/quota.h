/*
 * What a reply's headers say of the limit it was counted under: x-ratelimit-* and ratelimit-*, as Mastodon, GitHub and Reddit
 * each write them. Pure.
 */
#pragma once

#include "model/exchange.h"

#include <stdbool.h>
#include <stdint.h>

/**
 * Quota: how many requests a host still takes.
 * @allowed: in a whole period; -1 for unknown
 * @remaining: till @reset_ms; -1 for unknown
 * @reset_ms: when the period ends, on the clock of whoever holds the quota; %QUOTA_NO_RESET for unknown
 */
typedef struct {
  int64_t allowed;
  int64_t remaining;
  int64_t reset_ms;
} Quota;

/** QUOTA_NO_RESET: of a period that ended before any clock began, or whose end is not known. */
#define QUOTA_NO_RESET INT64_MIN

/** QUOTA_UNKNOWN: nothing was said. */
#define QUOTA_UNKNOWN ((Quota){.allowed = -1, .remaining = -1, .reset_ms = QUOTA_NO_RESET})

/**
 * quota_read:
 * @now_ms: UTC
 *
 * Each header for itself: what is no number or time, is negative, or is over or more than a day away counts as not said. A
 * time is one in ISO 8601 (Mastodon), in seconds since 1970 (GitHub), or as seconds left (Reddit).
 *
 * Returns: what @reply says, its reset in UTC
 */
Quota quota_read(const Reply *reply, int64_t now_ms);
