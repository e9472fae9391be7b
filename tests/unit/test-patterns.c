#include "stories/patterns.h"

#include "cluster-world.h"

static PatternSet
hold(const Patterns *patterns, const char *title)
{
  g_autoptr(Fingerprint) fingerprint = print_title(title);
  return patterns_hold(patterns, fingerprint);
}

static void
open(Patterns *patterns, const char *a, const char *b)
{
  g_autoptr(Fingerprint) first = print_title(a);
  g_autoptr(Fingerprint) second = print_title(b);
  patterns_open(patterns, first, second, 0, 1);
}

static void
teach(Patterns *patterns, const char *a, const char *b, bool is_same, unsigned weight)
{
  PatternSet first = hold(patterns, a);
  PatternSet second = hold(patterns, b);
  patterns_teach(patterns, &first, &second, is_same, weight);
}

static const Pattern *
strongest(const Patterns *patterns, const char *a, const char *b)
{
  PatternSet first = hold(patterns, a);
  PatternSet second = hold(patterns, b);
  return patterns_strongest(patterns, &first, &second);
}

static const char KESTREL[] = "Kestrel telescope spots a comet";
static const char COMET[] = "A comet, seen by the Kestrel telescope";

static void
test_opening(void)
{
  g_autoptr(Patterns) patterns = patterns_new();
  open(patterns, "Apples", "Pears");
  g_assert_cmpuint(patterns_count(patterns), ==, 0);
  g_test_message("one rare stem is not enough");
  open(patterns, "Kestrel", "Kestrel");
  g_assert_cmpuint(patterns_count(patterns), ==, 0);
  g_test_message("common ones are not either");
  open(patterns, "What is new this year", "What is new this year");
  g_assert_cmpuint(patterns_count(patterns), ==, 0);
  open(patterns, KESTREL, COMET);
  open(patterns, COMET, KESTREL);
  g_assert_cmpuint(patterns_count(patterns), ==, 1);
  g_assert_cmpuint(patterns_get(patterns, 0)->key_count, ==, 3);
  for (int i = 0; i < PATTERNS_MAX + 5; i++) {
    g_autofree char *title = g_strdup_printf("xq%c%c%c zz%c%c%c", 'a' + i % 26, 'a' + i / 26 % 26, 'a' + i / 676, 'a' + i % 26,
                                             'a' + i / 26 % 26, 'a' + i / 676);
    open(patterns, title, title);
  }
  g_assert_cmpuint(patterns_count(patterns), ==, PATTERNS_MAX);
}

static void
test_confidence(void)
{
  static const struct {
    unsigned same;
    unsigned different;
    double confidence;
    double shift;
  } ROWS[] = {{0, 0, 0.5, 0},    {1, 0, 2.0 / 3, 1.0 / 3}, {3, 0, 0.8, 0.6},       {3, 3, 0.5, 0},
              {0, 3, 0.2, -0.6}, {3, 1, 4.0 / 6, 1.0 / 3}, {1000000, 0, 1.0, 1.0}, {0, 1000000, 0.0, -1.0}};
  for (size_t i = 0; i < G_N_ELEMENTS(ROWS); i++) {
    const Pattern pattern = {.same = ROWS[i].same, .different = ROWS[i].different};
    g_assert_cmpfloat_with_epsilon(pattern_confidence(&pattern), ROWS[i].confidence, 1e-5);
    g_assert_cmpfloat_with_epsilon(pattern_shift(&pattern), ROWS[i].shift, 1e-5);
  }
}

static void
test_teaching(void)
{
  g_autoptr(Patterns) patterns = patterns_new();
  open(patterns, KESTREL, COMET);
  teach(patterns, KESTREL, COMET, true, 3);
  g_test_message("it speaks of posts that hold all of its stems, and of no others");
  const Pattern *found = strongest(patterns, "Comet photographed: what Kestrel's telescope saw", COMET);
  g_assert_nonnull(found);
  g_assert_cmpfloat_with_epsilon(pattern_shift(found), 0.6, 1e-9);
  g_assert_null(strongest(patterns, "Kestrel buys a telescope", COMET));
  g_test_message("what is contradicted counts less");
  teach(patterns, KESTREL, "Kestrel telescope misses the comet", false, 3);
  g_assert_cmpfloat(pattern_shift(strongest(patterns, KESTREL, COMET)), ==, 0);
  g_test_message("of two the one that shifts more decides");
  open(patterns, "Kestrel observatory comet", "Observatory Kestrel, comet");
  teach(patterns, "Kestrel observatory comet", "Observatory Kestrel, comet", false, 1);
  static const char BOTH[] = "Kestrel observatory telescope comet";
  g_assert_cmpfloat_with_epsilon(pattern_shift(strongest(patterns, BOTH, BOTH)), -1.0 / 3, 1e-9);
}

/* ---- in a grouping */

static const char FIRST[] = "Falcon, a tiny compiler for spreadsheets";
static const char SECOND[] = "Walnut, a tiny compiler for spreadsheets";
static const char THIRD[] = "A debugger for spreadsheets and the tiny compiler that feeds it";

