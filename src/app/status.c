/* The last runs, stage by stage, and what is wrong. */
#include "app/summary.h"
#include "app/workspace.h"
#include "base/money.h"
#include "base/text.h"
#include "base/time.h"
#include "os/file.h"
#include "pipeline/scorer.h"
#include "pipeline/stage.h"
#include "sources/source.h"
#include "store/articles.h"
#include "store/ledger.h"
#include "store/peers.h"
#include "store/runs.h"

#include <stdio.h>
#include <unistd.h>

enum { SHOWN_RUNS = 5, FAILING_RUNS = 3 };

/* Whether a process holds the workspace; true also when that cannot be found out. */
static bool
is_at_work(const char *data_folder)
{
  g_autofree char *path = g_build_filename(data_folder, "lock", NULL);
  int lock = file_lock(path, NULL);
  if (lock >= 0)
    close(lock);
  return lock < 0;
}

/* "unfinished": the process of a running run is gone. */
static const char *
true_state(const Run *run, const char *data_folder)
{
  return g_str_equal(run->state, "running") && !is_at_work(data_folder) ? "unfinished" : run->state;
}

/* A source that failed is named; what else collecting kept are posts that could not be read. */
static bool
is_malformed_post(const FailureRow *failure)
{
  return g_str_equal(failure->stage, "collect") && !g_str_has_prefix(failure->message, "source ");
}

/* What each stage did, what it cost, and what it counted. */
static json_t *
stages_json(Store *store, const Run *run, GError **error)
{
  g_autoptr(GPtrArray) records = runs_stages(store, run->id, error);
  g_autoptr(json_t) stages = records != NULL ? json_array() : NULL;
  for (guint i = 0; stages != NULL && i < records->len; i++) {
    const StageRecord *record = g_ptr_array_index(records, i);
    int64_t cost_micros = ledger_spent_in_run(store, run->id, record->name, error);
    if (cost_micros < 0)
      return NULL;
    json_t *stage = summary_stage(record);
    json_object_set_new(stage, "cost_micros", json_integer(cost_micros));
    json_object_set_new(stage, "counts", json_loads(record->counts, 0, NULL));
    json_array_append_new(stages, stage);
  }
  return g_steal_pointer(&stages);
}

static json_t *
run_json(const Workspace *workspace, Store *store, const Run *run, GError **error)
{
  g_autoptr(json_t) stages = stages_json(store, run, error);
  g_autoptr(GPtrArray) failures = stages != NULL ? runs_failures(store, run->id, error) : NULL;
  int64_t cost_micros = failures != NULL ? ledger_spent_in_run(store, run->id, NULL, error) : -1;
  if (cost_micros < 0)
    return NULL;
  json_t *messages = json_array();
  json_t *malformed = json_array();
  for (guint i = 0; i < failures->len; i++) {
    const FailureRow *failure = g_ptr_array_index(failures, i);
    json_array_append_new(is_malformed_post(failure) ? malformed : messages, json_string(failure->message));
  }
  g_autofree char *id = g_strdup_printf("%" G_GINT64_FORMAT, run->id);
  g_autofree char *now = time_format(run->now_ms);
  return json_pack("{ss ss ss ss sI sI sO so so}", "run", id, "command", run->command, "now", now, "state",
                   true_state(run, workspace->data_folder), "exit_code", (json_int_t) run->exit_code, "cost_micros",
                   (json_int_t) cost_micros, "stages", stages, "failures", messages, "malformed", malformed);
}

/* The configured sources that failed in each of the last runs. */
static json_t *
failing_sources(const Workspace *workspace, Store *store, GError **error)
{
  g_autoptr(json_t) list = json_array();
  const GPtrArray *sources = workspace->config->sources;
  for (guint i = 0; i < sources->len; i++) {
    const ConfiguredSource *configured = g_ptr_array_index(sources, i);
    g_autoptr(GPtrArray) parts = source_find(configured->section->name)->parts(configured->values);
    for (guint j = 0; j < parts->len; j++) {
      g_autoptr(SourceState) state = peers_source(store, ((const SourcePart *) g_ptr_array_index(parts, j))->key, error);
      if (state == NULL)
        return NULL;
      if (state->failures >= FAILING_RUNS)
        json_array_append_new(list, json_pack("{ss sI ss}", "key", state->key, "failures", (json_int_t) state->failures,
                                              "last_error", state->last_error));
    }
  }
  return g_steal_pointer(&list);
}

/* Of how many answers the model of scores learned, and how true it is. */
static json_t *
scores_json(const char *datadir, Store *store, GError **error)
{
  g_autoptr(Scorer) scorer = scorer_open(datadir, NULL, error);
  if (scorer == NULL || !scorer_recall(scorer, store, error))
    return NULL;
  return json_pack("{sI so}", "learned", (json_int_t) score_model_learned(scorer->model), "calibration",
                   score_model_calibration(scorer->model));
}

