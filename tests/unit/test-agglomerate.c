#include "stories/agglomerate.h"

#include <math.h>

/* Of two groups in a block no pair is left out. */
enum { POSTS = 21, BLOCK = 3 };

/* How alike posts are, the lower one first. */
typedef struct {
  double likeness[POSTS][POSTS];
} Matrix;

static double
look_up(const void *data, uint32_t a, uint32_t b)
{
  const Matrix *matrix = data;
  g_assert_cmpuint(a, !=, b);
  return matrix->likeness[MIN(a, b)][MAX(a, b)];
}

static Agglomeration *
make_posts(guint count)
{
  Agglomeration *agglomeration = agglomeration_new();
  for (uint32_t i = 0; i < count; i++)
    agglomeration_add_group(agglomeration, &i, 1);
  return agglomeration;
}

/* Ties all that are alike at all. */
static void
run(Agglomeration *groups, const Matrix *matrix, double cut)
{
  for (guint i = 0; i < POSTS; i++)
    for (guint j = i + 1; j < POSTS; j++)
      if (matrix->likeness[i][j] > 0)
        agglomeration_tie(groups, i, j);
  agglomeration_run(groups, look_up, matrix, cut);
}

/* A chain: each is like the next, the ends are not alike. Single link would make one group of it. */
static void
test_chain_breaks(void)
{
  const Matrix matrix = {{[0][1] = 0.5, [1][2] = 0.4, [2][3] = 0.5}};
  g_autoptr(Agglomeration) groups = make_posts(POSTS);
  run(groups, &matrix, 0.3);
  g_assert_cmpuint(agglomeration_root(groups, 1), ==, 0);
  g_assert_cmpuint(agglomeration_root(groups, 2), ==, 2);
  g_assert_cmpuint(agglomeration_root(groups, 3), ==, 2);
  g_assert_cmpfloat(agglomeration_joined_at(groups, 0), ==, 0.5);
}

static void
test_average_joins(void)
{
  const Matrix matrix = {{[0][1] = 0.9, [0][2] = 0.5, [1][2] = 0.2}};
  g_autoptr(Agglomeration) groups = make_posts(POSTS);
  run(groups, &matrix, 0.3);
  g_assert_cmpuint(agglomeration_root(groups, 2), ==, 0);
  g_assert_cmpfloat(agglomeration_joined_at(groups, 1), ==, 0.9);
  g_assert_cmpfloat(agglomeration_joined_at(groups, 2), ==, 0.35);
}

static void
test_ties_go_to_the_smaller(void)
{
  const Matrix matrix = {{[1][2] = 0.5, [0][1] = 0.5}};
  g_autoptr(Agglomeration) groups = make_posts(POSTS);
  run(groups, &matrix, 0.3);
  g_assert_cmpuint(agglomeration_root(groups, 1), ==, 0);
  g_assert_cmpuint(agglomeration_root(groups, 2), ==, 2);
}

/* However alike, what is not tied does not become one. */
static void
test_only_ties_join(void)
{
  const Matrix matrix = {{[0][1] = 0.9, [1][2] = 0.9, [0][2] = 0.9}};
  g_autoptr(Agglomeration) groups = make_posts(3);
  agglomeration_tie(groups, 2, 1);
  agglomeration_run(groups, look_up, &matrix, 0.3);
  g_assert_cmpuint(agglomeration_root(groups, 1), ==, 1);
  g_assert_cmpuint(agglomeration_root(groups, 2), ==, 1);
}

/* A veto, of two posts or said of two groups, holds against whatever they have become part of. */
static void
test_veto_is_inherited(void)
{
  for (int is_said = 0; is_said < 2; is_said++) {
    Matrix matrix = {{[0][1] = 0.9, [1][2] = 0.8, [0][2] = is_said ? 0.8 : -1}};
    g_autoptr(Agglomeration) groups = make_posts(POSTS);
    if (is_said)
      agglomeration_part(groups, 2, 0);
    run(groups, &matrix, 0.3);
    g_assert_cmpuint(agglomeration_root(groups, 1), ==, 0);
    g_assert_cmpuint(agglomeration_root(groups, 2), ==, 2);
    g_assert_cmpfloat(agglomeration_joined_at(groups, 2), ==, 0);
  }
}

