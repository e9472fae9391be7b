/*
 * The corpora of $COURANT_SHARED, whole: JSON texts that must be read or refused, addresses as the Web Platform's tests judge
 * them, and naughty strings through everything that reads text.
 */
#include "base/error.h"
#include "base/json.h"
#include "base/text.h"
#include "base/time.h"
#include "base/url.h"
#include "base/yaml.h"
#include "text/html.h"

#include <arpa/inet.h>
#include <glib.h>
#include <glib/gstdio.h>
#include <string.h>

/* Returns: (transfer full) (nullable): the path of the corpus @name; NULL when there is none, and the test is skipped */
static char *
find_corpus(const char *name)
{
  const char *shared = g_getenv("COURANT_SHARED");
  if (shared == NULL) {
    g_test_skip("COURANT_SHARED is not set");
    return NULL;
  }
  return g_build_filename(shared, "corpora", name, NULL);
}

static void
judge_json(const char *folder, const char *name)
{
  g_autofree char *path = g_build_filename(folder, name, NULL);
  g_autofree char *bytes = NULL;
  size_t length;
  g_assert_true(g_file_get_contents(path, &bytes, &length, NULL));
  g_autoptr(json_t) value = json_parse(bytes, length, NULL, NULL);
  bool is_wrong = (name[0] == 'y' && value == NULL) || (name[0] == 'n' && value != NULL);
  if (is_wrong) {
    g_test_message("%s: %s", value != NULL ? "accepted" : "refused", name);
    g_test_fail();
  }
  g_unlink(path);
}

/* y_ is read, n_ is refused, i_ is either. */
static void
test_json(void)
{
  g_autofree char *archive = find_corpus("json-parsing.tar.gz");
  if (archive == NULL)
    return;
  g_autoptr(GError) error = NULL;
  g_autofree char *folder = g_dir_make_tmp("courant-json-XXXXXX", &error);
  g_assert_no_error(error);
  const char *command[] = {"tar", "-xzf", archive, "-C", folder, "--strip-components=1", NULL};
  int status;
  g_spawn_sync(NULL, (char **) command, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL, NULL, &status, &error);
  g_assert_no_error(error);
  g_assert_cmpint(status, ==, 0);

  g_autoptr(GDir) entries = g_dir_open(folder, 0, &error);
  g_assert_no_error(error);
  int file_count = 0;
  for (const char *name; (name = g_dir_read_name(entries)) != NULL; file_count++)
    judge_json(folder, name);
  g_rmdir(folder);
  g_assert_cmpint(file_count, ==, 318);
}

/*
 * How an address of the Web Platform's tests, which say what a browser makes of it, fares here. Nothing that a browser refuses
 * may be accepted, and what is accepted means the same address; all else is a reason to refuse more, by the words of the error.
 */
typedef struct {
  const char *reason;
  unsigned expected;
  unsigned count;
} UrlClass;

enum { CLASS_SAME, CLASS_REFUSED_BY_BOTH, CLASS_OTHER_SCHEME, CLASS_NUL, CLASS_APOSTROPHE, CLASS_FIRST_REFUSAL };

static bool
is_web(const char *address)
{
  return address != NULL && (g_ascii_strncasecmp(address, "http:", 5) == 0 || g_ascii_strncasecmp(address, "https:", 6) == 0);
}

/* Returns: (transfer full) (nullable): what we make of the case, canonical */
static char *
resolve_case(const json_t *one, GError **error)
{
  const char *base = json_read_text(one, "base");
  const char *input = json_read_text(one, "input");
  if (!is_web(base))
    return url_canonical(input, error);
  g_autofree char *resolved = url_resolve(base, input, error);
  return resolved != NULL ? url_canonical(resolved, error) : NULL;
}

