/* A canonical address is its own canonical form, and has no user information, controls or spaces. */
#include "base/url.h"

#include "fuzz.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  g_autofree char *text = g_strndup((const char *) data, size);
  g_autofree char *canonical = url_canonical(text, NULL);
  if (canonical != NULL) {
    g_assert_true(g_str_has_prefix(canonical, "http://") || g_str_has_prefix(canonical, "https://"));
    for (const char *letter = canonical; *letter != '\0'; letter++)
      g_assert_true(g_ascii_isgraph(*letter));
    g_autofree char *again = url_canonical(canonical, NULL);
    g_assert_cmpstr(again, ==, canonical);
    g_autofree char *domain = url_domain(canonical);
    g_assert_nonnull(domain);
  }
  g_autofree char *resolved = url_resolve("http://example.org/a/b?c", text, NULL);
  if (resolved != NULL) {
    g_autofree char *page = url_canonical(resolved, NULL);
    g_assert_nonnull(page);
  }
  return 0;
}
