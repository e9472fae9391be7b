/* Enriching with a language model: as fast as the network allows, and as fast as its limits allow. */
#include "app/bench.h"
#include "base/error.h"
#include "os/file.h"

enum { PER_HOST = 8, IDEAL_WAIT_S = 60 };

/* @folder: a workspace whose stories wait to be enriched */
typedef struct {
  Bench *bench;
  BenchInternet *internet;
  char *folder;
} Calls;

static void
calls_clear(Calls *calls)
{
  bench_internet_free(calls->internet);
  g_free(calls->folder);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Calls, calls_clear)

static bool
work(const Calls *calls, const WorldReader *reader, const char *command, GError **error)
{
  g_auto(BenchTake) take = {0};
  return world_configure(reader, error) &&
         bench_courant(calls->bench, &(BenchCommand){.name = command, .folder = calls->folder}, &take, error);
}

static WorldReader
read_feed(const Calls *calls, WorldSources feed)
{
  return (WorldReader){
      .folder = calls->folder, .scheme = "http", .port = calls->internet->server->port, .sources = feed, .per_host = PER_HOST};
}

static bool
open_calls(Calls *calls, const char *const *options, GError **error)
{
  calls->folder = bench_workspace(calls->bench);
  calls->internet = bench_internet_start(calls->bench, WORLD_LATENCY_MS, options, error);
  return calls->internet != NULL;
}

/* The stories whose turn it is are of other pages of hosts whose robots.txt was read for the first ones. */
static bool
prepare_stories(const Calls *calls, GError **error)
{
  const WorldReader first = read_feed(calls, WORLD_FIRST_FEED);
  WorldReader second = read_feed(calls, WORLD_SECOND_FEED);
  second.tokens_a_minute = WORLD_STORIES * WORLD_CALL_TOKENS * 10;
  return work(calls, &first, "collect", error) && work(calls, &first, "enrich", error) &&
         work(calls, &second, "collect", error);
}

/* Enriches a copy of the workspace. */
static bool
enrich_copy(const Calls *calls, int workers, GArray *seconds, GError **error)
{
  static const char *const FILES[] = {"courant.yaml", "data/courant.db"};
  g_autofree char *folder = bench_workspace(calls->bench);
  g_autofree char *data = g_build_filename(folder, "data", NULL);
  if (!file_make_folder(data, error))
    return false;
  for (size_t i = 0; i < G_N_ELEMENTS(FILES); i++) {
    g_autofree char *from = g_build_filename(calls->folder, FILES[i], NULL);
    g_autofree char *to = g_build_filename(folder, FILES[i], NULL);
    g_autofree char *bytes = NULL;
    gsize length = 0;
    if (!g_file_get_contents(from, &bytes, &length, error) || !g_file_set_contents(to, bytes, (gssize) length, error))
      return false;
  }
  g_auto(BenchTake) take = {0};
  g_autoptr(json_t) before = bench_internet_asked(calls->internet, error);
  const BenchCommand command = {.name = "enrich", .folder = folder, .workers = workers};
  if (before == NULL || !bench_courant(calls->bench, &command, &take, error))
    return false;
  series_add(seconds, take.seconds);
  return true;
}

/* Once, for it takes its time. */
static bool
enrich_as_reference(const Calls *calls, GArray *seconds, GError **error)
{
  g_autofree char *program = bench_find(calls->bench, "reference_graph.py");
  if (program == NULL)
    return true;
  g_autofree char *port = g_strdup_printf("%u", calls->internet->server->port);
  const char *const argv[] = {program, "enrich", port, NULL};
  g_auto(BenchTake) take = {0};
  if (!bench_other(calls->bench, argv, &take, error))
    return false;
  series_add(seconds, take.seconds);
  return true;
}

static void
add_enrichment_rows(Bench *bench, const GArray *seconds, const GArray *one_worker, const GArray *reference)
{
  BenchRow row = {.name = "enrichment of 67 stories: a page of 150 ms, a call of 1.5 s",
                  .unit = "s",
                  .values = seconds,
                  .baseline = one_worker,
                  .bound = 1.65,
                  .sense = SENSE_AT_MOST,
                  .must = 2.0};
  bench_add(bench, &row);
  row = (BenchRow){.name = "enrichment, times faster than one worker",
                   .values = seconds,
                   .baseline = one_worker,
                   .sense = SENSE_AT_LEAST,
                   .must = 2.0};
  bench_add_ratio(bench, &row);
  row = (BenchRow){.name = "enrichment, times faster than four threads", .values = seconds, .baseline = reference};
  if (reference->len > 0)
    bench_add_ratio(bench, &row);
}

bool
bench_enrichment(Bench *bench, GError **error)
{
  static const char *const UNLIMITED[] = {"--no-limits", NULL};
  g_auto(Calls) calls = {.bench = bench};
  g_autoptr(GArray) seconds = series_new();
  g_autoptr(GArray) one_worker = series_new();
  g_autoptr(GArray) reference = series_new();
  if (!open_calls(&calls, UNLIMITED, error) || !prepare_stories(&calls, error))
    return false;
  for (int round = 0; round < bench->rounds; round++)
    if (!enrich_copy(&calls, 0, seconds, error) || !bench_internet_expect(calls.internet, 2 * WORLD_STORIES, error))
      return false;
  if (!enrich_copy(&calls, 1, one_worker, error) || !enrich_as_reference(&calls, reference, error))
    return false;
  add_enrichment_rows(bench, seconds, one_worker, reference);
  return true;
}

/* Returns: how many calls were refused for a limit; -1 on failure */
static int
count_refused(BenchInternet *internet, GError **error)
{
  g_autoptr(json_t) asked = bench_internet_asked(internet, error);
  int count = 0;
  size_t index;
  json_t *entry;
  json_array_foreach(asked, index, entry) count += json_read_int(entry, "status", 0) == 429;
  return asked != NULL ? count : -1;
}

/* Once, for it takes a minute. */
bool
bench_limits(Bench *bench, GError **error)
{
  g_auto(Calls) calls = {.bench = bench};
  if (!open_calls(&calls, NULL, error))
    return false;
  WorldReader reader = read_feed(&calls, WORLD_CALLS_FEED);
  reader.tokens_a_minute = WORLD_CALL_TOKENS * WORLD_CALLS / 2;
  g_autoptr(GArray) share = series_new();
  g_autoptr(GArray) refused = series_new();
  g_auto(BenchTake) take = {0};
  const BenchCommand command = {.name = "enrich", .folder = calls.folder};
  if (!work(&calls, &reader, "collect", error) || !bench_courant(bench, &command, &take, error))
    return false;
  int count = count_refused(calls.internet, error);
  if (count < 0)
    return false;
  series_add(share, 100 * (IDEAL_WAIT_S + WORLD_CALL_MS / 1000.0) / take.seconds);
  series_add(refused, count);
  bench_add(bench, &(BenchRow){.name = "300 calls under limits, share of an ideal client's speed",
                               .unit = "%",
                               .values = share,
                               .bound = 100,
                               .sense = SENSE_AT_LEAST,
                               .must = 95});
  bench_add(
      bench,
      &(BenchRow){.name = "300 calls under limits, refused for one", .unit = "", .values = refused, .sense = SENSE_AT_MOST});
  return true;
}
