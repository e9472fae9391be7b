/* The last runs, stage by stage, and what is wrong. */
#include "app/summary.h"
#include "app/workspace.h"
#include "base/text.h"
#include "base/time.h"
#include "store/peers.h"
#include "store/runs.h"

#include <stdio.h>

enum { SHOWN_RUNS = 5 };

static json_t *
run_json(Store *store, const Run *run, GError **error)
{
  g_autoptr(GPtrArray) records = runs_stages(store, run->id, error);
  g_autoptr(GPtrArray) failures = records != NULL ? runs_failures(store, run->id, error) : NULL;
  if (failures == NULL)
    return NULL;
  json_t *stages = json_array();
  for (guint i = 0; i < records->len; i++)
    json_array_append_new(stages, summary_stage(g_ptr_array_index(records, i)));
  json_t *messages = json_array();
  for (guint i = 0; i < failures->len; i++)
    json_array_append_new(messages, json_string(((const FailureRow *) g_ptr_array_index(failures, i))->message));
  g_autofree char *id = g_strdup_printf("%" G_GINT64_FORMAT, run->id);
  g_autofree char *now = time_format(run->now_ms);
  return json_pack("{ss ss ss ss sI so so}", "run", id, "command", run->command, "now", now, "state", run->state, "exit_code",
                   (json_int_t) run->exit_code, "stages", stages, "failures", messages);
}

static json_t *
status_document(Store *store, GError **error)
{
  g_autoptr(GPtrArray) runs = runs_latest(store, SHOWN_RUNS, error);
  g_autoptr(json_t) list = runs != NULL ? json_array() : NULL;
  for (guint i = 0; list != NULL && i < runs->len; i++) {
    json_t *run = run_json(store, g_ptr_array_index(runs, i), error);
    if (run == NULL)
      return NULL;
    json_array_append_new(list, run);
  }
  return list != NULL ? json_pack("{ss sO}", "schema", "courant.status/1", "runs", list) : NULL;
}

static void
print_run(const json_t *run)
{
  printf("Run %s (%s) of %s: %s", json_read_text(run, "run"), json_read_text(run, "command"), json_read_text(run, "now"),
         json_read_text(run, "state"));
  if (g_str_equal(json_read_text(run, "state"), "finished"))
    printf(", exit %" G_GINT64_FORMAT, json_read_int(run, "exit_code", 0));
  printf("\n");
  size_t index = 0;
  json_t *value = NULL;
  json_array_foreach(json_object_get(run, "stages"), index, value)
  {
    printf("  %-9s %7.2f s  %4" G_GINT64_FORMAT " jobs, %" G_GINT64_FORMAT " at once, %" G_GINT64_FORMAT " failed\n",
           json_read_text(value, "name"), json_real_value(json_object_get(value, "seconds")), json_read_int(value, "jobs", 0),
           json_read_int(value, "workers", 0), json_read_int(value, "failed", 0));
  }
  json_array_foreach(json_object_get(run, "failures"), index, value)
  {
    g_autofree char *message = text_printable(json_string_value(value));
    printf("  ! %s\n", message);
  }
}

static int
run_status(Invocation *invocation)
{
  int status = EXIT_OK;
  if (!invocation_parse(invocation, NULL, &status))
    return status;
  GError *error = NULL;
  g_autoptr(Workspace) workspace = workspace_open(invocation, &error);
  g_autoptr(Store) store = workspace != NULL ? workspace_read_store(workspace, &error) : NULL;
  g_autoptr(json_t) document = store != NULL ? status_document(store, &error) : NULL;
  if (document == NULL)
    return fail_with(invocation, error);
  if (invocation->is_json)
    return print_json(invocation, g_steal_pointer(&document));
  size_t index = 0;
  json_t *run = NULL;
  json_array_foreach(json_object_get(document, "runs"), index, run) print_run(run);
  return EXIT_OK;
}

const Command status_command = {
    .name = "status",
    .usage = "[OPTION...]",
    .summary = "show the last runs, stage by stage, with their failures",
    .examples = "  courant status -C blog\n",
    .run = run_status,
};
