/*
 * Files and folders. Every error is IO and names the path and the reason.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

/** file_read: the whole file, NUL-terminated beyond @ret_length (optional), refused above @max_bytes. Returns: (transfer full)
 * (nullable) */
char *file_read(const char *path, size_t max_bytes, size_t *ret_length, GError **error);

/** file_write: whole or not at all (written beside as ".NAME.new", fsync, renamed); an equal file is left untouched, one that
 * is replaced hands its mode on. */
bool file_write(const char *path, const char *data, size_t length, GError **error);

/** FileText: what a file shall hold: @length bytes of @data. All borrowed. */
typedef struct {
  const char *path;
  const char *data;
  size_t length;
} FileText;

/** file_write_many: each file as file_write() would, but for the look whether it is equal, and with syncfs() of @folder, which
 * holds them all, instead of an fsync() each: once before they take their places, and once after, so that a power cut does not
 * bring back what was there before; on failure some are written and none in part. */
bool file_write_many(const char *folder, const FileText *files, size_t count, GError **error);

/** file_make_folder: with its parents; no error when it exists. */
bool file_make_folder(const char *path, GError **error);

/** file_remove_tree: a file or a folder with all below, links not followed; no error when it is absent. */
bool file_remove_tree(const char *path, GError **error);

/**
 * file_list_tree:
 *
 * Returns: (transfer full) (element-type utf8) (nullable): regular files below @folder, relative, sorted bytewise;
 *   empty when @folder is absent. Links are not followed.
 */
GPtrArray *file_list_tree(const char *folder, GError **error);

/** file_tree_sha256: over names and contents of all regular files below @folder; the digest of nothing when absent. Returns:
 * (transfer full) (nullable) */
char *file_tree_sha256(const char *folder, GError **error);

/**
 * file_swap:
 * @fresh: a folder
 * @live: where it shall stand; a folder (no link to one) or nothing
 *
 * Puts @fresh in the place of @live in one step (renameat2 with RENAME_EXCHANGE), its files safely on the disk before (syncfs);
 * afterwards @fresh is the old one, or is gone when there was none. Errors: IO; for EINVAL, EXDEV and EBUSY it says to deploy
 * to a folder below the mount
 */
bool file_swap(const char *fresh, const char *live, GError **error);

/**
 * file_lock:
 * @path: made when absent
 *
 * Takes an exclusive flock without waiting. Returns: a descriptor, close it to unlock; -1 on error.
 * Errors: BUSY when another process holds it, IO
 */
int file_lock(const char *path, GError **error);
