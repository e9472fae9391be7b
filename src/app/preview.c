/* Hugo's own server over the workspace, on loopback. */
#include "app/workspace.h"
#include "base/error.h"
#include "os/clock.h"
#include "os/file.h"
#include "os/process.h"
#include "pipeline/deploy.h"
#include "store/runs.h"

#include <string.h>

enum { DEFAULT_PORT = 1313 };

/* The clock of the last run: what it published is not in the future. */
static int64_t
last_now_ms(const Workspace *workspace, GError **error)
{
  g_autoptr(Store) store = workspace_read_store(workspace, error);
  g_autoptr(GPtrArray) runs = store != NULL ? runs_latest(store, 1, error) : NULL;
  if (runs == NULL)
    return -1;
  return runs->len > 0 ? ((const Run *) g_ptr_array_index(runs, 0))->now_ms : clock_now_ms();
}

static bool
serve(const Invocation *invocation, const Workspace *workspace, int port, GError **error)
{
  DeployPlace place = {.folder = invocation->folder, .datadir = invocation->datadir, .now_ms = last_now_ms(workspace, error)};
  if (place.now_ms < 0)
    return false;
  g_autofree char *folder = g_build_filename(invocation->folder, "data", "site", NULL);
  g_autofree char *path = g_build_filename(folder, "hugo.json", NULL);
  g_autofree char *config = deploy_hugo_config(workspace->config);
  if (!file_make_folder(folder, error) || !file_write(path, config, strlen(config), error))
    return false;
  g_autoptr(GPtrArray) arguments = deploy_hugo_arguments(&place, "server");
  const char *const more[] = {"--bind", "127.0.0.1", "--disableLiveReload", "--port"};
  for (size_t i = 0; i < G_N_ELEMENTS(more); i++)
    g_ptr_array_add(arguments, g_strdup(more[i]));
  g_ptr_array_add(arguments, g_strdup_printf("%d", port));
  g_ptr_array_add(arguments, NULL);
  return process_replace((const char *const *) arguments->pdata, error);
}

static int
run_preview(Invocation *invocation)
{
  int port = DEFAULT_PORT;
  const GOptionEntry own[] = {{"port", 'p', 0, G_OPTION_ARG_INT, &port, "On 127.0.0.1 (1313)", "PORT"}, {0}};
  int status = EXIT_OK;
  if (!invocation_parse(invocation, own, &status))
    return status;
  GError *error = NULL;
  g_autoptr(Workspace) workspace = workspace_open(invocation, &error);
  if (workspace != NULL)
    serve(invocation, workspace, port, &error);
  return fail_with(invocation, error);
}

const Command preview_command = {
    .name = "preview",
    .usage = "[OPTION...]",
    .summary = "serve the site on this machine, with Hugo",
    .examples = "  courant preview -C blog --port 8080\n",
    .run = run_preview,
};
