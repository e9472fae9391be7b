/* Whole batches: many posts, in any order, real ones. */
#include "cluster-world.h"

#include <string.h>

#include "base/json.h"

/* As many as no stem may have holders that leads from one to another. */
static void
test_many_copies_are_one_story(void)
{
  g_auto(World) world = make_world();
  for (guint i = 0; i < 500; i++) {
    g_autofree char *id = g_strdup_printf("hn:%u", i);
    g_autofree char *source = g_strdup_printf("feed:%u", i);
    give(&world, (Given){.id = id,
                         .source = source,
                         .title = i % 2 == 0 ? "Kelder opens its buses" : "KELDER opens: its buses!",
                         .text = i % 3 == 0 ? LONG_TEXT : NULL,
                         .hours = i == 7 ? 70 : i % 60});
  }
  g_auto(ClusterOutcome) outcome = cluster(&world);
  const GPtrArray *memberships = outcome.memberships;
  for (guint i = 0; i < memberships->len; i++) {
    const Membership *membership = memberships->pdata[i];
    bool is_first = strcmp(membership->item_id, "hn:7") == 0;
    g_assert_cmpstr(membership->story_id, ==, find(memberships, "hn:7")->story_id);
    g_assert_cmpstr(membership->rule, ==, is_first ? "founded" : "copy");
    g_assert_cmpstr(membership->nearest, ==, is_first ? NULL : "hn:7");
    g_assert_cmpfloat(membership->probability, ==, 1);
  }
}

/* A story keeps growing, however many tell it: posts that differ by a word, each with a text. */
static void
test_stories_grow(void)
{
  for (guint known = 10; known <= 160; known *= 2) {
    g_test_message("%u known posts", known);
    g_auto(World) world = make_world();
    for (guint i = 0; i < known + 20; i++) {
      g_autofree char *id = g_strdup_printf("hn:%u", i);
      g_autofree char *title = g_strdup_printf("Tiny electric motor outperforms the record holder, says wit%uness", i);
      give(&world,
           (Given){.id = id, .title = title, .text = LONG_TEXT, .hours = 50 - i / 10, .story = i < known ? "old" : NULL});
    }
    g_auto(ClusterOutcome) outcome = cluster(&world);
    for (guint i = 0; i < outcome.memberships->len; i++)
      g_assert_cmpstr(((const Membership *) outcome.memberships->pdata[i])->story_id, ==, "old");
  }
}

/* One instance's users say the same as often as they like; a feed that does tells a series. */
static void
test_one_source_says_it_often(void)
{
  static const char *const SOURCES[] = {"mastodon:m1", "feed:https://e.org/rss"};
  for (guint source = 0; source < G_N_ELEMENTS(SOURCES); source++) {
    g_auto(World) world = make_world();
    for (guint i = 0; i < 500; i++) {
      g_autofree char *id = g_strdup_printf("p:%u", i);
      give(&world,
           (Given){
               .id = id, .source = SOURCES[source], .title = "Tiny electric motor outperforms the record holder", .hours = 9});
    }
    g_auto(ClusterOutcome) outcome = cluster(&world);
    guint founded = 0;
    for (guint i = 0; i < outcome.memberships->len; i++)
      founded += strcmp(((const Membership *) outcome.memberships->pdata[i])->rule, "founded") == 0;
    g_assert_cmpuint(founded, ==, source == 0 ? 1 : 500);
  }
}

static const char *
or_dash(const char *text)
{
  return text != NULL ? text : "-";
}

