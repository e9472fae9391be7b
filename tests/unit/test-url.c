#include "base/url.h"

#include "base/error.h"

#include <glib.h>
#include <string.h>

typedef struct {
  const char *input;
  const char *expected;
} UrlCase;

static const UrlCase CANONICAL_CASES[] = {
    {"http://example.com", "http://example.com/"},
    {" \n https://Example.COM:443/A/./b/../C?x=1#part \t", "https://example.com/A/C?x=1"},
    {"HTTP://example.com:80?q", "http://example.com/?q"},
    {"http://example.com:8080/", "http://example.com:8080/"},
    {"https://example.com:80/", "https://example.com:80/"},
    {"http://example.com./a/", "http://example.com/a/"},
    {"http://b\u00FCcher.de/b\u00FCcher", "http://xn--bcher-kva.de/b%C3%BCcher"},
    {"http://B%C3%9CCHER.de/", "http://xn--bcher-kva.de/"},
    {"http://stra\u00DFe.de/", "http://xn--strae-oqa.de/"},
    {"http://\uFF11\uFF12\uFF17.1/", "http://127.0.0.1/"},
    {"http://0x7f.1/", "http://127.0.0.1/"},
    {"http://[::0001]:80/", "http://[::1]/"},
    {"http://017700000001/", "http://127.0.0.1/"},
    {"http://1.2.3.4./", "http://1.2.3.4/"},
    {"http://4.example/", "http://4.example/"},
    {"http://a.0xg/", "http://a.0xg/"},
    {"http://[FE80::1]/", "http://[fe80::1]/"},
    {"https://r3---sn-abc.example/x", "https://r3---sn-abc.example/x"},
    {"http://under_score.example/", "http://under_score.example/"},
    {"http://a/%7euser/%2f%e4?%41=%3d", "http://a/~user/%2F%E4?A=%3D"},
    {"http://a/b/%2e%2E/c", "http://a/c"},
    {"http://a/100%/%%34%31/%zz%4z", "http://a/100%25/%2541/%25zz%254z"},
    {"http://a/a b\"<>`{}|^c?d e", "http://a/a%20b%22%3C%3E%60%7B%7D%7C%5Ec?d%20e"},
    {"http://a/x//y", "http://a/x//y"},
    {"http://a/?utm_source=x&id=7&UTM_Medium=y&fbclid=1&b=2&ref=hn&gclid&mc_cid=&mc_eid=4&igshid=5", "http://a/?id=7&b=2"},
    {"http://a/?utm_source=x", "http://a/"},
    {"http://a/?%75tm_source=x&reference=1&refs&author=utm_x", "http://a/?reference=1&refs&author=utm_x"},
    {"http://a/?&b&&c&", "http://a/?b&c"},
    {"http://a/??b?c", "http://a/??b?c"},
    {"http://a/?", "http://a/"},
    {"http://a?b=http://c@d/", "http://a/?b=http://c@d/"},
    {"http://a/user@host", "http://a/user@host"},
};

static const char *const REFUSED[] = {
    "",
    "/path",
    "//host/path",
    "example.com",
    "ftp://example.com/",
    "file:///etc/passwd",
    "javascript:alert(1)",
    "data:text/html,x",
    "mailto:a@example.com",
    "http:",
    "http:/a",
    "http:a",
    "http://",
    "http:///a",
    "http://?q",
    "http://#f",
    "http://:80/",
    "http://user@host/",
    "http://user:password@host/",
    "http://@host/",
    "http://:@host/",
    "http://a\\b/",
    "http://a/b\\c",
    "http://a/b\nc",
    "http://a/\x7f",
    "http://a b/",
    "http://a:b/",
    "http://a:65536/",
    "http://a..b/",
    "http://a../",
    "http://.a/",
    "http://./",
    "http://a%00b/",
    "http://a%2Fb/",
    "http://a%40b/",
    "http://a<b>/",
    "http://\u2100.example/",
    "http://a\xFF.example/",
    "http://[::1/",
    "http://[fe80::1%25eth0]/",
    "http://[::g]/",
    "http://192.168.0.257/",
    "http://1.2.3.4.5/",
    "http://256.1/",
    "http://1.2.3.08/",
    "http://4294967296/",
    "http://a.1/",
    "http://a.0X1F./",
    "http://0x/",
};

