#include "scoring/model.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/digest.h"
#include "base/error.h"
#include "scoring/model_parts.h"

/* What is too small to be called a reason, and to be told at all. */
static const double MIN_SHARE = 0.01;
static const double MIN_PART = 0.002;

/* Where AdaGrad begins: as if so much had been seen of every feature. */
static const double FIRST_SQUARE = 0.1;

/* ---- what ships */

/* Returns: false when @text is not one number */
static bool
read_number(const char *text, double *ret_number)
{
  char *end = NULL;
  double number = text != NULL ? g_ascii_strtod(text, &end) : NAN;
  if (text == NULL || end == text || *end != '\0' || !isfinite(number))
    return false;
  *ret_number = number;
  return true;
}

/* @seen: the features so far, and behind them the constant */
static bool
read_weight(ScoreModel *model, const char *line, bool seen[FEATURE_COUNT + 1])
{
  g_auto(GStrv) parts = g_strsplit(line, "\t", -1);
  bool is_constant = g_str_equal(parts[0], "constant");
  FeatureName feature = feature_find(parts[0]);
  if ((feature == FEATURE_COUNT && !is_constant) || seen[feature])
    return false;
  seen[feature] = true;
  if (g_strv_length(parts) != (is_constant ? 2 : 3))
    return false;
  if (is_constant)
    return read_number(parts[1], &model->constant);
  return read_number(parts[1], &model->weights[feature]) && read_number(parts[2], &model->usual[feature]);
}

static void
set_version(ScoreModel *model)
{
  g_autoptr(GChecksum) checksum = g_checksum_new(G_CHECKSUM_SHA256);
  char number[G_ASCII_DTOSTR_BUF_SIZE];
  digest_add(checksum, g_ascii_dtostr(number, sizeof number, model->constant));
  for (int i = 0; i < FEATURE_COUNT; i++) {
    digest_add(checksum, feature_info(i)->name);
    digest_add(checksum, g_ascii_dtostr(number, sizeof number, model->weights[i]));
    digest_add(checksum, g_ascii_dtostr(number, sizeof number, model->usual[i]));
  }
  g_strlcpy(model->version, g_checksum_get_string(checksum), sizeof model->version);
}

ScoreModel *
score_model_new(const char *weights, GError **error)
{
  g_autoptr(ScoreModel) model = g_new0(ScoreModel, 1);
  model->answers = g_array_new(FALSE, FALSE, sizeof(Answer));
  model->history = history_new();
  bool seen[FEATURE_COUNT + 1] = {false};
  g_auto(GStrv) lines = g_strsplit(weights, "\n", -1);
  for (int i = 0; lines[i] != NULL; i++)
    if (*lines[i] != '#' && *lines[i] != '\0' && !read_weight(model, lines[i], seen)) {
      error_set(error, ERROR_BAD_DATA,
                "score-weights.tsv:%d: expected the name of a feature, a tab, its weight, a tab and its usual value", i + 1);
      return NULL;
    }
  for (int i = 0; i <= FEATURE_COUNT; i++)
    if (!seen[i]) {
      error_set(error, ERROR_BAD_DATA, "score-weights.tsv: \"%s\" is missing",
                i < FEATURE_COUNT ? feature_info(i)->name : "constant");
      return NULL;
    }
  model->constant_square = FIRST_SQUARE;
  for (int i = 0; i < FEATURE_COUNT; i++)
    model->squares[i] = FIRST_SQUARE;
  set_version(model);
  return g_steal_pointer(&model);
}

void
score_model_free(ScoreModel *model)
{
  if (model == NULL)
    return;
  g_array_unref(model->answers);
  history_free(model->history);
  g_free(model);
}

const History *
score_model_history(const ScoreModel *model)
{
  return model->history;
}

/* ---- predicting */

double
score_part(const ScoreModel *model, FeatureName feature, double value)
{
  return isfinite(value) ? model->weights[feature] * (value - model->usual[feature]) : 0;
}

