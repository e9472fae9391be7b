#include "store/backup.h"

#include "store-fixture.h"

#include "base/error.h"
#include "base/json.h"
#include "store/rows.h"

#include <stdio.h>
#include <string.h>

/* One row and more of what is hard to write down: bytes that are no text, numbers at their bounds, rows that name each other.
 */
static const char ODD_ROWS[] =
    "INSERT INTO runs(id, command, now_ms, config_sha256, version, state, started_ms) VALUES(41, 'run', 9223372036854775807, "
    "'',"
    " 'a \"quoted\" \\ version', 'finished', -9223372036854775808), (7, 'run', 0, '', '', 'running', 0);"
    "DELETE FROM runs WHERE id = 41;"
    "INSERT INTO stages(run_id, name, jobs, failed, workers, reason, seconds, waited, counts) VALUES"
    " (7, 'second', 1, 0, 1, '', 0.1, 1e-320, '{}'), (7, 'first', 1, 0, 1, '', 0.30000000000000004, -0.0, '{}'),"
    " (7, 'third', 1, 0, 1, '', 1.7976931348623157e308, 123456789.123456789, '{}');"
    "INSERT INTO bodies VALUES('empty', x''), ('bytes', x'00ff80c0fe0a0d22'), ('text', CAST('plain' AS BLOB));"
    "INSERT INTO evidence VALUES('nul', CAST(x'610062' AS TEXT)), ('broken', CAST(x'c328ff' AS TEXT)),"
    " ('wide', char(0x1F600, 0x2028, 10, 0x301));"
    "INSERT INTO stories(id, founded_ms, updated_ms, lead_item, merged_into) VALUES('b', 1, 2, 'i', 'a'), ('a', 1, 2, 'i',"
    " NULL);"
    "INSERT INTO knowledge VALUES('k', 2, 'v', 0), ('k', 1, '', 7);";

static void
execute(Store *store, const char *sql)
{
  g_autoptr(GError) error = NULL;
  store_execute(store, sql, &error);
  g_assert_no_error(error);
}

/* Returns: (transfer full) */
static char *
back_up(Store *store)
{
  g_autoptr(GError) error = NULL;
  char *memory = NULL;
  size_t length = 0;
  BackupSummary summary = {0};
  FILE *output = open_memstream(&memory, &length);
  backup_write(store, &(BackupStream){.file = output, .name = "b.ndjson"}, &summary, &error);
  g_assert_no_error(error);
  g_assert_cmpint(fclose(output), ==, 0);
  g_assert_cmpint(summary.bytes, ==, (int64_t) length);
  char *backup = g_strdup(memory);
  free(memory);
  return backup;
}

static bool
restore(const char *backup, size_t length, const char *folder, GError **error)
{
  BackupSummary summary = {0};
  FILE *input = length > 0 ? fmemopen((void *) backup, length, "r") : fopen("/dev/null", "re");
  bool is_done = backup_restore(&(BackupStream){.file = input, .name = "b.ndjson"}, folder, &summary, error);
  fclose(input);
  return is_done;
}

/* Returns: (transfer full): a folder beside the fixture's store, without one */
static char *
other_folder(const Fixture *fixture)
{
  return g_build_filename(fixture->folder, "other", NULL);
}

static void
test_round_trip(Fixture *fixture, gconstpointer data)
{
  (void) data;
  g_autoptr(GError) error = NULL;
  execute(fixture->store, ODD_ROWS);
  g_autofree char *backup = back_up(fixture->store);
  g_autofree char *other = other_folder(fixture);
  restore(backup, strlen(backup), other, &error);
  g_assert_no_error(error);
  g_autoptr(Store) restored = store_open(other, STORE_WRITE, &error);
  g_assert_no_error(error);
  g_assert_true(store_check(restored, NULL));
  g_autofree char *again = back_up(restored);
  g_assert_cmpstr(again, ==, backup);
  execute(restored, "INSERT INTO runs(command, now_ms, config_sha256, version, state, started_ms)"
                    " VALUES('run', 0, '', '', 'running', 0)");
  Rows *rows = store_select(restored, "SELECT max(id) FROM runs", "");
  g_assert_true(rows_next(rows));
  g_assert_cmpint(rows_int(rows, 0), ==, 42);
  rows_end(rows, NULL);
}

