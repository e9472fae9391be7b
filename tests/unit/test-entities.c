#include "text/entities.h"

#include <stdbool.h>
#include <string.h>

typedef struct {
  const char *text;
  const char *language;
  const char *expected;
} Case;

/* Entities joined by "|": of a name its text and, where that is more than casefolded, "=" and its key; "#" and the key of a
 * number, "v" and the key of a version. */
static const Case NAMES[] = {
    {"Yesterday the people at GitHub met Angela Merkel in Paris.", NULL, "GitHub|Angela Merkel|Paris"},
    {"Angela Merkel spoke. It was short.", NULL, "Angela Merkel"},
    {"Apple grew. People at Apple were glad.", NULL, "Apple|Apple"},
    {"Researchers found it. They left.", NULL, ""},
    {"The Guardian and the New York Times wrote of The Hague.", NULL, "Guardian|New York Times|Hague"},
    {"He works at the University of Oxford and the Bank of the West today.", NULL, "University of Oxford|Bank of the West"},
    {"She met Ursula von der Leyen and Charles de Gaulle there.", NULL, "Ursula von der Leyen|Charles de Gaulle"},
    {"We saw Apple's iPhone and McDonald\u2019s fries there.", NULL, "Apple|iPhone|McDonald"},
    {"It runs on OpenBSD, macOS and iOS now.", NULL, "OpenBSD|macOS|iOS"},
    {"At NASA the HTTP/2 team uses TLS and AT&T lines.", NULL, "NASA|HTTP/2|TLS|AT&T"},
    {"They run GPT-5 on x86-64 in C++20 with k8s and log4j.", NULL, "GPT-5|x86-64|C++20|k8s|log4j"},
    {"We write C++, C#, F# and C with .NET and Node.js or node.js.", NULL, "C++|C#|F#|C|.NET|Node.js|node.js"},
    {"Did he use g++ for it?", NULL, "g++"},
    {"The U.S. Senate met in the U.S. and US people saw it.", NULL, "U.S. Senate=us senate|U.S.=us|US"},
    {"There J. R. R. Tolkien met J.R.R. Tolkien once.", NULL, "J. R. R. Tolkien=j r r tolkien|J.R.R. Tolkien=jrr tolkien"},
    {"Jean-Luc Picard drank Coca-Cola in Aix-en-Provence there.", NULL, "Jean-Luc Picard|Coca-Cola|Aix|Provence"},
    {"A US-based and AI-powered tool is non-Apple and e-Commerce.", NULL, "US|AI|Apple|Commerce"},
    {"Then Tim O'Reilly and Tim O\u2019Reilly met.", NULL, "Tim O'Reilly|Tim O\u2019Reilly=tim o'reilly"},
    {"He met Bob, Carol and Dave; Eve (Mallory) left.", NULL, "Bob|Carol|Dave|Eve|Mallory"},
    {"He said: Yes, that is \u201cFine work\u201d of Bob.", NULL, "Bob"},
    {"Alice is in Paris with Bob.", NULL, "Paris|Bob"},
    {"It was on Monday in January and in May at Kew.", NULL, "Kew"},
    {"It has Black Friday things from Apple Inc. or Apple Inc today.", NULL, "Black Friday|Apple Inc|Apple Inc"},
    {"I think I am what I'm told.", NULL, ""},
    {"So They'll see the DECADES of UNESCO. Let's go.", NULL, "UNESCO"},
    {"I wrote to Ann. I did.", NULL, "Ann"},
    {"Meanwhile Apple left. Yesterday Google did it. The Last Samurai was on.", NULL, "Apple|Google|Last Samurai"},
    {"In the CEO of Apple they trust.", NULL, "CEO|Apple"},
    {"Many LLMs and GPUs run at OpenAI there.", NULL, "LLMs|GPUs|OpenAI"},
    {"#Rust and @Bob and bob@Example.org and https://Example.org/A and www.Foo.org met Carol.", NULL, "Carol"},
    {"He said (#Rust) and met @Bob@Mastodon.social there with Al.", NULL, "Al"},
    {"Commit 84463b4 or a1b2c3d4 in FOO_BAR and some_File is bad.", NULL, ""},
    {"Die Regierung hat das Gesetz von Angela Merkel in Berlin bei GitHub gelesen.", "de", "Gesetz von Angela Merkel|GitHub"},
    {"Le président Emmanuel Macron a vu L\u2019Oréal et l\u2019Assemblée à Paris.", "fr",
     "Emmanuel Macron|L\u2019Oréal=l'oréal|Assemblée|Paris"},
    {"El presidente Pedro Sánchez visitó Los Angeles ayer.", "es", "Pedro Sánchez|Angeles"},
    {"Élan vital from Ünïted Ægir.", NULL, "Ünïted Ægir"},
    {"Президент Владимир Зеленский был в Киеве сегодня.", "uk", "Президент Владимир Зеленский|Киеве"},
    /* headlines */
    {"Apple Unveils New Phone With Better Camera in California", NULL, ""},
    {"Tim Cook Resigns", NULL, ""},
    {"Apple Unveils iPhone SE and OpenAI Answers with GPT-5", NULL, "iPhone SE|OpenAI|GPT-5"},
    {"Tim Cook Leaves Apple for Good\n\nThe head of Apple, one Tim Cook, has left.", NULL, "Tim Cook|Apple|Apple|Tim Cook"},
    {"APPLE BUYS OPENAI FOR BILLIONS", NULL, ""},
    {"APPLE BUYS GPT-5 AND C++ FOR 5 DOLLARS", NULL, "GPT-5|C++|#$5"},
    {"BREAKING: Apple buys the maker of GitHub", NULL, "GitHub"},
    {"so the One Two Three Four Five Six Seven went there", NULL, ""},
    {"so the One Two Three Four Five Six went there", NULL, "One Two Three Four Five Six"},
    {"Apple Buys Maker Of Search Engine via Loan", NULL, ""},
    {"Show HN: a tool for Postgres", NULL, "Show HN|Postgres"},
};

