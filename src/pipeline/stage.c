#include "pipeline/stage.h"

#include "base/error.h"
#include "base/json.h"
#include "os/clock.h"

#include <malloc.h>

/* @idle: seconds */
static void
note(const Context *context, const char *name, const char *part, double idle)
{
  if (context->timeline == NULL)
    return;
  const TimelinePart ended = {
      .stage = name, .name = part, .ended_ms = clock_monotonic_ms(), .idle_ms = (int64_t) (idle * 1000)};
  timeline_part(context->timeline, &ended);
}

void
stage_note(const Context *context, const char *name, const char *part)
{
  note(context, name, part, 0);
}

bool
stage_work(const Context *context, const StageSpec *spec, GPtrArray *jobs, StageTally *ret_tally, GError **error)
{
  StageSpec timed = *spec;
  if (context->config->network->deadline_ms > 0)
    timed.deadline_ms = context->config->network->deadline_ms;
  /* what the stages before used is the system's again before this one asks for its own */
  malloc_trim(0);
  note(context, spec->name, "plan", 0);
  bool is_done = driver_run(context->driver, &timed, jobs, ret_tally, error);
  note(context, spec->name, "work", is_done ? ret_tally->idle : 0);
  if (!is_done)
    return false;
  if (ret_tally->has_second_pass)
    log_line(context->log, LOG_WARNING, "%s: more than a fifth of the jobs failed for now; those were run once more",
             spec->name);
  return true;
}

char *
stage_describe(json_t *counts)
{
  GString *text = g_string_new(NULL);
  const char *key = NULL;
  json_t *value = NULL;
  json_object_foreach(counts, key, value)
  {
    if (!json_is_integer(value) || json_integer_value(value) == 0)
      continue;
    g_autofree char *words = g_strdelimit(g_strdup(key), "_", ' ');
    g_string_append_printf(text, "%s%" JSON_INTEGER_FORMAT " %s", text->len > 0 ? ", " : "", json_integer_value(value), words);
  }
  return g_string_free(g_string_append(text, text->len > 0 ? "" : "nothing to do"), false);
}

bool
stage_end(const Context *context, const char *name, const StageTally *tally, json_t *counts, GError **error)
{
  g_autoptr(json_t) owned = counts;
  g_autofree char *text = json_write(owned);
  const StageRecord record = {
      .name = (char *) name,
      .jobs = tally->jobs,
      .failed = tally->failed,
      .workers = tally->workers,
      .reason = (char *) (tally->reason != NULL ? tally->reason : ""),
      .seconds = tally->seconds,
      .idle = tally->idle,
      .waited = tally->waited,
      .counts = text,
  };
  if (!runs_add_stage(context->store, context->run->id, &record, error) || !store_commit(context->store, error)) {
    store_rollback(context->store);
    return false;
  }
  note(context, name, "merge", 0);
  const LogPhase phase = {
      .phase = name, .event = "end", .seconds = tally->seconds, .items = tally->jobs, .workers = tally->workers};
  g_autofree char *described = stage_describe(owned);
  log_phase(context->log, &phase, "%s: %s (%.2f s)", name, described, tally->seconds);
  return true;
}

bool
stage_merge_jobs(const Context *context, const GPtrArray *jobs,
                 bool (*merge_job)(const Context *context, const Job *job, void *tally, GError **error), void *tally,
                 GError **error)
{
  if (!store_begin(context->store, true, error))
    return false;
  for (guint i = 0; i < jobs->len; i++)
    if (!merge_job(context, g_ptr_array_index(jobs, i), tally, error)) {
      store_rollback(context->store);
      return false;
    }
  return true;
}

bool
stage_fail_job(const Context *context, const Job *job, GError **error)
{
  g_autoptr(Failure) kept = failure_new(job->error->code, job->error->message, NULL, 0);
  log_line(context->log, LOG_WARNING, "%s", job->error->message);
  return runs_add_failure(context->store, context->run->id, job->name, kept, error);
}
