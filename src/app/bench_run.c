/* Whole runs: how long, of that how much is our own work, how much memory; a run that finds nothing new; and whether any number
 * of workers makes the same. */
#include "app/bench.h"
#include "base/digest.h"
#include "base/error.h"
#include "os/file.h"

#include <string.h>
#include <sys/stat.h>

enum { PER_HOST = 8, BYTES_A_MB = 1000 * 1000 };

typedef struct {
  Bench *bench;
  BenchInternet *internet;
} Runs;

static void
runs_clear(Runs *runs)
{
  bench_internet_free(runs->internet);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Runs, runs_clear)

/* A stretch of a timeline: microseconds. */
typedef struct {
  int64_t began_us;
  int64_t ended_us;
} Stretch;

static int
compare_stretches(const void *a, const void *b)
{
  const Stretch *first = a;
  const Stretch *second = b;
  return (first->began_us > second->began_us) - (first->began_us < second->began_us);
}

/* Returns: (transfer full) (element-type Stretch): when others worked for us: the network on a request, Hugo, or the pool on
 * covers, which are measured apart */
static GArray *
find_apart(const json_t *events)
{
  GArray *apart = g_array_new(FALSE, FALSE, sizeof(Stretch));
  size_t index;
  json_t *event;
  json_array_foreach(events, index, event)
  {
    const char *name = json_read_text(event, "name");
    bool is_request = json_read_text(json_object_get(event, "args"), "url") != NULL;
    if (!is_request && (name == NULL || (!g_str_equal(name, "hugo") && !g_str_has_prefix(name, "deploy:covers/"))))
      continue;
    int64_t began_us = json_read_int(event, "ts", 0);
    const Stretch stretch = {began_us, began_us + json_read_int(event, "dur", 0)};
    g_array_append_val(apart, stretch);
  }
  return apart;
}

/* Sets for how many seconds of a run others worked for us; what we did meanwhile delayed nobody. */
static bool
read_timeline(const char *path, double *ret_seconds, GError **error)
{
  g_autofree char *text = NULL;
  gsize length = 0;
  g_autoptr(json_t) trace = g_file_get_contents(path, &text, &length, error) ? json_parse(text, length, NULL, error) : NULL;
  if (trace == NULL)
    return false;
  g_autoptr(GArray) apart = find_apart(json_object_get(trace, "traceEvents"));
  g_array_sort(apart, compare_stretches);
  int64_t sum_us = 0;
  int64_t end_us = 0;
  for (guint i = 0; i < apart->len; i++) {
    const Stretch *stretch = &g_array_index(apart, Stretch, i);
    sum_us += MAX(stretch->ended_us - MAX(stretch->began_us, end_us), 0);
    end_us = MAX(end_us, stretch->ended_us);
  }
  *ret_seconds = (double) sum_us / 1e6;
  return true;
}

static double
peak_mb(const BenchTake *take)
{
  return (double) json_read_int(take->document, "peak_rss_bytes", 0) / BYTES_A_MB;
}

/* A new workspace with a run in it. @timeline: (nullable): where to write it. Returns: (transfer full) (nullable): its folder
 */
static char *
run_once(const Runs *runs, int workers, const char *timeline, BenchTake *ret_take, GError **error)
{
  g_autofree char *folder = bench_workspace(runs->bench);
  const WorldReader reader = {.folder = folder,
                              .scheme = "http",
                              .port = runs->internet->server->port,
                              .sources = WORLD_COMMUNITIES,
                              .per_host = PER_HOST};
  const BenchCommand command = {.name = "run", .folder = folder, .workers = workers, .timeline = timeline};
  if (!world_configure(&reader, error) || !bench_courant(runs->bench, &command, ret_take, error))
    return NULL;
  if (json_read_int(json_object_get(ret_take->document, "articles"), "written", 0) > 0)
    return g_steal_pointer(&folder);
  error_set(error, ERROR_IO, "the run wrote no article");
  return NULL;
}

