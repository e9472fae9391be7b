/* What was read, or mended, is written as text that reads back as the same value. */
#include "base/json.h"

#include "fuzz.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  g_autoptr(json_t) value = json_parse((const char *) data, size, NULL, NULL);
  if (value == NULL)
    return 0;
  g_autofree char *text = json_write(value);
  bool is_repaired = true;
  g_autoptr(json_t) again = json_parse(text, strlen(text), &is_repaired, NULL);
  g_assert_false(is_repaired);
  g_assert_true(json_equal(value, again));
  return 0;
}
