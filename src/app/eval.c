/* Measures on labelled data how well stories are told apart; scores are measured by eval_scores.c. */
#include "app/command.h"
#include "app/eval_scores.h"
#include "app/eval_stories.h"
#include "base/error.h"
#include "base/text.h"
#include "os/file.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { MAX_FOLDS = 20, MAX_DATA_BYTES = 16 * 1024 * 1024, BINS = 10 };

/* @errors: so many of the worst predictions are told */
typedef struct {
  gboolean may_skip;
  gboolean is_fit;
  gboolean has_calibration;
  int folds;
  int after;
  int errors;
} Options;

/* @files: (element-type EvalFile): those with pairs; @titles: (element-type EvalFile): those with titles */
typedef struct {
  const Options *options;
  Background *background;
  Lexicon *lexicon;
  LikenessModel model;
  GPtrArray *files;
  GPtrArray *titles;
} Evaluation;

static void
free_file(void *file)
{
  eval_file_free(file);
}

static void
evaluation_clear(Evaluation *evaluation)
{
  g_clear_pointer(&evaluation->files, g_ptr_array_unref);
  g_clear_pointer(&evaluation->titles, g_ptr_array_unref);
  lexicon_free(evaluation->lexicon);
  background_free(evaluation->background);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Evaluation, evaluation_clear)

/* ---- figures as JSON */

static double
auc_of(const GArray *predictions, void *data)
{
  (void) data;
  return measure_auc(predictions);
}

/* @data: the cut */
static double
f1_of(const GArray *predictions, void *data)
{
  return measure_rates(predictions, *(const double *) data).f1;
}

static json_t *
interval_json(Interval interval)
{
  return json_pack("[f f]", interval.low, interval.high);
}

/* @decisions: the same predictions, their scores less the cut, which is @cut; @has_intervals: how sure the figures are */
static json_t *
figures_json(const char *name, const GArray *predictions, const GArray *decisions, double cut, bool has_intervals)
{
  Rates rates = measure_rates(decisions, cut);
  json_t *figures =
      json_pack("{ss sf sf sf sf sf}", "name", name, "auc", measure_auc(predictions), "precision", rates.precision, "recall",
                rates.recall, "f1", rates.f1, "weighted_precision", measure_weighted_precision(decisions, cut));
  if (has_intervals) {
    json_object_set_new(figures, "auc_interval", interval_json(measure_interval(predictions, auc_of, NULL)));
    json_object_set_new(figures, "f1_interval", interval_json(measure_interval(decisions, f1_of, &cut)));
  }
  return figures;
}

/* How often what was predicted with a probability came true, a bin a tenth. */
static json_t *
calibration_json(const GArray *predictions)
{
  double predicted[BINS] = {0};
  double observed[BINS] = {0};
  unsigned count[BINS] = {0};
  for (guint i = 0; i < predictions->len; i++) {
    const Prediction *prediction = &g_array_index(predictions, Prediction, i);
    if (prediction->weight != 1)
      continue;
    int bin = CLAMP((int) (prediction->score * BINS), 0, BINS - 1);
    predicted[bin] += prediction->score;
    observed[bin] += prediction->is_positive;
    count[bin]++;
  }
  json_t *bins = json_array();
  for (int i = 0; i < BINS; i++)
    if (count[i] > 0)
      json_array_append_new(bins, json_pack("{sf sf sI}", "predicted", predicted[i] / count[i], "observed",
                                            observed[i] / count[i], "pairs", (json_int_t) count[i]));
  return bins;
}

/* The farther the score is on the wrong side of the cut, the worse. */
static int
compare_errors(const void *a, const void *b)
{
  double first = fabs(((const Prediction *) a)->score);
  double second = fabs(((const Prediction *) b)->score);
  return (first < second) - (first > second);
}

static json_t *
errors_json(const EvalFile *file, const GArray *decisions, double cut, int limit)
{
  g_autoptr(GArray) wrong = g_array_new(FALSE, FALSE, sizeof(Prediction));
  for (guint i = 0; i < decisions->len; i++) {
    Prediction decision = g_array_index(decisions, Prediction, i);
    decision.score -= cut;
    if ((decision.score >= 0) != decision.is_positive)
      g_array_append_val(wrong, decision);
  }
  g_array_sort(wrong, compare_errors);
  json_t *list = json_array();
  for (guint i = 0; i < MIN(wrong->len, (guint) limit); i++) {
    const Prediction *decision = &g_array_index(wrong, Prediction, i);
    const EvalPair *pair = file->rows->pairs->pdata[decision->row];
    json_array_append_new(list, json_pack("{sI sb sf ss ss}", "line", (json_int_t) pair->line, "same", pair->is_same,
                                          "beyond_cut", decision->score, "a", pair->a->key, "b", pair->b->key));
  }
  return list;
}

