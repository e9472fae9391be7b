#include "net/services.h"

static void
add(Services *services, const char *prefix, int64_t requests)
{
  Service service = {.prefix = (char *) prefix, .requests = requests};
  g_assert_nonnull(services_add(services, &service));
}

static void
test_longest_prefix(void)
{
  static const struct {
    const char *url;
    const char *name;
  } CASES[] = {
      {"https://api.example/search/repositories?q=a", "api.example/search"},
      {"HTTPS://API.Example:443/search/users", "api.example/search"},
      {"https://api.example/%73earch/users", "api.example/search"},
      {"https://api.example/search", "api.example"},
      {"https://api.example/searching/", "api.example"},
      {"https://api.example/search/../repos", "api.example"},
      {"https://api.example", "api.example"},
      {"https://api.example?q=/search/", "api.example"},
      {"https://api.example:8443/search/", NULL},
      {"http://api.example/search/", NULL},
      {"https://api.example.org/search/", NULL},
      {"https://www.api.example/search/", NULL},
      {"http://local.example:8080/a/b/c", "local.example:8080/a/b"},
      {"http://local.example:8080/a/", NULL},
      {"no address", NULL},
  };
  g_autoptr(Services) services = services_new();
  g_assert_null(services_find(services, "https://api.example/"));
  add(services, "https://API.example:443/search/", 10);
  add(services, "https://api.example/", 60);
  add(services, "http://local.example:8080/a/b/", 1);
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    g_test_message("%s", CASES[i].url);
    const KnownService *known = services_find(services, CASES[i].url);
    g_assert_cmpstr(known != NULL ? known->name : NULL, ==, CASES[i].name);
  }
}

static void
test_same_prefix_replaces(void)
{
  g_autoptr(Services) services = services_new();
  add(services, "https://api.example/", 60);
  KnownService *known = services_find(services, "https://api.example/");
  known->token = g_strdup("of the old one");
  add(services, "https://API.example:443/", 30);
  g_assert_true(services_find(services, "https://api.example/") == known);
  g_assert_cmpint(known->service->requests, ==, 30);
  g_assert_null(known->token);
  Service broken = {.prefix = "no address"};
  g_assert_null(services_add(services, &broken));
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/services/longest-prefix", test_longest_prefix);
  g_test_add_func("/services/same-prefix-replaces", test_same_prefix_replaces);
  return g_test_run();
}
