/*
 * Progress of a stage: bars that are redrawn on a terminal, one line a stage otherwise, and one a second as JSON. Thread: the
 * run's own.
 */
#pragma once

#include "os/log.h"

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

typedef struct Progress Progress;

/** progress_new: @is_live: stderr is a terminal and bars are wanted. @log is borrowed. Returns: (transfer full) */
Progress *progress_new(const Log *log, bool is_live);

/** progress_free: NULL-safe. */
void progress_free(Progress *progress);

/** progress_begin: @jobs jobs of a stage begin, @workers at a time, for that @reason. */
void progress_begin(Progress *progress, const char *stage, int64_t jobs, int64_t workers, const char *reason);

/** progress_job: job @name (`stage:subject`) has @answered of @asked replies so far; @is_done when it ended. */
void progress_job(Progress *progress, const char *name, int64_t answered, int64_t asked, bool is_done);

/** progress_tick: time has passed: bars show it. */
void progress_tick(Progress *progress);

/** progress_wait: nothing can be asked for @wait_ms, as @host wants: beside the bar; else said once while it is the same host,
 * and again when the wait is longer than any told. */
void progress_wait(Progress *progress, const char *host, int64_t wait_ms);

/** progress_end: the work is done; the bars go, so that lines can be written. */
void progress_end(Progress *progress);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Progress, progress_free)
