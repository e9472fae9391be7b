/*
 * Any bytes under any name of a charset become text that is clean once it is cleaned, and mending its punctuation leaves it
 * UTF-8. The first line of the input is the Content-Type.
 */
#include "text/charset.h"

#include "base/text.h"
#include "fuzz.h"

#include <string.h>

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  const char *bytes = (const char *) data;
  const char *line_end = size > 0 ? memchr(bytes, '\n', size) : NULL;
  size_t line_length = line_end != NULL ? (size_t) (line_end - bytes) + 1 : 0;
  g_autofree char *content_type = g_strndup(bytes, line_length);
  g_autofree char *charset = charset_parameter(content_type);
  size_t length = 0;
  g_autofree char *text = charset_decode(bytes + line_length, size - line_length, charset, &length);
  g_assert_cmpint(text[length], ==, '\0');
  g_autofree char *clean = text_clean(text, length);
  g_autofree char *mended = charset_mend_punctuation(clean);
  g_assert_true(g_utf8_validate(mended, -1, NULL));
  return 0;
}
