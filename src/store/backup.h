/*
 * A backup: the whole store as NDJSON. A header, each row of each table as one line, and last how many rows there were and
 * the SHA-256 of all lines before. Bytes that are no text stand as `{"base64": "..."}`, blobs as `{"blob": "..."}`.
 */
#pragma once

#include "store/store.h"

#include <stdio.h>

/** BACKUP_SCHEMA: what the header of a backup names. */
#define BACKUP_SCHEMA "courant.backup/1"

/** BACKUP_MAX_LINE_BYTES: a longer line is neither written nor read. */
enum { BACKUP_MAX_LINE_BYTES = 64 * 1024 * 1024 };

/** BackupStream: where a backup goes to or comes from. @name: for errors; @is_stopped: (nullable): asked at each line; says why
 * in its error when it is to be the last */
typedef struct {
  FILE *file;
  const char *name;
  bool (*is_stopped)(GError **error);
} BackupStream;

/** BackupSummary: @rows of all tables; @bytes of the whole backup. */
typedef struct {
  int64_t rows;
  int64_t bytes;
} BackupSummary;

/**
 * backup_write:
 * @output: where it goes, a line at a time
 *
 * All rows of one moment, each table after those it refers to, its rows in their order; the same bytes for equal stores.
 * Errors: IO when @output does not take it; DATABASE; what stopped it
 */
bool backup_write(Store *store, const BackupStream *output, BackupSummary *ret_summary, GError **error);

/**
 * backup_restore:
 * @input: at the beginning of a backup, read a line at a time
 * @folder: the data folder of a workspace without a store
 *
 * Lays the store down there under the lock, in one transaction; that of an earlier version is brought up to date. On failure
 * there is no store. Errors: BAD_DATA with the line's number; CONFIG its store is newer than this program; BUSY; IO when there
 * is a store, or a part of one; DATABASE; what stopped it
 */
bool backup_restore(const BackupStream *input, const char *folder, BackupSummary *ret_summary, GError **error);
