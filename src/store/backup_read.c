#include "store/backup.h"

#include "base/error.h"
#include "base/json.h"
#include "base/text.h"
#include "os/file.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <sqlite3.h>
#include <string.h>
#include <unistd.h>

/* The file is thrown away when anything fails: it needs no journal. Rows may name rows of their own table that come later. */
#define SETTINGS "PRAGMA journal_mode = OFF; PRAGMA synchronous = FULL; PRAGMA foreign_keys = OFF; BEGIN IMMEDIATE"

/*
 * @line: the one read last, without its end; @number: which it is, from 1
 * @digest: of all lines before @line
 * @insert: (nullable): puts in rows of @table that have @columns
 */
typedef struct {
  const BackupStream *input;
  GString *line;
  int64_t number;
  GChecksum *digest;
  BackupSummary summary;
  int64_t version;
  sqlite3 *database;
  char *table;
  GString *columns;
  sqlite3_stmt *insert;
} Reader;

static void
clear_reader(Reader *reader)
{
  g_string_free(reader->line, true);
  g_string_free(reader->columns, true);
  g_checksum_free(reader->digest);
  g_free(reader->table);
  sqlite3_finalize(reader->insert);
  sqlite3_close_v2(reader->database);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Reader, clear_reader)

static bool
refuse(const Reader *reader, const char *why, GError **error)
{
  g_autofree char *printable = text_printable(why);
  error_set(error, ERROR_BAD_DATA, "%s: line %" G_GINT64_FORMAT ": %s", reader->input->name, reader->number, printable);
  return false;
}

/* What SQLite refuses is the line's fault, unless the disk or the memory is. */
static bool
refuse_by_database(const Reader *reader, GError **error)
{
  int status = sqlite3_errcode(reader->database);
  if (status == SQLITE_ERROR || status == SQLITE_CONSTRAINT || status == SQLITE_MISMATCH || status == SQLITE_TOOBIG)
    return refuse(reader, sqlite3_errmsg(reader->database), error);
  error_set(error, ERROR_DATABASE, "%s: line %" G_GINT64_FORMAT ": the store cannot be written: %s", reader->input->name,
            reader->number, sqlite3_errmsg(reader->database));
  return false;
}

static bool
execute(const Reader *reader, const char *sql, GError **error)
{
  return sqlite3_exec(reader->database, sql, NULL, NULL, NULL) == SQLITE_OK || refuse_by_database(reader, error);
}

static bool
is_stopped(const Reader *reader, GError **error)
{
  return reader->input->is_stopped != NULL && reader->input->is_stopped(error);
}

/* Every line has an end: without it, it was cut, or a signal ended the wait for it. */
static bool
read_line(Reader *reader, GError **error)
{
  if (reader->line->len > 0)
    g_checksum_update(reader->digest, (const guchar *) reader->line->str, (gssize) reader->line->len);
  g_string_truncate(reader->line, 0);
  reader->number++;
  if (is_stopped(reader, error))
    return false;
  for (int byte; (byte = getc_unlocked(reader->input->file)) != EOF;) {
    g_string_append_c(reader->line, (char) byte);
    if (byte == '\n') {
      reader->summary.bytes += (int64_t) reader->line->len;
      return true;
    }
    if (reader->line->len > BACKUP_MAX_LINE_BYTES)
      return refuse(reader, "longer than a line of a backup can be", error);
  }
  if (is_stopped(reader, error))
    return false;
  if (!ferror(reader->input->file))
    return refuse(reader, "the file ends here, the backup does not: it was cut off", error);
  error_set(error, ERROR_IO, "cannot read %s: %s", reader->input->name, g_strerror(errno));
  return false;
}

/* Returns: (transfer full) (nullable) */
static json_t *
read_object(Reader *reader, GError **error)
{
  if (!read_line(reader, error))
    return NULL;
  json_error_t problem;
  g_autoptr(json_t) object = json_loadb(reader->line->str, reader->line->len, JSON_REJECT_DUPLICATES, &problem);
  if (json_is_object(object))
    return g_steal_pointer(&object);
  g_autofree char *why = g_strconcat("no JSON object: ", object == NULL ? problem.text : "another value", NULL);
  refuse(reader, why, error);
  return NULL;
}

static bool
read_header(Reader *reader, GError **error)
{
  if (!read_line(reader, error))
    return false;
  g_autoptr(json_t) header = json_loadb(reader->line->str, reader->line->len, JSON_REJECT_DUPLICATES, NULL);
  if (g_strcmp0(json_read_text(header, "schema"), BACKUP_SCHEMA) != 0)
    return refuse(reader, "neither the header of a backup nor a list of feedback", error);
  reader->version = json_read_int(header, "store", 0);
  if (reader->version < 1)
    return refuse(reader, "the header does not say of which version its store is", error);
  if (reader->version <= store_schema_version())
    return true;
  g_autofree char *program = text_printable(json_read_text(header, "program"));
  error_set(error, ERROR_CONFIG,
            "%s: its store is of version %" G_GINT64_FORMAT " (%.40s), this program (courant %s) knows up to %d; "
            "use the newer program",
            reader->input->name, reader->version, program, COURANT_VERSION, store_schema_version());
  return false;
}

