/*
 * How alike two posts are, in a dozen features, and how probable it is that they tell one story. Pure.
 */
#pragma once

#include <stdbool.h>

#include "stories/fingerprint.h"

/** LikenessFeature: each 0 to 1 or a little more. */
typedef enum {
  LIKENESS_RAREST,      /* the idf of the rarest shared stem */
  LIKENESS_SECOND,      /* of the second rarest */
  LIKENESS_THIRD,       /* of the third */
  LIKENESS_SHARED,      /* how many stems are shared, logarithmic */
  LIKENESS_OVERLAP,     /* idf of the shared stems over that of all */
  LIKENESS_CONTAINMENT, /* over that of the post that has less */
  LIKENESS_HEAD,        /* overlap of the heads */
  LIKENESS_HEAD_WITHIN, /* containment of the heads */
  LIKENESS_TRIGRAMS,    /* cosine of the heads' character trigrams */
  LIKENESS_PAIRS,       /* stems that follow each other in both heads, logarithmic */
  LIKENESS_NAMES,       /* idf of shared stems that both write as names */
  LIKENESS_NUMBERS,     /* numbers that both heads name */
  LIKENESS_OTHER_NUMBERS, /* numbers that differ behind the same word */
  LIKENESS_FAMILIES,    /* idf of stems that only begin alike, over that of the post that has less */
  LIKENESS_WORDS,       /* shared stems of the heads over all, each counting the same */
  LIKENESS_LENGTH,      /* the shorter over the longer, in stems */
  LIKENESS_COUNT,
} LikenessFeature;

/** likeness_name: Returns: (transfer none): as data/story-weights.tsv writes it */
const char *likeness_name(LikenessFeature feature);

/** likeness_measure: the same for a and b exchanged. */
void likeness_measure(const Fingerprint *a, const Fingerprint *b, double ret_values[LIKENESS_COUNT]);

/** likeness_veto: Returns: (transfer none) (nullable): why the two never tell one story, however alike: "version" for other
 * numbers of one series or product, "template" for heads that differ in their numbers alone, "series" for entries of one title
 * in one feed; NULL when nothing forbids it */
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

/** LikenessExample: a labelled pair. @group: examples of one kind share a constant of their own; that of kind 0 is the model's */
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
