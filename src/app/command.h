/*
 * A command: one file, one descriptor, one line in commands.def.
 */
#pragma once

#include "base/json.h"
#include "os/log.h"

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

/** The exit codes that are a contract with scripts; a signal's number is added to EXIT_SIGNAL. */
enum {
  EXIT_OK = 0,
  EXIT_FAILED = 1,
  EXIT_USAGE = 2,
  EXIT_CONFIG = 3,
  EXIT_PARTIAL = 4,
  EXIT_BUDGET = 6,
  EXIT_BUSY = 75,
  EXIT_SIGNAL = 128,
};

typedef struct Command Command;

/**
 * Invocation: a command as it was called.
 * @arguments: (array zero-terminated=1): what is left after the options
 * @environment: (array zero-terminated=1): NAME=value lines
 * @folder: the workspace (-C), absolute
 * @datadir: holds `theme/`, absolute
 * @is_json: one JSON document on stdout
 * @is_live: progress bars are wanted
 */
typedef struct {
  const Command *command;
  int argc;
  char **argv;
  char **arguments;
  const char *const *environment;
  char *folder;
  char *datadir;
  bool is_json;
  bool is_live;
  Log log;
} Invocation;

/**
 * Command:
 * @usage: what stands behind its name
 * @summary: one line for the list
 * @examples: lines for its help, each ended by "\n"
 * @is_text_only: has no --json
 * @min_arguments: how many must be left after the options, @max_arguments how many may
 * @run: does it; begins with invocation_parse(); returns an exit code
 */
struct Command {
  const char *name;
  const char *usage;
  const char *summary;
  const char *examples;
  bool is_text_only;
  int min_arguments;
  int max_arguments;
  int (*run)(Invocation *invocation);
};

/* Every command's descriptor, <name>_command. */
#define COMMAND(name) extern const Command name##_command;
#include "app/commands.def"
#undef COMMAND

/** wants_json_log: whether @words (array zero-terminated=1), not read yet, ask for --log-format json: what is wrong with them
 * is told that way, too. */
bool wants_json_log(char **words);

/**
 * invocation_parse:
 * @own: (nullable): the command's own options, ended by a zeroed entry
 * @ret_exit: (out): set when false is returned
 *
 * Reads the options all commands share, and its own. Returns: false when all is said: --help was asked for, or the usage is
 * wrong
 */
bool invocation_parse(Invocation *invocation, const GOptionEntry *own, int *ret_exit);

/** invocation_clear: frees what invocation_parse() made. */
void invocation_clear(Invocation *invocation);

/** is_stopped: whether a signal asked to stop. Errors: CANCELLED then */
bool is_stopped(GError **error);

/** fail_with: tells @error (transfer full) on stderr. Returns: the exit code that its kind means */
int fail_with(const Invocation *invocation, GError *error);

/** fail_usage: tells what is wrong with the words of the command. Returns: %EXIT_USAGE */
int fail_usage(const Invocation *invocation, const char *problem);

/** end_output: sends what was printed. Returns: %EXIT_OK, also when the reader has gone; %EXIT_FAILED when stdout does not take
 * it */
int end_output(const Invocation *invocation);

/** print_json: writes @document (transfer full) to stdout. Returns: as end_output() */
int print_json(const Invocation *invocation, json_t *document);

/** print_document: writes @document (transfer full) to stdout as JSON when that is wanted, else by @print. Returns: as
 * end_output() */
int print_document(const Invocation *invocation, json_t *document, void (*print)(const json_t *document));

/** commands_all: Returns: (transfer none) (array zero-terminated=1): every command, in the order of commands.def */
const Command *const *commands_all(void);

/** command_find: Returns: (transfer none) (nullable): the command called @name */
const Command *command_find(const char *name);
