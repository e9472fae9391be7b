#include "text/readability.h"

#include <math.h>

typedef struct {
  const char *text;
  const char *language;
  Readability expected;
} Case;

static const Case CASES[] = {
    /* the(1) cat(1) sat(1) on(1) the(1) mat(1): 206.835 - 1.015 * 6 - 84.6 * 1; no long word */
    {"The cat sat on the mat.", "en", {1, 6, 6, 6, 116.145, 6}},
    /* read-a-bil-i-ty(5) mat-ters(2) / peo-ple(2) un-der-stand(3) sim-ple(2) sen-ten-ces(3): 6 words, 17 syllables, 2
     * sentences; long: readability, matters, understand, sentences */
    {"Readability matters. People understand simple sentences.",
     NULL,
     {2, 6, 17, 3, 206.835 - 1.015 * 3 - 84.6 * 17 / 6, 3 + 100.0 * 4 / 6}},
    /* she(1) walk-ed(1) and(1) want-ed(2) a(1) ta-ble(2) made(1) there(1) twice(1) for(1) 3 hous-es(2): numbers are no words */
    {"She walked and wanted a table made there twice for 3 houses!",
     "en",
     {1, 11, 14, 11, 206.835 - 1.015 * 11 - 84.6 * 14 / 11, 11}},
    /* rules(1) rhythm(1) queue(1) idea(2: one group for two, i-dea) tables(2) used(1) */
    {"Rules, rhythm, queue, idea, tables used", "en", {1, 6, 8, 6, 206.835 - 1.015 * 6 - 84.6 * 8 / 6, 6}},
    /* der(1) hund(1) bellt(1) laut(1) / über(2) allem(2) steht(1) häuser(2): 180 - 4 - 58.5 * 11 / 8 */
    {"Der Hund bellt laut. Über allem steht Häuser.", "de", {2, 8, 11, 4, 180 - 4 - 58.5 * 11 / 8, 4}},
    /* le(1) chat(1) est(1) là(1) : 207 - 1.015 * 4 - 73.6 */
    {"Le chat est là.", "fr", {1, 4, 4, 4, 207 - 1.015 * 4 - 73.6, 4}},
    /* el(1) ga-to(2) co-me(2) pan(1): 206.84 - 1.02 * 4 - 60 * 6 / 4 */
    {"El gato come pan.", "es", {1, 4, 6, 4, 206.84 - 1.02 * 4 - 60 * 6.0 / 4, 4}},
    /* il(1) gat-to(2) man-gia(2): 217 - 1.3 * 3 - 60 * 5 / 3 */
    {"Il gatto mangia.", "it", {1, 3, 5, 3, 217 - 1.3 * 3 - 60 * 5.0 / 3, 3}},
    /* de(1) kat(1) eet(1) kaas(1): 206.84 - 0.93 * 4 - 77 */
    {"De kat eet kaas.", "nl", {1, 4, 4, 4, 206.84 - 0.93 * 4 - 77, 4}},
    /* ett(1) exempel(3) på(1) svenska(2): no constants; long: exempel, svenska */
    {"Ett exempel på svenska.", "sv", {1, 4, 7, 4, NAN, 4 + 100.0 * 2 / 4}},
    /* кот(1) ест(1) рыбу(2) */
    {"Кот ест рыбу.", "ru", {1, 3, 4, 3, NAN, 3}},
    {"", "en", {0, 0, 0, 0, NAN, NAN}},
    {" \n\n ", NULL, {0, 0, 0, 0, NAN, NAN}},
    {"123 456. 7! \U0001F600", "en", {0, 0, 0, 0, NAN, NAN}},
    {"...?!", "de", {0, 0, 0, 0, NAN, NAN}},
    /* a sentence of numbers alone is none */
    {"It is. 5. 6.", "en", {1, 2, 2, 2, 206.835 - 1.015 * 2 - 84.6, 2}},
};

static void
assert_near(double measured, double expected)
{
  g_assert_cmpint(isnan(measured) != 0, ==, isnan(expected) != 0);
  if (!isnan(expected))
    g_assert_cmpfloat_with_epsilon(measured, expected, 1e-9);
}

static void
test_cases(void)
{
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    const Readability *expected = &CASES[i].expected;
    Readability measured = readability_measure(CASES[i].text, CASES[i].language);
    g_test_message("%s", CASES[i].text);
    g_assert_cmpuint(measured.sentences, ==, expected->sentences);
    g_assert_cmpuint(measured.words, ==, expected->words);
    g_assert_cmpuint(measured.syllables, ==, expected->syllables);
    assert_near(measured.sentence_words, expected->sentence_words);
    assert_near(measured.flesch, expected->flesch);
    assert_near(measured.lix, expected->lix);
  }
}

static void
test_abuse(void)
{
  static const char *const PARTS[] = {"a", "e\u0301", "a. ", "é ", "\u0301", "日", "ed"};
  for (size_t i = 0; i < G_N_ELEMENTS(PARTS); i++) {
    g_autoptr(GString) text = g_string_new(NULL);
    while (text->len < 1024 * 1024)
      g_string_append(text, PARTS[i]);
    g_test_timer_start();
    Readability measured = readability_measure(text->str, "en");
    g_test_message("pattern %zu: %u words, %.3f s", i, measured.words, g_test_timer_elapsed());
    g_assert_cmpfloat(g_test_timer_elapsed(), <, 20.0);
  }
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/readability/cases", test_cases);
  g_test_add_func("/readability/abuse", test_abuse);
  return g_test_run();
}
