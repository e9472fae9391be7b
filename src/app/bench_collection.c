/* Collecting: as it is, with one worker, by a thread a source, and as the Python pipeline did it. */
#include "app/bench.h"
#include "base/error.h"

enum { PER_HOST = 8 };

/* What collecting is measured of. @program: (nullable): courant when NULL; @word, @option (nullable): before and behind the
 * port */
typedef struct {
  int workers;
  const char *program;
  const char *word;
  const char *option;
} Contender;

/* The first is what the others are compared with. */
static const Contender CONTENDERS[] = {
    {0},
    {.workers = 1},
    {.program = "thread_a_source"},
    {.program = "reference_graph.py", .word = "collect"},
    {.program = "reference_graph.py", .word = "collect", .option = "--sleeps"},
};

enum { AS_IT_IS, ONE_WORKER, A_THREAD_A_SOURCE, REFERENCE, REFERENCE_SLEEPING };

static bool
take_program(Bench *bench, const BenchInternet *internet, const Contender *contender, BenchTake *ret_take, GError **error)
{
  g_autofree char *program = bench_find(bench, contender->program);
  if (program == NULL)
    return true;
  g_autofree char *port = g_strdup_printf("%u", internet->server->port);
  const char *const words[] = {program, contender->word, port, contender->option};
  const char *argv[G_N_ELEMENTS(words) + 1] = {NULL};
  size_t count = 0;
  for (size_t i = 0; i < G_N_ELEMENTS(words); i++)
    if (words[i] != NULL)
      argv[count++] = words[i];
  return bench_other(bench, argv, ret_take, error);
}

/* One round: each contender once. @seconds: (array length=5): one that is not there gets no value */
static bool
take_round(Bench *bench, BenchInternet *internet, GArray *const *seconds, GError **error)
{
  const WorldReader reader = {
      .scheme = "http", .port = internet->server->port, .sources = WORLD_COMMUNITIES, .per_host = PER_HOST};
  for (size_t i = 0; i < G_N_ELEMENTS(CONTENDERS); i++) {
    const Contender *contender = &CONTENDERS[i];
    g_auto(BenchTake) take = {0};
    if (contender->program == NULL ? !bench_collect(bench, &reader, contender->workers, &take, error)
                                   : !take_program(bench, internet, contender, &take, error))
      return false;
    if (take.document == NULL)
      continue;
    if (!bench_internet_expect(internet, WORLD_REQUESTS, error))
      return false;
    series_add(seconds[i], take.seconds);
  }
  return true;
}

static void
add_rows(Bench *bench, GArray *const *seconds)
{
  static const struct {
    const char *name;
    size_t baseline;
    BenchSense sense;
    double must;
  } RATIOS[] = {
      {"collection, times faster than one worker", ONE_WORKER, SENSE_AT_LEAST, 7},
      {"collection, times faster than a thread a source", A_THREAD_A_SOURCE, SENSE_AT_LEAST, 5},
      {"collection, times faster than the reference", REFERENCE, SENSE_AT_LEAST, 2.8},
      {"collection, times faster than it with its sleeps", REFERENCE_SLEEPING, SENSE_NONE, 0},
  };
  const BenchRow row = {.name = "collection of 46 requests, 150 ms each",
                        .unit = "s",
                        .values = seconds[AS_IT_IS],
                        .baseline = seconds[ONE_WORKER],
                        .bound = 0.75,
                        .sense = SENSE_AT_MOST,
                        .must = 0.90};
  bench_add(bench, &row);
  for (size_t i = 0; i < G_N_ELEMENTS(RATIOS); i++) {
    const BenchRow ratio = {.name = RATIOS[i].name,
                            .values = seconds[AS_IT_IS],
                            .baseline = seconds[RATIOS[i].baseline],
                            .sense = RATIOS[i].sense,
                            .must = RATIOS[i].must};
    if (ratio.baseline->len > 0)
      bench_add_ratio(bench, &ratio);
  }
}

bool
bench_collection(Bench *bench, GError **error)
{
  g_autoptr(BenchInternet) internet = bench_internet_start(bench, WORLD_LATENCY_MS, NULL, error);
  if (internet == NULL)
    return false;
  g_autoptr(GPtrArray) seconds = series_list(G_N_ELEMENTS(CONTENDERS));
  for (int round = 0; round < bench->rounds; round++)
    if (!take_round(bench, internet, (GArray *const *) seconds->pdata, error))
      return false;
  add_rows(bench, (GArray *const *) seconds->pdata);
  return true;
}
