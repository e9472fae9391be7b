#include "os/file.h"

#include "base/digest.h"
#include "base/error.h"

#include <errno.h>
#include <fcntl.h>
#include <fts.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

G_DEFINE_AUTOPTR_CLEANUP_FUNC(FILE, fclose)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(FTS, fts_close)

static bool
fail(GError **error, const char *verb, const char *path, int reason)
{
  error_set(error, ERROR_IO, "cannot %s %s: %s", verb, path, g_strerror(reason));
  return false;
}

char *
file_read(const char *path, size_t max_bytes, size_t *ret_length, GError **error)
{
  g_autoptr(FILE) stream = fopen(path, "re");
  if (stream == NULL) {
    fail(error, "read", path, errno);
    return NULL;
  }
  g_autoptr(GString) content = g_string_new(NULL);
  char chunk[16 * 1024];
  for (size_t count; (count = fread(chunk, 1, sizeof chunk, stream)) > 0;) {
    if (count > max_bytes - content->len) {
      error_set(error, ERROR_IO, "cannot read %s: larger than %zu bytes", path, max_bytes);
      return NULL;
    }
    g_string_append_len(content, chunk, (gssize) count);
  }
  if (ferror(stream)) {
    fail(error, "read", path, errno);
    return NULL;
  }
  if (ret_length != NULL)
    *ret_length = content->len;
  return g_string_free(g_steal_pointer(&content), false);
}

static bool
holds(const char *path, const char *data, size_t length)
{
  size_t old_length = 0;
  g_autofree char *old = file_read(path, length, &old_length, NULL);
  return old != NULL && old_length == length && memcmp(old, data, length) == 0;
}

static bool
write_all(int descriptor, const char *data, size_t length)
{
  for (size_t done = 0; done < length;) {
    ssize_t count = write(descriptor, data + done, length - done);
    if (count < 0 && errno != EINTR)
      return false;
    done += count > 0 ? (size_t) count : 0;
  }
  return true;
}

/* A name that Hugo passes over, and always the same one: what a killed process left behind is overwritten by the next. */
static char *
temporary_name(const char *path)
{
  g_autofree char *folder = g_path_get_dirname(path);
  g_autofree char *name = g_path_get_basename(path);
  return g_strdup_printf("%s/.%s.new", folder, name);
}

/* Writes what @path shall hold beside it. Returns: 0, or why not, and nothing is left then */
static int
write_beside(const char *path, const char *data, size_t length, bool is_synced)
{
  g_autofree char *temporary = temporary_name(path);
  struct stat old;
  bool is_there = stat(path, &old) == 0 && S_ISREG(old.st_mode);
  mode_t mode = is_there ? old.st_mode & 0777 : 0644;
  int descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, mode);
  if (descriptor < 0)
    return errno;
  bool is_written = (!is_there || fchmod(descriptor, mode) == 0) && write_all(descriptor, data, length) &&
                    (!is_synced || fsync(descriptor) == 0);
  int reason = is_written ? 0 : errno;
  if (close(descriptor) < 0 && reason == 0)
    reason = errno;
  if (reason != 0)
    unlink(temporary);
  return reason;
}

/* Returns: 0, or why what was written beside @path, and is removed then, could not take its place */
static int
put_in_place(const char *path)
{
  g_autofree char *temporary = temporary_name(path);
  if (rename(temporary, path) == 0)
    return 0;
  int reason = errno;
  unlink(temporary);
  return reason;
}

bool
file_write(const char *path, const char *data, size_t length, GError **error)
{
  if (holds(path, data, length))
    return true;
  int reason = write_beside(path, data, length, true);
  if (reason == 0)
    reason = put_in_place(path);
  return reason == 0 || fail(error, "write", path, reason);
}

static bool
sync_folder(const char *folder, GError **error)
{
  int descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  int reason = descriptor < 0 || syncfs(descriptor) < 0 ? errno : 0;
  if (descriptor >= 0)
    close(descriptor);
  return reason == 0 || fail(error, "write to", folder, reason);
}

static bool
write_all_beside(const char *folder, const FileText *files, size_t count, GError **error)
{
  for (size_t i = 0; i < count; i++) {
    int reason = write_beside(files[i].path, files[i].data, files[i].length, false);
    if (reason != 0)
      return fail(error, "write", files[i].path, reason);
  }
  return sync_folder(folder, error);
}

static bool
put_all_in_place(const char *folder, const FileText *files, size_t count, GError **error)
{
  for (size_t i = 0; i < count; i++) {
    int reason = put_in_place(files[i].path);
    if (reason != 0)
      return fail(error, "write", files[i].path, reason);
  }
  return sync_folder(folder, error);
}

bool
file_write_many(const char *folder, const FileText *files, size_t count, GError **error)
{
  if (count == 0 || (write_all_beside(folder, files, count, error) && put_all_in_place(folder, files, count, error)))
    return true;
  for (size_t i = 0; i < count; i++) {
    g_autofree char *temporary = temporary_name(files[i].path);
    unlink(temporary);
  }
  return false;
}

