#include "shipped-likeness.h"

#include "base/error.h"

#include <math.h>
#include <string.h>

static double
compare(const char *a, const char *b)
{
  g_autoptr(Fingerprint) first = print_title(a);
  g_autoptr(Fingerprint) second = print_title(b);
  double values[LIKENESS_COUNT];
  double reverse[LIKENESS_COUNT];
  likeness_measure(first, second, values);
  likeness_measure(second, first, reverse);
  for (int i = 0; i < LIKENESS_COUNT; i++) {
    g_assert_cmpfloat(values[i], ==, reverse[i]);
    g_assert_cmpfloat(values[i], >=, 0);
    g_assert_cmpfloat(values[i], <=, 2);
  }
  return likeness_probability(shipped_model(), values);
}

static void
test_pairs(void)
{
  static const struct {
    const char *a;
    const char *b;
    bool is_same;
  } CASES[] = {
      {"Solarpunk is already happening in Africa", "Solarpunk is happening in Africa", true},
      {"Ruby solved my problem", "Ruby already solved my problem", true},
      {"Rats filmed snatching bats from air for first time", "Rats filmed snatching bats from air", true},
      {"OS/2 Warp, PowerPC Edition", "OS/2 Warp, PowerPC Edition (2011)", true},
      {"Why we migrated from Python to Node.js", "How often does Python allocate?", false},
      {"URLs are state containers", "The state of SIMD in Rust in 2025", false},
      {"Linux kernel 6.12 has been released", "Linux desktop maintainers under pressure", false},
      {"A title", "", false},
      {"", "", false},
      {"🎉", "🎉", false},
  };
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    double probability = compare(CASES[i].a, CASES[i].b);
    g_test_message("%s | %s: %f", CASES[i].a, CASES[i].b, probability);
    g_assert_cmpint(probability >= shipped_model()->cut, ==, CASES[i].is_same);
  }
}

static void
test_rare_stems_and_families_count(void)
{
  g_assert_cmpfloat(compare("zyzzyva garden", "zyzzyva house"), >, compare("linux garden", "linux house"));
  g_assert_cmpfloat(compare("Three dead in Kelder", "Three killed in Kelder"), >,
                    compare("Three dead in Kelder", "Three painted in Kelder"));
  g_assert_cmpfloat(compare("Flood in Syria", "Damascus under water"), >, compare("Flood in Syria", "Cairo under water"));
  g_assert_cmpfloat(compare("Flood in Syria", "Flood in the city"), >, compare("Flood in Syria", "Flood in Egypt"));
  g_assert_cmpfloat(compare("Kelderian minister resigns", "Minister of Kelder quits"), >,
                    compare("Kelderian minister resigns", "Minister of Amsel sings"));
}

static void
test_links(void)
{
  static const struct {
    const char *page;
    const char *link;
    const char *other_page;
    const char *other_link;
    double value;
  } CASES[] = {
      {"https://e.org/a", "https://e.org/x", "https://e.org/b", "https://e.org/x", 0.5},
      {"https://e.org/a", "https://e.org/x", "https://e.org/x", "https://e.org/y", 1},
      {"https://e.org/a", "https://e.org/b", "https://e.org/b", "https://e.org/a", 1},
      {"https://e.org/a", "https://e.org/x", "https://e.org/b", "https://e.org/y", 0},
      {NULL, "https://e.org/x", NULL, "https://e.org/x", 0.5},
      {NULL, "https://e.org/", NULL, "https://e.org/", 0},
  };
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    g_autoptr(GPtrArray) links = g_ptr_array_new();
    g_autoptr(GPtrArray) other_links = g_ptr_array_new();
    g_ptr_array_add(links, (char *) CASES[i].link);
    g_ptr_array_add(other_links, (char *) CASES[i].other_link);
    const Post post = {.source = "", .link = CASES[i].page, .links = links, .title = "Zebra gardens", .text = ""};
    const Post other = {.source = "", .link = CASES[i].other_page, .links = other_links, .title = "Apples, pears", .text = ""};
    g_autoptr(Fingerprint) a = fingerprint_new(&post, shipped_lexicon());
    g_autoptr(Fingerprint) b = fingerprint_new(&other, shipped_lexicon());
    double values[LIKENESS_COUNT];
    likeness_measure(a, b, values);
    g_assert_cmpfloat(values[LIKENESS_LINKS], ==, CASES[i].value);
    likeness_measure(b, a, values);
    g_assert_cmpfloat(values[LIKENESS_LINKS], ==, CASES[i].value);
  }
}

