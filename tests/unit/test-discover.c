#include "text/discover.h"

#include <stdbool.h>
#include <string.h>

/* @expected: "address title" lines */
typedef struct {
  const char *name;
  const char *html;
  const char *expected;
} Case;

#define LINK(type, href) "<link rel=alternate type='" type "' href='" href "' title='A &amp; B'>"

static const Case CASES[] = {
    {"rss", LINK("application/rss+xml", "/feed"), "https://a.example/feed A & B\n"},
    {"atom-and-json", LINK("application/atom+xml", "a.xml") LINK("application/feed+json", "../b.json"),
     "https://a.example/dir/a.xml A & B\nhttps://a.example/b.json A & B\n"},
    {"words-in-any-case", "<LINK REL='Feed ALTERNATE' TYPE='Application/RSS+XML; charset=utf-8' HREF=/f>",
     "https://a.example/f \n"},
    {"base", "<base href='https://b.example/x/'>" LINK("application/rss+xml", "f"), "https://b.example/x/f A & B\n"},
    {"once", LINK("application/rss+xml", "/f") LINK("application/atom+xml", "/f"), "https://a.example/f A & B\n"},
    {"other-alternates", LINK("text/html", "/de") "<link rel=stylesheet type='application/rss+xml' href=/f>", ""},
    {"not-http", LINK("application/rss+xml", "javascript:alert(1)") LINK("application/rss+xml", "file:///etc/passwd"), ""},
    {"in-the-body", "<p>text</p>" LINK("application/rss+xml", "/late"), "https://a.example/late A & B\n"},
    {"empty", "", ""},
};

static char *
describe(const char *html)
{
  g_autoptr(GPtrArray) links = discover_feeds(html, strlen(html), NULL, "https://a.example/dir/page.html");
  GString *text = g_string_new(NULL);
  for (guint i = 0; i < links->len; i++) {
    const FeedLink *link = g_ptr_array_index(links, i);
    g_string_append_printf(text, "%s %s\n", link->url, link->title);
  }
  return g_string_free(text, false);
}

static void
test_case(const void *data)
{
  const Case *given = data;
  g_autofree char *found = describe(given->html);
  g_assert_cmpstr(found, ==, given->expected);
}

static void
test_many(void)
{
  g_autoptr(GString) html = g_string_new(NULL);
  for (int i = 0; i < 1000; i++)
    g_string_append_printf(html, "<link rel=alternate type=application/rss+xml href=/%d>", i);
  g_autoptr(GPtrArray) links = discover_feeds(html->str, html->len, NULL, "https://a.example/");
  g_assert_cmpuint(links->len, ==, 20);
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    g_autofree char *path = g_strconcat("/discover/", CASES[i].name, NULL);
    g_test_add_data_func(path, &CASES[i], test_case);
  }
  g_test_add_func("/discover/many", test_many);
  return g_test_run();
}