static const Case NUMBERS[] = {
    {"It has 100k, 100,000, 100 000 and 100000 users.", NULL, "#100000|#100000|#100000|#100000"},
    {"It cost 1.5 million, 1,500,000 or $5bn, $5B and $5 billion.", NULL,
     "#1500000|#1500000|#$5000000000|#$5000000000|#$5000000000"},
    {"It is 12 %, 12% and 12 percent, 12.0% too.", NULL, "#12%|#12%|#12%|#12%"},
    {"It is 5 \u20ac, \u20ac5 and 5 euros, 5 dollars for $1,234.50.", NULL, "#\u20ac5|#\u20ac5|#\u20ac5|#$5|#$1234.5"},
    {"Es sind 1.500 und 1,5 und 1.234.567,89 und 2 Mio. oder 3 Milliarden.", "de",
     "#1500|#1.5|#1234567.89|#2000000|#3000000000"},
    {"It is 1234,567 or 1,234.", NULL, "#1234.567|#1234"},
    {"It is 1.500 or 3.14 or 0.50 or 007.", NULL, "#1.5|#3.14|#0.5|#7"},
    {"It is 0 or 0.0 or 000.", NULL, "#0|#0|#0"},
    {"We got 16GB and 5km and 10am, the 1st of the 1990s, 3x.", NULL, "#16gb|#5km|#10am|#1st|#1990s|#3x"},
    {"We got 3D, 5G, 2FA and 1Password there.", NULL, "3D|5G|2FA|1Password"},
    {"Lists 1,2,3 and 10-20 and 2024-05-01 and 10:30 are.", NULL, "#1,2,3|#10|#20|#2024|#5|#1|#10|#30"},
    {"A 30-year-old had 1'000 and 1\u2019000.", NULL, "#30|#1000|#1000"},
    {"It was 1.5M, 3 million and 0.25 thousand.", NULL, "#1500000|#3000000|#250"},
    {"Five m is 5m and $5m.", NULL, "#5m|#$5000000"},
    {"It is 1234 567 and 12 34 and 1 234 567 890.", NULL, "#1234|#567|#12|#34|#1234567890"},
    {"It was on 12.05.2024 at 5.", NULL, "#12.05.2024|#5"},
    {"We use v4.0.0, V4.0 and v4 of it.", NULL, "v4|v4|v4"},
    {"We use 4.0.0 and 4.0.1 and 10.0.0-rc1 of it.", NULL, "v4|v4.0.1|v10-rc1"},
    {"He got Python 3.10 and Python 3.1, version 4.0 or 3.10 eggs.", NULL, "Python|v3.10|Python|v3.1|v4|#3.1"},
    {"Get 3.13.0a1, 2.0-beta.2, v2.0-based and 2.0.0b2.", NULL, "v3.13-a1|v2-beta2|v2|v2-b2"},
    {"He got Windows 11 and Fedora 42 there.", NULL, "Windows|#11|Fedora|#42"},
    {"The Apple 3.5 billion and Apple 3.5% are.", NULL, "Apple|#3500000000|Apple|#3.5%"},
    {"Ping 192.168.0.1 there.", NULL, "v192.168.0.1"},
};

