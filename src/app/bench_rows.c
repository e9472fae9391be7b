/* Rows of courant bench: made of series of values, and printed. */
#include "app/bench.h"

#include <stdio.h>

GArray *
series_new(void)
{
  return g_array_new(false, false, sizeof(double));
}

GPtrArray *
series_list(guint count)
{
  GPtrArray *list = g_ptr_array_new_with_free_func((GDestroyNotify) g_array_unref);
  for (guint i = 0; i < count; i++)
    g_ptr_array_add(list, series_new());
  return list;
}

void
series_add(GArray *series, double value)
{
  g_array_append_val(series, value);
}

static int
compare_values(const void *left, const void *right)
{
  const double *a = left;
  const double *b = right;
  return (*a > *b) - (*a < *b);
}

/* The smallest, the middle (of an even number, the mean of both) and the greatest of some values. */
typedef struct {
  double min;
  double median;
  double max;
} Spread;

static Spread
measure_spread(const GArray *values)
{
  g_autoptr(GArray) sorted = g_array_copy((GArray *) values);
  g_array_sort(sorted, compare_values);
  const double *sorted_values = (const double *) (void *) sorted->data;
  guint last = sorted->len - 1;
  return (Spread){
      .min = sorted_values[0],
      .median = (sorted_values[last / 2] + sorted_values[sorted->len / 2]) / 2,
      .max = sorted_values[last],
  };
}

static json_t *
number_or_null(bool is_known, double number)
{
  return is_known ? json_real(number) : json_null();
}

/* @baseline, @ratio: 0 where there is none */
static void
add(Bench *bench, const BenchRow *row, double baseline, double ratio)
{
  static const char *const SENSES[] = {[SENSE_AT_MOST] = "at most", [SENSE_AT_LEAST] = "at least"};
  Spread spread = measure_spread(row->values);
  bool is_ok =
      row->sense == SENSE_NONE || (row->sense == SENSE_AT_MOST ? spread.median <= row->must : spread.median >= row->must);
  json_array_append_new(bench->rows,
                        json_pack("{ss sf ss sf sf si so so so ss? so sb}", "name", row->name, "value", spread.median, "unit",
                                  row->unit, "min", spread.min, "max", spread.max, "rounds", (int) row->values->len, "baseline",
                                  number_or_null(baseline > 0, baseline), "ratio", number_or_null(ratio > 0, ratio), "bound",
                                  number_or_null(row->bound > 0, row->bound), "sense", SENSES[row->sense], "must",
                                  number_or_null(row->sense != SENSE_NONE, row->must), "ok", is_ok));
}

void
bench_add(Bench *bench, const BenchRow *row)
{
  double value = measure_spread(row->values).median;
  double baseline = row->baseline != NULL ? measure_spread(row->baseline).median : 0;
  add(bench, row, baseline, value > 0 ? baseline / value : 0);
}

void
bench_add_ratio(Bench *bench, const BenchRow *row)
{
  g_autoptr(GArray) ratios = series_new();
  for (guint i = 0; i < row->values->len; i++)
    series_add(ratios,
               g_array_index(row->baseline, double, MIN(i, row->baseline->len - 1)) / g_array_index(row->values, double, i));
  BenchRow ratio = *row;
  ratio.unit = "x";
  ratio.values = ratios;
  add(bench, &ratio, measure_spread(row->baseline).median, measure_spread(ratios).median);
}

static char *
format_number(const json_t *number)
{
  double value = json_number_value(number);
  if (!json_is_number(number))
    return g_strdup("");
  return g_strdup_printf(value >= 1000 ? "%.0f" : value >= 100 ? "%.1f" : value >= 10 ? "%.2f" : "%.3f", value);
}

static char *
describe_must(const json_t *row)
{
  g_autofree char *must = format_number(json_object_get(row, "must"));
  if (*must == '\0')
    return g_strdup("");
  bool is_ok = json_is_true(json_object_get(row, "ok"));
  return g_strdup_printf("%s %s: %s", json_read_text(row, "sense"), must, is_ok ? "ok" : "MISSED");
}

void
bench_print(const json_t *document)
{
  size_t index;
  json_t *row;
  printf("%-62s %9s %-6s %9s %9s %9s %9s  %s\n", "", "median", "", "least", "most", "baseline", "bound", "must");
  json_array_foreach(json_object_get(document, "rows"), index, row)
  {
    g_autofree char *value = format_number(json_object_get(row, "value"));
    g_autofree char *min = format_number(json_object_get(row, "min"));
    g_autofree char *max = format_number(json_object_get(row, "max"));
    g_autofree char *baseline = format_number(json_object_get(row, "baseline"));
    g_autofree char *bound = format_number(json_object_get(row, "bound"));
    g_autofree char *must = describe_must(row);
    g_autofree char *line = g_strdup_printf("%-62s %9s %-6s %9s %9s %9s %9s  %s", json_read_text(row, "name"), value,
                                            json_read_text(row, "unit"), min, max, baseline, bound, must);
    puts(g_strchomp(line));
  }
}
