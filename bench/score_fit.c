/*
 * Where the weights of src/scoring/model.c come from: ridge regression of a large model's scores of real posts on what
 * features_measure() measures of them, fitted on the first rows and judged on the later ones.
 */
#include <math.h>
#include <stdio.h>

#include "base/error.h"
#include "base/json.h"
#include "labelled.h"
#include "scoring/features.h"
#include "scoring/model.h"
#include "text/html.h"

enum { FITTED_ROWS = 581 };

static const double RIDGE = 3;

/* One post knows nothing of other sources and fetched pages. */
static const FeatureName FITTED[] = {FEATURE_APPLAUSE, FEATURE_HASHTAGS, FEATURE_LENGTH,     FEATURE_PERSONAL,
                                     FEATURE_TALK,     FEATURE_TITLED,   FEATURE_WORD_LENGTH};

/* The features that are fitted and, last, the constant. */
enum { TERMS = G_N_ELEMENTS(FITTED) + 1 };

typedef struct {
  double terms[TERMS];
  double score;
} Row;

static const json_t *
first_of(const json_t *object, const char *const *keys)
{
  for (size_t i = 0; keys[i] != NULL; i++)
    if (json_object_get(object, keys[i]) != NULL)
      return json_object_get(object, keys[i]);
  return NULL;
}

static int64_t
read_count(const json_t *metadata, const char *const *keys)
{
  const json_t *value = first_of(metadata, keys);
  return value != NULL ? (int64_t) json_number_value(value) : -1;
}

/* The rows hold the first 200 characters of a text and its length: spaces stand for what is missing. */
static void
read_text(Item *item, const json_t *row)
{
  const char *text = json_read_text(row, "text");
  bool has_title = g_strcmp0(json_read_text(row, "source"), "mastodon") != 0;
  const char *gap = strstr(text, "\n\n");
  size_t title_length = !has_title ? 0 : gap != NULL ? (size_t) (gap - text) : strlen(text);
  g_free(item->title);
  item->title = html_to_line(text, title_length);
  g_autofree char *rest = html_to_text(text + title_length, strlen(text) - title_length, NULL, NULL);
  int64_t missing = json_read_int(row, "length", 0) - g_utf8_strlen(text, -1);
  g_free(item->text);
  item->text = g_strdup_printf("%s%*s", rest, (int) MAX(missing, 0), "");
}

static Story *
read_story(const json_t *row)
{
  const json_t *metadata = json_object_get(row, "metadata");
  Item *item = item_new();
  read_text(item, row);
  g_free(item->source);
  item->source = g_strdup(json_read_text(row, "source"));
  item->likes = read_count(metadata, (const char *const[]){"favourites_count", "stars", NULL});
  item->replies = read_count(metadata, (const char *const[]){"replies_count", "comments", "num_comments", "open_issues", NULL});
  item->score = read_count(metadata, (const char *const[]){"score", NULL});
  Story *story = story_new("");
  g_ptr_array_add(story->items, item);
  return story;
}

static void
solve(double matrix[TERMS][TERMS + 1], double *ret_solution)
{
  for (size_t i = 0; i < TERMS; i++)
    for (size_t row = 0; row < TERMS; row++) {
      double factor = row == i ? 0 : matrix[row][i] / matrix[i][i];
      for (size_t column = i; column <= TERMS; column++)
        matrix[row][column] -= factor * matrix[i][column];
    }
  for (size_t i = 0; i < TERMS; i++)
    ret_solution[i] = matrix[i][TERMS] / matrix[i][i];
}

static void
fit(const GArray *rows, double *ret_weights)
{
  double matrix[TERMS][TERMS + 1] = {0};
  for (size_t i = 0; i + 1 < TERMS; i++)
    matrix[i][i] = RIDGE;
  for (guint k = 0; k < FITTED_ROWS; k++) {
    const Row *row = &g_array_index(rows, Row, k);
    for (size_t i = 0; i < TERMS; i++) {
      for (size_t j = 0; j < TERMS; j++)
        matrix[i][j] += row->terms[i] * row->terms[j];
      matrix[i][TERMS] += row->terms[i] * row->score;
    }
  }
  solve(matrix, ret_weights);
}

static void
print_weights(const GArray *rows, const double *weights)
{
  for (size_t i = 0; i < G_N_ELEMENTS(FITTED); i++) {
    double sum = 0;
    for (guint k = 0; k < FITTED_ROWS; k++)
      sum += g_array_index(rows, Row, k).terms[i];
    printf("%-12s weight %6.3f  usual %.3f\n", feature_name(FITTED[i]), weights[i], sum / FITTED_ROWS);
  }
  printf("%-12s        %6.3f\n", "constant", weights[TERMS - 1]);
}

static void
print_figures(const char *name, const GPtrArray *scores, const GArray *rows, guint first)
{
  g_autoptr(GArray) predictions = g_array_new(FALSE, FALSE, sizeof(Prediction));
  double error_sum = 0;
  double passed = 0;
  for (guint i = first; i < rows->len; i++) {
    double value = ((const Score *) scores->pdata[i])->value;
    double given = g_array_index(rows, Row, i).score;
    Prediction prediction = {value, given >= 0.5};
    g_array_append_val(predictions, prediction);
    error_sum += fabs(value - given);
    passed += value >= 0.5;
  }
  printf("%s: AUC %.3f  MAE %.3f  at least 0.5: %.0f %%\n", name, labelled_auc(predictions), error_sum / predictions->len,
         100 * passed / predictions->len);
}

static void
free_score(gpointer score)
{
  score_free(score);
}

int
main(void)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GPtrArray) data = labelled_read("scores/scores.ndjson", &error);
  if (data == NULL) {
    fprintf(stderr, "score_fit: %s\n", error->message);
    return 1;
  }
  g_autoptr(GArray) rows = g_array_new(FALSE, TRUE, sizeof(Row));
  g_autoptr(GPtrArray) scores = g_ptr_array_new_with_free_func(free_score);
  g_autoptr(GPtrArray) no_evidence = g_ptr_array_new();
  for (guint i = 0; i < data->len; i++) {
    g_autoptr(Story) story = read_story(data->pdata[i]);
    Features features = features_measure(story, no_evidence);
    Row row = {.score = json_number_value(json_object_get(data->pdata[i], "ai_score"))};
    for (size_t j = 0; j < G_N_ELEMENTS(FITTED); j++)
      row.terms[j] = features.values[FITTED[j]];
    row.terms[TERMS - 1] = 1;
    g_array_append_val(rows, row);
    g_ptr_array_add(scores, model_score(story, no_evidence));
  }

  double weights[TERMS];
  fit(rows, weights);
  print_weights(rows, weights);
  print_figures("the weights in model.c on the rows not fitted", scores, rows, FITTED_ROWS);
  return 0;
}
