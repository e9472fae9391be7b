/* What the store holds, as files for other programs, or whole as a backup. */
#include "app/workspace.h"
#include "base/error.h"
#include "os/file.h"
#include "store/backup.h"
#include "store/reference.h"
#include "threads/cancel.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static json_t *
describe(const ReferenceFile *file)
{
  size_t entries = json_is_array(file->document) ? json_array_size(file->document) : 1;
  return json_pack("{ss sI}", "name", file->name, "entries", (json_int_t) entries);
}

/* Numbers have at most six decimals: with fifteen digits each is written as shortly as it can be. */
static bool
write_file(const char *folder, const ReferenceFile *file, GError **error)
{
  g_autofree char *path = g_build_filename(folder, file->name, NULL);
  g_autofree char *text = json_dumps(file->document, JSON_INDENT(1) | JSON_REAL_PRECISION(15));
  return file_write(path, text, strlen(text), error);
}

static void
print_files(const json_t *document)
{
  size_t i;
  json_t *file;
  json_array_foreach(json_object_get(document, "files"), i, file)
      printf("%6" G_GINT64_FORMAT "  %s\n", json_read_int(file, "entries", 0), json_read_text(file, "name"));
  printf("in %s\n", json_read_text(document, "folder"));
}

static int
export_files(const Invocation *invocation, Store *store, const char *folder)
{
  GError *error = NULL;
  g_autoptr(GPtrArray) files = reference_files(store, &error);
  if (files == NULL || !file_make_folder(folder, &error))
    return fail_with(invocation, error);
  json_t *list = json_array();
  for (guint i = 0; i < files->len && error == NULL && !is_stopped(&error); i++)
    if (write_file(folder, g_ptr_array_index(files, i), &error))
      json_array_append_new(list, describe(g_ptr_array_index(files, i)));
  g_autofree char *shown = g_filename_display_name(folder);
  json_t *document = json_pack("{ss ss so}", "schema", "courant.export/1", "folder", shown, "files", list);
  if (error == NULL)
    return print_document(invocation, document, print_files);
  json_decref(document);
  return fail_with(invocation, error);
}

static bool
fail_to_write(const char *path, GError **error)
{
  error_set(error, ERROR_IO, "cannot write %s: %s", path, g_strerror(errno));
  return false;
}

/* Beside its place, and then into it: what stands there stays until the backup is whole. */
static bool
write_backup(Store *store, const char *path, BackupSummary *ret_summary, GError **error)
{
  g_autofree char *part = g_strconcat(path, ".part", NULL);
  FILE *output = fopen(part, "we");
  if (output == NULL)
    return fail_to_write(part, error);
  bool is_done = backup_write(store, &(BackupStream){output, part, is_stopped}, ret_summary, error);
  if (is_done && fsync(fileno(output)) != 0)
    is_done = fail_to_write(part, error);
  if (fclose(output) != 0 && is_done)
    is_done = fail_to_write(part, error);
  if (is_done && g_rename(part, path) != 0)
    is_done = fail_to_write(path, error);
  if (!is_done)
    g_unlink(part);
  return is_done;
}

static void
print_backup(const json_t *document)
{
  printf("%" G_GINT64_FORMAT " rows, %.1f MB in %s\n", json_read_int(document, "rows", 0),
         (double) json_read_int(document, "bytes", 0) / 1e6, json_read_text(document, "backup"));
}

static int
back_up_to_file(const Invocation *invocation, Store *store, const char *given)
{
  g_autofree char *behind_links = realpath(given, NULL);
  const char *path = behind_links != NULL ? behind_links : given;
  if (g_file_test(path, G_FILE_TEST_EXISTS) && !g_file_test(path, G_FILE_TEST_IS_REGULAR))
    return fail_usage(invocation, "--backup takes a file, or - for standard output");
  GError *error = NULL;
  BackupSummary summary = {0};
  if (!write_backup(store, path, &summary, &error))
    return fail_with(invocation, error);
  g_autofree char *shown = g_filename_display_name(given);
  return print_document(invocation,
                        json_pack("{ss ss sI sI}", "schema", "courant.export/1", "backup", shown, "rows",
                                  (json_int_t) summary.rows, "bytes", (json_int_t) summary.bytes),
                        print_backup);
}

static int
back_up_to_output(const Invocation *invocation, Store *store)
{
  if (invocation->is_json)
    return fail_usage(invocation, "--backup - is all that goes to standard output; leave out --json");
  GError *error = NULL;
  BackupSummary summary = {0};
  cancel_let_go();
  if (backup_write(store, &(BackupStream){stdout, "standard output", is_stopped}, &summary, &error))
    return end_output(invocation);
  if (!ferror(stdout))
    return fail_with(invocation, error);
  g_error_free(error);
  return end_output(invocation);
}

static int
run_export(Invocation *invocation)
{
  g_autofree char *to = NULL;
  g_autofree char *backup = NULL;
  const GOptionEntry own[] = {
      {"to", 0, 0, G_OPTION_ARG_FILENAME, &to, "Where the files go (default: the workspace's data folder)", "DIR"},
      {"backup", 0, 0, G_OPTION_ARG_FILENAME, &backup, "The whole store instead, as one file; - for standard output", "FILE"},
      {0},
  };
  int status = EXIT_OK;
  g_autoptr(Workspace) workspace = NULL;
  g_autoptr(Store) store = NULL;
  if (!workspace_begin(invocation, own, &workspace, &store, &status))
    return status;
  if (to != NULL && backup != NULL)
    return fail_usage(invocation, "--to is for the files, --backup names its own");
  if (backup == NULL)
    return export_files(invocation, store, to != NULL ? to : workspace->data_folder);
  return g_str_equal(backup, "-") ? back_up_to_output(invocation, store) : back_up_to_file(invocation, store, backup);
}

const Command export_command = {
    .name = "export",
    .usage = "",
    .summary = "write what was collected, scored and spent as JSON files, or the whole store as a backup",
    .examples = "  courant export --to /tmp/data\n"
                "  courant export --backup courant.ndjson\n"
                "  courant export --backup - | zstd >courant.ndjson.zst\n",
    .run = run_export,
};
