#include "llm/topics.h"

#include "llm/terms.h"
#include "model/topic.h"

#include <string.h>

/* So common are the words of the stories below; what is missing was never met. */
static const char FREQUENCIES[] =
    "100000\nadd\t2000\nanswer\t900\nbattl\t90\nblame\t300\nboard\t800\nbuild\t3000\ncach\t150\ncity\t40\n"
    "citi\t300\nclock\t200\ncommit\t300\ncompani\t500\ncompil\t900\nfast\t2500\nfaster\t900\nfile\t12000\n"
    "garden\t90\ngrow\t300\nharbour\t15\nlantern\t10\nlead\t400\nlose\t300\nmachin\t1500\nmeasur\t700\nminut\t800\nnew\t4000\n"
    "opn\t20\npress\t300\nrelease\t2000\nreleas\t2000\nreport\t900\nrow\t300\nship\t400\nsystem\t6000\ntask\t100\ntide\t12\n"
    "time\t3500\nuse\t22000\nwait\t200\nwall\t90\nwork\t3700\nwrite\t2600\n";

static const char TOPICS[] = "C\t?C\nGo\t?Go\tgolang\nRust\trustlang\nSwift\t?Swift\nLinux\nLinux kernel\nPython\n"
                             "file systems\tfile system\tfilesystem\ndatabases\tdatabase\nsecurity\t?security\tinfosec\n"
                             "universities\tuniversity\nWindows\t?Windows\nC++\tcpp\nRISC-V\triscv\n";

typedef struct {
  const char *title;
  const char *text;
  const char *expected;
} Case;

static const Case CASES[] = {
    /* topics with a name, in any spelling, called by their label; what is repeated in titles first */
    {"A filesystem written in rust", "Filesystems are hard.", "file systems|Rust"},
    {"A small language for RISC-V", "", "RISC-V"},
    {"Riscv machines", "", "RISC-V"},
    {"C++ and C# meet", "", "C++"},
    /* in a text alone a name must be repeated */
    {"Something new", "It runs on Linux.", ""},
    {"Something new", "It runs on Linux. Linux is fast. We use Linux.", "Linux"},
    {"", "It is here. #RustLang #InfoSec", "Rust|security"},
    {"", "Everything #golang", "Go"},
    /* the longest name counts, not its parts */
    {"The Linux kernel grows", "", "Linux kernel"},
    {"The Linux kernel grows", "Linux is fast. Linux is old. We use Linux.", "Linux kernel"},
    /* words that are names too */
    {"Let us go to the harbour", "Go there. We go again and again, and go home.", ""},
    {"Go ahead", "", ""},
    {"A parser written in Go", "", "Go"},
    {"Writing Go Programs", "", "Go"},
    {"We moved our server to Go and stayed", "", "Go"},
    {"Fans meet Taylor Swift today", "", ""},
    {"The vitamin C in fruit", "", ""},
    {"A compiler for C in one file", "", "C"},
    {"Clean windows", "Windows are clean.", ""},
    {"Windows on the world", "", ""},
    {"Better security", "Security matters. More security for all.", "security"},
    {"Better security", "We sleep well.", ""},
    {"A prize for Kelder University", "They study at Kelder University. It is old.", "Kelder University"},
    /* phrases: the spelling of running text, in one form, and never less than the whole */
    {"Tide Cache Is Out", "A tide cache is a cache. The tide caches of old were slow. We like a tide cache.", ""},
    {"How garden walls grow", "The garden wall is old. A garden wall needs care, and garden walls are cheap.", "garden walls"},
    {"All About Garden Walls", "Garden Walls Are Good For Your Yard. Some Garden Walls Were Cheap To Build.", ""},
    {"Our yard", "See the garden walls. See the garden walls. See the garden walls.", ""},
    /* common nouns and phrases of one post alone: rather none than a poor one */
    {"Four sources are marked permission pending", "The four are permission pending.", ""},
    {"A garden clock of #RustLang", "A garden clock of #RustLang is here", "Rust"},
    {"A walk in gardens", "We like gardens. They sell gardens. You build gardens.", ""},
    {"Our clock: a task waits", "We let a task wait here.", ""},
    {"Report blames garden walls", "It blames gardens. He blames gardens. She blames gardens.", ""},
    {"Losing a harbour", "They fear losing gardens. We are losing gardens. You keep on losing gardens.", ""},
    {"Our yard", "We like garden walls. They sell garden walls. You build garden walls.", "garden walls"},
    {"Ships with big-endian machines", "They like big-endian machines.", ""},
    {"Zpak is broken", "Yesterday zpak failed. We removed zpak, and zpak came back.", "zpak"},
    {"The zpak tokens are revoked", "It was revoked. They revoked it, and revoked more of zpak wherever it was.", ""},
    {"Fetched wherever it lies", "They live wherever they like. Put it wherever you like.", ""},
    {"Lantern is out", "Now Lantern works. They say Lantern is fast.", "Lantern"},
    {"Lantern Board is out", "They like the Lantern Board. A Lantern Board is cheap.", "Lantern Board"},
    /* what is none */
    {"12 2024 3.5", "12 12 12. 2024 2024 2024. 3.5 3.5 3.5.", ""},
    {"On Monday in March", "We meet on Monday in March. See Monday, March, Monday, March.", ""},
    {"@zpak says", "@zpak @zpak https://zpak.example/zpak www.zpak.example", ""},
    {"Ada Lovelace writes", "Here Ada Lovelace writes. More of Ada Lovelace.", ""},
    {"The Gazette", "We at Gazette say so. For Gazette readers.", ""},
    {"", "", ""},
};