static const Case HOSTILE[] = {
    {"", NULL, ""},
    {" \n\n\t", NULL, ""},
    {"\U0001F600 \U0001F468\u200D\U0001F469\u200D\U0001F467 !!! ... --- ''' \"\"\"", NULL, ""},
    {"we met \U0001F600Bob\U0001F600 there", NULL, "Bob"},
    {"هذا 5 كتب في باريس", "ar", "#5"},
    {"שלום Bob שלום", "he", "Bob"},
    {"日本のApple社は5月", "ja", "日本のApple社は5月"},
    {"we saw Z\u0351\u036b\u0352a\u0363lgo there", NULL, "Z\u0351\u036b\u0352a\u0363lgo"},
    {"' 's \u2019s 's's ''s", NULL, ""},
    {"# @ #! @! ++ + # .. .a a. -a a-", NULL, ""},
    {"$ \u20ac % $% v v. V, vv $v5", NULL, "V|v5"},
    {"a & B && C&D &", NULL, "B|C&D"},
    {"٣٤ ١٢", "ar", ""},
    {"1\u0301 2\u20e3", NULL, "#1|#2"},
};

static char *
show(const Entity *entity)
{
  if (entity->kind == ENTITY_NUMBER)
    return g_strconcat("#", entity->key, NULL);
  if (entity->kind == ENTITY_VERSION)
    return g_strconcat("v", entity->key, NULL);
  g_autofree char *folded = g_utf8_casefold(entity->text, -1);
  bool is_only_folded = strcmp(folded, entity->key) == 0;
  return g_strconcat(entity->text, is_only_folded ? NULL : "=", entity->key, NULL);
}

static void
check(const Case *cases, size_t count)
{
  for (size_t i = 0; i < count; i++) {
    g_autoptr(GPtrArray) entities = entities_find(cases[i].text, cases[i].language);
    g_autoptr(GPtrArray) shown = g_ptr_array_new_with_free_func(g_free);
    for (guint j = 0; j < entities->len; j++)
      g_ptr_array_add(shown, show(entities->pdata[j]));
    g_ptr_array_add(shown, NULL);
    g_autofree char *joined = g_strjoinv("|", (char **) shown->pdata);
    g_assert_cmpstr(joined, ==, cases[i].expected);
  }
}

static void
test_names(void)
{
  check(NAMES, G_N_ELEMENTS(NAMES));
}

static void
test_numbers(void)
{
  check(NUMBERS, G_N_ELEMENTS(NUMBERS));
}

static void
test_hostile(void)
{
  check(HOSTILE, G_N_ELEMENTS(HOSTILE));
}

/* A megabyte of each: what is linear takes a fraction of a second. */
static void
test_abuse(void)
{
  static const char *const PARTS[] = {"a",    "A",          "1",          "1,",    "1.",     ".0",  "1 ",  "1 000 ",
                                      "v1.",  "A-1",        "A ",         "A of ", "A.",     "'s",  "A's", "#a",
                                      "@a ",  "a://",       "$1 of the ", "++",    "1a",     "1A1", "é",   "\u0301",
                                      "Aa. ", "\U0001F600", "of ",        "1,2A",  "1-rc1 ", "A&",  "\"A", " v1,1"};
  for (size_t i = 0; i < G_N_ELEMENTS(PARTS); i++) {
    g_autoptr(GString) text = g_string_new(NULL);
    while (text->len < 1024 * 1024)
      g_string_append(text, PARTS[i]);
    g_test_timer_start();
    g_autoptr(GPtrArray) entities = entities_find(text->str, NULL);
    double seconds = g_test_timer_elapsed();
    g_test_message("\"%s\": %u entities, %.3f s", PARTS[i], entities->len, seconds);
    g_assert_cmpfloat(seconds, <, 20.0);
  }
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/entities/names", test_names);
  g_test_add_func("/entities/numbers", test_numbers);
  g_test_add_func("/entities/hostile", test_hostile);
  g_test_add_func("/entities/abuse", test_abuse);
  return g_test_run();
}
