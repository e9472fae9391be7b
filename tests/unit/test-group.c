#include "pipeline/stage.h"
#include "shipped-likeness.h"

#include "os/file.h"
#include "store/items.h"
#include "store/rows.h"

static const int64_t NOW_MS = 1800000000000;

typedef struct {
  char *folder;
  Store *store;
  Run *run;
} Fixture;

static void
set_up(Fixture *fixture, gconstpointer data)
{
  (void) data;
  g_autoptr(GError) error = NULL;
  fixture->folder = g_dir_make_tmp("courant-group-XXXXXX", NULL);
  fixture->store = store_open(fixture->folder, STORE_WRITE, &error);
  g_assert_no_error(error);
  const Run run = {.command = (char *) "run", .now_ms = NOW_MS, .config_sha256 = (char *) "", .version = (char *) "0"};
  fixture->run = runs_begin(fixture->store, &run, &error);
  g_assert_no_error(error);
}

static void
tear_down(Fixture *fixture, gconstpointer data)
{
  (void) data;
  run_free(fixture->run);
  store_free(fixture->store);
  g_assert_true(file_remove_tree(fixture->folder, NULL));
  g_free(fixture->folder);
}

static void
keep_linking(const Fixture *fixture, const char *id, const char *title, int64_t age_ms, const char *link)
{
  g_autoptr(Item) item = item_new();
  g_free(item->id);
  item->id = g_strdup(id);
  g_free(item->title);
  item->title = g_strdup(title);
  item->published_ms = NOW_MS - age_ms;
  g_free(item->author);
  item->author = g_strdup(id);
  if (link != NULL)
    item_add_link(item, link);
  ItemChange change = ITEM_SAME;
  g_assert_true(items_merge(fixture->store, fixture->run->id, item, &change, NULL));
}

static void
keep(const Fixture *fixture, const char *id, const char *title, int64_t age_ms)
{
  keep_linking(fixture, id, title, age_ms, NULL);
}

static void
group(const Fixture *fixture)
{
  static const Log LOG = {.level = LOG_ERROR};
  g_autofree char *families = read_shipped("families-en.txt");
  const Context context = {.background = shipped_background(),
                           .families = families,
                           .likeness = shipped_model(),
                           .store = fixture->store,
                           .run = fixture->run,
                           .log = &LOG};
  g_autoptr(GError) error = NULL;
  g_assert_true(group_run(&context, &error));
  g_assert_no_error(error);
}

static void
assert_text(const Fixture *fixture, const char *sql, const char *expected)
{
  Rows *rows = store_select(fixture->store, sql, "");
  g_assert_true(rows_next(rows));
  g_assert_cmpstr(rows_text(rows, 0), ==, expected);
  g_assert_true(rows_end(rows, NULL));
}

/* What a session did, and the post of its first example. */
#define COUNTS                                                                                                                 \
  "SELECT format('%d new, %d updated, %d joined, %d merged, %s', counts ->> '$.new_stories', counts ->> '$.updated_stories',"  \
  " counts ->> '$.duplicates', counts ->> '$.merged', counts ->> '$.examples[0].item') FROM stages WHERE name = 'group'"

/* The first by time leads, not the first by id. */
static void
test_the_founder_leads(Fixture *fixture, gconstpointer data)
{
  (void) data;
  keep(fixture, "hn:1", "Tiny electric motor outperforms the record holder", 1000);
  keep(fixture, "hn:2", "Electric motor, tiny, outperforms record holder", 3000);
  keep(fixture, "hn:3", "Pears", 2000);
  group(fixture);
  assert_text(fixture, "SELECT group_concat(lead_item) FROM (SELECT lead_item FROM stories ORDER BY lead_item)", "hn:2,hn:3");
  assert_text(fixture, COUNTS, "2 new, 0 updated, 1 joined, 0 merged, hn:1");
  assert_text(
      fixture,
      "SELECT json_array_length(features, '$.shared') FROM members WHERE item_id = 'hn:1' AND features ->> '$.nearest' = 'hn:2'"
      " AND features ->> '$.likeness.letters.contribution' > 0 AND features ->> '$.pair' > 0.5",
      "5");
}

/* What is kept of the joining is what joined. */
static void
test_a_link_is_told(Fixture *fixture, gconstpointer data)
{
  (void) data;
  keep_linking(fixture, "hn:1", "Apples are eaten by the zebras", 2000, "https://e.org/x");
  keep_linking(fixture, "hn:2", "The zebras like pears", 1000, "https://e.org/x");
  for (int i = 3; i < 20; i++) {
    g_autofree char *id = g_strdup_printf("hn:%d", i);
    g_autofree char *title = g_strdup_printf("word%d other%d third%d", i, i, i);
    keep_linking(fixture, id, title, 3000, "https://e.org/everywhere");
  }
  keep_linking(fixture, "hn:30", "Tiny electric motor outperforms the record holder", 2000, "https://e.org/everywhere");
  keep_linking(fixture, "hn:31", "Electric motor, tiny, outperforms record holder", 1000, "https://e.org/everywhere");
  group(fixture);
  assert_text(fixture,
              "SELECT features ->> '$.likeness.links.value' FROM members WHERE item_id = 'hn:2' AND features ->> '$.nearest' ="
              " 'hn:1' AND features ->> '$.pair' > 0.42",
              "0.5");
  assert_text(fixture,
              "SELECT coalesce(features ->> '$.likeness.links.value', 'none') FROM members WHERE item_id = 'hn:31' AND features"
              " ->> '$.nearest' = 'hn:30'",
              "none");
}