/* ---- one file */

static json_t *
baselines_json(const Evaluation *evaluation, guint own)
{
  json_t *list = json_array();
  for (const EvalBaseline *baseline = eval_baselines(); baseline->name != NULL; baseline++) {
    g_auto(EvalFolds) folds = eval_folds(evaluation->files, own, (guint) evaluation->options->folds, baseline);
    json_array_append_new(list, figures_json(baseline->name, folds.predictions, folds.decisions, 0, true));
  }
  return list;
}

static json_t *
pairs_json(const Evaluation *evaluation, guint own)
{
  const Options *options = evaluation->options;
  const EvalFile *file = evaluation->files->pdata[own];
  g_auto(EvalFolds) folds = {0};
  if (options->folds > 0)
    folds = eval_folds(evaluation->files, own, (guint) options->folds, NULL);
  else
    folds.predictions = eval_predict(file, &evaluation->model, 0, file->examples->len);
  const GArray *decisions = options->folds > 0 ? folds.decisions : folds.predictions;
  double cut = options->folds > 0 ? 0 : evaluation->model.cut;
  json_t *document = figures_json("likeness", folds.predictions, decisions, cut, true);
  json_object_set_new(document, "file", json_string(file->rows->name));
  json_object_set_new(document, "pairs", json_integer(folds.predictions->len));
  json_object_set_new(document, "skipped", json_integer(file->rows->skipped));
  if (options->folds > 0) {
    json_object_set_new(document, "dropped", json_integer(folds.dropped));
    json_object_set_new(document, "baselines", baselines_json(evaluation, own));
  } else {
    json_object_set_new(document, "cut", json_real(cut));
  }
  if (options->has_calibration)
    json_object_set_new(document, "calibration", calibration_json(folds.predictions));
  if (options->errors > 0)
    json_object_set_new(document, "errors", errors_json(file, decisions, cut, options->errors));
  return document;
}

static json_t *
bcubed_json(Rates rates, double cut)
{
  return json_pack("{sf sf sf sf}", "precision", rates.precision, "recall", rates.recall, "f1", rates.f1, "cut", cut);
}

static int
compare_times(const void *a, const void *b)
{
  int64_t first = (*(const EvalTitle *const *) a)->published_ms;
  int64_t second = (*(const EvalTitle *const *) b)->published_ms;
  return (first > second) - (first < second);
}

/* Titles in the order of time; equal times stay in the order of the file. */
static json_t *
titles_json(const Evaluation *evaluation, const EvalFile *file)
{
  GPtrArray *titles = file->rows->titles;
  guint earlier = titles->len * 2 / 5;
  const LikenessModel *model = &evaluation->model;
  LikenessModel fitting = *model;
  g_ptr_array_sort(titles, compare_times);
  fitting.cut = eval_best_cluster_cut(titles, 0, earlier, evaluation->lexicon, model);
  Rates own = eval_bcubed(titles, earlier, titles->len, evaluation->lexicon, &fitting);
  Rates product = eval_bcubed(titles, earlier, titles->len, evaluation->lexicon, model);
  return json_pack("{ss sI sI so so}", "file", file->rows->name, "titles", (json_int_t) titles->len, "skipped",
                   (json_int_t) file->rows->skipped, "bcubed", bcubed_json(own, fitting.cut), "bcubed_product",
                   bcubed_json(product, model->cut));
}

/* ---- for people */

static void
print_figures(const json_t *figures)
{
  const json_t *auc = json_object_get(figures, "auc_interval");
  const json_t *f1 = json_object_get(figures, "f1_interval");
  printf("  %-22s %5.3f (%.3f to %.3f)  %9.3f %7.3f %6.3f (%.3f to %.3f) %9.3f\n", json_read_text(figures, "name"),
         json_real_value(json_object_get(figures, "auc")), json_real_value(json_array_get(auc, 0)),
         json_real_value(json_array_get(auc, 1)), json_real_value(json_object_get(figures, "precision")),
         json_real_value(json_object_get(figures, "recall")), json_real_value(json_object_get(figures, "f1")),
         json_real_value(json_array_get(f1, 0)), json_real_value(json_array_get(f1, 1)),
         json_real_value(json_object_get(figures, "weighted_precision")));
}

