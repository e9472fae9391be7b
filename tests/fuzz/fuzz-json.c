#include "fuzz.h"

#include "base/json.h"

#include <string.h>

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  g_autoptr(GError) error = NULL;
  bool is_repaired = false;
  g_autoptr(json_t) value = json_parse((const char *) data, size, &is_repaired, &error);
  g_assert_true((value == NULL) == (error != NULL));
  if (value == NULL)
    return 0;
  g_autofree char *written = json_write(value);
  g_autoptr(json_t) again = json_parse(written, strlen(written), &is_repaired, NULL);
  g_assert_true(again != NULL && !is_repaired);
  g_autofree char *rewritten = json_write(again);
  g_assert_cmpstr(rewritten, ==, written);
  return 0;
}
