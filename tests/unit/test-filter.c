#include "base/error.h"
#include "net/filter.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>

typedef struct {
  union {
    struct sockaddr any;
    struct sockaddr_in ipv4;
    struct sockaddr_in6 ipv6;
  };
} Address;

static Address
make_address(const char *text, uint16_t port)
{
  Address address = {0};
  if (inet_pton(AF_INET, text, &address.ipv4.sin_addr) == 1) {
    address.ipv4.sin_family = AF_INET;
    address.ipv4.sin_port = htons(port);
    return address;
  }
  int read = inet_pton(AF_INET6, text, &address.ipv6.sin6_addr);
  g_assert_cmpint(read, ==, 1);
  address.ipv6.sin6_family = AF_INET6;
  address.ipv6.sin6_port = htons(port);
  return address;
}

static bool
allows(const char *rule, const char *host, const char *address, uint16_t port, GError **error)
{
  const char *rules[] = {rule, NULL};
  g_autoptr(Filter) filter = filter_new(rules, NULL);
  g_assert_nonnull(filter);
  Address dialled = make_address(address, port);
  return filter_allows(filter, host, &dialled.any, error);
}

/* The first and the last address of each special block, and the public ones beside them. */
static void
test_public_addresses(void)
{
  static const char *const PUBLIC[] = {
      "1.0.0.0",         "9.255.255.255",    "11.0.0.0",      "100.63.255.255",  "100.128.0.0", "126.255.255.255",
      "128.0.0.0",       "169.253.255.255",  "169.255.0.0",   "172.15.255.255",  "172.32.0.0",  "191.255.255.255",
      "192.0.1.0",       "192.0.3.0",        "192.88.98.255", "192.167.255.255", "192.169.0.0", "198.17.255.255",
      "198.20.0.0",      "203.0.112.255",    "203.0.114.0",   "223.255.255.255", "2000::",      "2001:200::",
      "2001:db7:ffff::", "2001:db9::",       "2003::",        "3ffe::1",         "3fff:1000::", "2a00:1450:4001::1",
      "::ffff:8.8.8.8",  "64:ff9b::8.8.8.8",
  };
  static const char *const PRIVATE[] = {
      "0.0.0.0",
      "0.255.255.255",
      "10.0.0.0",
      "10.255.255.255",
      "100.64.0.0",
      "100.127.255.255",
      "127.0.0.0",
      "127.255.255.255",
      "169.254.0.0",
      "169.254.169.254",
      "169.254.255.255",
      "172.16.0.0",
      "172.31.255.255",
      "192.0.0.0",
      "192.0.0.255",
      "192.0.2.0",
      "192.0.2.255",
      "192.88.99.1",
      "192.168.0.0",
      "192.168.255.255",
      "198.18.0.0",
      "198.19.255.255",
      "198.51.100.7",
      "203.0.113.7",
      "224.0.0.1",
      "239.255.255.255",
      "240.0.0.0",
      "255.255.255.255",
      "::",
      "::1",
      "::127.0.0.1",
      "::8.8.8.8",
      "::ffff:127.0.0.1",
      "::ffff:10.0.0.1",
      "::ffff:0:8.8.8.8",
      "64:ff9b::127.0.0.1",
      "64:ff9b::10.0.0.1",
      "64:ff9b:1::8.8.8.8",
      "100::1",
      "1fff:ffff::",
      "2001::1",
      "2001:0:7f00:1::",
      "2001:2::1",
      "2001:1ff:ffff::",
      "2001:db8::",
      "2001:db8:ffff::",
      "2002:7f00:1::",
      "2002:808:808::",
      "3fff::",
      "3fff:fff:ffff::",
      "4000::",
      "5f00::1",
      "fc00::1",
      "fd00:ec2::254",
      "fe80::1",
      "fec0::1",
      "ff02::1",
  };
  for (size_t i = 0; i < G_N_ELEMENTS(PUBLIC); i++) {
    g_autoptr(GError) error = NULL;
    bool is_allowed = allows("unused.example", "host.example", PUBLIC[i], 443, &error);
    g_assert_no_error(error);
    g_assert_true(is_allowed);
  }
  for (size_t i = 0; i < G_N_ELEMENTS(PRIVATE); i++) {
    g_test_message("%s", PRIVATE[i]);
    g_autoptr(GError) error = NULL;
    bool is_allowed = allows("unused.example", "host.example", PRIVATE[i], 443, &error);
    g_assert_error(error, COURANT_ERROR, ERROR_REJECTED);
    g_assert_false(is_allowed);
  }
}

