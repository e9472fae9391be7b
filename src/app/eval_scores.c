/* Measures how well scores are predicted: every post before its score is learned. */
#include "app/eval_scores.h"
#include "app/eval_measures.h"
#include "base/error.h"
#include "base/text.h"
#include "base/time.h"
#include "os/file.h"
#include "pipeline/scorer.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { MAX_DATA_BYTES = 16 * 1024 * 1024, FIT_POSTS = 581, TENTHS = 10 };

static const double GOOD = 0.5;
static const double RECALL = 0.95;
static const double RIDGE = 8;

/* When the first post was scored that measures the weights that ship: no post from then on may make them. */
static const char FIT_END[] = "2025-11-01T18:10:17Z";

/* What is measured with, and what is measured. @product: (nullable): a second one, to learn as the product does */
typedef struct {
  const EvalScoresOptions *options;
  Background *background;
  Scorer *scorer;
  Scorer *product;
  EvalScores *scores;
} Evaluation;

static void
evaluation_clear(Evaluation *evaluation)
{
  scorer_free(evaluation->scorer);
  scorer_free(evaluation->product);
  background_free(evaluation->background);
  eval_scores_free(evaluation->scores);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Evaluation, evaluation_clear)

/* ---- predicting */

static ScorePost
post_of(const EvalScored *scored)
{
  return (ScorePost){
      .source = scored->source,
      .title = scored->title,
      .text = scored->text,
      .link = scored->link,
      .language = scored->language,
      .length = scored->length,
      .applause = scored->applause,
      .shares = scored->shares,
      .replies = scored->replies,
      .sources = 1,
      .evidence = -1,
  };
}

static Features
measure(const Evaluation *evaluation, const EvalScored *scored, const History *history)
{
  Gauge gauge = evaluation->scorer->gauge;
  gauge.history = history;
  const ScorePost post = post_of(scored);
  return features_measure(&post, &gauge);
}

/* Returns: (transfer full): what @scorer predicts of a post before it has its score */
static Features
predict(const Evaluation *evaluation, const Scorer *scorer, guint row, Kept *ret_kept)
{
  const EvalScored *scored = evaluation->scores->posts->pdata[row];
  Features features = measure(evaluation, scored, score_model_history(scorer->model));
  *ret_kept = (Kept){score_model_predict(scorer->model, features.values), scored->given, 1};
  return features;
}

static void
learn(const Scorer *scorer, const Features *features, const Kept *kept, bool is_explored)
{
  const ScoreAnswer answer = {features, kept->predicted, kept->given, is_explored};
  g_autoptr(GArray) run = g_array_new(FALSE, FALSE, sizeof(ScoreAnswer));
  g_array_append_val(run, answer);
  score_model_learn(scorer->model, run);
}

/* Returns: (transfer full) (element-type Kept): what was predicted of each post before its score was learned */
static GArray *
predict_all(const Evaluation *evaluation)
{
  GArray *kept = g_array_new(FALSE, FALSE, sizeof(Kept));
  for (guint i = 0; i < evaluation->scores->posts->len; i++) {
    Kept entry = {0};
    g_auto(Features) features = predict(evaluation, evaluation->scorer, i, &entry);
    g_array_append_val(kept, entry);
    learn(evaluation->scorer, &features, &entry, false);
  }
  return kept;
}

/* As the product does it: what is spared is never learned, and what was learned decides what is spared. */
static json_t *
product_json(const Evaluation *evaluation, guint after)
{
  Scorer *scorer = evaluation->product;
  double counts[2] = {0};
  double good[2] = {0};
  for (guint i = 0; i < evaluation->scores->posts->len; i++) {
    Kept entry = {0};
    g_auto(Features) features = predict(evaluation, scorer, i, &entry);
    const SparingRule rule = score_model_rule(scorer->model, GOOD, RECALL);
    g_autofree char *id = g_strdup_printf("%08x", features.text_key);
    ScoreDecision decision = score_decide(&rule, id, entry.predicted);
    if (decision != SCORE_SPARE)
      learn(scorer, &features, &entry, decision == SCORE_EXPLORE);
    if (i >= after) {
      counts[decision == SCORE_SPARE]++;
      good[decision == SCORE_SPARE] += entry.given >= GOOD;
    }
  }
  double all_good = good[0] + good[1];
  return json_pack("{sf sf}", "calls_saved", counts[1] / (counts[0] + counts[1]), "recall",
                   all_good > 0 ? good[0] / all_good : 1);
}

/* The mean of all scores before; GOOD before the first. */
static GArray *
predict_mean(const Evaluation *evaluation)
{
  GArray *kept = g_array_new(FALSE, FALSE, sizeof(Kept));
  double sum = 0;
  for (guint i = 0; i < evaluation->scores->posts->len; i++) {
    const EvalScored *scored = evaluation->scores->posts->pdata[i];
    const Kept entry = {i > 0 ? sum / i : GOOD, scored->given, 1};
    g_array_append_val(kept, entry);
    sum += scored->given;
  }
  return kept;
}

