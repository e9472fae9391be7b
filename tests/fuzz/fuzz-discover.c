/* The feeds that a page announces are few, distinct, http(s) addresses with clean titles. */
#include "text/discover.h"

#include "base/text.h"
#include "fuzz.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  g_autoptr(GPtrArray) links = discover_feeds((const char *) data, size, NULL, "http://example.org/dir/page");
  g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);
  g_assert_cmpuint(links->len, <=, 20);
  for (guint i = 0; i < links->len; i++) {
    const FeedLink *link = g_ptr_array_index(links, i);
    g_assert_true(g_str_has_prefix(link->url, "http://") || g_str_has_prefix(link->url, "https://"));
    g_assert_true(g_hash_table_add(seen, link->url));
    g_autofree char *line = text_clean_line(link->title, strlen(link->title));
    g_assert_cmpstr(link->title, ==, line);
  }
  return 0;
}
