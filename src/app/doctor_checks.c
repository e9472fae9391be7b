/* What can be checked on this machine: programs, folders, store, clock, runs. */
#include "app/doctor.h"

#include "base/error.h"
#include "base/time.h"
#include "os/clock.h"
#include "os/file.h"
#include "os/process.h"
#include "pipeline/deploy.h"
#include "store/runs.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

/* What the theme is written for. */
enum { HUGO_MAJOR = 0, HUGO_MINOR = 111 };

enum { HUGO_TIMEOUT_MS = 10 * 1000, RUNS_LOOKED_AT = 1000, CLOCK_SLACK_MS = 5 * 60 * 1000, MS_AN_HOUR = 60 * 60 * 1000 };

#define MIN_FREE_BYTES   ((uint64_t) 256 * 1024 * 1024)
#define BYTES_A_MEGABYTE 1e6

/* 2026-01-01: no clock that is right says less. */
#define EARLIEST_MS INT64_C(1767225600000)

#define HUGO_ADVICE "install the hugo package of Debian 12 or later, or the plain release from https://gohugo.io/installation/"

/* @output: of `hugo version`: "hugo v0.111.3+extended linux/amd64 ..." Returns: (transfer full) (nullable): "0.111.3" */
static char *
read_hugo_version(const char *output)
{
  const char *found = strstr(output, " v");
  const char *version = found != NULL ? found + 2 : "";
  size_t length = strspn(version, "0123456789.");
  return length > 0 ? g_strndup(version, length) : NULL;
}

static bool
is_hugo_new_enough(const char *version)
{
  char *rest = NULL;
  guint64 major = g_ascii_strtoull(version, &rest, 10);
  guint64 minor = *rest == '.' ? g_ascii_strtoull(rest + 1, NULL, 10) : 0;
  return major > HUGO_MAJOR || minor >= HUGO_MINOR;
}

static void
check_hugo(Examination *examination)
{
  const char *const arguments[] = {"hugo", "version", NULL};
  GError *fault = NULL;
  g_autofree char *output = NULL;
  g_autofree char *version = NULL;
  if (!process_run(&(ProcessSpec){.argv = arguments, .timeout_ms = HUGO_TIMEOUT_MS}, &output, &fault)) {
    g_autofree char *problem = g_strdup(fault->message);
    g_clear_error(&fault);
    error_set(&fault, ERROR_IO, "%s; %s", problem, HUGO_ADVICE);
  } else {
    version = read_hugo_version(output);
    if (version == NULL || !is_hugo_new_enough(version))
      error_set(&fault, ERROR_IO, "version %s is too old, %d.%d.0 is needed; %s", version != NULL ? version : "unknown",
                HUGO_MAJOR, HUGO_MINOR, HUGO_ADVICE);
  }
  examination_judge(examination, "hugo", version, fault);
}

/* What ships with courant. */
static void
check_theme(Examination *examination)
{
  GError *fault = NULL;
  const char *datadir = examination->invocation->datadir;
  g_autofree char *layouts = g_build_filename(datadir, "theme", "layouts", NULL);
  g_autofree char *data = g_build_filename(datadir, "data", NULL);
  if (!g_file_test(layouts, G_FILE_TEST_IS_DIR) || !g_file_test(data, G_FILE_TEST_IS_DIR))
    error_set(&fault, ERROR_IO, "%s: holds no theme/ and data/; set COURANT_DATADIR to the folder that does", datadir);
  examination_judge(examination, "theme", datadir, fault);
}

void
doctor_check_programs(Examination *examination)
{
  check_hugo(examination);
  check_theme(examination);
}

/* Whether what is below @folder can be changed; true also when there is no such folder yet. */
static bool
check_writable(const char *folder, GError **error)
{
  if (!g_file_test(folder, G_FILE_TEST_EXISTS))
    return true;
  if (!g_file_test(folder, G_FILE_TEST_IS_DIR))
    error_set(error, ERROR_IO, "%s is no folder; move it away", folder);
  else if (access(folder, W_OK | X_OK) != 0)
    error_set(error, ERROR_IO, "%s: %s; give it to the user who runs courant (chown -R)", folder, g_strerror(errno));
  else
    return true;
  return false;
}

static void
check_permissions(Examination *examination, const char *live)
{
  GError *fault = NULL;
  const char *folder = examination->invocation->folder;
  g_autofree char *content = g_build_filename(folder, "content", NULL);
  g_autofree char *parent = g_path_get_dirname(live);
  g_autofree char *store = g_build_filename(examination->workspace->data_folder, STORE_FILE, NULL);
  if (check_writable(folder, &fault) && check_writable(examination->workspace->data_folder, &fault) &&
      check_writable(content, &fault) && check_writable(parent, &fault) && g_file_test(store, G_FILE_TEST_EXISTS) &&
      access(store, R_OK | W_OK) != 0)
    error_set(&fault, ERROR_IO, "%s: %s; give it to the user who runs courant", store, g_strerror(errno));
  examination_judge(examination, "folders", NULL, fault);
}

