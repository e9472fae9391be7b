/* The weights that ship. */
#include "scoring/model.h"

#include <math.h>

/* Gauss-Jordan elimination of a matrix with a strong diagonal; the right side is its last column. */
static void
solve(double matrix[FEATURE_COUNT][FEATURE_COUNT + 1])
{
  for (int i = 0; i < FEATURE_COUNT; i++)
    for (int row = 0; row < FEATURE_COUNT; row++) {
      double factor = row == i ? 0 : matrix[row][i] / matrix[i][i];
      for (int column = i; column <= FEATURE_COUNT; column++)
        matrix[row][column] -= factor * matrix[i][column];
    }
}

static void
find_usual(const GArray *examples, double usual[FEATURE_COUNT])
{
  for (int i = 0; i < FEATURE_COUNT; i++) {
    double sum = 0;
    double count = 0;
    for (guint row = 0; row < examples->len; row++) {
      double value = g_array_index(examples, ScoreExample, row).values[i];
      sum += isfinite(value) ? value : 0;
      count += isfinite(value);
    }
    usual[i] = count > 0 ? round(sum / count * 1e4) / 1e4 : 0;
  }
}

/* What one example is off, and by what; @ret_offsets: its values less the usual ones. */
static double
measure_example(const ScoreExample *example, const double usual[FEATURE_COUNT], double constant, double *ret_offsets)
{
  double left = example->given - constant;
  for (int i = 0; i < FEATURE_COUNT; i++) {
    ret_offsets[i] = isfinite(example->values[i]) ? example->values[i] - usual[i] : 0;
    left -= feature_info(i)->judged * ret_offsets[i];
  }
  return left;
}

char *
score_fit(const GArray *examples, double ridge)
{
  double usual[FEATURE_COUNT];
  double constant = 0;
  find_usual(examples, usual);
  for (guint row = 0; row < examples->len; row++)
    constant += g_array_index(examples, ScoreExample, row).given / examples->len;
  double(*matrix)[FEATURE_COUNT + 1] = g_malloc0_n(FEATURE_COUNT, sizeof *matrix);
  for (guint row = 0; row < examples->len; row++) {
    double offsets[FEATURE_COUNT];
    double left = measure_example(&g_array_index(examples, ScoreExample, row), usual, constant, offsets);
    for (int i = 0; i < FEATURE_COUNT; i++) {
      for (int j = 0; j < FEATURE_COUNT; j++)
        matrix[i][j] += offsets[i] * offsets[j];
      matrix[i][FEATURE_COUNT] += offsets[i] * left;
    }
  }
  for (int i = 0; i < FEATURE_COUNT; i++)
    matrix[i][i] += ridge;
  solve(matrix);
  GString *text = g_string_new(NULL);
  char number[G_ASCII_DTOSTR_BUF_SIZE];
  g_string_append_printf(text, "constant\t%s\n", g_ascii_formatd(number, sizeof number, "%.4f", constant));
  for (int i = 0; i < FEATURE_COUNT; i++) {
    double weight = feature_info(i)->judged + matrix[i][FEATURE_COUNT] / matrix[i][i];
    g_string_append_printf(text, "%s\t%s", feature_info(i)->name, g_ascii_formatd(number, sizeof number, "%.4f", weight));
    g_string_append_printf(text, "\t%s\n", g_ascii_formatd(number, sizeof number, "%.4f", usual[i]));
  }
  g_free(matrix);
  return g_string_free(text, FALSE);
}