static void
test_canonical(void)
{
  for (size_t i = 0; i < G_N_ELEMENTS(CANONICAL_CASES); i++) {
    g_autoptr(GError) error = NULL;
    g_autofree char *canonical = url_canonical(CANONICAL_CASES[i].input, &error);
    g_assert_no_error(error);
    g_assert_cmpstr(canonical, ==, CANONICAL_CASES[i].expected);
    g_autofree char *again = url_canonical(canonical, NULL);
    g_assert_cmpstr(again, ==, canonical);
  }
}

static void
test_refused(void)
{
  for (size_t i = 0; i < G_N_ELEMENTS(REFUSED); i++) {
    g_autoptr(GError) error = NULL;
    g_autofree char *canonical = url_canonical(REFUSED[i], &error);
    if (canonical != NULL)
      g_test_message("accepted %s as %s", REFUSED[i], canonical);
    g_assert_error(error, COURANT_ERROR, ERROR_BAD_DATA);
    g_assert_true(g_str_has_prefix(error->message, "address \""));
    g_assert_true(g_utf8_validate(error->message, -1, NULL));
    g_assert_null(strchr(error->message, '\n'));
    Url untouched = {.port = 7};
    g_assert_false(url_parse(REFUSED[i], &untouched, NULL));
    g_assert_cmpint(untouched.port, ==, 7);
    g_assert_null(url_origin(REFUSED[i]));
    g_assert_null(url_host(REFUSED[i]));
    g_assert_null(url_domain(REFUSED[i]));
  }
}

static void
test_errors_hide_passwords(void)
{
  static const char *const ADDRESSES[] = {"https://user:secret@a.example/", "ftp://user:secret@a/", "https://u:secret@a@b c/"};
  for (size_t i = 0; i < G_N_ELEMENTS(ADDRESSES); i++) {
    g_autoptr(GError) error = NULL;
    g_assert_null(url_canonical(ADDRESSES[i], &error));
    g_assert_null(strstr(error->message, "secret"));
    g_assert_nonnull(strstr(error->message, "…@"));
    g_autoptr(GError) resolve_error = NULL;
    g_assert_null(url_resolve("http://a/", ADDRESSES[i], &resolve_error));
    g_assert_null(strstr(resolve_error->message, "secret"));
  }
}

static void
test_long_addresses(void)
{
  for (size_t length = 8192; length <= 8193; length++) {
    g_autofree char *text = g_strnfill(length, '.');
    for (size_t i = 0; i < length; i += 3)
      text[i] = '/';
    memcpy(text, "http://a/", 9);
    g_autoptr(GError) error = NULL;
    g_autofree char *canonical = url_canonical(text, &error);
    g_assert_cmpint(canonical != NULL, ==, length == 8192);
    g_assert_cmpint(error != NULL && strlen(error->message) < 300, ==, length == 8193);
  }
}

/* Escapes make an address three times as long: what was accepted must be accepted again. */
static void
test_long_when_escaped(void)
{
  g_autoptr(GString) text = g_string_new("http://a/");
  while (text->len < 3000)
    g_string_append(text, "\u00FC");
  g_autoptr(GError) error = NULL;
  g_assert_null(url_canonical(text->str, &error));
  g_assert_error(error, COURANT_ERROR, ERROR_BAD_DATA);
  g_assert_null(url_resolve("http://a/", text->str, NULL));
  g_string_truncate(text, 2000);
  g_autofree char *canonical = url_canonical(text->str, NULL);
  g_autofree char *again = canonical != NULL ? url_canonical(canonical, NULL) : NULL;
  g_assert_nonnull(canonical);
  g_assert_cmpstr(again, ==, canonical);
  g_autofree char *path = g_strnfill(8192 - strlen("http://\u00FC/"), 'a');
  g_autofree char *long_name = g_strconcat("http://\u00FC/", path, NULL);
  g_assert_null(url_canonical(long_name, NULL));
}