double
score_sum(const ScoreModel *model, const double values[FEATURE_COUNT])
{
  double sum = model->constant;
  for (int i = 0; i < FEATURE_COUNT; i++)
    sum += score_part(model, (FeatureName) i, values[i]);
  return sum;
}

double
score_model_predict(const ScoreModel *model, const double values[FEATURE_COUNT])
{
  return round(CLAMP(score_sum(model, values), 0, 1) * 1e6) / 1e6;
}

/* ---- explaining */

static json_t *
rounded(double number)
{
  double value = round(number * 1e4) / 1e4;
  return json_real(value == 0 ? 0 : value);
}

static char *
write_features(const ScoreModel *model, const double values[FEATURE_COUNT])
{
  enum { DIGITS = 6 };
  double rest = 0;
  g_autoptr(json_t) json = json_pack("{so}", "base", rounded(model->constant));
  for (int i = 0; i < FEATURE_COUNT; i++) {
    double part = score_part(model, (FeatureName) i, values[i]);
    if (fabs(part) < MIN_PART)
      rest += part;
    else
      json_object_set_new(json, feature_info(i)->name, json_pack("[o o]", rounded(values[i]), rounded(part)));
  }
  json_object_set_new(json, "rest", rounded(rest));
  char *dumped = json_dumps(json, JSON_COMPACT | JSON_SORT_KEYS | JSON_REAL_PRECISION(DIGITS));
  char *text = g_strdup(dumped);
  free(dumped);
  return text;
}

/* Returns: (transfer none): what it is about @feature, in words; "" when that is not worth a word */
static const char *
put_into_words(const ScoreModel *model, const double values[FEATURE_COUNT], FeatureName feature)
{
  const FeatureInfo *info = feature_info((int) feature);
  return values[feature] > model->usual[feature] ? info->more : info->less;
}

/* Returns: the feature with words that adds most in the direction @sign, @but aside; FEATURE_COUNT when none adds enough */
static FeatureName
find_strongest(const ScoreModel *model, const double values[FEATURE_COUNT], double sign, FeatureName but)
{
  FeatureName strongest = FEATURE_COUNT;
  double most = MIN_SHARE;
  for (int i = 0; i < FEATURE_COUNT; i++) {
    double part = sign * score_part(model, (FeatureName) i, values[i]);
    if ((FeatureName) i != but && part >= most && put_into_words(model, values, (FeatureName) i)[0] != '\0') {
      strongest = (FeatureName) i;
      most = part;
    }
  }
  return strongest;
}

/* "much applause and a long text"; Returns: (transfer full) (nullable) */
static char *
name_two(const ScoreModel *model, const double values[FEATURE_COUNT], double sign)
{
  FeatureName first = find_strongest(model, values, sign, FEATURE_COUNT);
  if (first == FEATURE_COUNT)
    return NULL;
  FeatureName second = find_strongest(model, values, sign, first);
  const char *words = put_into_words(model, values, first);
  if (second == FEATURE_COUNT)
    return g_strdup(words);
  return g_strdup_printf("%s and %s", words, put_into_words(model, values, second));
}

static char *
write_reason(const ScoreModel *model, const double values[FEATURE_COUNT])
{
  g_autofree char *good = name_two(model, values, 1);
  g_autofree char *bad = name_two(model, values, -1);
  if (good != NULL && bad != NULL)
    return g_strdup_printf("Carried by %s, held back by %s.", good, bad);
  if (good != NULL)
    return g_strdup_printf("Carried by %s.", good);
  if (bad != NULL)
    return g_strdup_printf("Held back by %s.", bad);
  return g_strdup("Nothing measured sets it apart.");
}

Score *
score_post(const ScoreModel *model, const Gauge *gauge, const ScorePost *post)
{
  Score *score = g_new0(Score, 1);
  score->measured = features_measure(post, gauge);
  score->value = score_model_predict(model, score->measured.values);
  score->reason = write_reason(model, score->measured.values);
  score->features = write_features(model, score->measured.values);
  return score;
}

void
score_free(Score *score)
{
  if (score == NULL)
    return;
  features_clear(&score->measured);
  g_free(score->reason);
  g_free(score->features);
  g_free(score);
}
