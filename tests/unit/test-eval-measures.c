#include "app/eval_measures.h"

/* @rows: of (score, weight, is_positive), ended by a weight of 0. Returns: (transfer full) */
typedef struct {
  double score;
  double weight;
  bool is_positive;
} Row;

static GArray *
make_predictions(const Row *rows)
{
  GArray *predictions = g_array_new(FALSE, FALSE, sizeof(Prediction));
  for (unsigned i = 0; rows[i].weight > 0; i++) {
    const Prediction prediction = {
        .score = rows[i].score, .weight = rows[i].weight, .is_positive = rows[i].is_positive, .row = i};
    g_array_append_val(predictions, prediction);
  }
  return predictions;
}

static void
test_auc(void)
{
  static const struct {
    Row rows[6];
    double auc;
  } CASES[] = {
      {{{0}}, 0.5},
      {{{0.9, 1, true}}, 0.5},
      {{{0.9, 1, true}, {0.1, 1, false}}, 1},
      {{{0.1, 1, true}, {0.9, 1, false}}, 0},
      {{{0.5, 1, true}, {0.5, 1, false}}, 0.5},
      /* of the four comparisons the positive wins three and a half */
      {{{0.9, 1, true}, {0.5, 1, true}, {0.5, 1, false}, {0.1, 1, false}}, 3.5 / 4},
      /* what stands for others is left out */
      {{{0.9, 1, true}, {0.1, 1, false}, {1, 35, false}, {0, 35, true}}, 1},
  };
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    g_autoptr(GArray) predictions = make_predictions(CASES[i].rows);
    g_assert_cmpfloat_with_epsilon(measure_auc(predictions), CASES[i].auc, 1e-12);
  }
}

static void
test_rates(void)
{
  static const Row ROWS[] = {{0.9, 1, true},  {0.8, 1, false}, {0.7, 1, true},  {0.6, 10, false},
                             {0.5, 10, true}, {0.2, 1, true},  {0.1, 1, false}, {0}};
  static const struct {
    double cut;
    double precision;
    double recall;
    double weighted_precision;
  } CASES[] = {
      {0.95, 0, 0, 0},           {0.9, 1, 1.0 / 3, 1}, {0.7, 2.0 / 3, 2.0 / 3, 2.0 / 3}, {0.5, 2.0 / 3, 2.0 / 3, 3.0 / 14},
      {0, 3.0 / 5, 1, 4.0 / 16},
  };
  g_autoptr(GArray) predictions = make_predictions(ROWS);
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    Rates rates = measure_rates(predictions, CASES[i].cut);
    double sum = CASES[i].precision + CASES[i].recall;
    g_assert_cmpfloat_with_epsilon(rates.precision, CASES[i].precision, 1e-12);
    g_assert_cmpfloat_with_epsilon(rates.recall, CASES[i].recall, 1e-12);
    g_assert_cmpfloat_with_epsilon(rates.f1, sum > 0 ? 2 * CASES[i].precision * CASES[i].recall / sum : 0, 1e-12);
    g_assert_cmpfloat_with_epsilon(measure_weighted_precision(predictions, CASES[i].cut), CASES[i].weighted_precision, 1e-12);
  }
}

static void
test_best_cut(void)
{
  static const struct {
    Row rows[6];
    double cut;
  } CASES[] = {
      {{{0.9, 1, true}, {0.8, 1, true}, {0.4, 1, false}}, 0.6},
      /* equal scores are found together or not at all */
      {{{0.9, 1, true}, {0.5, 1, true}, {0.5, 1, true}, {0.5, 1, false}, {0.1, 1, false}}, 0.3},
      {{{0.9, 1, false}, {0.2, 1, true}}, 0.1},
  };
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    g_autoptr(GArray) predictions = make_predictions(CASES[i].rows);
    g_assert_cmpfloat_with_epsilon(measure_best_cut(predictions), CASES[i].cut, 1e-12);
  }
}

static double
mean_of(const GArray *predictions, void *data)
{
  double sum = 0;
  (void) data;
  for (guint i = 0; i < predictions->len; i++)
    sum += g_array_index(predictions, Prediction, i).score;
  return sum / predictions->len;
}

/* The interval of a mean is that of its normal distribution, and the same each time. */
static void
test_interval(void)
{
  enum { COUNT = 400 };
  g_autoptr(GArray) predictions = g_array_new(FALSE, FALSE, sizeof(Prediction));
  for (unsigned i = 0; i < COUNT; i++) {
    const Prediction prediction = {.score = i % 2, .weight = 1, .row = i};
    g_array_append_val(predictions, prediction);
  }
  Interval interval = measure_interval(predictions, mean_of, NULL);
  Interval again = measure_interval(predictions, mean_of, NULL);
  g_assert_cmpfloat_with_epsilon(interval.low, 0.5 - 1.96 * 0.5 / 20, 0.01);
  g_assert_cmpfloat_with_epsilon(interval.high, 0.5 + 1.96 * 0.5 / 20, 0.01);
  g_assert_cmpfloat(interval.low, ==, again.low);
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/eval-measures/auc", test_auc);
  g_test_add_func("/eval-measures/rates", test_rates);
  g_test_add_func("/eval-measures/best-cut", test_best_cut);
  g_test_add_func("/eval-measures/interval", test_interval);
  return g_test_run();
}