static void
test_parts(void)
{
  g_auto(Url) url = {0};
  g_assert_true(url_parse("HTTPS://Example.com/a%20b?x=1&utm_source=y#z", &url, NULL));
  g_assert_cmpstr(url.scheme, ==, "https");
  g_assert_cmpstr(url.host, ==, "example.com");
  g_assert_cmpint(url.port, ==, 443);
  g_assert_cmpstr(url.path, ==, "/a%20b");
  g_assert_cmpstr(url.query, ==, "x=1&utm_source=y");
  url_clear(&url);
  g_assert_null(url.host);
  g_assert_true(url_parse("http://[::1]:8080", &url, NULL));
  g_assert_cmpstr(url.host, ==, "[::1]");
  g_assert_cmpint(url.port, ==, 8080);
  g_assert_cmpstr(url.path, ==, "/");
  g_assert_null(url.query);
}

static void
test_resolve(void)
{
  static const char BASE[] = "http://a/b/c/d;p?q";
  /* RFC 3986 section 5.4, less what is no http address; then what feeds hold */
  static const UrlCase CASES[] = {
      {"g", "http://a/b/c/g"},
      {"./g", "http://a/b/c/g"},
      {"g/", "http://a/b/c/g/"},
      {"/g", "http://a/g"},
      {"//g", "http://g/"},
      {"?y", "http://a/b/c/d;p?y"},
      {"g?y", "http://a/b/c/g?y"},
      {"#s", "http://a/b/c/d;p?q#s"},
      {"g#s", "http://a/b/c/g#s"},
      {"g?y#s", "http://a/b/c/g?y#s"},
      {";x", "http://a/b/c/;x"},
      {"g;x", "http://a/b/c/g;x"},
      {"g;x?y#s", "http://a/b/c/g;x?y#s"},
      {"", "http://a/b/c/d;p?q"},
      {".", "http://a/b/c/"},
      {"./", "http://a/b/c/"},
      {"..", "http://a/b/"},
      {"../", "http://a/b/"},
      {"../g", "http://a/b/g"},
      {"../..", "http://a/"},
      {"../../g", "http://a/g"},
      {"../../../g", "http://a/g"},
      {"/./g", "http://a/g"},
      {"/../g", "http://a/g"},
      {"g.", "http://a/b/c/g."},
      {"..g", "http://a/b/c/..g"},
      {"./../g", "http://a/b/g"},
      {"g/./h", "http://a/b/c/g/h"},
      {"g/../h", "http://a/b/c/h"},
      {"g?y/../x", "http://a/b/c/g?y/../x"},
      {"g#s/../x", "http://a/b/c/g#s/../x"},
      {" g h\n", "http://a/b/c/g%20h"},
      {"%7euser?utm_source=x", "http://a/b/c/%7euser?utm_source=x"},
      {"100%", "http://a/b/c/100%"},
      {"HTTPS://B\u00FCcher.de:443/\u00FC#x", "https://xn--bcher-kva.de:443/%C3%BC#x"},
      {"//user@host/", NULL},
      {"mailto:a@b", NULL},
      {"javascript:alert(1)", NULL},
      {"ftp://a/", NULL},
      {"file:///etc/passwd", NULL},
      {"a\\b", NULL},
      {"http:g", NULL},
      {"http:/g", NULL},
      {"g:h", NULL},
      {":g", "http://a/b/c/:g"},
      {"./g:h", "http://a/b/c/g:h"},
      {"//1.2.3.08/", NULL},
      {"http://", NULL},
  };
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    g_autoptr(GError) error = NULL;
    g_autofree char *resolved = url_resolve(BASE, CASES[i].input, &error);
    g_assert_cmpstr(resolved, ==, CASES[i].expected);
    g_assert_cmpint(error_is(error, ERROR_BAD_DATA), ==, CASES[i].expected == NULL);
  }
  g_autoptr(GError) error = NULL;
  g_assert_null(url_resolve("no base", "\\", &error));
  g_assert_error(error, COURANT_ERROR, ERROR_BAD_DATA);
  g_autofree char *without_fragment = url_resolve("http://a/b#old", "", NULL);
  g_assert_cmpstr(without_fragment, ==, "http://a/b");
}

