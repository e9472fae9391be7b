#include "base/error.h"
#include "model/item.h"
#include "text/charset.h"
#include "text/extract.h"
#include "text/html.h"

#include <string.h>

#define URL "https://news.example.org/2025/a"

/* A paragraph that is long enough to count. */
#define WORDS "The committee met on Tuesday and, after some debate, agreed to publish its findings in full. "

/* An entry of a list of other stories. */
#define LINK "<li><a href=/1>A rather long link to another story</a>"

typedef struct {
  const char *name;
  const char *html;
  const char *charset;
  const char *title;
  const char *site_name;
  const char *language;
  const char *canonical_url;
  const char *text;
} Case;

static const Case CASES[] = {
    {"head",
     "<!doctype html><html lang=en-GB><head><title>A &amp; B <i>x</i> | Site</title><meta property=og:title content='A "
     "&amp;amp; B'>"
     "<meta property='og:site_name' content=' The  Site '><link rel=canonical "
     "href='/a?utm_source=x&amp;p=1'></head><body><p>Text.",
     NULL, "A &amp; B", "The Site", "en", "https://news.example.org/a?p=1", "Text."},
    {"title alone", "<title>1 < 2 &lt;b&gt; <br>\n x</title><p>Text", NULL, "1 < 2 <b> <br> x", "", NULL, NULL, "Text"},
    {"another's canonical", "<link rel=canonical href=https://evil.example/><p>x", NULL, "", "", NULL, NULL, "x"},
    {"subdomain's canonical", "<link rel=canonical href=https://www.example.org/b><p>x", NULL, "", "", NULL,
     "https://www.example.org/b", "x"},
    {"article",
     "<body><nav><p>" WORDS "</nav><div><p>" WORDS WORDS WORDS "</div><article><header>By X</header><h1>Head</h1><p>" WORDS
     "<p>" WORDS "<p>" WORDS "<footer>f</footer></article><aside>" WORDS "</aside>",
     NULL, "", "", NULL, NULL, "Head\n\n" WORDS "\n\n" WORDS "\n\n" WORDS},
    {"densest block",
     "<div id=top><ul>" LINK LINK LINK LINK LINK LINK "</ul></div><div><div><h1>Head</h1><p>" WORDS "<p>" WORDS
     "</div></div><form><p>" WORDS "</form>",
     NULL, "", "", NULL, NULL, "Head\n\n" WORDS "\n\n" WORDS},
    {"short article is not believed", "<article>teaser</article><div><p>" WORDS "<p>" WORDS "</div>", NULL, "", "", NULL, NULL,
     WORDS "\n\n" WORDS},
    {"role of main", "<div role=main><p>" WORDS WORDS WORDS "</div><div role=navigation>" WORDS WORDS WORDS WORDS "</div>",
     NULL, "", "", NULL, NULL, WORDS WORDS WORDS},
    {"nothing but markup", "<html><body><img src=x></body></html>", NULL, "", "", NULL, NULL, ""},
    {"charset of the header", "<p>caf\xE9 \x96", "ISO-8859-1", "", "", NULL, NULL, "café –"},
    {"charset of the document", "<meta charset=koi8-r><p>\xF0\xD2\xC9", NULL, "", "", NULL, NULL, "При"},
    {"charset in an old way", "<meta http-equiv=Content-Type content='text/html; charset=shift_jis'><p>\x93\xFA\x96{", NULL, "",
     "", NULL, NULL, "日本"},
    {"byte order mark beats all", "\xEF\xBB\xBF<meta charset=koi8-r><p>café", "iso-8859-2", "", "", NULL, NULL, "café"},
    {"no charset", "<p>caf\xE9", NULL, "", "", NULL, NULL, "café"},
    {"unknown charset", "<p>café", "x-unknown//IGNORE", "", "", NULL, NULL, "café"},
};

static void
test_cases(void)
{
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    const Case *row = &CASES[i];
    g_test_message("%s", row->name);
    g_autoptr(GError) error = NULL;
    g_autoptr(Page) page = extract_page(row->html, strlen(row->html), row->charset, URL, &error);
    g_assert_no_error(error);
    g_assert_cmpstr(page->title, ==, row->title);
    g_assert_cmpstr(page->site_name, ==, row->site_name);
    g_assert_cmpstr(page->language, ==, row->language);
    g_assert_cmpstr(page->canonical_url, ==, row->canonical_url);
    g_auto(GStrv) lines = g_strsplit(row->text, " \n", -1);
    g_autofree char *joined = g_strjoinv("\n", lines);
    g_assert_cmpstr(page->text, ==, g_strchomp(joined));
  }
}

/* What a page says at any length is not kept at any length. */
static void
test_titles_without_an_end(void)
{
  static const char *const STARTS[] = {"<html><title>", "<html><title>x</title><meta property=og:title content='"};
  for (size_t i = 0; i < G_N_ELEMENTS(STARTS); i++) {
    g_autoptr(GString) html = g_string_new(STARTS[i]);
    for (int word = 0; word < 30000; word++)
      g_string_append(html, "a word ");
    g_string_append(html, i == 0 ? "</title>" : "'>");
    g_string_append(html, "<meta property=og:site_name content='");
    for (int word = 0; word < 30000; word++)
      g_string_append(html, "a name ");
    g_string_append(html, "'><p>Text");
    g_autoptr(Page) page = extract_page(html->str, html->len, NULL, URL, NULL);
    g_assert_true(g_str_has_prefix(page->title, "a word a word") && g_str_has_prefix(page->site_name, "a name a name"));
    g_assert_cmpint(g_utf8_strlen(page->title, -1), <=, ITEM_MAX_TITLE_CHARS);
    g_assert_cmpint(g_utf8_strlen(page->site_name, -1), <=, ITEM_MAX_TITLE_CHARS);
  }
}

