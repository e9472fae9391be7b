#include "store/regroup.h"

#include "store-fixture.h"

#include "base/digest.h"
#include "store/articles.h"
#include "store/corrections.h"
#include "store/items.h"
#include "store/rows.h"
#include "store/runs.h"

#include <math.h>
#include <string.h>

enum { RUN_ID = 1, NOW_MS = 5000 };

static void
assert_text(const Fixture *fixture, const char *sql, const char *expected)
{
  Rows *rows = store_select(fixture->store, sql, "");
  g_assert_true(rows_next(rows));
  g_assert_cmpstr(rows_text(rows, 0), ==, expected);
  g_assert_true(rows_end(rows, NULL));
}

static void
execute(const Fixture *fixture, const char *sql)
{
  g_autoptr(GError) error = NULL;
  store_execute(fixture->store, sql, &error);
  g_assert_no_error(error);
}

/* A story with one post for each letter of @posts, published one after the other, and scored. */
static void
keep(const Fixture *fixture, const char *story, int64_t founded_ms, const char *posts)
{
  g_autofree char *lead = g_strndup(posts, 1);
  g_assert_true(stories_add(fixture->store, story, founded_ms, lead, NULL));
  for (const char *post = posts; *post != '\0'; post++) {
    g_autoptr(Item) item = item_new();
    g_free(item->id);
    item->id = g_strndup(post, 1);
    g_free(item->title);
    item->title = g_strdup_printf("Title of %c", *post);
    item->published_ms = 1000 + (post - posts);
    ItemChange change = ITEM_SAME;
    g_assert_true(items_merge(fixture->store, RUN_ID, item, &change, NULL));
    const MemberRow row = {.item_id = item->id,
                           .story_id = story,
                           .probability = 1,
                           .rule = post == posts ? "founded" : "link",
                           .features = post == posts ? "{}" : "{\"nearest\":\"x\"}"};
    g_assert_true(stories_add_member(fixture->store, RUN_ID, founded_ms, &row, NULL));
  }
  const ScoreRow score = {.story_id = story, .predicted = 0.5, .given = NAN, .reason = "", .provider = "p", .features = "{}"};
  g_assert_true(stories_add_score(fixture->store, RUN_ID, &score, NULL));
}

static void
merge(const Fixture *fixture, const char *gone, const char *into, const char *item)
{
  g_autoptr(GError) error = NULL;
  const MemberRow joined = {
      .item_id = item, .story_id = into, .probability = 0.5, .rule = "text", .features = "{\"nearest\":\"a\"}"};
  g_assert_true(stories_merge(fixture->store, gone, &joined, NOW_MS, &error));
  g_assert_no_error(error);
}

#define MEMBERS "SELECT group_concat(item_id || story_id || ' ' || rule) FROM (SELECT * FROM members ORDER BY item_id)"

static void
test_members_move_to_the_survivor(Fixture *fixture, gconstpointer data)
{
  (void) data;
  keep(fixture, "A", 1, "ab");
  keep(fixture, "B", 2, "cd");
  keep(fixture, "C", 3, "e");
  merge(fixture, "C", "B", "e");
  merge(fixture, "B", "A", "d");
  assert_text(fixture, MEMBERS, "aA founded,bA link,cA founded,dA text,eA text");
  assert_text(fixture,
              "SELECT group_concat(features, ' ') FROM (SELECT features FROM members WHERE item_id > 'b' ORDER BY item_id)",
              "{\"story\":\"B\"} {\"nearest\":\"a\",\"story\":\"B\"} {\"nearest\":\"a\",\"story\":\"C\"}");
  assert_text(fixture, "SELECT group_concat(id || merged_into) FROM stories WHERE merged_into IS NOT NULL ORDER BY id",
              "BA,CA");
  g_autofree char *survivor = stories_survivor(fixture->store, "C", NULL);
  g_assert_cmpstr(survivor, ==, "A");
}