static json_t *
status_document(const Workspace *workspace, const char *datadir, Store *store, GError **error)
{
  g_autoptr(GPtrArray) runs = runs_latest(store, SHOWN_RUNS, error);
  g_autoptr(json_t) list = runs != NULL ? json_array() : NULL;
  for (guint i = 0; list != NULL && i < runs->len; i++) {
    json_t *run = run_json(workspace, store, g_ptr_array_index(runs, i), error);
    if (run == NULL)
      return NULL;
    json_array_append_new(list, run);
  }
  json_t *failing = list != NULL ? failing_sources(workspace, store, error) : NULL;
  int64_t held = failing != NULL ? articles_count_held(store, error) : -1;
  json_t *scores = held >= 0 ? scores_json(datadir, store, error) : NULL;
  if (scores == NULL) {
    json_decref(failing);
    return NULL;
  }
  return json_pack("{ss sO so so sI}", "schema", "courant.status/1", "runs", list, "failing_sources", failing, "scores", scores,
                   "held", (json_int_t) held);
}

static void
print_messages(const json_t *messages)
{
  size_t index = 0;
  json_t *value = NULL;
  json_array_foreach(messages, index, value)
  {
    g_autofree char *message = text_printable(json_string_value(value));
    printf("  ! %s\n", message);
  }
}

static double
seconds(const json_t *stage, const char *name)
{
  return json_number_value(json_object_get(stage, name));
}

/* One line a stage, in columns; what it cost stands there when anything of its run did. */
static void
print_stages(const json_t *run)
{
  const json_t *stages = json_object_get(run, "stages");
  bool has_cost = json_read_int(run, "cost_micros", 0) > 0;
  if (json_array_size(stages) > 0)
    printf("  %-9s %8s %8s %8s %6s %8s %7s%s\n", "stage", "seconds", "idle", "waited", "jobs", "at once", "failed",
           has_cost ? "      cost" : "");
  size_t index = 0;
  json_t *stage = NULL;
  json_array_foreach(stages, index, stage)
  {
    g_autofree char *counts = stage_describe(json_object_get(stage, "counts"));
    g_autofree char *cost = money_text(json_read_int(stage, "cost_micros", 0));
    printf("  %-9s %8.2f %8.2f %8.2f %6" G_GINT64_FORMAT " %8" G_GINT64_FORMAT " %7" G_GINT64_FORMAT,
           json_read_text(stage, "name"), seconds(stage, "seconds"), seconds(stage, "idle"), seconds(stage, "waited"),
           json_read_int(stage, "jobs", 0), json_read_int(stage, "workers", 0), json_read_int(stage, "failed", 0));
    if (has_cost)
      printf(" %9s", cost);
    printf("  %s\n", counts);
  }
}

static void
print_run(const json_t *run)
{
  const char *command = json_read_text(run, "command");
  const char *state = json_read_text(run, "state");
  printf("Run %s (%s) of %s: ", json_read_text(run, "run"), command, json_read_text(run, "now"));
  if (g_str_equal(state, "unfinished"))
    printf("not finished; \"courant %s\" continues it\n", command);
  else if (g_str_equal(state, "finished"))
    printf("finished, exit %" G_GINT64_FORMAT "\n", json_read_int(run, "exit_code", 0));
  else
    printf("%s\n", state);
  print_stages(run);
  print_messages(json_object_get(run, "failures"));
  const json_t *malformed = json_object_get(run, "malformed");
  size_t count = json_array_size(malformed);
  if (count > 0)
    printf("  %zu malformed post%s:\n", count, count == 1 ? "" : "s");
  print_messages(malformed);
}

static void
print_scores(const json_t *scores)
{
  int64_t learned = json_read_int(scores, "learned", 0);
  if (learned == 0)
    return;
  printf("Our own scores have learned from %" G_GINT64_FORMAT " that language models gave:\n  predicted    given  stories\n",
         learned);
  size_t index = 0;
  json_t *tenth = NULL;
  json_array_foreach(json_object_get(scores, "calibration"), index, tenth)
  {
    printf("  %9.2f %8.2f %8" G_GINT64_FORMAT "\n", json_number_value(json_object_get(tenth, "predicted")),
           json_number_value(json_object_get(tenth, "given")), json_read_int(tenth, "answers", 0));
  }
}

static void
print_status(const json_t *document)
{
  size_t index = 0;
  json_t *run = NULL;
  json_array_foreach(json_object_get(document, "runs"), index, run) print_run(run);
  json_t *source = NULL;
  json_array_foreach(json_object_get(document, "failing_sources"), index, source)
  {
    g_autofree char *problem = text_printable(json_read_text(source, "last_error"));
    printf("Source %s has failed %" G_GINT64_FORMAT " runs in a row; look at it or remove it: %s\n",
           json_read_text(source, "key"), json_read_int(source, "failures", 0), problem);
  }
  print_scores(json_object_get(document, "scores"));
  int64_t held = json_read_int(document, "held", 0);
  if (held > 0)
    printf("%" G_GINT64_FORMAT " article%s held: \"courant article list --held\" lists them\n", held,
           held == 1 ? " is" : "s are");
}

static int
run_status(Invocation *invocation)
{
  int status = EXIT_OK;
  g_autoptr(Workspace) workspace = NULL;
  g_autoptr(Store) store = NULL;
  if (!workspace_begin(invocation, NULL, &workspace, &store, &status))
    return status;
  GError *error = NULL;
  json_t *document = status_document(workspace, invocation->datadir, store, &error);
  return document != NULL ? print_document(invocation, document, print_status) : fail_with(invocation, error);
}

const Command status_command = {
    .name = "status",
    .usage = "",
    .summary = "show the last runs, stage by stage, with their failures",
    .examples = "  courant status -C blog\n",
    .run = run_status,
};