/* RFC 5952 section 5 writes an embedded IPv4 address with dots, browsers do not. */
static bool
is_same_host(const char *host, const char *expected)
{
  struct in6_addr one;
  struct in6_addr other;
  g_autofree char *inner = g_strndup(host + 1, strcspn(host + 1, "]"));
  g_autofree char *expected_inner = g_strndup(expected + 1, strcspn(expected + 1, "]"));
  if (host[0] == '[' && inet_pton(AF_INET6, inner, &one) == 1 && inet_pton(AF_INET6, expected_inner, &other) == 1)
    return memcmp(&one, &other, sizeof one) == 0;
  g_autofree char *relative = g_str_has_suffix(expected, ".") ? g_strndup(expected, strlen(expected) - 1) : g_strdup(expected);
  return g_str_equal(host, relative);
}

/* Whether @url, which is canonical, has the parts that the case expects. */
static bool
is_expected_url(const Url *url, const json_t *one)
{
  g_autofree char *scheme = g_strconcat(url->scheme, ":", NULL);
  const char *port = json_read_text(one, "port");
  int expected_port = *port != '\0' ? (int) g_ascii_strtoll(port, NULL, 10) : g_str_equal(url->scheme, "https") ? 443 : 80;
  /* path and query in the canonical spelling */
  g_autofree char *tail = g_strconcat("http://a", json_read_text(one, "pathname"), json_read_text(one, "search"), NULL);
  g_autofree char *expected = url_canonical(tail, NULL);
  g_autofree char *ours = g_strconcat("http://a", url->path, url->query != NULL ? "?" : NULL, url->query, NULL);
  return g_str_equal(scheme, json_read_text(one, "protocol")) && url->port == expected_port &&
         is_same_host(url->host, json_read_text(one, "hostname")) && g_strcmp0(ours, expected) == 0;
}

static unsigned
classify(const json_t *one, UrlClass *classes)
{
  g_autoptr(GError) error = NULL;
  g_autofree char *ours = resolve_case(one, &error);
  bool is_failure = json_is_true(json_object_get(one, "failure"));
  g_auto(Url) url = {0};
  if (ours == NULL && is_failure)
    return CLASS_REFUSED_BY_BOTH;
  if (ours == NULL && !is_web(json_read_text(one, "href")))
    return CLASS_OTHER_SCHEME;
  if (ours != NULL && !is_failure) {
    g_assert_true(url_parse(ours, &url, NULL));
    if (is_expected_url(&url, one))
      return CLASS_SAME;
    if (strstr(json_read_text(one, "href"), "%00") != NULL)
      return CLASS_NUL;
    if (strchr(ours, '\'') != NULL)
      return CLASS_APOSTROPHE;
  }
  unsigned class = CLASS_FIRST_REFUSAL;
  while (classes[class].reason != NULL && (error == NULL || strstr(error->message, classes[class].reason) == NULL))
    class ++;
  return class;
}

static void
test_urls(void)
{
  UrlClass classes[] = {
      [CLASS_SAME] = {.reason = "the same address", .expected = 164},
      [CLASS_REFUSED_BY_BOTH] = {.reason = "refused by both", .expected = 267},
      [CLASS_OTHER_SCHEME] = {.reason = "of another scheme, refused", .expected = 377},
      /* a NUL byte does not reach us: JSON's \u0000 is mended to U+FFFD */
      [CLASS_NUL] = {.reason = "with a NUL byte, which no text here holds", .expected = 2},
      [CLASS_APOSTROPHE] = {.reason = "with an apostrophe, which stays in a query", .expected = 1},
      {.reason = "holds user information", .expected = 27},
      {.reason = "holds a backslash", .expected = 13},
      {.reason = "holds a control character", .expected = 12},
      {.reason = "does not begin with http:// or https://", .expected = 21},
      {.reason = "its host is no host name", .expected = 4},
      {.reason = "its host is no IPv4 address", .expected = 2},
      {.reason = "Bad hostname", .expected = 1},
      {.reason = NULL, .expected = 0},
  };
  g_autofree char *path = find_corpus("urltestdata.json");
  if (path == NULL)
    return;
  g_autofree char *bytes = NULL;
  size_t length;
  g_assert_true(g_file_get_contents(path, &bytes, &length, NULL));
  g_autoptr(json_t) cases = json_parse(bytes, length, NULL, NULL);
  size_t index;
  const json_t *one;
  json_array_foreach(cases, index, one)
  {
    /* the others are comments */
    if (!json_is_object(one))
      continue;
    unsigned class = classify(one, classes);
    classes[class].count++;
    if (class <= CLASS_OTHER_SCHEME)
      continue;
    g_autofree char *input = text_printable(json_read_text(one, "input"));
    g_test_message("%s: %s", classes[class].reason != NULL ? classes[class].reason : "WRONG", input);
  }
  for (size_t i = 0; i < G_N_ELEMENTS(classes); i++) {
    g_test_message("%3u %s", classes[i].count, classes[i].reason != NULL ? classes[i].reason : "wrong");
    if (classes[i].count != classes[i].expected)
      g_test_fail();
  }
}

