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
  g_autoptr(Workspace) workspace = NULL;
  g_autoptr(Store) store = NULL;
  if (!workspace_begin(invocation, NULL, &workspace, &store, &status))
    return status;
  GError *error = NULL;
  return store_dump(store, write_line, NULL, &error) ? end_output(invocation) : fail_with(invocation, error);
}

const Command dump_command = {
    .name = "dump",
    .usage = "",
    .summary = "print items, stories, scores and articles as sorted NDJSON",
    .examples = "  courant dump | sha256sum            equal for runs that agree\n",
    .is_text_only = true,
    .run = run_dump,
};
