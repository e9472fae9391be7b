#include "llm/lexrank.h"
#include "llm/vectors.h"

/* Three sentences that resemble each other, the second most; one that resembles none; one that says the first again. */
enum { COUNT = 5 };
static const double VALUES[COUNT * COUNT] = {
    1.0, 0.5, 0.1, 0, 0.9, 0.5, 1.0, 0.5, 0, 0.4, 0.1, 0.5, 1.0, 0, 0.1, 0, 0, 0, 1.0, 0, 0.9, 0.4, 0.1, 0, 1.0,
};
static const Similarities SIMILARITIES = {.values = VALUES, .count = COUNT, .stride = COUNT};

static void
test_ranks(void)
{
  g_autofree double *ranks = lexrank(&SIMILARITIES);
  double sum = 0;
  for (size_t i = 0; i < COUNT; i++)
    sum += ranks[i];
  g_assert_cmpfloat_with_epsilon(sum, 1, 1e-9);
  g_assert_cmpfloat(ranks[1], >, ranks[2]);
  g_assert_cmpfloat(ranks[0], >, ranks[2]);
  for (size_t i = 0; i < COUNT; i++)
    g_assert_cmpfloat(ranks[i], >=, ranks[3]);
  g_autofree double *again = lexrank(&SIMILARITIES);
  for (size_t i = 0; i < COUNT; i++)
    g_assert_cmpfloat(ranks[i], ==, again[i]);
}

static void
test_nothing(void)
{
  Similarities none = {.values = NULL, .count = 0, .stride = 3};
  g_autofree double *ranks = lexrank(&none);
  g_assert_nonnull(ranks);
  g_autoptr(GArray) chosen = lexrank_choose(&none, ranks, 8);
  g_assert_cmpuint(chosen->len, ==, 0);
}

static void
test_choose(void)
{
  static const struct {
    double scores[COUNT];
    size_t max_chosen;
    const char *expected;
  } CASES[] = {
      {{5, 4, 3, 2, 4.9}, 8, "0132"}, /* the last says the first again; the fourth, unlike all, comes before the third */
      {{5, 4, 3, 2, 4.9}, 2, "01"},   /* no more than asked for */
      {{4, 4, 4, 4, 4}, 2, "03"},     /* equals go by their place */
      {{0, 0, 0, 0, 0}, 8, ""},       /* what scores nothing is never chosen */
      {{0, 10, 0.1, 10, 0}, 8, "13"}, /* nor what scores far below the first */
      {{1, 1, 1, 1, 1.5}, 8, "4321"},
  };
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    g_autoptr(GArray) chosen = lexrank_choose(&SIMILARITIES, CASES[i].scores, CASES[i].max_chosen);
    g_autoptr(GString) places = g_string_new(NULL);
    for (guint j = 0; j < chosen->len; j++)
      g_string_append_printf(places, "%zu", g_array_index(chosen, size_t, j));
    g_assert_cmpstr(places->str, ==, CASES[i].expected);
  }
}

/* Sentences of nothing but stop words are similar to none, not even themselves. */
static void
test_choose_unlike(void)
{
  static const double NOTHING[4] = {0};
  Similarities similarities = {.values = NOTHING, .count = 2, .stride = 2};
  static const double SCORES[] = {1, 1};
  g_autoptr(GArray) chosen = lexrank_choose(&similarities, SCORES, 8);
  g_assert_cmpuint(chosen->len, ==, 2);
}

static GPtrArray *
split_documents(const char *const *texts, size_t count)
{
  GPtrArray *documents = g_ptr_array_new_with_free_func((GDestroyNotify) g_ptr_array_unref);
  for (size_t i = 0; i < count; i++) {
    GPtrArray *stems = g_ptr_array_new_with_free_func(g_free);
    g_auto(GStrv) words = g_strsplit(texts[i], " ", -1);
    for (size_t j = 0; words[j] != NULL; j++)
      g_ptr_array_add(stems, g_strdup(words[j]));
    g_ptr_array_add(documents, stems);
  }
  return documents;
}

static void
test_cosines(void)
{
  enum { DOCUMENTS = 5 };
  static const char *const TEXTS[DOCUMENTS] = {"rare common", "rare other", "common other", "rare common", ""};
  g_autoptr(GPtrArray) documents = split_documents(TEXTS, DOCUMENTS - 1);
  g_ptr_array_add(documents, g_ptr_array_new());
  g_autoptr(GError) error = NULL;
  g_autoptr(Background) background = background_new(g_strdup("1000\ncommon\t900\nother\t900\nrare\t2\n"), g_strdup(""), &error);
  g_assert_no_error(error);
  g_autoptr(Vectors) vectors = vectors_new(documents, background);
  g_autofree double *cosines = vectors_cosines(vectors, 2);
  g_assert_cmpfloat_with_epsilon(cosines[0], 1, 1e-9);
  g_assert_cmpfloat_with_epsilon(cosines[3], 1, 1e-9);
  g_assert_cmpfloat(cosines[1], >, 0.9);
  g_assert_cmpfloat(cosines[2], <, 0.1);
  g_assert_cmpfloat(cosines[4], ==, 0);
  g_assert_cmpfloat(cosines[DOCUMENTS], ==, cosines[1]);
  g_autoptr(Vectors) alone = vectors_new(documents, NULL);
  g_autofree double *counted = vectors_cosines(alone, 1);
  g_assert_cmpfloat(counted[1], <, 0.9);
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/lexrank/ranks", test_ranks);
  g_test_add_func("/lexrank/nothing", test_nothing);
  g_test_add_func("/lexrank/choose", test_choose);
  g_test_add_func("/lexrank/choose-unlike", test_choose_unlike);
  g_test_add_func("/lexrank/cosines", test_cosines);
  return g_test_run();
}
