#include "store/recording.h"

#include "base/error.h"
#include "os/file.h"
#include "store/rows.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <unistd.h>

#define TABLE                                                                                                                  \
  "CREATE TABLE recording(run_id INTEGER NOT NULL, config TEXT NOT NULL, environment TEXT NOT NULL, finished INTEGER NOT "     \
  "NULL)"

static bool
describe(Store *copy, const Run *run, const RecordedSettings *settings, GError **error)
{
  g_autofree char *lines = g_strjoinv("\n", settings->environment);
  return store_execute(copy, TABLE, error) &&
         store_run(copy, error, "INSERT INTO recording(run_id, config, environment, finished) VALUES(?1, ?2, ?3, 0)", "iss",
                   run->id, settings->config, lines);
}

bool
recording_begin(Store *store, const char *path, const Run *run, const RecordedSettings *settings, GError **error)
{
  if (g_file_test(path, G_FILE_TEST_EXISTS)) {
    error_set(error, ERROR_IO, "recording %s: the file exists; name another or remove it", path);
    return false;
  }
  g_autofree char *part = g_strconcat(path, ".part", NULL);
  if (!file_remove_tree(part, error) || !store_run(store, error, "VACUUM INTO ?1", "s", part))
    return false;
  g_autoptr(Store) copy = store_open_file(part, error);
  if (copy == NULL || !describe(copy, run, settings, error))
    return false;
  g_clear_pointer(&copy, store_free);
  if (g_rename(part, path) == 0)
    return true;
  error_set(error, ERROR_IO, "recording %s: cannot write", path);
  return false;
}

/* Returns: NULL when the file is no recording */
static Store *
open_recording(const char *path, int64_t *ret_run_id, bool *ret_is_finished, GError **error)
{
  if (!g_file_test(path, G_FILE_TEST_IS_REGULAR)) {
    error_set(error, ERROR_IO, "recording %s: no such file", path);
    return NULL;
  }
  g_autoptr(Store) recording = store_open_file(path, error);
  if (recording == NULL)
    return NULL;
  Rows *rows = store_select(recording, "SELECT run_id, finished FROM recording", "");
  bool is_recording = rows_next(rows);
  if (is_recording) {
    *ret_run_id = rows_int(rows, 0);
    *ret_is_finished = rows_int(rows, 1) != 0;
  }
  if (rows_end(rows, NULL) && is_recording)
    return g_steal_pointer(&recording);
  error_set(error, ERROR_BAD_DATA, "recording %s: the file is no recording of courant", path);
  return NULL;
}

bool
recording_is_of(const char *path, const Run *run)
{
  int64_t run_id = 0;
  bool is_finished = false;
  g_autoptr(Store) recording = open_recording(path, &run_id, &is_finished, NULL);
  g_autoptr(Run) recorded = recording != NULL ? runs_open(recording, NULL) : NULL;
  return recorded != NULL && recorded->id == run->id && recorded->started_ms == run->started_ms;
}

bool
recording_finish(Store *store, const char *path, const Run *run, GError **error)
{
  if (!store_run(store, error, "ATTACH ?1 AS recording", "s", path))
    return false;
  bool is_done =
      store_begin(store, true, error) &&
      store_run(store, error,
                "INSERT OR IGNORE INTO recording.bodies SELECT * FROM main.bodies WHERE sha256 IN"
                " (SELECT body_sha256 FROM main.exchanges WHERE run_id = ?1)",
                "i", run->id) &&
      store_run(store, error, "INSERT OR IGNORE INTO recording.exchanges SELECT * FROM main.exchanges WHERE run_id = ?1", "i",
                run->id) &&
      store_execute(store, "UPDATE recording.recording SET finished = 1", error) && store_commit(store, error);
  store_rollback(store);
  if (!is_done)
    g_prefix_error(error, "recording %s: ", path);
  store_forget_statements(store);
  return store_execute(store, "DETACH recording", is_done ? error : NULL) && is_done;
}

bool
recording_settings(const char *path, RecordedSettings *ret_settings, GError **error)
{
  int64_t run_id = 0;
  bool is_finished = false;
  g_autoptr(Store) recording = open_recording(path, &run_id, &is_finished, error);
  if (recording == NULL)
    return false;
  g_autofree char *config = NULL;
  g_auto(GStrv) environment = NULL;
  Rows *rows = store_select(recording, "SELECT config, environment FROM recording", "");
  if (rows_next(rows)) {
    config = g_strdup(rows_text(rows, 0));
    environment = g_strsplit(rows_text(rows, 1), "\n", -1);
  }
  if (!rows_end(rows, error))
    return false;
  *ret_settings = (RecordedSettings){.config = g_steal_pointer(&config), .environment = g_steal_pointer(&environment)};
  return true;
}

static bool
copy_store(Store *recording, const char *target, GError **error)
{
  g_autofree char *part = g_strconcat(target, ".part", NULL);
  if (!file_remove_tree(part, error) || !store_run(recording, error, "VACUUM INTO ?1", "s", part))
    return false;
  g_autoptr(Store) copy = store_open_file(part, error);
  if (copy == NULL ||
      !store_execute(copy, "DROP TABLE recording; UPDATE runs SET command = 'replay' WHERE state = 'running'", error))
    return false;
  g_clear_pointer(&copy, store_free);
  if (g_rename(part, target) == 0)
    return true;
  error_set(error, ERROR_IO, "store %s: cannot write: %s", target, g_strerror(errno));
  return false;
}

bool
recording_lay_down(const char *path, const char *folder, GError **error)
{
  int64_t run_id = 0;
  bool is_finished = false;
  g_autoptr(Store) recording = open_recording(path, &run_id, &is_finished, error);
  if (recording == NULL)
    return false;
  if (!is_finished) {
    error_set(error, ERROR_BAD_DATA, "recording %s: its run did not end; continue that run with --record %s", path, path);
    return false;
  }
  g_autofree char *lock_path = g_build_filename(folder, "lock", NULL);
  g_autofree char *target = g_build_filename(folder, STORE_FILE, NULL);
  int lock = file_make_folder(folder, error) ? file_lock(lock_path, error) : -1;
  if (lock < 0)
    return false;
  bool is_free = !store_exists(folder);
  if (!is_free)
    error_set(error, ERROR_IO, "store %s: is there already", target);
  bool is_done = is_free && copy_store(recording, target, error);
  close(lock);
  return is_done;
}
