#include "net/quota.h"

enum { DAY_S = 24 * 3600 };

static const int64_t NOW_MS = INT64_C(1795163400000); /* 2026-11-20T08:30:00Z */

static Quota
read_headers(const char *headers)
{
  Reply reply = {.headers = (char *) headers};
  return quota_read(&reply, NOW_MS);
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

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/quota/reset", test_reset);
  g_test_add_func("/quota/counts", test_counts);
  g_test_add_func("/quota/each-header-for-itself", test_each_header_for_itself);
  return g_test_run();
}
