#include "stories/cluster.h"

#include <string.h>

#include "base/digest.h"
#include "base/json.h"

static const int64_t NOW_MS = 1800000000000;
static const int64_t HOUR_MS = 60LL * 60 * 1000;

/*
 * @hours: age when it is clustered
 * @story: (nullable): the story it is a member of, NULL for a new item
 */
typedef struct {
  const char *id;
  const char *source;
  const char *url;
  const char *title;
  int64_t hours;
  const char *story;
  int64_t founded_ms;
} Given;

typedef struct {
  GPtrArray *items;
  GPtrArray *new_items;
  GPtrArray *known;
  GHashTable *taken_ids;
} World;

static void
free_item(gpointer item)
{
  item_free(item);
}

static void
clear_world(World *world)
{
  g_ptr_array_unref(world->items);
  g_ptr_array_unref(world->new_items);
  g_ptr_array_unref(world->known);
  g_hash_table_unref(world->taken_ids);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(World, clear_world)

static World
make_world(void)
{
  return (World){
      .items = g_ptr_array_new_with_free_func(free_item),
      .new_items = g_ptr_array_new(),
      .known = g_ptr_array_new_with_free_func(g_free),
      .taken_ids = g_hash_table_new(g_str_hash, g_str_equal),
  };
}

static void
give(World *world, Given given)
{
  Item *item = item_new();
  g_free(item->id);
  item->id = g_strdup(given.id);
  g_free(item->source);
  item->source = g_strdup(given.source ? given.source : "hackernews");
  item->canonical_url = g_strdup(given.url);
  g_free(item->title);
  item->title = g_strdup(given.title);
  item->published_ms = NOW_MS - given.hours * HOUR_MS;
  g_ptr_array_add(world->items, item);
  if (!given.story) {
    g_ptr_array_add(world->new_items, item);
    return;
  }
  KnownItem *known = g_new0(KnownItem, 1);
  *known = (KnownItem){item, given.story, given.founded_ms};
  g_ptr_array_add(world->known, known);
  g_hash_table_add(world->taken_ids, (char *) given.story);
}

static GPtrArray *
cluster(const World *world)
{
  return cluster_items(world->new_items, world->known, world->taken_ids, NOW_MS);
}

static const Membership *
find(const GPtrArray *memberships, const char *item_id)
{
  for (guint i = 0; i < memberships->len; i++) {
    const Membership *membership = memberships->pdata[i];
    if (strcmp(membership->item_id, item_id) == 0)
      return membership;
  }
  g_error("no membership of %s", item_id);
}

static bool
are_together(const GPtrArray *memberships, const char *a, const char *b)
{
  return strcmp(find(memberships, a)->story_id, find(memberships, b)->story_id) == 0;
}

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
    {"not for another version", {.title = "Fedora Linux 42 is released"}, {.title = "Fedora Linux 43 is released"}, false},
    {"but a link is stronger than a version",
     {.url = "https://e.org/x", .title = "Fedora Linux 42 is released"},
     {.url = "https://e.org/x", .title = "Fedora Linux 43 is released"},
     true},
    {"one template, two things",
     {.title = "Launch HN: Propolis (YC X25) – Browser agents for testing"},
     {.title = "Launch HN: Plexe (YC X25) – Models made from prompts"},
     false},
    {"nothing in common", {.title = "Apples"}, {.title = "Pears"}, false},
    {"no words at all", {.title = ""}, {.title = ""}, false},
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
    g_autoptr(GPtrArray) memberships = cluster(&world);
    g_assert_cmpuint(memberships->len, ==, 2);
    g_assert_cmpint(are_together(memberships, "a", "b"), ==, PAIRS[i].is_same);
  }
}

static void
test_rules_are_told(void)
{
  g_auto(World) world = make_world();
  give(&world, (Given){.id = "c", .url = "https://e.org/x", .title = "Solarpunk is happening in Africa", .hours = 3});
  give(&world, (Given){.id = "b", .url = "https://e.org/x", .title = "Solarpunk happens in Africa", .hours = 2});
  give(&world, (Given){.id = "a", .url = "https://f.org/y", .title = "Solarpunk is already happening in Africa", .hours = 1});
  g_autoptr(GPtrArray) memberships = cluster(&world);

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
    g_assert_true(membership->is_founding);
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
  g_autoptr(GPtrArray) memberships = cluster(&world);

  g_assert_cmpuint(memberships->len, ==, 3);
  g_assert_cmpstr(find(memberships, "n1")->story_id, ==, "old");
  g_assert_cmpstr(find(memberships, "n1")->rule, ==, "link");
  g_assert_cmpstr(find(memberships, "n1")->nearest, ==, "k1");
  g_assert_cmpstr(find(memberships, "n2")->story_id, ==, "recent");
  g_assert_cmpstr(find(memberships, "n2")->rule, ==, "text");
  g_assert_cmpstr(find(memberships, "n2")->nearest, ==, "k2");
  g_assert_false(find(memberships, "n2")->is_founding);
  g_assert_cmpstr(find(memberships, "n3")->rule, ==, "founded");
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
    g_autoptr(GPtrArray) memberships = cluster(&world);
    g_assert_cmpstr(find(memberships, "n")->story_id, ==, CASES[i].winner);
  }
}

