#include "store/prune.h"

#include "store-fixture.h"

#include "store/rows.h"
#include "store/stories.h"

#include <string.h>

/* Days before the now of the newest run, at which everything happened once: rows of run N are those of day DAYS[N - 1]. */
static const int DAYS[] = {200, 40, 10, 3, 0};

static const int64_t DAY_MS = INT64_C(24) * 3600 * 1000;
static const int64_t NOW_MS = INT64_C(1000) * 24 * 3600 * 1000;

/* What a day leaves: a story with an article and a comment, a story without, each with a member and a page; an exchange, a
 * failure, a drop. */
static const char A_DAY[] =
    "INSERT INTO runs(command, now_ms, config_sha256, version, state, started_ms) VALUES('run', ?2, '', '', 'finished', 0);"
    "INSERT INTO stages(run_id, name, jobs, failed, workers, reason, seconds, waited, counts)"
    " VALUES(?1, 'generate', 1, 0, 1, '', 0, 0, '{}');"
    "INSERT INTO bodies VALUES('body' || ?1, x'00');"
    "INSERT INTO exchanges(run_id, job, pass, ordinal, request_sha256, kind, source, url, status, headers, body_sha256, "
    "outcome,"
    " sent_ms, answered_ms, as_of_ms) VALUES(?1, 'j', 1, 0, 'r', 'page', 'sent', 'u', 200, '', 'body' || ?1, 'ok', 0, 0, ?2),"
    " (?1, 'j', 1, 1, 'c', 'llm', 'sent', 'u', 200, '', NULL, 'ok', 0, 0, ?2);"
    "INSERT INTO failures VALUES(?1, 's', 'j', 'IO', 'm', NULL);"
    "INSERT INTO drops VALUES('news', 'd' || ?1, 'u', NULL, 'adult', NULL, ?1);"
    "INSERT INTO items(id, source, url, title, text, author, published_ms, links, first_run, last_run, changed_run)"
    " SELECT name || ?1, 'news', 'u', 'A title', 'A text', 'ann', ?2, '[]', ?1, ?1, ?1"
    " FROM (SELECT 'told' AS name UNION SELECT 'passed');"
    "INSERT INTO stories(id, founded_ms, updated_ms, lead_item) VALUES('T' || ?1, ?2, ?2, 'told' || ?1),"
    " ('P' || ?1, ?2, ?2, 'passed' || ?1);"
    "INSERT INTO members VALUES('told' || ?1, 'T' || ?1, ?1, 1, 'founder', NULL), ('passed' || ?1, 'P' || ?1, ?1, 1, 'founder',"
    " NULL);"
    "INSERT INTO scores VALUES('T' || ?1, ?1, 1, NULL, '', '', 0, '{}'), ('P' || ?1, ?1, 0, NULL, '', '', 0, '{}');"
    "INSERT INTO evidence VALUES('t' || ?1, 'text'), ('p' || ?1, 'text'), ('c' || ?1, 'text');"
    "INSERT INTO story_evidence VALUES('T' || ?1, 1, 't' || ?1, 'u', '', '', ?2, 'page'),"
    " ('T' || ?1, 2, 'c' || ?1, 'u', '', '', ?2, 'comment'), ('P' || ?1, 1, 'p' || ?1, 'u', '', '', ?2, 'page');"
    "INSERT INTO articles(story_id, revision, slug, state, kind, headline, document, cost_micros, created_ms, run_id)"
    " VALUES('T' || ?1, 1, 's' || ?1, 'published', 'brief', 'h', '{}', 0, ?2, ?1);"
    "INSERT INTO engagement SELECT id, ?1, 1, 1, 1, 1 FROM items;";

static void
execute(Store *store, const char *sql)
{
  g_autoptr(GError) error = NULL;
  store_execute(store, sql, &error);
  g_assert_no_error(error);
}

static void
fill(Store *store)
{
  for (gsize i = 0; i < G_N_ELEMENTS(DAYS); i++) {
    g_autofree char *run = g_strdup_printf("%d", (int) i + 1);
    g_autofree char *now = g_strdup_printf("%" G_GINT64_FORMAT, NOW_MS - DAYS[i] * DAY_MS);
    g_autoptr(GString) sql = g_string_new(A_DAY);
    g_string_replace(sql, "?1", run, 0);
    g_string_replace(sql, "?2", now, 0);
    execute(store, sql->str);
  }
}

