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

/* @counts: as of prune_run(); bytes of the store's file */
typedef struct {
  PruneCount *counts;
  int64_t bytes_before;
  int64_t bytes_after;
} Outcome;

static void
print_outcome(const Outcome *outcome, bool is_trial)
{
  bool has_any = false;
  for (const PruneCount *count = outcome->counts; count->name != NULL; count++) {
    if (count->removed == 0)
      continue;
    if (!has_any)
      puts(is_trial ? "Would go:" : "Removed:");
    has_any = true;
    printf("%8" G_GINT64_FORMAT "  %s", count->removed, count->what);
    if (count->days > 0)
      printf(" more than %" G_GINT64_FORMAT " days ago", count->days);
    putchar('\n');
  }
  if (!has_any)
    puts("Nothing is old enough to go.");
  if (!is_trial)
    printf("The store had %.1f MB and has %.1f MB.\n", (double) outcome->bytes_before / 1e6,
           (double) outcome->bytes_after / 1e6);
}

static json_t *
outcome_json(const Outcome *outcome, bool is_trial)
{
  json_t *removed = json_object();
  for (const PruneCount *count = outcome->counts; count->name != NULL; count++)
    json_object_set_new(removed, count->name, json_integer(count->removed));
  return json_pack("{ss sb so sI sI}", "schema", "courant.prune/1", "dry_run", is_trial, "removed", removed, "bytes_before",
                   (json_int_t) outcome->bytes_before, "bytes_after", (json_int_t) outcome->bytes_after);
}

static bool
prune(const Workspace *workspace, int64_t now_ms, bool is_trial, Outcome *ret_outcome, GError **error)
{
  if (!store_exists(workspace->data_folder)) {
    error_set(error, ERROR_IO, "%s holds no store yet: there is nothing to remove", workspace->data_folder);
    return false;
  }
  g_autoptr(Store) store = store_open(workspace->data_folder, STORE_WRITE, error);
  int64_t bytes_before = store_bytes(workspace);
  g_autofree PruneCount *counts = store != NULL ? prune_run(store, now_ms, is_trial, error) : NULL;
  if (counts == NULL || (!is_trial && !prune_compact(store, error)))
    return false;
  *ret_outcome = (Outcome){g_steal_pointer(&counts), bytes_before, store_bytes(workspace)};
  return true;
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
  Outcome outcome = {0};
  if (!prune(workspace, now_ms, is_trial, &outcome, &error))
    return fail_with(invocation, error);
  json_t *document = invocation->is_json ? outcome_json(&outcome, is_trial) : NULL;
  if (document == NULL)
    print_outcome(&outcome, is_trial);
  g_free(outcome.counts);
  return document != NULL ? print_json(invocation, document) : end_output(invocation);
}

const Command prune_command = {
    .name = "prune",
    .usage = "",
    .summary = "remove what no run will ask for again, and give its room back to the disk",
    .examples = "  courant prune -n                     what would go\n"
                "  courant prune --json\n",
    .run = run_prune,
};
