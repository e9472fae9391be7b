#include "net/retry.h"

#include <string.h>

static void
test_status(void)
{
  static const struct {
    long status;
    bool asks_wait;
    ErrorCode code;
  } CASES[] = {
      {400, false, ERROR_REJECTED}, {401, false, ERROR_REJECTED}, {403, false, ERROR_REJECTED},  {403, true, ERROR_THROTTLED},
      {404, true, ERROR_REJECTED},  {408, false, ERROR_RETRY},    {429, false, ERROR_THROTTLED}, {429, true, ERROR_THROTTLED},
      {500, true, ERROR_RETRY},     {501, false, ERROR_REJECTED}, {502, false, ERROR_RETRY},     {503, false, ERROR_RETRY},
      {503, true, ERROR_THROTTLED}, {529, false, ERROR_RETRY},    {529, true, ERROR_THROTTLED},  {504, false, ERROR_RETRY},
      {505, false, ERROR_REJECTED}, {300, false, ERROR_REJECTED}, {100, false, ERROR_REJECTED},
  };
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++)
    g_assert_cmpint(retry_status(CASES[i].status, CASES[i].asks_wait), ==, CASES[i].code);
}

static void
test_delay_spreads_over_the_whole_range(void)
{
  static const int64_t MOST_MS[] = {500, 1000, 2000, 4000, 8000, 16000, 30000, 30000};
  enum { DRAWS = 2000 };
  guint32 seed = (guint32) g_test_rand_int();
  g_test_message("seed %u", seed);
  g_autoptr(GRand) random = g_rand_new_with_seed(seed);
  for (size_t i = 0; i < G_N_ELEMENTS(MOST_MS); i++) {
    int64_t least_ms = INT64_MAX;
    int64_t most_ms = 0;
    for (int draw = 0; draw < DRAWS; draw++) {
      int64_t delay_ms = retry_delay_ms(500, (int64_t) i + 1, random);
      least_ms = MIN(least_ms, delay_ms);
      most_ms = MAX(most_ms, delay_ms);
    }
    g_assert_cmpint(least_ms, >=, 0);
    g_assert_cmpint(least_ms, <, MOST_MS[i] / 20);
    g_assert_cmpint(most_ms, <=, MOST_MS[i]);
    g_assert_cmpint(most_ms, >, MOST_MS[i] * 19 / 20);
  }
  g_assert_cmpint(retry_delay_ms(500, INT64_MAX, random), <=, RETRY_MAX_WAIT_MS);
  g_assert_cmpint(retry_delay_ms(0, INT64_MAX, random), ==, 0);
}

static void
test_retry_after(void)
{
  enum { NOW_S = 1795163400, NONE = -1, DAY_MS = 24 * 3600 * 1000 }; /* 2026-11-20T08:30:00Z */
  static const struct {
    const char *value;
    int64_t wait_ms;
  } CASES[] = {
      {"0", 0},
      {"120", 120000},
      {"99999999999999999999999", DAY_MS},
      {"Fri, 20 Nov 2026 08:30:05 GMT", 5000},
      {"Friday, 20-Nov-26 08:30:05 GMT", 5000},
      {"Fri Nov 20 08:30:05 2026", 5000},
      {"Fri, 20 Nov 2026 08:29:00 GMT", 0},
      {"Fri, 20 Nov 2099 08:29:00 GMT", DAY_MS},
      {"1.5", 2000},
      {"86400.1", DAY_MS},
      {"1.5.1", NONE},
      {".5", NONE},
      {"", NONE},
      {"soon", NONE},
      {"-5", NONE},
      {NULL, NONE},
  };
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    int64_t wait_ms = NONE;
    bool is_asked = retry_after_ms(CASES[i].value, INT64_C(1000) * NOW_S, &wait_ms);
    g_test_message("%s", CASES[i].value);
    g_assert_cmpint(is_asked, ==, CASES[i].wait_ms != NONE);
    g_assert_cmpint(wait_ms, ==, CASES[i].wait_ms);
  }
}

