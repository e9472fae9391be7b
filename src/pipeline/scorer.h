/*
 * What stories are scored with: the tables that ship, and the model.
 */
#pragma once

#include "scoring/model.h"

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

/** scorer_free: NULL-safe. */
void scorer_free(Scorer *scorer);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Scorer, scorer_free)