/* The average of a group of two posts is over both; a group without posts joins nobody. */
static void
test_posts_of_groups_count(void)
{
  static const uint32_t FIRST[] = {0, 1};
  static const uint32_t SECOND[] = {3, 4, 5};
  static const uint32_t BETWEEN = 2;
  const Matrix matrix = {{[0][2] = 0.8, [1][2] = 0.6, [2][3] = 0.6}};
  g_autoptr(Agglomeration) groups = agglomeration_new();
  guint first = agglomeration_add_group(groups, FIRST, G_N_ELEMENTS(FIRST));
  guint between = agglomeration_add_group(groups, &BETWEEN, 1);
  guint second = agglomeration_add_group(groups, SECOND, G_N_ELEMENTS(SECOND));
  guint nobody = agglomeration_add_group(groups, NULL, 0);
  agglomeration_tie(groups, first, between);
  agglomeration_tie(groups, between, second);
  agglomeration_tie(groups, second, nobody);
  agglomeration_run(groups, look_up, &matrix, 0.3);
  g_assert_cmpuint(agglomeration_root(groups, between), ==, first);
  g_assert_cmpuint(agglomeration_root(groups, second), ==, second);
  g_assert_cmpuint(agglomeration_root(groups, nobody), ==, nobody);
  g_assert_cmpfloat(agglomeration_joined_at(groups, between), ==, 0.7);
}

/* Of a large group the first, the last and three between speak; but for the one that is least alike. */
static void
test_a_sample_speaks(void)
{
  enum { MANY = 20, LAST = MANY };
  static const guint SAMPLE[] = {0, 4, 9, 14, 19};
  static const uint32_t OTHER = LAST;
  uint32_t many[MANY];
  Matrix matrix = {0};
  for (uint32_t i = 0; i < MANY; i++)
    many[i] = i;
  for (guint i = 0; i < G_N_ELEMENTS(SAMPLE); i++)
    matrix.likeness[SAMPLE[i]][LAST] = i == 2 ? 0.1 : 0.5;
  g_autoptr(Agglomeration) groups = agglomeration_new();
  agglomeration_add_group(groups, many, MANY);
  agglomeration_add_group(groups, &OTHER, 1);
  agglomeration_tie(groups, 0, 1);
  agglomeration_run(groups, look_up, &matrix, 0.3);
  g_assert_cmpfloat(agglomeration_joined_at(groups, 1), ==, 0.5);
}

/* Always joins the two groups of the highest average, the smallest positions among equals, and looks at all of them for it. */
static void
join_plainly(const Matrix *matrix, double cut, guint *ret_roots)
{
  for (guint i = 0; i < POSTS; i++)
    ret_roots[i] = i;
  for (;;) {
    double best = 0;
    guint best_a = 0;
    guint best_b = 0;
    for (guint a = 0; a < POSTS; a++)
      for (guint b = a + 1; b < POSTS; b++) {
        double total = 0;
        double pairs = 0;
        for (guint i = 0; i < POSTS; i++)
          for (guint j = 0; j < POSTS; j++) {
            bool counts = ret_roots[i] == a && ret_roots[j] == b;
            total += counts ? matrix->likeness[MIN(i, j)][MAX(i, j)] : 0;
            pairs += counts;
          }
        double average = pairs > 0 ? round(total / pairs * 1e6) / 1e6 : 0;
        if (average > best) {
          best = average;
          best_a = a;
          best_b = b;
        }
      }
    if (best < cut)
      return;
    for (guint i = 0; i < POSTS; i++)
      ret_roots[i] = ret_roots[i] == best_b ? best_a : ret_roots[i];
  }
}

/* In groups that speak with all their posts and pairs. */
static void
test_agrees_with_the_plain_way(void)
{
  guint joined = 0;
  g_autoptr(GRand) random = g_rand_new_with_seed(7);
  for (int trial = 0; trial < 300; trial++) {
    Matrix matrix = {0};
    for (guint i = 0; i < POSTS; i++)
      for (guint j = i + 1; j < POSTS; j++)
        if (i / BLOCK == j / BLOCK)
          matrix.likeness[i][j] = g_rand_int_range(random, 0, 10) / 10.0;
    guint roots[POSTS];
    join_plainly(&matrix, 0.3, roots);
    g_autoptr(Agglomeration) groups = make_posts(POSTS);
    run(groups, &matrix, 0.3);
    for (guint i = 0; i < POSTS; i++) {
      g_assert_cmpuint(agglomeration_root(groups, i), ==, roots[i]);
      joined += roots[i] != i;
    }
  }
  g_assert_cmpuint(joined, >, 500);
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/agglomerate/chain-breaks", test_chain_breaks);
  g_test_add_func("/agglomerate/average-joins", test_average_joins);
  g_test_add_func("/agglomerate/ties-go-to-the-smaller", test_ties_go_to_the_smaller);
  g_test_add_func("/agglomerate/only-ties-join", test_only_ties_join);
  g_test_add_func("/agglomerate/veto-is-inherited", test_veto_is_inherited);
  g_test_add_func("/agglomerate/posts-of-groups-count", test_posts_of_groups_count);
  g_test_add_func("/agglomerate/a-sample-speaks", test_a_sample_speaks);
  g_test_add_func("/agglomerate/agrees-with-the-plain-way", test_agrees_with_the_plain_way);
  return g_test_run();
}
