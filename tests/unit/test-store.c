#include "store/store.h"

#include "store-fixture.h"

#include "base/error.h"
#include "os/file.h"
#include "store/drops.h"
#include "store/dump.h"
#include "store/items.h"
#include "store/knowledge.h"
#include "store/peers.h"
#include "store/rows.h"
#include "store/runs.h"
#include "store/stories.h"

#include <glib/gstdio.h>
#include <string.h>

static void
test_second_writer_is_busy_readers_are_not(Fixture *fixture, gconstpointer data)
{
  (void) data;
  g_autoptr(GError) error = NULL;
  g_autoptr(Store) second = store_open(fixture->folder, STORE_WRITE, &error);
  g_assert_null(second);
  g_assert_true(error_is(error, ERROR_BUSY));
  g_clear_error(&error);
  g_autoptr(Store) reader = store_open(fixture->folder, STORE_READ, &error);
  g_assert_no_error(error);
  g_assert_nonnull(reader);
  g_assert_false(store_run(reader, NULL, "DELETE FROM items", ""));
}

static void
test_newer_store_is_refused_by_both_versions(Fixture *fixture, gconstpointer data)
{
  (void) data;
  g_assert_true(store_execute(fixture->store, "PRAGMA user_version = 99", NULL));
  g_clear_pointer(&fixture->store, store_free);
  g_autoptr(GError) error = NULL;
  for (int mode = STORE_READ; mode <= STORE_WRITE; mode++) {
    g_autoptr(Store) store = store_open(fixture->folder, (StoreMode) mode, &error);
    g_assert_null(store);
    g_assert_true(error_is(error, ERROR_CONFIG));
    g_assert_nonnull(strstr(error->message, "99"));
    g_assert_nonnull(strstr(error->message, COURANT_VERSION));
    g_clear_error(&error);
  }
}

static void
test_older_store_says_what_to_do(Fixture *fixture, gconstpointer data)
{
  (void) data;
  g_assert_true(store_execute(fixture->store, "PRAGMA user_version = 1", NULL));
  g_autoptr(GError) error = NULL;
  g_assert_null(store_open(fixture->folder, STORE_READ, &error));
  g_assert_true(error_is(error, ERROR_CONFIG));
  g_assert_nonnull(strstr(error->message, "; \"courant run\" brings it up to date"));
}

static void
test_store_that_was_never_made_whole_is_none(Fixture *fixture, gconstpointer data)
{
  (void) data;
  g_autofree char *folder = g_build_filename(fixture->folder, "cut", NULL);
  g_autofree char *path = g_build_filename(folder, STORE_FILE, NULL);
  g_autoptr(GError) error = NULL;
  g_assert_true(file_make_folder(folder, &error));
  g_assert_true(file_write(path, "", 0, &error));
  g_assert_null(store_open(folder, STORE_READ, &error));
  g_assert_true(error_is(error, ERROR_IO));
  g_assert_nonnull(strstr(error->message, "no store at"));
}

static int64_t
count_rows(Store *store, const char *sql)
{
  Rows *rows = store_select(store, sql, "");
  int64_t count = rows_next(rows) ? rows_int(rows, 0) : -1;
  return rows_end(rows, NULL) ? count : -1;
}

/* The store's own migrations, done long ago, and these behind them. Returns: (transfer container) */
static const char **
migrations_behind(const char *first, const char *second)
{
  int done = store_schema_version();
  const char **migrations = g_new0(const char *, (size_t) done + 3);
  for (int i = 0; i < done; i++)
    migrations[i] = "";
  migrations[done] = first;
  migrations[done + 1] = second;
  return migrations;
}

