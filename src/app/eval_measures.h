/*
 * Figures of predictions: how well probabilities tell what is so from what is not. Pure.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>

/** Prediction: @score: higher for more probable; @weight: how many cases like it there are; @row: which case it was */
typedef struct {
  double score;
  double weight;
  bool is_positive;
  unsigned row;
} Prediction;

/** Rates: of what a cut finds. */
typedef struct {
  double precision;
  double recall;
  double f1;
} Rates;

/** measure_auc: the chance that a positive of weight 1 has a higher score than such a negative; 0.5 where there are none of one
 * kind. @predictions: (element-type Prediction), for all functions here */
double measure_auc(const GArray *predictions);

/** measure_rates: of those of weight 1, from @cut on. */
Rates measure_rates(const GArray *predictions, double cut);

/** measure_weighted_precision: of all, positives at weight 1, from @cut on. */
double measure_weighted_precision(const GArray *predictions, double cut);

/** measure_best_cut: the highest F1 among those of weight 1; of several the middle between the two scores around it. Returns:
 * the cut */
double measure_best_cut(const GArray *predictions);

/** Interval: 95 % of the values that other samples of the same size would have given. */
typedef struct {
  double low;
  double high;
} Interval;

/** measure_interval: by bootstrap, 1,000 samples of which the seed is fixed. @measure: of a sample; @data: handed to it.
 * Returns: zeros for none */
Interval measure_interval(const GArray *predictions, double (*measure)(const GArray *predictions, void *data), void *data);
