#include "base/text.h"

#include "base/json.h"

#include <glib.h>
#include <string.h>

typedef struct {
  const char *input;
  const char *expected;
} TextCase;

/* U+FFFD */
#define BROKEN "\xEF\xBF\xBD"

static const TextCase CLEAN_CASES[] = {
    {"", ""},
    {"plain text", "plain text"},
    {"one\r\ntwo\rthree\n\n\tfour", "one\ntwo\nthree\n\n\tfour"},
    {"bell\a escape\x1b[31m delete\x7f", "bell escape[31m delete"},
    {"next line\xC2\x85 csi\xC2\x9B", "next line csi"},
    {"\xFF\xFE!", BROKEN BROKEN "!"},
    {"cut \xE2\x82", "cut " BROKEN BROKEN},
    {"overlong \xC0\xAF", "overlong " BROKEN BROKEN},
    {"surrogate \xED\xA0\x80", "surrogate " BROKEN BROKEN BROKEN},
    {"beyond \xF4\x90\x80\x80", "beyond " BROKEN BROKEN BROKEN BROKEN},
    {"bidi \u202Eevil\u202C \u2066x\u2069 \u200E\u200F\u061C.", "bidi evil x ."},
    {"tags \U000E0041\U000E007F\U000E0001.", "tags ."},
    {"no characters \uFFFE\uFFFF.", "no characters ."},
    {"e\u0301 A\u030A \u212B \u1112\u1161\u11AB", "\u00E9 \u00C5 \u00C5 \uD55C"},
    {"e\u200E\u0301", "\u00E9"},
    {"family \U0001F469\u200D\U0001F467", "family \U0001F469\u200D\U0001F467"},
};

static const TextCase LINE_CASES[] = {
    {"", ""},
    {" \n\t ", ""},
    {"  a \r\n\t b\u00A0\u2003c\u2028d  ", "a b c d"},
    {"\x1b[31m red", "[31m red"},
    {"\u200E \u200E", ""},
};

static const TextCase PRINTABLE_CASES[] = {
    {"", ""},
    {"Gr\u00FC\u00DFe \u4E2D\u6587 \U0001F600", "Gr\u00FC\u00DFe \u4E2D\u6587 \U0001F600"},
    {"a\nb\tc\x1b[2J\x7f", "a\\x0Ab\\x09c\\x1B[2J\\x7F"},
    {"\xFFz \xC2\x9B", "\\xFFz \\u009B"},
    {"\u202Eevil \u2028 \U000E0041", "\\u202Eevil \\u2028 \\U000E0041"},
    {BROKEN, BROKEN},
};

static void
test_clean(void)
{
  for (size_t i = 0; i < G_N_ELEMENTS(CLEAN_CASES); i++) {
    g_autofree char *text = text_clean(CLEAN_CASES[i].input, strlen(CLEAN_CASES[i].input));
    g_assert_cmpstr(text, ==, CLEAN_CASES[i].expected);
  }
  g_autofree char *with_nul = text_clean("a\0b", 3);
  g_assert_cmpstr(with_nul, ==, "ab");
  g_autofree char *of_nothing = text_clean(NULL, 0);
  g_assert_cmpstr(of_nothing, ==, "");
}

static void
test_clean_line(void)
{
  for (size_t i = 0; i < G_N_ELEMENTS(LINE_CASES); i++) {
    g_autofree char *line = text_clean_line(LINE_CASES[i].input, strlen(LINE_CASES[i].input));
    g_assert_cmpstr(line, ==, LINE_CASES[i].expected);
  }
}

static void
test_printable(void)
{
  for (size_t i = 0; i < G_N_ELEMENTS(PRINTABLE_CASES); i++) {
    g_autofree char *shown = text_printable(PRINTABLE_CASES[i].input);
    g_assert_cmpstr(shown, ==, PRINTABLE_CASES[i].expected);
    g_autofree char *again = text_printable(shown);
    g_assert_cmpstr(again, ==, shown);
  }
  g_autofree char *of_null = text_printable(NULL);
  g_assert_cmpstr(of_null, ==, "");
}