/* Also when nothing but the grouping is new, and once only. */
static void
test_who_is_concerned_is_enriched_again(Fixture *fixture, gconstpointer data)
{
  (void) data;
  keep(fixture, "A", 1, "ab");
  keep(fixture, "B", 2, "cd");
  keep(fixture, "C", 3, "e");
  merge(fixture, "B", "A", "c");
  g_autoptr(GPtrArray) ids = stories_to_enrich(fixture->store, NOW_MS, NULL);
  g_assert_cmpuint(ids->len, ==, 1);
  g_assert_cmpstr(ids->pdata[0], ==, "A");
  assert_text(fixture, "SELECT updated_ms FROM stories WHERE id = 'A'", "5000");
  const ScoreRow score = {.story_id = "A", .predicted = 0.5, .given = NAN, .reason = "", .provider = "p", .features = "{}"};
  g_assert_true(stories_add_score(fixture->store, RUN_ID + 1, &score, NULL));
  g_autoptr(GPtrArray) none = stories_to_enrich(fixture->store, NOW_MS, NULL);
  g_assert_cmpuint(none->len, ==, 0);
}

/*
 * @older, @younger: the states of the revisions of its article: p(ublished), h(eld), x (hidden), w(ithdrawn)
 * @after: the survivor's; @gone: of the other
 * @alias: the slug that leads to the survivor's page, "" for none
 */
typedef struct {
  const char *older;
  const char *younger;
  const char *after;
  const char *gone;
  const char *alias;
} ArticleCase;

static const ArticleCase ARTICLE_CASES[] = {
    {"", "", "", "", ""},
    {"p", "", "A p", "", ""},
    {"", "pp", "B pp", "", ""},
    {"", "h", "B h", "", ""},
    {"", "x", "B x", "", ""},
    {"p", "p", "A p", "B m", "B"},
    {"pp", "pph", "A pp", "B mmm", "B"},
    {"p", "h", "A p", "B m", ""},
    {"p", "x", "A p", "B x", ""},
    {"p", "w", "A p", "B w", ""},
    {"h", "p", "B p", "A m", ""},
    {"hh", "pph", "B pph", "A mm", ""},
    {"x", "pp", "B pp", "A x", ""},
    {"x", "h", "A x", "B m", ""},
};

static const char *
state_of(char letter)
{
  return letter == 'p' ? "published" : letter == 'h' ? "held" : letter == 'x' ? "hidden" : "withdrawn";
}

static void
keep_article(const Fixture *fixture, const char *story, const char *states)
{
  for (int64_t i = 0; states[i] != '\0'; i++) {
    const ArticleRow row = {.story_id = (char *) story,
                            .revision = i + 1,
                            .slug = (char *) story,
                            .state = (char *) state_of(states[i]),
                            .kind = (char *) "brief",
                            .headline = (char *) "",
                            .document = (char *) "{}"};
    g_assert_true(articles_add(fixture->store, RUN_ID, &row, NULL));
    if (states[i] != 'h')
      g_assert_true(articles_announce_page(fixture->store, &row, NULL, "digest", NULL));
  }
}

static char *
describe_article(const Fixture *fixture, const char *story)
{
  g_autoptr(GString) text = g_string_new(NULL);
  Rows *rows = store_select(fixture->store,
                            "SELECT slug, group_concat(iif(state = 'hidden', 'x', substr(state, 1, 1)), '') FROM (SELECT * FROM"
                            " articles WHERE story_id = ?1 ORDER BY revision) GROUP BY slug",
                            "s", story);
  while (rows_next(rows))
    g_string_append_printf(text, "%s%s %s", text->len > 0 ? ", " : "", rows_text(rows, 0), rows_text(rows, 1));
  g_assert_true(rows_end(rows, NULL));
  return g_string_free(g_steal_pointer(&text), false);
}

static void
test_one_article_tells_of_both(Fixture *fixture, gconstpointer data)
{
  (void) data;
  keep(fixture, "A", 1, "ab");
  keep(fixture, "B", 2, "cd");
  for (size_t i = 0; i < G_N_ELEMENTS(ARTICLE_CASES); i++) {
    const ArticleCase *test = &ARTICLE_CASES[i];
    g_test_message("%s and %s", test->older, test->younger);
    g_assert_true(store_begin(fixture->store, false, NULL));
    keep_article(fixture, "A", test->older);
    keep_article(fixture, "B", test->younger);
    merge(fixture, "B", "A", "c");
    g_autofree char *after = describe_article(fixture, "A");
    g_autofree char *gone = describe_article(fixture, "B");
    g_assert_cmpstr(after, ==, test->after);
    g_assert_cmpstr(gone, ==, test->gone);
    g_autoptr(GHashTable) aliases = articles_aliases(fixture->store, NULL);
    const GPtrArray *slugs = g_hash_table_lookup(aliases, "A");
    g_assert_cmpstr(slugs != NULL ? slugs->pdata[0] : "", ==, test->alias);
    store_rollback(fixture->store);
  }
}

