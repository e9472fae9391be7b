#include "text/background.h"

#include "base/error.h"

#include <math.h>
#include <string.h>

static const char FREQUENCIES[] = "# how it was made\n# and from what\n1000\na\t10\nab\t500\nkernel\t100\nzebra\t2\n";
static const char TOPICS[] =
    "# label, names\n\nPostgreSQL\tpostgres\tpgsql\nGo\t?Go\tgolang\nopen source\tfree software\nRISC-V\triscv\n"
    "security\t?security\tinfosec\n";

static Background *
make(const char *frequencies, const char *topics)
{
  g_autoptr(GError) error = NULL;
  Background *background = background_new(g_strdup(frequencies), g_strdup(topics), &error);
  g_assert_no_error(error);
  return background;
}

static void
test_idf(void)
{
  static const struct {
    const char *stem;
    double count;
  } CASES[] = {{"a", 10}, {"ab", 500}, {"kernel", 100}, {"zebra", 2}, {"kern", 1}, {"kernels", 1},
               {"", 1},   {"1000", 1}, {"zz", 1},       {"\n", 1},    {"# how", 1}};
  g_autoptr(Background) background = make(FREQUENCIES, TOPICS);
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    bool is_known = false;
    double idf = background_idf(background, CASES[i].stem, &is_known);
    g_assert_cmpfloat_with_epsilon(idf, log(1000 / CASES[i].count), 1e-12);
    g_assert_cmpint(is_known, ==, CASES[i].count > 1);
  }
}

static void
test_topics(void)
{
  static const struct {
    const char *name;
    const char *label;
    bool is_ambiguous;
  } CASES[] = {
      {"PostgreSQL", "PostgreSQL", false},
      {"POSTGRES", "PostgreSQL", false},
      {"golang", "Go", false},
      {"go", "Go", true},
      {"Open Source", "open source", false},
      {"open-source", "open source", false},
      {"risc v", "RISC-V", false},
      {"RiscV", "RISC-V", false},
      {"security", "security", true},
      {"InfoSec", "security", false},
      {"free", NULL, false},
      {"", NULL, false},
      {"label, names", NULL, false},
  };
  g_autoptr(Background) background = make(FREQUENCIES, TOPICS);
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    const NamedTopic *topic = background_topic(background, CASES[i].name);
    g_assert_cmpstr(topic != NULL ? topic->label : NULL, ==, CASES[i].label);
    g_assert_cmpint(topic != NULL && topic->is_ambiguous, ==, CASES[i].is_ambiguous);
  }
  g_assert_cmpstr(background_topic(background, "postgres")->name, ==, "postgres");
}

static void
test_errors(void)
{
  static const struct {
    const char *frequencies;
    const char *topics;
    const char *text;
  } CASES[] = {
      {"", "", "frequencies-en.tsv:1: expected the number of documents"},
      {"# one\n# two\nkernel\t3\n", "", "frequencies-en.tsv:3: expected the number of documents"},
      {"# no end", "", "frequencies-en.tsv:2: expected the number of documents"},
      {"10\n", "Go\tgolang\n\nRust\tGolang\n", "topics-en.tsv:3: the name \"Golang\" stands twice"},
      {"10\n", "Go\tgo\n", "topics-en.tsv:1: the name \"go\" stands twice"},
  };
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    g_autoptr(GError) error = NULL;
    g_assert_null(background_new(g_strdup(CASES[i].frequencies), g_strdup(CASES[i].topics), &error));
    g_assert_cmpint(error->code, ==, ERROR_BAD_DATA);
    g_assert_cmpstr(error->message, ==, CASES[i].text);
  }
}

static char *
read_shipped(const char *name)
{
  g_autofree char *path = g_build_filename(g_getenv("COURANT_TEST_DATA"), "..", "..", "data", name, NULL);
  char *text = NULL;
  g_autoptr(GError) error = NULL;
  g_file_get_contents(path, &text, NULL, &error);
  g_assert_no_error(error);
  return text;
}

/* Each stem of the shipped file is found. */
static void
test_shipped(void)
{
  g_autofree char *frequencies = read_shipped("frequencies-en.tsv");
  g_autofree char *topics = read_shipped("topics-en.tsv");
  g_assert_cmpuint(strlen(frequencies), <, 600 * 1000);
  g_autoptr(Background) background = make(frequencies, topics);
  g_auto(GStrv) lines = g_strsplit(frequencies, "\n", -1);
  size_t stems = 0;
  for (size_t i = 0; lines[i] != NULL; i++) {
    char *tab = strchr(lines[i], '\t');
    if (tab == NULL)
      continue;
    *tab = '\0';
    bool is_known = false;
    background_idf(background, lines[i], &is_known);
    g_assert_true(is_known);
    stems++;
  }
  g_assert_cmpuint(stems, >, 10000);
  g_assert_cmpfloat(background_idf(background, "file", NULL), <, background_idf(background, "kernel", NULL));
  g_assert_cmpstr(background_topic(background, "k8s")->label, ==, "Kubernetes");
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/background/idf", test_idf);
  g_test_add_func("/background/topics", test_topics);
  g_test_add_func("/background/errors", test_errors);
  g_test_add_func("/background/shipped", test_shipped);
  return g_test_run();
}
