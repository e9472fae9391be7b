#include "cluster-world.h"

#include <string.h>

/* Two new items, side by side: do they tell one story? */
static const struct {
  const char *why;
  Given a;
  Given b;
  bool is_same;
} PAIRS[] = {
    {"a shared link joins", {.url = "https://e.org/x", .title = "Apples"}, {.url = "https://e.org/x", .title = "Pears"}, true},
    {"http, www and a last slash are the same page",
     {.url = "https://e.org/x", .title = "Apples"},
     {.url = "http://www.e.org/x/", .title = "Pears"},
     true},
    {"a link joins at any age",
     {.url = "https://e.org/x", .title = "Apples", .hours = 9000},
     {.url = "https://e.org/x", .title = "Pears"},
     true},
    {"a home page is a hub", {.url = "https://e.org/", .title = "Apples"}, {.url = "https://e.org/", .title = "Pears"}, false},
    {"what one feed gives to two entries is a hub",
     {.source = "feed:e", .url = "https://e.org/log", .title = "Apples"},
     {.source = "feed:e", .url = "https://e.org/log", .title = "Pears"},
     false},
    {"two feeds may give one link",
     {.source = "feed:e", .url = "https://e.org/log", .title = "Apples"},
     {.source = "feed:f", .url = "https://e.org/log", .title = "Pears"},
     true},
    {"like titles join",
     {.url = "https://e.org/1", .title = "Tiny electric motor outperforms the record holder"},
     {.url = "https://f.org/2", .title = "Electric motor, tiny, outperforms record holder"},
     true},
    {"not when one is old",
     {.title = "Tiny electric motor outperforms the record holder", .hours = 15 * 24},
     {.title = "Electric motor, tiny, outperforms record holder"},
     false},
    {"but when both are",
     {.title = "Tiny electric motor outperforms the record holder", .hours = 40 * 24},
     {.title = "Electric motor, tiny, outperforms record holder", .hours = 30 * 24},
     true},
    {"not for another version", {.title = "Fedora Linux 42 is released"}, {.title = "Fedora Linux 43 is released"}, false},
    {"but a link is stronger than a version",
     {.url = "https://e.org/x", .title = "Fedora Linux 42 is released"},
     {.url = "https://e.org/x", .title = "Fedora Linux 43 is released"},
     true},
    {"one template, two things",
     {.title = "Launch HN: Propolis (YC X25) – Browser agents for testing"},
     {.title = "Launch HN: Plexe (YC X25) – Models made from prompts"},
     false},
    {"a copy joins however long one text is",
     {.source = "feed:e", .title = "Why your build only uses half the cores", .text = LONG_TEXT},
     {.title = "Why your build only uses half the cores"},
     true},
    {"one feed with one title twice is a series",
     {.source = "feed:e", .title = "Security updates for Monday"},
     {.source = "feed:e", .title = "Security updates for Monday"},
     false},
    {"and is one with like texts too",
     {.source = "feed:e", .title = "Open thread", .text = "Ask anything, be kind to newcomers."},
     {.source = "feed:e", .title = "Open thread", .text = "Ask anything, be kind to newcomers."},
     false},
    {"one community with one title twice is not",
     {.title = "Tiny electric motor outperforms the record holder", .hours = 20},
     {.title = "Tiny electric motor outperforms the record holder"},
     true},
    {"a post that links the other's page needs few words in common",
     {.url = "https://e.org/x", .title = "Apples are eaten by the zebras"},
     {.title = "", .text = "Worth reading for all who like gardens and zebras", .link = "https://e.org/x"},
     true},
    {"the same words without the link are two stories",
     {.url = "https://e.org/x", .title = "Apples are eaten by the zebras"},
     {.title = "", .text = "Worth reading for all who like gardens and zebras", .link = "https://e.org/y"},
     false},
    {"a link that both give tells less",
     {.title = "Apples are eaten by the zebras", .link = "https://e.org/x"},
     {.title = "", .text = "Worth reading for all who like gardens and zebras", .link = "https://e.org/x"},
     false},
    {"but tells something",
     {.title = "Apples are eaten by the zebras", .link = "https://e.org/x"},
     {.title = "The zebras like pears", .link = "https://e.org/x"},
     true},
    {"which the words alone do not",
     {.title = "Apples are eaten by the zebras", .link = "https://e.org/x"},
     {.title = "The zebras like pears", .link = "https://e.org/y"},
     false},
    {"a home page in both tells nothing",
     {.title = "Apples are eaten by the zebras", .link = "https://e.org/"},
     {.title = "The zebras like pears", .link = "https://e.org/"},
     false},
    {"nor what an author always links",
     {.title = "Apples are eaten by the zebras", .link = "https://e.org/x", .author = "q"},
     {.title = "The zebras like pears", .link = "https://e.org/x", .author = "q"},
     false},
    {"nor what a feed always links",
     {.source = "feed:e", .title = "Apples are eaten by the zebras", .link = "https://e.org/x"},
     {.source = "feed:e", .title = "The zebras like pears", .link = "https://e.org/x"},
     false},
    {"nothing in common", {.title = "Apples"}, {.title = "Pears"}, false},
    {"no words at all", {.title = ""}, {.title = ""}, false},
    {"nor in emoji", {.title = "🎉🎉🎉"}, {.title = "🎉🎉🎉"}, false},
    {"one word is not enough", {.title = "Hello", .source = "mastodon"}, {.title = "Hello"}, false},
    {"copies from right to left",
     {.title = "مؤتمر المطورين يبدأ غدا في تونس", .source = "mastodon"},
     {.title = "مؤتمر المطورين يبدأ غدا في تونس"},
     true},
    {"like titles from right to left",
     {.title = "مؤتمر المطورين يبدأ غدا في تونس"},
     {.title = "في تونس يبدأ غدا مؤتمر المطورين"},
     true},
    {"like titles without spaces",
     {.title = "東京株式市場は三日ぶりに大きく続落"},
     {.title = "東京株式市場、三日ぶりに続落"},
     true},
    {"other titles without spaces",
     {.title = "東京株式市場は三日ぶりに大きく続落"},
     {.title = "大阪の水道料金が来月から上がる"},
     false},
};

