#include "net/retry.h"

#include "base/time.h"

#include <string.h>

/* No run lasts a day; the bound also keeps foreign numbers from overflowing. */
static const int64_t RETRY_AFTER_MAX_MS = INT64_C(24) * 3600 * 1000;

/* Where a service does not say how long. */
static const int64_t UNTOLD_WAIT_MS = 60000;

ErrorCode
retry_status(long status, bool asks_wait)
{
  switch (status) {
  case 429:
    return ERROR_THROTTLED;
  case 503:
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
  if (value == NULL || *value == '\0')
    return false;
  int64_t wait_ms;
  if (value[strspn(value, "0123456789")] == '\0') {
    guint64 seconds = g_ascii_strtoull(value, NULL, 10);
    wait_ms = (int64_t) MIN(seconds, (guint64) RETRY_AFTER_MAX_MS / 1000) * 1000;
  } else {
    int64_t until_ms;
    if (!time_parse(value, &until_ms))
      return false;
    wait_ms = until_ms - now_ms;
  }
  *ret_wait_ms = CLAMP(wait_ms, 0, RETRY_AFTER_MAX_MS);
  return true;
}

bool
retry_is_secondary(const Reply *reply)
{
  static const char WORDS[] = "secondary rate limit";
  bool is_refusal = reply->status == 403 || reply->status == 429;
  return is_refusal && memmem(reply->body, reply->body_length, WORDS, sizeof WORDS - 1) != NULL;
}

bool
retry_asked_ms(const Reply *reply, const Quota *quota, int64_t now_ms, int64_t *ret_wait_ms)
{
  if (quota == NULL && reply->status == 403)
    return false;
  g_autofree char *retry_after = reply_header(reply, "retry-after");
  if (retry_after_ms(retry_after, now_ms, ret_wait_ms))
    return true;
  if (quota == NULL || (reply->status != 403 && reply->status != 429))
    return false;
  bool is_spent = quota->remaining == 0;
  if (!is_spent && !retry_is_secondary(reply))
    return false;
  *ret_wait_ms = is_spent && quota->reset_ms > now_ms ? quota->reset_ms - now_ms : UNTOLD_WAIT_MS;
  return true;
}