/* The runs of which @sql, one number a row, tells that something is left. */
static char *
left(Store *store, const char *sql)
{
  GString *runs = g_string_new(NULL);
  Rows *rows = store_select(store, sql, "");
  while (rows_next(rows))
    g_string_append_printf(runs, "%s ", rows_text(rows, 0));
  g_assert_true(rows_end(rows, NULL));
  return g_string_free(runs, FALSE);
}

static void
test_what_stays(Fixture *fixture, gconstpointer data)
{
  (void) data;
  static const char *const CASES[][2] = {
      {"SELECT as_of_ms / 86400000 FROM exchanges WHERE kind = 'page' ORDER BY id", "997 1000 "},
      {"SELECT as_of_ms / 86400000 FROM exchanges WHERE kind = 'llm' ORDER BY id", "960 990 997 1000 "},
      {"SELECT sha256 FROM bodies ORDER BY sha256", "body4 body5 "},
      {"SELECT id FROM runs ORDER BY id", "2 3 4 5 "},
      {"SELECT run_id FROM failures ORDER BY 1", "3 4 5 "},
      {"SELECT run_id FROM drops ORDER BY 1", "3 4 5 "},
      {"SELECT id FROM items ORDER BY id", "passed2 passed3 passed4 passed5 told1 told2 told3 told4 told5 "},
      {"SELECT id FROM items WHERE text = '' AND author = '' AND title = 'A title'", "told1 "},
      {"SELECT id FROM stories ORDER BY id", "P2 P3 P4 P5 T1 T2 T3 T4 T5 "},
      {"SELECT story_id FROM scores ORDER BY 1", "P2 P3 P4 P5 T1 T2 T3 T4 T5 "},
      {"SELECT sha256 FROM evidence ORDER BY 1", "c4 c5 p4 p5 t1 t2 t3 t4 t5 "},
      {"SELECT slug FROM articles ORDER BY 1", "s1 s2 s3 s4 s5 "},
      {"SELECT run_id FROM engagement WHERE item_id = 'told1' ORDER BY 1", "3 4 5 "},
  };
  g_autoptr(GError) error = NULL;
  fill(fixture->store);
  g_assert_true(prune_is_due(fixture->store, NOW_MS, NULL));
  g_free(prune_run(fixture->store, NOW_MS, false, &error));
  g_assert_no_error(error);
  g_assert_false(prune_is_due(fixture->store, NOW_MS, &error) || error != NULL);
  g_assert_true(prune_is_due(fixture->store, NOW_MS + 6 * DAY_MS, NULL));
  for (gsize i = 0; i < G_N_ELEMENTS(CASES); i++) {
    g_autofree char *rows = left(fixture->store, CASES[i][0]);
    if (strcmp(rows, CASES[i][1]) != 0)
      g_error("%s: %s, expected %s", CASES[i][0], rows, CASES[i][1]);
  }
  g_autofree PruneCount *again = prune_run(fixture->store, NOW_MS, false, &error);
  for (const PruneCount *count = again; count->name != NULL; count++) {
    g_assert_cmpint(count->removed, ==, 0);
    g_assert_nonnull(count->what);
  }
  g_assert_true(prune_compact(fixture->store, &error));
  g_assert_true(store_check(fixture->store, &error));
}

/* One member that is still seen keeps its whole story; what money was spent on keeps its run; an alias its survivor. */
static void
test_what_keeps_what(Fixture *fixture, gconstpointer data)
{
  (void) data;
  fill(fixture->store);
  execute(
      fixture->store,
      "INSERT INTO items SELECT 'young', source, url, canonical_url, title, text, author, language, published_ms, links,"
      " extra, 1, 5, 1 FROM items WHERE id = 'passed1';"
      "INSERT INTO members VALUES('young', 'P1', 5, 1, 'url', NULL);"
      "INSERT INTO ledger(run_id, job, stage, provider, model, purpose, input_tokens, output_tokens, reserved, charged, state)"
      " VALUES(1, 'j', 's', 'p', 'm', 'u', 1, 1, 1, 1, 'answered');");
  g_autofree PruneCount *counts = prune_run(fixture->store, NOW_MS, false, NULL);
  g_assert_nonnull(counts);
  g_autofree char *items = left(fixture->store, "SELECT id FROM items WHERE id IN ('young', 'passed1') ORDER BY id");
  g_assert_cmpstr(items, ==, "passed1 young ");
  g_autofree char *runs = left(fixture->store, "SELECT id FROM runs WHERE id = 1");
  g_assert_cmpstr(runs, ==, "1 ");
}