static double
measure_megabytes(const char *folder)
{
  g_autoptr(GPtrArray) names = file_list_tree(folder, NULL);
  int64_t bytes = 0;
  for (guint i = 0; names != NULL && i < names->len; i++) {
    g_autofree char *path = g_build_filename(folder, g_ptr_array_index(names, i), NULL);
    GStatBuf status;
    bytes += g_stat(path, &status) == 0 ? (int64_t) status.st_size : 0;
  }
  return (double) bytes / BYTES_A_MEGABYTE;
}

static void
check_disk(Examination *examination)
{
  struct statvfs space = {0};
  const char *folder = examination->invocation->folder;
  if (statvfs(folder, &space) != 0) {
    examination_add(examination, "disk", FINDING_FAULT, "%s: %s", folder, g_strerror(errno));
    return;
  }
  uint64_t free_bytes = (uint64_t) space.f_bavail * space.f_frsize;
  bool is_short = free_bytes < MIN_FREE_BYTES;
  examination_add(examination, "disk", is_short ? FINDING_FAULT : FINDING_OK, "%.0f MB free, data/ holds %.1f MB%s",
                  (double) free_bytes / BYTES_A_MEGABYTE, measure_megabytes(examination->workspace->data_folder),
                  is_short ? "; make room, 256 MB at least" : "");
}

/* What courant.yaml begins with is right for a look at home only. */
static void
check_address(Examination *examination)
{
  const char *url = examination->workspace->config->site->base_url;
  bool is_local = g_str_has_prefix(url, "http://localhost:");
  examination_add(examination, "address", is_local ? FINDING_NOTE : FINDING_OK, "%s%s%s",
                  is_local ? "links in feeds and the sitemap say " : "", url,
                  is_local ? ": set site.base_url or HUGO_BASE_URL" : "");
}

void
doctor_check_folders(Examination *examination)
{
  GError *fault = NULL;
  const char *folder = examination->invocation->folder;
  g_autofree char *live = g_canonicalize_filename(examination->workspace->config->deploy->path, folder);
  check_permissions(examination, live);
  check_disk(examination);
  deploy_check_place(folder, live, &fault);
  examination_judge(examination, "deploy", live, fault);
  check_address(examination);
}

void
doctor_check_store(Examination *examination)
{
  examination->is_store_sound = true;
  if (!store_exists(examination->workspace->data_folder)) {
    examination_add(examination, "store", FINDING_NOTE, "none yet; \"courant run\" makes it");
    return;
  }
  GError *fault = NULL;
  examination->store = workspace_read_store(examination->workspace, &fault);
  examination->is_store_sound = examination->store != NULL && store_check(examination->store, &fault);
  if (!examination->is_store_sound)
    g_clear_pointer(&examination->store, store_free);
  examination_judge(examination, "store", NULL, fault);
}

static void
check_clock(Examination *examination, const GPtrArray *runs)
{
  const Run *newest = runs->len > 0 ? g_ptr_array_index(runs, 0) : NULL;
  int64_t now_ms = clock_now_ms();
  g_autofree char *now = time_format(now_ms / 1000 * 1000);
  GError *fault = NULL;
  if (now_ms < EARLIEST_MS)
    error_set(&fault, ERROR_IO, "it says %s, which is past; set the clock, or start an NTP service", now);
  else if (newest != NULL && newest->started_ms > now_ms + CLOCK_SLACK_MS) {
    g_autofree char *started = time_format(newest->started_ms);
    error_set(&fault, ERROR_IO, "it says %s, but the last run began at %s; set the clock", now, started);
  }
  examination_judge(examination, "clock", now, fault);
}

static bool
is_good(const Run *run)
{
  bool reaches_site = g_str_equal(run->command, "run") || g_str_equal(run->command, "deploy");
  return reaches_site && g_str_equal(run->state, "finished") && (run->exit_code == EXIT_OK || run->exit_code == EXIT_PARTIAL);
}

static void
check_last_run(Examination *examination, const GPtrArray *runs)
{
  if (runs->len == 0) {
    examination_add(examination, "last run", FINDING_NOTE, "none yet");
    return;
  }
  const Run *good = NULL;
  for (guint i = 0; good == NULL && i < runs->len; i++)
    good = is_good(g_ptr_array_index(runs, i)) ? g_ptr_array_index(runs, i) : NULL;
  if (good == NULL) {
    examination_add(examination, "last run", FINDING_FAULT, "none has brought out the site yet; \"courant status\" says why");
    return;
  }
  int64_t age_ms = clock_now_ms() - good->ended_ms;
  g_autofree char *ended = time_format(good->ended_ms / 1000 * 1000);
  if (age_ms > examination->max_age_ms)
    examination_add(examination, "last run", FINDING_FAULT,
                    "the last good one ended at %s, more than %" G_GINT64_FORMAT
                    " h ago; \"courant status\" says what went wrong since, and is the timer on?",
                    ended, examination->max_age_ms / MS_AN_HOUR);
  else
    examination_add(examination, "last run", FINDING_OK, "%s", ended);
}

void
doctor_check_runs(Examination *examination)
{
  GError *fault = NULL;
  g_autoptr(GPtrArray) runs =
      examination->store != NULL ? runs_latest(examination->store, RUNS_LOOKED_AT, &fault) : g_ptr_array_new();
  if (runs == NULL) {
    examination_judge(examination, "last run", NULL, fault);
    return;
  }
  check_clock(examination, runs);
  if (examination->is_store_sound)
    check_last_run(examination, runs);
}
