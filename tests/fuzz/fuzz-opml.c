/* A list of feeds gives http(s) addresses with clean titles, each once, or fails with a reason; what is written of it is read.
 */
#include "sources/opml.h"

#include "base/text.h"
#include "fuzz.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GPtrArray) links = opml_read((const char *) data, size, NULL, &error);
  g_assert_true((links == NULL) == (error != NULL));
  if (links == NULL)
    return 0;
  for (guint i = 0; i < links->len; i++) {
    const FeedLink *link = g_ptr_array_index(links, i);
    g_autofree char *line = text_clean_line(link->title, strlen(link->title));
    g_assert_cmpstr(link->title, ==, line);
  }
  g_autofree char *text = opml_write(links, "list");
  g_autoptr(GPtrArray) again = opml_read(text, strlen(text), NULL, &error);
  g_assert_no_error(error);
  g_assert_cmpuint(again->len, ==, links->len);
  return 0;
}