static void
test_charset_names(void)
{
  static const struct {
    const char *name;
    const char *bytes;
    const char *text;
  } ROWS[] = {
      {"cp1251", "\xCF\xF0\xE8", "При"},
      {"x-cp1251", "\xCF\xF0\xE8", "При"},
      {"windows1251", "\xCF\xF0\xE8", "При"},
      {"WINDOWS-1251", "\xCF\xF0\xE8", "При"},
      {"KOI8_R", "\xF0\xD2\xC9", "При"},
      {"koi8", "\xF0\xD2\xC9", "При"},
      {"iso8859-2", "\xB9\xEA", "šę"},
      {"ISO_8859-2", "\xB9\xEA", "šę"},
      {"iso88592", "\xB9\xEA", "šę"},
      {"latin2", "\xB9\xEA", "šę"},
      {"l2", "\xB9\xEA", "šę"},
      {"latin9", "\xA4", "€"},
      {"latin1", "\xE9\x96", "é–"},
      {"ISO8859-1", "\xE9\x96", "é–"},
      {"cp1252", "\xE9\x96", "é–"},
      {"us-ascii", "\xE9\x96", "é–"},
      {"sjis", "\x93\xFA", "日"},
      {"x-sjis", "\x93\xFA", "日"},
      {"Shift-JIS", "\x93\xFA", "日"},
      {"ms_kanji", "\x93\xFA", "日"},
      {"x-euc-jp", "\xC6\xFC", "日"},
      {"ks_c_5601-1987", "\xC7\xD1", "한"},
      {"x-gbk", "\xC8\xD5", "日"},
      {"cn-big5", "\xA4\xE9", "日"},
      {"mac", "\x8E", "é"},
      {"utf8", "é", "é"},
      {"", "é", "é"},
      {"cp", "\xE9", "é"},
      {"cp125", "\xE9", "é"},
  };
  for (size_t i = 0; i < G_N_ELEMENTS(ROWS); i++) {
    size_t length = 0;
    g_autofree char *text = charset_decode(ROWS[i].bytes, strlen(ROWS[i].bytes), ROWS[i].name, &length);
    g_test_message("%s", ROWS[i].name);
    g_assert_cmpstr(text, ==, ROWS[i].text);
    g_assert_cmpuint(length, ==, strlen(ROWS[i].text));
  }
}

static void
test_no_html(void)
{
  static const char *const TEXTS[] = {"", "   ", "{\"a\": 1}", "%PDF-1.4\n%\xE2\xE3",
                                      "<?xml version='1.0'?><rss><channel/></rss>"};
  for (size_t i = 0; i < G_N_ELEMENTS(TEXTS); i++) {
    g_autoptr(GError) error = NULL;
    g_assert_null(extract_page(TEXTS[i], strlen(TEXTS[i]), NULL, URL, &error));
    g_assert_true(error_is(error, ERROR_BAD_DATA));
  }
}

static void
test_abuse(void)
{
  static const char *const PARTS[] = {"<div>",    "<p>",        "<p><b>x</b>", "<article>", "<meta name=x content=y>",
                                      "<header>", "<li role=x>"};
  for (size_t i = 0; i < G_N_ELEMENTS(PARTS); i++) {
    GString *html = g_string_new("<html>");
    while (html->len < HTML_MAX_BYTES * 2)
      g_string_append(html, PARTS[i]);
    g_test_timer_start();
    g_autoptr(Page) page = extract_page(html->str, html->len, NULL, URL, NULL);
    g_test_message("%s: %.3f s", PARTS[i], g_test_timer_elapsed());
    g_assert_nonnull(page);
    g_assert_cmpfloat(g_test_timer_elapsed(), <, 20.0);
    g_string_free(html, TRUE);
  }
}

static void
test_charset_parameter(void)
{
  static const char *const ROWS[][2] = {
      {"text/html; charset=UTF-8", "utf-8"},
      {"text/html;Charset = \"ISO-8859-1\" ; x=y", "iso-8859-1"},
      {"text/html", NULL},
      {"text/html; charset=", NULL},
      {"text/html; charset", NULL},
  };
  for (size_t i = 0; i < G_N_ELEMENTS(ROWS); i++) {
    g_autofree char *charset = charset_parameter(ROWS[i][0]);
    g_assert_cmpstr(charset, ==, ROWS[i][1]);
  }
  g_assert_null(charset_parameter(NULL));
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/extract/cases", test_cases);
  g_test_add_func("/extract/titles-without-an-end", test_titles_without_an_end);
  g_test_add_func("/extract/charset-names", test_charset_names);
  g_test_add_func("/extract/no-html", test_no_html);
  g_test_add_func("/extract/abuse", test_abuse);
  g_test_add_func("/extract/charset-parameter", test_charset_parameter);
  return g_test_run();
}
