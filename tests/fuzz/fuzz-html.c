/* Whatever HTML becomes is clean text; every link found is an http(s) address. */
#include "text/html.h"

#include "base/text.h"
#include "fuzz.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  g_autoptr(GPtrArray) links = g_ptr_array_new_with_free_func(g_free);
  g_autofree char *text = html_to_text((const char *) data, size, "http://example.org/", links);
  g_autofree char *clean = text_clean(text, strlen(text));
  g_assert_cmpstr(text, ==, clean);
  for (unsigned i = 0; i < links->len; i++)
    g_assert_true(g_str_has_prefix(links->pdata[i], "http://") || g_str_has_prefix(links->pdata[i], "https://"));
  g_autofree char *line = html_to_line((const char *) data, size);
  g_assert_null(strpbrk(line, "\r\n\t"));
  return 0;
}