/* Returns: (nullable): NULL where the file does not have it of every post */
static GArray *
take_heuristic(const Evaluation *evaluation)
{
  g_autoptr(GArray) kept = g_array_new(FALSE, FALSE, sizeof(Kept));
  for (guint i = 0; i < evaluation->scores->posts->len; i++) {
    const EvalScored *scored = evaluation->scores->posts->pdata[i];
    const Kept entry = {scored->heuristic, scored->given, 1};
    if (!isfinite(scored->heuristic))
      return NULL;
    g_array_append_val(kept, entry);
  }
  return g_steal_pointer(&kept);
}

/* ---- figures */

static double
pearson(const GArray *kept, guint after)
{
  double count = kept->len - after;
  double sums[5] = {0};
  for (guint i = after; i < kept->len; i++) {
    const Kept *entry = &g_array_index(kept, Kept, i);
    sums[0] += entry->predicted / count;
    sums[1] += entry->given / count;
  }
  for (guint i = after; i < kept->len; i++) {
    const Kept *entry = &g_array_index(kept, Kept, i);
    double x = entry->predicted - sums[0];
    double y = entry->given - sums[1];
    sums[2] += x * y;
    sums[3] += x * x;
    sums[4] += y * y;
  }
  double spread = sqrt(sums[3]) * sqrt(sums[4]);
  return spread > 1e-12 ? sums[2] / spread : 0;
}

/* Which calls would have been spared, each by the threshold that what was before it makes. */
static void
spare_calls(const GArray *kept, guint after, double *ret_saved, double *ret_recall)
{
  g_autoptr(GArray) before = g_array_new(FALSE, FALSE, sizeof(Kept));
  double saved = 0;
  double good = 0;
  double found = 0;
  for (guint i = 0; i < kept->len; i++) {
    const Kept *entry = &g_array_index(kept, Kept, i);
    if (i >= after) {
      bool is_asked = entry->predicted >= score_threshold(before, GOOD, RECALL);
      saved += !is_asked;
      good += entry->given >= GOOD;
      found += is_asked && entry->given >= GOOD;
    }
    if (entry->given >= GOOD)
      g_array_append_val(before, *entry);
  }
  *ret_saved = saved / (kept->len - after);
  *ret_recall = good > 0 ? found / good : 1;
}

static double
auc_of(const GArray *predictions, void *data)
{
  (void) data;
  return measure_auc(predictions);
}

static json_t *
figures_json(const char *name, const GArray *kept, guint after)
{
  g_autoptr(GArray) predictions = g_array_new(FALSE, FALSE, sizeof(Prediction));
  double error_sum = 0;
  double saved = 0;
  double recall = 0;
  for (guint i = after; i < kept->len; i++) {
    const Kept *entry = &g_array_index(kept, Kept, i);
    const Prediction prediction = {entry->predicted, 1, entry->given >= GOOD, i};
    g_array_append_val(predictions, prediction);
    error_sum += fabs(entry->predicted - entry->given);
  }
  spare_calls(kept, after, &saved, &recall);
  Interval interval = measure_interval(predictions, auc_of, NULL);
  return json_pack("{ss sf sf sf s[f f] sf sf}", "name", name, "pearson", pearson(kept, after), "mae",
                   error_sum / (kept->len - after), "auc", measure_auc(predictions), "auc_interval", interval.low,
                   interval.high, "calls_saved", saved, "recall", recall);
}

static json_t *
calibration_json(const GArray *kept, guint after)
{
  double predicted[TENTHS] = {0};
  double given[TENTHS] = {0};
  json_int_t count[TENTHS] = {0};
  for (guint i = after; i < kept->len; i++) {
    const Kept *entry = &g_array_index(kept, Kept, i);
    int tenth = CLAMP((int) (entry->predicted * TENTHS), 0, TENTHS - 1);
    predicted[tenth] += entry->predicted;
    given[tenth] += entry->given;
    count[tenth]++;
  }
  json_t *list = json_array();
  for (int i = 0; i < TENTHS; i++)
    if (count[i] > 0)
      json_array_append_new(list, json_pack("{sf sf sI}", "predicted", predicted[i] / (double) count[i], "given",
                                            given[i] / (double) count[i], "posts", count[i]));
  return list;
}

/* Where a prediction is in the order of errors. */
typedef struct {
  double off;
  guint row;
} Miss;

static int
compare_misses(const void *a, const void *b)
{
  const Miss *first = a;
  const Miss *second = b;
  if (fabs(first->off) != fabs(second->off))
    return fabs(first->off) < fabs(second->off) ? 1 : -1;
  return (first->row > second->row) - (first->row < second->row);
}

