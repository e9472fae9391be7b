#include "source-files.h"

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
    {"article without a body", "<!doctype html><title>T</title><article><p>" WORDS "<p>" WORDS "<p>" WORDS "</article>", NULL,
     "T", "", NULL, NULL, WORDS "\n\n" WORDS "\n\n" WORDS},
    {"main in an open head", "<head><title>T</title><main><p>" WORDS "<p>" WORDS "</main><body>", NULL, "T", "", NULL, NULL,
     WORDS "\n\n" WORDS},
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
    {"said twice",
     "<p>\u201cThe clock of Kelder tells the time, whatever they say.\u201d<p>The clock of Kelder tells the time, whatever "
     "they say.",
     NULL, "", "", NULL, NULL, "\u201cThe clock of Kelder tells the time, whatever they say.\u201d"},
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

/* The name of the site is no part of a headline. */
static void
test_titles(void)
{
  static const struct {
    const char *title;
    const char *site_name;
    const char *expected;
  } ROWS[] = {
      {"Headline | The Post", "The Post", "Headline"},
      {"Headline - the post", "The Post", "Headline"},
      {"Headline – Post", "", "Headline – Post"},
      {"Headline · example.org", "", "Headline"},
      {"Headline :: news.example.org", "", "Headline"},
      {"Headline — The Example", "", "Headline"},
      {"Part - Headline | Post", "Post", "Part - Headline"},
      {"Headline | Section - Post", "Post", "Headline | Section"},
      {"Well-known|Post", "Post", "Well-known|Post"},
      {"Post", "Post", "Post"},
      {"Post | Headline", "Post", "Post | Headline"},
      {" | Post", "Post", "| Post"},
  };
  for (size_t i = 0; i < G_N_ELEMENTS(ROWS); i++) {
    g_autofree char *html = g_strdup_printf("<html><title>%s</title><meta property=og:site_name content='%s'><p>Text",
                                            ROWS[i].title, ROWS[i].site_name);
    g_autoptr(Page) page = extract_page(html, strlen(html), NULL, URL, NULL);
    g_assert_cmpstr(page->title, ==, ROWS[i].expected);
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
  static const char *const PARTS[] = {"<div>",
                                      "<p>",
                                      "<p><b>x</b>",
                                      "<article>",
                                      "<meta name=x content=y>",
                                      "<header>",
                                      "<li role=x>",
                                      "<h2>x",
                                      "<a href=#x>1</a>",
                                      "<div class='comment box' id=y>a",
                                      "<article><article><p>Read on, and on, and on.</p></article>",
                                      "<div>Cookies, consent, partners.<button>Accept</button>"};
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

/*
 * Difficult pages, found by walking tests/data/pages/<case>/:
 *   page.html      as a server may send it; page.bin where it is not UTF-8
 *   expected.json  what must hold of it, each where it is named: "title", "site_name", "language", "canonical_url"; "text", the
 *                  whole of it, or "begins", "ends", "has" and "lacks", parts of it, or "is_empty"; "url" is where the page is
 */
static const char *const EXPECTATIONS[] = {"begins",   "canonical_url", "ends", "has",   "is_empty", "lacks",
                                           "language", "site_name",     "text", "title", "url",      NULL};

static void
check_line(const json_t *expected, const char *key, const char *found)
{
  const json_t *value = json_object_get(expected, key);
  if (value != NULL)
    g_assert_cmpstr(found, ==, json_string_value(value));
}

static void
check_parts(const json_t *expected, const char *text)
{
  const char *begins = json_read_text(expected, "begins");
  const char *ends = json_read_text(expected, "ends");
  if ((begins != NULL && !g_str_has_prefix(text, begins)) || (ends != NULL && !g_str_has_suffix(text, ends)))
    g_error("does not begin and end as expected:\n%s", text);
  size_t i;
  const json_t *part;
  json_array_foreach(json_object_get(expected, "has"), i, part) if (strstr(text, json_string_value(part)) == NULL)
      g_error("lacks \"%s\":\n%s", json_string_value(part), text);
  json_array_foreach(json_object_get(expected, "lacks"), i, part) if (strstr(text, json_string_value(part)) != NULL)
      g_error("has \"%s\":\n%s", json_string_value(part), text);
}

static void
test_page(const void *data)
{
  const char *folder = data;
  size_t length = 0;
  g_autofree char *html = read_file(folder, "page.html", &length);
  if (html == NULL)
    html = read_file(folder, "page.bin", &length);
  g_assert_nonnull(html);
  g_autoptr(json_t) expected = read_object(folder, "expected.json");
  const char *key;
  json_t *value;
  json_object_foreach(expected, key, value) g_assert_true(g_strv_contains(EXPECTATIONS, key));
  const char *url = json_read_text(expected, "url");
  gint64 start_us = g_get_monotonic_time();
  g_autoptr(GError) error = NULL;
  g_autoptr(Page) page = extract_page(html, length, NULL, url != NULL ? url : URL, &error);
  g_test_message("%zu bytes in %" G_GINT64_FORMAT " us", length, g_get_monotonic_time() - start_us);
  g_assert_no_error(error);
  check_line(expected, "title", page->title);
  check_line(expected, "site_name", page->site_name);
  check_line(expected, "language", page->language);
  check_line(expected, "canonical_url", page->canonical_url);
  check_line(expected, "text", page->text);
  check_parts(expected, page->text);
  g_assert_true((*page->text == '\0') == json_is_true(json_object_get(expected, "is_empty")));
}

/* Returns: (transfer full) (nullable): the text between @start and @end in @html */
static char *
text_between(const char *html, const char *start, const char *end)
{
  const char *from = strstr(html, start);
  const char *to = from != NULL ? strstr(from, end) : NULL;
  return to != NULL ? html_to_text(from, (size_t) (to - from), NULL, NULL) : NULL;
}

/* Checks that the page's text is its article, but for the byline and what is mostly links, and holds nothing of its menu. */
static void
check_simulated(const char *path, const char *html, size_t length)
{
  g_autofree char *article = text_between(html, "<article>", "</article>");
  g_autofree char *menu = text_between(html, "<nav", "</nav>");
  /* one is in another charset */
  if (article == NULL || !g_utf8_validate(html, (gssize) length, NULL))
    return;
  g_autoptr(Page) page = extract_page(html, length, NULL, URL, NULL);
  g_auto(GStrv) paragraphs = g_strsplit(article, "\n\n", -1);
  for (size_t i = 0; paragraphs[i] != NULL; i++) {
    if (strstr(paragraphs[i], "://") != NULL)
      continue;
    bool is_left_out = (g_str_has_prefix(paragraphs[i], "By ") && i == 1) || strstr(paragraphs[i], "subscri") != NULL;
    if (is_left_out == (strstr(page->text, paragraphs[i]) != NULL))
      g_error("%s: \"%s\" is wrong in:\n%s", path, paragraphs[i], page->text);
  }
  g_auto(GStrv) entries = g_strsplit(menu, "\n", -1);
  for (size_t i = 0; entries[i] != NULL; i++)
    g_assert_null(strstr(page->text, entries[i]));
  g_assert_null(strstr(page->text, "people here are invented"));
}

/* The pages of the simulated internet. */
static void
test_simulated_pages(void)
{
  g_autoptr(GPtrArray) folders = g_ptr_array_new_with_free_func(g_free);
  g_ptr_array_add(folders, g_build_filename(g_getenv("COURANT_TEST_DATA"), "..", "..", "sim", "world", "sites", NULL));
  guint count = 0;
  for (guint i = 0; i < folders->len; i++) {
    g_autoptr(GDir) folder = g_dir_open(folders->pdata[i], 0, NULL);
    for (const char *name; (name = g_dir_read_name(folder)) != NULL;) {
      g_autofree char *path = g_build_filename(folders->pdata[i], name, NULL);
      g_autofree char *html = NULL;
      size_t length = 0;
      if (g_file_test(path, G_FILE_TEST_IS_DIR))
        g_ptr_array_add(folders, g_steal_pointer(&path));
      else if (g_file_get_contents(path, &html, &length, NULL) && g_str_has_prefix(html, "<!DOCTYPE html>")) {
        check_simulated(path, html, length);
        count++;
      }
    }
  }
  g_assert_cmpuint(count, >=, 50);
}

static void
add_pages(void)
{
  g_autofree char *root = g_build_filename(g_getenv("COURANT_TEST_DATA"), "pages", NULL);
  g_autoptr(GDir) pages = g_dir_open(root, 0, NULL);
  g_assert_nonnull(pages);
  int count = 0;
  for (const char *name; (name = g_dir_read_name(pages)) != NULL; count++) {
    g_autofree char *path = g_strconcat("/extract/pages/", name, NULL);
    g_test_add_data_func_full(path, g_build_filename(root, name, NULL), test_page, g_free);
  }
  g_assert_cmpint(count, >=, 24);
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
  g_test_add_func("/extract/titles", test_titles);
  g_test_add_func("/extract/simulated-pages", test_simulated_pages);
  add_pages();
  return g_test_run();
}
