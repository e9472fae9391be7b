#include "store/store.h"

#include "base/error.h"
#include "os/file.h"
#include "store/rows.h"

#include <sqlite3.h>
#include <unistd.h>

struct Store {
  sqlite3 *database;
  char *path;
  int lock;
  GHashTable *idle_statements; /* SQL text to a reset statement that nobody uses */
};

struct Rows {
  Store *store;
  sqlite3_stmt *statement;
  int status;
};

/* ISO C promises literals of 4095 bytes only; the compilers this builds with set no bound. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Woverlength-strings"
static const char *const SCHEMA[] = {
#include "001-first.sql.inc"
    ,
#include "002-sources.sql.inc"
    ,
#include "003-retention.sql.inc"
    ,
#include "004-engine.sql.inc"
    ,
#include "005-corrections.sql.inc"
    ,
#include "006-comments.sql.inc"
    , NULL,
};
#pragma GCC diagnostic pop

enum { BUSY_TIMEOUT_MS = 5000 };

/* What to do about a failure. */
static const char *
advice(int status)
{
  switch (status) {
  case SQLITE_FULL:
    return "; make room on the disk and run again";
  case SQLITE_IOERR:
    return "; see to the disk and run again";
  case SQLITE_BUSY:
    return "; another program holds it: close that and run again";
  case SQLITE_CANTOPEN:
  case SQLITE_READONLY:
    return "; see to its folder's rights and run again";
  case SQLITE_CORRUPT:
  case SQLITE_NOTADB:
    return "; put a backup in its place";
  default:
    return "";
  }
}

static bool
fail(Store *store, const char *what, GError **error)
{
  int reason = sqlite3_system_errno(store->database);
  error_set(error, ERROR_DATABASE, "store %s: %s: %s%s%s%s", store->path, what, sqlite3_errmsg(store->database),
            reason != 0 ? ": " : "", reason != 0 ? g_strerror(reason) : "", advice(sqlite3_errcode(store->database)));
  return false;
}

bool
store_execute(Store *store, const char *sql, GError **error)
{
  if (sqlite3_exec(store->database, sql, NULL, NULL, NULL) == SQLITE_OK)
    return true;
  return fail(store, "cannot write", error);
}

/* A statement is taken out while in use, so that the same SQL can be run inside its own rows. */
static sqlite3_stmt *
take_statement(Store *store, const char *sql, int *ret_status)
{
  void *kept_sql = NULL;
  void *statement = NULL;
  if (g_hash_table_steal_extended(store->idle_statements, sql, &kept_sql, &statement)) {
    g_free(kept_sql);
    *ret_status = SQLITE_OK;
    return statement;
  }
  sqlite3_stmt *prepared = NULL;
  *ret_status = sqlite3_prepare_v3(store->database, sql, -1, SQLITE_PREPARE_PERSISTENT, &prepared, NULL);
  return prepared;
}

static void
return_statement(Store *store, sqlite3_stmt *statement)
{
  if (statement == NULL)
    return;
  sqlite3_reset(statement);
  sqlite3_clear_bindings(statement);
  g_hash_table_replace(store->idle_statements, g_strdup(sqlite3_sql(statement)), statement);
}

static int
bind_one(sqlite3_stmt *statement, int index, char type, va_list *arguments)
{
  switch (type) {
  case 's':
    return sqlite3_bind_text(statement, index, va_arg(*arguments, const char *), -1, SQLITE_TRANSIENT);
  case 'i':
    return sqlite3_bind_int64(statement, index, va_arg(*arguments, int64_t));
  case 'd':
    return sqlite3_bind_double(statement, index, va_arg(*arguments, double));
  default:
    g_assert(type == 'b');
  }
  const void *data = va_arg(*arguments, const void *);
  size_t length = va_arg(*arguments, size_t);
  return sqlite3_bind_blob64(statement, index, length > 0 ? data : "", length, SQLITE_TRANSIENT);
}

static int
bind_all(sqlite3_stmt *statement, const char *types, va_list *arguments)
{
  int status = SQLITE_OK;
  for (int i = 0; types[i] != '\0' && status == SQLITE_OK; i++)
    status = bind_one(statement, i + 1, types[i], arguments);
  return status;
}

bool
store_run(Store *store, GError **error, const char *sql, const char *types, ...)
{
  int status = SQLITE_OK;
  sqlite3_stmt *statement = take_statement(store, sql, &status);
  if (status == SQLITE_OK) {
    va_list arguments;
    va_start(arguments, types);
    status = bind_all(statement, types, &arguments);
    va_end(arguments);
  }
  if (status == SQLITE_OK)
    status = sqlite3_step(statement);
  bool is_done = status == SQLITE_DONE || status == SQLITE_ROW;
  if (!is_done)
    fail(store, sql, error);
  return_statement(store, statement);
  return is_done;
}

