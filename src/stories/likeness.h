/*
 * How alike two posts are, in a handful of features, and how probable it is that they tell one story. Pure.
 */
#pragma once

#include <stdbool.h>

#include "stories/fingerprint.h"

/** LikenessFeature: each 0 to 1 or a little more. What is shared are equal stems, and stems of the same families. */
typedef enum {
  LIKENESS_LETTERS,       /* cosines of the heads' character bigrams and trigrams, the mean of both */
  LIKENESS_SHARED,        /* idf of what is shared, logarithmic */
  LIKENESS_WITHIN,        /* that over the idf of the post that has less */
  LIKENESS_COMMON,        /* how many equal stems stand in both heads, logarithmic */
  LIKENESS_PAIRS,         /* idf of what stands side by side in both heads, logarithmic */
  LIKENESS_OTHER_NUMBERS, /* numbers that differ behind the same word */
  LIKENESS_OTHER_PLACES,  /* both heads name places, and none that is the same */
  LIKENESS_LINKS,         /* 1: one is about a page that the other links; 0.5: both link a page that neither is about */
  LIKENESS_COUNT,
} LikenessFeature;

/** likeness_name: Returns: (transfer none): as data/story-weights.tsv writes it */
const char *likeness_name(LikenessFeature feature);

/** likeness_measure: the same for a and b exchanged; all 0 where one of them has a single stem. */
void likeness_measure(const Fingerprint *a, const Fingerprint *b, double ret_values[LIKENESS_COUNT]);

/** likeness_veto: Returns: (transfer none) (nullable): why the two never tell one story, however alike: "version" for other
 * numbers of one series or product, "template" for heads that differ in their numbers alone, "series" for entries of one title
 * in one feed, which are the work of one publisher ("Open thread", "Security updates for Monday"); NULL when nothing forbids it
 */
const char *likeness_veto(const Fingerprint *a, const Fingerprint *b);

/** LikenessModel: a logistic model. @cut: from this probability on two posts tell one story. */
typedef struct {
  double constant;
  double weights[LIKENESS_COUNT];
  double cut;
} LikenessModel;

/** likeness_model_read: @text: data/story-weights.tsv: a name, a tab and a number a line, "#" before comments. Errors: BAD_DATA
 * with the line */
bool likeness_model_read(const char *text, LikenessModel *ret_model, GError **error);

/** likeness_probability: Returns: 0 to 1, rounded to 1e-6 */
double likeness_probability(const LikenessModel *model, const double values[LIKENESS_COUNT]);

/** likeness_shift: Returns: @probability when @shift is added to its log-odds, rounded to 1e-6 */
double likeness_shift(double probability, double shift);

/** LikenessExample: a labelled pair. @group: examples of one kind share a constant of their own; that of kind 0 is the model's
 */
typedef struct {
  double values[LIKENESS_COUNT];
  bool is_same;
  double weight;
  int group;
} LikenessExample;

/** likeness_fit: ridge logistic regression by Newton's method. @examples: (element-type LikenessExample): of LIKENESS_GROUPS
 * kinds at most; @ridge: the penalty of the weights */
enum { LIKENESS_GROUPS = 4 };
LikenessModel likeness_fit(const GArray *examples, double ridge);
