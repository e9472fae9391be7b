/*
 * Running a program: no shell, a fixed environment, a time limit, killed as a group.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

/**
 * ProcessSpec:
 * @argv: (array zero-terminated=1): the program (looked up in PATH) and its arguments
 * @environment: (array zero-terminated=1) (nullable): the whole of its environment; NULL: PATH, HOME, LANG=C.UTF-8 and TZ=UTC
 * only
 * @folder: (nullable): where it runs
 * @timeout_ms: after which its group is killed
 */
typedef struct {
  const char *const *argv;
  const char *const *environment;
  const char *folder;
  int64_t timeout_ms;
} ProcessSpec;

/**
 * process_run:
 * @spec: what to run
 * @ret_output: (out) (optional) (transfer full): its stdout and stderr together, at most 64 KB, set also on failure to finish
 * well
 *
 * Waits for the program to end. Returns: true when it ended with status 0.
 * Errors: IO: not found ("hugo: not installed"), killed, timed out, or a status with the last line it printed
 */
bool process_run(const ProcessSpec *spec, char **ret_output, GError **error);