static void
test_known_stories_are_updated(Fixture *fixture, gconstpointer data)
{
  (void) data;
  keep(fixture, "hn:2", "Tiny electric motor outperforms the record holder", 1000);
  group(fixture);
  g_assert_true(store_run(fixture->store, NULL, "DELETE FROM stages", ""));
  keep(fixture, "hn:1", "Electric motor, tiny, outperforms record holder", 3000);
  group(fixture);
  assert_text(fixture, "SELECT group_concat(lead_item) FROM stories", "hn:2");
  assert_text(fixture, COUNTS, "0 new, 1 updated, 1 joined, 0 merged, hn:1");
}

static void
correct(const Fixture *fixture, const char *item_a, const char *item_b, const char *kind)
{
  g_assert_true(store_run(fixture->store, NULL, "INSERT INTO corrections VALUES(?1, ?2, ?3, 1)", "sss", item_a, item_b, kind));
  g_assert_true(store_run(fixture->store, NULL, "DELETE FROM stages", ""));
}

/* Also of two stories that there are, without anything new. */
static void
test_what_must_be_one_becomes_one(Fixture *fixture, gconstpointer data)
{
  (void) data;
  keep(fixture, "hn:1", "Tiny electric motor outperforms the record holder", 1000);
  keep(fixture, "hn:2", "Pears", 3000);
  group(fixture);
  correct(fixture, "hn:1", "hn:2", "must");
  group(fixture);
  assert_text(fixture, COUNTS, "0 new, 1 updated, 0 joined, 1 merged, ");
  assert_text(fixture, "SELECT count(*) FROM stories WHERE merged_into IS NOT NULL", "1");
  assert_text(fixture, "SELECT count(DISTINCT story_id) FROM members", "1");
  assert_text(fixture, "SELECT count(*) FROM members WHERE rule = 'correction' AND features ->> '$.story' <> story_id", "1");
  g_assert_true(store_run(fixture->store, NULL, "DELETE FROM stages", ""));
  group(fixture);
  assert_text(fixture, COUNTS, "0 new, 0 updated, 0 joined, 0 merged, ");
}

static void
test_what_must_not_be_one_stays_two(Fixture *fixture, gconstpointer data)
{
  (void) data;
  keep(fixture, "hn:2", "Tiny electric motor outperforms the record holder", 1000);
  group(fixture);
  correct(fixture, "hn:1", "hn:2", "must_not");
  keep(fixture, "hn:1", "Electric motor, tiny, outperforms record holder", 3000);
  group(fixture);
  assert_text(fixture, COUNTS, "1 new, 0 updated, 0 joined, 0 merged, ");
}

/* It is told with the post that it spoke of, and with the session. */
static void
test_what_is_learned_is_told(Fixture *fixture, gconstpointer data)
{
  (void) data;
  keep(fixture, "hn:2", "Tiny electric motor outperforms the record holder", 3000);
  group(fixture);
  correct(fixture, "hn:1", "hn:2", "must_not");
  keep(fixture, "hn:1", "Electric motor, tiny, outperforms record holder", 2000);
  keep(fixture, "hn:3", "The record holder outperformed: tiny electric motor", 1000);
  group(fixture);
  assert_text(fixture,
              "SELECT counts ->> '$.patterns[0].shift' || ' ' || (counts ->> '$.patterns[0].pairs' > 1) FROM stages"
              " WHERE name = 'group'",
              "-0.6 1");
  assert_text(fixture,
              "SELECT features ->> '$.learned.of[0]' || ' ' || (features ->> '$.learned.of[1]') || ' '"
              " || (features ->> '$.learned.confidence') FROM members WHERE item_id = 'hn:3'",
              "hn:1 hn:2 0.2");
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add("/group/the-founder-leads", Fixture, NULL, set_up, test_the_founder_leads, tear_down);
  g_test_add("/group/a-link-is-told", Fixture, NULL, set_up, test_a_link_is_told, tear_down);
  g_test_add("/group/known-stories-are-updated", Fixture, NULL, set_up, test_known_stories_are_updated, tear_down);
  g_test_add("/group/what-must-be-one-becomes-one", Fixture, NULL, set_up, test_what_must_be_one_becomes_one, tear_down);
  g_test_add("/group/what-must-not-be-one-stays-two", Fixture, NULL, set_up, test_what_must_not_be_one_stays_two, tear_down);
  g_test_add("/group/what-is-learned-is-told", Fixture, NULL, set_up, test_what_is_learned_is_told, tear_down);
  return g_test_run();
}
