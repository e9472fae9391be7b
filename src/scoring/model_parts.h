/*
 * What the model consists of, for the files of this folder that are the model.
 */
#pragma once

#include "scoring/model.h"

/** Answer: one that was learned. @text_key: as of #Features */
typedef struct {
  double predicted;
  double given;
  uint32_t text_key;
  bool is_explored;
} Answer;

/**
 * ScoreModel:
 * @usual: the value at which a feature counts for neither side
 * @squares, @constant_square: squared gradients so far, summed: the larger, the smaller the next step
 * @answers: (element-type Answer): the last SCORE_ANSWERS, oldest first
 */
struct ScoreModel {
  char version[13];
  double constant;
  double constant_square;
  double weights[FEATURE_COUNT];
  double usual[FEATURE_COUNT];
  double squares[FEATURE_COUNT];
  uint64_t learned;
  GArray *answers;
  History *history;
};

/** score_sum: Returns: the prediction before it is brought to 0 to 1 */
double score_sum(const ScoreModel *model, const double values[FEATURE_COUNT]);

/** score_part: Returns: what a feature of that value adds */
double score_part(const ScoreModel *model, FeatureName feature, double value);
