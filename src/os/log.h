/*
 * What is told on stderr: one line an event, as text or as JSON. Foreign strings pass text_printable().
 * The one writer of stderr besides the progress bars. Thread: the run's own thread.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

typedef enum { LOG_INFO, LOG_WARNING, LOG_ERROR } LogLevel;

/**
 * Log: where lines go.
 * @level: lines below are dropped
 * @is_json: one JSON object a line: {"time","level","message"}, and what log_phase() adds
 * @is_colour: colour levels
 */
typedef struct {
  LogLevel level;
  bool is_json;
  bool is_colour;
} Log;

/** log_line: writes one line to stderr, "courant: " before it; each byte made printable. */
void log_line(const Log *log, LogLevel level, const char *format, ...) G_GNUC_PRINTF(3, 4);

/**
 * LogPhase: how far a stage is.
 * @phase: the stage
 * @event: "start" when its jobs begin, "progress" while they go on, "end" when it is merged
 * @seconds: real time since it began
 * @items: jobs that ended
 * @workers: how many at once
 */
typedef struct {
  const char *phase;
  const char *event;
  double seconds;
  int64_t items;
  int64_t workers;
} LogPhase;

/** log_phase: one line of level info; as JSON it also holds {"phase","event","time_seconds","items_processed",
 * "rate_items_per_sec","workers"}. */
void log_phase(const Log *log, const LogPhase *phase, const char *format, ...) G_GNUC_PRINTF(3, 4);