/* Keys of rows become SQL here: quoted, so that they are names and nothing else. */
static bool
prepare_insert(Reader *reader, const char *table, const json_t *row, GError **error)
{
  g_autoptr(GString) columns = g_string_new(NULL);
  const char *key;
  json_t *value;
  json_object_foreach((json_t *) row, key, value)
  {
    char *quoted = sqlite3_mprintf("%s\"%w\"", columns->len > 0 ? "," : "", key);
    g_string_append(columns, quoted);
    sqlite3_free(quoted);
  }
  if (g_strcmp0(reader->table, table) == 0 && g_string_equal(reader->columns, columns))
    return true;
  g_autoptr(GString) places = g_string_new("?");
  for (size_t i = 1; i < json_object_size(row); i++)
    g_string_append(places, ",?");
  char *sql = sqlite3_mprintf("INSERT INTO \"%w\"(%s) VALUES(%s)", table, columns->str, places->str);
  sqlite3_finalize(g_steal_pointer(&reader->insert));
  int status = sqlite3_prepare_v2(reader->database, sql, -1, &reader->insert, NULL);
  sqlite3_free(sql);
  g_free(reader->table);
  reader->table = g_strdup(table);
  g_string_assign(reader->columns, columns->str);
  return status == SQLITE_OK || refuse_by_database(reader, error);
}

/* Bytes that decoding and encoding again does not bring back are no base64. Returns: (transfer full) (nullable) */
static unsigned char *
decode(const char *encoded, gsize *ret_length)
{
  g_autofree unsigned char *bytes = encoded != NULL ? g_base64_decode(encoded, ret_length) : NULL;
  g_autofree char *again = bytes != NULL ? g_base64_encode(bytes, *ret_length) : NULL;
  return g_strcmp0(again, encoded) == 0 ? g_steal_pointer(&bytes) : NULL;
}

static bool
bind_bytes(Reader *reader, int place, const json_t *value, GError **error)
{
  bool is_blob = json_object_get(value, "blob") != NULL;
  gsize length = 0;
  g_autofree unsigned char *bytes = decode(json_read_text(value, is_blob ? "blob" : "base64"), &length);
  if (bytes == NULL || json_object_size(value) != 1)
    return refuse(reader, "a value that is neither a text, nor a number, nor null, nor base64", error);
  int status = is_blob
                   ? sqlite3_bind_blob64(reader->insert, place, bytes, length, SQLITE_TRANSIENT)
                   : sqlite3_bind_text64(reader->insert, place, (const char *) bytes, length, SQLITE_TRANSIENT, SQLITE_UTF8);
  return status == SQLITE_OK || refuse_by_database(reader, error);
}

static bool
bind(Reader *reader, int place, const json_t *value, GError **error)
{
  int status = SQLITE_OK;
  if (json_is_integer(value))
    status = sqlite3_bind_int64(reader->insert, place, json_integer_value(value));
  else if (json_is_real(value))
    status = sqlite3_bind_double(reader->insert, place, json_real_value(value));
  else if (json_is_string(value))
    status = sqlite3_bind_text64(reader->insert, place, json_string_value(value), json_string_length(value), SQLITE_TRANSIENT,
                                 SQLITE_UTF8);
  else if (json_is_null(value))
    status = sqlite3_bind_null(reader->insert, place);
  else
    return bind_bytes(reader, place, value, error);
  return status == SQLITE_OK || refuse_by_database(reader, error);
}

static bool
insert(Reader *reader, const char *table, const json_t *row, GError **error)
{
  if (table == NULL || json_object_size(row) == 0)
    return refuse(reader, "neither a row of a table nor the end of a backup", error);
  if (!prepare_insert(reader, table, row, error))
    return false;
  int place = 0;
  const char *key;
  json_t *value;
  json_object_foreach((json_t *) row, key, value) if (!bind(reader, ++place, value, error)) return false;
  bool is_in = sqlite3_step(reader->insert) == SQLITE_DONE || refuse_by_database(reader, error);
  sqlite3_reset(reader->insert);
  reader->summary.rows += is_in;
  return is_in;
}

