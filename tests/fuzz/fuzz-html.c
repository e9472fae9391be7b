#include "fuzz.h"

#include "text/extract.h"
#include "text/html.h"
#include "text/sentences.h"
#include "text/tokens.h"

#include <string.h>

static const char URL[] = "https://a.example/";

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  const char *html = (const char *) data;
  g_autoptr(GPtrArray) links = g_ptr_array_new_with_free_func(g_free);
  g_autofree char *text = html_to_text(html, size, URL, links);
  g_assert_true(g_utf8_validate(text, -1, NULL));
  for (unsigned i = 0; i < links->len; i++)
    g_assert_true(g_str_has_prefix(links->pdata[i], "http"));
  g_autofree char *line = html_to_line(html, size);
  g_assert_true(g_utf8_validate(line, -1, NULL) && strchr(line, '\n') == NULL);

  g_autoptr(GPtrArray) sentences = sentences_split(text);
  for (unsigned i = 0; i < sentences->len; i++)
    g_assert_true(*(char *) sentences->pdata[i] != '\0' && strchr(sentences->pdata[i], '\n') == NULL);
  g_autoptr(GPtrArray) stems = tokens_stems(text, NULL);
  for (unsigned i = 0; i < stems->len; i++)
    g_assert_true(*(char *) stems->pdata[i] != '\0');
  g_autoptr(Page) page = extract_page(html, size, NULL, URL, NULL);
  g_assert_true(page == NULL || g_utf8_validate(page->text, -1, NULL));
  return 0;
}
