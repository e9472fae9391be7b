/* A new workspace. */
#include "app/workspace.h"
#include "base/error.h"
#include "model/config_edit.h"
#include "os/file.h"
#include "sources/opml.h"

#include <stdio.h>
#include <string.h>

/* The feeds of the OPML list in the file @path, as entries of `sources`; @ret_passed_over: as of opml_read() */
static GPtrArray *
read_feeds(const char *path, size_t *ret_passed_over, GError **error)
{
  size_t length = 0;
  g_autofree char *text = file_read(path, OPML_MAX_BYTES, &length, error);
  g_autoptr(GPtrArray) links = text != NULL ? opml_read(text, length, ret_passed_over, error) : NULL;
  if (text != NULL && links == NULL)
    g_prefix_error(error, "%s: ", path);
  GPtrArray *entries = links != NULL ? g_ptr_array_new_with_free_func(g_free) : NULL;
  for (guint i = 0; links != NULL && i < links->len; i++)
    g_ptr_array_add(entries, feed_entry_line(g_ptr_array_index(links, i)));
  return entries;
}

/* @entries: (nullable): further sources */
static bool
make_workspace(const Invocation *invocation, const char *folder, const GPtrArray *entries, GError **error)
{
  g_autofree char *path = g_build_filename(folder, CONFIG_FILE, NULL);
  if (g_file_test(path, G_FILE_TEST_EXISTS)) {
    error_set(error, ERROR_CONFIG, "%s exists; nothing was changed", path);
    return false;
  }
  g_autofree const OptionSection **sections = workspace_source_sections();
  g_autofree const OptionSection **providers = workspace_provider_sections();
  g_autofree char *plain = config_template(sections, providers);
  g_autofree char *text =
      entries != NULL ? config_add_sources(plain, strlen(plain), CONFIG_FILE, entries, error) : g_strdup(plain);
  return text != NULL && workspace_write_config(invocation, folder, text, error);
}

static void
print_made(const json_t *document)
{
  const char *folder = json_read_text(document, "workspace");
  int64_t feeds = json_read_int(document, "feeds", 0);
  int64_t passed_over = json_read_int(document, "passed_over", 0);
  printf("Made %s/%s", folder, CONFIG_FILE);
  if (feeds > 0)
    printf(" with %" G_GINT64_FORMAT " feed%s", feeds, feeds == 1 ? "" : "s");
  if (passed_over > 0)
    printf(" (%" G_GINT64_FORMAT " outline%s had no address that can be fetched)", passed_over, passed_over == 1 ? "" : "s");
  printf(". Name your sources there, then: courant run -C \"%s\"\n", folder);
}

static int
run_init(Invocation *invocation)
{
  int status = EXIT_OK;
  g_autofree char *opml = NULL;
  const GOptionEntry own[] = {
      {"opml", 0, 0, G_OPTION_ARG_FILENAME, &opml, "Add the feeds of this OPML list, as other readers export it", "FILE"}, {0}};
  if (!invocation_parse(invocation, own, &status))
    return status;
  g_autofree char *folder = invocation->arguments[0] != NULL
                                ? g_canonicalize_filename(invocation->arguments[0], invocation->folder)
                                : g_strdup(invocation->folder);
  GError *error = NULL;
  size_t passed_over = 0;
  g_autoptr(GPtrArray) entries = opml != NULL ? read_feeds(opml, &passed_over, &error) : NULL;
  if (error != NULL || !make_workspace(invocation, folder, entries, &error))
    return fail_with(invocation, error);
  json_t *document = json_pack("{ss ss sI sI}", "schema", "courant.init/1", "workspace", folder, "feeds",
                               (json_int_t) (entries != NULL ? entries->len : 0), "passed_over", (json_int_t) passed_over);
  return print_document(invocation, document, print_made);
}

const Command init_command = {
    .name = "init",
    .usage = "[DIR]",
    .summary = "make a workspace with a commented courant.yaml",
    .examples = "  courant init blog\n"
                "  courant init blog --opml subscriptions.opml\n",
    .max_arguments = 1,
    .run = run_init,
};