Rows *
store_select(Store *store, const char *sql, const char *types, ...)
{
  Rows *rows = g_new0(Rows, 1);
  rows->store = store;
  rows->statement = take_statement(store, sql, &rows->status);
  if (rows->status == SQLITE_OK) {
    va_list arguments;
    va_start(arguments, types);
    rows->status = bind_all(rows->statement, types, &arguments);
    va_end(arguments);
  }
  return rows;
}

bool
rows_next(Rows *rows)
{
  if (rows->status != SQLITE_OK && rows->status != SQLITE_ROW)
    return false;
  rows->status = sqlite3_step(rows->statement);
  return rows->status == SQLITE_ROW;
}

const char *
rows_text(const Rows *rows, int column)
{
  return (const char *) sqlite3_column_text(rows->statement, column);
}

const void *
rows_blob(const Rows *rows, int column, size_t *ret_length)
{
  const void *data = sqlite3_column_blob(rows->statement, column);
  *ret_length = (size_t) sqlite3_column_bytes(rows->statement, column);
  return data != NULL ? data : "";
}

int64_t
rows_int(const Rows *rows, int column)
{
  return sqlite3_column_int64(rows->statement, column);
}

double
rows_real(const Rows *rows, int column)
{
  return sqlite3_column_double(rows->statement, column);
}

bool
rows_is_null(const Rows *rows, int column)
{
  return sqlite3_column_type(rows->statement, column) == SQLITE_NULL;
}

static json_t *
column_value(const Rows *rows, int column)
{
  switch (sqlite3_column_type(rows->statement, column)) {
  case SQLITE_INTEGER:
    return json_integer(rows_int(rows, column));
  case SQLITE_FLOAT:
    return json_real(rows_real(rows, column));
  case SQLITE_NULL:
    return json_null();
  default:
    return json_string(rows_text(rows, column));
  }
}

json_t *
rows_object(const Rows *rows)
{
  json_t *object = json_object();
  for (int i = 0; i < sqlite3_column_count(rows->statement); i++)
    json_object_set_new(object, sqlite3_column_name(rows->statement, i), column_value(rows, i));
  return object;
}

bool
rows_end(Rows *rows, GError **error)
{
  bool is_well = rows->status == SQLITE_OK || rows->status == SQLITE_ROW || rows->status == SQLITE_DONE;
  if (!is_well)
    fail(rows->store, rows->statement != NULL ? sqlite3_sql(rows->statement) : "cannot prepare a query", error);
  return_statement(rows->store, rows->statement);
  g_free(rows);
  return is_well;
}

static int64_t
user_version(Store *store, GError **error)
{
  Rows *rows = store_select(store, "PRAGMA user_version", "");
  int64_t version = rows_next(rows) ? rows_int(rows, 0) : -1;
  return rows_end(rows, error) ? version : -1;
}

int
store_schema_version(void)
{
  return (int) G_N_ELEMENTS(SCHEMA) - 1;
}

const char *const *
store_schema(void)
{
  return SCHEMA;
}

bool
store_migrate(Store *store, const char *const *migrations, GError **error)
{
  int64_t newest = (int64_t) g_strv_length((char **) migrations);
  int64_t version = user_version(store, error);
  if (version < 0)
    return false;
  if (version > newest) {
    error_set(error, ERROR_CONFIG,
              "store %s: its schema is version %" G_GINT64_FORMAT ", this program (courant %s) knows up to %" G_GINT64_FORMAT
              "; use the newer program",
              store->path, version, COURANT_VERSION, newest);
    return false;
  }
  if (version == newest)
    return true;
  g_autofree char *copy = g_strdup_printf("%s.v%" G_GINT64_FORMAT, store->path, version);
  if (version > 0 && (!file_remove_tree(copy, error) || !store_run(store, error, "VACUUM INTO ?1", "s", copy)))
    return false;

  if (!store_begin(store, true, error))
    return false;
  for (const char *const *migration = migrations + version; *migration != NULL; migration++)
    if (!store_execute(store, *migration, error)) {
      g_prefix_error(error, "migration %td: ", migration - migrations + 1);
      store_rollback(store);
      return false;
    }
  g_autofree char *mark = g_strdup_printf("PRAGMA user_version = %" G_GINT64_FORMAT, newest);
  if (!store_execute(store, mark, error)) {
    store_rollback(store);
    return false;
  }
  return store_commit(store, error);
}

static void
finalize(void *statement)
{
  sqlite3_finalize(statement);
}

