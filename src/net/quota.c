#include "net/quota.h"

#include "base/time.h"

#include <string.h>

static const int64_t DAY_MS = INT64_C(24) * 3600 * 1000;

/* Numbers of seconds beyond it are times since 1970, not seconds left: 2001 is long over, and so is a wait of 30 years. */
static const double LEAST_EPOCH_SECONDS = 1e9;

/* More is no count of requests, and less no number that a double cannot hold. */
static const double MAX_NUMBER = 1e15;

/* "598" or "598.0", and nothing else that a number can look like. */
static bool
read_number(const char *text, double *ret_number)
{
  size_t whole = strspn(text, "0123456789");
  size_t part = text[whole] == '.' ? strspn(text + whole + 1, "0123456789") : 0;
  size_t length = part > 0 ? whole + 1 + part : whole;
  if (whole == 0 || text[length] != '\0')
    return false;
  double number = g_ascii_strtod(text, NULL);
  if (number > MAX_NUMBER)
    return false;
  *ret_number = number;
  return true;
}

/* A duration as Go writes it: "6m0s", "1h2m3.5s", "12ms", "850µs". */
static bool
read_duration(const char *text, double *ret_seconds)
{
  static const struct {
    const char *unit;
    double seconds;
  } UNITS[] = {{"ms", 1e-3}, {"us", 1e-6}, {"µs", 1e-6}, {"h", 3600}, {"m", 60}, {"s", 1}};
  double seconds = 0;
  const char *at = text;
  while (*at != '\0') {
    size_t digits = strspn(at, "0123456789.");
    g_autofree char *written = g_strndup(at, digits);
    double number;
    size_t unit = 0;
    while (unit < G_N_ELEMENTS(UNITS) && !g_str_has_prefix(at + digits, UNITS[unit].unit))
      unit++;
    if (unit == G_N_ELEMENTS(UNITS) || !read_number(written, &number))
      return false;
    seconds += number * UNITS[unit].seconds;
    at += digits + strlen(UNITS[unit].unit);
  }
  *ret_seconds = seconds;
  return at > text;
}

/* "x-ratelimit-@what@kind", the same without "x-", or "anthropic-ratelimit@kind-@what" */
static char *
find_header(const Reply *reply, const char *what, const char *kind)
{
  g_autofree char *prefixed = g_strconcat("x-ratelimit-", what, kind, NULL);
  g_autofree char *turned = g_strconcat("anthropic-ratelimit", kind, "-", what, NULL);
  const char *const names[] = {prefixed, prefixed + strlen("x-"), turned};
  char *value = NULL;
  for (size_t i = 0; i < G_N_ELEMENTS(names) && value == NULL; i++)
    value = reply_header(reply, names[i]);
  return value;
}

static int64_t
read_count(const Reply *reply, const char *what, const char *kind)
{
  g_autofree char *value = find_header(reply, what, kind);
  double number;
  return value != NULL && read_number(value, &number) ? (int64_t) number : -1;
}

static int64_t
read_reset(const Reply *reply, const char *kind, int64_t now_ms)
{
  g_autofree char *value = find_header(reply, "reset", kind);
  double seconds;
  int64_t reset_ms;
  if (value == NULL)
    return QUOTA_NO_RESET;
  if (read_number(value, &seconds))
    reset_ms = (int64_t) (seconds * 1000) + (seconds < LEAST_EPOCH_SECONDS ? now_ms : 0);
  else if (read_duration(value, &seconds))
    reset_ms = now_ms + (int64_t) MIN(seconds * 1000, MAX_NUMBER);
  else if (!time_parse(value, &reset_ms))
    return QUOTA_NO_RESET;
  bool is_ahead = reset_ms > now_ms && reset_ms - now_ms <= DAY_MS;
  return is_ahead ? reset_ms : QUOTA_NO_RESET;
}

static Quota
read_kind(const Reply *reply, const char *kind, int64_t now_ms)
{
  return (Quota){
      .allowed = read_count(reply, "limit", kind),
      .remaining = read_count(reply, "remaining", kind),
      .reset_ms = read_reset(reply, kind, now_ms),
  };
}

static bool
is_told(const Quota *quota)
{
  return quota->allowed >= 0 || quota->remaining >= 0;
}

Quotas
quota_read(const Reply *reply, int64_t now_ms)
{
  Quotas quotas = {
      .requests = read_kind(reply, "-requests", now_ms),
      .tokens = read_kind(reply, "-tokens", now_ms),
  };
  quotas.is_sliding = is_told(&quotas.requests) || is_told(&quotas.tokens);
  if (!quotas.is_sliding)
    quotas.requests = read_kind(reply, "", now_ms);
  return quotas;
}
