/*
 * What stories are scored with: the tables that ship, and the model.
 */
#pragma once

#include "scoring/model.h"
#include "store/store.h"

/** Scorer: @gauge: without a history; @model: NULL where only the tables were opened */
typedef struct {
  Vocabulary *vocabulary;
  Domains *domains;
  ScoreModel *model;
  Gauge gauge;
} Scorer;

/** scorer_open_tables: what is measured with, without a model. @datadir: holds `data/`; @background: outlives it. Returns:
 * (transfer full) (nullable). Errors: IO; BAD_DATA with file and line */
Scorer *scorer_open_tables(const char *datadir, const Background *background, GError **error);

/** scorer_open: with the model as it ships; as scorer_open_tables(). */
Scorer *scorer_open(const char *datadir, const Background *background, GError **error);

/** scorer_recall: takes up what runs before learned; nothing is no error. Errors: DATABASE; BAD_DATA when it is damaged, the
 * model is as it ships then and can be used */
bool scorer_recall(Scorer *scorer, Store *store, GError **error);

/** scorer_learn: the answers of a run, in the order of its plan (score_model_learn()), and keeps what was learned where that is
 * anything; in the merge's transaction. Errors: DATABASE */
bool scorer_learn(Scorer *scorer, Store *store, int64_t run_id, const GArray *answers, GError **error);

/** scorer_free: NULL-safe. */
void scorer_free(Scorer *scorer);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Scorer, scorer_free)