static void
test_migration_copies_first_and_undoes_what_fails(Fixture *fixture, gconstpointer data)
{
  (void) data;
  const char *create = "CREATE TABLE added(x INTEGER) STRICT; INSERT INTO added VALUES(7)";
  g_autofree const char **good = migrations_behind(create, NULL);
  g_autofree const char **bad = migrations_behind("", "CREATE TABLE half(x INTEGER) STRICT; SELECT no_such_function()");
  int version = store_schema_version() + 1;
  g_autoptr(GError) error = NULL;
  g_assert_true(store_migrate(fixture->store, good, &error));
  g_assert_no_error(error);
  g_assert_cmpint(count_rows(fixture->store, "PRAGMA user_version"), ==, version);
  g_assert_cmpint(count_rows(fixture->store, "SELECT x FROM added"), ==, 7);
  g_autofree char *copy = g_strdup_printf("%s/" STORE_FILE ".v%d", fixture->folder, version - 1);
  g_autoptr(Store) before = store_open_file(copy, &error);
  g_assert_cmpint(count_rows(before, "SELECT count(*) FROM sqlite_master WHERE name = 'added'"), ==, 0);
  g_assert_cmpint(count_rows(before, "SELECT count(*) FROM runs"), ==, 0);

  g_assert_false(store_migrate(fixture->store, bad, &error));
  g_assert_true(error_is(error, ERROR_DATABASE));
  g_assert_cmpint(count_rows(fixture->store, "PRAGMA user_version"), ==, version);
  g_assert_cmpint(count_rows(fixture->store, "SELECT count(*) FROM sqlite_master WHERE name = 'half'"), ==, 0);
}

static void
test_rollback_when_the_store_is_closed_inside_a_turn(Fixture *fixture, gconstpointer data)
{
  (void) data;
  g_assert_true(store_begin(fixture->store, true, NULL));
  g_assert_true(knowledge_set(fixture->store, 1, "half", "done", NULL));
  g_clear_pointer(&fixture->store, store_free);
  g_autoptr(GError) error = NULL;
  fixture->store = store_open(fixture->folder, STORE_WRITE, &error);
  g_assert_no_error(error);
  g_assert_null(knowledge_get(fixture->store, "half", &error));
  g_assert_no_error(error);
  g_assert_true(store_check(fixture->store, &error));
}

static void
begin_run(Store *store, int64_t now_ms)
{
  const Run wanted = {.command = (char *) "run", .now_ms = now_ms, .config_sha256 = (char *) "", .started_ms = now_ms};
  g_autoptr(GError) error = NULL;
  g_autoptr(Run) run = runs_begin(store, &wanted, &error);
  g_assert_no_error(error);
  g_assert_nonnull(run);
}

static void
save_drop(Store *store, int64_t run_id, const char *id, DropReason reason)
{
  g_autofree char *url = g_strconcat("https://example.org/", id, NULL);
  const Drop drop = {.id = (char *) id, .url = url, .about_url = (char *) "https://example.org/about", .reason = reason};
  g_assert_true(drops_save(store, run_id, "news", &drop, NULL));
}

static void
test_drops(Fixture *fixture, gconstpointer data)
{
  (void) data;
  begin_run(fixture->store, 1000);
  begin_run(fixture->store, 2000);
  save_drop(fixture->store, 1, "a", DROP_TOO_OLD);
  save_drop(fixture->store, 1, "b", DROP_LANGUAGE);
  save_drop(fixture->store, 2, "b", DROP_ADULT);
  save_drop(fixture->store, 2, "c", DROP_ADULT);
  const SourceState state = {.key = (char *) "news", .last_ok_ms = 2000};
  g_assert_true(peers_save_source(fixture->store, &state, NULL));
  g_autoptr(GPtrArray) counts = drops_counts(fixture->store, "news", NULL);
  g_assert_cmpuint(counts->len, ==, 1);
  g_assert_cmpstr(((const DropCount *) counts->pdata[0])->reason, ==, "adult");
  g_assert_cmpint(((const DropCount *) counts->pdata[0])->count, ==, 2);
  g_autoptr(GPtrArray) by_url = drops_find(fixture->store, "https://example.org/a", NULL);
  g_assert_cmpuint(by_url->len, ==, 1);
  g_assert_cmpstr(((const DropRow *) by_url->pdata[0])->reason, ==, "too_old");
  g_autoptr(GPtrArray) by_page = drops_find(fixture->store, "https://example.org/about", NULL);
  g_assert_cmpuint(by_page->len, ==, 3);
  g_assert_cmpint(((const DropRow *) by_page->pdata[0])->run_id, ==, 2);
  g_assert_true(drops_clear(fixture->store, "news", "b", NULL) && drops_clear(fixture->store, "other", "c", NULL));
  g_assert_cmpint(count_rows(fixture->store, "SELECT count(*) FROM drops"), ==, 2);
  const SourceState later = {.key = (char *) "news", .last_ok_ms = 3000};
  g_assert_true(peers_save_source(fixture->store, &later, NULL));
  g_autoptr(GPtrArray) none = drops_counts(fixture->store, "news", NULL);
  g_assert_cmpuint(none->len, ==, 0);
}

