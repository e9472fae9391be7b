#include "base/time.h"

#include <glib.h>
#include <string.h>

/* 2026-11-20T08:30:00Z */
#define MORNING_MS  INT64_C(1795163400000)
#define MIDNIGHT_MS INT64_C(1795132800000)
#define HOUR_MS     INT64_C(3600000)

static const struct {
  const char *text;
  int64_t expected_ms;
} READABLE[] = {
    {"2026-11-20T08:30:00Z", MORNING_MS},
    {"2026-11-20T08:30:00+01:00", MORNING_MS - HOUR_MS},
    {"2026-11-20T08:30:00-0530", MORNING_MS + HOUR_MS * 11 / 2},
    {"2026-11-20T08:30:00+01", MORNING_MS - HOUR_MS},
    {"2026-11-20t08:30:00z", MORNING_MS},
    {"2026-11-20 08:30:00", MORNING_MS},
    {"2026-11-20 08:30:00 -0500", MORNING_MS + 5 * HOUR_MS},
    {"2026-11-20 08:30:00 UTC", MORNING_MS},
    {"2026-11-20T08:30Z", MORNING_MS},
    {"2026-11-20T08:30", MORNING_MS},
    {"2026-11-20T08:30:00.25Z", MORNING_MS + 250},
    {"2026-11-20T08:30:00.123999999Z", MORNING_MS + 123},
    {"2026-11-20T08:30:00,5+00:00", MORNING_MS + 500},
    {"2026-11-20", MIDNIGHT_MS},
    {"  2026-11-20\n", MIDNIGHT_MS},
    {"Fri, 20 Nov 2026 08:30:00 +0100", MORNING_MS - HOUR_MS},
    {"Fri, 20 Nov 2026 08:30:00 GMT", MORNING_MS},
    {"Fri, 20 Nov 2026 08:30:00 UT", MORNING_MS},
    {"Fri, 20 Nov 2026 08:30:00 Z", MORNING_MS},
    {"Fri, 20 Nov 2026 08:30:00 EST", MORNING_MS + 5 * HOUR_MS},
    {"Fri, 20 Nov 2026 08:30:00 pdt", MORNING_MS + 7 * HOUR_MS},
    {"Fri, 20 Nov 2026 08:30:00 CEST", MORNING_MS},
    {"Fri, 20 Nov 2026 08:30:00 GMT+0100", MORNING_MS - HOUR_MS},
    {"Fri, 20 Nov 2026 08:30:00 +0000 (Coordinated Universal Time)", MORNING_MS},
    {"Fri, 20 Nov 2026 08:30:00", MORNING_MS},
    {"Fri, 20 Nov 2026 08:30 GMT", MORNING_MS},
    {"Fri,20 Nov 2026 8:30:00 GMT", MORNING_MS},
    {"20 Nov 26 08:30 UTC", MORNING_MS},
    {"20 November 2026", MIDNIGHT_MS},
    {"Friday, 20-Nov-26 08:30:00 GMT", MORNING_MS},
    {"Fri Nov 20 08:30:00 2026", MORNING_MS},
    {"Fri Nov 20 08:30:00 PST 2026", MORNING_MS + 8 * HOUR_MS},
    {"Sun Nov  1 00:00:00 2026", MIDNIGHT_MS - 19 * 24 * HOUR_MS},
    {"2026-11-1", MIDNIGHT_MS - 19 * 24 * HOUR_MS},
    {"2026/11/20", MIDNIGHT_MS},
    {"2026/11/20 8:30", MORNING_MS},
    {"November 20, 2026", MIDNIGHT_MS},
    {"Nov. 20 2026", MIDNIGHT_MS},
    {"Friday, November 20, 2026 8:30 AM", MORNING_MS},
    {"Nov 20, 2026 8:30:00 pm EST", MORNING_MS + 17 * HOUR_MS},
    {"Fri, 20 Nov 2026 08:30:00 PM", MORNING_MS + 12 * HOUR_MS},
    {"Nov 20, 2026 12:00 AM", MIDNIGHT_MS},
    {"Nov 20, 2026 12:00PM", MIDNIGHT_MS + 12 * HOUR_MS},
    {"Fri, 20 Nov 2026 8:3:2 GMT", MIDNIGHT_MS + 8 * HOUR_MS + 182000},
    {"Fri, 20 Nov 2026 24:00:00 GMT", MIDNIGHT_MS + 24 * HOUR_MS},
    {"2026-11-20T24:00:00+01:00", MIDNIGHT_MS + 23 * HOUR_MS},
    {"1 Jan 70 00:00:00 GMT", 0},
    {"31 Dec 49 00:00:00 GMT", INT64_C(2524521600000)},
    {"1 Jan 50 00:00:00 GMT", INT64_C(-631152000000)},
    {"31 Dec 1969 23:59:59.999 GMT", -1},
    {"2024-02-29", INT64_C(1709164800000)},
    {"2016-12-31T23:59:60Z", INT64_C(1483228799000)},
    {"0001-01-01T00:00:00Z", INT64_C(-62135596800000)},
    {"9999-12-31T23:59:59.999Z", INT64_C(253402300799999)},
};