static void
test_known_stories_never_merge(void)
{
  g_auto(World) world = make_world();
  give(&world, (Given){.id = "k1", .title = "Solarpunk is already happening in Africa", .story = "one", .founded_ms = 1});
  give(&world, (Given){.id = "k2", .title = "Solarpunk is happening in Africa", .story = "two", .founded_ms = 2});
  give(&world, (Given){.id = "n1", .title = "Solarpunk is already happening in Africa"});
  give(&world, (Given){.id = "n2", .title = "Solarpunk is happening in Africa"});
  g_autoptr(GPtrArray) memberships = cluster(&world);
  g_assert_cmpuint(memberships->len, ==, 2);
  for (guint i = 0; i < memberships->len; i++) {
    const Membership *membership = memberships->pdata[i];
    g_assert_true(g_hash_table_contains(world.taken_ids, membership->story_id));
    g_assert_cmpstr(membership->rule, ==, "text");
  }
}

static char *
story_id(int64_t time_ms, const char *rest)
{
  g_autofree char *name = g_strdup_printf("%" G_GINT64_FORMAT " %s", time_ms, rest);
  char *id = digest_sha256(name, strlen(name));
  id[16] = '\0';
  return id;
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
      {2, NULL, NOW_MS - 2 * HOUR_MS, "hn:1"},
      {-2, NULL, NOW_MS, "hn:1"},
      {NOW_MS / HOUR_MS, NULL, NOW_MS, "hn:1"},
      {2, "hn:1", NOW_MS - 2 * HOUR_MS, "hn:1 2"},
  };
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    g_auto(World) world = make_world();
    give(&world, (Given){.id = "hn:1", .title = "Apples", .hours = CASES[i].hours});
    if (CASES[i].hours == NOW_MS / HOUR_MS)
      ((Item *) world.new_items->pdata[0])->published_ms = 0;
    g_autofree char *taken = CASES[i].taken ? story_id(CASES[i].time_ms, CASES[i].taken) : NULL;
    if (taken)
      g_hash_table_add(world.taken_ids, taken);
    g_autoptr(GPtrArray) memberships = cluster(&world);
    g_autofree char *expected = story_id(CASES[i].time_ms, CASES[i].name);
    g_assert_cmpstr(find(memberships, "hn:1")->story_id, ==, expected);
  }
}

static char *
describe(const GPtrArray *memberships)
{
  GString *text = g_string_new(NULL);
  for (guint i = 0; i < memberships->len; i++) {
    const Membership *membership = memberships->pdata[i];
    g_string_append_printf(text, "%s %s %d %.6f %s %s\n", membership->item_id, membership->story_id, membership->is_founding,
                           membership->probability, membership->rule, membership->nearest ? membership->nearest : "-");
  }
  return g_string_free(text, FALSE);
}

static void
shuffle(GPtrArray *array, GRand *random)
{
  for (guint i = array->len; i > 1; i--) {
    guint other = (guint) g_rand_int_range(random, 0, (gint32) i);
    gpointer last = array->pdata[i - 1];
    array->pdata[i - 1] = array->pdata[other];
    array->pdata[other] = last;
  }
}

/* Posts that each say some of their topic's words, some with a shared link, some of existing stories. */
static void
give_random_posts(World *world, GRand *random, guint count)
{
  static const char *const STORIES[] = {"s0", "s1", "s2", "s3", "s4"};
  for (guint i = 0; i < count; i++) {
    g_autoptr(GString) title = g_string_new(NULL);
    gint32 topic = g_rand_int_range(random, 0, (gint32) count / 4);
    for (guint words = 0; words < 5; words++)
      g_string_append_printf(title, "topic%d%c ", topic, 'a' + g_rand_int_range(random, 0, 7));
    g_autofree char *id = g_strdup_printf("hn:%u", i);
    g_autofree char *url = g_strdup_printf("https://e.org/%d", g_rand_int_range(random, 0, (gint32) count));
    gint32 story = g_rand_int_range(random, 0, 10);
    give(world, (Given){.id = id,
                        .url = g_rand_boolean(random) ? url : NULL,
                        .title = title->str,
                        .hours = g_rand_int_range(random, 0, 24 * 16),
                        .story = story < 5 ? STORIES[story] : NULL,
                        .founded_ms = story / 2});
  }
}

