#include "shipped-score.h"

#include <string.h>

static void
test_kinds(void)
{
  static const struct {
    const char *address;
    DomainKind kind;
  } CASES[] = {
      {"https://www.kernel.org/", DOMAIN_OFFICIAL},
      {"https://github.com/a/b", DOMAIN_FORGE},
      {"https://somebody.github.io/post", DOMAIN_HOST},
      {"https://github.blog/post", DOMAIN_ENGINEERING},
      {"https://blog.cloudflare.com/post", DOMAIN_ENGINEERING},
      {"https://www.cloudflare.com/", DOMAIN_OFFICIAL},
      {"https://www.bbc.co.uk/news/1", DOMAIN_PRESS},
      {"https://news.ycombinator.com/item?id=1", DOMAIN_HUB},
      {"https://bit.ly/x", DOMAIN_SHORTENER},
      {"https://www.ehow.com/x", DOMAIN_FARM},
      {"https://example.org/", DOMAIN_UNKNOWN},
      {"https://bbd.com/", DOMAIN_UNKNOWN},
      {"https://dev.example/", DOMAIN_UNKNOWN},
      {"no address", DOMAIN_UNKNOWN},
      {"", DOMAIN_UNKNOWN},
      {"https://127.0.0.1/", DOMAIN_UNKNOWN},
      {"https://cython.org/", DOMAIN_UNKNOWN},
      {"https://githib.com/", DOMAIN_LOOKALIKE},
      {"https://gihtub.com/", DOMAIN_LOOKALIKE},
      {"https://githubb.com/", DOMAIN_LOOKALIKE},
      {"https://gthub.com/", DOMAIN_LOOKALIKE},
      {"https://g1thub.com/", DOMAIN_LOOKALIKE},
      {"https://paypaI.com/", DOMAIN_LOOKALIKE},
      {"https://paypa1.com/login", DOMAIN_LOOKALIKE},
      {"https://rnicrosoft.com/", DOMAIN_LOOKALIKE},
      {"https://login.rnicrosoft.com/", DOMAIN_LOOKALIKE},
      {"https://xn--pypal-4ve.com/", DOMAIN_LOOKALIKE},
      {"https://аррӏе.com/", DOMAIN_LOOKALIKE},
      {"https://münchen.de/", DOMAIN_UNKNOWN},
  };
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    g_test_message("%s", CASES[i].address);
    g_assert_cmpint(domains_kind(shipped_gauge()->domains, CASES[i].address), ==, CASES[i].kind);
  }
  g_assert_null(domains_new("press\tbbc.com\nnewspaper\ta.b\n", NULL));
  g_assert_null(domains_new("press\tbbc.com bbc.com\n", NULL));
  g_assert_null(domains_new("press\tbbc\n", NULL));
  g_assert_null(domains_new("press bbc.com\n", NULL));
}

static void
test_history(void)
{
  g_autoptr(History) history = history_new();
  g_assert_cmpfloat(history_mean(history, "a.org"), ==, 0);
  g_assert_cmpfloat(history_mean(history, NULL), ==, 0);
  for (guint i = 0; i < 5; i++)
    history_add(history, "a.org", 0.8);
  g_assert_cmpfloat_with_epsilon(history_mean(history, "a.org"), 0.2, 1e-9);
  for (guint i = 0; i < 2 * HISTORY_MAX; i++) {
    g_autofree char *place = g_strdup_printf("%u.org", i);
    history_add(history, place, 0.1);
  }
  g_assert_cmpfloat_with_epsilon(history_mean(history, "a.org"), 0.2, 1e-9);
  g_autoptr(json_t) json = history_json(history);
  g_assert_cmpuint(json_object_size(json), ==, HISTORY_MAX);
  g_autoptr(History) read = history_read(json);
  g_assert_nonnull(read);
  g_autoptr(json_t) again = history_json(read);
  g_assert_true(json_equal(json, again));
  g_assert_null(history_read(NULL));
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/reputation/kinds", test_kinds);
  g_test_add_func("/reputation/history", test_history);
  return g_test_run();
}