static void
test_every_table(Fixture *fixture, gconstpointer data)
{
  (void) data;
  Rows *rows =
      store_select(fixture->store,
                   "SELECT format('INSERT INTO \"%w\" SELECT %s', t.name, group_concat(CASE c.type WHEN 'TEXT' THEN"
                   " format('%Q', coalesce(CASE c.name WHEN 'state' THEN 'running' WHEN 'kind' THEN 'must' WHEN 'item_b'"
                   " THEN 'z' END, 'a')) WHEN 'BLOB' THEN 'x''61''' ELSE '1' END)) FROM pragma_table_list() t,"
                   " pragma_table_info(t.name) c WHERE t.schema = 'main' AND t.name NOT LIKE 'sqlite%' AND"
                   " t.name <> 'exchanges' GROUP BY t.name",
                   "");
  g_autoptr(GString) inserts =
      g_string_new("PRAGMA foreign_keys = OFF;"
                   "INSERT INTO exchanges VALUES(1,1,'a',1,1,'a','a','sent','a',1,'a','a','a',1,1,1);");
  guint tables = 1;
  for (; rows_next(rows); tables++)
    g_string_append_printf(inserts, "%s;", rows_text(rows, 0));
  g_assert_true(rows_end(rows, NULL));
  execute(fixture->store, inserts->str);
  g_autofree char *backup = back_up(fixture->store);
  g_auto(GStrv) lines = g_strsplit(backup, "\n", -1);
  g_assert_cmpuint(g_strv_length(lines), ==, 1 + 1 + tables + 1 + 1); /* header, counter, rows, end, nothing */
  g_autofree char *other = other_folder(fixture);
  g_autoptr(GError) error = NULL;
  restore(backup, strlen(backup), other, &error);
  g_assert_no_error(error);
}

/* Returns: (transfer full): @lines with a header of the store's @version and an end that fits */
static char *
make_backup(int64_t version, const char *lines)
{
  g_autoptr(GString) backup = g_string_new(NULL);
  g_string_printf(backup, "{\"schema\":\"" BACKUP_SCHEMA "\",\"program\":\"courant 9\",\"store\":%" G_GINT64_FORMAT "}\n%s",
                  version, lines);
  guint rows = 0;
  for (const char *at = lines; (at = strchr(at, '\n')) != NULL; at++)
    rows++;
  g_autofree char *digest = g_compute_checksum_for_string(G_CHECKSUM_SHA256, backup->str, (gssize) backup->len);
  g_string_append_printf(backup, "{\"rows\":%u,\"sha256\":\"%s\"}\n", rows, digest);
  return g_string_free(g_steal_pointer(&backup), false);
}

static void
assert_no_store(const char *folder)
{
  g_autoptr(GPtrArray) left = file_list_tree(folder, NULL);
  for (guint i = 0; i < left->len; i++)
    g_assert_cmpstr(g_ptr_array_index(left, i), ==, "lock");
}

static void
test_older_store(Fixture *fixture, gconstpointer data)
{
  (void) data;
  g_autoptr(GError) error = NULL;
  g_autofree char *other = other_folder(fixture);
  g_autofree char *backup =
      make_backup(1, "{\"table\":\"hosts\",\"row\":{\"host\":\"h\",\"window\":\"[]\",\"paused_until_ms\":5}}\n");
  restore(backup, strlen(backup), other, &error);
  g_assert_no_error(error);
  g_autoptr(Store) restored = store_open(other, STORE_READ, &error);
  g_assert_no_error(error);
  Rows *rows = store_select(restored, "SELECT paused_until_ms, allowed FROM hosts", "");
  g_assert_true(rows_next(rows));
  g_assert_cmpint(rows_int(rows, 0), ==, 5);
  g_assert_true(rows_is_null(rows, 1));
  rows_end(rows, NULL);
}

