#include "app/session.h"

#include "app/connect.h"
#include "app/summary.h"
#include "base/error.h"
#include "base/time.h"
#include "model/config_edit.h"
#include "net/client.h"
#include "os/clock.h"
#include "os/file.h"
#include "pipeline/chain.h"
#include "pipeline/driver.h"
#include "store/prune.h"
#include "store/recording.h"
#include "threads/cancel.h"

#include <stdio.h>
#include <string.h>

enum { RESUMABLE_FOR_MS = 6 * 60 * 60 * 1000, MAX_BACKGROUND_BYTES = 64 * 1024 * 1024 };

/* All that lives as long as the command. */
typedef struct {
  const Invocation *invocation;
  const RunOptions *options;
  Workspace *workspace;
  Store *store;
  Run *run;
  Client *client;
  Progress *progress;
  Budget *budget;
  Timeline *timeline;
  Driver *driver;
  Background *background;
  char *families;
  LikenessModel likeness;
  Workers workers;
  bool is_after_crash;
} Session;

static void
session_clear(Session *session)
{
  driver_free(session->driver);
  budget_free(session->budget);
  timeline_free(session->timeline);
  background_free(session->background);
  g_free(session->families);
  progress_free(session->progress);
  client_free(session->client);
  run_free(session->run);
  store_free(session->store);
  workspace_free(session->workspace);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Session, session_clear)

static char *
read_data(const Invocation *invocation, const char *name, GError **error)
{
  g_autofree char *path = g_build_filename(invocation->datadir, "data", name, NULL);
  char *text = file_read(path, MAX_BACKGROUND_BYTES, NULL, error);
  if (text == NULL)
    g_prefix_error(error, "what ships with courant is not whole, set COURANT_DATADIR to the folder that holds data/: ");
  return text;
}

/* What ships with the program. */
static bool
open_background(Session *session, GError **error)
{
  g_autofree char *frequencies = read_data(session->invocation, "frequencies-en.tsv", error);
  char *topics = frequencies != NULL ? read_data(session->invocation, "topics-en.tsv", error) : NULL;
  if (topics != NULL)
    session->background = background_new(g_steal_pointer(&frequencies), topics, error);
  g_autofree char *weights = session->background != NULL ? read_data(session->invocation, "story-weights.tsv", error) : NULL;
  session->families = weights != NULL ? read_data(session->invocation, "families-en.txt", error) : NULL;
  return session->families != NULL && likeness_model_read(weights, &session->likeness, error);
}

static bool
open_client(Session *session, GError **error)
{
  const Invocation *invocation = session->invocation;
  const NetworkOptions *network = session->workspace->config->network;
  if (!workers_choose(session->options->workers, invocation->environment, network->in_flight_per_host, &session->workers,
                      error))
    return false;
  bool opens_connections = session->options->replay == NULL;
  session->client = connect_client(invocation, session->workspace->config, &session->workers, opens_connections, error);
  return session->client != NULL;
}

/* A replay brings its configuration; one that is there already must be the same. */
static bool
check_config(const char *path, const char *recorded, GError **error)
{
  if (!g_file_test(path, G_FILE_TEST_EXISTS))
    return true;
  g_autofree char *config = file_read(path, CONFIG_MAX_BYTES, NULL, error);
  if (config == NULL || g_str_equal(config, recorded))
    return config != NULL;
  error_set(error, ERROR_CONFIG, "%s is not the configuration that was recorded; replay in an empty folder", path);
  return false;
}

static bool
read_recorded_workspace(Session *session, GError **error)
{
  RecordedSettings settings = {0};
  g_autofree char *path = g_build_filename(session->invocation->folder, CONFIG_FILE, NULL);
  if (!recording_settings(session->options->replay, &settings, error))
    return false;
  session->workspace = workspace_from(session->invocation, settings.config, settings.environment, error);
  return session->workspace != NULL && check_config(path, session->workspace->config_text, error);
}

static bool
lay_down(Session *session, GError **error)
{
  const char *config = session->workspace->config_text;
  g_autofree char *path = g_build_filename(session->invocation->folder, CONFIG_FILE, NULL);
  return recording_lay_down(session->options->replay, session->workspace->data_folder, error) &&
         file_write(path, config, strlen(config), error);
}

