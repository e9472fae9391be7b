#include "stories/agglomerate.h"

#include <math.h>

enum { GROUPS = 20 };

static Agglomeration *
make_groups(guint count)
{
  Agglomeration *agglomeration = agglomeration_new();
  for (guint i = 0; i < count; i++)
    agglomeration_add_group(agglomeration, 1);
  return agglomeration;
}

/* A chain: each is like the next, the ends are not alike. Single link would make one group of it. */
static void
test_chain_breaks(void)
{
  g_autoptr(Agglomeration) groups = make_groups(4);
  agglomeration_add_pair(groups, 0, 1, 0.5, false);
  agglomeration_add_pair(groups, 1, 2, 0.4, false);
  agglomeration_add_pair(groups, 2, 3, 0.5, false);
  agglomeration_run(groups, 0.3);
  g_assert_cmpuint(agglomeration_root(groups, 1), ==, 0);
  g_assert_cmpuint(agglomeration_root(groups, 2), ==, 2);
  g_assert_cmpuint(agglomeration_root(groups, 3), ==, 2);
  g_assert_cmpfloat(agglomeration_joined_at(groups, 0), ==, 0.5);
}

static void
test_average_joins(void)
{
  g_autoptr(Agglomeration) groups = make_groups(3);
  agglomeration_add_pair(groups, 0, 1, 0.9, false);
  agglomeration_add_pair(groups, 0, 2, 0.5, false);
  agglomeration_add_pair(groups, 1, 2, 0.2, false);
  agglomeration_run(groups, 0.3);
  g_assert_cmpuint(agglomeration_root(groups, 2), ==, 0);
  g_assert_cmpfloat(agglomeration_joined_at(groups, 1), ==, 0.9);
  g_assert_cmpfloat(agglomeration_joined_at(groups, 2), ==, 0.35);
}

static void
test_ties_go_to_the_smaller(void)
{
  g_autoptr(Agglomeration) groups = make_groups(3);
  agglomeration_add_pair(groups, 1, 2, 0.5, false);
  agglomeration_add_pair(groups, 0, 1, 0.5, false);
  agglomeration_run(groups, 0.3);
  g_assert_cmpuint(agglomeration_root(groups, 1), ==, 0);
  g_assert_cmpuint(agglomeration_root(groups, 2), ==, 2);
}

/* The veto holds against whatever the vetoed post has become part of. */
static void
test_veto_is_inherited(void)
{
  g_autoptr(Agglomeration) groups = make_groups(3);
  agglomeration_add_pair(groups, 0, 1, 0.9, false);
  agglomeration_add_pair(groups, 1, 2, 0.8, false);
  agglomeration_add_pair(groups, 0, 2, 0.8, true);
  agglomeration_run(groups, 0.3);
  g_assert_cmpuint(agglomeration_root(groups, 1), ==, 0);
  g_assert_cmpuint(agglomeration_root(groups, 2), ==, 2);
  g_assert_cmpfloat(agglomeration_joined_at(groups, 2), ==, 0);
}

/* The average of a group of two posts is over both. */
static void
test_posts_of_groups_count(void)
{
  g_autoptr(Agglomeration) groups = agglomeration_new();
  guint first = agglomeration_add_group(groups, 2);
  guint between = agglomeration_add_group(groups, 1);
  guint second = agglomeration_add_group(groups, 3);
  agglomeration_add_pair(groups, first, between, 0.8, false);
  agglomeration_add_pair(groups, first, between, 0.6, false);
  agglomeration_add_pair(groups, between, second, 0.6, false);
  agglomeration_run(groups, 0.3);
  g_assert_cmpuint(agglomeration_root(groups, between), ==, first);
  g_assert_cmpuint(agglomeration_root(groups, second), ==, second);
  g_assert_cmpfloat(agglomeration_joined_at(groups, between), ==, 0.7);
}

/* Always joins the two groups of the highest average, the smallest positions among equals, and looks at all of them for it. */
static void
join_plainly(double similarities[GROUPS][GROUPS], double cut, guint *ret_roots)
{
  double posts[GROUPS];
  for (guint i = 0; i < GROUPS; i++) {
    posts[i] = 1;
    ret_roots[i] = i;
  }
  for (;;) {
    double best = 0;
    guint a = 0;
    guint b = 0;
    for (guint i = 0; i < GROUPS; i++)
      for (guint j = i + 1; j < GROUPS; j++) {
        double average = round(similarities[i][j] / (posts[i] * posts[j]) * 1e6) / 1e6;
        if (posts[i] > 0 && posts[j] > 0 && average > best) {
          best = average;
          a = i;
          b = j;
        }
      }
    if (best < cut)
      return;
    for (guint i = 0; i < GROUPS; i++) {
      similarities[a][i] += similarities[b][i];
      similarities[i][a] += similarities[i][b];
      ret_roots[i] = ret_roots[i] == b ? a : ret_roots[i];
    }
    posts[a] += posts[b];
    posts[b] = 0;
  }
}

static void
test_as_the_definition_says(void)
{
  for (guint32 seed = 1; seed <= 100; seed++) {
    g_test_message("seed %u", seed);
    g_autoptr(GRand) random = g_rand_new_with_seed(seed);
    g_autoptr(Agglomeration) groups = make_groups(GROUPS);
    double similarities[GROUPS][GROUPS] = {0};
    for (guint pairs = 0; pairs < 40; pairs++) {
      guint a = (guint) g_rand_int_range(random, 0, GROUPS);
      guint b = (guint) g_rand_int_range(random, 0, GROUPS);
      double similarity = g_rand_int_range(random, 1, 64) / 64.0;
      if (a == b || similarities[a][b] > 0)
        continue;
      similarities[a][b] = similarities[b][a] = similarity;
      agglomeration_add_pair(groups, a, b, similarity, false);
    }
    guint roots[GROUPS];
    join_plainly(similarities, 0.3, roots);
    agglomeration_run(groups, 0.3);
    for (guint i = 0; i < GROUPS; i++)
      g_assert_cmpuint(agglomeration_root(groups, i), ==, roots[i]);
  }
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/agglomerate/chain-breaks", test_chain_breaks);
  g_test_add_func("/agglomerate/average-joins", test_average_joins);
  g_test_add_func("/agglomerate/ties-go-to-the-smaller", test_ties_go_to_the_smaller);
  g_test_add_func("/agglomerate/veto-is-inherited", test_veto_is_inherited);
  g_test_add_func("/agglomerate/posts-of-groups-count", test_posts_of_groups_count);
  g_test_add_func("/agglomerate/as-the-definition-says", test_as_the_definition_says);
  return g_test_run();
}
