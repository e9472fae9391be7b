#include "store/articles.h"

#include "store-fixture.h"

#include "base/error.h"
#include "store/rows.h"
#include "store/stories.h"

#include <string.h>

static void
add_revision(Store *store, const char *story_id, int64_t revision, const char *state)
{
  g_autoptr(GError) error = NULL;
  g_autofree char *slug = g_strconcat("slug-", story_id, NULL);
  g_autofree char *headline = g_strdup_printf("Revision %d", (int) revision);
  const ArticleRow row = {
      .story_id = (char *) story_id,
      .revision = revision,
      .slug = slug,
      .state = (char *) state,
      .kind = (char *) "brief",
      .headline = headline,
      .document = (char *) "{}",
      .created_ms = revision * 10,
  };
  if (revision == 1)
    g_assert_true(stories_add(store, story_id, 1, "hn:1", &error));
  g_assert_true(articles_add(store, revision, &row, &error));
  g_assert_no_error(error);
}

/* @states: a letter a revision: published, held, hidden ("x") or withdrawn */
static void
add_article(Store *store, const char *story_id, const char *states)
{
  for (size_t i = 0; states[i] != '\0'; i++) {
    const char *state = states[i] == 'p' ? "published" : states[i] == 'h' ? "held" : states[i] == 'x' ? "hidden" : "withdrawn";
    add_revision(store, story_id, (int64_t) i + 1, state);
  }
}

/* The revision that the site knows, as "2 published"; "none" when there is none. */
static char *
latest(Store *store, const char *story_id)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GPtrArray) rows = articles_latest(store, &error);
  g_assert_no_error(error);
  for (guint i = 0; i < rows->len; i++) {
    const ArticleRow *row = g_ptr_array_index(rows, i);
    if (!g_str_equal(row->story_id, story_id))
      continue;
    g_autoptr(ArticleRow) alone = articles_shown(store, story_id, &error);
    g_assert_no_error(error);
    g_assert_cmpint(alone->revision, ==, row->revision);
    return g_strdup_printf("%d %s", (int) row->revision, row->state);
  }
  g_assert_null(articles_shown(store, story_id, &error));
  g_assert_no_error(error);
  return g_strdup("none");
}

/* @after: what the site knows then; @refusal: (nullable): a word of why the order is refused */
typedef struct {
  const char *states;
  ArticleOrder order;
  bool is_changed;
  const char *after;
  const char *refusal;
} Case;

static const Case CASES[] = {
    {"p", ARTICLE_HIDE, true, "1 hidden", NULL},
    {"pp", ARTICLE_HIDE, true, "2 hidden", NULL},
    {"ph", ARTICLE_HIDE, true, "2 hidden", NULL},
    {"h", ARTICLE_HIDE, true, "1 hidden", NULL},
    {"x", ARTICLE_HIDE, false, "1 hidden", NULL},
    {"px", ARTICLE_HIDE, false, "2 hidden", NULL},
    {"w", ARTICLE_HIDE, false, "1 withdrawn", NULL},
    {"x", ARTICLE_SHOW, true, "1 published", NULL},
    {"xx", ARTICLE_SHOW, true, "2 published", NULL},
    {"p", ARTICLE_SHOW, false, "1 published", NULL},
    {"ph", ARTICLE_SHOW, false, "1 published", NULL},
    {"h", ARTICLE_SHOW, false, "none", "waits to be approved"},
    {"w", ARTICLE_SHOW, false, "1 withdrawn", "took back"},
    {"h", ARTICLE_APPROVE, true, "1 published", NULL},
    {"hhh", ARTICLE_APPROVE, true, "3 published", NULL},
    {"phh", ARTICLE_APPROVE, true, "3 published", NULL},
    {"p", ARTICLE_APPROVE, false, "1 published", NULL},
    {"x", ARTICLE_APPROVE, false, "1 hidden", "it is hidden"},
    {"hp", ARTICLE_APPROVE, false, "2 published", NULL},
    {"hp", ARTICLE_HIDE, true, "2 hidden", NULL},
    {"wh", ARTICLE_APPROVE, true, "2 published", NULL},
    {"wh", ARTICLE_SHOW, false, "1 withdrawn", "took back"},
    {"ww", ARTICLE_APPROVE, false, "2 withdrawn", "took back"},
};