/* The production Char of XML 1.0, less the controls and bidirectional controls that text.h promises to drop */
static bool
is_promised(gunichar character)
{
  if (character == 0x9 || character == 0xA)
    return true;
  bool is_xml = (character >= 0x20 && character <= 0xD7FF) || (character >= 0xE000 && character <= 0xFFFD) ||
                (character >= 0x10000 && character <= 0x10FFFF);
  bool is_tag = character >= 0xE0000 && character <= 0xE007F;
  static const gunichar BIDI_CONTROLS[] = {0x061C, 0x200E, 0x200F, 0x202A, 0x202B, 0x202C,
                                           0x202D, 0x202E, 0x2066, 0x2067, 0x2068, 0x2069};
  for (size_t i = 0; i < G_N_ELEMENTS(BIDI_CONTROLS); i++)
    if (character == BIDI_CONTROLS[i])
      return false;
  return is_xml && !is_tag && !g_unichar_iscntrl(character);
}

static void
assert_clean(const char *bytes, size_t length, char *(*clean)(const char *, size_t))
{
  g_autofree char *text = clean(bytes, length);
  g_assert_true(g_utf8_validate(text, -1, NULL));
  for (const char *at = text; *at != '\0'; at = g_utf8_next_char(at))
    g_assert_true(is_promised(g_utf8_get_char(at)));
  g_autofree char *composed = g_utf8_normalize(text, -1, G_NORMALIZE_DEFAULT_COMPOSE);
  g_assert_cmpstr(composed, ==, text);
  g_autofree char *again = clean(text, strlen(text));
  g_assert_cmpstr(again, ==, text);
}

static void
test_clean_random(void)
{
  /* bytes that meet: leads and continuations, marks of several classes, characters that decompose into marks */
  static const char *const PIECES[] = {"a",      "\u0301",     "\u0323", "\u0344", "\u01D5", "\u1EA5", "\u0F73",
                                       "\xC2",   "\x80",       "\u1161", "\u1112", "\r",     "\n",     " ",
                                       "\u202E", "\uFFFE",     "\xF0",   "\u09BE", "\u09C7", "\u00A0", "\u2126",
                                       "\x1B",   "\U0001FFFF", "\uFDD0", "\u2000", "\xED",   "\u0345", "\u05B0"};
  for (int round = 0; round < 20000; round++) {
    g_autoptr(GString) text = g_string_new(NULL);
    for (int length = g_test_rand_int_range(0, 80); length > 0; length--)
      g_string_append(text, PIECES[g_test_rand_int_range(0, (gint32) G_N_ELEMENTS(PIECES))]);
    assert_clean(text->str, text->len, text_clean);
    assert_clean(text->str, text->len, text_clean_line);
  }
}

static void
test_clean_naughty_strings(void)
{
  const char *shared = g_getenv("COURANT_SHARED");
  if (shared == NULL) {
    g_test_skip("COURANT_SHARED is not set");
    return;
  }
  g_autofree char *path = g_build_filename(shared, "corpora", "blns.json", NULL);
  g_autofree char *bytes = NULL;
  size_t length;
  g_assert_true(g_file_get_contents(path, &bytes, &length, NULL));
  g_autoptr(json_t) strings = json_parse(bytes, length, NULL, NULL);
  g_assert_cmpuint(json_array_size(strings), >, 500);
  size_t i;
  const json_t *string;
  json_array_foreach(strings, i, string)
  {
    assert_clean(json_string_value(string), json_string_length(string), text_clean);
    assert_clean(json_string_value(string), json_string_length(string), text_clean_line);
    g_autofree char *clean = text_clean_line(json_string_value(string), json_string_length(string));
    g_autofree char *slug = text_slug(clean, 60);
    g_assert_cmpuint(strspn(slug, "abcdefghijklmnopqrstuvwxyz0123456789-"), ==, strlen(slug));
  }
}

