/*
 * Times as text: RFC 3339 out; RFC 3339, RFC 822 and their usual misspellings in. All UTC milliseconds since 1970.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/** time_format: Returns: (transfer full): "2026-11-20T08:30:00Z", milliseconds only where there are any */
char *time_format(int64_t time_ms);

/**
 * time_parse:
 * @text: RFC 3339 ("2026-11-20T08:30:00+01:00", also with a space, with slashes, without seconds, or a date alone), RFC
 *   822/2822/850 ("Fri, 20 Nov 2026 08:30:00 +0100", two-digit years, zone names GMT UT UTC Z EST EDT CST CDT MST MDT PST PDT),
 *   asctime, or "November 20, 2026 8:30 AM"; parts may be of one digit; no zone or another name in capitals means UTC (RFC 2822
 *   section 4.3)
 *
 * Returns: false when it is no time, @ret_ms untouched
 */
bool time_parse(const char *text, int64_t *ret_ms);