#define ROW(table, row) "{\"table\":\"" table "\",\"row\":" row "}\n"
#define GOOD_ROW        ROW("bodies", "{\"sha256\":\"a\",\"data\":{\"blob\":\"YQ==\"}}")

/* Lines between a header and an end that fit, and why they are refused. */
static const struct {
  const char *lines;
  const char *message;
} BAD_LINES[] = {
    {GOOD_ROW GOOD_ROW, "b.ndjson: line 3: UNIQUE constraint failed: bodies.sha256"},
    {GOOD_ROW ROW("nothing", "{\"a\":1}"), "b.ndjson: line 3: no such table: nothing"},
    {ROW("bodies", "{\"sha256\":\"a\",\"more\":1}"), "b.ndjson: line 2: table bodies has no column named more"},
    {ROW("x\\\"; DROP TABLE runs; --", "{\"a\":1}"), "b.ndjson: line 2: no such table: x\"; DROP TABLE runs; --"},
    {ROW("bodies", "{\"a\\\") VALUES(1); --\":1}"), "b.ndjson: line 2: table bodies has no column named a\") VALUES(1); --"},
    {ROW("sqlite_schema", "{\"type\":\"view\"}"), "b.ndjson: line 2: table sqlite_master may not be modified"},
    {ROW("bodies", "{\"sha256\":\"a\"}"), "b.ndjson: line 2: NOT NULL constraint failed: bodies.data"},
    {ROW("bodies", "{\"sha256\":\"a\",\"data\":\"a\"}"),
     "b.ndjson: line 2: cannot store TEXT value in BLOB column bodies.data"},
    {ROW("bodies", "{\"sha256\":\"a\",\"data\":{\"blob\":\"YQ=\"}}"), "b.ndjson: line 2: a value that is neither *"},
    {ROW("bodies", "{\"sha256\":\"a\",\"data\":{\"blob\":\"YQ*=\"}}"), "b.ndjson: line 2: a value that is neither *"},
    {ROW("bodies", "{\"sha256\":\"a\",\"data\":{\"blob\":5}}"), "b.ndjson: line 2: a value that is neither *"},
    {ROW("bodies", "{\"sha256\":\"a\",\"data\":[]}"), "b.ndjson: line 2: a value that is neither *"},
    {ROW("bodies", "{\"sha256\":true}"), "b.ndjson: line 2: a value that is neither *"},
    {ROW("bodies", "{}"), "b.ndjson: line 2: neither a row of a table nor the end of a backup"},
    {ROW("bodies", "7"), "b.ndjson: line 2: neither a row of a table nor the end of a backup"},
    {ROW("hosts", "{\"host\":\"h\",\"window\":\"\",\"paused_until_ms\":\"soon\"}"),
     "b.ndjson: line 2: cannot store TEXT value in INTEGER column hosts.paused_until_ms"},
    {ROW("hosts", "{\"host\":\"h\",\"window\":\"\",\"paused_until_ms\":99999999999999999999}"),
     "b.ndjson: line 2: no JSON object: too big integer*"},
    {ROW("hosts", "{\"host\":\"h\",\"host\":\"i\"}"), "b.ndjson: line 2: no JSON object: duplicate object key*"},
    {ROW("members", "{\"item_id\":\"i\",\"story_id\":\"s\",\"run_id\":1,\"probability\":1,\"rule\":\"r\"}"),
     "b.ndjson: line 3: a row of members names a row of * that is nowhere"},
    {"\n", "b.ndjson: line 2: no JSON object: *"},
    {"[]\n", "b.ndjson: line 2: no JSON object: another value"},
    {"\x1b[31m\xff\n", "b.ndjson: line 2: no JSON object: *"},
};

