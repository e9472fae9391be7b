#include "store/exchanges.h"

#include "store-fixture.h"

#include "base/error.h"
#include "os/file.h"
#include "store/recording.h"
#include "store/rows.h"
#include "store/runs.h"

#include <glib/gstdio.h>
#include <string.h>

enum { DAY_MS = 24 * 60 * 60 * 1000 };

static Run *
begin_run(Store *store, int64_t now_ms)
{
  g_autoptr(GError) error = NULL;
  const Run wanted = {.command = (char *) "run", .now_ms = now_ms, .config_sha256 = (char *) "c", .started_ms = 1};
  Run *run = runs_begin(store, &wanted, &error);
  g_assert_no_error(error);
  return run;
}

static Reply *
make_reply(const char *body, size_t length, int64_t as_of_ms)
{
  Reply *reply = reply_new();
  reply->status = 200;
  reply->url = g_strdup("https://example.org/a");
  g_free(reply->headers);
  reply->headers = g_strdup("etag: \"x\"\ncontent-type: text/html");
  g_free(reply->body);
  reply->body = g_malloc(length + 1);
  memcpy(reply->body, body, length);
  reply->body[length] = '\0';
  reply->body_length = length;
  reply->answered_ms = as_of_ms;
  return reply;
}

static void
add(Store *store, ExchangeKey key, const char *sha256, const char *source, const Reply *reply)
{
  g_autoptr(GError) error = NULL;
  const ExchangeRow row = {.key = key, .request_sha256 = sha256, .kind = REQUEST_PAGE, .source = source, .reply = reply};
  g_assert_true(exchanges_add(store, &row, &error));
  g_assert_no_error(error);
}

static void
test_answers_come_back_as_they_were(Fixture *fixture, gconstpointer data)
{
  (void) data;
  g_autoptr(GError) error = NULL;
  g_autoptr(Run) run = begin_run(fixture->store, 1000);
  g_autoptr(Reply) binary = make_reply("a\0b", 3, 1000);
  g_autoptr(Reply) failed = make_reply("", 0, 1000);
  binary->is_moved = true;
  error_set(&failed->error, ERROR_THROTTLED, "GET https://example.org/a: HTTP 429 after 4 tries");
  const ExchangeKey first = {.run_id = run->id, .job = "enrich:x", .pass = 1, .ordinal = 0};
  const ExchangeKey second = {.run_id = run->id, .job = "enrich:x", .pass = 1, .ordinal = 1};
  add(fixture->store, first, "s1", "sent", binary);
  add(fixture->store, second, "s2", "error", failed);

  bool is_other = false;
  g_autoptr(Reply) reply = exchanges_at(fixture->store, &first, "s1", &is_other, &error);
  g_assert_no_error(error);
  g_assert_cmpuint(reply->body_length, ==, 3);
  g_assert_true(memcmp(reply->body, "a\0b", 3) == 0);
  g_assert_true(reply->is_moved);
  g_assert_cmpint(reply->answered_ms, ==, 1000);
  g_autofree char *etag = reply_header(reply, "etag");
  g_assert_cmpstr(etag, ==, "\"x\"");
  g_autoptr(Reply) again = exchanges_at(fixture->store, &second, "s2", &is_other, &error);
  g_assert_true(error_is(again->error, ERROR_THROTTLED));
  g_assert_cmpstr(again->error->message, ==, failed->error->message);
  g_assert_false(is_other);
  g_assert_null(exchanges_at(fixture->store, &first, "another request", &is_other, &error));
  g_assert_true(is_other);
  g_assert_no_error(error);
}

static void
test_one_row_a_place(Fixture *fixture, gconstpointer data)
{
  (void) data;
  g_autoptr(Run) run = begin_run(fixture->store, 1000);
  g_autoptr(Reply) reply = make_reply("a", 1, 1000);
  const ExchangeKey key = {.run_id = run->id, .job = "enrich:x", .pass = 1, .ordinal = 0};
  add(fixture->store, key, "s1", "sent", reply);
  const ExchangeRow twice = {.key = key, .request_sha256 = "s1", .kind = REQUEST_PAGE, .source = "sent", .reply = reply};
  g_autoptr(GError) error = NULL;
  g_assert_false(exchanges_add(fixture->store, &twice, &error));
  g_assert_true(error_is(error, ERROR_DATABASE));
}