static void
test_pairs(void)
{
  for (size_t i = 0; i < G_N_ELEMENTS(PAIRS); i++) {
    g_test_message("%s", PAIRS[i].why);
    g_auto(World) world = make_world();
    Given a = PAIRS[i].a;
    Given b = PAIRS[i].b;
    a.id = "a";
    b.id = "b";
    give(&world, a);
    give(&world, b);
    g_auto(ClusterOutcome) outcome = cluster(&world);
    const GPtrArray *memberships = outcome.memberships;
    g_assert_cmpuint(memberships->len, ==, 2);
    g_assert_cmpint(are_together(memberships, "a", "b"), ==, PAIRS[i].is_same);
  }
}

/* Posts that others bind count as one: a page that is much told of is no hub for it. */
static void
test_hubs_are_what_many_stories_link(void)
{
  static const struct {
    const char *url;
    unsigned linking;
    bool is_same;
  } CASES[] = {{NULL, 0, true}, {NULL, 6, true}, {NULL, 7, false}, {"https://e.org/other", 20, true}};
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    g_test_message("%u more", CASES[i].linking);
    g_auto(World) world = make_world();
    give(&world, (Given){.id = "a", .title = "Apples are eaten by the zebras", .link = "https://e.org/x"});
    give(&world, (Given){.id = "b", .title = "The zebras like pears", .link = "https://e.org/x"});
    for (unsigned j = 0; j < CASES[i].linking; j++) {
      g_autofree char *id = g_strdup_printf("c%u", j);
      g_autofree char *title = g_strdup_printf("word%u other%u third%u", j, j, j);
      const char *author = CASES[i].url != NULL ? "q" : NULL;
      give(&world, (Given){.id = id, .url = CASES[i].url, .title = title, .link = "https://e.org/x", .author = author});
    }
    g_auto(ClusterOutcome) outcome = cluster(&world);
    g_assert_cmpint(are_together(outcome.memberships, "a", "b"), ==, CASES[i].is_same);
    g_assert_cmpuint(outcome.links->len, ==, CASES[i].is_same);
  }
}

