/*
 * Labelled data and the figures that are told of it.
 */
#pragma once

#include <glib.h>
#include <jansson.h>
#include <stdbool.h>

/** Prediction: @score predicted, @is_positive: the label. */
typedef struct {
  double score;
  bool is_positive;
} Prediction;

/** labelled_read: the JSON objects of $COURANT_SHARED/data/@name, one a line. Returns: (transfer full) (element-type json_t)
 * (nullable). Errors: CONFIG when COURANT_SHARED is not set, IO, BAD_DATA */
GPtrArray *labelled_read(const char *name, GError **error);

/** labelled_auc: the chance that a positive has a higher score than a negative. @predictions (element-type Prediction) are
 * sorted by it. */
double labelled_auc(GArray *predictions);

/** labelled_print_cuts: one line a cut, from @first_percent to @last_percent: precision, recall, F1. */
void labelled_print_cuts(const GArray *predictions, int first_percent, int last_percent);
