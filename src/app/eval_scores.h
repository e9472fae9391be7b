/*
 * How well scores are predicted, measured on posts with the scores a language model gave them.
 */
#pragma once

#include <stdbool.h>

#include "app/command.h"
#include "scoring/features.h"

/**
 * EvalScored: a post with its score.
 * @source: as the product's keys are: "mastodon:hachyderm.io"
 * @link: (nullable): as of #ScorePost
 * @heuristic: what the reference's heuristic said; NAN where it is not recorded
 * @line: in its file
 */
typedef struct {
  char *source;
  char *title;
  char *text;
  char *link;
  char *language;
  int64_t when_ms;
  int64_t length;
  int64_t applause;
  int64_t shares;
  int64_t replies;
  double given;
  double heuristic;
  unsigned line;
} EvalScored;

/** EvalScores: @posts: (element-type EvalScored): in the order of the file, which should be that of time;
 * @early_line: the first that is earlier than the one before it; 0: none; @skipped: bad lines that
 * were passed over; @first_problem: (nullable): what is wrong with the first, with file and line */
typedef struct {
  char *name;
  GPtrArray *posts;
  unsigned skipped;
  unsigned early_line;
  char *first_problem;
} EvalScores;

/**
 * eval_scores_read:
 * @path: a file of JSON objects in the order of time, one a line: `{"when","source","text","length"?,"metadata"?,"ai_score",
 *   "reference_heuristic"?}`
 * @may_skip: passes over bad lines and counts them
 *
 * Returns: (transfer full) (nullable). Errors: IO; BAD_DATA with file and line
 */
EvalScores *eval_scores_read(const char *path, bool may_skip, GError **error);

/** eval_scores_free: NULL-safe. */
void eval_scores_free(EvalScores *scores);

/** EvalScoresOptions: @after: so many posts at the beginning are learned and not counted; @errors: so many of the worst
 * predictions are told */
typedef struct {
  bool may_skip;
  bool is_fit;
  bool has_calibration;
  int after;
  int errors;
} EvalScoresOptions;

/** eval_scores: measures the one file that is named. Returns: an exit code */
int eval_scores(const Invocation *invocation, const EvalScoresOptions *options);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(EvalScores, eval_scores_free)