/* Returns: (transfer full) (nullable): a digest of which files the site in @folder consists of, and when they were written */
static char *
stamp_site(const char *folder, GError **error)
{
  g_autofree char *site = g_build_filename(folder, "public", NULL);
  g_autoptr(GPtrArray) names = file_list_tree(site, error);
  g_autoptr(GString) stamps = g_string_new(NULL);
  for (guint i = 0; names != NULL && i < names->len; i++) {
    g_autofree char *path = g_build_filename(site, names->pdata[i], NULL);
    struct stat status = {0};
    stat(path, &status);
    g_string_append_printf(stamps, "%s %ju %jd.%09ld\n", (const char *) names->pdata[i], (uintmax_t) status.st_ino,
                           (intmax_t) status.st_mtim.tv_sec, status.st_mtim.tv_nsec);
  }
  return names != NULL ? digest_sha256(stamps->str, stamps->len) : NULL;
}

/* Returns: how many of what was asked are pages, robots.txt or calls of a language model; -1 on failure */
static int
count_research(BenchInternet *internet, GError **error)
{
  g_autoptr(json_t) asked = bench_internet_asked(internet, error);
  int count = 0;
  size_t index;
  json_t *entry;
  json_array_foreach(asked, index, entry)
  {
    const char *path = json_read_text(entry, "path");
    count += g_str_has_suffix(path, ".html") || g_str_has_suffix(path, "robots.txt") || g_str_has_suffix(path, "completions");
  }
  return asked != NULL ? count : -1;
}

/* What a round of whole runs measures: a value a round of each. */
enum { SECONDS, ONE_WORKER_SECONDS, OWN_MS, PEAK_MB, ONE_WORKER_PEAK_MB, AGAIN_SECONDS, AGAIN_RESEARCH, AGAIN_TOUCHED, SERIES };

static bool
run_again(const Runs *runs, const char *folder, GArray *const *series, GError **error)
{
  g_auto(BenchTake) take = {0};
  g_autofree char *before = stamp_site(folder, error);
  if (before == NULL || count_research(runs->internet, error) < 0 ||
      !bench_courant(runs->bench, &(BenchCommand){.name = "run", .folder = folder}, &take, error))
    return false;
  g_autofree char *after = stamp_site(folder, error);
  int research = after != NULL ? count_research(runs->internet, error) : -1;
  if (research < 0)
    return false;
  series_add(series[AGAIN_SECONDS], take.seconds);
  series_add(series[AGAIN_RESEARCH], research);
  series_add(series[AGAIN_TOUCHED], g_str_equal(before, after) ? 0 : 1);
  return true;
}

/* A new workspace with a run in it, of which the time that is our own is kept too. Returns: as run_once() */
static char *
run_timed(const Runs *runs, GArray *const *series, BenchTake *ret_take, GError **error)
{
  double apart_seconds = 0;
  g_autofree char *timeline = g_build_filename(runs->bench->folder, "timeline.json", NULL);
  g_autofree char *folder = run_once(runs, 0, timeline, ret_take, error);
  if (folder == NULL || !read_timeline(timeline, &apart_seconds, error))
    return NULL;
  series_add(series[OWN_MS], (ret_take->seconds - apart_seconds) * 1000);
  return g_steal_pointer(&folder);
}

static bool
run_round(const Runs *runs, GArray *const *series, GError **error)
{
  g_auto(BenchTake) take = {0};
  g_auto(BenchTake) slow = {0};
  g_autofree char *folder = run_timed(runs, series, &take, error);
  if (folder == NULL)
    return false;
  series_add(series[SECONDS], take.seconds);
  series_add(series[PEAK_MB], peak_mb(&take));
  for (int i = 1; i < BENCH_SHORT_TAKES; i++) {
    g_auto(BenchTake) another = {0};
    g_autofree char *other = run_timed(runs, series, &another, error);
    if (other == NULL)
      return false;
  }
  g_autofree char *other = run_again(runs, folder, series, error) ? run_once(runs, 1, NULL, &slow, error) : NULL;
  if (other == NULL)
    return false;
  series_add(series[ONE_WORKER_SECONDS], slow.seconds);
  series_add(series[ONE_WORKER_PEAK_MB], peak_mb(&slow));
  return true;
}

