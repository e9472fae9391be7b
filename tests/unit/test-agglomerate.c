#include "stories/agglomerate.h"

static Agglomeration *
make_groups(guint count)
{
  Agglomeration *agglomeration = agglomeration_new();
  for (guint i = 0; i < count; i++)
    agglomeration_add_group(agglomeration, 1, false);
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

static void
test_fixed_groups_stay_apart(void)
{
  g_autoptr(Agglomeration) groups = agglomeration_new();
  guint first = agglomeration_add_group(groups, 2, true);
  guint between = agglomeration_add_group(groups, 1, false);
  guint second = agglomeration_add_group(groups, 1, true);
  agglomeration_add_pair(groups, first, between, 0.8, false);
  agglomeration_add_pair(groups, first, between, 0.6, false);
  agglomeration_add_pair(groups, between, second, 0.6, false);
  agglomeration_add_pair(groups, first, second, 0.9, false);
  agglomeration_add_pair(groups, first, second, 0.9, false);
  agglomeration_run(groups, 0.3);
  g_assert_cmpuint(agglomeration_root(groups, between), ==, first);
  g_assert_cmpuint(agglomeration_root(groups, second), ==, second);
  g_assert_cmpfloat(agglomeration_joined_at(groups, between), ==, 0.7);
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/agglomerate/chain-breaks", test_chain_breaks);
  g_test_add_func("/agglomerate/average-joins", test_average_joins);
  g_test_add_func("/agglomerate/ties-go-to-the-smaller", test_ties_go_to_the_smaller);
  g_test_add_func("/agglomerate/veto-is-inherited", test_veto_is_inherited);
  g_test_add_func("/agglomerate/fixed-groups-stay-apart", test_fixed_groups_stay_apart);
  return g_test_run();
}