static void
test_rules_are_told(void)
{
  g_auto(World) world = make_world();
  give(&world, (Given){.id = "c", .url = "https://e.org/x", .title = "Solarpunk is happening in Africa", .hours = 3});
  give(&world, (Given){.id = "b", .url = "https://e.org/x", .title = "Solarpunk happens in Africa", .hours = 2});
  give(&world, (Given){.id = "a", .url = "https://f.org/y", .title = "Solarpunk is already happening in Africa", .hours = 1});
  g_auto(ClusterOutcome) outcome = cluster(&world);
  const GPtrArray *memberships = outcome.memberships;

  static const struct {
    const char *id;
    const char *rule;
    const char *nearest;
  } EXPECTED[] = {{"a", "text", "c"}, {"b", "link", "c"}, {"c", "founded", NULL}};
  for (guint i = 0; i < G_N_ELEMENTS(EXPECTED); i++) {
    const Membership *membership = memberships->pdata[i];
    g_assert_cmpstr(membership->item_id, ==, EXPECTED[i].id);
    g_assert_cmpstr(membership->rule, ==, EXPECTED[i].rule);
    g_assert_cmpstr(membership->nearest, ==, EXPECTED[i].nearest);
    g_assert_cmpstr(membership->story_id, ==, find(memberships, "c")->story_id);
  }
  g_assert_cmpfloat(find(memberships, "a")->probability, <, 1);
  g_assert_cmpfloat(find(memberships, "a")->probability, >, 0.1);
  g_assert_cmpfloat(find(memberships, "b")->probability, ==, 1);
}

static void
test_known_stories_are_joined(void)
{
  g_auto(World) world = make_world();
  Given old = {.id = "k1", .url = "https://e.org/x", .title = "Apples", .hours = 9000, .story = "old", .founded_ms = 5};
  Given recent = {.id = "k2", .title = "Tiny electric motor outperforms record holder", .hours = 9, .story = "recent"};
  give(&world, old);
  give(&world, recent);
  give(&world, (Given){.id = "n1", .url = "https://e.org/x", .title = "Pears"});
  give(&world, (Given){.id = "n2", .title = "Electric motor, tiny, outperforms the record holder"});
  give(&world, (Given){.id = "n3", .title = "Apples"});
  g_auto(ClusterOutcome) outcome = cluster(&world);
  const GPtrArray *memberships = outcome.memberships;

  g_assert_cmpuint(memberships->len, ==, 3);
  g_assert_cmpstr(find(memberships, "n1")->story_id, ==, "old");
  g_assert_cmpstr(find(memberships, "n1")->rule, ==, "link");
  g_assert_cmpstr(find(memberships, "n1")->nearest, ==, "k1");
  g_assert_cmpstr(find(memberships, "n2")->story_id, ==, "recent");
  g_assert_cmpstr(find(memberships, "n2")->rule, ==, "text");
  g_assert_cmpstr(find(memberships, "n2")->nearest, ==, "k2");
  g_assert_cmpstr(find(memberships, "n3")->rule, ==, "founded");
}

/* Brief titles under one link do not keep off what goes on about it. */
static void
test_posts_about_one_page_speak_once(void)
{
  static const char *const TITLES[] = {"Zyzzyva, a new scheduler for chiplets", "It knows what a move costs",
                                       "Keeping caches warm", "Well worth reading", "Version five"};
  for (int is_known = 0; is_known < 2; is_known++) {
    g_auto(World) world = make_world();
    for (guint i = 0; i < G_N_ELEMENTS(TITLES); i++) {
      g_autofree char *id = g_strdup_printf("k%u", i);
      give(&world,
           (Given){.id = id, .url = "https://e.org/x", .title = TITLES[i], .hours = 20, .story = is_known ? "old" : NULL});
    }
    give(&world, (Given){.id = "n", .url = "https://f.org/y", .title = "Zyzzyva, the scheduler for chiplets, is queued"});
    g_auto(ClusterOutcome) outcome = cluster(&world);
    const Membership *followup = find(outcome.memberships, "n");
    g_assert_cmpstr(followup->rule, ==, "text");
    g_assert_cmpstr(followup->nearest, ==, "k0");
  }
}

/* A feed's series of one title, each of which others repeat: a story a day. */
static void
test_copies_of_a_series_go_with_their_own(void)
{
  g_auto(World) world = make_world();
  give(&world, (Given){.id = "k1", .source = "feed:e", .title = "The markets at noon today", .hours = 60, .story = "old"});
  give(&world, (Given){.id = "f1", .source = "feed:e", .title = "The markets at noon today", .hours = 30});
  give(&world, (Given){.id = "h1", .source = "feed:h", .title = "The markets at noon today", .hours = 29});
  give(&world, (Given){.id = "f2", .source = "feed:e", .title = "The markets at noon today", .hours = 6});
  give(&world, (Given){.id = "h2", .source = "feed:h", .title = "The markets at noon today", .hours = 5});
  g_auto(ClusterOutcome) outcome = cluster(&world);
  const GPtrArray *memberships = outcome.memberships;
  g_assert_true(are_together(memberships, "f1", "h1"));
  g_assert_true(are_together(memberships, "f2", "h2"));
  g_assert_false(are_together(memberships, "f1", "f2"));
  g_assert_cmpstr(find(memberships, "f1")->rule, ==, "founded");
}