static Background *
make_background(void)
{
  g_autoptr(GError) error = NULL;
  Background *background = background_new(g_strdup(FREQUENCIES), g_strdup(TOPICS), &error);
  g_assert_no_error(error);
  return background;
}

static void
set(char **field, const char *text)
{
  g_free(*field);
  *field = g_strdup(text);
}

static Story *
make_story(const char *title, const char *text)
{
  Story *story = story_new("0123456789abcdef");
  Item *item = item_new();
  set(&item->title, title);
  set(&item->text, text);
  set(&item->author, "Ada Lovelace");
  set(&item->source, "reddit:gazette");
  g_ptr_array_add(story->items, item);
  return story;
}

static char *
find(const Background *background, const Story *story, const char *language)
{
  g_autoptr(GPtrArray) evidence = g_ptr_array_new();
  g_autoptr(GPtrArray) topics = topics_find(story, evidence, background, language);
  g_autoptr(GString) labels = g_string_new(NULL);
  for (guint i = 0; i < topics->len; i++)
    g_string_append_printf(labels, "%s%s", i > 0 ? "|" : "", ((const Topic *) topics->pdata[i])->label);
  return g_string_free(g_steal_pointer(&labels), FALSE);
}

static void
test_topics(void)
{
  g_autoptr(Background) background = make_background();
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    g_autoptr(Story) story = make_story(CASES[i].title, CASES[i].text);
    g_autofree char *labels = find(background, story, "en");
    g_test_message("%s", CASES[i].title);
    g_assert_cmpstr(labels, ==, CASES[i].expected);
    g_autofree char *again = find(background, story, NULL);
    g_assert_cmpstr(again, ==, labels);
  }
}

/* Without a background only names count, for German those that are said three times. */
static void
test_german(void)
{
  g_autoptr(Background) background = make_background();
  g_autoptr(Story) story = make_story(
      "Das Hafenamt prüft Linux", "Das neue Hafenamt arbeitet. Dem Hafenamt fehlt Geld. Die Boote des Hafenamts liegen still.");
  g_autofree char *labels = find(background, story, "de");
  g_assert_nonnull(strstr(labels, "Linux"));
  g_assert_nonnull(strstr(labels, "Hafenamt"));
  g_assert_null(strstr(labels, "neue"));
}

static void
test_site_name(void)
{
  g_autoptr(Background) background = make_background();
  g_autoptr(Story) story = make_story("Harbour opens", "");
  Evidence page = {.url = (char *) "https://example.org/",
                   .title = (char *) "Harbour opens - Tidal Post",
                   .site_name = (char *) "Tidal Post",
                   .text = (char *) "Here is Tidal Post. More at Tidal Post. Read Tidal Post."};
  g_autoptr(GPtrArray) evidence = g_ptr_array_new();
  g_ptr_array_add(evidence, &page);
  g_autoptr(GPtrArray) topics = topics_find(story, evidence, background, "en");
  g_assert_cmpuint(topics->len, ==, 0);
  page.site_name = (char *) "";
  g_autoptr(GPtrArray) named = topics_find(story, evidence, background, "en");
  g_assert_cmpuint(named->len, ==, 1);
}

static void
test_terms(void)
{
  static const struct {
    const char *line;
    const char *expected;
  } LINES[] = {
      {"The Corvid One, a board", "The Corvid One. a board."},
      {"open-source (really) C++ \"quoted\"", "open source. really. C++. quoted."},
      {"Google’s maps and Ada's book", "Google. maps and Ada. book."},
      {"see https://example.org/x @me user@example.org now", "see. now."},
      {"f(x) = y_2 node.js", "f. x. node.js."},
      {"#one,#two #3", "one. two. 3."},
      {"# - -- ... 'x'", "x."},
      {"", ""},
  };
  for (size_t i = 0; i < G_N_ELEMENTS(LINES); i++) {
    g_autoptr(GArray) terms = terms_split(LINES[i].line);
    g_autoptr(GString) found = g_string_new(NULL);
    for (guint j = 0; j < terms->len; j++) {
      const Term *term = &g_array_index(terms, Term, j);
      g_string_append_printf(found, "%s%.*s%s", j > 0 ? " " : "", (int) (term->end - term->start), term->start,
                             term->is_run_end ? "." : "");
    }
    g_assert_cmpstr(found->str, ==, LINES[i].expected);
  }
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/topics/terms", test_terms);
  g_test_add_func("/topics/stories", test_topics);
  g_test_add_func("/topics/german", test_german);
  g_test_add_func("/topics/site-name", test_site_name);
  return g_test_run();
}
