#include "text/sentences.h"

#include <string.h>

typedef struct {
  const char *text;
  const char *expected;
} Case;

/* Sentences joined by "|". */
static const Case CASES[] = {
    {"One. Two! Three? Four", "One.|Two!|Three?|Four"},
    {"A title\n\nFirst line\nsecond line. End.", "A title|First line second line.|End."},
    {"Pi is 3.14 and v4.0.0 is out. See example.org. Done.", "Pi is 3.14 and v4.0.0 is out.|See example.org.|Done."},
    {"Visit https://a.example/x.html?y=1. It works.", "Visit https://a.example/x.html?y=1.|It works."},
    {"Dr. Smith met J. R. R. Tolkien. They spoke.", "Dr. Smith met J. R. R. Tolkien.|They spoke."},
    {"Fruit, e.g. Apples, i.e. Malus. Good.", "Fruit, e.g. Apples, i.e. Malus.|Good."},
    {"The U.S. Army said no. Yes.", "The U.S. Army said no.|Yes."},
    {"See No. 5 for more. I said no. Then I left.", "See No. 5 for more.|I said no.|Then I left."},
    {"Apples, pears, etc. are fruit. Apples, etc. Then more.", "Apples, pears, etc. are fruit.|Apples, etc.|Then more."},
    {"He is taller than I. She is not.", "He is taller than I.|She is not."},
    {"1. First thing. 2. Second thing.", "1. First thing.|2. Second thing."},
    {"It was 2020. Then 2021.", "It was 2020.|Then 2021."},
    {"\u201cIs it?\u201d she asked. \u201cYes.\u201d He left.", "\u201cIs it?\u201d she asked.|\u201cYes.\u201d|He left."},
    {"Wait... what? Well\u2026 No.", "Wait... what?|Well\u2026|No."},
    {"Yahoo! announced it. (It did.) So?", "Yahoo! announced it.|(It did.)|So?"},
    {"Node.js 20 and ASP.NET run. Fine.", "Node.js 20 and ASP.NET run.|Fine."},
    {"これは文です。次の文です！終わり", "これは文です。|次の文です！|終わり"},
    {"Intro:\n\n- first item\n- second. Item\n\nAfter", "Intro:|first item|second.|Item|After"},
    {"  spaced\t out .  Next  ", "spaced out .|Next"},
    {"Ünïted. Élan vital.", "Ünïted.|Élan vital."},
    {"...", "..."},
    {"", ""},
    {" \n\n ", ""},
};

static void
test_cases(void)
{
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    g_autoptr(GPtrArray) sentences = sentences_split(CASES[i].text);
    g_ptr_array_add(sentences, NULL);
    g_autofree char *joined = g_strjoinv("|", (char **) sentences->pdata);
    g_assert_cmpstr(joined, ==, CASES[i].expected);
  }
}

static void
test_abuse(void)
{
  static const char *const PARTS[] = {".", ". ", "A. ", "a.", ".)", "。", "\n", "- \n", "J.J.J."};
  for (size_t i = 0; i < G_N_ELEMENTS(PARTS); i++) {
    GString *text = g_string_new(NULL);
    while (text->len < 512 * 1024)
      g_string_append(text, PARTS[i]);
    g_test_timer_start();
    g_autoptr(GPtrArray) sentences = sentences_split(text->str);
    g_test_message("pattern %zu: %u sentences, %.3f s", i, sentences->len, g_test_timer_elapsed());
    g_assert_cmpfloat(g_test_timer_elapsed(), <, 20.0);
    g_string_free(text, TRUE);
  }
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/sentences/cases", test_cases);
  g_test_add_func("/sentences/abuse", test_abuse);
  return g_test_run();
}
