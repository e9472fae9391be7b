#include "net/retry.h"

#include "base/time.h"

#include <string.h>

/* No run lasts a day; the bound also keeps foreign numbers from overflowing. */
static const int64_t RETRY_AFTER_MAX_MS = INT64_C(24) * 3600 * 1000;

/* Where a service does not say how long. */
static const int64_t UNTOLD_WAIT_MS = 60000;

/* Digits, and a fraction where somebody writes one, which counts as a whole; more than @most counts as that. */
static bool
read_whole(const char *value, int64_t most, int64_t *ret_number)
{
  if (value == NULL || !g_ascii_isdigit(*value))
    return false;
  const char *rest = value + strspn(value, "0123456789");
  bool has_fraction = *rest == '.';
  if (rest[has_fraction + strspn(rest + has_fraction, "0123456789")] != '\0')
    return false;
  *ret_number = (int64_t) MIN(g_ascii_strtoull(value, NULL, 10), (guint64) (most - has_fraction)) + has_fraction;
  return true;
}

ErrorCode
retry_status(long status, bool asks_wait)
{
  switch (status) {
  case 429:
    return ERROR_THROTTLED;
  case 503:
  case 529:
    return asks_wait ? ERROR_THROTTLED : ERROR_RETRY;
  case 403:
    return asks_wait ? ERROR_THROTTLED : ERROR_REJECTED;
  case 408:
  case 500:
  case 502:
  case 504:
    return ERROR_RETRY;
  default:
    return ERROR_REJECTED;
  }
}

int64_t
retry_delay_ms(int64_t base_ms, int64_t failures, GRand *random)
{
  int64_t most_ms = base_ms;
  for (int64_t i = 1; i < failures && most_ms > 0 && most_ms < RETRY_MAX_WAIT_MS; i++)
    most_ms *= 2;
  return g_rand_int_range(random, 0, (gint32) MIN(most_ms, RETRY_MAX_WAIT_MS) + 1);
}

bool
retry_after_ms(const char *value, int64_t now_ms, int64_t *ret_wait_ms)
{
  int64_t seconds;
  int64_t until_ms;
  if (read_whole(value, RETRY_AFTER_MAX_MS / 1000, &seconds))
    *ret_wait_ms = seconds * 1000;
  else if (value != NULL && *value != '\0' && time_parse(value, &until_ms))
    *ret_wait_ms = CLAMP(until_ms - now_ms, 0, RETRY_AFTER_MAX_MS);
  else
    return false;
  return true;
}

bool
retry_is_overload(long status)
{
  return status == 429 || status == 503 || status == 529;
}

bool
retry_is_secondary(const Reply *reply)
{
  static const char WORDS[] = "secondary rate limit";
  bool is_refusal = reply->status == 403 || reply->status == 429;
  return is_refusal && memmem(reply->body, reply->body_length, WORDS, sizeof WORDS - 1) != NULL;
}

bool
retry_asked_ms(const Reply *reply, const Quotas *quotas, int64_t now_ms, int64_t *ret_wait_ms)
{
  if (quotas == NULL && reply->status == 403)
    return false;
  g_autofree char *exact = reply_header(reply, "retry-after-ms");
  g_autofree char *retry_after = reply_header(reply, "retry-after");
  if (read_whole(exact, RETRY_AFTER_MAX_MS, ret_wait_ms) || retry_after_ms(retry_after, now_ms, ret_wait_ms))
    return true;
  if (quotas == NULL || (reply->status != 403 && reply->status != 429))
    return false;
  const Quota *quota = &quotas->requests;
  bool is_spent = quota->remaining == 0 && !quotas->is_sliding;
  if (!is_spent && !retry_is_secondary(reply))
    return false;
  *ret_wait_ms = is_spent && quota->reset_ms > now_ms ? quota->reset_ms - now_ms : UNTOLD_WAIT_MS;
  return true;
}