static void
assert_refused(const Fixture *fixture, const char *backup, size_t length, const char *message)
{
  g_autoptr(GError) error = NULL;
  g_autofree char *other = other_folder(fixture);
  g_assert_false(restore(backup, length, other, &error));
  if (!g_pattern_match_simple(message, error->message))
    g_assert_cmpstr(error->message, ==, message);
  g_assert_true(g_str_is_ascii(error->message));
  assert_no_store(other);
}

static void
test_bad_lines(Fixture *fixture, gconstpointer data)
{
  (void) data;
  for (size_t i = 0; i < G_N_ELEMENTS(BAD_LINES); i++) {
    g_autofree char *backup = make_backup(store_schema_version(), BAD_LINES[i].lines);
    assert_refused(fixture, backup, strlen(backup), BAD_LINES[i].message);
  }
}

static void
test_deep_and_long(Fixture *fixture, gconstpointer data)
{
  (void) data;
  g_autofree char *deep = g_strnfill(100000, '[');
  g_autofree char *line = g_strdup_printf("{\"table\":%s\n", deep);
  g_autofree char *deep_backup = make_backup(1, line);
  assert_refused(fixture, deep_backup, strlen(deep_backup), "b.ndjson: line 2: no JSON object: maximum parsing depth reached*");
  gsize length = (gsize) BACKUP_MAX_LINE_BYTES + 1000;
  g_autofree char *no_line = g_strnfill(length, '{');
  assert_refused(fixture, no_line, length, "b.ndjson: line 1: longer than a line of a backup can be");
}

static void
test_headers(Fixture *fixture, gconstpointer data)
{
  (void) data;
  static const struct {
    const char *text;
    const char *message;
    int code;
  } HEADERS[] = {
      {"", "b.ndjson: line 1: the file ends here*", ERROR_BAD_DATA},
      {"{", "b.ndjson: line 1: the file ends here*", ERROR_BAD_DATA},
      {"{\n \"undervalued_keywords\": []\n}\n", "b.ndjson: line 1: neither the header of a backup nor *", ERROR_BAD_DATA},
      {"{\"schema\":\"courant.backup/2\",\"store\":1}\n", "b.ndjson: line 1: neither the header of a backup *", ERROR_BAD_DATA},
      {"{\"schema\":\"courant.backup/1\"}\n", "b.ndjson: line 1: the header does not say *", ERROR_BAD_DATA},
      {"{\"schema\":\"courant.backup/1\",\"store\":-1}\n", "b.ndjson: line 1: the header does not say *", ERROR_BAD_DATA},
      {"{\"schema\":\"courant.backup/1\",\"store\":1000,\"program\":\"courant 99\"}\n",
       "b.ndjson: its store is of version 1000 (courant 99), this program (courant *) knows up to *", ERROR_CONFIG},
  };
  for (size_t i = 0; i < G_N_ELEMENTS(HEADERS); i++) {
    g_autoptr(GError) error = NULL;
    g_autofree char *other = other_folder(fixture);
    g_assert_false(restore(HEADERS[i].text, strlen(HEADERS[i].text), other, &error));
    g_assert_cmpint(error->code, ==, HEADERS[i].code);
    g_assert_true(g_pattern_match_simple(HEADERS[i].message, error->message));
    g_assert_false(g_file_test(other, G_FILE_TEST_EXISTS));
  }
}

/* Whatever byte is another, and wherever it ends: there is the whole store or none. */
static void
test_damage(Fixture *fixture, gconstpointer data)
{
  (void) data;
  g_autofree char *other = other_folder(fixture);
  g_autofree char *backup = make_backup(store_schema_version(), GOOD_ROW);
  size_t length = strlen(backup);
  guint32 seed = (guint32) g_test_rand_int();
  g_test_message("seed %u", seed);
  g_autoptr(GRand) random = g_rand_new_with_seed(seed);
  for (size_t i = 0; i < length; i++) {
    g_autoptr(GError) error = NULL;
    g_autofree char *damaged = g_memdup2(backup, length);
    damaged[i] = (char) (damaged[i] ^ g_rand_int_range(random, 1, 256));
    g_assert_false(restore(damaged, length, other, &error));
    assert_no_store(other);
    g_clear_error(&error);
    g_assert_false(restore(backup, i, other, &error));
    assert_no_store(other);
  }
  g_autofree char *longer = g_strconcat(backup, "{", NULL);
  assert_refused(fixture, longer, length + 1, "b.ndjson: line 3: the backup ends here, the file does not");
  g_assert_true(restore(backup, length, other, NULL));
}