static bool
take_lock(Store *store, const char *folder, GError **error)
{
  g_autofree char *path = g_build_filename(folder, "lock", NULL);
  if (!file_make_folder(folder, error))
    return false;
  GError *failure = NULL;
  store->lock = file_lock(path, &failure);
  if (store->lock >= 0)
    return true;
  const char *prefix = error_is(failure, ERROR_BUSY) ? "another courant works in this workspace: " : "";
  g_propagate_prefixed_error(error, failure, "%s", prefix);
  return false;
}

static Store *
new_store(char *path)
{
  Store *store = g_new0(Store, 1);
  store->lock = -1;
  store->path = path;
  store->idle_statements = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, finalize);
  return store;
}

static bool
open_database(Store *store, int flags, GError **error)
{
  if (sqlite3_open_v2(store->path, &store->database, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | flags, NULL) != SQLITE_OK)
    return fail(store, "cannot open", error);
  sqlite3_busy_timeout(store->database, BUSY_TIMEOUT_MS);
  return true;
}

Store *
store_open_file(const char *path, GError **error)
{
  g_autoptr(Store) store = new_store(g_strdup(path));
  return open_database(store, 0, error) ? g_steal_pointer(&store) : NULL;
}

void
store_forget_statements(Store *store)
{
  g_hash_table_remove_all(store->idle_statements);
}

/* A store that was cut off while it was made is none yet. */
static bool
say_absent(Store *store, GError **error)
{
  error_set(error, ERROR_IO, "no store at %s: run \"courant run\" first", store->path);
  return false;
}

static bool
prepare_database(Store *store, StoreMode mode, GError **error)
{
  if (!open_database(store, mode == STORE_WRITE ? SQLITE_OPEN_CREATE : 0, error))
    return false;
  if (mode == STORE_WRITE)
    return store_execute(store, "PRAGMA journal_mode = WAL; PRAGMA foreign_keys = ON", error) &&
           store_migrate(store, SCHEMA, error);

  int64_t version = user_version(store, error);
  if (version < 0)
    return false;
  if (version == 0)
    return say_absent(store, error);
  if (version != store_schema_version()) {
    error_set(error, ERROR_CONFIG,
              "store %s: its schema is version %" G_GINT64_FORMAT ", this program (courant %s) reads version %d; %s",
              store->path, version, COURANT_VERSION, store_schema_version(),
              version < store_schema_version() ? "\"courant run\" brings it up to date" : "use the newer program");
    return false;
  }
  return store_execute(store, "PRAGMA query_only = ON", error);
}

Store *
store_open(const char *folder, StoreMode mode, GError **error)
{
  g_autoptr(Store) store = new_store(g_build_filename(folder, STORE_FILE, NULL));
  bool is_there = mode == STORE_WRITE ? take_lock(store, folder, error) : store_exists(folder) || say_absent(store, error);
  if (is_there && prepare_database(store, mode, error))
    return g_steal_pointer(&store);
  if (is_there && error != NULL && sqlite3_errcode(store->database) == SQLITE_BUSY)
    (*error)->code = ERROR_BUSY;
  return NULL;
}

void
store_free(Store *store)
{
  if (store == NULL)
    return;
  g_hash_table_destroy(store->idle_statements);
  sqlite3_close_v2(store->database);
  if (store->lock >= 0)
    close(store->lock);
  g_free(store->path);
  g_free(store);
}

bool
store_exists(const char *folder)
{
  g_autofree char *path = g_build_filename(folder, STORE_FILE, NULL);
  return g_file_test(path, G_FILE_TEST_EXISTS);
}

bool
store_begin(Store *store, bool is_durable, GError **error)
{
  return store_execute(
      store, is_durable ? "PRAGMA synchronous = FULL; BEGIN IMMEDIATE" : "PRAGMA synchronous = NORMAL; BEGIN IMMEDIATE", error);
}

void
store_checkpoint(Store *store)
{
  sqlite3_wal_checkpoint_v2(store->database, NULL, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
}

bool
store_commit(Store *store, GError **error)
{
  if (store_execute(store, "COMMIT", error))
    return true;
  store_rollback(store);
  return false;
}

void
store_rollback(Store *store)
{
  if (store_is_writing(store))
    sqlite3_exec(store->database, "ROLLBACK", NULL, NULL, NULL);
}

bool
store_is_writing(const Store *store)
{
  return sqlite3_get_autocommit(store->database) == 0;
}

bool
store_check(Store *store, GError **error)
{
  Rows *rows = store_select(store, "PRAGMA integrity_check(1)", "");
  g_autofree char *verdict = rows_next(rows) ? g_strdup(rows_text(rows, 0)) : NULL;
  if (!rows_end(rows, error))
    return false;
  if (g_strcmp0(verdict, "ok") == 0)
    return true;
  error_set(error, ERROR_DATABASE, "store %s: integrity check: %s", store->path, verdict);
  return false;
}
