/*
 * What a reply's headers say of the limits it was counted under: x-ratelimit-* and ratelimit-*, as Mastodon, GitHub and Reddit
 * each write them, and as OpenAI, those like it and Anthropic do, of requests and of tokens apart. Pure.
 */
#pragma once

#include "model/exchange.h"

#include <stdbool.h>
#include <stdint.h>

/**
 * Quota: how many requests, or tokens, a host still takes.
 * @allowed: in a whole period; -1 for unknown
 * @remaining: till @reset_ms; -1 for unknown
 * @reset_ms: when the period ends, on the clock of whoever holds the quota; %QUOTA_NO_RESET for unknown
 */
typedef struct {
  int64_t allowed;
  int64_t remaining;
  int64_t reset_ms;
} Quota;

/** Quotas: @is_sliding: they are what a sliding window or a bucket has room for: something is given back all the time, all of
 * it at the reset */
typedef struct {
  Quota requests;
  Quota tokens;
  bool is_sliding;
} Quotas;

/** QUOTA_NO_RESET: of a period that ended before any clock began, or whose end is not known. */
#define QUOTA_NO_RESET INT64_MIN

/** QUOTA_UNKNOWN: nothing was said. */
#define QUOTA_UNKNOWN ((Quota){.allowed = -1, .remaining = -1, .reset_ms = QUOTA_NO_RESET})

/** QUOTAS_UNKNOWN: nothing was said of either. */
#define QUOTAS_UNKNOWN ((Quotas){.requests = QUOTA_UNKNOWN, .tokens = QUOTA_UNKNOWN})

/**
 * quota_read:
 * @now_ms: UTC
 *
 * Each header for itself: what is no number or time, is negative, or is over or more than a day away counts as not said. A
 * time is one in ISO 8601 (Mastodon; Anthropic: https://docs.anthropic.com/en/api/rate-limits#response-headers), in seconds
 * since 1970 (GitHub), as seconds left (Reddit), or as a duration in Go's words, "6m0s" or "12ms" (OpenAI:
 * https://platform.openai.com/docs/guides/rate-limits#rate-limits-in-headers).
 *
 * Returns: what @reply says, its resets in UTC
 */
Quotas quota_read(const Reply *reply, int64_t now_ms);
