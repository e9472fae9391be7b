/* version and help. */
#include "app/command.h"
#include "base/text.h"
#include "store/store.h"

#include <stdio.h>

static void
print_version(const json_t *document)
{
  printf("courant %s\n", json_read_text(document, "version"));
}

static int
run_version(Invocation *invocation)
{
  int status = EXIT_OK;
  if (!invocation_parse(invocation, NULL, &status))
    return status;
  return print_document(invocation,
                        json_pack("{ss ss si}", "schema", "courant.version/1", "version", COURANT_VERSION, "store_schema",
                                  store_schema_version()),
                        print_version);
}

static void
print_overview(void)
{
  printf("courant turns what communities talk about into a small, sourced site.\n\n"
         "  courant init blog           make a workspace; name your sources in blog/courant.yaml\n"
         "  courant run -C blog         collect, group, enrich, generate, deploy\n"
         "  courant preview -C blog     look at the site\n\n"
         "Commands:\n");
  for (const Command *const *command = commands_all(); *command != NULL; command++)
    printf("  %-10s %s\n", (*command)->name, (*command)->summary);
  printf("\n\"courant help COMMAND\" tells more of one.\n"
         "Exit codes: 0 done, 1 failed, 2 usage, 3 configuration, 4 done in part, 6 a budget cap stopped calls,\n"
         "75 another writer holds the workspace, 130 and 143 stopped by a signal (run again to continue).\n");
}

static int
run_help(Invocation *invocation)
{
  int status = EXIT_OK;
  if (!invocation_parse(invocation, NULL, &status))
    return status;
  if (invocation->arguments[0] == NULL) {
    print_overview();
    return end_output(invocation);
  }
  const Command *command = command_find(invocation->arguments[0]);
  if (command == NULL) {
    log_line(&invocation->log, LOG_ERROR, "no command \"%s\"", invocation->arguments[0]);
    return EXIT_USAGE;
  }
  char *asking[] = {(char *) command->name, (char *) "--help", NULL};
  Invocation about = {
      .command = command, .argc = 2, .argv = asking, .environment = invocation->environment, .log = invocation->log};
  status = command->run(&about);
  invocation_clear(&about);
  return status;
}

const Command version_command = {
    .name = "version",
    .usage = "",
    .summary = "print the version",
    .examples = "",
    .run = run_version,
};

const Command help_command = {
    .name = "help",
    .usage = "[COMMAND]",
    .summary = "list the commands, or tell more of one",
    .examples = "  courant help run\n",
    .is_text_only = true,
    .max_arguments = 1,
    .run = run_help,
};