/* Parallel work may cost 15 % more memory than one worker, or 8 MB, whichever is more. */
static void
add_memory_rows(Bench *bench, GArray *const *series)
{
  g_autoptr(GArray) more = series_new();
  double allowed = 8;
  for (guint i = 0; i < series[PEAK_MB]->len; i++) {
    double one_worker = g_array_index(series[ONE_WORKER_PEAK_MB], double, i);
    series_add(more, g_array_index(series[PEAK_MB], double, i) - one_worker);
    allowed = MAX(allowed, one_worker * 0.15);
  }
  bench_add(bench, &(BenchRow){.name = "whole run, peak memory",
                               .unit = "MB",
                               .values = series[PEAK_MB],
                               .baseline = series[ONE_WORKER_PEAK_MB],
                               .sense = SENSE_AT_MOST,
                               .must = 40});
  bench_add(bench, &(BenchRow){.name = "whole run, memory beyond one worker's",
                               .unit = "MB",
                               .values = more,
                               .sense = SENSE_AT_MOST,
                               .must = allowed});
}

static void
add_rows(Bench *bench, GArray *const *series)
{
  BenchRow run = {
      .name = "whole run, 30 pages of 30 KB", .unit = "s", .values = series[SECONDS], .baseline = series[ONE_WORKER_SECONDS]};
  bench_add(bench, &run);
  run.name = "whole run, times faster than one worker";
  run.sense = SENSE_AT_LEAST;
  run.must = 1.8;
  bench_add_ratio(bench, &run);
  bench_add(bench, &(BenchRow){.name = "whole run, our own time: beside the network, Hugo and covers",
                               .unit = "ms",
                               .values = series[OWN_MS],
                               .sense = SENSE_AT_MOST,
                               .must = 150});
  add_memory_rows(bench, series);
  bench_add(bench, &(BenchRow){.name = "run with nothing new",
                               .unit = "s",
                               .values = series[AGAIN_SECONDS],
                               .bound = 0.75,
                               .sense = SENSE_AT_MOST,
                               .must = 0.90});
  bench_add(bench, &(BenchRow){.name = "run with nothing new, pages and calls asked for",
                               .unit = "",
                               .values = series[AGAIN_RESEARCH],
                               .sense = SENSE_AT_MOST});
  bench_add(bench, &(BenchRow){.name = "run with nothing new, sites that were touched",
                               .unit = "",
                               .values = series[AGAIN_TOUCHED],
                               .sense = SENSE_AT_MOST});
}

bool
bench_run(Bench *bench, GError **error)
{
  g_auto(Runs) runs = {.bench = bench};
  runs.internet = bench_internet_start(bench, WORLD_LATENCY_MS, NULL, error);
  if (runs.internet == NULL)
    return false;
  g_autoptr(GPtrArray) series = series_list(SERIES);
  for (int round = 0; round < bench->rounds; round++)
    if (!run_round(&runs, (GArray *const *) series->pdata, error))
      return false;
  add_rows(bench, (GArray *const *) series->pdata);
  return true;
}

/* Returns: (transfer full) (nullable): one digest of the dump and the site */
static char *
digest_results(Bench *bench, const char *folder, GError **error)
{
  const char *const argv[] = {bench->courant, "dump", "-C", folder, NULL};
  g_autofree char *site = g_build_filename(folder, "public", NULL);
  g_autofree char *dump = bench_output(bench, argv, error);
  g_autofree char *site_digest = dump != NULL ? file_tree_sha256(site, error) : NULL;
  if (site_digest == NULL)
    return NULL;
  g_autofree char *all = g_strconcat(dump, site_digest, NULL);
  return digest_sha256(all, strlen(all));
}

bool
bench_digests(Bench *bench, GError **error)
{
  static const int WORKERS[] = {1, 2, 8, 64};
  g_auto(Runs) runs = {.bench = bench, .internet = bench_internet_start(bench, 0, NULL, error)};
  g_autoptr(GHashTable) digests = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
  for (size_t i = 0; i < G_N_ELEMENTS(WORKERS); i++) {
    g_auto(BenchTake) take = {0};
    g_autofree char *folder = runs.internet != NULL ? run_once(&runs, WORKERS[i], NULL, &take, error) : NULL;
    char *digest = folder != NULL ? digest_results(bench, folder, error) : NULL;
    if (digest == NULL)
      return false;
    g_hash_table_add(digests, digest);
  }
  g_autoptr(GArray) values = series_new();
  series_add(values, g_hash_table_size(digests));
  bench_add(bench, &(BenchRow){.name = "different results of 1, 2, 8 and 64 workers",
                               .unit = "",
                               .values = values,
                               .bound = 1,
                               .sense = SENSE_AT_MOST,
                               .must = 1});
  return true;
}