static char *
describe(const ClusterOutcome *outcome)
{
  const GPtrArray *memberships = outcome->memberships;
  GString *text = g_string_new(NULL);
  for (guint i = 0; i < outcome->merges->len; i++) {
    const Merge *merge = outcome->merges->pdata[i];
    const Membership *joining = merge->joining;
    g_string_append_printf(text, "%s %s %s %.6f %s %s\n", merge->gone_id, joining->story_id, joining->item_id,
                           joining->probability, joining->rule, joining->nearest);
  }
  for (guint i = 0; i < memberships->len; i++) {
    const Membership *membership = memberships->pdata[i];
    g_string_append_printf(text, "%s %s %.6f %s %s %s %s\n", membership->item_id, membership->story_id, membership->probability,
                           membership->rule, or_dash(membership->nearest), or_dash(membership->veto),
                           or_dash(membership->apart));
  }
  for (guint i = 0; i < outcome->learned->len; i++) {
    const Learned *learned = outcome->learned->pdata[i];
    g_string_append_printf(text, "%s %s %.6f %.6f %u\n", learned->item_a, learned->item_b, learned->confidence, learned->shift,
                           learned->pairs);
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
      g_string_append_printf(title, "topic%02d%c ", topic, 'a' + g_rand_int_range(random, 0, 7));
    g_autofree char *id = g_strdup_printf("hn:%u", i);
    g_autofree char *url = g_strdup_printf("https://e.org/%d", g_rand_int_range(random, 0, (gint32) count));
    gint32 story = g_rand_int_range(random, 0, 10);
    g_autofree char *link = g_strdup_printf("https://e.org/%d", g_rand_int_range(random, 0, (gint32) count));
    give(world, (Given){.id = id,
                        .url = g_rand_boolean(random) ? url : NULL,
                        .link = link,
                        .author = i % 3 == 0 ? "q" : id,
                        .title = title->str,
                        .hours = g_rand_int_range(random, 0, 24 * 16),
                        .story = story < 5 ? STORIES[story] : NULL,
                        .founded_ms = story / 2});
  }
}

/* Returns: the next post of the same topic */
static const Item *
find_alike(const World *world, guint index)
{
  const Item *item = world->items->pdata[index];
  for (guint i = 1; i < world->items->len; i++) {
    const Item *other = world->items->pdata[(index + i) % world->items->len];
    if (strncmp(item->title, other->title, strlen("topic00")) == 0)
      return other;
  }
  return item;
}

static void
say_at_random(World *world, GRand *random, guint count)
{
  for (guint i = 0; i < count; i++) {
    guint index = (guint) g_rand_int_range(random, 0, (gint32) world->items->len);
    const Item *a = world->items->pdata[index];
    const Item *b =
        i % 2 == 0 ? find_alike(world, index) : world->items->pdata[g_rand_int_range(random, 0, (gint32) world->items->len)];
    if (a != b)
      say(world, a->id, b->id, g_rand_boolean(random));
  }
}

static void
test_order_and_threads_do_not_matter(void)
{
  guint joined_by_text = 0;
  guint merged = 0;
  guint taught = 0;
  for (guint32 seed = 1; seed <= 20; seed++) {
    g_test_message("seed %u", seed);
    g_autoptr(GRand) random = g_rand_new_with_seed(seed);
    g_auto(World) world = make_world();
    give_random_posts(&world, random, 240);
    say_at_random(&world, random, 10);
    g_auto(ClusterOutcome) first = cluster(&world);
    g_autofree char *expected = describe(&first);
    g_assert_cmpuint(first.memberships->len, ==, world.new_items->len);
    merged += first.merges->len;
    for (guint i = 0; i < first.learned->len; i++)
      taught += ((const Learned *) first.learned->pdata[i])->pairs > 0;
    for (guint i = 0; i < first.memberships->len; i++)
      joined_by_text += strcmp(((const Membership *) first.memberships->pdata[i])->rule, "text") == 0;
    for (guint i = 0; i < 6; i++) {
      static const unsigned THREADS[] = {1, 2, 8};
      shuffle(world.new_items, random);
      shuffle(world.known, random);
      world.threads = THREADS[i % G_N_ELEMENTS(THREADS)];
      g_auto(ClusterOutcome) again = cluster(&world);
      g_autofree char *described = describe(&again);
      g_assert_cmpstr(described, ==, expected);
    }
  }
  g_assert_cmpuint(joined_by_text, >, 50);
  g_assert_cmpuint(merged, >, 10);
  g_assert_cmpuint(taught, >, 10);
}

/* The earliest post, by time and then id, of each story that is not there yet. */
static GHashTable *
find_founders(const World *world, const GPtrArray *memberships)
{
  GHashTable *founders = g_hash_table_new(g_str_hash, g_str_equal);
  for (guint i = 0; i < world->new_items->len; i++) {
    const Item *item = world->new_items->pdata[i];
    char *id = find(memberships, item->id)->story_id;
    const Item *first = g_hash_table_lookup(founders, id);
    bool is_earlier = first == NULL || item->published_ms < first->published_ms ||
                      (item->published_ms == first->published_ms && strcmp(item->id, first->id) < 0);
    if (is_earlier && !g_hash_table_contains(world->taken_ids, id))
      g_hash_table_insert(founders, id, (Item *) item);
  }
  return founders;
}