static json_t *
errors_json(const Evaluation *evaluation, const GArray *kept, guint after)
{
  g_autoptr(GArray) misses = g_array_new(FALSE, FALSE, sizeof(Miss));
  for (guint i = after; i < kept->len; i++) {
    const Miss miss = {g_array_index(kept, Kept, i).predicted - g_array_index(kept, Kept, i).given, i};
    g_array_append_val(misses, miss);
  }
  g_array_sort(misses, compare_misses);
  json_t *list = json_array();
  for (guint i = 0; i < MIN(misses->len, (guint) evaluation->options->errors); i++) {
    guint row = g_array_index(misses, Miss, i).row;
    const EvalScored *scored = evaluation->scores->posts->pdata[row];
    json_array_append_new(list, json_pack("{sI sf sf ss}", "line", (json_int_t) scored->line, "predicted",
                                          g_array_index(kept, Kept, row).predicted, "given", scored->given, "text",
                                          scored->title[0] != '\0' ? scored->title : scored->text));
  }
  return list;
}

static json_t *
evaluation_json(const Evaluation *evaluation)
{
  guint after = (guint) evaluation->options->after;
  g_autoptr(GArray) kept = predict_all(evaluation);
  g_autoptr(GArray) mean = predict_mean(evaluation);
  g_autoptr(GArray) heuristic = take_heuristic(evaluation);
  json_t *document = json_pack("{ss ss ss sI sI sI}", "schema", "courant.eval/1", "kind", "scores", "file",
                               evaluation->scores->name, "posts", (json_int_t) kept->len, "counted",
                               (json_int_t) (kept->len - after), "skipped", (json_int_t) evaluation->scores->skipped);
  g_autoptr(json_t) own = figures_json("linear model", kept, after);
  json_object_update(document, own);
  json_object_set_new(document, "product", product_json(evaluation, after));
  json_t *baselines = json_pack("[o]", figures_json("mean of what came before", mean, after));
  if (heuristic != NULL)
    json_array_append_new(baselines, figures_json("the reference's heuristic", heuristic, after));
  json_object_set_new(document, "baselines", baselines);
  if (evaluation->options->has_calibration)
    json_object_set_new(document, "calibration", calibration_json(kept, after));
  if (evaluation->options->errors > 0)
    json_object_set_new(document, "errors", errors_json(evaluation, kept, after));
  return document;
}

/* ---- for people */

static double
figure(const json_t *figures, const char *name)
{
  return json_real_value(json_object_get(figures, name));
}

static void
print_figures(const json_t *figures)
{
  const json_t *interval = json_object_get(figures, "auc_interval");
  printf("  %-25s %5.3f (%.3f to %.3f)  %5.3f  %7.3f  %11.3f  %6.3f\n", json_read_text(figures, "name"), figure(figures, "auc"),
         json_real_value(json_array_get(interval, 0)), json_real_value(json_array_get(interval, 1)), figure(figures, "mae"),
         figure(figures, "pearson"), figure(figures, "calls_saved"), figure(figures, "recall"));
}

static void
print_evaluation(const json_t *document)
{
  size_t index = 0;
  json_t *entry = NULL;
  printf("%s: %" G_GINT64_FORMAT " of %" G_GINT64_FORMAT " posts predicted, each before its score was learned\n",
         json_read_text(document, "file"), json_read_int(document, "counted", 0), json_read_int(document, "posts", 0));
  printf("  %-25s %-22s  %5s  %7s  %11s  %6s\n", "", "AUC (95 %)", "MAE", "Pearson", "calls saved", "recall");
  print_figures(document);
  json_array_foreach(json_object_get(document, "baselines"), index, entry) print_figures(entry);
  const json_t *product = json_object_get(document, "product");
  printf("  %-67s  %11.3f  %6.3f\n", "as the product does it: what is spared is never learned", figure(product, "calls_saved"),
         figure(product, "recall"));
  json_array_foreach(json_object_get(document, "calibration"), index, entry)
      printf("  predicted %.2f  given %.2f  of %" G_GINT64_FORMAT " posts\n", figure(entry, "predicted"),
             figure(entry, "given"), json_read_int(entry, "posts", 0));
  json_array_foreach(json_object_get(document, "errors"), index, entry)
  {
    g_autofree char *text = text_printable(json_read_text(entry, "text"));
    printf("  line %" G_GINT64_FORMAT ": predicted %.2f, given %.2f\n    %s\n", json_read_int(entry, "line", 0),
           figure(entry, "predicted"), figure(entry, "given"), text);
  }
}

/* ---- fitting */