static void
test_cache_is_of_earlier_runs_good_and_young(Fixture *fixture, gconstpointer data)
{
  (void) data;
  g_autoptr(GError) error = NULL;
  g_autoptr(Run) old = begin_run(fixture->store, 1000);
  g_autoptr(Reply) good = make_reply("a", 1, 1000);
  g_autoptr(Reply) bad = make_reply("", 0, 1000);
  error_set(&bad->error, ERROR_RETRY, "timed out");
  add(fixture->store, (ExchangeKey){.run_id = old->id, .job = "j", .pass = 1}, "good", "sent", good);
  add(fixture->store, (ExchangeKey){.run_id = old->id, .job = "k", .pass = 1}, "bad", "error", bad);
  g_assert_null(exchanges_cached(fixture->store, old->id, "good", 0, &error));

  g_autoptr(Run) now = begin_run(fixture->store, 1000 + DAY_MS);
  g_autoptr(Reply) cached = exchanges_cached(fixture->store, now->id, "good", now->now_ms - DAY_MS, &error);
  g_assert_cmpint(cached->answered_ms, ==, 1000);
  g_assert_null(exchanges_cached(fixture->store, now->id, "good", now->now_ms - DAY_MS + 1, &error));
  g_assert_null(exchanges_cached(fixture->store, now->id, "bad", 0, &error));

  add(fixture->store, (ExchangeKey){.run_id = now->id, .job = "j", .pass = 1}, "good", "cached", cached);
  g_autoptr(Run) later = begin_run(fixture->store, 1001 + DAY_MS);
  g_assert_null(exchanges_cached(fixture->store, later->id, "good", later->now_ms - DAY_MS, &error));
  g_assert_no_error(error);
}

static void
test_errors_of_an_earlier_pass_do_not_answer(Fixture *fixture, gconstpointer data)
{
  (void) data;
  g_autoptr(GError) error = NULL;
  g_autoptr(Run) run = begin_run(fixture->store, 1000);
  g_autoptr(Reply) bad = make_reply("", 0, 1000);
  error_set(&bad->error, ERROR_RETRY, "timed out");
  add(fixture->store, (ExchangeKey){.run_id = run->id, .job = "j", .pass = 1}, "s", "error", bad);
  g_autoptr(Reply) same_pass = exchanges_in_run(fixture->store, run->id, 1, "s", &error);
  g_assert_nonnull(same_pass);
  g_assert_null(exchanges_in_run(fixture->store, run->id, 2, "s", &error));
  g_assert_no_error(error);
}

static void
test_recording_holds_the_store_before_and_the_rows_of_the_run(Fixture *fixture, gconstpointer data)
{
  (void) data;
  g_autoptr(GError) error = NULL;
  g_autofree char *path = g_build_filename(fixture->folder, "run.rec", NULL);
  g_autofree char *target = g_build_filename(fixture->folder, "elsewhere", NULL);
  char *lines[] = {(char *) "QUALITY_THRESHOLD=0.7", NULL};
  const RecordedSettings settings = {.config = (char *) "title: x\n", .environment = lines};
  RecordedSettings laid_down = {0};
  g_autoptr(Run) run = begin_run(fixture->store, 1000);
  g_autoptr(Reply) reply = make_reply("a", 1, 1000);
  g_assert_true(recording_begin(fixture->store, path, run, &settings, &error));
  g_assert_true(recording_is_of(path, run));
  g_assert_false(recording_begin(fixture->store, path, run, &settings, NULL));
  g_assert_false(recording_lay_down(path, target, &error));
  g_assert_true(error_is(error, ERROR_BAD_DATA));
  g_clear_error(&error);
  const ExchangeKey key = {.run_id = run->id, .job = "j", .pass = 1};
  add(fixture->store, key, "s", "sent", reply);
  g_assert_true(recording_finish(fixture->store, path, run, &error));
  g_assert_true(recording_is_of(path, run));
  g_assert_true(recording_finish(fixture->store, path, run, &error));
  g_assert_true(recording_settings(path, &laid_down, &error));

  g_assert_true(recording_lay_down(path, target, &error));
  g_assert_no_error(error);
  g_assert_cmpstr(laid_down.config, ==, "title: x\n");
  g_assert_cmpstr(laid_down.environment[0], ==, "QUALITY_THRESHOLD=0.7");
  g_autoptr(Store) laid = store_open(target, STORE_WRITE, &error);
  g_assert_no_error(error);
  g_autoptr(Run) open = runs_open(laid, &error);
  g_assert_cmpint(open->now_ms, ==, 1000);
  g_assert_cmpstr(open->command, ==, "replay");
  g_assert_false(recording_lay_down(path, target, NULL));
  bool is_other = false;
  g_autoptr(Reply) kept = exchanges_at(laid, &key, "s", &is_other, &error);
  g_assert_cmpstr(kept->body, ==, "a");
  g_free(laid_down.config);
  g_strfreev(laid_down.environment);
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add("/exchanges/round-trip", Fixture, NULL, set_up, test_answers_come_back_as_they_were, tear_down);
  g_test_add("/exchanges/one-a-place", Fixture, NULL, set_up, test_one_row_a_place, tear_down);
  g_test_add("/exchanges/cache", Fixture, NULL, set_up, test_cache_is_of_earlier_runs_good_and_young, tear_down);
  g_test_add("/exchanges/passes", Fixture, NULL, set_up, test_errors_of_an_earlier_pass_do_not_answer, tear_down);
  g_test_add("/recording", Fixture, NULL, set_up, test_recording_holds_the_store_before_and_the_rows_of_the_run, tear_down);
  return g_test_run();
}