/* The configuration, all of it judged before anything is made. */
static bool
open_workspace(Session *session, GError **error)
{
  if (session->options->replay != NULL)
    return read_recorded_workspace(session, error) && open_client(session, error) && lay_down(session, error);
  session->workspace = workspace_open(session->invocation, error);
  return session->workspace != NULL && open_client(session, error);
}

static bool
open_store(Session *session, GError **error)
{
  session->store = store_open(session->workspace->data_folder, STORE_WRITE, error);
  return session->store != NULL;
}

/* A run that is still "running" but has ended was stopped, and its hosts' limits are kept; one that has not was killed. */
static bool
end_run(Session *session, Run *run, const char *state, const char *summary, GError **error)
{
  run->ended_ms = clock_now_ms();
  return store_begin(session->store, true, error) && runs_end(session->store, run, state, summary, error) &&
         store_commit(session->store, error);
}

static bool
reopen_run(Session *session, GError **error)
{
  Run *run = session->run;
  run->ended_ms = 0;
  return store_begin(session->store, true, error) && runs_end(session->store, run, "running", NULL, error) &&
         store_commit(session->store, error);
}

/* Why the unfinished run cannot be continued; NULL when it can. */
static const char *
reason_to_abandon(const Session *session, const Run *open)
{
  const RunOptions *options = session->options;
  if (options->replay != NULL)
    return NULL;
  if (options->is_fresh)
    return "--fresh";
  if (options->now_ms > 0 && options->now_ms != open->now_ms)
    return "another --now was given";
  if (!g_str_equal(open->command, session->invocation->command->name))
    return "another command was asked for";
  if (!g_str_equal(open->config_sha256, session->workspace->config->sha256))
    return "the configuration has changed";
  if (!g_str_equal(open->version, COURANT_VERSION))
    return "the program is another version";
  if (clock_now_ms() - open->started_ms > RESUMABLE_FOR_MS)
    return "it is more than 6 hours old";
  if (options->record != NULL && !recording_is_of(options->record, open))
    return "it began without this recording";
  return NULL;
}

/* Sets the session's run when an unfinished one can be continued. */
static bool
continue_run(Session *session, GError **error)
{
  GError *failure = NULL;
  g_autoptr(Run) open = runs_open(session->store, &failure);
  if (failure != NULL) {
    g_propagate_error(error, failure);
    return false;
  }
  if (open == NULL)
    return true;
  session->is_after_crash = open->ended_ms == 0 && session->options->replay == NULL;
  const Log *log = &session->invocation->log;
  const char *reason = reason_to_abandon(session, open);
  g_autofree char *now = time_format(open->now_ms);
  if (reason == NULL) {
    log_line(log, LOG_INFO, "%s run %" G_GINT64_FORMAT " of %s", session->options->replay != NULL ? "replaying" : "continuing",
             open->id, now);
    session->run = g_steal_pointer(&open);
    return reopen_run(session, error);
  }
  log_line(log, LOG_WARNING, "run %" G_GINT64_FORMAT " of %s was not finished and is abandoned: %s", open->id, now, reason);
  return end_run(session, open, "abandoned", NULL, error);
}

static bool
begin_run(Session *session, GError **error)
{
  const RunOptions *options = session->options;
  int64_t started_ms = clock_now_ms();
  const Run wanted = {
      .command = (char *) session->invocation->command->name,
      .now_ms = options->now_ms > 0 ? options->now_ms : started_ms,
      .config_sha256 = session->workspace->config->sha256,
      .started_ms = started_ms,
  };
  session->run = runs_begin(session->store, &wanted, error);
  if (session->run == NULL)
    return false;
  const RecordedSettings settings = {.config = session->workspace->config_text, .environment = session->workspace->environment};
  if (options->record == NULL || recording_begin(session->store, options->record, session->run, &settings, error))
    return true;
  /* what went wrong first is what is told; a run that cannot even be closed is taken up by the next */
  session->run->exit_code = EXIT_FAILED;
  end_run(session, session->run, "abandoned", NULL, NULL);
  return false;
}

static bool
open_budget(Session *session, GError **error)
{
  session->budget = budget_new(session->store, session->run, session->workspace->config->budget, error);
  return session->budget != NULL;
}

