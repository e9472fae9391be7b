#include "net/quota.h"

enum { DAY_S = 24 * 3600 };

static const int64_t NOW_MS = INT64_C(1795163400000); /* 2026-11-20T08:30:00Z */

static Quota
read_headers(const char *headers)
{
  Reply reply = {.headers = (char *) headers};
  Quotas quotas = quota_read(&reply, NOW_MS);
  g_assert_false(quotas.is_sliding);
  g_assert_cmpint(quotas.tokens.remaining, ==, -1);
  return quotas.requests;
}

/* @wait_ms: 0 for none */
static void
test_reset(void)
{
  static const struct {
    const char *value;
    int64_t wait_ms;
  } CASES[] = {
      {"2026-11-20T08:35:00.000000Z", 300000},
      {"2026-11-20T09:35:00.5+01:00", 300500},
      {"1795163460", 60000},
      {"1795163460.25", 60250},
      {"30", 30000},
      {"1.5", 1500},
      {"86400", DAY_S * INT64_C(1000)},
      {"0", 0},
      {"86401", 0},
      {"1795163400", 0},
      {"1795163399", 0},
      {"1795249801", 0},
      {"1795163460000", 0},
      {"2026-11-20T08:29:59Z", 0},
      {"2026-11-22T08:30:00Z", 0},
      {"-30", 0},
      {"+30", 0},
      {"1e3", 0},
      {"0x1f", 0},
      {"30.", 0},
      {".5", 0},
      {"30 seconds", 0},
      {"inf", 0},
      {"nan", 0},
      {"12ms", 12},
      {"1s", 1000},
      {"6m0s", 360000},
      {"1h2m3.5s", 3723500},
      {"850us", 0},
      {"1500µs", 1},
      {"24h", DAY_S * INT64_C(1000)},
      {"24h1s", 0},
      {"99999999999999h", 0},
      {"0s", 0},
      {"-1s", 0},
      {"1s2", 0},
      {"s", 0},
      {"1.s", 0},
      {"1 s", 0},
      {"6m0x", 0},
      {"soon", 0},
      {"", 0},
      {"99999999999999999999999999999999999999", 0},
  };
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    g_test_message("%s", CASES[i].value);
    g_autofree char *header = g_strconcat("x-ratelimit-reset: ", CASES[i].value, NULL);
    Quota quota = read_headers(header);
    g_assert_cmpint(quota.reset_ms, ==, CASES[i].wait_ms > 0 ? NOW_MS + CASES[i].wait_ms : QUOTA_NO_RESET);
    g_assert_cmpint(quota.remaining, ==, -1);
    g_assert_cmpint(quota.allowed, ==, -1);
  }
}

static void
test_counts(void)
{
  static const struct {
    const char *value;
    int64_t count;
  } CASES[] = {
      {"0", 0},         {"7", 7},
      {"598.0", 598},   {"598.97", 598},
      {"0.9", 0},       {"-1", -1},
      {"", -1},         {"many", -1},
      {"100;w=60", -1}, {"1e2", -1},
      {"nan", -1},      {"0x7", -1},
      {"7, 7", -1},     {"99999999999999999999999999", -1},
  };
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    g_test_message("%s", CASES[i].value);
    g_autofree char *remaining = g_strconcat("x-ratelimit-remaining: ", CASES[i].value, NULL);
    g_assert_cmpint(read_headers(remaining).remaining, ==, CASES[i].count);
    g_autofree char *allowed = g_strconcat("ratelimit-limit: ", CASES[i].value, NULL);
    g_assert_cmpint(read_headers(allowed).allowed, ==, CASES[i].count);
  }
}

