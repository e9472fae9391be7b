/*
 * Running a program: no shell, a fixed environment, a time limit, killed as a group; and what this process may use itself.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

/**
 * ProcessSpec:
 * @argv: (array zero-terminated=1): the program (looked up in PATH) and its arguments; its environment is PATH, HOME,
 *   LANG=C.UTF-8 and TZ=UTC
 * @timeout_ms: after which its group is killed
 * @is_cancelled: (nullable): asked again and again; true kills the group
 * @meanwhile: (nullable): called once, with @data, when the program runs: what can be done instead of waiting
 */
typedef struct {
  const char *const *argv;
  int64_t timeout_ms;
  bool (*is_cancelled)(void);
  void (*meanwhile)(void *data);
  void *data;
} ProcessSpec;

/**
 * process_run:
 * @spec: what to run
 * @ret_output: (out) (optional) (transfer full): its stdout and stderr together, the last 64 KB, set also on failure to finish
 *   well; untouched when it could not be started
 *
 * Waits for the program to end; its stdin is empty. At the time limit its group gets SIGTERM, 2 s later SIGKILL.
 *
 * Returns: true when it ended with status 0.
 * Errors: CANCELLED; IO: not found ("hugo: not installed or not in PATH"), killed, timed out, or a status with the last line it
 * printed
 */
bool process_run(const ProcessSpec *spec, char **ret_output, GError **error);

/**
 * process_replace:
 * @argv: (array zero-terminated=1): the program (looked up in PATH) and its arguments
 *
 * Becomes that program, with the terminal and a plain environment. Returns: only on failure, false. Errors: IO
 */
bool process_replace(const char *const *argv, GError **error);

/** process_allow_files: makes sure that this process may have @wanted files open at once. Errors: IO: the system grants fewer
 */
bool process_allow_files(int64_t wanted, GError **error);
