#include "shipped-likeness.h"

#include "base/error.h"

#include <math.h>
#include <string.h>

static Background *
make_background(void)
{
  Background *background = background_new(g_strdup("100000\na\t50000\nkernel\t1000\nzebra\t2\n"), g_strdup(""), NULL);
  g_assert_nonnull(background);
  return background;
}

static void
test_weights(void)
{
  g_autoptr(Background) background = make_background();
  g_autoptr(Lexicon) lexicon = lexicon_new(background, NULL, NULL, NULL);
  g_assert_cmpfloat_with_epsilon(lexicon_weigh(lexicon, "a", NULL), log(2) / log(1e5), 1e-6);
  g_assert_cmpfloat_with_epsilon(lexicon_weigh(lexicon, "kernel", "en"), log(100) / log(1e5), 1e-6);
  g_assert_cmpfloat(lexicon_weigh(lexicon, "quokka", NULL), ==, 1);
  /* of other languages nothing is known before they are read */
  g_assert_cmpfloat(lexicon_weigh(lexicon, "zebra", "de"), ==, lexicon_weigh(lexicon, "und", "de"));
}

static void
test_families(void)
{
  g_autoptr(Background) background = make_background();
  g_autoptr(Lexicon) lexicon =
      lexicon_new(background, "# words\nkill killed dead\nquick fast dead\n@ cairo egypt\n", NULL, NULL);
  g_assert_cmpuint(lexicon_family(lexicon, "kill"), ==, lexicon_family(lexicon, "dead"));
  g_assert_cmpuint(lexicon_family(lexicon, "quick"), ==, lexicon_family(lexicon, "fast"));
  g_assert_cmpuint(lexicon_family(lexicon, "quick"), !=, lexicon_family(lexicon, "dead"));
  g_assert_cmpuint(lexicon_family(lexicon, "syria"), ==, lexicon_family(lexicon, "syrian"));
  g_assert_cmpuint(lexicon_family(lexicon, "syria"), !=, lexicon_family(lexicon, "sydney"));
  g_assert_cmpuint(lexicon_family(lexicon, "cairo"), ==, lexicon_family(lexicon, "egypt"));
  g_assert_true(lexicon_is_place(lexicon_family(lexicon, "cairo")));
  g_assert_false(lexicon_is_place(lexicon_family(lexicon, "dead")));
  g_assert_false(lexicon_is_place(lexicon_family(lexicon, "syria")));
  g_assert_cmpuint(lexicon_family(lexicon, "words"), !=, lexicon_family(lexicon, "kill"));
}

/* What is read often weighs less, in this lexicon and in one that continues it. */
static void
test_learning(void)
{
  g_autoptr(Background) background = make_background();
  g_autoptr(Lexicon) lexicon = lexicon_new(background, NULL, NULL, NULL);
  for (int i = 0; i < 100; i++) {
    g_autoptr(GPtrArray) stems = g_ptr_array_new();
    g_ptr_array_add(stems, (char *) "quokka");
    g_ptr_array_add(stems, i == 0 ? (char *) "once" : (char *) "often");
    lexicon_learn(lexicon, stems);
  }
  g_assert_cmpfloat(lexicon_weigh(lexicon, "quokka", NULL), <, 0.5);
  g_autofree char *counts = lexicon_counts(lexicon);
  g_assert_nonnull(strstr(counts, "\"posts\":100"));
  g_assert_null(strstr(counts, "quokka"));
  g_autoptr(Lexicon) next = lexicon_new(background, NULL, counts, NULL);
  g_assert_cmpfloat(lexicon_weigh(next, "quokka", NULL), ==, lexicon_weigh(lexicon, "quokka", NULL));
  g_autoptr(GError) error = NULL;
  g_assert_null(lexicon_new(background, NULL, "{", &error));
  g_assert_cmpint(error->code, ==, ERROR_BAD_DATA);
}

/* One post a run, in as many lexicons as there are runs; and what is no longer said is forgotten. */
static void
test_many_runs(void)
{
  g_autoptr(Background) background = make_background();
  g_autofree char *counts = NULL;
  double began = 0;
  for (int run = 0; run < 300; run++) {
    g_autoptr(Lexicon) lexicon = lexicon_new(background, NULL, counts, NULL);
    began = run == 0 ? lexicon_weigh(lexicon, "quokka", NULL) : began;
    for (int i = 0; i < 10; i++) {
      g_autoptr(GPtrArray) stems = g_ptr_array_new();
      g_ptr_array_add(stems, i == 0 ? (char *) "quokka" : (char *) "zebra");
      lexicon_learn(lexicon, stems);
    }
    g_free(counts);
    counts = lexicon_counts(lexicon);
  }
  g_autoptr(Lexicon) lexicon = lexicon_new(background, NULL, counts, NULL);
  double common = lexicon_weigh(lexicon, "quokka", NULL);
  g_assert_cmpfloat(common, <, began / 2);
  g_autoptr(GPtrArray) nothing = g_ptr_array_new();
  for (int i = 0; i < 100000; i++)
    lexicon_learn(lexicon, nothing);
  g_assert_cmpfloat(lexicon_weigh(lexicon, "quokka", NULL), >, common * 1.5);
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/lexicon/weights", test_weights);
  g_test_add_func("/lexicon/families", test_families);
  g_test_add_func("/lexicon/learning", test_learning);
  g_test_add_func("/lexicon/many-runs", test_many_runs);
  return g_test_run();
}
