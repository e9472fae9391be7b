/*
 * Statements of the store, for store/ only: parameters by a type string, rows read by column.
 *
 * Type string, one letter a parameter: `s` const char * (NULL binds NULL), `i` int64_t, `d` double,
 * `b` const void * and size_t (two arguments).
 */
#pragma once

#include "base/json.h"
#include "store/store.h"

typedef struct Rows Rows;

/** store_run: executes @sql, which yields no rows, with parameters. */
bool store_run(Store *store, GError **error, const char *sql, const char *types, ...);

/** store_select: begins @sql with parameters; a failure shows in rows_end(). Returns: (transfer full) */
Rows *store_select(Store *store, const char *sql, const char *types, ...);

/** rows_next: Returns: true while there is a row; false at the end or on failure */
bool rows_next(Rows *rows);

/** rows_text: Returns: (nullable) (transfer none): until the next rows_next(); NULL for NULL */
const char *rows_text(const Rows *rows, int column);

/** rows_blob: Returns: (transfer none): @ret_length bytes, until the next rows_next() */
const void *rows_blob(const Rows *rows, int column, size_t *ret_length);

/** rows_int: 0 for NULL. */
int64_t rows_int(const Rows *rows, int column);

/** rows_real: 0 for NULL. */
double rows_real(const Rows *rows, int column);

/** rows_is_null: whether the column is NULL. */
bool rows_is_null(const Rows *rows, int column);

/** rows_object: Returns: (transfer full): the row as a JSON object of its columns */
json_t *rows_object(const Rows *rows);

/** rows_end: frees @rows. Returns: whether all went well */
bool rows_end(Rows *rows, GError **error);

/** store_execute: runs SQL text of any number of statements, for schemas and pragmas. */
bool store_execute(Store *store, const char *sql, GError **error);

/** store_open_file: any SQLite file, as it is: no lock, no migration. Returns: (transfer full) (nullable) */
Store *store_open_file(const char *path, GError **error);

/** store_forget_statements: ends all kept statements, so that an attached file can be let go. */
void store_forget_statements(Store *store);