bool
file_make_folder(const char *path, GError **error)
{
  if (g_mkdir_with_parents(path, 0755) < 0)
    return fail(error, "make folder", path, errno);
  return true;
}

/* Returns: false when @entry could not be read; an absent root is nothing to read and no fault */
static bool
check_entry(const FTSENT *entry, GError **error)
{
  bool is_unread = entry->fts_info == FTS_ERR || entry->fts_info == FTS_DNR || entry->fts_info == FTS_NS;
  if (!is_unread || (entry->fts_level == FTS_ROOTLEVEL && entry->fts_errno == ENOENT))
    return true;
  return fail(error, "read", entry->fts_path, entry->fts_errno);
}

static bool
remove_entry(const FTSENT *entry, GError **error)
{
  if (!check_entry(entry, error))
    return false;
  if (entry->fts_info == FTS_D)
    return true;
  int failed = entry->fts_info == FTS_DP ? rmdir(entry->fts_accpath) : unlink(entry->fts_accpath);
  if (failed != 0 && errno != ENOENT)
    return fail(error, "remove", entry->fts_path, errno);
  return true;
}

bool
file_remove_tree(const char *path, GError **error)
{
  char *const roots[] = {(char *) path, NULL};
  g_autoptr(FTS) walk = fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR, NULL);
  if (walk == NULL)
    return fail(error, "remove", path, errno);
  for (FTSENT *entry; (entry = fts_read(walk)) != NULL;)
    if (!remove_entry(entry, error))
      return false;
  return true;
}

static int
compare_names(const void *a, const void *b)
{
  return strcmp(*(const char *const *) a, *(const char *const *) b);
}

GPtrArray *
file_list_tree(const char *folder, GError **error)
{
  g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
  char *const roots[] = {(char *) folder, NULL};
  g_autoptr(FTS) walk = fts_open(roots, FTS_PHYSICAL | FTS_COMFOLLOW | FTS_NOCHDIR, NULL);
  if (walk == NULL) {
    fail(error, "read", folder, errno);
    return NULL;
  }
  for (FTSENT *entry; (entry = fts_read(walk)) != NULL;) {
    if (!check_entry(entry, error))
      return NULL;
    if (entry->fts_info == FTS_F && entry->fts_level > FTS_ROOTLEVEL) {
      const char *relative = entry->fts_path + strlen(folder);
      g_ptr_array_add(names, g_strdup(relative + strspn(relative, "/")));
    }
  }
  g_ptr_array_sort(names, compare_names);
  return g_steal_pointer(&names);
}

char *
file_tree_sha256(const char *folder, GError **error)
{
  g_autoptr(GPtrArray) names = file_list_tree(folder, error);
  if (names == NULL)
    return NULL;
  g_autoptr(GChecksum) checksum = g_checksum_new(G_CHECKSUM_SHA256);
  for (guint i = 0; i < names->len; i++) {
    g_autofree char *path = g_build_filename(folder, names->pdata[i], NULL);
    size_t length = 0;
    g_autofree char *content = file_read(path, G_MAXSIZE, &length, error);
    if (content == NULL)
      return NULL;
    g_autofree char *sha256 = digest_sha256(content, length);
    digest_add(checksum, names->pdata[i]);
    digest_add(checksum, sha256);
  }
  return g_strdup(g_checksum_get_string(checksum));
}

/* Makes a rename last. The rename itself is done by now: a file system that cannot sync a folder is no reason to fail. */
static void
sync_parent(const char *path)
{
  g_autofree char *parent = g_path_get_dirname(path);
  int descriptor = open(parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0)
    return;
  fsync(descriptor);
  close(descriptor);
}

bool
file_swap(const char *fresh, const char *live, GError **error)
{
  struct stat status;
  bool is_there = lstat(live, &status) == 0;
  if (is_there && !S_ISDIR(status.st_mode)) {
    error_set(error, ERROR_IO, "cannot put %s in the place of %s: it is no folder", fresh, live);
    return false;
  }
  if (!sync_folder(fresh, error))
    return false;
  if (renameat2(AT_FDCWD, fresh, AT_FDCWD, live, is_there ? RENAME_EXCHANGE : RENAME_NOREPLACE) == 0) {
    sync_parent(live);
    return true;
  }
  bool is_mount = errno == EINVAL || errno == EXDEV || errno == EBUSY;
  error_set(error, ERROR_IO, "cannot put %s in the place of %s: %s%s", fresh, live, g_strerror(errno),
            is_mount ? "; it seems to be a mount point: deploy to a folder below the mount" : "");
  return false;
}

int
file_lock(const char *path, GError **error)
{
  int descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  if (descriptor < 0) {
    fail(error, "lock", path, errno);
    return -1;
  }
  if (flock(descriptor, LOCK_EX | LOCK_NB) == 0)
    return descriptor;
  if (errno == EWOULDBLOCK)
    error_set(error, ERROR_BUSY, "another process holds %s", path);
  else
    fail(error, "lock", path, errno);
  close(descriptor);
  return -1;
}
