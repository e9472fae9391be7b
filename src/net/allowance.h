/*
 * What a host said it still takes, of requests or of tokens, and what may be started by that. Pure: time is passed in.
 */
#pragma once

#include "net/quota.h"

#include <stdbool.h>
#include <stdint.h>

/** Allowance: @quota: as last said; @under_way: taken by what has not ended yet */
typedef struct {
  Quota quota;
  int64_t under_way;
} Allowance;

/** allowance_has_period: whether what was said still holds. */
bool allowance_has_period(const Allowance *allowance, int64_t now_ms);

/** allowance_opens_ms: Returns: when @amount more may be started, in the past if it may now; INT64_MAX while what is under way
 * must first tell */
int64_t allowance_opens_ms(const Allowance *allowance, int64_t amount, int64_t now_ms);

/** allowance_learn: a reply said @told: of one period the least counts, and of two periods the later. */
void allowance_learn(Allowance *allowance, const Quota *told, int64_t now_ms);

/** allowance_spend: @amount was taken, and no reply told of it. */
void allowance_spend(Allowance *allowance, int64_t amount);
