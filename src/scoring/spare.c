/* Which calls can be spared, and how far predictions are to be trusted. */
#include "scoring/model_parts.h"

#include <string.h>

#include "base/digest.h"

enum { TENTHS = 10 };

/* Sums of rounded shares are not exact. */
static const double SLACK = 1e-9;

static int
compare_predicted(const void *a, const void *b)
{
  double first = ((const Kept *) a)->predicted;
  double second = ((const Kept *) b)->predicted;
  return (first > second) - (first < second);
}

double
score_threshold(const GArray *kept, double good, double recall)
{
  g_autoptr(GArray) wanted = g_array_new(FALSE, FALSE, sizeof(Kept));
  double total = 0;
  for (guint i = 0; i < kept->len; i++) {
    const Kept *entry = &g_array_index(kept, Kept, i);
    if (entry->given < good)
      continue;
    g_array_append_val(wanted, *entry);
    total += entry->weight;
  }
  g_array_sort(wanted, compare_predicted);
  double lost = 0;
  for (guint i = 0; i < wanted->len; i++) {
    const Kept *entry = &g_array_index(wanted, Kept, i);
    lost += entry->weight;
    if (lost > total * (1 - recall) + SLACK)
      return entry->predicted;
  }
  return 0;
}

SparingRule
score_model_rule(const ScoreModel *model, double good, double recall)
{
  SparingRule rule = {.version = model->version};
  g_autoptr(GArray) kept = g_array_new(FALSE, FALSE, sizeof(Kept));
  if (recall >= 1 || model->learned < SCORE_LEAST_LEARNED)
    return rule;
  for (guint i = 0; i < model->answers->len; i++) {
    const Answer *answer = &g_array_index(model->answers, Answer, i);
    const Kept entry = {answer->predicted, answer->given, answer->is_explored ? 100.0 / SCORE_EXPLORED : 1};
    g_array_append_val(kept, entry);
  }
  rule.threshold = score_threshold(kept, good, recall);
  return rule;
}

/* Returns: the hexadecimal number mod 100 */
static unsigned
last_two_digits(const char *hex)
{
  unsigned rest = 0;
  for (; *hex != '\0'; hex++)
    rest = (rest * 16 + (unsigned) g_ascii_xdigit_value(*hex)) % 100;
  return rest;
}

ScoreDecision
score_decide(const SparingRule *rule, const char *story_id, double predicted)
{
  if (!(predicted < rule->threshold))
    return SCORE_ASK;
  g_autofree char *subject = g_strconcat(story_id, " ", rule->version, NULL);
  g_autofree char *digest = digest_sha256(subject, strlen(subject));
  return last_two_digits(digest) < SCORE_EXPLORED ? SCORE_EXPLORE : SCORE_SPARE;
}

json_t *
score_model_calibration(const ScoreModel *model)
{
  double predicted[TENTHS] = {0};
  double given[TENTHS] = {0};
  json_int_t count[TENTHS] = {0};
  for (guint i = 0; i < model->answers->len; i++) {
    const Answer *answer = &g_array_index(model->answers, Answer, i);
    int tenth = CLAMP((int) (answer->predicted * TENTHS), 0, TENTHS - 1);
    predicted[tenth] += answer->predicted;
    given[tenth] += answer->given;
    count[tenth]++;
  }
  json_t *list = json_array();
  for (int i = 0; i < TENTHS; i++)
    if (count[i] > 0)
      json_array_append_new(list, json_pack("{sf sI sf sf}", "from", (double) i / TENTHS, "answers", count[i], "predicted",
                                            predicted[i] / (double) count[i], "given", given[i] / (double) count[i]));
  return list;
}
