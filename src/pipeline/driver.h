/*
 * The loop on the run's own thread that owns all that changes while jobs work: the network, the limits and the
 * exchange table. Steps run on pool threads, which hand back what they want to know.
 * What a turn of the loop learned is committed before any step sees it. Thread: the run's own.
 */
#pragma once

#include "model/exchange.h"
#include "net/client.h"
#include "pipeline/budget.h"
#include "pipeline/progress.h"
#include "pipeline/timeline.h"
#include "pipeline/workers.h"
#include "store/runs.h"
#include "store/store.h"

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

typedef struct Driver Driver;

/**
 * DriverOptions: all borrowed for the driver's life.
 * @budget: what calls of language models are paid from
 * @timeline: (nullable): where everything that happens is noted
 * @is_replay: this run's rows are the only source
 * @is_after_crash: an earlier run ended without telling what it had sent
 * @robots_token: our product token in robots.txt
 */
typedef struct {
  Store *store;
  const Run *run;
  Client *client;
  Progress *progress;
  Workers workers;
  Budget *budget;
  Timeline *timeline;
  bool is_replay;
  bool is_after_crash;
  const char *robots_token;
} DriverOptions;

/** driver_new: Returns: (transfer full) (nullable). Errors: RETRY no thread; DATABASE */
Driver *driver_new(const DriverOptions *options, GError **error);

/** driver_free: waits for the steps under way; NULL-safe. */
void driver_free(Driver *driver);

/**
 * Job: one piece of a stage's work.
 * @name: `stage:subject`, unique in the run
 * @worst_micros: what its calls cost at most: one and one repair; 0 for a job that pays nothing
 * @input: borrowed by the step; @input_free (nullable) is called with it by job_free()
 * @result: what the step made; @result_free frees it
 * @error: why it failed; exactly one of the two is set after driver_run()
 */
typedef struct {
  char *name;
  int64_t worst_micros;
  void *input;
  GDestroyNotify input_free;
  void *result;
  GDestroyNotify result_free;
  GError *error;
} Job;

/** job_new: @input (transfer full when @input_free is given). Returns: (transfer full) */
Job *job_new(const char *stage, const char *subject, void *input, GDestroyNotify input_free, GDestroyNotify result_free);

/** job_free: NULL-safe. */
void job_free(Job *job);

/**
 * StageSpec:
 * @snapshot: frozen knowledge, read by all steps at once
 * @kept_back_micros: what later stages of the run are left of its budget
 * @deadline_ms: real time for the whole stage
 */
typedef struct {
  const char *name;
  Step step;
  const void *snapshot;
  int64_t deadline_ms;
  int64_t kept_back_micros;
} StageSpec;

/**
 * StageTally: what the work cost.
 * @seconds: of real time; @idle: of them, how many nothing was to do but wait for the network
 * @waited: seconds that requests waited for limits and back-off, summed
 * @reason: borrowed from the driver
 */
typedef struct {
  int64_t jobs;
  int64_t failed;
  int64_t workers;
  const char *reason;
  double seconds;
  double idle;
  double waited;
  bool has_second_pass;
} StageTally;

/**
 * driver_run:
 * @jobs: (element-type Job): in the order of the plan; each gets its result or error in place
 * @ret_tally: (out)
 *
 * Works on all jobs; a job's failure is no failure of the stage. Jobs that pay start in the order of the plan, each when the
 * budget has room for its worst case; one that gets no money is worked too, and its calls end BUDGET. If more than 20 % of at
 * least 5 jobs end RETRY or THROTTLED, those run once more, one at a time, within the same deadline.
 *
 * Errors: CANCELLED a signal asked to stop; DATABASE. The jobs are then unfinished.
 */
bool driver_run(Driver *driver, const StageSpec *stage, GPtrArray *jobs, StageTally *ret_tally, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Driver, driver_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Job, job_free)