static bool
check_end(Reader *reader, const json_t *end, GError **error)
{
  g_autoptr(GChecksum) digest = g_checksum_copy(reader->digest);
  if (json_read_int(end, "rows", -1) != reader->summary.rows)
    return refuse(reader, "the backup had another number of rows: lines were lost or added", error);
  if (g_strcmp0(json_read_text(end, "sha256"), g_checksum_get_string(digest)) != 0)
    return refuse(reader, "the SHA-256 of the lines before is another: the backup was changed", error);
  if (getc_unlocked(reader->input->file) != EOF)
    return refuse(reader, "the backup ends here, the file does not", error);
  return true;
}

static bool
read_rows(Reader *reader, GError **error)
{
  for (;;) {
    g_autoptr(json_t) line = read_object(reader, error);
    if (line == NULL)
      return false;
    if (json_object_get(line, "sha256") != NULL)
      return check_end(reader, line, error);
    if (!insert(reader, json_read_text(line, "table"), json_object_get(line, "row"), error))
      return false;
  }
}

static bool
check_references(Reader *reader, GError **error)
{
  sqlite3_finalize(g_steal_pointer(&reader->insert));
  if (sqlite3_prepare_v2(reader->database, "SELECT \"table\", parent FROM pragma_foreign_key_check", -1, &reader->insert,
                         NULL) != SQLITE_OK)
    return refuse_by_database(reader, error);
  int status = sqlite3_step(reader->insert);
  if (status == SQLITE_DONE)
    return true;
  if (status != SQLITE_ROW)
    return refuse_by_database(reader, error);
  g_autofree char *why = g_strdup_printf("a row of %s names a row of %s that is nowhere",
                                         sqlite3_column_text(reader->insert, 0), sqlite3_column_text(reader->insert, 1));
  return refuse(reader, why, error);
}

/* The store as it was, then what later versions changed of it, as one transaction. */
static bool
fill(Reader *reader, GError **error)
{
  const char *const *schema = store_schema();
  bool is_well = execute(reader, SETTINGS, error);
  for (int64_t i = 0; is_well && i < reader->version; i++)
    is_well = execute(reader, schema[i], error);
  is_well = is_well && read_rows(reader, error) && check_references(reader, error);
  for (int64_t i = reader->version; is_well && schema[i] != NULL; i++)
    is_well = execute(reader, schema[i], error);
  g_autofree char *mark = g_strdup_printf("PRAGMA user_version = %d; COMMIT", store_schema_version());
  sqlite3_finalize(g_steal_pointer(&reader->insert));
  return is_well && execute(reader, mark, error);
}

static bool
fill_file(Reader *reader, const char *path, GError **error)
{
  if (!file_remove_tree(path, error))
    return false;
  if (sqlite3_open_v2(path, &reader->database, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, NULL) !=
      SQLITE_OK) {
    error_set(error, ERROR_DATABASE, "store %s: cannot open: %s", path, sqlite3_errmsg(reader->database));
    return false;
  }
  if (!fill(reader, error))
    return false;
  if (sqlite3_close(g_steal_pointer(&reader->database)) == SQLITE_OK)
    return true;
  error_set(error, ERROR_DATABASE, "store %s: cannot close", path);
  return false;
}

/* The journal of a store that was taken away would be played into this one. */
static bool
check_free(const char *target, GError **error)
{
  static const char *const ENDINGS[] = {"", "-wal", "-journal"};
  for (size_t i = 0; i < G_N_ELEMENTS(ENDINGS); i++) {
    g_autofree char *path = g_strconcat(target, ENDINGS[i], NULL);
    if (g_file_test(path, G_FILE_TEST_EXISTS)) {
      error_set(error, ERROR_IO, "store %s: is there already; a backup goes into a workspace without a store", path);
      return false;
    }
  }
  return true;
}

static bool
lay_down(Reader *reader, const char *target, GError **error)
{
  g_autofree char *part = g_strconcat(target, ".part", NULL);
  bool is_done = check_free(target, error) && fill_file(reader, part, error);
  if (is_done && g_rename(part, target) != 0) {
    error_set(error, ERROR_IO, "store %s: cannot write: %s", target, g_strerror(errno));
    is_done = false;
  }
  if (!is_done)
    g_unlink(part);
  return is_done;
}

bool
backup_restore(const BackupStream *input, const char *folder, BackupSummary *ret_summary, GError **error)
{
  g_auto(Reader) reader = {
      .input = input,
      .line = g_string_new(NULL),
      .columns = g_string_new(NULL),
      .digest = g_checksum_new(G_CHECKSUM_SHA256),
  };
  if (!read_header(&reader, error) || !file_make_folder(folder, error))
    return false;
  g_autofree char *lock_path = g_build_filename(folder, "lock", NULL);
  g_autofree char *target = g_build_filename(folder, STORE_FILE, NULL);
  int lock = file_lock(lock_path, error);
  if (lock < 0)
    return false;
  bool is_done = lay_down(&reader, target, error);
  close(lock);
  if (is_done)
    *ret_summary = reader.summary;
  return is_done;
}
