/* A time that was understood is written as one that means the same. */
#include "base/time.h"

#include "fuzz.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  g_autofree char *text = g_strndup((const char *) data, size);
  int64_t time_ms = 0;
  if (!time_parse(text, &time_ms))
    return 0;
  g_autofree char *written = time_format(time_ms);
  int64_t again_ms = 0;
  g_assert_true(time_parse(written, &again_ms));
  g_assert_cmpint(again_ms, ==, time_ms);
  return 0;
}
