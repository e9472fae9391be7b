/* Any file gives an answer, and the same one when it is asked again. */
#include "net/robots.h"

#include <glib.h>

#include "fuzz.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  bool allows = robots_allows((const char *) data, size, "courant", "/a/b?c=d");
  g_assert_true(robots_allows((const char *) data, size, "courant", "/a/b?c=d") == allows);
  return 0;
}
