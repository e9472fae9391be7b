/* A new workspace. */
#include "app/workspace.h"
#include "base/error.h"
#include "os/file.h"

#include <stdio.h>
#include <string.h>

static bool
make_workspace(const char *folder, GError **error)
{
  g_autofree char *path = g_build_filename(folder, CONFIG_FILE, NULL);
  if (g_file_test(path, G_FILE_TEST_EXISTS)) {
    error_set(error, ERROR_CONFIG, "%s exists; nothing was changed", path);
    return false;
  }
  g_autofree const OptionSection **sections = workspace_source_sections();
  g_autofree char *text = config_template(sections);
  return file_make_folder(folder, error) && file_write(path, text, strlen(text), error);
}

static void
print_made(const json_t *document)
{
  const char *folder = json_read_text(document, "workspace");
  printf("Made %s/%s. Name your sources there, then: courant run -C \"%s\"\n", folder, CONFIG_FILE, folder);
}

static int
run_init(Invocation *invocation)
{
  int status = EXIT_OK;
  if (!invocation_parse(invocation, NULL, &status))
    return status;
  g_autofree char *folder = invocation->arguments[0] != NULL
                                ? g_canonicalize_filename(invocation->arguments[0], invocation->folder)
                                : g_strdup(invocation->folder);
  GError *error = NULL;
  if (!make_workspace(folder, &error))
    return fail_with(invocation, error);
  return print_document(invocation, json_pack("{ss ss}", "schema", "courant.init/1", "workspace", folder), print_made);
}

const Command init_command = {
    .name = "init",
    .usage = "[DIR]",
    .summary = "make a workspace with a commented courant.yaml",
    .examples = "  courant init blog\n",
    .max_arguments = 1,
    .run = run_init,
};
