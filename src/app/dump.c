/* What two runs must agree on. */
#include "store/dump.h"
#include "app/workspace.h"

#include <stdio.h>

static void
write_line(const char *line, void *data)
{
  (void) data;
  puts(line);
}

static int
run_dump(Invocation *invocation)
{
  int status = EXIT_OK;
  if (!invocation_parse(invocation, NULL, &status))
    return status;
  GError *error = NULL;
  g_autoptr(Workspace) workspace = workspace_open(invocation, &error);
  g_autoptr(Store) store = workspace != NULL ? workspace_read_store(workspace, &error) : NULL;
  if (store == NULL || !store_dump(store, write_line, NULL, &error))
    return fail_with(invocation, error);
  if (fflush(stdout) == 0 && !ferror(stdout))
    return EXIT_OK;
  log_line(&invocation->log, LOG_ERROR, "cannot write to standard output");
  return EXIT_FAILED;
}

const Command dump_command = {
    .name = "dump",
    .usage = "[OPTION...]",
    .summary = "print items, stories, scores and articles as sorted NDJSON",
    .examples = "  courant dump | sha256sum            equal for runs that agree\n",
    .run = run_dump,
};