/* Returns: the shipped model, its cut so far above the likeness of FIRST and THIRD */
static LikenessModel
model_above(double distance)
{
  g_autoptr(Fingerprint) first = print_title(FIRST);
  g_autoptr(Fingerprint) third = print_title(THIRD);
  double values[LIKENESS_COUNT];
  likeness_measure(first, third, values);
  LikenessModel model = *shipped_model();
  model.cut = likeness_probability(&model, values) + distance;
  return model;
}

typedef enum { SAID_NOTHING, SAID_SAME, SAID_DIFFERENT } Said;

/* FIRST and SECOND, and THIRD, which shares with FIRST what both share. */
static ClusterOutcome
cluster_three(const LikenessModel *model, const char *link, Said said)
{
  g_auto(World) world = make_world();
  world.model = model;
  give(&world, (Given){.id = "1", .title = FIRST, .url = link, .hours = 3});
  give(&world, (Given){.id = "2", .title = SECOND, .url = link, .source = "reddit", .hours = 2});
  give(&world, (Given){.id = "3", .title = THIRD, .hours = 1});
  if (said != SAID_NOTHING)
    say(&world, "1", "2", said == SAID_SAME);
  return cluster(&world);
}

/* What people part, though it reads alike, parts others that are as alike. */
static void
test_parting(void)
{
  const LikenessModel model = model_above(-0.02);
  g_auto(ClusterOutcome) plain = cluster_three(&model, NULL, SAID_NOTHING);
  g_assert_true(are_together(plain.memberships, "1", "3"));
  g_assert_cmpuint(plain.learned->len, ==, 0);
  g_auto(ClusterOutcome) taught = cluster_three(&model, NULL, SAID_DIFFERENT);
  const Membership *third = find(taught.memberships, "3");
  g_assert_cmpstr(third->rule, ==, "founded");
  g_assert_cmpstr(third->veto, ==, "learned");
  g_assert_cmpstr(third->apart, ==, "1");
  g_assert_nonnull(third->learned);
  g_assert_cmpstr(third->learned->item_a, ==, "1");
  g_assert_cmpstr(third->learned->item_b, ==, "2");
  g_assert_cmpfloat_with_epsilon(third->learned->shift, -0.6, 1e-9);
  g_assert_cmpuint(third->learned->pairs, >, 0);
}

/* What is one story, though it does not read alike, brings others together; a person's word more than a link. */
static void
test_joining(void)
{
  LikenessModel model = model_above(0.02);
  model.cut = MAX(model.cut, 0.9);
  g_auto(ClusterOutcome) plain = cluster_three(&model, NULL, SAID_NOTHING);
  g_assert_false(are_together(plain.memberships, "1", "2"));
  g_auto(ClusterOutcome) linked = cluster_three(&model, "https://e.org/x", SAID_NOTHING);
  g_auto(ClusterOutcome) said = cluster_three(&model, NULL, SAID_SAME);
  g_assert_cmpuint(linked.learned->len, ==, 1);
  g_assert_cmpuint(said.learned->len, ==, 1);
  const Learned *little = linked.learned->pdata[0];
  const Learned *more = said.learned->pdata[0];
  g_assert_cmpfloat_with_epsilon(little->shift, 1.0 / 3, 1e-9);
  g_assert_cmpfloat_with_epsilon(more->shift, 0.6, 1e-9);
  g_assert_cmpuint(more->pairs, >, 0);
  g_test_message("what text tells alike already teaches nothing");
  model.cut = 0.01;
  g_auto(ClusterOutcome) alike = cluster_three(&model, NULL, SAID_SAME);
  g_assert_cmpuint(alike.learned->len, ==, 0);
}

/* Copies of one title, however many sources link the page, are no second lesson. */
static void
test_repeats(void)
{
  LikenessModel model = *shipped_model();
  model.cut = 0.9;
  g_auto(World) world = make_world();
  world.model = &model;
  give(&world, (Given){.id = "0", .title = FIRST, .url = "https://e.org/x"});
  for (int i = 1; i < 6; i++) {
    g_autofree char *id = g_strdup_printf("%d", i);
    g_autofree char *source = g_strdup_printf("feed:%d", i);
    give(&world, (Given){.id = id, .source = source, .title = SECOND, .url = "https://e.org/x"});
  }
  g_auto(ClusterOutcome) outcome = cluster(&world);
  g_assert_cmpuint(outcome.learned->len, ==, 1);
  const Learned *learned = outcome.learned->pdata[0];
  g_assert_cmpfloat_with_epsilon(learned->shift, 1.0 / 3, 1e-9);
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/patterns/opening", test_opening);
  g_test_add_func("/patterns/confidence", test_confidence);
  g_test_add_func("/patterns/teaching", test_teaching);
  g_test_add_func("/patterns/joining", test_joining);
  g_test_add_func("/patterns/repeats", test_repeats);
  g_test_add_func("/patterns/parting", test_parting);
  return g_test_run();
}
