/*
 * The store: one SQLite file in WAL mode. Whoever writes holds `data/lock`; readers never wait.
 * Every error is DATABASE and says what failed where; a store that another program's version wrote is CONFIG.
 * Thread: the one that opened it.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct Store Store;

/** STORE_FILE: its name below the workspace's data folder. */
#define STORE_FILE "courant.db"

/**
 * StoreMode:
 * @STORE_READ: the file must exist and be of this program's version
 * @STORE_WRITE: takes the lock, makes or migrates the file
 */
typedef enum { STORE_READ, STORE_WRITE } StoreMode;

/**
 * store_open:
 * @folder: the data folder, made when absent and @mode is %STORE_WRITE
 *
 * Returns: (transfer full) (nullable). Errors: BUSY another writer holds it; CONFIG it is newer than this program;
 *   IO no such file (reading), no permission; DATABASE
 */
Store *store_open(const char *folder, StoreMode mode, GError **error);

/** store_free: rolls back what is open, gives up the lock; NULL-safe. */
void store_free(Store *store);

/** store_exists: whether @folder holds a store. */
bool store_exists(const char *folder);

/** store_schema_version: the version this program reads and writes. */
int store_schema_version(void);

/** store_schema: Returns: (transfer none) (array zero-terminated=1): the steps from an empty file to that version */
const char *const *store_schema(void);

/**
 * store_migrate:
 * @migrations: (array zero-terminated=1): the steps from an empty file on; `user_version` counts those done
 *
 * In one transaction, after a copy beside the file (`courant.db.v<N>`) when it held anything. Called by store_open().
 */
bool store_migrate(Store *store, const char *const *migrations, GError **error);

/**
 * store_begin:
 * @is_durable: FULL synchronisation: money and merges; else NORMAL
 *
 * Begins a transaction; there must be none.
 */
bool store_begin(Store *store, bool is_durable, GError **error);

/** store_checkpoint: brings what was committed from the log into the database, which its closing would do too, and later; a
 * fault leaves it in the log, and the next commit tells of it. */
void store_checkpoint(Store *store);

/** store_commit: on failure the transaction is rolled back. */
bool store_commit(Store *store, GError **error);

/** store_rollback: drops the open transaction, if any. */
void store_rollback(Store *store);

/** store_is_writing: whether a transaction is open. */
bool store_is_writing(const Store *store);

/** store_check: SQLite's integrity check. Errors: DATABASE with the first fault found */
bool store_check(Store *store, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Store, store_free)
