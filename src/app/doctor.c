/* Is all well with this workspace? One line a check. */
#include "app/workspace.h"
#include "base/error.h"
#include "base/text.h"
#include "os/process.h"
#include "store/runs.h"

#include <stdio.h>
#include <sys/statvfs.h>
#include <unistd.h>

enum { HUGO_TIMEOUT_MS = 10 * 1000 };

#define MIN_FREE_BYTES ((uint64_t) 256 * 1024 * 1024)

typedef struct {
  const Invocation *invocation;
  const Workspace *workspace;
  json_t *checks;
  bool has_fault;
} Examination;

/* @fault (transfer full) (nullable) */
static void
note(Examination *examination, const char *name, GError *fault)
{
  g_autoptr(GError) owned = fault;
  examination->has_fault |= owned != NULL;
  json_array_append_new(examination->checks, json_pack("{ss sb ss*}", "check", name, "ok", owned == NULL, "message",
                                                       owned != NULL ? owned->message : NULL));
}

static void
check_hugo(Examination *examination)
{
  const char *const arguments[] = {"hugo", "version", NULL};
  GError *fault = NULL;
  process_run(&(ProcessSpec){.argv = arguments, .timeout_ms = HUGO_TIMEOUT_MS}, NULL, &fault);
  note(examination, "hugo", fault);
}

static void
check_theme(Examination *examination)
{
  GError *fault = NULL;
  g_autofree char *path = g_build_filename(examination->invocation->datadir, "theme", "layouts", NULL);
  if (!g_file_test(path, G_FILE_TEST_IS_DIR))
    error_set(&fault, ERROR_IO, "%s: no such folder; set COURANT_DATADIR to the folder that holds theme/", path);
  note(examination, "theme", fault);
}

static void
check_folder(Examination *examination)
{
  GError *fault = NULL;
  struct statvfs space = {0};
  const char *folder = examination->invocation->folder;
  if (access(folder, W_OK) != 0)
    error_set(&fault, ERROR_IO, "%s: not writable", folder);
  else if (statvfs(folder, &space) == 0 && (uint64_t) space.f_bavail * space.f_frsize < MIN_FREE_BYTES)
    error_set(&fault, ERROR_IO, "%s: less than 256 MB of disk are free", folder);
  note(examination, "disk", fault);
}

static void
check_store(Examination *examination)
{
  GError *fault = NULL;
  if (store_exists(examination->workspace->data_folder)) {
    g_autoptr(Store) store = workspace_read_store(examination->workspace, &fault);
    if (store != NULL)
      store_check(store, &fault);
  }
  note(examination, "store", fault);
}

static void
print_check(const json_t *check)
{
  const char *message = json_read_text(check, "message");
  g_autofree char *shown = text_printable(message);
  printf("%-8s %s%s%s\n", json_read_text(check, "check"), message == NULL ? "ok" : "FAULT", message != NULL ? ": " : "", shown);
}

static int
tell(Examination *examination)
{
  int code = examination->has_fault ? EXIT_FAILED : EXIT_OK;
  if (examination->invocation->is_json) {
    int told = print_json(examination->invocation, json_pack("{ss sb sO}", "schema", "courant.doctor/1", "ok", code == EXIT_OK,
                                                             "checks", examination->checks));
    return told == EXIT_OK ? code : told;
  }
  size_t index = 0;
  json_t *check = NULL;
  json_array_foreach(examination->checks, index, check) print_check(check);
  return code;
}

static int
run_doctor(Invocation *invocation)
{
  int status = EXIT_OK;
  if (!invocation_parse(invocation, NULL, &status))
    return status;
  GError *error = NULL;
  g_autoptr(Workspace) workspace = workspace_open(invocation, &error);
  if (workspace == NULL)
    return fail_with(invocation, error);
  g_autoptr(json_t) checks = json_array();
  Examination examination = {.invocation = invocation, .workspace = workspace, .checks = checks};
  note(&examination, "config", NULL);
  check_hugo(&examination);
  check_theme(&examination);
  check_folder(&examination);
  check_store(&examination);
  return tell(&examination);
}

const Command doctor_command = {
    .name = "doctor",
    .usage = "[OPTION...]",
    .summary = "check configuration, Hugo, theme, disk and store; exit 1 on a fault",
    .examples = "  courant doctor -C blog\n",
    .run = run_doctor,
};
