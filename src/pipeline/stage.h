/*
 * What all stages of a run share, and how a merge begins and ends.
 */
#pragma once

#include "base/json.h"
#include "model/config.h"
#include "os/log.h"
#include "pipeline/driver.h"
#include "store/runs.h"
#include "store/store.h"
#include "stories/likeness.h"
#include "text/background.h"

/** PAGES_A_STORY: as many as enriching a story fetches at most. DISCUSSIONS_A_RUN: so many stories' comments are read at most,
 * the liveliest: Reddit answers 60 times a minute. */
enum { PAGES_A_STORY = 3, DISCUSSIONS_A_RUN = 40 };

/**
 * Context: a run's own things, all borrowed.
 * @folder: the workspace
 * @datadir: holds `theme/` and `data/`
 * @background: what the steps of all stages may know
 * @threads: so many at most share what is one job for all items
 * @families: words that tell of the same, for grouping; @likeness: how probable it is that two posts tell one story
 * @timeline: (nullable)
 * @is_replay: what is made stays below the workspace
 */
typedef struct {
  const char *folder;
  const char *datadir;
  bool is_replay;
  const Config *config;
  const Background *background;
  unsigned threads;
  const char *families;
  const LikenessModel *likeness;
  Store *store;
  const Run *run;
  Driver *driver;
  Timeline *timeline;
  const Log *log;
} Context;

/** StageRun: carries one stage from plan to merge. Errors: CANCELLED, DATABASE; deploy also IO */
typedef bool (*StageRun)(const Context *context, GError **error);

/** Stage: @name as in `stages` and --json. */
typedef struct {
  const char *name;
  StageRun run;
} Stage;

/** stage_note: @part ("plan", "work", "hugo", "merge") of stage @name ends now, and began where the part before it ended.
 * Without a timeline nothing happens. */
void stage_note(const Context *context, const char *name, const char *part);

/** stage_work: driver_run(), with the deadline of the configuration where it names one. */
bool stage_work(const Context *context, const StageSpec *spec, GPtrArray *jobs, StageTally *ret_tally, GError **error);

/** stage_describe: Returns: (transfer full): what a stage counted, for people: "3 new, 1 changed"; "nothing to do" */
char *stage_describe(json_t *counts);

/**
 * stage_end:
 * @counts: (transfer full): what the stage did, kept with it and told on one line
 *
 * Marks the stage as merged, commits the open transaction, tells of it. On failure the transaction is rolled back.
 */
bool stage_end(const Context *context, const char *name, const StageTally *tally, json_t *counts, GError **error);

/**
 * stage_merge_jobs:
 * @merge_job: called for each job, in the order of the plan, inside one durable transaction
 *
 * Returns: true with the transaction open, for stage_end(); false with it rolled back
 */
bool stage_merge_jobs(const Context *context, const GPtrArray *jobs,
                      bool (*merge_job)(const Context *context, const Job *job, void *tally, GError **error), void *tally,
                      GError **error);

/** stage_fail_job: keeps the job's error as a failure, with a warning. */
bool stage_fail_job(const Context *context, const Job *job, GError **error);

/** The stages, in order. */
bool collect_run(const Context *context, GError **error);
bool group_run(const Context *context, GError **error);
bool enrich_run(const Context *context, GError **error);
bool generate_run(const Context *context, GError **error);
bool deploy_run(const Context *context, GError **error);
