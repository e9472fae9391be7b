/*
 * What the measurements of courant bench share: their world, how programs are measured in it, and the rows that come of it.
 */
#pragma once

#include "app/bench_child.h"
#include "app/bench_world.h"
#include "app/command.h"
#include "base/json.h"

/**
 * Bench:
 * @folder: holds all that is made, and goes at the end
 * @world: the folder of the simulated internet
 * @environment: (array zero-terminated=1): of every program that is started
 * @rounds: how often each thing is measured, all things of a group in turn
 * @workspaces: how many were made
 * @rows: what came of it
 */
typedef struct {
  const Invocation *invocation;
  char *folder;
  char *world;
  char *courant;
  char *simulator;
  char **environment;
  int rounds;
  int workspaces;
  json_t *rows;
} Bench;

/** BenchGroup: measurements that are taken together. @run: takes them and adds their rows. Errors: IO, CANCELLED */
typedef struct {
  const char *name;
  const char *summary;
  bool (*run)(Bench *bench, GError **error);
} BenchGroup;

bool bench_collection(Bench *bench, GError **error);
bool bench_tls(Bench *bench, GError **error);
bool bench_enrichment(Bench *bench, GError **error);
bool bench_limits(Bench *bench, GError **error);
bool bench_run(Bench *bench, GError **error);
bool bench_digests(Bench *bench, GError **error);
bool bench_stories(Bench *bench, GError **error);

/** BENCH_SHORT_TAKES: so often a round is measured what takes a second or so and hangs on the processor more than on the
 * network, for there a busy moment of the machine shows most. */
enum { BENCH_SHORT_TAKES = 5 };

/** BenchSense: which values of a row are good. */
typedef enum { SENSE_NONE, SENSE_AT_MOST, SENSE_AT_LEAST } BenchSense;

/**
 * BenchRow:
 * @values: (element-type double): one a round
 * @baseline: (nullable) (element-type double): of the same rounds, or of the first ones
 * @bound: what cannot be bettered; 0 where nothing is known
 * @sense, @must: what its median must be
 */
typedef struct {
  const char *name;
  const char *unit;
  const GArray *values;
  const GArray *baseline;
  double bound;
  BenchSense sense;
  double must;
} BenchRow;

/** bench_add: adds @row to what came of it. */
void bench_add(Bench *bench, const BenchRow *row);

/** bench_add_ratio: adds how many times @row's values go into those of its baseline, round by round, as a row of its own; where
 * it has fewer, its last one stands for the rest. */
void bench_add_ratio(Bench *bench, const BenchRow *row);

/** bench_print: the rows of @document as a table. */
void bench_print(const json_t *document);

/** series_new: Returns: (transfer full) (element-type double): an empty one */
GArray *series_new(void);

/** series_list: Returns: (transfer full) (element-type GArray): @count empty ones */
GPtrArray *series_list(guint count);

/** series_add: appends @value. */
void series_add(GArray *series, double value);

/** BenchInternet: a simulated internet. @log: the file where it writes what was asked; @seen: how much of it was taken */
typedef struct {
  ChildServer *server;
  char *log;
  size_t seen;
} BenchInternet;

/** bench_internet_start: every answer comes @latency_ms late. @options (array zero-terminated=1) (nullable): further ones.
 * Returns: (transfer full) (nullable) */
BenchInternet *bench_internet_start(Bench *bench, int latency_ms, const char *const *options, GError **error);

/** bench_internet_free: NULL-safe. */
void bench_internet_free(BenchInternet *internet);

/** bench_internet_asked: Returns: (transfer full) (nullable): a list of what was asked since this was called last */
json_t *bench_internet_asked(BenchInternet *internet, GError **error);

/** bench_internet_expect: whether that was @requests requests. Errors: IO they were not */
bool bench_internet_expect(BenchInternet *internet, size_t requests, GError **error);

/** bench_workspace: Returns: (transfer full): the name of a new folder */
char *bench_workspace(Bench *bench);

/**
 * BenchTake: one measurement.
 * @seconds: of real time, from before courant's start to its end; of another program: as it says itself
 * @cpu_seconds: of its work and of what it started
 * @document: (nullable): what courant told
 */
typedef struct {
  double seconds;
  double cpu_seconds;
  json_t *document;
} BenchTake;

/** bench_take_clear: frees what it holds. */
void bench_take_clear(BenchTake *take);

/** BenchCommand: a command of courant, at the world's now. @workers: 0 leaves it to courant; @timeline: (nullable): a file for
 * it
 */
typedef struct {
  const char *name;
  const char *folder;
  int workers;
  const char *timeline;
} BenchCommand;

/** bench_courant: runs @command for its JSON document. Errors: IO, also when it does not end well */
bool bench_courant(Bench *bench, const BenchCommand *command, BenchTake *ret_take, GError **error);

/** bench_collect: collects in a new workspace, which @reader (of no folder) describes. Errors: as bench_courant() */
bool bench_collect(Bench *bench, const WorldReader *reader, int workers, BenchTake *ret_take, GError **error);

/** bench_other: runs another program, which prints `{"seconds": N}`. Errors: as bench_courant() */
bool bench_other(Bench *bench, const char *const *argv, BenchTake *ret_take, GError **error);

/** bench_output: runs a program. Returns: (transfer full) (nullable): what it printed. Errors: as bench_courant() */
char *bench_output(Bench *bench, const char *const *argv, GError **error);

/** bench_find: Returns: (transfer full) (nullable): the file @name of the folder bench/ of what was built, else of the sources;
 * NULL when it is not there, which is said */
char *bench_find(const Bench *bench, const char *name);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(BenchInternet, bench_internet_free)
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(BenchTake, bench_take_clear)
