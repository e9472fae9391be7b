#include "text/tokens.h"

#include <string.h>

typedef struct {
  const char *text;
  const char *language;
  const char *expected;
} Case;

/* Words joined by "|". */
static const Case WORDS[] = {
    {"Hello, World!", NULL, "hello|world"},
    {"GCC 14.2 is 3x faster (v4.0.0)", NULL, "gcc|14.2|is|3x|faster|v4.0.0"},
    {"don't vs don\u2019t", NULL, "don't|vs|don't"},
    {"Straße STRASSE ÉTÉ été", NULL, "strasse|strasse|été|été"},
    {"foo_bar x-ray a/b C++ C#", NULL, "foo_bar|x|ray|a|b|c|c"},
    {"日本語 Привет", NULL, "日|本|語|привет"},
    {"\u2013 \u2026 !? \U0001F600", NULL, ""},
    {"", NULL, ""},
};

static const Case STEMS[] = {
    {"The running of the runners is running", NULL, "run|runner|run"},
    {"It's what they've done: parsers, parsing, parsed", "en", "they'v|done|parser|pars|pars"},
    {"Die Häuser der Häusern", "de", "die|haus|der|haus"},
    {"Parsing without a stemmer", "tlh", "pars|without|stemmer"},
    {"again and again", NULL, ""},
    {"Version 2.0 and version 2.0", NULL, "version|2.0|version|2.0"},
};

static void
check(const Case *row, GPtrArray *tokens)
{
  g_ptr_array_add(tokens, NULL);
  g_autofree char *joined = g_strjoinv("|", (char **) tokens->pdata);
  g_assert_cmpstr(joined, ==, row->expected);
}

static void
test_words(void)
{
  for (size_t i = 0; i < G_N_ELEMENTS(WORDS); i++) {
    g_autoptr(GPtrArray) words = tokens_words(WORDS[i].text);
    check(&WORDS[i], words);
  }
}

static void
test_stems(void)
{
  for (size_t i = 0; i < G_N_ELEMENTS(STEMS); i++) {
    g_autoptr(GPtrArray) stems = tokens_stems(STEMS[i].text, STEMS[i].language);
    check(&STEMS[i], stems);
  }
}

/* Every word of the table is found by the binary search, which needs it sorted. */
static void
test_stop_words(void)
{
  static const char TEXT[] =
      "a about after all am an and any are as at be but by can't do few for from further had having he her i if "
      "in into it's itself just me most my no nor not of off once only or our own she so some such than that's the "
      "their they this through to too under until up very was we what when which while who why will won't you're yours";
  g_autoptr(GPtrArray) stems = tokens_stems(TEXT, NULL);
  g_assert_cmpuint(stems->len, ==, 0);
}

static void
test_speed(void)
{
  GString *text = g_string_new(NULL);
  for (int i = 0; i < 100000; i++)
    g_string_append(text, "Linux kernel developers discuss ");
  g_test_timer_start();
  g_autoptr(GPtrArray) stems = tokens_stems(text->str, NULL);
  g_test_message("400,000 words: %.3f s", g_test_timer_elapsed());
  g_assert_cmpuint(stems->len, ==, 400000);
  g_string_free(text, TRUE);
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/tokens/words", test_words);
  g_test_add_func("/tokens/stems", test_stems);
  g_test_add_func("/tokens/stop-words", test_stop_words);
  g_test_add_func("/tokens/speed", test_speed);
  return g_test_run();
}
