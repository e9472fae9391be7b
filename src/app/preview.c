/* Hugo's own server over the workspace, on loopback. */
#include "app/workspace.h"
#include "base/error.h"
#include "os/clock.h"
#include "os/process.h"
#include "pipeline/deploy.h"
#include "store/runs.h"

#include <stdio.h>

enum { DEFAULT_PORT = 1313, MAX_PORT = 65535 };

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
  if (!deploy_has_config(invocation->folder)) {
    error_set(error, ERROR_IO, "nothing was deployed yet: \"courant run\" makes a site to look at");
    return false;
  }
  g_autoptr(GPtrArray) arguments = deploy_hugo_arguments(&place, "server");
  /* Its own base address, for the configured one may have a path. */
  const char *const more[] = {"--quiet", "--bind", "127.0.0.1", "--baseURL", "http://127.0.0.1/", "--disableLiveReload",
                              "--port"};
  for (size_t i = 0; i < G_N_ELEMENTS(more); i++)
    g_ptr_array_add(arguments, g_strdup(more[i]));
  g_ptr_array_add(arguments, g_strdup_printf("%d", port));
  g_ptr_array_add(arguments, NULL);
  printf("Serving the site at http://127.0.0.1:%d/ (Ctrl-C ends it)\n", port);
  fflush(stdout);
  return process_replace((const char *const *) arguments->pdata, error);
}

static int
run_preview(Invocation *invocation)
{
  int port = DEFAULT_PORT;
  const GOptionEntry own[] = {{"port", 'p', 0, G_OPTION_ARG_INT, &port, "On 127.0.0.1 (1313)", "PORT"}, {0}};
  int status = EXIT_OK;
  g_autoptr(Workspace) workspace = NULL;
  if (!workspace_begin(invocation, own, &workspace, NULL, &status))
    return status;
  if (port < 1 || port > MAX_PORT)
    return fail_usage(invocation, "--port takes a number from 1 to 65535");
  GError *error = NULL;
  serve(invocation, workspace, port, &error);
  return fail_with(invocation, error);
}

const Command preview_command = {
    .name = "preview",
    .usage = "",
    .summary = "serve the site on this machine, with Hugo",
    .examples = "  courant preview -C blog --port 8080\n",
    .is_text_only = true,
    .run = run_preview,
};
