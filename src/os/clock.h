/*
 * The real clock, for limits, timeouts and progress; and how much memory was used.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

/** clock_now_ms: Returns: UTC, milliseconds since 1970 */
int64_t clock_now_ms(void);

/** clock_monotonic_ms: Returns: milliseconds since some start, never back */
int64_t clock_monotonic_ms(void);

/** clock_precise_ms: Returns: the same to the microsecond, for what takes less than a millisecond */
double clock_precise_ms(void);

/** clock_rss_peak_bytes: Returns: peak resident memory of this process */
int64_t clock_rss_peak_bytes(void);