/* A run that was stopped asks for its replies when it is continued, however old they are. */
static void
test_replies_of_an_unfinished_run_stay(Fixture *fixture, gconstpointer data)
{
  (void) data;
  fill(fixture->store);
  execute(fixture->store, "UPDATE runs SET state = 'running' WHERE id = 3");
  g_autofree PruneCount *counts = prune_run(fixture->store, NOW_MS, false, NULL);
  g_assert_nonnull(counts);
  g_autofree char *bodies = left(fixture->store, "SELECT sha256 FROM bodies ORDER BY sha256");
  g_assert_cmpstr(bodies, ==, "body3 body4 body5 ");
}

/* Which stories are to be written is told by the last run that wrote any: without it all were written anew. */
static void
test_no_story_is_to_be_written_again(Fixture *fixture, gconstpointer data)
{
  (void) data;
  g_autoptr(GError) error = NULL;
  fill(fixture->store);
  g_free(prune_run(fixture->store, NOW_MS + 1000 * DAY_MS, false, &error));
  g_assert_no_error(error);
  g_autofree char *runs = left(fixture->store, "SELECT id FROM runs");
  g_assert_cmpstr(runs, ==, "5 ");
  g_autoptr(GPtrArray) ids = stories_to_write(fixture->store, 6, 0, 100, &error);
  g_assert_no_error(error);
  g_assert_cmpuint(ids->len, ==, 0);
}

/* A story that was scored since the last writing will be written from its pages. */
static void
test_pages_of_what_waits_to_be_written_stay(Fixture *fixture, gconstpointer data)
{
  (void) data;
  fill(fixture->store);
  execute(fixture->store, "DELETE FROM stages WHERE run_id > 2");
  g_autofree PruneCount *counts = prune_run(fixture->store, NOW_MS, false, NULL);
  g_assert_nonnull(counts);
  g_autofree char *texts = left(fixture->store, "SELECT sha256 FROM evidence WHERE sha256 LIKE 'p%' ORDER BY 1");
  g_assert_cmpstr(texts, ==, "p3 p4 p5 ");
}

static void
test_a_trial_removes_nothing(Fixture *fixture, gconstpointer data)
{
  (void) data;
  fill(fixture->store);
  int64_t removed = 0;
  g_autofree PruneCount *counts = prune_run(fixture->store, NOW_MS, true, NULL);
  for (const PruneCount *count = counts; count->name != NULL; count++)
    removed += count->removed;
  g_assert_cmpint(removed, >, 10);
  g_autofree char *items = left(fixture->store, "SELECT count(*) FROM items");
  g_assert_cmpstr(items, ==, "10 ");
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add("/prune/what-stays", Fixture, NULL, set_up, test_what_stays, tear_down);
  g_test_add("/prune/what-keeps-what", Fixture, NULL, set_up, test_what_keeps_what, tear_down);
  g_test_add("/prune/replies-of-an-unfinished-run-stay", Fixture, NULL, set_up, test_replies_of_an_unfinished_run_stay,
             tear_down);
  g_test_add("/prune/no-story-is-to-be-written-again", Fixture, NULL, set_up, test_no_story_is_to_be_written_again, tear_down);
  g_test_add("/prune/pages-of-what-waits-to-be-written-stay", Fixture, NULL, set_up,
             test_pages_of_what_waits_to_be_written_stay, tear_down);
  g_test_add("/prune/a-trial-removes-nothing", Fixture, NULL, set_up, test_a_trial_removes_nothing, tear_down);
  return g_test_run();
}