static void
test_a_copy_joins_a_known_story(void)
{
  g_auto(World) world = make_world();
  give(&world, (Given){.id = "k", .title = "Kelder opens its buses", .hours = 71, .story = "old", .founded_ms = 7});
  give(&world, (Given){.id = "n1", .source = "feed:e", .title = "Kelder opens its buses", .text = LONG_TEXT});
  give(&world, (Given){.id = "n2", .source = "feed:f", .url = "https://e.org/x", .title = "Kelder opens its buses"});
  give(&world, (Given){.id = "n3", .source = "feed:g", .url = "https://e.org/x", .title = "Nineteen years of telemetry"});
  g_auto(ClusterOutcome) outcome = cluster(&world);
  const GPtrArray *memberships = outcome.memberships;
  static const char *const RULES[] = {"copy", "copy", "link"};
  for (guint i = 0; i < memberships->len; i++) {
    g_assert_cmpstr(((const Membership *) memberships->pdata[i])->story_id, ==, "old");
    g_assert_cmpstr(((const Membership *) memberships->pdata[i])->rule, ==, RULES[i]);
  }
}

static void
test_the_older_story_wins(void)
{
  static const struct {
    int64_t founded_a_ms;
    int64_t founded_b_ms;
    const char *winner;
  } CASES[] = {{1, 2, "story-a"}, {2, 1, "story-b"}, {1, 1, "story-a"}};
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    g_auto(World) world = make_world();
    Given given = {.id = "y", .url = "https://e.org/x", .title = "Apples", .story = "story-a"};
    given.founded_ms = CASES[i].founded_a_ms;
    give(&world, given);
    given.id = "x";
    given.story = "story-b";
    given.founded_ms = CASES[i].founded_b_ms;
    give(&world, given);
    give(&world, (Given){.id = "n", .url = "https://e.org/x", .title = "Apples"});
    g_auto(ClusterOutcome) outcome = cluster(&world);
    const GPtrArray *memberships = outcome.memberships;
    g_assert_cmpstr(find(memberships, "n")->story_id, ==, CASES[i].winner);
  }
}

/* Two existing stories, and what may make them one. */
static const struct {
  const char *why;
  Given a;
  Given b;
  Given new_item;
  const char *must;
  const char *must_not;
  const char *rule;
} MERGES[] = {
    {"a new post's link that both have",
     {.url = "https://e.org/x", .title = "Apples"},
     {.url = "https://e.org/x", .title = "Pears"},
     {.url = "https://e.org/x", .title = "Plums"},
     .rule = "link"},
    {"not a link that no new post has",
     {.url = "https://e.org/x", .title = "Apples"},
     {.url = "https://e.org/x", .title = "Pears"},
     {.url = "https://e.org/y", .title = "Plums"}},
    {"not against what people said",
     {.url = "https://e.org/x", .title = "Apples"},
     {.url = "https://e.org/x", .title = "Pears"},
     {.url = "https://e.org/x", .title = "Plums"},
     .must_not = "b"},
    {"what people said", {.title = "Apples"}, {.title = "Pears"}, {.title = "Plums"}, .must = "b", .rule = "correction"},
    {"like texts that a new post joins",
     {.title = "Solarpunk is already happening in Africa"},
     {.title = "Solarpunk is happening in Africa"},
     {.title = "In Africa solarpunk is happening"},
     .rule = "text"},
    {"not like texts against what people said",
     {.title = "Solarpunk is already happening in Africa"},
     {.title = "Solarpunk is happening in Africa"},
     {.title = "In Africa solarpunk is happening"},
     .must_not = "b"},
    {"not like texts that no new post joins",
     {.title = "Solarpunk is already happening in Africa"},
     {.title = "Solarpunk is happening in Africa"},
     {.title = "Plums"}},
};

