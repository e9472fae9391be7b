#include "os/clock.h"

#include <glib.h>
#include <string.h>

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

double
clock_precise_ms(void)
{
  return (double) g_get_monotonic_time() / 1000;
}

int64_t
clock_rss_peak_bytes(void)
{
  /* not getrusage(): its figure is that of the program which became this one, where that was larger */
  static const char NAME[] = "VmHWM:";
  g_autofree char *status = NULL;
  const char *line = g_file_get_contents("/proc/self/status", &status, NULL, NULL) ? strstr(status, NAME) : NULL;
  return line != NULL ? g_ascii_strtoll(line + strlen(NAME), NULL, 10) * 1024 : 0;
}
