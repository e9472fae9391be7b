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
    {"foo_bar x-ray a/b", NULL, "foo_bar|x|ray|a|b"},
    {"C C++ C# F# g++ R D", NULL, "c|c++|c#|f#|g++|r|d"},
    {"C++, C#; (C++) C#. C++20 C/C++ Objective-C++!", NULL, "c++|c#|c++|c#|c++|20|c|c++|objective|c++"},
    {"C+++ a++b a#b C## issue# issue#5 5++ i ++ #tag", NULL, "c|a|b|a|b|c|issue|issue|5|5|i|tag"},
    {".NET (.NET) \u201c.NET\u201d C#/.NET ASP.NET", NULL, ".net|.net|.net|c#|.net|asp.net"},
    {"end... and ...more ).x .5 so .", NULL, "end|and|more|x|5|so"},
    {".Net", NULL, ".net"},
    {"node.js Next.js v1.2.3-rc1 Python3.12 HTTP/2 GPT-5 x86-64", NULL,
     "node.js|next.js|v1.2.3|rc1|python3.12|http|2|gpt|5|x86|64"},
    {"état-major l\u2019homme 100,000", NULL, "état|major|l'homme|100,000"},
    {"日本語 Привет", NULL, "日|本|語|привет"},
    {"\u2013 \u2026 !? \U0001F600", NULL, ""},
    {"", NULL, ""},
};

static const Case STEMS[] = {
    {"The running of the runners is running", NULL, "run|runner|run"},
    {"It's what they've done: parsers, parsing, parsed", "en", "they'v|done|parser|pars|pars"},
    {"Die Häuser der Häusern", "de", "haus|haus"},
    {"Was die Regierung über das Gesetz für Außenpolitik sagt", "de", "regier|gesetz|aussenpolit|sagt"},
    {"Les maisons de l\u2019homme et qu'il n'aurait jusqu\u2019ici aujourd'hui", "fr", "maison|homm|aur|ici|aujourd'hui"},
    {"Los gobiernos también están en la ciudad más grande", "es", "gobi|ciud|grand"},
    {"but or on mais ou", "fr", "but|or"},
    {"Running node.js, C++ and .NET servers", "en", "run|node.js|c++|.net|server"},
    {"parsers and a house", "it", "parsers|hous"},
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
  g_assert_true(tokens_is_stop_word("the", NULL));
  g_assert_true(tokens_is_stop_word("the", "ja"));
  g_assert_false(tokens_is_stop_word("the", "de"));
  g_assert_false(tokens_is_stop_word("", "en"));
  static const char *const WORDS_OF[][2] = {{"aber zwischen ausser über für würde können dass", "de"},
                                            {"à été être où voilà y là même", "fr"},
                                            {"a y ya también más mí qué según cómo", "es"}};
  for (size_t i = 0; i < G_N_ELEMENTS(WORDS_OF); i++) {
    g_autoptr(GPtrArray) words = tokens_words(WORDS_OF[i][0]);
    for (unsigned j = 0; j < words->len; j++)
      g_assert_true(tokens_is_stop_word(words->pdata[j], WORDS_OF[i][1]));
  }

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