static void
print_pairs(const json_t *file)
{
  size_t index = 0;
  json_t *entry = NULL;
  const json_t *dropped = json_object_get(file, "dropped");
  printf("%s: %" G_GINT64_FORMAT " pairs predicted", json_read_text(file, "file"), json_read_int(file, "pairs", 0));
  if (dropped != NULL)
    printf(" by what stands before them, %" G_GINT64_FORMAT " left out because both texts had been seen",
           json_read_int(file, "dropped", 0));
  printf("\n  %-22s %-22s %9s %7s %-23s %9s\n", "", "AUC (95 %)", "precision", "recall", "F1 (95 %)", "weighted");
  print_figures(file);
  json_array_foreach(json_object_get(file, "baselines"), index, entry) print_figures(entry);
  json_array_foreach(json_object_get(file, "calibration"), index, entry) printf(
      "  predicted %.2f  seen %.2f  of %" G_GINT64_FORMAT " pairs\n", json_real_value(json_object_get(entry, "predicted")),
      json_real_value(json_object_get(entry, "observed")), json_read_int(entry, "pairs", 0));
  json_array_foreach(json_object_get(file, "errors"), index, entry)
  {
    g_autofree char *a = text_printable(json_read_text(entry, "a"));
    g_autofree char *b = text_printable(json_read_text(entry, "b"));
    printf("  line %" G_GINT64_FORMAT ": %s, %+.3f from the cut\n    %s\n    %s\n", json_read_int(entry, "line", 0),
           json_is_true(json_object_get(entry, "same")) ? "one story" : "two stories",
           json_real_value(json_object_get(entry, "beyond_cut")), a, b);
  }
}

static void
print_bcubed(const char *name, const json_t *rates)
{
  printf("  %-34s precision %.3f  recall %.3f  F1 %.3f\n", name, json_real_value(json_object_get(rates, "precision")),
         json_real_value(json_object_get(rates, "recall")), json_real_value(json_object_get(rates, "f1")));
}

static void
print_file(const json_t *file)
{
  if (json_object_get(file, "bcubed") == NULL) {
    print_pairs(file);
    return;
  }
  printf("%s: %" G_GINT64_FORMAT " titles, the later 60 %% grouped; B-cubed\n", json_read_text(file, "file"),
         json_read_int(file, "titles", 0));
  print_bcubed("at the cut of the earlier 40 %", json_object_get(file, "bcubed"));
  print_bcubed("at the product's cut", json_object_get(file, "bcubed_product"));
}

static void
print_evaluation(const json_t *document)
{
  size_t index = 0;
  json_t *file = NULL;
  json_array_foreach(json_object_get(document, "files"), index, file) print_file(file);
  if (json_object_get(document, "files") == NULL)
    print_file(document);
}

/* ---- the command */

static char *
read_data(const Invocation *invocation, const char *name, GError **error)
{
  g_autofree char *path = g_build_filename(invocation->datadir, "data", name, NULL);
  return file_read(path, MAX_DATA_BYTES, NULL, error);
}

static bool
open_evaluation(const Invocation *invocation, Evaluation *evaluation, GError **error)
{
  char *frequencies = read_data(invocation, "frequencies-en.tsv", error);
  evaluation->background = frequencies != NULL ? background_new(frequencies, g_strdup(""), error) : NULL;
  g_autofree char *families = evaluation->background != NULL ? read_data(invocation, "families-en.txt", error) : NULL;
  evaluation->lexicon = families != NULL ? lexicon_new(evaluation->background, families, NULL, error) : NULL;
  if (evaluation->lexicon == NULL)
    return false;
  g_autofree char *weights = evaluation->options->is_fit ? NULL : read_data(invocation, "story-weights.tsv", error);
  return evaluation->options->is_fit || (weights != NULL && likeness_model_read(weights, &evaluation->model, error));
}

static bool
open_files(const Invocation *invocation, Evaluation *evaluation, GError **error)
{
  evaluation->files = g_ptr_array_new_with_free_func(free_file);
  evaluation->titles = g_ptr_array_new_with_free_func(free_file);
  for (char **path = invocation->arguments + 1; *path != NULL; path++) {
    EvalFile *file = eval_file_open(*path, evaluation->options->may_skip, evaluation->lexicon, error);
    if (file == NULL)
      return false;
    if (file->rows->skipped > 0)
      log_line(&invocation->log, LOG_WARNING, "%s; bad lines passed over: %u", file->rows->first_problem, file->rows->skipped);
    g_ptr_array_add(file->rows->pairs->len > 0 ? evaluation->files : evaluation->titles, file);
  }
  return true;
}

static json_t *
evaluation_json(const Evaluation *evaluation)
{
  g_autoptr(json_t) files = json_array();
  for (guint i = 0; i < evaluation->files->len; i++)
    json_array_append_new(files, pairs_json(evaluation, i));
  for (guint i = 0; i < evaluation->titles->len; i++)
    json_array_append_new(files, titles_json(evaluation, evaluation->titles->pdata[i]));
  json_t *document = json_pack("{ss ss}", "schema", "courant.eval/1", "kind", "stories");
  if (json_array_size(files) == 1)
    json_object_update(document, json_array_get(files, 0));
  else
    json_object_set(document, "files", files);
  return document;
}