/* Of the words with a space around them; the last two characters begin no trigram. The same for a head beyond ASCII. */
static void
test_letters(void)
{
  static const struct {
    const char *a;
    const char *b;
    double bigrams;
    double trigrams;
  } CASES[] = {
      {"ab cd", "ab cd", 1, 1}, {"ab cd", "ab ce", 0.8, 0.6}, {"ab ab cd", "ab cd", 1, 0.9128709292},
      {"бв гд", "бв гд", 1, 1}, {"ab cd", "xy zw", 0, 0},     {"", "ab cd", 0, 0},
  };
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    g_test_message("%s | %s", CASES[i].a, CASES[i].b);
    g_autoptr(Fingerprint) a = print_title(CASES[i].a);
    g_autoptr(Fingerprint) b = print_title(CASES[i].b);
    double values[LIKENESS_COUNT];
    likeness_measure(a, b, values);
    g_assert_cmpfloat_with_epsilon(values[LIKENESS_LETTERS], (CASES[i].bigrams + CASES[i].trigrams) / 2, 1e-9);
  }
}

/* Words side by side in both heads, whatever their order; what is rare counts most. */
static void
test_pairs_of_words(void)
{
  static const struct {
    const char *a;
    const char *b;
    double least;
    double most;
  } CASES[] = {
      {"zyzzyva quokka", "the quokka of zyzzyva", 0.28, 0.29},
      {"zyzzyva quokka narwhal", "narwhal quokka zyzzyva", 0.45, 0.46},
      {"zyzzyva file", "file zyzzyva", 0.01, 0.2},
      {"zyzzyva quokka", "zyzzyva garden quokka", 0, 0},
  };
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    g_autoptr(Fingerprint) a = print_title(CASES[i].a);
    g_autoptr(Fingerprint) b = print_title(CASES[i].b);
    double values[LIKENESS_COUNT];
    likeness_measure(a, b, values);
    g_test_message("%s | %s: %f", CASES[i].a, CASES[i].b, values[LIKENESS_PAIRS]);
    g_assert_cmpfloat(values[LIKENESS_PAIRS], >=, CASES[i].least);
    g_assert_cmpfloat(values[LIKENESS_PAIRS], <=, CASES[i].most);
  }
}

