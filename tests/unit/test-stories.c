#include "store/rows.h"
#include "store/stories.h"

#include "store-fixture.h"

#include "os/file.h"
#include "store/items.h"
#include "store/runs.h"

#include <math.h>

enum { RUN_ID = 1 };

/*
 * @updated_ms: of its story
 * @is_wanted: by a look for what is of 100 or later, or about https://e.org/x or /y
 */
typedef struct {
  const char *id;
  const char *url;
  int64_t published_ms;
  int64_t updated_ms;
  bool is_wanted;
} Member;

static const Member MEMBERS[] = {
    {"a:published", NULL, 100, 50, true},
    {"b:updated", NULL, 99, 100, true},
    {"c:both", "https://e.org/x", 200, 200, true},
    {"d:linked", "https://e.org/x", 1, 2, true},
    {"e:linked", "https://e.org/y", -5, 2, true},
    {"f:old", "https://e.org/z", 99, 99, false},
    {"g:old", NULL, 0, 1, false},
};

static void
keep(Store *store, const Member *member)
{
  g_autoptr(Item) item = item_new();
  char **const texts[] = {&item->id, &item->source, &item->title, &item->text, &item->language};
  for (guint i = 0; i < G_N_ELEMENTS(texts); i++) {
    g_free(*texts[i]);
    *texts[i] = g_strdup_printf("%s%u", member->id, i);
  }
  item->canonical_url = g_strdup(member->url);
  item->published_ms = member->published_ms;
  ItemChange change = ITEM_SAME;
  g_autofree char *story = g_strdup_printf("story of %s", member->id);
  const MemberRow row = {.item_id = item->id, .story_id = story, .probability = 1, .rule = "founded", .features = "{}"};
  g_assert_true(items_merge(store, RUN_ID, item, &change, NULL));
  g_assert_true(stories_add(store, story, 7, item->id, NULL));
  g_assert_true(stories_add_member(store, RUN_ID, member->updated_ms, &row, NULL));
}

static void
test_known_are_recent_or_linked(Fixture *fixture, gconstpointer data)
{
  (void) data;
  for (guint i = G_N_ELEMENTS(MEMBERS); i > 0; i--)
    keep(fixture->store, &MEMBERS[i - 1]);
  g_autoptr(GPtrArray) urls = g_ptr_array_new();
  g_ptr_array_add(urls, (char *) "https://e.org/y");
  g_ptr_array_add(urls, (char *) "https://e.org/x");
  g_autoptr(GError) error = NULL;
  g_autoptr(GPtrArray) known = stories_known(fixture->store, 100, urls, &error);
  g_assert_no_error(error);

  guint at = 0;
  for (guint i = 0; i < G_N_ELEMENTS(MEMBERS); i++) {
    if (!MEMBERS[i].is_wanted)
      continue;
    g_assert_cmpuint(at, <, known->len);
    const KnownMember *member = g_ptr_array_index(known, at++);
    const char *const texts[] = {member->item->id, member->item->source, member->item->title, member->item->text,
                                 member->item->language};
    for (guint j = 0; j < G_N_ELEMENTS(texts); j++) {
      g_autofree char *expected = g_strdup_printf("%s%u", MEMBERS[i].id, j);
      g_assert_cmpstr(texts[j], ==, expected);
    }
    g_autofree char *story = g_strdup_printf("story of %s", MEMBERS[i].id);
    g_assert_cmpstr(member->story_id, ==, story);
    g_assert_cmpstr(member->item->canonical_url, ==, MEMBERS[i].url);
    g_assert_cmpint(member->item->published_ms, ==, MEMBERS[i].published_ms);
    g_assert_cmpint(member->founded_ms, ==, 7);
  }
  g_assert_cmpuint(at, ==, known->len);
}

#define MS_A_DAY INT64_C(86400000)

static void
add_score(Store *store, int64_t run_id, const char *story, double given, bool is_provisional)
{
  const ScoreRow row = {.story_id = story,
                        .predicted = 0.25,
                        .given = given,
                        .reason = "r",
                        .provider = "p",
                        .is_provisional = is_provisional,
                        .features = "{}"};
  g_assert_true(stories_add_score(store, run_id, &row, NULL));
}

static char *
join(GPtrArray *ids)
{
  g_ptr_array_add(ids, NULL);
  char *joined = g_strjoinv(" ", (char **) ids->pdata);
  g_ptr_array_unref(ids);
  return joined;
}