/* Feeds know an article by the story it was first published for. */
static void
test_a_moved_article_keeps_what_it_is_known_by(Fixture *fixture, gconstpointer data)
{
  (void) data;
  keep(fixture, "A", 1, "a");
  keep(fixture, "B", 2, "b");
  keep_article(fixture, "B", "p");
  merge(fixture, "B", "A", "b");
  g_autoptr(ArticleRow) moved = articles_of_story(fixture->store, "A", NULL);
  g_assert_cmpstr(moved->told_as, ==, "B");
  moved->revision++;
  g_assert_true(articles_add(fixture->store, RUN_ID + 1, moved, NULL));
  g_autoptr(ArticleRow) revised = articles_of_story(fixture->store, "A", NULL);
  g_assert_cmpint(revised->revision, ==, 2);
  g_assert_cmpstr(revised->told_as, ==, "B");
}

static void
test_a_hidden_one_that_is_shown_again_becomes_an_alias(Fixture *fixture, gconstpointer data)
{
  (void) data;
  keep(fixture, "A", 1, "a");
  keep(fixture, "B", 2, "b");
  keep_article(fixture, "A", "p");
  keep_article(fixture, "B", "x");
  merge(fixture, "B", "A", "b");
  bool is_changed = false;
  g_assert_true(articles_set_state(fixture->store, "B", ARTICLE_SHOW, &is_changed, NULL));
  g_assert_true(is_changed);
  g_autofree char *gone = describe_article(fixture, "B");
  g_assert_cmpstr(gone, ==, "B m");
  g_assert_true(articles_set_state(fixture->store, "B", ARTICLE_HIDE, &is_changed, NULL));
  g_assert_true(is_changed);
}

static char *
split(const Fixture *fixture, const char *story, const char *posts)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GPtrArray) items = g_ptr_array_new_with_free_func(g_free);
  for (; *posts != '\0'; posts++)
    g_ptr_array_add(items, g_strndup(posts, 1));
  g_assert_true(corrections_split(fixture->store, story, items, NOW_MS, &error));
  char *id = stories_split(fixture->store, story, items, NOW_MS, &error);
  g_assert_no_error(error);
  return id;
}

static char *
id_of(const char *name)
{
  char *id = digest_sha256(name, strlen(name));
  id[16] = '\0';
  return id;
}

#define CORRECTIONS                                                                                                            \
  "SELECT group_concat(item_a || iif(kind = 'must', '=', '!') || item_b || made_ms, ' ') FROM"                                 \
  " (SELECT * FROM corrections ORDER BY item_a, item_b)"

static void
test_split(Fixture *fixture, gconstpointer data)
{
  (void) data;
  keep(fixture, "A", 1, "abcd");
  g_autofree char *id = split(fixture, "A", "ca");
  g_autofree char *expected = id_of("1000 a");
  g_assert_cmpstr(id, ==, expected);
  assert_text(fixture, "SELECT group_concat(rule || iif(story_id = 'A', 1, 2)) FROM (SELECT * FROM members ORDER BY item_id)",
              "founded2,founded1,correction2,correction1");
  assert_text(fixture, "SELECT group_concat(lead_item) FROM (SELECT lead_item FROM stories ORDER BY id = 'A' DESC)", "b,a");
  assert_text(fixture, CORRECTIONS, "a!b5000 a=c5000 a!d5000 b!c5000 c!d5000");
  g_autoptr(GPtrArray) ids = stories_to_enrich(fixture->store, NOW_MS, NULL);
  g_assert_cmpuint(ids->len, ==, 2);
}

/* The id is that of the founder's time: the first run's now where it is missing or was to come; taken ones are passed over. */
static void
test_the_id_of_a_split_story(Fixture *fixture, gconstpointer data)
{
  (void) data;
  static const struct {
    int64_t published_ms;
    const char *name;
  } CASES[] = {{1500, "1500 b"}, {0, "3000 b"}, {3001, "3000 b"}, {-7, "-7 b"}};
  keep(fixture, "A", 1, "ab");
  execute(fixture,
          "INSERT INTO runs(id, command, now_ms, config_sha256, version, state, started_ms) VALUES(1, 'run', 3000, '', '',"
          " 'finished', 0)");
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    g_assert_true(store_begin(fixture->store, false, NULL));
    g_assert_true(
        store_run(fixture->store, NULL, "UPDATE items SET published_ms = ?1 WHERE id = 'b'", "i", CASES[i].published_ms));
    g_autofree char *id = split(fixture, "A", "b");
    g_autofree char *expected = id_of(CASES[i].name);
    g_assert_cmpstr(id, ==, expected);
    store_rollback(fixture->store);
  }
  g_autofree char *taken = id_of("1001 b");
  g_autofree char *next = id_of("1001 b 2");
  keep(fixture, taken, 1, "z");
  g_autofree char *id = split(fixture, "A", "b");
  g_assert_cmpstr(id, ==, next);
}

