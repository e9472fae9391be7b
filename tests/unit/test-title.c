#include "writing/title.h"

#include <string.h>

static GPtrArray *
list(const char *const *texts)
{
  GPtrArray *array = g_ptr_array_new();
  for (; *texts != NULL; texts++)
    g_ptr_array_add(array, (char *) *texts);
  return array;
}

static void
test_tidy(void)
{
  static const char *const SITES[] = {"The Daily Log", "e.org", "Hacker News", NULL};
  static const struct {
    const char *title;
    const char *tidy;
  } CASES[] = {
      {"Arenas are enough", "Arenas are enough"},
      {"Show HN: Marl – a multiplexer", "Marl – a multiplexer"},
      {"ask hn : Where to begin?", "Where to begin?"},
      {"BREAKING: Bridge opens", "Bridge opens"},
      {"TLDR; The board has decided", "The board has decided"},
      {"Poll: Which one?", "Which one?"},
      {"[video] How bridges fall [2 parts]", "How bridges fall [2 parts]"},
      {"How bridges fall [video]", "How bridges fall"},
      {"How bridges fall (PDF)", "How bridges fall"},
      {"Use [[nodiscard]]", "Use [[nodiscard]]"},
      {"Linkers (2007)", "Linkers (2007)"},
      {"Marl in 4,000 lines (crosspost from r/linux)", "Marl in 4,000 lines"},
      {"(1/2) Is this the end?", "Is this the end?"},
      {"eso/marl: A multiplexer", "marl: A multiplexer"},
      {"and/or is not a repository", "and/or is not a repository"},
      {"Arenas | The Daily Log", "Arenas"},
      {"Arenas - Daily Log", "Arenas"},
      {"Arenas — part two — e.org", "Arenas — part two"},
      {"Arenas - part two", "Arenas - part two"},
      {"Arenas : r/c | Hacker News", "Arenas : r/c"},
      {"Well-known arenas", "Well-known arenas"},
      {"Arenas are enough.", "Arenas are enough"},
      {"Arenas are enough…", "Arenas are enough…"},
      {"Arenas leave the U.S.", "Arenas leave the U.S."},
      {"竞技场。", "竞技场"},
      {"\"Arenas are enough\"", "Arenas are enough"},
      {"“Arenas are enough.”", "Arenas are enough"},
      {"\"Use arenas\" considered \"harmful\"", "\"Use arenas\" considered \"harmful\""},
      {"“One” and “two”", "“One” and “two”"},
      {"\"Arenas are enough, they said", "Arenas are enough, they said"},
      {"'Tis enough", "'Tis enough"},
      {"Linux 6.99 is out! #Linux #OpenSource", "Linux 6.99 is out!"},
      {"Linux 6.99 is out. #Linux", "Linux 6.99 is out"},
      {"Linux 6.99 is out # Linux # Kernel", "Linux 6.99 is out"},
      {"I use #Linux", "I use Linux"},
      {"#Fedora 99 is out", "Fedora 99 is out"},
      {"# Fedora 99 is out for # Linux .", "Fedora 99 is out for Linux"},
      {"C# and F# meet #dotnet again", "C# and F# meet dotnet again"},
      {"Ubuntu can be upgraded https://e.org/how @ubuntu #Linux", "Ubuntu can be upgraded"},
      {"One comic https://e.org/1", "One comic"},
      {"🚨 ⚖️ A complaint was filed 👨‍👩‍👧 today 🇪🇺", "A complaint was filed today"},
      {":wave: A complaint was filed. :sleep:", "A complaint was filed"},
      {"Unicode ™ and ℃ and � stay", "Unicode ™ and ℃ and � stay"},
      {"> Quoted words", "Quoted words"},
      {"... and so it began", "and so it began"},
      {"Broken off -", "Broken off"},
      {"https://e.org/", "https://e.org/"},
      {"🎉", "🎉"},
      {"", ""},
  };
  g_autoptr(GPtrArray) sites = list(SITES);
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    g_autofree char *tidy = title_tidy(CASES[i].title, sites);
    g_assert_cmpstr(tidy, ==, CASES[i].tidy);
    g_autofree char *again = title_tidy(tidy, sites);
    g_assert_cmpstr(again, ==, tidy);
  }
}

/* Any title takes a moment, and what is left of it is text. */
static void
test_hostile(void)
{
  static const char *const PIECES[] = {"#a ", "(x-post ", "[a] ", "| ", "\" ", ":a:", "http", "@a.", "../", "…", " - "};
  g_autoptr(GPtrArray) sites = g_ptr_array_new();
  for (size_t i = 0; i < G_N_ELEMENTS(PIECES); i++) {
    g_autoptr(GString) title = g_string_new(NULL);
    while (title->len < 300)
      g_string_append(title, PIECES[i]);
    g_autofree char *tidy = title_tidy(title->str, sites);
    g_assert_true(g_utf8_validate(tidy, -1, NULL));
    g_assert_cmpuint(strlen(tidy), >, 0);
  }
}

static void
test_shouted(void)
{
  static const struct {
    const char *title;
    bool is_shouted;
  } CASES[] = {
      {"ARENAS ARE ENOUGH", true},
      {"ARENAS ARE ENOUGH, says Ann", false},
      {"GOODMORNING", false},
      {"NASA ESA", false},
      {"Arenas are enough", false},
      {"竞技场 足够", false},
      {"", false},
      {"GRÖSSE IST ALLES", true},
  };
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++)
    g_assert_cmpint(title_is_shouted(CASES[i].title), ==, CASES[i].is_shouted);
}

static void
test_unshout(void)
{
  static const struct {
    const char *title;
    const char *texts[4];
    const char *sentence;
  } CASES[] = {
      {"ARENAS ARE ENOUGH", {NULL}, "Arenas are enough"},
      {"QUILL 0.14 FIXES THE HTTP MODULE", {"Yes, Quill 0.14 is here.", NULL}, "Quill 0.14 fixes the HTTP module"},
      {"NASA'S NEW PROBE", {NULL}, "NASA's new probe"},
      {"THE NOYB GROUP SUES ACME", {"THE NOYB GROUP SUES ACME", "Today noyb sued ACME.", NULL}, "The noyb group sues ACME"},
      {"MIND THE GAP", {"We Mind it.", "They mind it.", "You mind it.", NULL}, "Mind the gap"},
      {"WE SEE THE SEA", {"Then The End.", "on the sea", "by the sea", NULL}, "We see the sea"},
      {"sched_tide IS HERE, I SAY", {NULL}, "Sched_tide is here, I say"},
  };
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    g_autoptr(GPtrArray) texts = list(CASES[i].texts);
    g_autofree char *sentence = title_unshout(CASES[i].title, texts);
    g_assert_cmpstr(sentence, ==, CASES[i].sentence);
  }
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/title/tidy", test_tidy);
  g_test_add_func("/title/hostile", test_hostile);
  g_test_add_func("/title/shouted", test_shouted);
  g_test_add_func("/title/unshout", test_unshout);
  return g_test_run();
}
