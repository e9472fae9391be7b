/* What the model learns, and how it is kept. */
#include "scoring/model_parts.h"

#include <math.h>
#include <string.h>

#include "base/error.h"

/* On the 581 posts of which the weights are made: those of 300, learning the other 281, had the lowest mean error with steps of
 * this length; longer ones forget what ships, shorter ones learn a taste of its own too late. */
static const double STEP = 0.03;

/* Fewer answers may be equal by chance. */
enum { LEAST_OF_CONSTANT_RUN = 3 };

/* No weight goes beyond: what learned so much learned nonsense. */
static const double MOST_WEIGHT = 10;

/* ---- learning */

static bool
is_constant_run(const GArray *answers)
{
  double first = answers->len > 0 ? g_array_index(answers, ScoreAnswer, 0).given : 0;
  for (guint i = 1; i < answers->len; i++)
    if (g_array_index(answers, ScoreAnswer, i).given != first)
      return false;
  return answers->len >= LEAST_OF_CONSTANT_RUN;
}

static bool
was_answered(const ScoreModel *model, uint32_t text_key)
{
  for (guint i = 0; i < model->answers->len; i++)
    if (g_array_index(model->answers, Answer, i).text_key == text_key)
      return true;
  return false;
}

/* A step against the gradient of half the squared error. */
static void
take_step(double *weight, double *square, double gradient)
{
  *square += gradient * gradient;
  *weight = CLAMP(*weight - STEP * gradient / sqrt(*square), -MOST_WEIGHT, MOST_WEIGHT);
}

static void
learn_one(ScoreModel *model, const ScoreAnswer *answer)
{
  const double *values = answer->measured->values;
  double excess = score_sum(model, values) - answer->given;
  take_step(&model->constant, &model->constant_square, excess);
  for (int i = 0; i < FEATURE_COUNT; i++)
    if (isfinite(values[i]))
      take_step(&model->weights[i], &model->squares[i], excess * (values[i] - model->usual[i]));
  if (answer->measured->domain != NULL)
    history_add(model->history, answer->measured->domain, answer->given);
  history_add(model->history, answer->measured->source, answer->given);
  const Answer kept = {answer->predicted, answer->given, answer->measured->text_key, answer->is_explored};
  if (model->answers->len == SCORE_ANSWERS)
    g_array_remove_index(model->answers, 0);
  g_array_append_val(model->answers, kept);
  model->learned++;
}

unsigned
score_model_learn(ScoreModel *model, const GArray *answers)
{
  unsigned count = 0;
  if (is_constant_run(answers))
    return 0;
  for (guint i = 0; i < answers->len; i++) {
    const ScoreAnswer *answer = &g_array_index(answers, ScoreAnswer, i);
    bool is_score = answer->given >= 0 && answer->given <= 1 && answer->predicted >= 0 && answer->predicted <= 1;
    if (!is_score || was_answered(model, answer->measured->text_key))
      continue;
    learn_one(model, answer);
    count++;
  }
  return count;
}

uint64_t
score_model_learned(const ScoreModel *model)
{
  return model->learned;
}

/* ---- keeping */

/* A text of 17 or 18 characters an answer: predicted and given in ten thousandths, the key, and how it was asked. */
static char *
write_answers(const ScoreModel *model)
{
  GString *text = g_string_new(NULL);
  for (guint i = 0; i < model->answers->len; i++) {
    const Answer *answer = &g_array_index(model->answers, Answer, i);
    g_string_append_printf(text, "%s%.0f %.0f %08x%s", i > 0 ? "," : "", round(answer->predicted * 1e6),
                           round(answer->given * 1e6), answer->text_key, answer->is_explored ? " explored" : "");
  }
  return g_string_free(text, FALSE);
}

char *
score_model_save(const ScoreModel *model)
{
  g_autofree char *answers = write_answers(model);
  g_autoptr(json_t) weights = json_object();
  for (int i = 0; i < FEATURE_COUNT; i++)
    json_object_set_new(weights, feature_info(i)->name, json_pack("[f f]", model->weights[i], model->squares[i]));
  g_autoptr(json_t) json = json_pack("{ss sI s[f f] sO so ss}", "version", model->version, "learned",
                                     (json_int_t) model->learned, "constant", model->constant, model->constant_square,
                                     "weights", weights, "history", history_json(model->history), "answers", answers);
  return json_write(json);
}