static void
test_vetoes(void)
{
  static const struct {
    const char *a;
    const char *b;
    const char *veto;
  } CASES[] = {
      {"Fedora Linux 42 released", "Fedora Linux 43 released", "template"},
      {"They try Zyzzyva 42 today", "A look at Zyzzyva 43", "version"},
      {"Helm v4.0.0", "Helm 4.0", NULL},
      {"We moved to Helm v4.0.0", "They moved to Helm 4.1", "version"},
      {"We moved to Helm version 4.0.0", "They moved to Helm 4.1", "version"},
      {"Python 3.14.1 is out", "Python 3.14.2 is out", "template"},
      {"Advent of Code, day 3", "Advent of Code, day 4", "version"},
      {"Ask HN: Who is hiring? (October 2025)", "Ask HN: Who is hiring? (November 2025)", "version"},
      {"Who is hiring (Oct)", "Who is hiring (Nov)", "version"},
      {"Ask HN: Who is hiring? (Oct 2025)", "Ask HN: Who is hiring? (October 2025)", NULL},
      {"Coffee shop raises over $86,000", "Coffee shop raises nearly $200,000", NULL},
      {"Linkers: A 20 Part Series (2007)", "Linkers (2007)", NULL},
      {"The ear does no transform", "The ear does no transform (2024)", NULL},
      {"Motor outperforms record by 40%", "Motor produces 1,000 horsepower", NULL},
      {"100000 TPS on one machine", "100k TPS on one machine", NULL},
      {"Bomb kills 12 in market", "Bomb kills 15 people in a market", NULL},
      {"Back in stock: the Corvid Zero, a small board", "The Corvid One, a large workstation", "version"},
      {"The Corvid One, a workstation", "Two weeks with the Corvid One", NULL},
      {"We saved one Corvid from the cat", "They saved two Corvid birds", NULL},
      {"2025", "2024", NULL},
      {"", "", NULL},
  };
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    g_test_message("%s | %s", CASES[i].a, CASES[i].b);
    g_autoptr(Fingerprint) a = print_title(CASES[i].a);
    g_autoptr(Fingerprint) b = print_title(CASES[i].b);
    g_assert_cmpstr(likeness_veto(a, b), ==, CASES[i].veto);
    g_assert_cmpstr(likeness_veto(b, a), ==, CASES[i].veto);
  }
}

static void
test_bad_weights(void)
{
  static const struct {
    const char *text;
    const char *message;
  } CASES[] = {
      {"constant\tx\n", "story-weights.tsv:1: expected the name of a feature, a tab and a number"},
      {"# a\nconstant\t1\nconstant\t1\n", "story-weights.tsv:3: expected the name of a feature, a tab and a number"},
      {"colour\t1\n", "story-weights.tsv:1: expected the name of a feature, a tab and a number"},
      {"constant\t1\n", "story-weights.tsv: \"cut\" is missing"},
  };
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    LikenessModel model;
    g_autoptr(GError) error = NULL;
    g_assert_false(likeness_model_read(CASES[i].text, &model, &error));
    g_assert_cmpint(error->code, ==, ERROR_BAD_DATA);
    g_assert_cmpstr(error->message, ==, CASES[i].message);
  }
}

/* A model that is known gives examples from which it is found again. */
static void
test_fit(void)
{
  enum { EXAMPLES = 20000 };
  g_autoptr(GRand) random = g_rand_new_with_seed(7);
  g_autoptr(GArray) examples = g_array_new(FALSE, FALSE, sizeof(LikenessExample));
  LikenessModel truth = {.constant = -2};
  for (int i = 0; i < LIKENESS_COUNT; i++)
    truth.weights[i] = i % 2 == 0 ? 2 : -1;
  for (int i = 0; i < EXAMPLES; i++) {
    LikenessExample example = {.weight = 1, .group = i % 2};
    for (int j = 0; j < LIKENESS_COUNT; j++)
      example.values[j] = g_rand_double(random);
    LikenessModel own = truth;
    own.constant += example.group;
    example.is_same = g_rand_double(random) < likeness_probability(&own, example.values);
    g_array_append_val(examples, example);
  }
  LikenessModel found = likeness_fit(examples, 1);
  g_assert_cmpfloat_with_epsilon(found.constant, truth.constant, 0.4);
  for (int i = 0; i < LIKENESS_COUNT; i++)
    g_assert_cmpfloat_with_epsilon(found.weights[i], truth.weights[i], 0.3);
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/likeness/pairs", test_pairs);
  g_test_add_func("/likeness/rare-stems-and-families-count", test_rare_stems_and_families_count);
  g_test_add_func("/likeness/links", test_links);
  g_test_add_func("/likeness/letters", test_letters);
  g_test_add_func("/likeness/pairs-of-words", test_pairs_of_words);
  g_test_add_func("/likeness/vetoes", test_vetoes);
  g_test_add_func("/likeness/bad-weights", test_bad_weights);
  g_test_add_func("/likeness/fit", test_fit);
  return g_test_run();
}
