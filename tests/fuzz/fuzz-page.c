/* A page is an error or clean text. */
#include "base/text.h"
#include "fuzz.h"
#include "model/item.h"
#include "text/extract.h"

static void
assert_line(const char *text)
{
  g_autofree char *line = text_clean_line(text, strlen(text));
  g_assert_cmpstr(text, ==, line);
  g_assert_cmpint(g_utf8_strlen(text, -1), <=, ITEM_MAX_TITLE_CHARS);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(Page) page = extract_page((const char *) data, size, NULL, "http://example.org/", &error);
  g_assert_true((page == NULL) == (error != NULL));
  if (page == NULL)
    return 0;
  g_autofree char *text = text_clean(page->text, strlen(page->text));
  g_assert_cmpstr(page->text, ==, text);
  assert_line(page->title);
  assert_line(page->site_name);
  return 0;
}