static bool
open_driver(Session *session, GError **error)
{
  if (session->options->timeline != NULL)
    session->timeline = timeline_new(clock_monotonic_ms());
  session->progress = progress_new(&session->invocation->log, session->invocation->is_live);
  const DriverOptions driver = {
      .store = session->store,
      .run = session->run,
      .client = session->client,
      .progress = session->progress,
      .workers = session->workers,
      .budget = session->budget,
      .timeline = session->timeline,
      .is_replay = session->options->replay != NULL,
      .is_after_crash = session->is_after_crash,
      .robots_token = "courant",
  };
  session->driver = driver_new(&driver, error);
  return session->driver != NULL;
}

static bool
is_merged(const Session *session, const char *stage, bool *ret_is_merged, GError **error)
{
  g_autoptr(GPtrArray) records = runs_stages(session->store, session->run->id, error);
  *ret_is_merged = false;
  for (guint i = 0; records != NULL && i < records->len; i++)
    *ret_is_merged |= g_str_equal(((const StageRecord *) g_ptr_array_index(records, i))->name, stage);
  return records != NULL;
}

/* Better told before the work than after it. A deployment alone says so at once. */
static void
warn_of_no_hugo(const Session *session, const Stage *stages)
{
  bool has_deploy_later = false;
  for (const Stage *stage = stages + 1; stage->name != NULL; stage++)
    has_deploy_later |= g_str_equal(stage->name, "deploy");
  g_autofree char *hugo = has_deploy_later ? g_find_program_in_path("hugo") : NULL;
  if (has_deploy_later && hugo == NULL)
    log_line(&session->invocation->log, LOG_WARNING, "hugo is not in PATH: the site will not be built; apt install hugo");
}

static bool
run_stages(Session *session, const Stage *stages, GError **error)
{
  const Context context = {
      .folder = session->invocation->folder,
      .datadir = session->invocation->datadir,
      .is_replay = session->options->replay != NULL,
      .config = session->workspace->config,
      .background = session->background,
      .threads = session->workers.count == 1 ? 1 : g_get_num_processors(),
      .families = session->families,
      .likeness = &session->likeness,
      .store = session->store,
      .run = session->run,
      .driver = session->driver,
      .timeline = session->timeline,
      .log = &session->invocation->log,
  };
  for (const Stage *stage = stages; stage->name != NULL; stage++) {
    bool is_done = false;
    if (cancel_signal() != 0) {
      error_set(error, ERROR_CANCELLED, "stopped by signal %d; run again to continue", cancel_signal());
      return false;
    }
    if (!is_merged(session, stage->name, &is_done, error))
      return false;
    if (!is_done && !stage->run(&context, error)) {
      g_prefix_error(error, "%s: ", stage->name);
      return false;
    }
  }
  return true;
}

/* Only a run that deployed shows the way to its site. */
static void
print_way(const Session *session)
{
  const Invocation *invocation = session->invocation;
  const char *path = session->options->replay != NULL ? "public" : session->workspace->config->deploy->path;
  g_autofree char *site = g_canonicalize_filename(path, invocation->folder);
  g_autofree char *index = g_build_filename(site, "index.html", NULL);
  bool is_merged_now = false;
  if (session->run->exit_code != EXIT_FAILED && is_merged(session, "deploy", &is_merged_now, NULL) && is_merged_now)
    printf("The site: %s\nLook at it: xdg-open \"%s\", or courant preview -C \"%s\"\n", index, index, invocation->folder);
}

static int
tell(Session *session, json_t *document)
{
  const Invocation *invocation = session->invocation;
  if (invocation->is_json)
    return print_json(invocation, document);
  g_autoptr(json_t) owned = document;
  if (invocation->log.level > LOG_INFO)
    return EXIT_OK;
  g_autofree char *text = summary_text(owned);
  printf("%s", text);
  print_way(session);
  return end_output(invocation);
}

/* A stage that failed as a whole is a failure of the run, kept with it. */
static bool
keep_failure(Session *session, const GError *stage_failure, GError **error)
{
  g_autoptr(Failure) failure = failure_new(stage_failure->code, stage_failure->message, NULL, 0);
  g_autofree char *stage = g_strndup(stage_failure->message, strcspn(stage_failure->message, ":"));
  return store_begin(session->store, true, error) &&
         runs_add_failure(session->store, session->run->id, stage, failure, error) && store_commit(session->store, error);
}