/* What was said against a merge of two members turns round; the newest is newest also when the clock goes back. */
static void
test_what_is_said_later_wins(Fixture *fixture, gconstpointer data)
{
  (void) data;
  keep(fixture, "A", 1, "abc");
  g_autofree char *other = split(fixture, "A", "c");
  assert_text(fixture, CORRECTIONS, "a!c5000 b!c5000");
  g_assert_true(corrections_merge(fixture->store, other, "A", 10, NULL));
  assert_text(fixture, CORRECTIONS, "a=c5002 b=c5001");
  g_assert_cmpint(corrections_forget(fixture->store, "c", "b", NULL), ==, 1);
  g_assert_cmpint(corrections_forget(fixture->store, "b", NULL, NULL), ==, 0);
  g_assert_cmpint(corrections_forget(fixture->store, "a", NULL, NULL), ==, 1);
  g_autoptr(GPtrArray) none = corrections_list(fixture->store, NULL);
  g_assert_cmpuint(none->len, ==, 0);
}

static void
test_list(Fixture *fixture, gconstpointer data)
{
  (void) data;
  keep(fixture, "A", 1, "ab");
  execute(fixture, "INSERT INTO corrections VALUES('a', 'z', 'must', 7), ('a', 'b', 'must_not', 9)");
  g_autoptr(GPtrArray) list = corrections_list(fixture->store, NULL);
  g_assert_cmpuint(list->len, ==, 2);
  const CorrectionRow *newest = g_ptr_array_index(list, 0);
  const CorrectionRow *oldest = g_ptr_array_index(list, 1);
  g_assert_cmpstr(newest->title_b, ==, "Title of b");
  g_assert_false(newest->is_must);
  g_assert_true(oldest->is_must);
  g_assert_null(oldest->title_b);
}

/* A correction may concern a post that is neither young nor linked to: its story is known to grouping. */
static void
test_corrected_members_are_known(Fixture *fixture, gconstpointer data)
{
  (void) data;
  keep(fixture, "A", 1, "ab");
  execute(fixture, "INSERT INTO corrections VALUES('b', 'z', 'must', 7)");
  g_autoptr(GPtrArray) urls = g_ptr_array_new();
  g_autoptr(GPtrArray) known = stories_known(fixture->store, NOW_MS, urls, NULL);
  g_assert_cmpuint(known->len, ==, 1);
  g_assert_cmpstr(((const KnownMember *) g_ptr_array_index(known, 0))->item->id, ==, "b");
}

int
main(int argc, char **argv)
{
  static const struct {
    const char *name;
    void (*run)(Fixture *fixture, gconstpointer data);
  } TESTS[] = {
      {"/regroup/members-move-to-the-survivor", test_members_move_to_the_survivor},
      {"/regroup/who-is-concerned-is-enriched-again", test_who_is_concerned_is_enriched_again},
      {"/regroup/one-article-tells-of-both", test_one_article_tells_of_both},
      {"/regroup/a-moved-article-keeps-what-it-is-known-by", test_a_moved_article_keeps_what_it_is_known_by},
      {"/regroup/a-hidden-one-that-is-shown-again-becomes-an-alias", test_a_hidden_one_that_is_shown_again_becomes_an_alias},
      {"/regroup/split", test_split},
      {"/regroup/the-id-of-a-split-story", test_the_id_of_a_split_story},
      {"/regroup/what-is-said-later-wins", test_what_is_said_later_wins},
      {"/regroup/list", test_list},
      {"/regroup/corrected-members-are-known", test_corrected_members_are_known},
  };
  g_test_init(&argc, &argv, NULL);
  for (size_t i = 0; i < G_N_ELEMENTS(TESTS); i++)
    g_test_add(TESTS[i].name, Fixture, NULL, set_up, TESTS[i].run, tear_down);
  return g_test_run();
}
