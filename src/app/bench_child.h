/*
 * The programs that courant bench starts: those that are measured, and the servers they ask.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <sys/types.h>

/**
 * ChildEnd: how a program ended.
 * @exit_code: 128 and the signal's number when one ended it
 * @seconds: of real time, from before its start; @cpu_seconds: of its own and its children's work
 * @output: (transfer full): what it wrote to stdout
 */
typedef struct {
  int exit_code;
  double seconds;
  double cpu_seconds;
  char *output;
} ChildEnd;

/** child_end_clear: frees what it holds. */
void child_end_clear(ChildEnd *end);

/**
 * child_run:
 * @argv: (array zero-terminated=1): its first word is looked up in the PATH of @environment
 * @environment: (array zero-terminated=1): NAME=value lines, all of it
 *
 * Runs a program to its end; its stderr is ours. Returns: whether it ran, however it ended. Errors: IO it cannot be started;
 * CANCELLED we were asked to stop, and so was it
 */
bool child_run(const char *const *argv, const char *const *environment, ChildEnd *ret_end, GError **error);

/** ChildServer: a program that answers on 127.0.0.1, and ends when we do. */
typedef struct {
  GPid pid;
  int output;
  unsigned port;
} ChildServer;

/** child_serve: starts the server of @argv, as child_run() does, and reads its port from "listening on 127.0.0.1:PORT", which
 * it must say. Returns: (transfer full) (nullable). Errors: IO with what it said instead */
ChildServer *child_serve(const char *const *argv, const char *const *environment, GError **error);

/** child_server_free: ends it and waits until it has ended; NULL-safe. */
void child_server_free(ChildServer *server);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(ChildEnd, child_end_clear)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ChildServer, child_server_free)
