/*
 * A run as a whole: begun or continued, its stages, its end.
 */
#pragma once

#include "app/workspace.h"
#include "pipeline/stage.h"

/**
 * RunOptions: what the options of run and the stage commands said.
 * @workers: 0 when not given
 * @now_ms: 0 when not given
 * @record: (nullable): the file to record to
 * @replay: (nullable): the recording to replay
 * @timeline: (nullable): where to write what happened when: a page when its name ends in .html, else a Chrome trace
 */
typedef struct {
  int64_t workers;
  int64_t now_ms;
  const char *record;
  const char *replay;
  const char *timeline;
  bool is_fresh;
} RunOptions;

/**
 * session_run:
 * @stages: ended by a stage without a name: what this command is made of
 *
 * Takes the workspace's lock, continues the unfinished run or begins one, works its stages, and tells what happened on stdout.
 *
 * Returns: an exit code
 */
int session_run(const Invocation *invocation, const RunOptions *options, const Stage *stages);