static void
test_the_first_alone_is_the_founder(void)
{
  guint founded = 0;
  for (guint32 seed = 1; seed <= 20; seed++) {
    g_test_message("seed %u", seed);
    g_autoptr(GRand) random = g_rand_new_with_seed(seed);
    g_auto(World) world = make_world();
    give_random_posts(&world, random, 120);
    g_auto(ClusterOutcome) outcome = cluster(&world);
    const GPtrArray *memberships = outcome.memberships;
    g_autoptr(GHashTable) founders = find_founders(&world, memberships);
    founded += g_hash_table_size(founders);
    for (guint i = 0; i < memberships->len; i++) {
      const Membership *membership = memberships->pdata[i];
      const Item *founder = g_hash_table_lookup(founders, membership->story_id);
      bool is_founder = founder != NULL && strcmp(founder->id, membership->item_id) == 0;
      g_assert_cmpint(strcmp(membership->rule, "founded") == 0, ==, is_founder);
      g_autofree char *id = is_founder ? expected_id(founder->published_ms, founder->id) : g_strdup(membership->story_id);
      g_assert_cmpstr(id, ==, membership->story_id);
    }
  }
  g_assert_cmpuint(founded, >, 20);
}

/* Appends a word that begins like no other number's. */
static void
append_word(GString *title, guint number)
{
  static const char LETTERS[] = "bcdfghjklmnpqrtvwxz";
  for (number = number * 0x9E375 & 0xFFFFF; number > 0; number /= (guint) strlen(LETTERS))
    g_string_append_c(title, LETTERS[number % strlen(LETTERS)]);
  g_string_append_c(title, ' ');
}

/* Thousands of posts that all share a word and come in pairs. */
static void
test_thousands(void)
{
  g_auto(World) world = make_world();
  for (guint i = 0; i < 4000; i++) {
    g_autofree char *id = g_strdup_printf("hn:%04u", i);
    g_autoptr(GString) title = g_string_new("linux ");
    for (guint j = 0; j < 4; j++)
      append_word(title, i / 2 * 4 + j + 1);
    give(&world, (Given){.id = id, .title = title->str});
  }
  g_auto(ClusterOutcome) outcome = cluster(&world);
  const GPtrArray *memberships = outcome.memberships;
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
  if (shared == NULL) {
    g_test_skip("COURANT_SHARED is not set");
    return;
  }
  g_autofree char *path = g_build_filename(shared, "data", "stories", "news-clusters.ndjson", NULL);
  g_autofree char *data = NULL;
  g_assert_true(g_file_get_contents(path, &data, NULL, NULL));
  g_auto(World) world = make_world();
  g_autoptr(GHashTable) told = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
  g_auto(GStrv) lines = g_strsplit(data, "\n", -1);
  for (guint i = 0; lines[i] != NULL && lines[i][0] != '\0'; i++) {
    g_autoptr(json_t) row = json_parse(lines[i], strlen(lines[i]), NULL, NULL);
    g_autofree char *id = g_strdup_printf("hn:%u", i);
    give(&world, (Given){.id = id, .title = json_read_text(row, "title")});
    g_hash_table_insert(told, g_strdup(id), g_strdup(json_read_text(row, "story")));
  }

  g_auto(ClusterOutcome) outcome = cluster(&world);
  const GPtrArray *memberships = outcome.memberships;
  double joined = 0;
  double right = 0;
  for (guint i = 0; i < memberships->len; i++) {
    const Membership *membership = memberships->pdata[i];
    if (membership->nearest == NULL)
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
  g_test_add_func("/cluster-many/many-copies-are-one-story", test_many_copies_are_one_story);
  g_test_add_func("/cluster-many/stories-grow", test_stories_grow);
  g_test_add_func("/cluster-many/one-source-says-it-often", test_one_source_says_it_often);
  g_test_add_func("/cluster-many/order-and-threads-do-not-matter", test_order_and_threads_do_not_matter);
  g_test_add_func("/cluster-many/the-first-alone-is-the-founder", test_the_first_alone_is_the_founder);
  g_test_add_func("/cluster-many/thousands", test_thousands);
  g_test_add_func("/cluster-many/real-titles-stay-pure", test_real_titles_stay_pure);
  return g_test_run();
}