/* Old rows go at the end of a run whose now is the real one; that they stayed harms nobody. */
static void
prune(const Session *session)
{
  const RunOptions *options = session->options;
  if (options->now_ms > 0 || options->replay != NULL || !g_str_equal(session->run->command, "run"))
    return;
  g_autoptr(GError) error = NULL;
  int64_t now_ms = session->run->now_ms;
  if (prune_is_due(session->store, now_ms, &error))
    g_free(prune_run(session->store, now_ms, false, &error));
  if (error != NULL)
    log_line(&session->invocation->log, LOG_WARNING, "old rows could not be removed: %s", error->message);
}

/* The recording is finished before the run: a kill between the two leaves both to be ended again. */
static int
end_session(Session *session, bool has_failed_stage, GError **error)
{
  const char *record = session->options->record;
  int code = summary_exit_code(session->store, session->run, error);
  session->run->exit_code = has_failed_stage ? EXIT_FAILED : code;
  g_autoptr(json_t) document =
      code >= 0 ? summary_document(session->store, session->run, session->invocation->command->name, error) : NULL;
  g_autofree char *text = document != NULL ? json_write(document) : NULL;
  if (text == NULL || (record != NULL && !recording_finish(session->store, record, session->run, error)) ||
      !end_run(session, session->run, "finished", text, error))
    return -1;
  prune(session);
  int told = tell(session, g_steal_pointer(&document));
  return told == EXIT_OK ? (int) session->run->exit_code : told;
}

static bool
write_timeline(const Session *session, GError **error)
{
  const char *path = session->options->timeline;
  bool is_page = g_str_has_suffix(path, ".html");
  g_autofree char *template = is_page ? read_data(session->invocation, "timeline.html", error) : NULL;
  if (is_page && template == NULL)
    return false;
  g_autofree char *text = is_page ? timeline_page(session->timeline, template) : timeline_trace(session->timeline);
  return file_write(path, text, strlen(text), error);
}

/* Whatever came of the run, what happened is told; that it cannot be takes nothing back. */
static void
leave_timeline(const Session *session)
{
  g_autoptr(GError) error = NULL;
  if (session->timeline != NULL)
    write_timeline(session, &error);
  if (error != NULL)
    log_line(&session->invocation->log, LOG_WARNING, "the timeline could not be written: %s", error->message);
}

/* A run that a signal or a broken store cut off stays open, to be continued. */
static bool
may_be_continued(const GError *error)
{
  return error_is(error, ERROR_CANCELLED) || error_is(error, ERROR_DATABASE);
}

static bool
open_session(Session *session, const Stage *stages, GError **error)
{
  const RunOptions *options = session->options;
  return open_background(session, error) && open_workspace(session, error) &&
         (options->replay != NULL || chain_check(session->workspace->config, session->invocation->datadir, stages, error)) &&
         open_store(session, error) && continue_run(session, error) && (session->run != NULL || begin_run(session, error)) &&
         open_budget(session, error) && open_driver(session, error);
}

/* Returns: an exit code */
static int
work_session(Session *session, const Stage *stages)
{
  const Invocation *invocation = session->invocation;
  GError *error = NULL;
  int stage_code = EXIT_OK;
  warn_of_no_hugo(session, stages);
  if (!run_stages(session, stages, &error)) {
    if (error_is(error, ERROR_CANCELLED))
      end_run(session, session->run, "running", NULL, NULL);
    if (may_be_continued(error))
      return fail_with(invocation, error);
    /* where the store fails too, the run stays open, and what went wrong first is what is told */
    bool is_kept = keep_failure(session, error, NULL);
    stage_code = fail_with(invocation, g_steal_pointer(&error));
    if (!is_kept)
      return stage_code;
  }
  int code = end_session(session, stage_code != EXIT_OK, stage_code == EXIT_OK ? &error : NULL);
  if (code >= 0)
    return code;
  return stage_code != EXIT_OK ? stage_code : fail_with(invocation, error);
}

int
session_run(const Invocation *invocation, const RunOptions *options, const Stage *stages)
{
  g_auto(Session) session = {.invocation = invocation, .options = options};
  GError *error = NULL;
  if (!open_session(&session, stages, &error))
    return fail_with(invocation, error);
  int code = work_session(&session, stages);
  leave_timeline(&session);
  return code;
}