static const char *const NO_TIMES[] = {
    "",
    " ",
    "yesterday",
    "1795163400",
    "2026",
    "2026-11",
    "2026-13-01",
    "2026-00-10",
    "2026-11-31",
    "2025-02-29",
    "0000-01-01",
    "2026-11-20T",
    "2026-11-20T8",
    "2026-11-20T24:00:01Z",
    "2026-11-20T25:00:00Z",
    "9999-12-31T24:00:00Z",
    "9999-12-31T23:30:00-01:00",
    "0001-01-01T00:00:00+01:00",
    "2026/11",
    "Nov 2026",
    "November 31, 2026",
    "Nov 20, 2026 0:30 AM",
    "Nov 20, 2026 13:30 PM",
    "Nov 20, 2026 8:30 AM PM",
    "Nov 20, 2026 8:30 XM",
    "Nov 20, 2026 x",
    "2026-11-20T08:60:00Z",
    "2026-11-20T08:30:61Z",
    "2026-11-20T08:30:00.Z",
    "2026-11-20T08:30:00+1",
    "2026-11-20T08:30:00+24:00",
    "2026-11-20T08:30:00+01:",
    "2026-11-20T08:30:00+01:60",
    "2026-11-20T08:30:00Z and more",
    "2026-11-20x08:30:00Z",
    "2026-11--2",
    "Fri, 32 Nov 2026 08:30:00 GMT",
    "Fri, 20 Foo 2026 08:30:00 GMT",
    "Fri, 20 Nov",
    "Fri, 20 Nov 2026 08:30:00 hello",
    "Fri, 20 Nov 2026 08:30:00 +01000",
    "Fri, 20 Nov 2026 08",
    "Fri Nov 20 08:30:00",
    "Fri",
    "20",
    "-1-1-1",
    "\xFF\xFE",
};

static void
test_readable(void)
{
  for (size_t i = 0; i < G_N_ELEMENTS(READABLE); i++) {
    int64_t time_ms = 7;
    if (!time_parse(READABLE[i].text, &time_ms) || time_ms != READABLE[i].expected_ms)
      g_test_message("%s", READABLE[i].text);
    g_assert_cmpint(time_ms, ==, READABLE[i].expected_ms);
  }
}

static void
test_no_times(void)
{
  for (size_t i = 0; i < G_N_ELEMENTS(NO_TIMES); i++) {
    int64_t time_ms = 7;
    if (time_parse(NO_TIMES[i], &time_ms))
      g_test_message("accepted: %s", NO_TIMES[i]);
    g_assert_cmpint(time_ms, ==, 7);
  }
  g_autofree char *long_text = g_strnfill(1000000, '(');
  memcpy(long_text, "1 Jan 1970 ", 11);
  int64_t time_ms;
  g_assert_false(time_parse(long_text, &time_ms));
}

static void
test_format(void)
{
  static const struct {
    int64_t time_ms;
    const char *expected;
  } CASES[] = {
      {MORNING_MS, "2026-11-20T08:30:00Z"}, {MORNING_MS + 7, "2026-11-20T08:30:00.007Z"}, {0, "1970-01-01T00:00:00Z"},
      {-1, "1969-12-31T23:59:59.999Z"},     {INT64_MAX, "9999-12-31T23:59:59.999Z"},      {INT64_MIN, "0001-01-01T00:00:00Z"},
  };
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    g_autofree char *text = time_format(CASES[i].time_ms);
    g_assert_cmpstr(text, ==, CASES[i].expected);
  }
}

static void
test_round_trip(void)
{
  for (int i = 0; i < 20000; i++) {
    int64_t time_ms = (int64_t) g_test_rand_double_range(-62135596800000.0, 253402300799999.0);
    g_autofree char *text = time_format(time_ms);
    int64_t back_ms = 0;
    g_assert_true(time_parse(text, &back_ms));
    g_assert_cmpint(back_ms, ==, time_ms);
  }
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/time/readable", test_readable);
  g_test_add_func("/time/no-times", test_no_times);
  g_test_add_func("/time/format", test_format);
  g_test_add_func("/time/round-trip", test_round_trip);
  return g_test_run();
}
