/*
 * A driver with all it needs, and a server it can ask.
 */
#pragma once

#include "client-harness.h"

#include "os/file.h"
#include "pipeline/driver.h"
#include "store/rows.h"

enum { NOW_MS = 1000000, DEADLINE_MS = 60000 };

/* A workspace's engine: made anew for each run, over one store. @caps: in micro-dollars */
typedef struct {
  char *folder;
  Server *server;
  Store *store;
  Run *run;
  Client *client;
  Log log;
  Progress *progress;
  BudgetOptions caps;
  Budget *budget;
  Driver *driver;
  int64_t workers;
  int64_t max_tries;
  bool is_replay;
} Engine;

static inline Engine *
engine_new(void)
{
  Engine *engine = g_new0(Engine, 1);
  g_autoptr(GError) error = NULL;
  engine->folder = g_dir_make_tmp("courant-driver-XXXXXX", NULL);
  engine->server = server_new();
  engine->store = store_open(engine->folder, STORE_WRITE, &error);
  g_assert_no_error(error);
  engine->log.level = LOG_ERROR;
  engine->workers = 4;
  engine->max_tries = 1;
  engine->caps = (BudgetOptions){1000, 1000, 1000, 1000};
  return engine;
}

static inline void
stop_driver(Engine *engine)
{
  g_clear_pointer(&engine->driver, driver_free);
  g_clear_pointer(&engine->budget, budget_free);
  g_clear_pointer(&engine->progress, progress_free);
  g_clear_pointer(&engine->client, client_free);
}

static inline void
engine_free(Engine *engine)
{
  stop_driver(engine);
  run_free(engine->run);
  store_free(engine->store);
  server_free(engine->server);
  g_assert_true(file_remove_tree(engine->folder, NULL));
  g_free(engine->folder);
  g_free(engine);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Engine, engine_free)

/* A driver over the engine's run, as a process that begins or resumes has it. */
static inline void
start_driver(Engine *engine)
{
  g_autoptr(GError) error = NULL;
  stop_driver(engine);
  ClientOptions options = OPTIONS;
  options.max_tries = engine->max_tries;
  options.call_timeout_ms = options.timeout_ms;
  engine->client = make_open_client(engine->server, options);
  engine->progress = progress_new(&engine->log, false);
  engine->budget = budget_new(engine->store, engine->run, &engine->caps, &error);
  g_assert_no_error(error);
  const DriverOptions driver = {
      .store = engine->store,
      .run = engine->run,
      .client = engine->client,
      .progress = engine->progress,
      .workers = {.count = engine->workers, .requests = 16, .per_host = 8, .min_jobs = 2, .reason = "test"},
      .budget = engine->budget,
      .is_replay = engine->is_replay,
      .robots_token = "courant",
  };
  engine->driver = driver_new(&driver, &error);
  g_assert_no_error(error);
}

static inline void
start_run(Engine *engine, int64_t now_ms)
{
  g_autoptr(GError) error = NULL;
  g_clear_pointer(&engine->run, run_free);
  const Run wanted = {.command = (char *) "run", .now_ms = now_ms, .config_sha256 = (char *) "c", .started_ms = 1};
  engine->run = runs_begin(engine->store, &wanted, &error);
  g_assert_no_error(error);
  start_driver(engine);
}

static inline GPtrArray *
new_jobs(void)
{
  return g_ptr_array_new_with_free_func((GDestroyNotify) job_free);
}

/* The first column of the first row of @sql, a number. */
static inline int64_t
query(Engine *engine, const char *sql)
{
  Rows *rows = store_select(engine->store, sql, "");
  int64_t number = rows_next(rows) ? rows_int(rows, 0) : -1;
  g_assert_true(rows_end(rows, NULL));
  return number;
}
