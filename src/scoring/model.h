/*
 * How good a story is: a linear model over measured features. Weights that ship are what it begins with; scores that a language
 * model gave teach it more (AdaGrad: Duchi, Hazan and Singer, 2011). Pure: the same answers in the same order make the same
 * model. Thread: what takes it as const may be called at once.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/json.h"
#include "scoring/features.h"

typedef struct ScoreModel ScoreModel;

/**
 * score_model_new:
 * @weights: data/score-weights.tsv: "constant", a tab and a number; and a line for every feature of features.def: its name,
 *   weight and usual value; "#" before comments
 *
 * Returns: (transfer full) (nullable): as it ships. Errors: BAD_DATA with the line
 */
ScoreModel *score_model_new(const char *weights, GError **error);

/** score_model_free: NULL-safe. */
void score_model_free(ScoreModel *model);

/** score_model_history: Returns: (transfer none): what places were given, for the #Gauge */
const History *score_model_history(const ScoreModel *model);

/** score_model_predict: Returns: 0 to 1, rounded to 1e-6 */
double score_model_predict(const ScoreModel *model, const double values[FEATURE_COUNT]);

/**
 * Score: @value: 0 to 1, rounded to 1e-6; @reason: one plain sentence that names what carried it, and what held it back;
 * @features: a JSON object: "base", what a post that is usual in everything gets, the features that add something, each with
 * its value and what it adds, `{"applause": [0.5, 0.012]}`, and "rest", what the others add together; the sum of all is the
 * score
 * @measured: what it was made of
 */
typedef struct {
  double value;
  char *reason;
  char *features;
  Features measured;
} Score;

/** score_post: Returns: (transfer full) */
Score *score_post(const ScoreModel *model, const Gauge *gauge, const ScorePost *post);

/** score_free: NULL-safe. */
void score_free(Score *score);

/* ---- learning */

/**
 * ScoreAnswer: a score that was given, never one that stands for a failure. All borrowed.
 * @measured, @predicted: as before the answer
 * @given: 0 to 1
 * @is_explored: score_model_decide() had it asked although the call could have been spared
 */
typedef struct {
  const Features *measured;
  double predicted;
  double given;
  bool is_explored;
} ScoreAnswer;

/**
 * score_model_learn:
 * @answers: (element-type ScoreAnswer): of a run, in the order of its plan
 *
 * Nothing is learned of an answer to a text that was answered before (of the last SCORE_ANSWERS), of one that is no number from
 * 0 to 1, or of a run of three answers or more that are all one value.
 *
 * Returns: of how many something was learned
 */
unsigned score_model_learn(ScoreModel *model, const GArray *answers);

/** SCORE_ANSWERS: so many of the newest answers are kept, for the threshold and the calibration. */
enum { SCORE_ANSWERS = 4000 };

/** score_model_learned: Returns: of how many answers it learned in all */
uint64_t score_model_learned(const ScoreModel *model);

/** score_model_save: Returns: (transfer full): what was learned, as JSON for score_model_restore(); at most some 120 KB */
char *score_model_save(const ScoreModel *model);

/**
 * score_model_restore: takes up what score_model_save() wrote. What was learned upon other shipped weights does not fit: then
 * @model stays as it ships, and true is returned; score_model_learned() tells.
 *
 * Returns: false when @state is damaged, @model stays as it was. Errors: BAD_DATA
 */
bool score_model_restore(ScoreModel *model, const char *state, GError **error);

/* ---- sparing calls */

/** Kept: an answer as the threshold counts it: so many like it. */
typedef struct {
  double predicted;
  double given;
  double weight;
} Kept;

/** score_threshold: the highest from which on stood @recall, 0 to 1, of the @kept (element-type Kept) that were given @good or
 * more. Returns: 0 where there was none */
double score_threshold(const GArray *kept, double good, double recall);

/** ScoreDecision: whether a language model is asked about a story. */
typedef enum {
  SCORE_ASK,     /* it may be good, or too little is known yet */
  SCORE_EXPLORE, /* it could be spared, and is asked so that what is spared stays known */
  SCORE_SPARE,
} ScoreDecision;

/** SCORE_LEAST_LEARNED: before so many answers were learned no call is spared; SCORE_EXPLORED: of 100 that could be spared so
 * many are asked. */
enum { SCORE_LEAST_LEARNED = 200, SCORE_EXPLORED = 3 };

/** SparingRule: what score_model_decide() goes by; made once a run. @threshold: 0: nothing is spared; @version: borrowed: 12
 * hex digits that change with the weights that ship, not with what is learned */
typedef struct {
  double threshold;
  const char *version;
} SparingRule;

/** score_model_rule: @good: the score from which on a story may be written about; @recall: what share of such stories has to be
 * asked about, 1 for all stories. An answer to what was explored counts for all those that were spared for it. */
SparingRule score_model_rule(const ScoreModel *model, double good, double recall);

/** score_decide: the same for one story and one shipped model in every run: explored is what SHA-256("<story id> <version>")
 * mod 100 < 3 says. */
ScoreDecision score_decide(const SparingRule *rule, const char *story_id, double predicted);

/** score_model_calibration: Returns: (transfer full): what was given where a tenth was predicted: `[{"from", "answers",
 * "predicted", "given"}]`, those with answers, ascending */
json_t *score_model_calibration(const ScoreModel *model);

/* ---- fitting what ships */

/** ScoreExample: a post with the score it was given. */
typedef struct {
  double values[FEATURE_COUNT];
  double given;
} ScoreExample;

/** score_fit: ridge regression towards the judged weights. @examples: (element-type ScoreExample). Returns: (transfer full):
 * what score_model_new() reads, without comments */
char *score_fit(const GArray *examples, double ridge);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(ScoreModel, score_model_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Score, score_free)
