/* Clean text is UTF-8 without controls, and cleaning it again changes nothing; printable text is one line. */
#include "base/text.h"

#include "fuzz.h"

static void
assert_clean(const char *text, const char *controls)
{
  g_assert_true(g_utf8_validate(text, -1, NULL));
  g_assert_null(strpbrk(text, controls));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  g_autofree char *text = text_clean((const char *) data, size);
  assert_clean(text, "\x01\x07\b\x1b\x7f\r");
  g_autofree char *again = text_clean(text, strlen(text));
  g_assert_cmpstr(again, ==, text);

  g_autofree char *line = text_clean_line((const char *) data, size);
  assert_clean(line, "\x01\x1b\r\n\t");

  g_autofree char *raw = g_strndup((const char *) data, size);
  g_autofree char *printable = text_printable(raw);
  assert_clean(printable, "\x01\x1b\x7f\r\n");

  g_autofree char *slug = text_slug(line, 60);
  g_assert_cmpuint(strlen(slug), <=, 60);
  g_assert_cmpuint(strspn(slug, "abcdefghijklmnopqrstuvwxyz0123456789-"), ==, strlen(slug));
  return 0;
}
