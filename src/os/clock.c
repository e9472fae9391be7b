#include "os/clock.h"

#include <sys/resource.h>

int64_t
clock_now_ms(void)
{
  return g_get_real_time() / 1000;
}

int64_t
clock_monotonic_ms(void)
{
  return g_get_monotonic_time() / 1000;
}

int64_t
clock_rss_peak_bytes(void)
{
  struct rusage usage;
  int failed = getrusage(RUSAGE_SELF, &usage);
  g_assert(failed == 0);
  return (int64_t) usage.ru_maxrss * 1024;
}
