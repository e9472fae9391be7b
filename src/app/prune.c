/* Old rows, removed by hand. */
#include "store/prune.h"
#include "app/workspace.h"
#include "base/error.h"
#include "base/time.h"
#include "os/clock.h"

#include <glib/gstdio.h>
#include <stdio.h>

static int64_t
store_bytes(const Workspace *workspace)
{
  g_autofree char *path = g_build_filename(workspace->data_folder, STORE_FILE, NULL);
  GStatBuf status;
  return g_stat(path, &status) == 0 ? (int64_t) status.st_size : 0;
}

static void
print_pruned(const json_t *document)
{
  bool is_trial = json_is_true(json_object_get(document, "dry_run"));
  const char *name;
  const json_t *count;
  json_object_foreach((json_t *) json_object_get(document, "removed"), name, count)
      printf("%-11s %" JSON_INTEGER_FORMAT " %s\n", name, json_integer_value(count), is_trial ? "would go" : "removed");
  double before = (double) json_integer_value(json_object_get(document, "bytes_before")) / 1e6;
  double after = (double) json_integer_value(json_object_get(document, "bytes_after")) / 1e6;
  if (!is_trial)
    printf("the store had %.1f MB and has %.1f MB\n", before, after);
}

/* Returns: (transfer full) (nullable): what was removed, with the file's size before and after */
static json_t *
prune(const Workspace *workspace, int64_t now_ms, bool is_trial, GError **error)
{
  if (!store_exists(workspace->data_folder)) {
    error_set(error, ERROR_IO, "%s holds no store yet: there is nothing to remove", workspace->data_folder);
    return NULL;
  }
  g_autoptr(Store) store = store_open(workspace->data_folder, STORE_WRITE, error);
  int64_t bytes_before = store_bytes(workspace);
  g_autofree PruneCount *counts = store != NULL ? prune_run(store, now_ms, is_trial, error) : NULL;
  if (counts == NULL || (!is_trial && !prune_compact(store, error)))
    return NULL;
  json_t *removed = json_object();
  for (const PruneCount *count = counts; count->name != NULL; count++)
    json_object_set_new(removed, count->name, json_integer(count->removed));
  return json_pack("{ss sb so sI sI}", "schema", "courant.prune/1", "dry_run", is_trial, "removed", removed, "bytes_before",
                   (json_int_t) bytes_before, "bytes_after", (json_int_t) store_bytes(workspace));
}

static int
run_prune(Invocation *invocation)
{
  gboolean is_trial = false;
  g_autofree char *now = NULL;
  const GOptionEntry own[] = {
      {"dry-run", 'n', 0, G_OPTION_ARG_NONE, &is_trial, "Count only, remove nothing", NULL},
      {"now", 0, 0, G_OPTION_ARG_STRING, &now, "The time from which ages are measured, such as 2026-03-02T08:00:00Z", "TIME"},
      {0},
  };
  int status = EXIT_OK;
  g_autoptr(Workspace) workspace = NULL;
  if (!workspace_begin(invocation, own, &workspace, NULL, &status))
    return status;
  int64_t now_ms = clock_now_ms();
  if (now != NULL && !time_parse(now, &now_ms))
    return fail_usage(invocation, "--now takes a time such as 2026-03-02T08:00:00Z");
  GError *error = NULL;
  json_t *document = prune(workspace, now_ms, is_trial, &error);
  return document != NULL ? print_document(invocation, document, print_pruned) : fail_with(invocation, error);
}

const Command prune_command = {
    .name = "prune",
    .usage = "",
    .summary = "remove what no run will ask for again, and give its room back to the disk",
    .examples = "  courant prune -n                     what would go\n"
                "  courant prune --json\n",
    .run = run_prune,
};
