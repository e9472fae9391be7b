#include "net/robots.h"

#include <glib.h>
#include <string.h>

typedef struct {
  const char *text;
  const char *path;
  bool is_allowed;
} Case;

static const Case CASES[] = {
    {"", "/a", true},
    {"User-agent: *\nDisallow: /\n", "/a", false},
    {"User-agent: *\nDisallow:\n", "/a", true},
    {"Disallow: /\n", "/a", true},
    {"User-agent: other\nDisallow: /\n", "/a", true},
    {"user-AGENT : Courant # us\nDISALLOW: /a # all of it\n", "/ab", false},
    {"User-agent: courant/1.0\nDisallow: /\n", "/a", false},
    {"User-agent: courantly\nDisallow: /\n", "/a", true},
    {"User-agent: cour\nDisallow: /\n", "/a", true},
    /* the group that names us replaces the one for all, and is merged from its parts */
    {"User-agent: *\nDisallow: /\nUser-agent: courant\nDisallow: /b\n", "/a", true},
    {"User-agent: courant\nDisallow: /a\n\nUser-agent: *\nAllow: /\n\nUser-agent: courant\nDisallow: /b\n", "/a", false},
    {"User-agent: courant\nDisallow: /a\n\nUser-agent: *\nAllow: /\n\nUser-agent: courant\nDisallow: /b\n", "/b", false},
    {"User-agent: courant\n\nUser-agent: *\nDisallow: /\n", "/a", false},
    {"User-agent: courant\nSitemap: /s\nUser-agent: x\nDisallow: /a\n", "/a", false},
    {"User-agent: x\nDisallow: /\nUser-agent: courant\nAllow: /\n", "/a", true},
    {"User-agent: courant\n", "/a", true},
    /* the longest match, Allow when equal */
    {"User-agent: *\nDisallow: /a\nAllow: /a/b\n", "/a/b/c", true},
    {"User-agent: *\nAllow: /a\nDisallow: /a/b\n", "/a/b/c", false},
    {"User-agent: *\nDisallow: /a\nAllow: /a\n", "/a", true},
    {"User-agent: *\nAllow: /p\nDisallow: /*.html\n", "/page.html", false},
    /* marks */
    {"User-agent: *\nDisallow: /*.gif$\n", "/x/y.gif", false},
    {"User-agent: *\nDisallow: /*.gif$\n", "/x/y.gif?z", true},
    {"User-agent: *\nDisallow: /*.gif$\n", "/x.gif.gif", false},
    {"User-agent: *\nDisallow: /a$\n", "/a", false},
    {"User-agent: *\nDisallow: /a$\n", "/ab", true},
    {"User-agent: *\nDisallow: /a*b*c\n", "/a--b--c", false},
    {"User-agent: *\nDisallow: /a*b*c\n", "/a--c--b", true},
    {"User-agent: *\nDisallow: /a**\n", "/a", false},
    {"User-agent: *\nDisallow: *\n", "/a", false},
    {"User-agent: *\nDisallow: /ab*ab$\n", "/ab", true},
    {"User-agent: *\nDisallow: /?q=\n", "/?q=1", false},
    {"User-agent: *\nDisallow: /$\n", "/", false},
    {"User-agent: *\nDisallow: /$\n", "/a", true},
    /* escapes (RFC 9309, 2.2.2) */
    {"User-agent: *\nDisallow: /a%2Db\n", "/a-b", false},
    {"User-agent: *\nDisallow: /a-b\n", "/a%2db", false},
    {"User-agent: *\nDisallow: /a%2fb\n", "/a%2Fb", false},
    {"User-agent: *\nDisallow: /a%2Fb\n", "/a/b", true},
    {"User-agent: *\nDisallow: /\xc3\xa9\n", "/%c3%a9", false},
    {"User-agent: *\nDisallow: /a%2A\n", "/a*", false},
    {"User-agent: *\nDisallow: /a%2A\n", "/ab", true},
    {"User-agent: *\nDisallow: /a%24\n", "/a$b", false},
    {"User-agent: *\nDisallow: /a$b\n", "/a$bc", false},
    {"User-agent: *\nDisallow: /a$b\n", "/a", true},
    {"User-agent: *\nDisallow: /a$$\n", "/a$", false},
    {"User-agent: *\nDisallow: /a$$\n", "/a$b", true},
    {"User-agent: *\nDisallow: /a%24\n", "/a", true},
    {"User-agent: *\nDisallow: /a%20b\n", "/a b", false},
    {"User-agent: *\nDisallow: /a%2\n", "/a%2b", true},
    {"User-agent: *\nDisallow: /a%\n", "/a%25b", false},
    /* by octets: the é is six of them when encoded */
    {"User-agent: *\nDisallow: /\xc3\xa9\nAllow: /*abcd\n", "/%C3%A9/abcd", false},
    /* itself */
    {"User-agent: *\nDisallow: /\n", "/robots.txt", true},
    {"User-agent: *\nDisallow: /\n", "/robots.txt.html", false},
    /* lines */
    {"User-agent: courant\nCrawl-delay: 5\nDisallow: /a\n", "/a", false},
    {"User-agent: courant\nDisallow: /a\nCrawl-delay: 5\nSitemap: /s\nDisallow: /b\n", "/b", false},
    {"User-agent: x\n\n\nUser-agent: courant\n\nDisallow: /a\n", "/a", false},
    {"User-agent: COURANT_x\nDisallow: /\n", "/a", true},
    {"User-agent: \nDisallow: /\n", "/a", true},
    {"User-agent: *x\nDisallow: /\n", "/a", true},
    {"Disallow: /a\nAllow: /\nUser-agent: *\nDisallow: /b\n", "/a", true},
    {"\xef\xbb\xbfUser-agent: *\r\nDisallow: /a\r\n", "/a", false},
    {"User-agent: *\rDisallow: /a\r", "/a", false},
    {"User-agent: *\nDisallow: /a", "/a", false},
    {"<html>\nUser-agent *\nnonsense\n: /\n", "/a", true},
};

