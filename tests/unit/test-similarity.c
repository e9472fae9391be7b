#include "stories/similarity.h"

#include <string.h>

#include "stories/fingerprint.h"

static void
free_fingerprint(gpointer fingerprint)
{
  fingerprint_free(fingerprint);
}

static GPtrArray *
make_fingerprints(const char *const *titles)
{
  GPtrArray *fingerprints = g_ptr_array_new_with_free_func(free_fingerprint);
  for (size_t i = 0; titles[i]; i++) {
    g_autoptr(Item) item = item_new();
    g_free(item->title);
    item->title = g_strdup(titles[i]);
    g_ptr_array_add(fingerprints, fingerprint_new(item));
  }
  return fingerprints;
}

static double
compare(const char *a, const char *b)
{
  g_autoptr(GPtrArray) fingerprints = make_fingerprints((const char *const[]){a, b, NULL});
  g_autoptr(Corpus) corpus = corpus_new(fingerprints);
  g_assert_cmpfloat(corpus_similarity(corpus, 0, 1), ==, corpus_similarity(corpus, 1, 0));
  return corpus_similarity(corpus, 0, 1);
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
      {"Why we migrated from Python to Node.js", "How often does Python allocate?", false},
      {"URLs are state containers", "The state of SIMD in Rust in 2025", false},
      {"Linux kernel 6.12 has been released", "Linux desktop maintainers under pressure", false},
      {"A title", "", false},
      {"", "", false},
  };
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    double similarity = compare(CASES[i].a, CASES[i].b);
    g_test_message("%s | %s: %f", CASES[i].a, CASES[i].b, similarity);
    g_assert_cmpint(similarity >= SIMILARITY_CUT, ==, CASES[i].is_same);
    g_assert_cmpfloat(similarity, <=, 1);
  }
}

static void
test_rare_stems_weigh_more(void)
{
  static const char *const TITLES[] = {"zebra garden",  "zebra house",  "compiler talk", "compiler shop",
                                       "compiler bugs", "compiler zoo", "compiler club", NULL};
  g_autoptr(GPtrArray) fingerprints = make_fingerprints(TITLES);
  g_autoptr(Corpus) corpus = corpus_new(fingerprints);
  double by_common = corpus_similarity(corpus, 2, 3);
  g_assert_cmpfloat(by_common, >, 0);
  g_assert_cmpfloat(corpus_similarity(corpus, 0, 1), >, by_common);
  g_assert_cmpfloat(corpus_similarity(corpus, 1, 2), ==, 0);
}

static void
test_matches_are_all_pairs(void)
{
  static const char *const TITLES[] = {
      "alpha beta gamma", "beta gamma delta", "gamma delta epsilon", "zeta eta theta", "theta alpha kappa", "", "lambda", NULL};
  g_autoptr(GPtrArray) fingerprints = make_fingerprints(TITLES);
  g_autoptr(Corpus) corpus = corpus_new(fingerprints);
  guint found = 0;
  for (guint i = 0; i < fingerprints->len; i++) {
    g_autoptr(GArray) matches = corpus_matches(corpus, i, 1e-6);
    guint at = 0;
    for (guint j = 0; j < fingerprints->len; j++) {
      if (j == i || corpus_similarity(corpus, i, j) <= 0)
        continue;
      g_assert_cmpuint(at, <, matches->len);
      g_assert_cmpuint(g_array_index(matches, Match, at).document, ==, j);
      g_assert_cmpfloat(g_array_index(matches, Match, at).similarity, ==, corpus_similarity(corpus, i, j));
      at++;
    }
    g_assert_cmpuint(at, ==, matches->len);
    found += at;
  }
  g_assert_cmpuint(found, ==, 10);
}

static void
test_common_stems_lead_nowhere(void)
{
  g_autoptr(GPtrArray) fingerprints = g_ptr_array_new_with_free_func(free_fingerprint);
  for (guint i = 0; i < 60; i++) {
    g_autoptr(Item) item = item_new();
    g_free(item->title);
    item->title = g_strdup_printf("linux word%u", i / 2);
    g_ptr_array_add(fingerprints, fingerprint_new(item));
  }
  g_autoptr(Corpus) corpus = corpus_new(fingerprints);
  g_autoptr(GArray) matches = corpus_matches(corpus, 6, 0);
  g_assert_cmpuint(matches->len, ==, 1);
  g_assert_cmpuint(g_array_index(matches, Match, 0).document, ==, 7);
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/similarity/pairs", test_pairs);
  g_test_add_func("/similarity/rare-stems-weigh-more", test_rare_stems_weigh_more);
  g_test_add_func("/similarity/matches-are-all-pairs", test_matches_are_all_pairs);
  g_test_add_func("/similarity/common-stems-lead-nowhere", test_common_stems_lead_nowhere);
  return g_test_run();
}