#define NOW_MS INT64_C(1795163400000)

static void
test_asked(void)
{
  enum { NONE = -1, MINUTE_MS = 60000 };
  static const char SECONDARY[] = "{\"message\": \"You have exceeded a secondary rate limit.\"}";
  static const struct {
    long status;
    const char *headers;
    const char *body;
    int64_t remaining;
    int64_t reset_ms;
    int64_t service_ms; /* asked by a service, and by @others_ms anybody else */
    int64_t others_ms;
  } CASES[] = {
      {429, "", "", -1, QUOTA_NO_RESET, NONE, NONE},
      {429, "retry-after: 5", "", -1, QUOTA_NO_RESET, 5000, 5000},
      {503, "retry-after: 5", "", -1, QUOTA_NO_RESET, 5000, 5000},
      {503, "", SECONDARY, 0, QUOTA_NO_RESET, NONE, NONE},
      {403, "", "no", -1, QUOTA_NO_RESET, NONE, NONE},
      {403, "", "no", 5, NOW_MS + 7000, NONE, NONE},
      {403, "retry-after: 5", "", -1, QUOTA_NO_RESET, 5000, NONE},
      {403, "retry-after: soon", "", -1, QUOTA_NO_RESET, NONE, NONE},
      {403, "", "", 0, NOW_MS + 7000, 7000, NONE},
      {429, "", "", 0, NOW_MS + 7000, 7000, NONE},
      {403, "", "", 0, QUOTA_NO_RESET, MINUTE_MS, NONE},
      {403, "", SECONDARY, -1, QUOTA_NO_RESET, MINUTE_MS, NONE},
      {403, "", SECONDARY, 5, NOW_MS + 7000, MINUTE_MS, NONE},
      {429, "", SECONDARY, -1, QUOTA_NO_RESET, MINUTE_MS, NONE},
      {403, "retry-after: 5", SECONDARY, -1, QUOTA_NO_RESET, 5000, NONE},
      {404, "", SECONDARY, 0, NOW_MS + 7000, NONE, NONE},
      {429, "retry-after: 5\nretry-after-ms: 1234", "", -1, QUOTA_NO_RESET, 1234, 1234},
      {429, "retry-after: 5\nretry-after-ms: soon", "", -1, QUOTA_NO_RESET, 5000, 5000},
  };
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    g_test_message("case %zu", i);
    Reply reply = {.status = CASES[i].status,
                   .headers = (char *) CASES[i].headers,
                   .body = (char *) CASES[i].body,
                   .body_length = strlen(CASES[i].body)};
    const Quotas quotas = {.requests = {-1, CASES[i].remaining, CASES[i].reset_ms}, .tokens = QUOTA_UNKNOWN};
    int64_t wait_ms = NONE;
    g_assert_cmpint(retry_asked_ms(&reply, &quotas, NOW_MS, &wait_ms), ==, CASES[i].service_ms != NONE);
    g_assert_cmpint(wait_ms, ==, CASES[i].service_ms);
    wait_ms = NONE;
    g_assert_cmpint(retry_asked_ms(&reply, NULL, NOW_MS, &wait_ms), ==, CASES[i].others_ms != NONE);
    g_assert_cmpint(wait_ms, ==, CASES[i].others_ms);
  }
  /* a sliding window gives something back long before its reset */
  Reply reply = {.status = 429, .headers = (char *) "", .body = (char *) ""};
  const Quotas sliding = {.requests = {5, 0, NOW_MS + 7000}, .tokens = QUOTA_UNKNOWN, .is_sliding = true};
  int64_t wait_ms = NONE;
  g_assert_false(retry_asked_ms(&reply, &sliding, NOW_MS, &wait_ms));
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/retry/status", test_status);
  g_test_add_func("/retry/delay-spreads-over-the-whole-range", test_delay_spreads_over_the_whole_range);
  g_test_add_func("/retry/after", test_retry_after);
  g_test_add_func("/retry/asked", test_asked);
  return g_test_run();
}