static void
test_rules(void)
{
  static const struct {
    const char *rule;
    const char *host;
    const char *address;
    uint16_t port;
    bool is_allowed;
  } CASES[] = {
      {"intranet.corp", "intranet.corp", "10.0.0.1", 80, true},
      {"Intranet.Corp", "intranet.corp", "10.0.0.1", 443, true},
      {"intranet.corp", "intranet.corp", "10.0.0.1", 8080, false},
      {"intranet.corp:8080", "intranet.corp", "10.0.0.1", 8080, true},
      {"intranet.corp:8080", "intranet.corp", "10.0.0.1", 80, false},
      {"intranet.corp:8080", "intranet.corp", "8.8.8.8", 8080, true},
      {"intranet.corp", "www.intranet.corp", "10.0.0.1", 80, false},
      {"intranet.corp", "evilintranet.corp", "10.0.0.1", 80, false},
      {"b\xc3\xbc"
       "cher.example",
       "xn--bcher-kva.example", "10.0.0.1", 80, true},
      {"*.corp", "intranet.corp", "10.0.0.1", 80, true},
      {"*.corp", "a.b.corp", "10.0.0.1", 80, true},
      {"*.corp", "corp", "10.0.0.1", 80, false},
      {"*.corp", "evilcorp", "10.0.0.1", 80, false},
      {"*.corp:81", "a.corp", "10.0.0.1", 81, true},
      {"*.corp:81", "a.corp", "10.0.0.1", 82, false},
      {"10.0.0.0/8", "any.example", "10.255.0.1", 80, true},
      {"10.0.0.0/8", "any.example", "11.0.0.1", 8080, false},
      {"10.0.0.0/8:8080", "any.example", "10.255.0.1", 8080, true},
      {"10.0.0.0/8:8080", "any.example", "172.16.0.1", 8080, false},
      {"10.1.2.3/8", "any.example", "10.255.0.1", 80, true},
      {"10.0.0.0/9", "any.example", "10.127.0.1", 80, true},
      {"10.0.0.0/9", "any.example", "10.128.0.1", 80, false},
      {"0.0.0.0/0", "any.example", "10.128.0.1", 80, true},
      {"0.0.0.0/0", "any.example", "fd00::1", 80, false},
      {"127.0.0.1", "any.example", "127.0.0.1", 80, true},
      {"127.0.0.1", "any.example", "::ffff:127.0.0.1", 80, true},
      {"127.0.0.1", "any.example", "64:ff9b::127.0.0.1", 80, true},
      {"127.0.0.1", "any.example", "127.0.0.2", 80, false},
      {"127.0.0.1:81", "any.example", "127.0.0.1", 81, true},
      {"fd00::/8", "any.example", "fd12::1", 80, true},
      {"fd00::/8", "any.example", "fc12::1", 80, false},
      {"[fd00::/8]:8080", "any.example", "fd12::1", 8080, true},
      {"[fd00::/8]:8080", "any.example", "fd12::1", 80, false},
      {"[::1]", "any.example", "::1", 80, true},
      {"::1", "any.example", "::1", 443, true},
      {"::/0", "any.example", "10.0.0.1", 80, true},
  };
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    g_test_message("%s: %s %s %d", CASES[i].rule, CASES[i].host, CASES[i].address, CASES[i].port);
    bool is_allowed = allows(CASES[i].rule, CASES[i].host, CASES[i].address, CASES[i].port, NULL);
    g_assert_cmpint(is_allowed, ==, CASES[i].is_allowed);
  }
}

static void
test_refusals_say_what_to_do(void)
{
  static const struct {
    const char *address;
    uint16_t port;
    const char *message;
  } CASES[] = {
      {"127.0.0.1", 80, "address 127.0.0.1 of host.example is private; allow it with network.allow_private"},
      {"::ffff:127.0.0.1", 80, "address 127.0.0.1 of host.example is private; allow it with network.allow_private"},
      {"fe80::1", 80, "address fe80::1 of host.example is private; allow it with network.allow_private"},
      {"8.8.8.8", 8080, "port 8080 of host.example is neither 80 nor 443; allow it with network.allow_private"},
  };
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    g_autoptr(GError) error = NULL;
    allows("unused.example", "host.example", CASES[i].address, CASES[i].port, &error);
    g_assert_error(error, COURANT_ERROR, ERROR_REJECTED);
    g_assert_cmpstr(error->message, ==, CASES[i].message);
  }
  g_autoptr(Filter) filter = filter_new(NULL, NULL);
  struct sockaddr local = {.sa_family = AF_UNIX};
  g_assert_false(filter_allows(filter, "host.example", &local, NULL));
}

static void
test_bad_rules(void)
{
  static const char *const RULES[] = {
      "",          "*",          "*.",        "a.*.b",      "10.0.0.0/33", "10.0.0.0/",     "10.0.0.0/-1", "10.0.0.0/8:",
      "host:0",    "host:65536", "host:x",    "host:80:81", "[::1",        "[::1]80",       "fd00::/129",  "http://host/",
      "user@host", "host/path",  "host name", "[]",         ":80",         "[fd00::]/8:80",
  };
  for (size_t i = 0; i < G_N_ELEMENTS(RULES); i++) {
    g_test_message("%s", RULES[i]);
    const char *rules[] = {"good.example", RULES[i], NULL};
    g_autoptr(GError) error = NULL;
    g_autoptr(Filter) filter = filter_new(rules, &error);
    g_assert_error(error, COURANT_ERROR, ERROR_CONFIG);
    g_assert_null(filter);
    g_autofree char *quoted = g_strdup_printf("network.allow_private: \"%s\"", RULES[i]);
    g_assert_true(g_str_has_prefix(error->message, quoted));
  }
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/filter/public-addresses", test_public_addresses);
  g_test_add_func("/filter/rules", test_rules);
  g_test_add_func("/filter/refusals-say-what-to-do", test_refusals_say_what_to_do);
  g_test_add_func("/filter/bad-rules", test_bad_rules);
  return g_test_run();
}