static void
test_known_stories_may_become_one(void)
{
  for (size_t i = 0; i < G_N_ELEMENTS(MERGES); i++) {
    g_test_message("%s", MERGES[i].why);
    g_auto(World) world = make_world();
    Given given[] = {MERGES[i].a, MERGES[i].b, MERGES[i].new_item};
    static const char *const IDS[] = {"a", "b", "n"};
    static const char *const IN[] = {"older", "younger", NULL};
    for (gint j = 0; j < 3; j++) {
      given[j].id = IDS[j];
      given[j].story = IN[j];
      given[j].founded_ms = j;
      give(&world, given[j]);
    }
    if (MERGES[i].must != NULL)
      say(&world, "a", MERGES[i].must, true);
    if (MERGES[i].must_not != NULL)
      say(&world, "a", MERGES[i].must_not, false);
    g_auto(ClusterOutcome) outcome = cluster(&world);
    g_assert_cmpuint(outcome.merges->len, ==, MERGES[i].rule != NULL);
    if (MERGES[i].rule == NULL)
      continue;
    const Merge *merge = outcome.merges->pdata[0];
    g_assert_cmpstr(merge->gone_id, ==, "younger");
    g_assert_cmpstr(merge->joining->story_id, ==, "older");
    g_assert_cmpstr(merge->joining->item_id, ==, "b");
    g_assert_cmpstr(merge->joining->rule, ==, MERGES[i].rule);
  }
}

static void
test_corrections_beat_all(void)
{
  g_auto(World) world = make_world();
  give(&world, (Given){.id = "a", .url = "https://e.org/x", .title = "Solarpunk is happening in Africa", .hours = 3});
  give(&world, (Given){.id = "b", .url = "https://e.org/x", .title = "Solarpunk is happening in Africa", .hours = 2});
  give(&world, (Given){.id = "c", .url = "https://e.org/x", .title = "Solarpunk in Africa is happening", .hours = 1});
  give(&world, (Given){.id = "d", .title = "Nineteen years of telemetry"});
  say(&world, "a", "b", false);
  say(&world, "b", "d", true);
  g_auto(ClusterOutcome) outcome = cluster(&world);
  g_assert_false(are_together(outcome.memberships, "a", "b"));
  g_assert_true(are_together(outcome.memberships, "a", "c"));
  g_assert_true(are_together(outcome.memberships, "b", "d"));
  g_assert_cmpstr(find(outcome.memberships, "d")->rule, ==, "correction");
  g_assert_cmpstr(find(outcome.memberships, "d")->nearest, ==, "b");
}

static void
test_story_ids(void)
{
  static const struct {
    int64_t hours;
    const char *taken;
    int64_t time_ms;
    const char *name;
  } CASES[] = {
      {2, NULL, NOW_MS - 2 * HOUR_MS, "hn:1"},        {-2, NULL, NOW_MS, "hn:1"},
      {NOW_MS / HOUR_MS, NULL, NOW_MS, "hn:1"},       {2, "hn:1", NOW_MS - 2 * HOUR_MS, "hn:1 2"},
      {NOW_MS / HOUR_MS + 1, NULL, -HOUR_MS, "hn:1"},
  };
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    g_auto(World) world = make_world();
    give(&world, (Given){.id = "hn:1", .title = "Apples", .hours = CASES[i].hours});
    if (CASES[i].hours == NOW_MS / HOUR_MS)
      ((Item *) world.new_items->pdata[0])->published_ms = 0;
    g_autofree char *taken = CASES[i].taken != NULL ? expected_id(CASES[i].time_ms, CASES[i].taken) : NULL;
    if (taken != NULL)
      g_hash_table_add(world.taken_ids, taken);
    g_auto(ClusterOutcome) outcome = cluster(&world);
    const GPtrArray *memberships = outcome.memberships;
    g_autofree char *expected = expected_id(CASES[i].time_ms, CASES[i].name);
    g_assert_cmpstr(find(memberships, "hn:1")->story_id, ==, expected);
  }
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/cluster/pairs", test_pairs);
  g_test_add_func("/cluster/hubs-are-what-many-stories-link", test_hubs_are_what_many_stories_link);
  g_test_add_func("/cluster/rules-are-told", test_rules_are_told);
  g_test_add_func("/cluster/known-stories-are-joined", test_known_stories_are_joined);
  g_test_add_func("/cluster/posts-about-one-page-speak-once", test_posts_about_one_page_speak_once);
  g_test_add_func("/cluster/copies-of-a-series-go-with-their-own", test_copies_of_a_series_go_with_their_own);
  g_test_add_func("/cluster/a-copy-joins-a-known-story", test_a_copy_joins_a_known_story);
  g_test_add_func("/cluster/the-older-story-wins", test_the_older_story_wins);
  g_test_add_func("/cluster/known-stories-may-become-one", test_known_stories_may_become_one);
  g_test_add_func("/cluster/corrections-beat-all", test_corrections_beat_all);
  g_test_add_func("/cluster/story-ids", test_story_ids);
  return g_test_run();
}
