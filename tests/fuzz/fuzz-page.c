/* A page is an error or clean text. */
#include "base/text.h"
#include "fuzz.h"
#include "text/extract.h"

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
  g_autofree char *title = text_clean_line(page->title, strlen(page->title));
  g_assert_cmpstr(page->title, ==, title);
  return 0;
}
