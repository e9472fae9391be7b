/*
 * How hard a host is pressed: requests at once, halved when it is overwhelmed and grown one by one while it answers well; and
 * for how many failures in a row it is asked again. Pure.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/**
 * Pace:
 * @most: requests at once at best; @ceiling: now
 * @under_way: now; @started: so far
 * @good: good answers since the ceiling moved
 * @cut_at: of @started, when the ceiling was last lowered: what began before says nothing new
 * @credit: fifths of a retry
 */
typedef struct {
  int64_t most;
  int64_t ceiling;
  int64_t under_way;
  int64_t started;
  int64_t good;
  int64_t cut_at;
  int64_t credit;
} Pace;

/** PaceVerdict: what a try tells of its host; a good answer, that it is overwhelmed (429, 503, a broken or timed out
 * transfer), or neither. */
typedef enum { PACE_NEITHER, PACE_GOOD, PACE_OVERWHELMED } PaceVerdict;

/** pace_start_over: with @most requests at once, what is under way counting on. */
void pace_start_over(Pace *pace, int64_t most);

/** pace_is_full: whether no more may start now. */
bool pace_is_full(const Pace *pace);

/** pace_start: one more is under way. Returns: its number */
int64_t pace_start(Pace *pace);

/**
 * pace_end:
 * @number: as pace_start() gave it
 *
 * Additive increase, multiplicative decrease: the ceiling is halved, not below one, at most once for all that were under way
 * at that time; it grows by one for as many good answers as it has places.
 */
void pace_end(Pace *pace, int64_t number, PaceVerdict verdict);

/**
 * pace_take_retry:
 *
 * A failed try may be followed by another as long as there is credit: ten retries, or one for each place where a host has
 * more, for a connection that breaks fails all that it carries. A good answer gives back a fifth, so that a host of which one
 * answer in six fails has all of them tried again, and a dead one costs it once (the bucket of gRPC's retry throttling:
 * https://github.com/grpc/proposal/blob/master/A6-client-retries.md#throttling-retry-attempts-and-hedged-rpcs).
 *
 * Returns: whether there was credit, which is spent
 */
bool pace_take_retry(Pace *pace);