/* A story whose language model failed comes back for three days; one that has its score does not. */
static void
test_provisional_come_back(Fixture *fixture, gconstpointer data)
{
  (void) data;
  Store *store = fixture->store;
  keep(store, &MEMBERS[0]);
  keep(store, &MEMBERS[1]);
  add_score(store, RUN_ID, "story of a:published", NAN, true);
  add_score(store, RUN_ID, "story of b:updated", 0.5, false);
  const int64_t last_ms = MEMBERS[0].updated_ms + 3 * MS_A_DAY;
  g_autofree char *young = join(stories_to_enrich(store, last_ms, NULL));
  g_assert_cmpstr(young, ==, "story of a:published");
  g_autofree char *old = join(stories_to_enrich(store, last_ms + 1, NULL));
  g_assert_cmpstr(old, ==, "");
  add_score(store, RUN_ID + 1, "story of a:published", 0.5, false);
  g_autofree char *given = join(stories_to_enrich(store, last_ms, NULL));
  g_assert_cmpstr(given, ==, "");
}

/* What a language model gave ranks before what our own model predicted. */
static void
test_given_ranks(Fixture *fixture, gconstpointer data)
{
  (void) data;
  Store *store = fixture->store;
  static const double GIVEN[] = {0.75, NAN, 0.125, 1};
  for (guint i = 0; i < G_N_ELEMENTS(GIVEN); i++) {
    g_autofree char *story = g_strdup_printf("story of %s", MEMBERS[i].id);
    keep(store, &MEMBERS[i]);
    add_score(store, RUN_ID, story, GIVEN[i], false);
  }
  g_autofree char *ranked = join(stories_to_write(store, RUN_ID, 0.2, 9, NULL));
  g_assert_cmpstr(ranked, ==, "story of d:linked story of a:published story of b:updated");
  double score = NAN;
  g_assert_true(stories_score(store, "story of c:both", &score, NULL, NULL));
  g_assert_cmpfloat(score, ==, 0.125);
  g_assert_true(stories_score(store, "story of b:updated", &score, NULL, NULL));
  g_assert_cmpfloat(score, ==, 0.25);
}

static Evidence *
make_evidence(const char *url, const char *text)
{
  Evidence *evidence = g_new0(Evidence, 1);
  *evidence = (Evidence){.sha256 = g_strdup(text),
                         .url = g_strdup(url),
                         .title = g_strdup(""),
                         .site_name = g_strdup(""),
                         .text = g_strdup(text),
                         .fetched_ms = 9};
  return evidence;
}

/* Who asks for pages gets no opinions. */
static void
test_comments_are_no_pages(Fixture *fixture, gconstpointer data)
{
  (void) data;
  g_assert_true(stories_add(fixture->store, "s", 7, "item", NULL));
  g_autoptr(GPtrArray) pages = g_ptr_array_new_with_free_func((GDestroyNotify) evidence_free);
  g_autoptr(GPtrArray) comments = g_ptr_array_new_with_free_func((GDestroyNotify) evidence_free);
  g_ptr_array_add(pages, make_evidence("https://a.example/", "fact"));
  g_ptr_array_add(comments, make_evidence("https://b.example/1", "opinion"));
  g_ptr_array_add(comments, make_evidence("https://b.example/2", "other opinion"));
  for (int i = 0; i < 2; i++)
    g_assert_true(stories_set_evidence(fixture->store, "s", pages, comments, NULL));
  g_autoptr(GPtrArray) read = stories_evidence(fixture->store, "s", NULL);
  g_assert_cmpuint(read->len, ==, 1);
  g_assert_cmpstr(((const Evidence *) read->pdata[0])->text, ==, "fact");
  Rows *said = store_select(fixture->store, "SELECT url FROM story_evidence WHERE kind = 'comment' ORDER BY rank", "");
  g_assert_true(rows_next(said));
  g_assert_cmpstr(rows_text(said, 0), ==, "https://b.example/1");
  g_assert_true(rows_next(said));
  g_assert_cmpstr(rows_text(said, 0), ==, "https://b.example/2");
  g_assert_false(rows_next(said));
  g_assert_true(rows_end(said, NULL));
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add("/stories/known-are-recent-or-linked", Fixture, NULL, set_up, test_known_are_recent_or_linked, tear_down);
  g_test_add("/stories/provisional-come-back", Fixture, NULL, set_up, test_provisional_come_back, tear_down);
  g_test_add("/stories/comments-are-no-pages", Fixture, NULL, set_up, test_comments_are_no_pages, tear_down);
  g_test_add("/stories/given-ranks", Fixture, NULL, set_up, test_given_ranks, tear_down);
  return g_test_run();
}