static void
test_rules(void)
{
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    g_test_message("%zu: %s", i, CASES[i].path);
    g_assert_cmpint(robots_allows(CASES[i].text, strlen(CASES[i].text), "courant", CASES[i].path), ==, CASES[i].is_allowed);
  }
}

/* Rules made to take time: it must stay linear in the file for each byte of the path. */
static void
test_hostile_file_ends_soon(void)
{
  g_autoptr(GString) many = g_string_new("User-agent: *\n");
  while (many->len < 512 * 1024)
    g_string_append(many, "Disallow: *aaaaaaaab$\nDisallow: *aaaab*\n");
  g_autoptr(GString) stars = g_string_new("User-agent: *\nDisallow: /");
  while (stars->len < 512 * 1024)
    g_string_append(stars, "*a");
  g_string_append(stars, "b");
  g_autofree char *tail = g_strnfill(8000, 'a');
  g_autofree char *path = g_strconcat("/", tail, NULL);
  g_assert_true(robots_allows(many->str, many->len, "courant", path));
  g_assert_true(robots_allows(stars->str, stars->len, "courant", path));
  g_autofree char *ten_thousand = g_strnfill(10000, '*');
  g_autofree char *starred = g_strconcat("User-agent: *\nDisallow: /", ten_thousand, "b\n", NULL);
  g_assert_true(robots_allows(starred, strlen(starred), "courant", path));
  static const char WITH_NUL[] = "User-agent: *\nDisallow: /a\0b\nDisallow: /c\n";
  g_assert_false(robots_allows(WITH_NUL, sizeof WITH_NUL - 1, "courant", "/c"));
}

/* What follows 500 KiB is ignored, and a line that is cut there would say what nobody wrote. */
static void
test_long_file_is_cut_at_a_line(void)
{
  static const char RULE[] = "Disallow: /a\n";
  for (size_t rest = 0; rest <= sizeof RULE; rest++) {
    g_autoptr(GString) text = g_string_new("User-agent: *\n");
    g_autofree char *filler = g_strnfill(ROBOTS_MAX_BYTES - rest - text->len - 2, 'x');
    g_string_append_printf(text, "#%s\n%s", filler, RULE);
    g_assert_cmpuint(text->len, ==, ROBOTS_MAX_BYTES - rest + sizeof RULE - 1);
    bool is_read = rest >= sizeof RULE - 1;
    g_assert_cmpint(robots_allows(text->str, text->len, "courant", "/a"), ==, !is_read);
    g_assert_true(robots_allows(text->str, text->len, "courant", "/"));
  }
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/robots/rules", test_rules);
  g_test_add_func("/robots/hostile-file-ends-soon", test_hostile_file_ends_soon);
  g_test_add_func("/robots/long-file-is-cut-at-a-line", test_long_file_is_cut_at_a_line);
  return g_test_run();
}