static void
keep_state(const HostState *state, void *text)
{
  g_string_append_printf(text, "%s %s %d %d %d %d\n", state->host, state->window, (int) state->paused_until_ms,
                         (int) state->allowed, (int) state->remaining, (int) state->reset_ms);
}

static void
assert_hosts(Store *store, const char *expected)
{
  g_autoptr(GString) text = g_string_new(NULL);
  g_assert_true(peers_each_host(store, keep_state, text, NULL));
  g_assert_cmpstr(text->str, ==, expected);
}

/* What no longer matters goes. */
static void
test_hosts(Fixture *fixture, gconstpointer data)
{
  (void) data;
  HostState first = {.host = "b.example", .window = "[5]", .allowed = -1, .remaining = -1};
  HostState second = {.host = "a.example/x/", .window = "[1,2]", .paused_until_ms = 3, .allowed = 60, .reset_ms = 4};
  g_autoptr(GPtrArray) states = g_ptr_array_new();
  g_ptr_array_add(states, &first);
  g_ptr_array_add(states, &second);
  for (int i = 0; i < 2; i++) {
    g_assert_true(peers_save_hosts(fixture->store, states, NULL));
    assert_hosts(fixture->store, "a.example/x/ [1,2] 3 60 0 4\nb.example [5] 0 -1 -1 0\n");
  }
  g_ptr_array_remove_index(states, 1);
  g_assert_true(peers_save_hosts(fixture->store, states, NULL));
  assert_hosts(fixture->store, "b.example [5] 0 -1 -1 0\n");
}

static Item *
make_item(const char *id, const char *title)
{
  Item *item = item_new();
  g_free(item->id);
  g_free(item->title);
  g_free(item->source);
  g_free(item->url);
  item->id = g_strdup(id);
  item->title = g_strdup(title);
  item->source = g_strdup("hackernews");
  item->url = g_strdup("https://example.org/");
  item->score = 5;
  item_add_link(item, "https://example.org/a");
  return item;
}

static ItemChange
merge_item(Store *store, int64_t run_id, const Item *item)
{
  ItemChange change = ITEM_SAME;
  g_autoptr(GError) error = NULL;
  g_assert_true(items_merge(store, run_id, item, &change, &error));
  g_assert_no_error(error);
  return change;
}

static void
test_items_are_updated_in_place(Fixture *fixture, gconstpointer data)
{
  (void) data;
  g_autoptr(Item) item = make_item("hn:1", "First");
  g_autoptr(Item) edited = make_item("hn:1", "Second");
  g_assert_cmpint(merge_item(fixture->store, 1, item), ==, ITEM_NEW);
  item->score = 9;
  g_assert_cmpint(merge_item(fixture->store, 2, item), ==, ITEM_SAME);
  g_assert_cmpint(count_rows(fixture->store, "SELECT first_run * 100 + changed_run * 10 + last_run FROM items"), ==, 112);
  g_assert_cmpint(merge_item(fixture->store, 3, edited), ==, ITEM_CHANGED);
  g_autoptr(GPtrArray) items = items_by_url(fixture->store, "https://example.org/", NULL);
  g_assert_cmpuint(items->len, ==, 1);
  const Item *found = g_ptr_array_index(items, 0);
  g_assert_cmpstr(found->title, ==, "Second");
  g_assert_cmpint(found->score, ==, 5);
  g_assert_cmpint(found->likes, ==, -1);
  g_assert_cmpint((int) found->links->len, ==, 1);
  g_assert_cmpint(count_rows(fixture->store, "SELECT first_run * 100 + changed_run * 10 + last_run FROM items"), ==, 133);
  g_assert_cmpint(count_rows(fixture->store, "SELECT count(*) FROM engagement"), ==, 3);
}

static void
collect_line(const char *line, void *lines)
{
  g_ptr_array_add(lines, g_strdup(line));
}

static void
test_dump_does_not_depend_on_order(Fixture *fixture, gconstpointer data)
{
  (void) data;
  g_autoptr(GPtrArray) lines = g_ptr_array_new_with_free_func(g_free);
  const char *const ids[] = {"hn:3", "hn:1", "hn:2"};
  for (size_t i = 0; i < G_N_ELEMENTS(ids); i++) {
    g_autoptr(Item) item = make_item(ids[i], ids[i]);
    merge_item(fixture->store, 1, item);
  }
  g_assert_true(store_dump(fixture->store, collect_line, lines, NULL));
  g_assert_cmpint((int) lines->len, ==, 3);
  for (guint i = 0; i < lines->len; i++) {
    g_autofree char *id = g_strdup_printf("\"id\":\"hn:%u\"", i + 1);
    g_assert_nonnull(strstr(g_ptr_array_index(lines, i), id));
  }
}