/* Returns: false when it is not a weight with its square */
static bool
read_pair(const json_t *pair, double *ret_weight, double *ret_square)
{
  const json_t *weight = json_array_get(pair, 0);
  const json_t *square = json_array_get(pair, 1);
  if (json_array_size(pair) != 2 || !json_is_number(weight) || !json_is_number(square))
    return false;
  *ret_weight = json_number_value(weight);
  *ret_square = json_number_value(square);
  return fabs(*ret_weight) <= MOST_WEIGHT && *ret_square > 0;
}

/* Returns: false when @word is no whole number from 0 to 1,000,000 */
static bool
read_millionths(const char *word, double *ret_share)
{
  char *end = NULL;
  guint64 number = g_ascii_strtoull(word, &end, 10);
  *ret_share = (double) number / 1e6;
  return g_ascii_isdigit(*word) && *end == '\0' && number <= 1000000;
}

static bool
read_answer(const char *text, Answer *ret_answer)
{
  enum { KEY_DIGITS = 8 };
  g_auto(GStrv) words = g_strsplit(text, " ", -1);
  guint count = g_strv_length(words);
  if (count < 3 || count > 4 || (count == 4 && !g_str_equal(words[3], "explored")))
    return false;
  if (strlen(words[2]) != KEY_DIGITS || strspn(words[2], "0123456789abcdef") != KEY_DIGITS)
    return false;
  ret_answer->text_key = (uint32_t) g_ascii_strtoull(words[2], NULL, 16);
  ret_answer->is_explored = count == 4;
  return read_millionths(words[0], &ret_answer->predicted) && read_millionths(words[1], &ret_answer->given);
}

static bool
read_answers(ScoreModel *model, const char *text)
{
  if (text == NULL)
    return false;
  g_auto(GStrv) entries = g_strsplit(text, ",", -1);
  for (char **entry = entries; *entry != NULL; entry++) {
    Answer answer = {0};
    if (!read_answer(*entry, &answer) || model->answers->len == SCORE_ANSWERS)
      return false;
    g_array_append_val(model->answers, answer);
  }
  return true;
}

/* Returns: false when something is missing or wrong, with @model half read */
static bool
read_state(ScoreModel *model, const json_t *json)
{
  const json_t *weights = json_object_get(json, "weights");
  const json_t *learned = json_object_get(json, "learned");
  History *history = history_read(json_object_get(json, "history"));
  if (history == NULL)
    return false;
  history_free(model->history);
  model->history = history;
  for (int i = 0; i < FEATURE_COUNT; i++)
    if (!read_pair(json_object_get(weights, feature_info(i)->name), &model->weights[i], &model->squares[i]))
      return false;
  model->learned = (uint64_t) json_integer_value(learned);
  return json_is_integer(learned) && json_integer_value(learned) >= 0 &&
         read_pair(json_object_get(json, "constant"), &model->constant, &model->constant_square) &&
         read_answers(model, json_read_text(json, "answers")) && model->learned >= model->answers->len;
}

bool
score_model_restore(ScoreModel *model, const char *state, GError **error)
{
  g_autoptr(json_t) json = json_loads(state, 0, NULL);
  const char *version = json_read_text(json, "version");
  if (version == NULL) {
    error_set(error, ERROR_BAD_DATA, "what the score model learned is damaged: it has no version");
    return false;
  }
  if (!g_str_equal(version, model->version))
    return true;
  g_autoptr(ScoreModel) read = g_new(ScoreModel, 1);
  *read = *model;
  read->answers = g_array_new(FALSE, FALSE, sizeof(Answer));
  read->history = history_new();
  if (!read_state(read, json)) {
    error_set(error, ERROR_BAD_DATA, "what the score model learned is damaged");
    return false;
  }
  ScoreModel held = *model;
  *model = *read;
  *read = held;
  return true;
}
