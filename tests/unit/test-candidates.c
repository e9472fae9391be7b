#include "shipped-likeness.h"

#include "base/json.h"
#include "stories/candidates.h"

#include <string.h>

static void
free_fingerprint(void *fingerprint)
{
  fingerprint_free(fingerprint);
}

/* An index of posts that can be asked. */
typedef struct {
  GPtrArray *fingerprints;
  Candidates *candidates;
  CandidateSearch *search;
} World;

static void
clear_world(World *world)
{
  g_ptr_array_unref(world->fingerprints);
  candidates_free(world->candidates);
  candidate_search_free(world->search);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(World, clear_world)

static World
make_world(void)
{
  return (World){.fingerprints = g_ptr_array_new_with_free_func(free_fingerprint),
                 .candidates = candidates_new(),
                 .search = candidate_search_new()};
}

static void
give(World *world, const char *title)
{
  Fingerprint *fingerprint = print_title(title);
  g_assert_cmpuint(candidates_add(world->candidates, fingerprint), ==, world->fingerprints->len);
  g_ptr_array_add(world->fingerprints, fingerprint);
}

static bool
is_found(const World *world, guint of, guint other)
{
  uint32_t found[CANDIDATES_MAX];
  unsigned count = candidates_find(world->candidates, world->search, world->fingerprints->pdata[of], UINT32_MAX, found);
  for (unsigned i = 0; i < count; i++)
    if (found[i] == other)
      return true;
  return false;
}

static void
test_two_shared_stems_lead(void)
{
  static const char *const TITLES[] = {"zyzzyva quokka aardvark", "quokka aardvark okapi", "okapi tapir bison", "", "narwhal"};
  static const bool LEADS[5][5] = {{1, 1, 0, 0, 0}, {1, 1, 0, 0, 0}, {0, 0, 1, 0, 0}, {0}, {0, 0, 0, 0, 1}};
  g_auto(World) world = make_world();
  for (size_t i = 0; i < G_N_ELEMENTS(TITLES); i++)
    give(&world, TITLES[i]);
  for (guint i = 0; i < G_N_ELEMENTS(TITLES); i++)
    for (guint j = 0; j < G_N_ELEMENTS(TITLES); j++)
      g_assert_cmpint(is_found(&world, i, j), ==, LEADS[i][j]);
}

static void
test_one_shared_link_leads(void)
{
  static const char *const TITLES[] = {"zyzzyva quokka", "okapi tapir bison", ""};
  g_autoptr(GPtrArray) links = g_ptr_array_new();
  g_ptr_array_add(links, (char *) "https://e.org/x");
  g_auto(World) world = make_world();
  for (size_t i = 0; i < G_N_ELEMENTS(TITLES); i++) {
    const Post post = {.source = "", .links = i < 2 ? links : NULL, .title = TITLES[i], .text = ""};
    Fingerprint *fingerprint = fingerprint_new(&post, shipped_lexicon());
    candidates_add(world.candidates, fingerprint);
    g_ptr_array_add(world.fingerprints, fingerprint);
  }
  g_assert_true(is_found(&world, 0, 1));
  g_assert_true(is_found(&world, 1, 0));
  g_assert_false(is_found(&world, 2, 0));
}

/* What is nearly the same is found among thousands that share each of its words. */
static void
test_the_likest_are_found(void)
{
  static const char *const WORDS[] = {"linux", "kernel", "release", "driver", "memory", "server", "network", "update"};
  g_auto(World) world = make_world();
  g_autoptr(GRand) random = g_rand_new_with_seed(3);
  give(&world, "linux kernel driver memory update quokka");
  for (int i = 0; i < 5000; i++) {
    g_autoptr(GString) title = g_string_new(NULL);
    for (int j = 0; j < 4; j++)
      g_string_append_printf(title, "%s ", WORDS[g_rand_int_range(random, 0, G_N_ELEMENTS(WORDS))]);
    give(&world, title->str);
  }
  give(&world, "quokka: linux kernel driver memory update");
  g_assert_true(is_found(&world, 0, 5001));
  g_assert_true(is_found(&world, 5001, 0));
}

/* The same search twice finds the same, and no more than there may be. */
static void
test_searches_leave_no_trace(void)
{
  g_auto(World) world = make_world();
  for (int i = 0; i < 500; i++) {
    g_autofree char *title = g_strdup_printf("quokka okapi narwhal%d", i);
    give(&world, title);
  }
  uint32_t first[CANDIDATES_MAX];
  uint32_t second[CANDIDATES_MAX];
  unsigned count = candidates_find(world.candidates, world.search, world.fingerprints->pdata[499], UINT32_MAX, first);
  g_assert_cmpuint(count, ==, CANDIDATES_MAX);
  g_assert_cmpuint(first[0], ==, 499);
  g_assert_cmpuint(candidates_find(world.candidates, world.search, world.fingerprints->pdata[499], UINT32_MAX, second), ==,
                   count);
  g_assert_true(memcmp(first, second, sizeof first) == 0);
}

/* Of all pairs of real titles that the full function calls the same, nearly all are found. */
static void
test_what_is_the_same_is_found(void)
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
  g_auto(GStrv) lines = g_strsplit(data, "\n", -1);
  for (guint i = 0; lines[i] != NULL && lines[i][0] != '\0'; i++) {
    g_autoptr(json_t) row = json_parse(lines[i], strlen(lines[i]), NULL, NULL);
    give(&world, json_read_text(row, "title"));
  }
  guint same = 0;
  guint found = 0;
  for (guint i = 0; i < world.fingerprints->len; i++)
    for (guint j = 0; j < i; j++) {
      double values[LIKENESS_COUNT];
      likeness_measure(world.fingerprints->pdata[i], world.fingerprints->pdata[j], values);
      if (likeness_probability(shipped_model(), values) < shipped_model()->cut)
        continue;
      same++;
      found += is_found(&world, i, j);
    }
  g_test_message("%u of %u found", found, same);
  g_assert_cmpuint(same, >, 500);
  g_assert_cmpfloat(found, >=, 0.99 * same);
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/candidates/two-shared-stems-lead", test_two_shared_stems_lead);
  g_test_add_func("/candidates/one-shared-link-leads", test_one_shared_link_leads);
  g_test_add_func("/candidates/the-likest-are-found", test_the_likest_are_found);
  g_test_add_func("/candidates/searches-leave-no-trace", test_searches_leave_no_trace);
  g_test_add_func("/candidates/what-is-the-same-is-found", test_what_is_the_same_is_found);
  return g_test_run();
}
