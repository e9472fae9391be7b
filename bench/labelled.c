#include "labelled.h"

#include <stdio.h>

#include "base/error.h"
#include "base/json.h"
#include "os/file.h"

enum { MAX_BYTES = 16 * 1024 * 1024 };

static void
free_json(gpointer value)
{
  json_decref(value);
}

GPtrArray *
labelled_read(const char *name, GError **error)
{
  const char *shared = g_getenv("COURANT_SHARED");
  if (shared == NULL) {
    error_set(error, ERROR_CONFIG, "COURANT_SHARED is not set: it names the folder with the labelled data");
    return NULL;
  }
  g_autofree char *path = g_build_filename(shared, "data", name, NULL);
  size_t length = 0;
  g_autofree char *bytes = file_read(path, MAX_BYTES, &length, error);
  if (bytes == NULL)
    return NULL;

  g_autoptr(GPtrArray) rows = g_ptr_array_new_with_free_func(free_json);
  g_auto(GStrv) lines = g_strsplit(bytes, "\n", -1);
  for (size_t i = 0; lines[i]; i++) {
    if (lines[i][0] == '\0')
      continue;
    json_t *row = json_parse(lines[i], strlen(lines[i]), NULL, error);
    if (row == NULL) {
      g_prefix_error(error, "%s: line %zu: ", path, i + 1);
      return NULL;
    }
    g_ptr_array_add(rows, row);
  }
  return g_steal_pointer(&rows);
}

static int
compare_predictions(const void *a, const void *b)
{
  double first = ((const Prediction *) a)->score;
  double second = ((const Prediction *) b)->score;
  return (first > second) - (first < second);
}

double
labelled_auc(GArray *predictions)
{
  g_array_sort(predictions, compare_predictions);
  double positives = 0;
  double rank_sum = 0;
  for (guint i = 0, end = 0; i < predictions->len; i = end) {
    double score = g_array_index(predictions, Prediction, i).score;
    double tied_positives = 0;
    for (end = i; end < predictions->len && g_array_index(predictions, Prediction, end).score <= score; end++)
      tied_positives += g_array_index(predictions, Prediction, end).is_positive;
    rank_sum += tied_positives * (i + end + 1) / 2.0;
    positives += tied_positives;
  }
  return (rank_sum - positives * (positives + 1) / 2) / (positives * (predictions->len - positives));
}

static void
print_cut(const GArray *predictions, double cut)
{
  double found = 0;
  double right = 0;
  double positives = 0;
  for (guint i = 0; i < predictions->len; i++) {
    const Prediction *prediction = &g_array_index(predictions, Prediction, i);
    bool is_found = prediction->score >= cut;
    found += is_found;
    right += is_found && prediction->is_positive;
    positives += prediction->is_positive;
  }
  double precision = found > 0 ? right / found : 1;
  double recall = right / positives;
  double f1 = right > 0 ? 2 * precision * recall / (precision + recall) : 0;
  printf("%.2f  precision %.3f  recall %.3f  F1 %.3f\n", cut, precision, recall, f1);
}

void
labelled_print_cuts(const GArray *predictions, int first_percent, int last_percent)
{
  for (int percent = first_percent; percent <= last_percent; percent++)
    print_cut(predictions, percent / 100.0);
}
