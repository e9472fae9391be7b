#include "store/backup.h"

#include "base/error.h"
#include "base/json.h"
#include "store/rows.h"

#include <errno.h>
#include <string.h>

/* Each table behind those that it refers to; the counter behind AUTOINCREMENT first, since it only ever goes up. */
#define TABLES                                                                                                                 \
  "WITH RECURSIVE tables(name) AS (SELECT name FROM sqlite_schema WHERE type = 'table' AND (name = 'sqlite_sequence' OR name"  \
  " NOT LIKE 'sqlite\\_%' ESCAPE '\\')), depths(name, depth) AS (SELECT name, name <> 'sqlite_sequence' FROM tables UNION"     \
  " SELECT t.name, depth + 1 FROM depths d, tables t, pragma_foreign_key_list(t.name) f"                                       \
  " WHERE f.\"table\" = d.name AND t.name <> d.name)"                                                                          \
  " SELECT name FROM depths GROUP BY name ORDER BY max(depth), name"

/* A table with the order in which its rows came: by its key where it is kept by that. */
#define SELECT_ALL                                                                                                             \
  "SELECT format('SELECT * FROM \"%w\" ORDER BY %s', name, iif(wr,"                                                            \
  " (SELECT group_concat(pk) FROM (SELECT format('\"%w\"', c.name) AS pk FROM pragma_table_info(?1) c WHERE c.pk > 0 ORDER BY" \
  " c.pk)), 'rowid')) FROM pragma_table_list(?1) WHERE schema = 'main'"

/* The counter's table is SQLite's own and declares no types. */
#define COLUMNS                                                                                                                \
  "SELECT name, iif(type <> '', type, iif(name = 'seq', 'INTEGER', 'TEXT')) FROM pragma_table_info(?1) ORDER BY cid"

/* @type: as declared: "INTEGER", "REAL", "TEXT" or "BLOB" */
typedef struct {
  char *name;
  char *type;
} Column;

static void
column_free(void *data)
{
  Column *column = data;
  g_free(column->name);
  g_free(column->type);
  g_free(column);
}

typedef struct {
  Store *store;
  const BackupStream *output;
  GChecksum *digest;
  BackupSummary summary;
} Writer;

static bool
fail_to_write(const BackupStream *output, GError **error)
{
  error_set(error, ERROR_IO, "cannot write %s: %s", output->name, g_strerror(errno));
  return false;
}

/* Writes @line (transfer full). A signal ends a write that waits, too: whether one came is looked at behind it. */
static bool
write_line(Writer *writer, json_t *line, GError **error)
{
  g_autoptr(json_t) owned = line;
  g_autofree char *text = json_dumps(owned, JSON_COMPACT);
  size_t length = strlen(text);
  if (length > BACKUP_MAX_LINE_BYTES) {
    error_set(error, ERROR_DATABASE, "backup: row %" G_GINT64_FORMAT " takes %zu bytes, more than a backup's line may",
              writer->summary.rows + 1, length);
    return false;
  }
  text[length++] = '\n';
  g_checksum_update(writer->digest, (const guchar *) text, (gssize) length);
  writer->summary.bytes += (int64_t) length;
  const BackupStream *output = writer->output;
  bool is_written = fwrite(text, 1, length, output->file) == length;
  if (output->is_stopped != NULL && output->is_stopped(error))
    return false;
  return is_written || fail_to_write(output, error);
}

/* Returns: (transfer full) (nullable): NULL for a number that JSON has no word for */
static json_t *
value_json(const Rows *rows, int index, const char *type)
{
  if (rows_is_null(rows, index))
    return json_null();
  if (g_str_equal(type, "INTEGER"))
    return json_integer(rows_int(rows, index));
  if (g_str_equal(type, "REAL"))
    return json_real(rows_real(rows, index));
  size_t length = 0;
  const char *bytes = rows_blob(rows, index, &length);
  bool is_blob = g_str_equal(type, "BLOB");
  json_t *text = !is_blob && memchr(bytes, '\0', length) == NULL ? json_stringn(bytes, length) : NULL;
  if (text != NULL)
    return text;
  g_autofree char *encoded = g_base64_encode((const guchar *) bytes, length);
  return json_pack("{ss}", is_blob ? "blob" : "base64", encoded);
}

