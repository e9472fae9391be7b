/*
 * How well stories are told apart, measured on labelled data.
 */
#pragma once

#include "app/eval_measures.h"
#include "app/eval_rows.h"
#include "stories/likeness.h"

/** EvalFile: labelled rows with what is compared of them. @fingerprints: (element-type EvalText Fingerprint); @examples:
 * (element-type LikenessExample): a pair each, of kind 0; @is_vetoed: (element-type bool): whether a veto decides it */
typedef struct {
  EvalRows *rows;
  GHashTable *fingerprints;
  GArray *examples;
  GArray *is_vetoed;
} EvalFile;

/** eval_file_open: Returns: (transfer full) (nullable). Errors: as eval_rows_read() */
EvalFile *eval_file_open(const char *path, bool may_skip, const Lexicon *lexicon, GError **error);

/** eval_file_free: NULL-safe. */
void eval_file_free(EvalFile *file);

/** eval_predict: of the pairs from @begin to before @end. Returns: (transfer full) (element-type Prediction): @row is the
 * pair's position */
GArray *eval_predict(const EvalFile *file, const LikenessModel *model, guint begin, guint end);

/** eval_fit: @files: (element-type EvalFile); the constant is that of the first, which counts most. Returns: the model */
LikenessModel eval_fit(const GPtrArray *files);

/** EvalFolds: what was predicted of a file's later parts. @predictions: (element-type Prediction): pooled; @decisions: the
 * same, their scores less the cut, so that 0 is the cut; @dropped: pairs that were left out because both their texts had been
 * seen */
typedef struct {
  GArray *predictions;
  GArray *decisions;
  unsigned dropped;
} EvalFolds;

/** eval_folds_clear: frees what it holds. */
void eval_folds_clear(EvalFolds *folds);

/** EvalBaseline: another way of telling whether two posts are of one story. @cut: 0: the best one on what stands before */
typedef struct {
  const char *name;
  double (*score)(const EvalText *a, const EvalText *b, const Fingerprint *first, const Fingerprint *second);
  double cut;
} EvalBaseline;

/** eval_baselines: Returns: (transfer none): ended by one without a name */
const EvalBaseline *eval_baselines(void);

/**
 * eval_folds:
 * @files: (element-type EvalFile): all
 * @own: which one's pairs are predicted
 * @count: so many parts behind a first one are predicted, each by what stands before it in the same file and by all of the
 * others
 * @baseline: (nullable): instead of the model
 */
EvalFolds eval_folds(const GPtrArray *files, guint own, guint count, const EvalBaseline *baseline);

/** eval_bcubed: of @titles (element-type EvalTitle) from @begin to before @end, grouped at the model's cut */
Rates eval_bcubed(const GPtrArray *titles, guint begin, guint end, const Lexicon *lexicon, const LikenessModel *model);

/** eval_best_cluster_cut: Returns: the cut of the highest F1 by B-cubed for these titles */
double
eval_best_cluster_cut(const GPtrArray *titles, guint begin, guint end, const Lexicon *lexicon, const LikenessModel *model);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(EvalFile, eval_file_free)
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(EvalFolds, eval_folds_clear)
