#include "net/pace.h"

#include <glib.h>

enum { RETRY_COST = 5, LEAST_RETRIES = 10 };

static int64_t
max_credit(const Pace *pace)
{
  return RETRY_COST * MAX(pace->most, LEAST_RETRIES);
}

void
pace_start_over(Pace *pace, int64_t most)
{
  pace->most = most;
  pace->ceiling = most;
  pace->good = 0;
  pace->credit = max_credit(pace);
}

bool
pace_is_full(const Pace *pace)
{
  return pace->under_way >= pace->ceiling;
}

int64_t
pace_start(Pace *pace)
{
  pace->under_way++;
  return ++pace->started;
}

void
pace_end(Pace *pace, int64_t number, PaceVerdict verdict)
{
  g_assert(pace->under_way > 0);
  pace->under_way--;
  if (verdict == PACE_OVERWHELMED && number > pace->cut_at) {
    pace->ceiling = MAX(1, pace->ceiling / 2);
    pace->cut_at = pace->started;
    pace->good = 0;
  }
  if (verdict != PACE_GOOD)
    return;
  pace->credit = MIN(pace->credit + 1, max_credit(pace));
  if (++pace->good < pace->ceiling)
    return;
  pace->ceiling = MIN(pace->ceiling + 1, pace->most);
  pace->good = 0;
}

bool
pace_take_retry(Pace *pace)
{
  if (pace->credit < RETRY_COST)
    return false;
  pace->credit -= RETRY_COST;
  return true;
}
