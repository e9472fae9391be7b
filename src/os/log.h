/*
 * What is told on stderr: one line an event, as text or as JSON. Foreign strings pass text_printable().
 * The one writer of stderr besides the progress bars. Thread: the run's own thread.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>

typedef enum { LOG_INFO, LOG_WARNING, LOG_ERROR } LogLevel;

/**
 * Log: where lines go.
 * @level: lines below are dropped
 * @is_json: one JSON object a line: {"time","level","message"}
 * @is_colour: colour levels
 */
typedef struct {
  LogLevel level;
  bool is_json;
  bool is_colour;
} Log;

/** log_line: writes one line to stderr, "courant: " before it; each byte made printable. */
void log_line(const Log *log, LogLevel level, const char *format, ...) G_GNUC_PRINTF(3, 4);
