#include "app/eval_measures.h"

#include <math.h>

enum { SAMPLES = 1000, SEED = 20140310 };

static int
compare_scores(const void *a, const void *b)
{
  double first = ((const Prediction *) a)->score;
  double second = ((const Prediction *) b)->score;
  return (first > second) - (first < second);
}

/* Returns: (transfer full): those of weight 1, by score */
static GArray *
take_plain(const GArray *predictions)
{
  GArray *plain = g_array_new(FALSE, FALSE, sizeof(Prediction));
  for (guint i = 0; i < predictions->len; i++) {
    const Prediction *prediction = &g_array_index(predictions, Prediction, i);
    if (prediction->weight == 1)
      g_array_append_val(plain, *prediction);
  }
  g_array_sort(plain, compare_scores);
  return plain;
}

double
measure_auc(const GArray *predictions)
{
  g_autoptr(GArray) plain = take_plain(predictions);
  double positives = 0;
  double rank_sum = 0;
  for (guint i = 0, end = 0; i < plain->len; i = end) {
    double score = g_array_index(plain, Prediction, i).score;
    while (end < plain->len && g_array_index(plain, Prediction, end).score == score)
      end++;
    for (guint j = i; j < end; j++)
      if (g_array_index(plain, Prediction, j).is_positive) {
        positives++;
        rank_sum += (i + 1 + end) / 2.0;
      }
  }
  double negatives = plain->len - positives;
  return positives > 0 && negatives > 0 ? (rank_sum - positives * (positives + 1) / 2) / (positives * negatives) : 0.5;
}

static Rates
make_rates(double found, double right, double positives)
{
  double precision = found > 0 ? right / found : 0;
  double recall = positives > 0 ? right / positives : 0;
  double sum = precision + recall;
  return (Rates){precision, recall, sum > 0 ? 2 * precision * recall / sum : 0};
}

Rates
measure_rates(const GArray *predictions, double cut)
{
  double found = 0;
  double right = 0;
  double positives = 0;
  for (guint i = 0; i < predictions->len; i++) {
    const Prediction *prediction = &g_array_index(predictions, Prediction, i);
    bool is_counted = prediction->weight == 1;
    positives += is_counted && prediction->is_positive;
    found += is_counted && prediction->score >= cut;
    right += is_counted && prediction->score >= cut && prediction->is_positive;
  }
  return make_rates(found, right, positives);
}

double
measure_weighted_precision(const GArray *predictions, double cut)
{
  double found = 0;
  double right = 0;
  for (guint i = 0; i < predictions->len; i++) {
    const Prediction *prediction = &g_array_index(predictions, Prediction, i);
    if (prediction->score < cut)
      continue;
    found += prediction->is_positive ? 1 : prediction->weight;
    right += prediction->is_positive;
  }
  return found > 0 ? right / found : 0;
}

double
measure_best_cut(const GArray *predictions)
{
  g_autoptr(GArray) plain = take_plain(predictions);
  double positives = 0;
  for (guint i = 0; i < plain->len; i++)
    positives += g_array_index(plain, Prediction, i).is_positive;
  double right = 0;
  double best = -1;
  double cut = 1;
  for (guint i = plain->len; i-- > 0;) {
    const Prediction *prediction = &g_array_index(plain, Prediction, i);
    right += prediction->is_positive;
    double below = i > 0 ? g_array_index(plain, Prediction, i - 1).score : 0;
    if (i > 0 && below == prediction->score)
      continue;
    Rates rates = make_rates(plain->len - i, right, positives);
    if (rates.f1 > best) {
      best = rates.f1;
      cut = (prediction->score + below) / 2;
    }
  }
  return cut;
}

static int
compare_values(const void *a, const void *b)
{
  double first = *(const double *) a;
  double second = *(const double *) b;
  return (first > second) - (first < second);
}

Interval
measure_interval(const GArray *predictions, double (*measure)(const GArray *predictions, void *data), void *data)
{
  if (predictions->len == 0)
    return (Interval){0};
  g_autoptr(GRand) random = g_rand_new_with_seed(SEED);
  g_autoptr(GArray) sample = g_array_sized_new(FALSE, FALSE, sizeof(Prediction), predictions->len);
  g_autofree double *values = g_new(double, SAMPLES);
  g_array_set_size(sample, predictions->len);
  for (int i = 0; i < SAMPLES; i++) {
    for (guint j = 0; j < predictions->len; j++)
      g_array_index(sample, Prediction, j) =
          g_array_index(predictions, Prediction, g_rand_int_range(random, 0, (gint32) predictions->len));
    values[i] = measure(sample, data);
  }
  qsort(values, SAMPLES, sizeof *values, compare_values);
  return (Interval){values[SAMPLES / 40], values[SAMPLES - SAMPLES / 40 - 1]};
}
