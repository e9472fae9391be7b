/*
 * What a run did, read back from the store: as JSON and as text. Reads the store and this process's peak memory.
 */
#pragma once

#include "base/json.h"
#include "store/runs.h"
#include "store/store.h"

/** summary_exit_code: of a run whose stages are merged: 1 a whole stage failed, 6 a cap stopped paid calls, 4 something
 * failed, else 0. Returns: -1 on
 * error */
int summary_exit_code(Store *store, const Run *run, GError **error);

/** summary_document: @command names the schema. Returns: (transfer full) (nullable): the document of `run --json` */
json_t *summary_document(Store *store, const Run *run, const char *command, GError **error);

/** summary_text: the same for people, lines ended by "\n". @document (transfer none). Returns: (transfer full) */
char *summary_text(const json_t *document);

/** summary_stage: Returns: (transfer full): a stage as in --json: name, seconds, idle, waited, jobs, workers, failed */
json_t *summary_stage(const StageRecord *record);
