/* Models of labelled pairs: predictions, forward folds, and the fit that ships. */
#include "app/eval_stories.h"

#include <string.h>

const double EVAL_RIDGE = 1;

static void
free_fingerprint(void *fingerprint)
{
  fingerprint_free(fingerprint);
}

static const Fingerprint *
find_fingerprint(EvalFile *file, const EvalText *text, const Lexicon *lexicon)
{
  Fingerprint *known = g_hash_table_lookup(file->fingerprints, text);
  if (known != NULL)
    return known;
  const Post post = eval_post(text);
  Fingerprint *fingerprint = fingerprint_new(&post, lexicon);
  g_hash_table_insert(file->fingerprints, (void *) text, fingerprint);
  return fingerprint;
}

EvalFile *
eval_file_open(const char *path, bool may_skip, const Lexicon *lexicon, GError **error)
{
  EvalRows *rows = eval_rows_read(path, may_skip, error);
  if (rows == NULL)
    return NULL;
  EvalFile *file = g_new(EvalFile, 1);
  *file = (EvalFile){.rows = rows,
                     .fingerprints = g_hash_table_new_full(NULL, NULL, NULL, free_fingerprint),
                     .examples = g_array_new(FALSE, FALSE, sizeof(LikenessExample)),
                     .is_vetoed = g_array_new(FALSE, FALSE, sizeof(bool))};
  for (guint i = 0; i < rows->pairs->len; i++) {
    const EvalPair *pair = rows->pairs->pdata[i];
    const Fingerprint *a = find_fingerprint(file, pair->a, lexicon);
    const Fingerprint *b = find_fingerprint(file, pair->b, lexicon);
    LikenessExample example = {.is_same = pair->is_same, .weight = pair->is_same ? 1 : pair->weight};
    bool is_vetoed = likeness_veto(a, b) != NULL;
    likeness_measure(a, b, example.values);
    g_array_append_val(file->examples, example);
    g_array_append_val(file->is_vetoed, is_vetoed);
  }
  return file;
}

void
eval_file_free(EvalFile *file)
{
  if (file == NULL)
    return;
  eval_rows_free(file->rows);
  g_hash_table_unref(file->fingerprints);
  g_array_unref(file->examples);
  g_array_unref(file->is_vetoed);
  g_free(file);
}

static void
predict_pair(const EvalFile *file, const LikenessModel *model, guint row, GArray *predictions)
{
  const EvalPair *pair = file->rows->pairs->pdata[row];
  const LikenessExample *example = &g_array_index(file->examples, LikenessExample, row);
  bool is_vetoed = g_array_index(file->is_vetoed, bool, row);
  Prediction prediction = {.score = is_vetoed ? 0 : likeness_probability(model, example->values),
                           .weight = pair->weight,
                           .is_positive = pair->is_same,
                           .row = row};
  g_array_append_val(predictions, prediction);
}

GArray *
eval_predict(const EvalFile *file, const LikenessModel *model, guint begin, guint end)
{
  GArray *predictions = g_array_new(FALSE, FALSE, sizeof(Prediction));
  for (guint i = begin; i < end; i++)
    predict_pair(file, model, i, predictions);
  return predictions;
}

/* The model of the first @count pairs of the file at @own, and of all pairs of the others; its constant is the file's. */
static LikenessModel
fit(const GPtrArray *files, guint own, guint count)
{
  g_autoptr(GArray) examples = g_array_new(FALSE, FALSE, sizeof(LikenessExample));
  for (guint i = 0; i < files->len; i++) {
    const EvalFile *file = files->pdata[i];
    guint used = i == own ? count : file->examples->len;
    for (guint j = 0; j < used; j++) {
      LikenessExample example = g_array_index(file->examples, LikenessExample, j);
      example.group = i == own ? 0 : MIN((int) i + (i < own), LIKENESS_GROUPS - 1);
      example.weight = 1;
      if (!g_array_index(file->is_vetoed, bool, j))
        g_array_append_val(examples, example);
    }
  }
  LikenessModel model = likeness_fit(examples, EVAL_RIDGE);
  g_autoptr(GArray) training = eval_predict(files->pdata[own], &model, 0, count);
  model.cut = measure_best_cut(training);
  return model;
}

static void
see_texts(const EvalFile *file, guint begin, guint end, GHashTable *seen)
{
  for (guint i = begin; i < end; i++) {
    const EvalPair *pair = file->rows->pairs->pdata[i];
    g_hash_table_add(seen, pair->a);
    g_hash_table_add(seen, pair->b);
  }
}

/* Scores pairs by @baseline where there is one, else by @model. */
typedef struct {
  const EvalFile *file;
  const EvalBaseline *baseline;
  LikenessModel model;
} Predictor;

static void
predict(const Predictor *predictor, guint row, GArray *predictions)
{
  const EvalFile *file = predictor->file;
  const EvalPair *pair = file->rows->pairs->pdata[row];
  predict_pair(file, &predictor->model, row, predictions);
  if (predictor->baseline != NULL)
    g_array_index(predictions, Prediction, predictions->len - 1).score =
        predictor->baseline->score(pair->a, pair->b, g_hash_table_lookup(file->fingerprints, pair->a),
                                   g_hash_table_lookup(file->fingerprints, pair->b));
}

/* Sets up what the pairs before @count teach. */
static Predictor
learn(const GPtrArray *files, guint own, guint count, const EvalBaseline *baseline)
{
  Predictor predictor = {.file = files->pdata[own], .baseline = baseline};
  if (baseline == NULL) {
    predictor.model = fit(files, own, count);
    return predictor;
  }
  g_autoptr(GArray) training = g_array_new(FALSE, FALSE, sizeof(Prediction));
  for (guint i = 0; i < count; i++)
    predict(&predictor, i, training);
  predictor.model.cut = baseline->cut > 0 ? baseline->cut : measure_best_cut(training);
  return predictor;
}

EvalFolds
eval_folds(const GPtrArray *files, guint own, int count, const EvalBaseline *baseline)
{
  const EvalFile *file = files->pdata[own];
  guint total = file->examples->len;
  EvalFolds result = {.predictions = g_array_new(FALSE, FALSE, sizeof(Prediction)),
                      .decisions = g_array_new(FALSE, FALSE, sizeof(Prediction))};
  g_autoptr(GHashTable) seen = g_hash_table_new(NULL, NULL);
  for (guint fold = 1, begin = 0; fold <= (guint) count; fold++) {
    guint middle = total * fold / ((guint) count + 1);
    guint end = total * (fold + 1) / ((guint) count + 1);
    Predictor predictor = learn(files, own, middle, baseline);
    see_texts(file, begin, middle, seen);
    begin = middle;
    for (guint i = middle; i < end; i++) {
      const EvalPair *pair = file->rows->pairs->pdata[i];
      if (g_hash_table_contains(seen, pair->a) && g_hash_table_contains(seen, pair->b)) {
        result.dropped++;
        continue;
      }
      predict(&predictor, i, result.predictions);
      Prediction decision = g_array_index(result.predictions, Prediction, result.predictions->len - 1);
      decision.score -= predictor.model.cut;
      g_array_append_val(result.decisions, decision);
    }
  }
  return result;
}

void
eval_folds_clear(EvalFolds *folds)
{
  g_clear_pointer(&folds->predictions, g_array_unref);
  g_clear_pointer(&folds->decisions, g_array_unref);
}

LikenessModel
eval_fit(const GPtrArray *files)
{
  const EvalFile *first = files->pdata[0];
  return fit(files, 0, first->examples->len);
}