/* A dump under way, and the writer whose work it must not see. */
typedef struct {
  Store *writer;
  GPtrArray *lines;
} Beside;

static void
collect_and_found(const char *line, void *data)
{
  Beside *beside = data;
  collect_line(line, beside->lines);
  g_assert_true(stories_add(beside->writer, "late", 1, "hn:1", NULL));
}

static void
test_dump_is_of_one_moment(Fixture *fixture, gconstpointer data)
{
  (void) data;
  g_autoptr(GPtrArray) lines = g_ptr_array_new_with_free_func(g_free);
  g_autoptr(Item) item = make_item("hn:1", "One");
  merge_item(fixture->store, 1, item);
  g_autoptr(Store) reader = store_open(fixture->folder, STORE_READ, NULL);
  Beside beside = {.writer = fixture->store, .lines = lines};
  g_assert_true(store_dump(reader, collect_and_found, &beside, NULL));
  g_assert_cmpint((int) lines->len, ==, 1);
  g_assert_true(store_dump(reader, collect_line, lines, NULL));
  g_assert_cmpint((int) lines->len, ==, 3);
}

static void
test_runs_begin_and_end(Fixture *fixture, gconstpointer data)
{
  (void) data;
  g_autoptr(GError) error = NULL;
  const Run wanted = {.command = (char *) "run", .now_ms = 7, .config_sha256 = (char *) "c", .started_ms = 8};
  g_assert_null(runs_open(fixture->store, &error));
  g_assert_no_error(error);
  g_autoptr(Run) begun = runs_begin(fixture->store, &wanted, &error);
  g_assert_no_error(error);
  g_autoptr(Run) open = runs_open(fixture->store, &error);
  g_assert_cmpint(open->id, ==, begun->id);
  g_assert_cmpstr(open->version, ==, COURANT_VERSION);
  g_autoptr(Failure) failure = failure_new(ERROR_BAD_DATA, "source x: no title", "{}", 2);
  g_assert_true(runs_add_failure(fixture->store, begun->id, "collect:x", failure, NULL));
  g_assert_true(runs_end(fixture->store, begun, "finished", "{}", NULL));
  g_assert_null(runs_open(fixture->store, &error));
  g_autoptr(GPtrArray) failures = runs_failures(fixture->store, begun->id, &error);
  g_assert_cmpstr(((FailureRow *) g_ptr_array_index(failures, 0))->code, ==, "bad_data");
  g_assert_cmpstr(((FailureRow *) g_ptr_array_index(failures, 0))->stage, ==, "collect");
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add("/store/lock", Fixture, NULL, set_up, test_second_writer_is_busy_readers_are_not, tear_down);
  g_test_add("/store/newer", Fixture, NULL, set_up, test_newer_store_is_refused_by_both_versions, tear_down);
  g_test_add("/store/older", Fixture, NULL, set_up, test_older_store_says_what_to_do, tear_down);
  g_test_add("/store/half-made", Fixture, NULL, set_up, test_store_that_was_never_made_whole_is_none, tear_down);
  g_test_add("/store/migration", Fixture, NULL, set_up, test_migration_copies_first_and_undoes_what_fails, tear_down);
  g_test_add("/store/rollback", Fixture, NULL, set_up, test_rollback_when_the_store_is_closed_inside_a_turn, tear_down);
  g_test_add("/store/drops", Fixture, NULL, set_up, test_drops, tear_down);
  g_test_add("/store/hosts", Fixture, NULL, set_up, test_hosts, tear_down);
  g_test_add("/store/items", Fixture, NULL, set_up, test_items_are_updated_in_place, tear_down);
  g_test_add("/store/dump", Fixture, NULL, set_up, test_dump_does_not_depend_on_order, tear_down);
  g_test_add("/store/dump-beside-a-writer", Fixture, NULL, set_up, test_dump_is_of_one_moment, tear_down);
  g_test_add("/store/runs", Fixture, NULL, set_up, test_runs_begin_and_end, tear_down);
  return g_test_run();
}
