#include "store/runs.h"

#include "base/error.h"
#include "store/rows.h"

#include <string.h>

#define RUN_COLUMNS "id, command, now_ms, config_sha256, version, state, started_ms, ended_ms, exit_code, summary"

void
run_free(Run *run)
{
  if (run == NULL)
    return;
  g_free(run->command);
  g_free(run->config_sha256);
  g_free(run->version);
  g_free(run->state);
  g_free(run->summary);
  g_free(run);
}

void
stage_record_free(StageRecord *record)
{
  if (record == NULL)
    return;
  g_free(record->name);
  g_free(record->reason);
  g_free(record->counts);
  g_free(record);
}

void
failure_row_free(FailureRow *row)
{
  if (row == NULL)
    return;
  g_free(row->stage);
  g_free(row->job);
  g_free(row->code);
  g_free(row->message);
  g_free(row);
}

static Run *
read_run(const Rows *rows)
{
  Run *run = g_new0(Run, 1);
  run->id = rows_int(rows, 0);
  run->command = g_strdup(rows_text(rows, 1));
  run->now_ms = rows_int(rows, 2);
  run->config_sha256 = g_strdup(rows_text(rows, 3));
  run->version = g_strdup(rows_text(rows, 4));
  run->state = g_strdup(rows_text(rows, 5));
  run->started_ms = rows_int(rows, 6);
  run->ended_ms = rows_int(rows, 7);
  run->exit_code = rows_int(rows, 8);
  run->summary = g_strdup(rows_text(rows, 9));
  return run;
}

Run *
runs_open(Store *store, GError **error)
{
  Rows *rows = store_select(store, "SELECT " RUN_COLUMNS " FROM runs WHERE state = 'running' ORDER BY id DESC LIMIT 1", "");
  g_autoptr(Run) run = rows_next(rows) ? read_run(rows) : NULL;
  return rows_end(rows, error) ? g_steal_pointer(&run) : NULL;
}

GPtrArray *
runs_latest(Store *store, int64_t limit, GError **error)
{
  g_autoptr(GPtrArray) runs = g_ptr_array_new_with_free_func((GDestroyNotify) run_free);
  Rows *rows = store_select(store, "SELECT " RUN_COLUMNS " FROM runs ORDER BY id DESC LIMIT ?1", "i", limit);
  while (rows_next(rows))
    g_ptr_array_add(runs, read_run(rows));
  return rows_end(rows, error) ? g_steal_pointer(&runs) : NULL;
}

Run *
runs_begin(Store *store, const Run *run, GError **error)
{
  Rows *rows = store_select(store,
                            "INSERT INTO runs(command, now_ms, config_sha256, version, state, started_ms)"
                            " VALUES(?1, ?2, ?3, ?4, 'running', ?5) RETURNING " RUN_COLUMNS,
                            "sissi", run->command, run->now_ms, run->config_sha256, COURANT_VERSION, run->started_ms);
  g_autoptr(Run) begun = rows_next(rows) ? read_run(rows) : NULL;
  while (rows_next(rows))
    ;
  return rows_end(rows, error) ? g_steal_pointer(&begun) : NULL;
}

bool
runs_end(Store *store, const Run *run, const char *state, const char *summary, GError **error)
{
  return store_run(store, error, "UPDATE runs SET state = ?2, ended_ms = ?3, exit_code = ?4, summary = ?5 WHERE id = ?1",
                   "isiis", run->id, state, run->ended_ms, run->exit_code, summary);
}

bool
runs_add_stage(Store *store, int64_t run_id, const StageRecord *record, GError **error)
{
  return store_run(store, error,
                   "INSERT INTO stages(run_id, name, jobs, failed, workers, reason, seconds, waited, counts, idle)"
                   " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
                   "isiiisddsd", run_id, record->name, record->jobs, record->failed, record->workers, record->reason,
                   record->seconds, record->waited, record->counts, record->idle);
}

GPtrArray *
runs_stages(Store *store, int64_t run_id, GError **error)
{
  g_autoptr(GPtrArray) records = g_ptr_array_new_with_free_func((GDestroyNotify) stage_record_free);
  Rows *rows = store_select(store,
                            "SELECT name, jobs, failed, workers, reason, seconds, waited, counts, idle FROM stages"
                            " WHERE run_id = ?1 ORDER BY rowid",
                            "i", run_id);
  while (rows_next(rows)) {
    StageRecord *record = g_new0(StageRecord, 1);
    record->name = g_strdup(rows_text(rows, 0));
    record->jobs = rows_int(rows, 1);
    record->failed = rows_int(rows, 2);
    record->workers = rows_int(rows, 3);
    record->reason = g_strdup(rows_text(rows, 4));
    record->seconds = rows_real(rows, 5);
    record->waited = rows_real(rows, 6);
    record->counts = g_strdup(rows_text(rows, 7));
    record->idle = rows_real(rows, 8);
    g_ptr_array_add(records, record);
  }
  return rows_end(rows, error) ? g_steal_pointer(&records) : NULL;
}

bool
runs_add_failure(Store *store, int64_t run_id, const char *job, const Failure *failure, GError **error)
{
  g_autofree char *stage = g_strndup(job, strcspn(job, ":"));
  return store_run(store, error,
                   "INSERT INTO failures(run_id, stage, job, code, message, input) VALUES(?1, ?2, ?3, ?4, ?5, ?6)", "isssss",
                   run_id, stage, job, error_code_name(failure->code), failure->message, failure->input);
}

GPtrArray *
runs_failures(Store *store, int64_t run_id, GError **error)
{
  g_autoptr(GPtrArray) failures = g_ptr_array_new_with_free_func((GDestroyNotify) failure_row_free);
  Rows *rows =
      store_select(store, "SELECT stage, job, code, message FROM failures WHERE run_id = ?1 ORDER BY rowid", "i", run_id);
  while (rows_next(rows)) {
    FailureRow *failure = g_new0(FailureRow, 1);
    failure->stage = g_strdup(rows_text(rows, 0));
    failure->job = g_strdup(rows_text(rows, 1));
    failure->code = g_strdup(rows_text(rows, 2));
    failure->message = g_strdup(rows_text(rows, 3));
    g_ptr_array_add(failures, failure);
  }
  return rows_end(rows, error) ? g_steal_pointer(&failures) : NULL;
}