static bool
write_row(Writer *writer, const char *table, const GPtrArray *columns, const Rows *rows, GError **error)
{
  g_autoptr(json_t) row = json_object();
  for (guint i = 0; i < columns->len; i++) {
    const Column *column = g_ptr_array_index(columns, i);
    if (json_object_set_new(row, column->name, value_json(rows, (int) i, column->type)) < 0) {
      error_set(error, ERROR_DATABASE, "backup: %s.%s holds a number that JSON has no word for", table, column->name);
      return false;
    }
  }
  writer->summary.rows++;
  return write_line(writer, json_pack("{ss sO}", "table", table, "row", row), error);
}

/* Returns: (transfer full) (element-type Column) (nullable) */
static GPtrArray *
read_columns(Store *store, const char *table, GError **error)
{
  g_autoptr(GPtrArray) columns = g_ptr_array_new_with_free_func(column_free);
  Rows *rows = store_select(store, COLUMNS, "s", table);
  while (rows_next(rows)) {
    Column *column = g_new0(Column, 1);
    *column = (Column){.name = g_strdup(rows_text(rows, 0)), .type = g_strdup(rows_text(rows, 1))};
    g_ptr_array_add(columns, column);
  }
  return rows_end(rows, error) ? g_steal_pointer(&columns) : NULL;
}

/* Returns: (transfer full) (element-type utf8) (nullable): the first column of the rows of @sql */
static GPtrArray *
read_list(Store *store, const char *sql, const char *parameter, GError **error)
{
  g_autoptr(GPtrArray) list = g_ptr_array_new_with_free_func(g_free);
  Rows *rows = store_select(store, sql, parameter != NULL ? "s" : "", parameter);
  while (rows_next(rows))
    g_ptr_array_add(list, g_strdup(rows_text(rows, 0)));
  return rows_end(rows, error) ? g_steal_pointer(&list) : NULL;
}

static bool
write_table(Writer *writer, const char *table, GError **error)
{
  g_autoptr(GPtrArray) select = read_list(writer->store, SELECT_ALL, table, error);
  g_autoptr(GPtrArray) columns = select != NULL ? read_columns(writer->store, table, error) : NULL;
  if (columns == NULL)
    return false;
  g_assert(select->len == 1);
  bool is_written = true;
  Rows *rows = store_select(writer->store, g_ptr_array_index(select, 0), "");
  while (is_written && rows_next(rows))
    is_written = write_row(writer, table, columns, rows, error);
  return rows_end(rows, is_written ? error : NULL) && is_written;
}

static bool
write_all(Writer *writer, GError **error)
{
  g_autoptr(GPtrArray) tables = read_list(writer->store, TABLES, NULL, error);
  if (tables == NULL || !write_line(writer,
                                    json_pack("{ss ss si}", "schema", BACKUP_SCHEMA, "program", "courant " COURANT_VERSION,
                                              "store", store_schema_version()),
                                    error))
    return false;
  for (guint i = 0; i < tables->len; i++)
    if (!write_table(writer, g_ptr_array_index(tables, i), error))
      return false;
  g_autoptr(GChecksum) digest = g_checksum_copy(writer->digest);
  return write_line(
      writer, json_pack("{sI ss}", "rows", (json_int_t) writer->summary.rows, "sha256", g_checksum_get_string(digest)), error);
}

bool
backup_write(Store *store, const BackupStream *output, BackupSummary *ret_summary, GError **error)
{
  g_autoptr(GChecksum) digest = g_checksum_new(G_CHECKSUM_SHA256);
  Writer writer = {.store = store, .output = output, .digest = digest};
  if (!store_execute(store, "BEGIN", error))
    return false;
  bool is_done = write_all(&writer, error);
  store_rollback(store);
  if (is_done && fflush(output->file) != 0)
    return fail_to_write(output, error);
  if (is_done)
    *ret_summary = writer.summary;
  return is_done;
}