/* A megabyte of whatever makes normalising slow: a quadratic walk takes minutes, so the bound is only a coarse one. */
static void
test_clean_is_linear(void)
{
  static const char *const PIECES[] = {"\u0301\u0323", "\xFF",   "\xF0\x90", "a\u0301", "\uFDFA",
                                       "\u202E",       "\u1161", "\u0344",   " \n"};
  enum { MEGABYTE = 1024 * 1024 };
  for (size_t i = 0; i < G_N_ELEMENTS(PIECES); i++) {
    g_autoptr(GString) text = g_string_sized_new(MEGABYTE + 16);
    while (text->len < MEGABYTE)
      g_string_append(text, PIECES[i]);
    g_test_timer_start();
    g_autofree char *line = text_clean_line(text->str, text->len);
    g_autofree char *cut = text_truncate(line, 300);
    g_autofree char *slug = text_slug(line, 60);
    g_autofree char *shown = text_printable(line);
    double seconds = g_test_timer_elapsed();
    g_test_message("piece %zu: %.0f ms", i, seconds * 1000);
    g_assert_cmpfloat(seconds, <, 5.0);
    g_assert_cmpint(g_utf8_strlen(cut, -1), <=, 300);
    g_assert_cmpuint(strlen(slug), <=, 60);
    g_assert_cmpuint(strlen(shown), >=, strlen(line));
  }
}

static void
test_truncate(void)
{
  static const struct {
    const char *text;
    size_t max_chars;
    const char *expected;
  } CASES[] = {
      {"", 5, ""},
      {"short", 5, "short"},
      {"short", 0, ""},
      {"short", 1, "…"},
      {"one two three", 12, "one two…"},
      {"one two three", 8, "one two…"},
      {"one two three", 7, "one tw…"},
      {"one two three", 6, "one…"},
      {"one  two three", 6, "one…"},
      {"one, two; three", 10, "one, two…"},
      {"... and on", 5, "…"},
      {"unbreakable", 5, "unbr…"},
      {"a unbreakable", 10, "a unbreak…"},
      {"äöü äöü äöü", 9, "äöü äöü…"},
      {"中文中文中文", 4, "中文中…"},
  };
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    g_autofree char *cut = text_truncate(CASES[i].text, CASES[i].max_chars);
    g_assert_cmpstr(cut, ==, CASES[i].expected);
    g_assert_cmpint(g_utf8_strlen(cut, -1), <=, (glong) CASES[i].max_chars);
  }
}

static void
test_slug(void)
{
  static const struct {
    const char *text;
    size_t max_bytes;
    const char *expected;
  } CASES[] = {
      {"", 60, ""},
      {"Hello, World!", 60, "hello-world"},
      {"  --Ünïcödé & Straße--  ", 60, "unicode-strasse"},
      {"Don’t panic: it's 1.0", 60, "dont-panic-its-1-0"},
      {"C++", 60, "c"},
      {"中文", 60, ""},
      {"中文 and more", 60, "and-more"},
      {"alpha beta gamma", 10, "alpha-beta"},
      {"alpha beta gamma", 9, "alpha"},
      {"alpha beta gamma", 11, "alpha-beta"},
      {"alpha", 5, "alpha"},
      {"alphabet", 5, "alpha"},
  };
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    g_autofree char *slug = text_slug(CASES[i].text, CASES[i].max_bytes);
    g_assert_cmpstr(slug, ==, CASES[i].expected);
  }
}

static void
test_nearest(void)
{
  static const char *const NAMES[] = {"limit", "list", "instances", "base_url", "title", "max_age_days", NULL};
  static const TextCase CASES[] = {
      {"limt", "limit"},
      {"lits", "list"},
      {"titel", "title"},
      {"limit", "limit"},
      {"max_age_day", "max_age_days"},
      {"baseurl", "base_url"},
      {"instnaecs", "instances"},
      {"colour", NULL},
      {"x", NULL},
      {"", NULL},
  };
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++)
    g_assert_cmpstr(text_nearest(CASES[i].input, NAMES), ==, CASES[i].expected);

  static const char *const EQUALS[] = {"ab", "ac", NULL};
  g_assert_cmpstr(text_nearest("ad", EQUALS), ==, "ab");
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/text/clean", test_clean);
  g_test_add_func("/text/clean-line", test_clean_line);
  g_test_add_func("/text/clean-random", test_clean_random);
  g_test_add_func("/text/clean-naughty-strings", test_clean_naughty_strings);
  g_test_add_func("/text/clean-is-linear", test_clean_is_linear);
  g_test_add_func("/text/printable", test_printable);
  g_test_add_func("/text/truncate", test_truncate);
  g_test_add_func("/text/slug", test_slug);
  g_test_add_func("/text/nearest", test_nearest);
  return g_test_run();
}