/* Garbage in one takes nothing from the others. */
static void
test_each_header_for_itself(void)
{
  static const struct {
    const char *headers;
    Quota quota;
  } CASES[] = {
      {"", {-1, -1, QUOTA_NO_RESET}},
      {"x-ratelimit-limit: 300\nx-ratelimit-remaining: 299\nx-ratelimit-reset: 2026-11-20T08:30:01Z", {300, 299, 1000}},
      {"x-ratelimit-used: 2\nx-ratelimit-remaining: 998.0\nx-ratelimit-reset: 2", {-1, 998, 2000}},
      {"ratelimit-limit: 3000\nratelimit-remaining: 2999\nratelimit-reset: 1795163403", {3000, 2999, 3000}},
      {"x-ratelimit-limit: x\nx-ratelimit-remaining: 1\nx-ratelimit-reset: -1", {-1, 1, QUOTA_NO_RESET}},
      {"x-ratelimit-remaining: 5\nratelimit-remaining: 6", {-1, 5, QUOTA_NO_RESET}},
  };
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    Quota quota = read_headers(CASES[i].headers);
    g_assert_cmpint(quota.allowed, ==, CASES[i].quota.allowed);
    g_assert_cmpint(quota.remaining, ==, CASES[i].quota.remaining);
    int64_t reset_ms = CASES[i].quota.reset_ms;
    g_assert_cmpint(quota.reset_ms, ==, reset_ms == QUOTA_NO_RESET ? reset_ms : NOW_MS + reset_ms);
  }
}

/* Of requests and of tokens apart. */
static void
test_sliding(void)
{
  static const struct {
    const char *headers;
    Quotas quotas;
  } CASES[] = {
      {"x-ratelimit-limit-requests: 500\nx-ratelimit-limit-tokens: 200000\nx-ratelimit-remaining-requests: 499\n"
       "x-ratelimit-remaining-tokens: 198000\nx-ratelimit-reset-requests: 120ms\nx-ratelimit-reset-tokens: 6m0s",
       {{500, 499, 120}, {200000, 198000, 360000}, true}},
      {"anthropic-ratelimit-requests-limit: 50\nanthropic-ratelimit-requests-remaining: 49\n"
       "anthropic-ratelimit-requests-reset: 2026-11-20T08:30:02Z\nanthropic-ratelimit-tokens-limit: 60000\n"
       "anthropic-ratelimit-tokens-remaining: 59000\nanthropic-ratelimit-tokens-reset: 2026-11-20T08:31:00Z\n"
       "anthropic-ratelimit-input-tokens-remaining: 7",
       {{50, 49, 2000}, {60000, 59000, 60000}, true}},
      {"x-ratelimit-remaining-requests: -1\nx-ratelimit-remaining-tokens: 0\nx-ratelimit-reset-tokens: 59",
       {{-1, -1, QUOTA_NO_RESET}, {-1, 0, 59000}, true}},
      {"x-ratelimit-limit-tokens: 0\nx-ratelimit-reset-tokens: 0", {{-1, -1, QUOTA_NO_RESET}, {0, -1, QUOTA_NO_RESET}, true}},
      {"x-ratelimit-limit: 3\nx-ratelimit-limit-requests: 5", {{5, -1, QUOTA_NO_RESET}, {-1, -1, QUOTA_NO_RESET}, true}},
  };
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    Reply reply = {.headers = (char *) CASES[i].headers};
    Quotas quotas = quota_read(&reply, NOW_MS);
    const Quota *read[] = {&quotas.requests, &quotas.tokens};
    const Quota *expected[] = {&CASES[i].quotas.requests, &CASES[i].quotas.tokens};
    g_assert_cmpint(quotas.is_sliding, ==, CASES[i].quotas.is_sliding);
    for (size_t j = 0; j < G_N_ELEMENTS(read); j++) {
      g_assert_cmpint(read[j]->allowed, ==, expected[j]->allowed);
      g_assert_cmpint(read[j]->remaining, ==, expected[j]->remaining);
      int64_t reset_ms = expected[j]->reset_ms;
      g_assert_cmpint(read[j]->reset_ms, ==, reset_ms == QUOTA_NO_RESET ? reset_ms : NOW_MS + reset_ms);
    }
  }
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/quota/reset", test_reset);
  g_test_add_func("/quota/counts", test_counts);
  g_test_add_func("/quota/each-header-for-itself", test_each_header_for_itself);
  g_test_add_func("/quota/sliding", test_sliding);
  return g_test_run();
}
