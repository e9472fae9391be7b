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
  for (size_t i = 0; titles[i] != NULL; i++) {
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

static double
compare_posts(const char *const *sources, const char *const *texts)
{
  g_autoptr(GPtrArray) fingerprints = g_ptr_array_new_with_free_func(free_fingerprint);
  for (guint i = 0; i < 2; i++) {
    g_autoptr(Item) item = item_new();
    g_free(item->source);
    item->source = g_strdup(sources[i]);
    g_free(item->title);
    item->title = g_strdup("Why your build only uses half the cores");
    g_free(item->text);
    item->text = g_strdup(texts[i]);
    g_ptr_array_add(fingerprints, fingerprint_new(item));
  }
  g_autoptr(Corpus) corpus = corpus_new(fingerprints);
  return corpus_similarity(corpus, 0, 1);
}

/* A long text beside one title and none beside the other: the whole posts have little in common. */
static void
test_heads_are_compared_across_sources(void)
{
  g_autoptr(GString) text = g_string_new(NULL);
  for (guint i = 0; i < 80; i++)
    g_string_append_printf(text, "word%u ", i);
  const char *const texts[] = {"", text->str};
  static const char *const TWO[] = {"hackernews", "feed:e"};
  static const char *const ONE[] = {"feed:e", "feed:e"};
  g_assert_cmpfloat(compare_posts(TWO, texts), >, SIMILARITY_CUT);
  g_assert_cmpfloat(compare_posts(ONE, texts), <, SIMILARITY_CUT);
}

static bool
is_candidate(const Corpus *corpus, guint document, guint other)
{
  g_autoptr(GArray) candidates = corpus_candidates(corpus, document);
  for (guint i = 0; i < candidates->len; i++)
    if (g_array_index(candidates, guint, i) == other)
      return true;
  return false;
}

static void
test_candidates_are_all_pairs(void)
{
  static const char *const TITLES[] = {
      "alpha beta gamma", "beta gamma delta", "gamma delta epsilon", "zeta eta theta", "theta alpha kappa", "", "lambda", NULL};
  g_autoptr(GPtrArray) fingerprints = make_fingerprints(TITLES);
  g_autoptr(Corpus) corpus = corpus_new(fingerprints);
  guint found = 0;
  for (guint i = 0; i < fingerprints->len; i++)
    for (guint j = 0; j < fingerprints->len; j++) {
      bool is_alike = i != j && corpus_similarity(corpus, i, j) > 0;
      g_assert_cmpint(is_candidate(corpus, i, j), ==, is_alike);
      found += is_alike;
    }
  g_assert_cmpuint(found, ==, 10);
}

static void
test_common_stems_lead_nowhere(void)
{
  g_autoptr(GPtrArray) fingerprints = g_ptr_array_new_with_free_func(free_fingerprint);
  for (guint i = 0; i < 300; i++) {
    g_autoptr(Item) item = item_new();
    g_free(item->title);
    item->title = g_strdup_printf("linux word%u", i / 2);
    g_ptr_array_add(fingerprints, fingerprint_new(item));
  }
  g_autoptr(Corpus) corpus = corpus_new(fingerprints);
  g_autoptr(GArray) candidates = corpus_candidates(corpus, 6);
  g_assert_cmpuint(candidates->len, ==, 1);
  g_assert_cmpuint(g_array_index(candidates, guint, 0), ==, 7);
}

/* "zebra" is what leads from the first post, and not what leads from the one that also says "apple". */
static void
test_one_lead_is_enough(void)
{
  g_autoptr(GPtrArray) fingerprints = g_ptr_array_new_with_free_func(free_fingerprint);
  for (guint i = 0; i < 160; i++) {
    g_autoptr(Item) item = item_new();
    g_free(item->title);
    item->title = i == 0   ? g_strdup("zebra garden")
                  : i < 80 ? g_strdup("zebra")
                           : g_strdup_printf("garden apple%s", i == 80 ? " pear zebra" : "");
    g_ptr_array_add(fingerprints, fingerprint_new(item));
  }
  g_autoptr(Corpus) corpus = corpus_new(fingerprints);
  g_assert_true(is_candidate(corpus, 0, 80));
  g_assert_true(is_candidate(corpus, 80, 0));
  g_assert_false(is_candidate(corpus, 0, 100));
  g_assert_false(is_candidate(corpus, 100, 0));
}

/* A small vocabulary: every post shares words with hundreds of others. */
static void
test_candidates_do_not_grow_with_the_posts(void)
{
  static const guint POSTS = 4000;
  g_autoptr(GRand) random = g_rand_new_with_seed(5);
  g_autoptr(GPtrArray) fingerprints = g_ptr_array_new_with_free_func(free_fingerprint);
  for (guint i = 0; i < POSTS; i++) {
    g_autoptr(Item) item = item_new();
    g_autoptr(GString) title = g_string_new(NULL);
    for (guint words = 0; words < 5; words++)
      g_string_append_printf(title, "word%d ", g_rand_int_range(random, 0, 250));
    g_free(item->title);
    item->title = g_strdup(title->str);
    g_ptr_array_add(fingerprints, fingerprint_new(item));
  }
  g_autoptr(Corpus) corpus = corpus_new(fingerprints);
  guint candidates = 0;
  for (guint i = 0; i < POSTS; i++) {
    g_autoptr(GArray) found = corpus_candidates(corpus, i);
    candidates += found->len;
  }
  g_test_message("%u candidates", candidates);
  g_assert_cmpuint(candidates, >, POSTS);
  g_assert_cmpuint(candidates, <=, 2 * 100 * POSTS);
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/similarity/pairs", test_pairs);
  g_test_add_func("/similarity/rare-stems-weigh-more", test_rare_stems_weigh_more);
  g_test_add_func("/similarity/heads-are-compared-across-sources", test_heads_are_compared_across_sources);
  g_test_add_func("/similarity/candidates-are-all-pairs", test_candidates_are_all_pairs);
  g_test_add_func("/similarity/one-lead-is-enough", test_one_lead_is_enough);
  g_test_add_func("/similarity/candidates-do-not-grow-with-the-posts", test_candidates_do_not_grow_with_the_posts);
  g_test_add_func("/similarity/common-stems-lead-nowhere", test_common_stems_lead_nowhere);
  return g_test_run();
}