/* The table that ships. */
static int
print_fit(const Invocation *invocation, const Evaluation *evaluation)
{
  LikenessModel model = eval_fit(evaluation->files);
  printf("# What makes two posts probably one story: weights of a logistic model, written by \"courant eval stories --fit\",\n"
         "# not by hand, of");
  for (guint i = 0; i < evaluation->files->len; i++) {
    const EvalFile *file = evaluation->files->pdata[i];
    printf("%s %s (%u pairs)", i > 0 ? "," : "", file->rows->name, file->rows->pairs->len);
  }
  printf("; the constant\n"
         "# is for posts like the first; the cut, and the weight of links, which too few of these share, are set\n"
         "# (src/app/eval_fit.c).\n"
         "constant\t%.4f\ncut\t%.4f\n",
         model.constant, model.cut);
  for (int i = 0; i < LIKENESS_COUNT; i++)
    printf("%s\t%.4f\n", likeness_name((LikenessFeature) i), model.weights[i]);
  return end_output(invocation);
}

static int
evaluate(const Invocation *invocation, const Options *options)
{
  g_auto(Evaluation) evaluation = {.options = options};
  GError *error = NULL;
  if (!open_evaluation(invocation, &evaluation, &error) || !open_files(invocation, &evaluation, &error))
    return fail_with(invocation, error);
  if (options->is_fit && evaluation.files->len == 0)
    return fail_usage(invocation, "--fit takes files of pairs");
  if (options->is_fit)
    return print_fit(invocation, &evaluation);
  return print_document(invocation, evaluation_json(&evaluation), print_evaluation);
}

static int
start_scores(const Invocation *invocation, const Options *options)
{
  enum { USUAL_AFTER = 200 };
  const EvalScoresOptions own = {
      .may_skip = options->may_skip,
      .is_fit = options->is_fit,
      .has_calibration = options->has_calibration,
      .after = options->after >= 0 ? options->after : USUAL_AFTER,
      .errors = options->errors,
  };
  if (options->folds > 0)
    return fail_usage(invocation, "--folds is for \"stories\": scores are predicted before they are learned");
  if (g_strv_length(invocation->arguments) != 2)
    return fail_usage(invocation, "\"scores\" takes one file");
  return eval_scores(invocation, &own);
}

static int
start_eval(Invocation *invocation)
{
  Options options = {.after = -1};
  const GOptionEntry own[] = {
      {"folds", 0, 0, G_OPTION_ARG_INT, &options.folds, "Fit again and predict N later parts by what stands before them", "N"},
      {"after", 0, 0, G_OPTION_ARG_INT, &options.after, "Scores: learn the first N and do not count them (200)", "N"},
      {"calibration", 0, 0, G_OPTION_ARG_NONE, &options.has_calibration, "Tell how often probabilities came true", NULL},
      {"errors", 0, 0, G_OPTION_ARG_INT, &options.errors, "Tell the N worst predictions", "N"},
      {"fit", 0, 0, G_OPTION_ARG_NONE, &options.is_fit, "Print weights that are fitted to the pairs, as data/ has them", NULL},
      {"skip-bad", 0, 0, G_OPTION_ARG_NONE, &options.may_skip, "Pass over bad lines", NULL},
      {0},
  };
  int status = EXIT_OK;
  if (!invocation_parse(invocation, own, &status))
    return status;
  if (options.folds < 0 || options.folds > MAX_FOLDS || options.errors < 0 || options.after < -1)
    return fail_usage(invocation, "--folds takes a number from 0 to 20, --errors and --after one from 0");
  if (g_str_equal(invocation->arguments[0], "scores"))
    return start_scores(invocation, &options);
  if (!g_str_equal(invocation->arguments[0], "stories"))
    return fail_usage(invocation, "eval measures \"stories\" or \"scores\"");
  if (options.after >= 0)
    return fail_usage(invocation, "--after is for \"scores\"");
  return evaluate(invocation, &options);
}

const Command eval_command = {
    .name = "eval",
    .usage = "stories|scores FILE...",
    .summary = "measure on labelled data how well stories are told apart and scores predicted",
    .examples = "  courant eval stories pairs.ndjson --json\n"
                "  courant eval stories pairs.ndjson other.ndjson --folds 4    a table beside baselines\n"
                "  courant eval stories pairs.ndjson --errors 20 --calibration\n"
                "  courant eval scores scores.ndjson --after 581\n",
    .min_arguments = 2,
    .max_arguments = 100,
    .run = start_eval,
};
