/* Is all well with this workspace? One line a check. */
#include "app/workspace.h"
#include "base/error.h"
#include "base/text.h"
#include "net/client.h"
#include "os/process.h"
#include "pipeline/deploy.h"

#include <stdio.h>
#include <string.h>
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

/* @remark (nullable): said where there is no @fault (transfer full) (nullable) */
static void
note(Examination *examination, const char *name, const char *remark, GError *fault)
{
  g_autoptr(GError) owned = fault;
  examination->has_fault |= owned != NULL;
  json_array_append_new(examination->checks, json_pack("{ss sb ss*}", "check", name, "ok", owned == NULL, "message",
                                                       owned != NULL ? owned->message : remark));
}

static void
check_hugo(Examination *examination)
{
  const char *const arguments[] = {"hugo", "version", NULL};
  GError *fault = NULL;
  process_run(&(ProcessSpec){.argv = arguments, .timeout_ms = HUGO_TIMEOUT_MS}, NULL, &fault);
  note(examination, "hugo", NULL, fault);
}

static void
check_theme(Examination *examination)
{
  GError *fault = NULL;
  g_autofree char *path = g_build_filename(examination->invocation->datadir, "theme", "layouts", NULL);
  if (!g_file_test(path, G_FILE_TEST_IS_DIR))
    error_set(&fault, ERROR_IO, "%s: no such folder; set COURANT_DATADIR to the folder that holds theme/", path);
  note(examination, "theme", NULL, fault);
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
  note(examination, "disk", NULL, fault);
}

static void
check_store(Examination *examination)
{
  GError *fault = NULL;
  bool is_there = store_exists(examination->workspace->data_folder);
  if (is_there) {
    g_autoptr(Store) store = workspace_read_store(examination->workspace, &fault);
    if (store != NULL)
      store_check(store, &fault);
  }
  note(examination, "store", is_there ? NULL : "none yet", fault);
}

static void
check_network(Examination *examination)
{
  const NetworkOptions *network = examination->workspace->config->network;
  g_autofree char *ca_file = g_canonicalize_filename(network->ca_file, examination->invocation->folder);
  const ClientOptions options = {
      .user_agent = "courant",
      .ca_file = *network->ca_file != '\0' ? ca_file : NULL,
      .allow_private = (const char *const *) network->allow_private,
  };
  GError *fault = NULL;
  client_free(client_new(&options, &fault));
  note(examination, "network", NULL, fault);
}

static void
check_deploy(Examination *examination)
{
  GError *fault = NULL;
  const char *folder = examination->invocation->folder;
  g_autofree char *live = g_canonicalize_filename(examination->workspace->config->deploy->path, folder);
  deploy_check_place(folder, live, &fault);
  note(examination, "deploy", live, fault);
}

static void
print_check(const json_t *check)
{
  bool is_ok = json_is_true(json_object_get(check, "ok"));
  const char *message = json_read_text(check, "message");
  g_autofree char *shown = text_printable(message != NULL ? message : "ok");
  printf("%-8s %s%s\n", json_read_text(check, "check"), is_ok ? "" : "FAULT: ", shown);
}

static void
print_checks(const json_t *document)
{
  size_t index = 0;
  json_t *check = NULL;
  json_array_foreach(json_object_get(document, "checks"), index, check) print_check(check);
}

static int
run_doctor(Invocation *invocation)
{
  int status = EXIT_OK;
  g_autoptr(Workspace) workspace = NULL;
  if (!workspace_begin(invocation, NULL, &workspace, NULL, &status))
    return status;
  Examination examination = {.invocation = invocation, .workspace = workspace, .checks = json_array()};
  note(&examination, "config", NULL, NULL);
  check_hugo(&examination);
  check_theme(&examination);
  check_folder(&examination);
  check_store(&examination);
  check_network(&examination);
  check_deploy(&examination);
  bool is_ok = !examination.has_fault;
  json_t *document = json_pack("{ss sb so}", "schema", "courant.doctor/1", "ok", is_ok, "checks", examination.checks);
  int told = print_document(invocation, document, print_checks);
  return is_ok ? told : EXIT_FAILED;
}

const Command doctor_command = {
    .name = "doctor",
    .usage = "",
    .summary = "check configuration, Hugo, theme, disk, store, network and deploy folder; exit 1 on a fault",
    .examples = "  courant doctor -C blog\n",
    .run = run_doctor,
};
