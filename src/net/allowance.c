#include "net/allowance.h"

#include <glib.h>

/* Ends of one period, told as seconds left by replies that took their time, differ by so much at most. */
enum { SAME_PERIOD_MS = 5000 };

bool
allowance_has_period(const Allowance *allowance, int64_t now_ms)
{
  return allowance->quota.reset_ms > now_ms;
}

int64_t
allowance_opens_ms(const Allowance *allowance, int64_t amount, int64_t now_ms)
{
  const Quota *quota = &allowance->quota;
  bool is_bound = allowance_has_period(allowance, now_ms) && quota->remaining >= 0;
  if (!is_bound || quota->remaining - allowance->under_way >= amount)
    return INT64_MIN;
  return quota->remaining >= amount ? INT64_MAX : quota->reset_ms;
}

void
allowance_learn(Allowance *allowance, const Quota *told, int64_t now_ms)
{
  Quota *quota = &allowance->quota;
  if (told->allowed >= 0)
    quota->allowed = told->allowed;
  bool has_period = allowance_has_period(allowance, now_ms);
  if (told->reset_ms > now_ms && (!has_period || told->reset_ms > quota->reset_ms + SAME_PERIOD_MS)) {
    quota->remaining = told->remaining;
    quota->reset_ms = told->reset_ms;
    return;
  }
  if (!has_period || (told->reset_ms != QUOTA_NO_RESET && told->reset_ms < quota->reset_ms - SAME_PERIOD_MS))
    return;
  quota->reset_ms = MAX(quota->reset_ms, told->reset_ms);
  if (told->remaining >= 0)
    quota->remaining = quota->remaining < 0 ? told->remaining : MIN(quota->remaining, told->remaining);
}

void
allowance_spend(Allowance *allowance, int64_t amount)
{
  if (allowance->quota.remaining >= 0)
    allowance->quota.remaining = MAX(allowance->quota.remaining - amount, 0);
}