static void
test_origin_and_host(void)
{
  static const char *const CASES[][4] = {
      {"HTTP://Www.Example.co.uk:80/a?b", "http://www.example.co.uk", "www.example.co.uk", "example.co.uk"},
      {"https://example.com:8443/", "https://example.com:8443", "example.com", "example.com"},
      {"https://someone.github.io/", "https://someone.github.io", "someone.github.io", "someone.github.io"},
      {"https://a.someone.github.io/", "https://a.someone.github.io", "a.someone.github.io", "someone.github.io"},
      {"https://co.uk/", "https://co.uk", "co.uk", "co.uk"},
      {"http://localhost:1/", "http://localhost:1", "localhost", "localhost"},
      {"http://hn.localhost:1/", "http://hn.localhost:1", "hn.localhost", "hn.localhost"},
      {"http://10.0.0.1/", "http://10.0.0.1", "10.0.0.1", "10.0.0.1"},
      {"http://[::1]/", "http://[::1]", "[::1]", "[::1]"},
      {"http://www.b\u00FCcher.de/", "http://www.xn--bcher-kva.de", "www.xn--bcher-kva.de", "xn--bcher-kva.de"},
  };
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    g_autofree char *origin = url_origin(CASES[i][0]);
    g_autofree char *host = url_host(CASES[i][0]);
    g_autofree char *domain = url_domain(CASES[i][0]);
    g_assert_cmpstr(origin, ==, CASES[i][1]);
    g_assert_cmpstr(host, ==, CASES[i][2]);
    g_assert_cmpstr(domain, ==, CASES[i][3]);
  }
}

/* Returns: whether the accepted @canonical is stable and the same for every function */
static bool
is_sound(const char *canonical)
{
  g_autofree char *again = url_canonical(canonical, NULL);
  g_autofree char *origin = url_origin(canonical);
  g_autofree char *resolved = url_resolve("http://a.example/", canonical, NULL);
  g_autofree char *via_resolved = resolved != NULL ? url_canonical(resolved, NULL) : NULL;
  bool is_sound = g_strcmp0(again, canonical) == 0 && g_str_has_prefix(canonical, origin) &&
                  g_strcmp0(via_resolved, canonical) == 0 && g_str_is_ascii(canonical);
  if (!is_sound)
    g_test_message("%s -> %s, %s, %s", canonical, again, origin, resolved);
  return is_sound;
}

static void
test_random_addresses(void)
{
  static const char *const PIECES[] = {"/",    "//",     ".",      "..",     "%",       "%2e", "%2F",  "%41", "?",
                                       "#",    "&",      "=",      "@",      ":",       "80",  "[",    "]",   "\\",
                                       " ",    "a",      "\u00FC", "\u3002", "\xC3",    "1",   "0x7f", "ref", "utm_a",
                                       "xn--", "\u2100", "\u00AD", "%25",    "http://", ";"};
  int accepted_count = 0;
  for (int round = 0; round < 20000; round++) {
    g_autoptr(GString) text = g_string_new(g_test_rand_bit() ? "http://a" : "https://");
    for (int length = g_test_rand_int_range(0, 12); length > 0; length--)
      g_string_append(text, PIECES[g_test_rand_int_range(0, (gint32) G_N_ELEMENTS(PIECES))]);
    g_autofree char *canonical = url_canonical(text->str, NULL);
    g_assert_true(canonical == NULL || is_sound(canonical));
    accepted_count += canonical != NULL;
    g_autofree char *resolved = url_resolve("http://a/b/c?d#e", text->str + 8, NULL);
    g_autofree char *again = resolved != NULL ? url_canonical(resolved, NULL) : NULL;
    g_assert_true(resolved == NULL || again != NULL);
  }
  g_test_message("%d accepted", accepted_count);
  g_assert_cmpint(accepted_count, >, 1000);
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/url/canonical", test_canonical);
  g_test_add_func("/url/refused", test_refused);
  g_test_add_func("/url/errors-hide-passwords", test_errors_hide_passwords);
  g_test_add_func("/url/random-addresses", test_random_addresses);
  g_test_add_func("/url/long-addresses", test_long_addresses);
  g_test_add_func("/url/long-when-escaped", test_long_when_escaped);
  g_test_add_func("/url/parts", test_parts);
  g_test_add_func("/url/resolve", test_resolve);
  g_test_add_func("/url/origin-and-host", test_origin_and_host);
  return g_test_run();
}