static void
test_place_taken(Fixture *fixture, gconstpointer data)
{
  (void) data;
  g_autofree char *backup = back_up(fixture->store);
  g_autoptr(GError) error = NULL;
  g_assert_false(restore(backup, strlen(backup), fixture->folder, &error));
  g_assert_true(error_is(error, ERROR_BUSY));
  g_clear_error(&error);
  static const char *const LEFT[] = {STORE_FILE, STORE_FILE "-wal", STORE_FILE "-journal"};
  for (size_t i = 0; i < G_N_ELEMENTS(LEFT); i++) {
    g_autofree char *other = other_folder(fixture);
    g_autofree char *path = g_build_filename(other, LEFT[i], NULL);
    g_assert_true(file_make_folder(other, NULL) && file_write(path, "x", 1, NULL));
    g_assert_false(restore(backup, strlen(backup), other, &error));
    g_assert_true(error_is(error, ERROR_IO));
    g_clear_error(&error);
    g_autofree char *kept = file_read(path, 10, NULL, NULL);
    g_assert_cmpstr(kept, ==, "x");
    g_assert_true(file_remove_tree(other, NULL));
  }
}

static void
test_full_disk(Fixture *fixture, gconstpointer data)
{
  (void) data;
  g_autoptr(GError) error = NULL;
  BackupSummary summary = {0};
  FILE *full = fopen("/dev/full", "we");
  g_assert_false(backup_write(fixture->store, &(BackupStream){.file = full, .name = "full"}, &summary, &error));
  g_assert_cmpstr(error->message, ==, "cannot write full: No space left on device");
  fclose(full);
}

static bool
stop(GError **error)
{
  error_set(error, ERROR_CANCELLED, "enough");
  return true;
}

static void
test_stopped(Fixture *fixture, gconstpointer data)
{
  (void) data;
  g_autoptr(GError) error = NULL;
  BackupSummary summary = {0};
  g_autofree char *memory = NULL;
  size_t length = 0;
  FILE *output = open_memstream(&memory, &length);
  g_assert_false(backup_write(fixture->store, &(BackupStream){output, "b.ndjson", stop}, &summary, &error));
  g_assert_true(error_is(error, ERROR_CANCELLED));
  fclose(output);
  g_clear_error(&error);
  g_autofree char *backup = back_up(fixture->store);
  g_assert_cmpuint(length, <, strlen(backup));
  g_autofree char *other = other_folder(fixture);
  FILE *input = fmemopen(backup, strlen(backup), "r");
  g_assert_false(backup_restore(&(BackupStream){input, "b.ndjson", stop}, other, &summary, &error));
  g_assert_true(error_is(error, ERROR_CANCELLED));
  fclose(input);
  assert_no_store(other);
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  static const struct {
    const char *path;
    void (*run)(Fixture *fixture, gconstpointer data);
  } TESTS[] = {
      {"/backup/round-trip", test_round_trip},
      {"/backup/every-table", test_every_table},
      {"/backup/older-store", test_older_store},
      {"/backup/bad-lines", test_bad_lines},
      {"/backup/deep-and-long", test_deep_and_long},
      {"/backup/headers", test_headers},
      {"/backup/damage", test_damage},
      {"/backup/place-taken", test_place_taken},
      {"/backup/full-disk", test_full_disk},
      {"/backup/stopped", test_stopped},
  };
  for (size_t i = 0; i < G_N_ELEMENTS(TESTS); i++)
    g_test_add(TESTS[i].path, Fixture, NULL, set_up, TESTS[i].run, tear_down);
  return g_test_run();
}