/* The first FIT_POSTS, repeats left out; what places were given is learned on the way. */
static GArray *
make_examples(const Evaluation *evaluation, guint count)
{
  GArray *examples = g_array_new(FALSE, FALSE, sizeof(ScoreExample));
  g_autoptr(History) history = history_new();
  g_autoptr(GHashTable) seen = g_hash_table_new(NULL, NULL);
  for (guint i = 0; i < count; i++) {
    const EvalScored *scored = evaluation->scores->posts->pdata[i];
    g_auto(Features) features = measure(evaluation, scored, history);
    if (!g_hash_table_add(seen, GUINT_TO_POINTER(features.text_key)))
      continue;
    ScoreExample example = {.given = scored->given};
    memcpy(example.values, features.values, sizeof example.values);
    g_array_append_val(examples, example);
    history_add(history, features.source, scored->given);
    if (features.domain != NULL)
      history_add(history, features.domain, scored->given);
  }
  return examples;
}

static int
print_fit(const Invocation *invocation, const Evaluation *evaluation)
{
  const GPtrArray *posts = evaluation->scores->posts;
  guint count = MIN(posts->len, FIT_POSTS);
  int64_t end_ms = 0;
  time_parse(FIT_END, &end_ms);
  for (guint i = 0; i < count; i++) {
    const EvalScored *scored = posts->pdata[i];
    if (scored->when_ms < end_ms)
      continue;
    GError *error = NULL;
    error_set(&error, ERROR_BAD_DATA, "%s:%u: was scored at %s or later; such posts measure the weights and never make them",
              evaluation->scores->name, scored->line, FIT_END);
    return fail_with(invocation, error);
  }
  if (posts->len > count)
    log_line(&invocation->log, LOG_WARNING, "%s: the first %u posts are used and the other %u are not",
             evaluation->scores->name, count, posts->len - count);
  g_autoptr(GArray) examples = make_examples(evaluation, count);
  g_autofree char *weights = score_fit(examples, RIDGE);
  printf(
      "# What makes a story good: weights of a linear model with the usual value of each feature (src/scoring/features.def),\n"
      "# written by \"courant eval scores --fit\", not by hand, of the first %u posts of %s, %u\n"
      "# of them different. What they say nothing of keeps the weight it was judged to have.\n%s",
      count, evaluation->scores->name, examples->len, weights);
  return end_output(invocation);
}

/* ---- the command */

static char *
read_data(const Invocation *invocation, const char *name, GError **error)
{
  g_autofree char *path = g_build_filename(invocation->datadir, "data", name, NULL);
  return file_read(path, MAX_DATA_BYTES, NULL, error);
}

static bool
open_tables(const Invocation *invocation, Evaluation *evaluation, GError **error)
{
  char *frequencies = read_data(invocation, "frequencies-en.tsv", error);
  char *topics = frequencies != NULL ? read_data(invocation, "topics-en.tsv", error) : NULL;
  if (topics == NULL) {
    g_free(frequencies);
    return false;
  }
  evaluation->background = background_new(frequencies, topics, error);
  if (evaluation->background == NULL)
    return false;
  if (evaluation->options->is_fit) {
    evaluation->scorer = scorer_open_tables(invocation->datadir, evaluation->background, error);
    return evaluation->scorer != NULL;
  }
  evaluation->scorer = scorer_open(invocation->datadir, evaluation->background, error);
  if (evaluation->scorer == NULL)
    return false;
  evaluation->product = scorer_open(invocation->datadir, evaluation->background, error);
  return evaluation->product != NULL;
}

int
eval_scores(const Invocation *invocation, const EvalScoresOptions *options)
{
  g_auto(Evaluation) evaluation = {.options = options};
  GError *error = NULL;
  if (!open_tables(invocation, &evaluation, &error))
    return fail_with(invocation, error);
  evaluation.scores = eval_scores_read(invocation->arguments[1], options->may_skip, &error);
  if (evaluation.scores == NULL)
    return fail_with(invocation, error);
  if (evaluation.scores->skipped > 0)
    log_line(&invocation->log, LOG_WARNING, "%s; bad lines passed over: %u", evaluation.scores->first_problem,
             evaluation.scores->skipped);
  if (evaluation.scores->early_line > 0)
    log_line(&invocation->log, LOG_WARNING,
             "%s:%u: is earlier than the post before it; the order of the file is taken for that of time",
             evaluation.scores->name, evaluation.scores->early_line);
  if (options->is_fit)
    return print_fit(invocation, &evaluation);
  if (evaluation.scores->posts->len <= (guint) options->after) {
    error_set(&error, ERROR_BAD_DATA, "%s: has %u posts and the first %d are not counted; --after takes a smaller number",
              evaluation.scores->name, evaluation.scores->posts->len, options->after);
    return fail_with(invocation, error);
  }
  return print_document(invocation, evaluation_json(&evaluation), print_evaluation);
}