/* What every reader of text makes of @text holds nothing that it must not. */
static void
try_naughty(const char *text)
{
  size_t length = strlen(text);
  g_autofree char *clean = text_clean(text, length);
  g_autofree char *again = text_clean(clean, strlen(clean));
  g_assert_cmpstr(clean, ==, again);
  g_autofree char *line = text_clean_line(text, length);
  g_autofree char *line_again = text_clean_line(line, strlen(line));
  g_assert_cmpstr(line, ==, line_again);
  g_autofree char *printable = text_printable(text);
  for (const char *at = printable; *at != '\0'; at = g_utf8_next_char(at)) {
    gunichar character = g_utf8_get_char(at);
    g_assert_true(g_unichar_isprint(character) || character == 0x200C || character == 0x200D);
  }
  g_autoptr(GPtrArray) links = g_ptr_array_new_with_free_func(g_free);
  g_autofree char *plain = html_to_text(text, length, "http://example.org/", links);
  g_autofree char *plain_again = text_clean(plain, strlen(plain));
  g_assert_cmpstr(plain, ==, plain_again);
  for (unsigned i = 0; i < links->len; i++)
    g_assert_true(is_web(links->pdata[i]));
  g_autofree char *canonical = url_canonical(text, NULL);
  g_autofree char *canonical_again = canonical != NULL ? url_canonical(canonical, NULL) : NULL;
  g_assert_cmpstr(canonical, ==, canonical_again);
  int64_t time_ms = 0;
  if (time_parse(text, &time_ms))
    g_free(time_format(time_ms));
}

/* As a quoted scalar @text is itself or an error with its line; bare it may be any YAML. */
static void
try_naughty_yaml(const char *text)
{
  g_autoptr(json_t) string = json_string(text);
  g_autofree char *quoted = json_write(string);
  g_autofree char *document = g_strconcat("key: ", quoted, "\n", NULL);
  g_autoptr(GError) error = NULL;
  g_autoptr(YamlNode) root = yaml_parse(document, strlen(document), "naughty", &error);
  const YamlNode *value = yaml_node_find(root, "key");
  g_assert_true(error == NULL ? g_str_equal(value->text, text) : g_str_has_prefix(error->message, "naughty:"));
  g_autofree char *bare = g_strconcat("key: ", text, "\n", NULL);
  g_autoptr(GError) bare_error = NULL;
  g_autoptr(YamlNode) bare_root = yaml_parse(bare, strlen(bare), "naughty", &bare_error);
  g_assert_true((bare_root == NULL) == (bare_error != NULL));
}

static void
test_naughty_strings(void)
{
  g_autofree char *path = find_corpus("blns.json");
  if (path == NULL)
    return;
  g_autofree char *bytes = NULL;
  size_t length;
  g_assert_true(g_file_get_contents(path, &bytes, &length, NULL));
  g_autoptr(json_t) strings = json_parse(bytes, length, NULL, NULL);
  g_assert_cmpuint(json_array_size(strings), ==, 515);
  size_t index;
  const json_t *string;
  json_array_foreach(strings, index, string)
  {
    try_naughty(json_string_value(string));
    try_naughty_yaml(json_string_value(string));
  }
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/corpora/json", test_json);
  g_test_add_func("/corpora/urls", test_urls);
  g_test_add_func("/corpora/naughty-strings", test_naughty_strings);
  return g_test_run();
}
