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

static char *
find_header(const Reply *reply, const char *name)
{
  g_autofree char *prefixed = g_strconcat("x-", name, NULL);
  char *value = reply_header(reply, prefixed);
  return value != NULL ? value : reply_header(reply, name);
}

static int64_t
read_count(const Reply *reply, const char *name)
{
  g_autofree char *value = find_header(reply, name);
  double number;
  return value != NULL && read_number(value, &number) ? (int64_t) number : -1;
}

static int64_t
read_reset(const Reply *reply, int64_t now_ms)
{
  g_autofree char *value = find_header(reply, "ratelimit-reset");
  double seconds;
  int64_t reset_ms;
  if (value == NULL)
    return QUOTA_NO_RESET;
  if (read_number(value, &seconds))
    reset_ms = (int64_t) (seconds * 1000) + (seconds < LEAST_EPOCH_SECONDS ? now_ms : 0);
  else if (!time_parse(value, &reset_ms))
    return QUOTA_NO_RESET;
  bool is_ahead = reset_ms > now_ms && reset_ms - now_ms <= DAY_MS;
  return is_ahead ? reset_ms : QUOTA_NO_RESET;
}

Quota
quota_read(const Reply *reply, int64_t now_ms)
{
  return (Quota){
      .allowed = read_count(reply, "ratelimit-limit"),
      .remaining = read_count(reply, "ratelimit-remaining"),
      .reset_ms = read_reset(reply, now_ms),
  };
}
