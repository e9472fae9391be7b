/*
 * Runs, their stages and their failures.
 */
#pragma once

#include "model/item.h"
#include "store/store.h"

/**
 * Run:
 * @command: "run", or the one stage that was asked for
 * @now_ms: the one now of the run
 * @state: "running", "finished" or "abandoned"
 * @started_ms: by the real clock; the same for @ended_ms
 * @summary: (nullable): the document of --json
 */
typedef struct {
  int64_t id;
  char *command;
  int64_t now_ms;
  char *config_sha256;
  char *version;
  char *state;
  int64_t started_ms;
  int64_t ended_ms;
  int64_t exit_code;
  char *summary;
} Run;

/** run_free: NULL-safe. */
void run_free(Run *run);

/** runs_open: the unfinished run. Returns: (transfer full) (nullable): NULL without error when there is none */
Run *runs_open(Store *store, GError **error);

/** runs_latest: the newest @limit runs, newest first. Returns: (transfer full) (element-type Run) (nullable) */
GPtrArray *runs_latest(Store *store, int64_t limit, GError **error);

/** runs_begin: adds a run in state "running"; @run gives command, now, configuration digest and start. Returns: (transfer full)
 * (nullable) */
Run *runs_begin(Store *store, const Run *run, GError **error);

/** runs_end: closes a run as @state ("finished", "abandoned", or "running" for one that was stopped and may go on). @summary
 * (nullable). */
bool runs_end(Store *store, const Run *run, const char *state, const char *summary, GError **error);

/**
 * StageRecord: what a stage of a run did.
 * @reason: why that many workers
 * @seconds: real time; @idle: of them, with nothing to do but wait for the network; @waited: seconds that requests waited for
 * limits and back-off, summed
 * @counts: a JSON object
 */
typedef struct {
  char *name;
  int64_t jobs;
  int64_t failed;
  int64_t workers;
  char *reason;
  double seconds;
  double idle;
  double waited;
  char *counts;
} StageRecord;

/** stage_record_free: NULL-safe. */
void stage_record_free(StageRecord *record);

/** runs_add_stage: marks a stage of the run as merged; part of the merge's transaction. */
bool runs_add_stage(Store *store, int64_t run_id, const StageRecord *record, GError **error);

/** runs_stages: Returns: (transfer full) (element-type StageRecord) (nullable): in the order they were merged */
GPtrArray *runs_stages(Store *store, int64_t run_id, GError **error);

/** FailureRow: a failure with its place. */
typedef struct {
  char *stage;
  char *job;
  char *code;
  char *message;
} FailureRow;

/** failure_row_free: NULL-safe. */
void failure_row_free(FailureRow *row);

/** runs_add_failure: keeps @failure of @job (`stage:subject`, or a stage alone); part of the merge's transaction. */
bool runs_add_failure(Store *store, int64_t run_id, const char *job, const Failure *failure, GError **error);

/** runs_failures: Returns: (transfer full) (element-type FailureRow) (nullable): in the order they were kept */
GPtrArray *runs_failures(Store *store, int64_t run_id, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Run, run_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(StageRecord, stage_record_free)