static void
test_states(Fixture *fixture, gconstpointer data)
{
  const Case *one = data;
  g_autoptr(GError) error = NULL;
  bool is_changed = true;
  add_article(fixture->store, "a", one->states);
  add_article(fixture->store, "b", one->states);
  g_autofree char *before = latest(fixture->store, "b");
  bool is_done = articles_set_state(fixture->store, "slug-a", one->order, &is_changed, &error);
  g_assert_true(is_done == (one->refusal == NULL));
  if (is_done)
    g_assert_true(is_changed == one->is_changed);
  else {
    g_assert_true(error_is(error, ERROR_REJECTED));
    g_assert_nonnull(strstr(error->message, one->refusal));
  }
  g_autofree char *after = latest(fixture->store, "a");
  g_autofree char *other = latest(fixture->store, "b");
  g_assert_cmpstr(after, ==, one->after);
  g_assert_cmpstr(other, ==, before);
}

static void
test_list_says_what_the_site_shows(Fixture *fixture, gconstpointer data)
{
  (void) data;
  static const struct {
    const char *slug;
    const char *headline;
    const char *state;
    int held;
  } WANTED[] = {
      {"slug-a", "Revision 3", "published", 2}, {"slug-b", "Revision 2", "hidden", 0},
      {"slug-e", "Revision 2", "published", 0}, {"slug-c", "Revision 1", "held", 1},
      {"slug-d", "Revision 1", "withdrawn", 0},
  };
  static const char *const STATES[][2] = {{"a", "phh"}, {"b", "px"}, {"c", "h"}, {"d", "w"}, {"e", "hp"}};
  for (size_t i = 0; i < G_N_ELEMENTS(STATES); i++)
    add_article(fixture->store, STATES[i][0], STATES[i][1]);
  g_assert_true(store_execute(fixture->store, "INSERT INTO scores VALUES('a', 1, 0.5, NULL, '', '', 0, '{}')", NULL));
  g_autoptr(GPtrArray) lines = articles_list(fixture->store, NULL);
  g_assert_cmpuint(lines->len, ==, G_N_ELEMENTS(WANTED));
  for (size_t i = 0; i < G_N_ELEMENTS(WANTED); i++) {
    const ArticleLine *line = g_ptr_array_index(lines, i);
    g_autoptr(ArticleLine) alone = articles_line(fixture->store, WANTED[i].slug, NULL);
    g_assert_cmpstr(line->slug, ==, WANTED[i].slug);
    g_assert_cmpstr(line->headline, ==, WANTED[i].headline);
    g_assert_cmpstr(line->state, ==, WANTED[i].state);
    g_assert_cmpint(line->held, ==, WANTED[i].held);
    g_assert_cmpstr(alone->state, ==, line->state);
    g_assert_cmpint(alone->held, ==, line->held);
    g_assert_cmpfloat_with_epsilon(line->score, i == 0 ? 0.5 : 0, 1e-9);
  }
  g_assert_cmpint(articles_count_held(fixture->store, NULL), ==, 2);
  g_autoptr(GError) error = NULL;
  g_assert_null(articles_line(fixture->store, "slug-f", &error));
  g_assert_no_error(error);
}

/* The page on disk is that of what was shown; once a held revision is approved it must still be known as ours. */
static void
test_a_held_revision_knows_the_page_it_replaces(Fixture *fixture, gconstpointer data)
{
  (void) data;
  g_autoptr(GError) error = NULL;
  add_article(fixture->store, "a", "ph");
  g_autoptr(GPtrArray) rows = articles_latest(fixture->store, &error);
  const ArticleRow *shown = g_ptr_array_index(rows, 0);
  g_assert_cmpint(shown->revision, ==, 1);
  g_assert_true(articles_announce_page(fixture->store, shown, NULL, "page", &error));
  g_assert_true(articles_confirm_page(fixture->store, shown, &error));
  bool is_changed = false;
  g_assert_true(articles_set_state(fixture->store, "slug-a", ARTICLE_APPROVE, &is_changed, &error));
  g_assert_no_error(error);
  g_autoptr(ArticleRow) approved = articles_of_story(fixture->store, "a", &error);
  g_assert_cmpint(approved->revision, ==, 2);
  g_assert_cmpstr(approved->state, ==, "published");
  g_assert_cmpstr(approved->page_sha256, ==, "page");
  g_assert_null(approved->page_next_sha256);
}

int
main(int argc, char **argv)
{
  static const char *const ORDERS[] = {"hide", "show", "approve"};
  g_test_init(&argc, &argv, NULL);
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    g_autofree char *path = g_strdup_printf("/articles/%s/%s", ORDERS[CASES[i].order], CASES[i].states);
    g_test_add(path, Fixture, &CASES[i], set_up, test_states, tear_down);
  }
  g_test_add("/articles/list-says-what-the-site-shows", Fixture, NULL, set_up, test_list_says_what_the_site_shows, tear_down);
  g_test_add("/articles/a-held-revision-knows-the-page-it-replaces", Fixture, NULL, set_up,
             test_a_held_revision_knows_the_page_it_replaces, tear_down);
  return g_test_run();
}