static void
test_order_does_not_matter(void)
{
  guint joined_by_text = 0;
  for (guint32 seed = 1; seed <= 20; seed++) {
    g_test_message("seed %u", seed);
    g_autoptr(GRand) random = g_rand_new_with_seed(seed);
    g_auto(World) world = make_world();
    give_random_posts(&world, random, 120);
    g_autoptr(GPtrArray) first = cluster(&world);
    g_autofree char *expected = describe(first);
    g_assert_cmpuint(first->len, ==, world.new_items->len);
    for (guint i = 0; i < first->len; i++)
      joined_by_text += strcmp(((const Membership *) first->pdata[i])->rule, "text") == 0;
    for (guint i = 0; i < 5; i++) {
      shuffle(world.new_items, random);
      shuffle(world.known, random);
      g_autoptr(GPtrArray) again = cluster(&world);
      g_autofree char *described = describe(again);
      g_assert_cmpstr(described, ==, expected);
    }
  }
  g_assert_cmpuint(joined_by_text, >, 50);
}

/* Thousands of posts that all share a word and come in pairs. */
static void
test_thousands(void)
{
  g_auto(World) world = make_world();
  for (guint i = 0; i < 4000; i++) {
    g_autofree char *id = g_strdup_printf("hn:%04u", i);
    g_autofree char *title =
        g_strdup_printf("linux topic%c subject%u matter%u affair%u", 'a' + i / 2 % 26, i / 2, i / 2, i / 2);
    give(&world, (Given){.id = id, .title = title});
  }
  g_autoptr(GPtrArray) memberships = cluster(&world);
  g_autoptr(GHashTable) stories = g_hash_table_new(g_str_hash, g_str_equal);
  for (guint i = 0; i < memberships->len; i++)
    g_hash_table_add(stories, ((const Membership *) memberships->pdata[i])->story_id);
  g_assert_cmpuint(memberships->len, ==, 4000);
  g_assert_cmpuint(g_hash_table_size(stories), ==, 2000);
}

/* Real titles: nearly no wrong company. The bound is what was measured, less a little. */
static void
test_real_titles_stay_pure(void)
{
  const char *shared = g_getenv("COURANT_SHARED");
  if (!shared) {
    g_test_skip("COURANT_SHARED is not set");
    return;
  }
  g_autofree char *path = g_build_filename(shared, "data", "stories", "news-clusters.ndjson", NULL);
  g_autofree char *data = NULL;
  g_assert_true(g_file_get_contents(path, &data, NULL, NULL));
  g_auto(World) world = make_world();
  g_autoptr(GHashTable) told = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
  g_auto(GStrv) lines = g_strsplit(data, "\n", -1);
  for (guint i = 0; lines[i] && lines[i][0]; i++) {
    g_autoptr(json_t) row = json_parse(lines[i], strlen(lines[i]), NULL, NULL);
    g_autofree char *id = g_strdup_printf("hn:%u", i);
    give(&world, (Given){.id = id, .title = json_read_text(row, "title")});
    g_hash_table_insert(told, g_strdup(id), g_strdup(json_read_text(row, "story")));
  }

  g_autoptr(GPtrArray) memberships = cluster(&world);
  double joined = 0;
  double right = 0;
  for (guint i = 0; i < memberships->len; i++) {
    const Membership *membership = memberships->pdata[i];
    if (!membership->nearest)
      continue;
    joined++;
    right += g_str_equal(g_hash_table_lookup(told, membership->item_id), g_hash_table_lookup(told, membership->nearest));
  }
  g_test_message("%.0f of %.0f joined by the right one", right, joined);
  g_assert_cmpfloat(joined, >, 200);
  g_assert_cmpfloat(right / joined, >, 0.95);
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/cluster/pairs", test_pairs);
  g_test_add_func("/cluster/rules-are-told", test_rules_are_told);
  g_test_add_func("/cluster/known-stories-are-joined", test_known_stories_are_joined);
  g_test_add_func("/cluster/the-older-story-wins", test_the_older_story_wins);
  g_test_add_func("/cluster/known-stories-never-merge", test_known_stories_never_merge);
  g_test_add_func("/cluster/story-ids", test_story_ids);
  g_test_add_func("/cluster/order-does-not-matter", test_order_does_not_matter);
  g_test_add_func("/cluster/thousands", test_thousands);
  g_test_add_func("/cluster/real-titles-stay-pure", test_real_titles_stay_pure);
  return g_test_run();
}
