#include "net/services.h"

#include "base/error.h"

static void
add(Services *services, const char *prefix, int64_t requests)
{
  Service service = {.prefix = (char *) prefix, .requests = requests};
  g_assert_nonnull(services_add(services, &service, "one", NULL));
}

static void
test_longest_prefix(void)
{
  static const struct {
    const char *url;
    const char *name;
  } CASES[] = {
      {"https://api.example/search/repositories?q=a", "api.example/search/"},
      {"HTTPS://API.Example:443/search/users", "api.example/search/"},
      {"https://api.example/%73earch/users", "api.example/search/"},
      {"https://api.example/search", "api.example/"},
      {"https://api.example/searching/", "api.example/"},
      {"https://api.example/search/../repos", "api.example/"},
      {"https://api.example", "api.example/"},
      {"https://api.example?q=/search/", "api.example/"},
      {"https://api.example:8443/search/", NULL},
      {"http://api.example/search/", NULL},
      {"https://api.example.org/search/", NULL},
      {"https://www.api.example/search/", NULL},
      {"http://local.example:8080/a/b/c", "local.example:8080/a/b/"},
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
test_later_one_of_an_owner_replaces(void)
{
  g_autoptr(Services) services = services_new();
  add(services, "https://api.example/", 60);
  KnownService *known = services_find(services, "https://api.example/");
  known->token = g_strdup("of the old one");
  add(services, "https://API.example:443/", 30);
  g_assert_true(services_find(services, "https://api.example/") == known);
  g_assert_cmpint(known->service->requests, ==, 30);
  g_assert_null(known->token);
}

/* What another entry of the configuration may say of the first one's hosts, and what not. */
static void
test_owners_must_agree(void)
{
  static const char BOTH[] = "one and two want https://api.example/ asked with different limits, user agents or credentials; "
                             "put them into one entry";
  const Service first = {.prefix = "https://api.example/",
                         .requests = 60,
                         .window_ms = 1000,
                         .user_agent = "ours",
                         .auth = "mine",
                         .credential = CREDENTIAL_CLIENT,
                         .secret = "s3cret",
                         .client_id = "id",
                         .token_url = "https://www.example/token"};
  Service cases[14];
  for (size_t i = 0; i < G_N_ELEMENTS(cases); i++)
    cases[i] = first;
  const char *patterns[G_N_ELEMENTS(cases)] = {NULL, NULL, NULL, BOTH, BOTH, BOTH, BOTH, BOTH, BOTH};
  cases[1].prefix = "HTTPS://api.example:443/";
  cases[2].token_url = "https://www.example/token";
  cases[3].requests = 30;
  cases[4].window_ms = 10;
  cases[5].user_agent = NULL;
  cases[6].auth = "yours";
  cases[7].secret = "other";
  cases[8].client_id = "other";
  cases[9].token_url = "https://other.example/token";
  patterns[9] =
      "the credential \"mine\" would go to https://api.example and https://www.example for one, but to "
      "https://api.example and https://other.example for two; put both into one entry, or give both the same addresses";
  cases[10].prefix = "https://other.example/";
  patterns[10] = "the credential \"mine\" would go to * for one, but to https://other.example and * for two; put both *";
  cases[11].prefix = "no address";
  cases[12].tokens = 7;
  cases[13].in_flight = 3;
  patterns[12] = patterns[13] = BOTH;
  patterns[11] = "two: its address is no http or https address without user information";
  for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
    g_test_message("case %zu", i);
    g_autoptr(Services) services = services_new();
    g_autoptr(GError) error = NULL;
    g_assert_nonnull(services_add(services, &first, "one", &error));
    const KnownService *known = services_add(services, &cases[i], "two", &error);
    g_assert_true((known != NULL) == (patterns[i] == NULL));
    if (patterns[i] == NULL)
      continue;
    g_assert_error(error, COURANT_ERROR, ERROR_CONFIG);
    g_test_message("%s", error->message);
    g_assert_true(g_pattern_match_simple(patterns[i], error->message));
    g_assert_cmpint(services_find(services, "https://api.example/")->service->requests, ==, first.requests);
  }
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/services/longest-prefix", test_longest_prefix);
  g_test_add_func("/services/later-one-of-an-owner-replaces", test_later_one_of_an_owner_replaces);
  g_test_add_func("/services/owners-must-agree", test_owners_must_agree);
  return g_test_run();
}
