/* How fast is it? Measured on this machine, in a world of its own, beside what it is compared with. */
#include "app/bench.h"

#include "base/error.h"
#include "base/time.h"
#include "os/clock.h"
#include "os/file.h"

#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

enum { DEFAULT_ROUNDS = 3, MAX_ROUNDS = 100 };

static const BenchGroup GROUPS[] = {
    {"collection", "46 requests, beside one worker, a thread a source and the Python pipeline", bench_collection},
    {"tls", "the same over TLS and HTTP/2", bench_tls},
    {"enrichment", "67 stories, a page and a call of a language model each", bench_enrichment},
    {"limits", "300 calls of a language model that takes 150 a minute", bench_limits},
    {"run", "whole runs: time, memory, and one that finds nothing new", bench_run},
    {"workers", "whether any number of workers makes the same", bench_digests},
    {"stories", "grouping of a thousand to a million titles", bench_stories},
};

/* Returns: (transfer container) (array zero-terminated=1): the names of all groups */
static char **
list_groups(void)
{
  GPtrArray *names = g_ptr_array_new();
  for (size_t i = 0; i < G_N_ELEMENTS(GROUPS); i++)
    g_ptr_array_add(names, (char *) GROUPS[i].name);
  g_ptr_array_add(names, NULL);
  return (char **) g_ptr_array_free(names, false);
}

/* Returns: (transfer full): the line of /proc/cpuinfo that names the processor; "" when none does */
static char *
find_processor(void)
{
  static const char KEY[] = "model name";
  g_autofree char *text = NULL;
  const char *line = g_file_get_contents("/proc/cpuinfo", &text, NULL, NULL) ? strstr(text, KEY) : NULL;
  const char *value = line != NULL ? strchr(line, ':') : NULL;
  return value != NULL ? g_strstrip(g_strndup(value + 1, strcspn(value + 1, "\n"))) : g_strdup("");
}

static json_t *
describe_machine(void)
{
  struct utsname system;
  uname(&system);
  g_autofree char *processor = find_processor();
  return json_pack("{ss ss ss si}", "system", system.sysname, "kernel", system.release, "processor", processor, "cores",
                   (int) sysconf(_SC_NPROCESSORS_ONLN));
}

/* COURANT_SIM, else beside courant, else in PATH. Returns: (transfer full) (nullable) */
static char *
find_simulator(const Invocation *invocation, const char *courant)
{
  const char *given = g_environ_getenv((char **) invocation->environment, "COURANT_SIM");
  if (given != NULL && *given != '\0')
    return g_strdup(given);
  g_autofree char *folder = g_path_get_dirname(courant);
  g_autofree char *beside = g_build_filename(folder, "courant-sim", NULL);
  return g_file_test(beside, G_FILE_TEST_IS_EXECUTABLE) ? g_steal_pointer(&beside) : g_find_program_in_path("courant-sim");
}

/* Nothing of ours but what finds programs and their data, and what sanitizers heed: no proxy, no key, no number of workers. */
static char **
make_environment(const Invocation *invocation)
{
  static const char *const KEPT[] = {"PATH",         "HOME",          "TMPDIR",       "ASAN_OPTIONS",
                                     "LSAN_OPTIONS", "UBSAN_OPTIONS", "TSAN_OPTIONS", "G_SLICE"};
  char **environment = NULL;
  for (size_t i = 0; i < G_N_ELEMENTS(KEPT); i++) {
    const char *value = g_environ_getenv((char **) invocation->environment, KEPT[i]);
    if (value != NULL)
      environment = g_environ_setenv(environment, KEPT[i], value, true);
  }
  environment = g_environ_setenv(environment, "COURANT_DATADIR", invocation->datadir, true);
  environment = g_environ_setenv(environment, "REDDIT_CLIENT_ID", "bench", true);
  environment = g_environ_setenv(environment, "REDDIT_CLIENT_SECRET", "bench", true);
  return g_environ_setenv(environment, "OPENAI_API_KEY", "bench", true);
}

static bool
open_bench(Bench *bench, GError **error)
{
  const Invocation *invocation = bench->invocation;
  bench->courant = g_file_read_link("/proc/self/exe", error);
  bench->simulator = bench->courant != NULL ? find_simulator(invocation, bench->courant) : NULL;
  if (bench->courant != NULL && bench->simulator == NULL)
    error_set(error, ERROR_IO, "there is no courant-sim beside courant or in PATH: set COURANT_SIM to where it is");
  bench->folder = bench->simulator != NULL ? g_dir_make_tmp("courant-bench-XXXXXX", error) : NULL;
  if (bench->folder == NULL)
    return false;
  bench->environment = make_environment(invocation);
  bench->world = g_build_filename(bench->folder, "world", NULL);
  bench->rows = json_array();
  return world_write(bench->world, error);
}

static void
bench_clear(Bench *bench)
{
  if (bench->folder != NULL)
    file_remove_tree(bench->folder, NULL);
  g_free(bench->folder);
  g_free(bench->world);
  g_free(bench->courant);
  g_free(bench->simulator);
  g_strfreev(bench->environment);
  json_decref(bench->rows);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Bench, bench_clear)

static bool
run_groups(Bench *bench, char *const *only, GError **error)
{
  for (size_t i = 0; i < G_N_ELEMENTS(GROUPS); i++) {
    const BenchGroup *group = &GROUPS[i];
    if (only != NULL && !g_strv_contains((const char *const *) only, group->name))
      continue;
    log_line(&bench->invocation->log, LOG_INFO, "measuring %s: %s", group->name, group->summary);
    if (!group->run(bench, error)) {
      g_prefix_error(error, "%s: ", group->name);
      return false;
    }
  }
  return true;
}

/* Returns: the exit code that @document means, when it is written */
static int
tell(const Invocation *invocation, json_t *document, const char *out)
{
  int status = EXIT_OK;
  size_t index;
  json_t *row;
  json_array_foreach(json_object_get(document, "rows"), index, row) status =
      json_is_true(json_object_get(row, "ok")) ? status : EXIT_FAILED;
  g_autofree char *text = json_write(document);
  GError *error = NULL;
  if (out != NULL && !file_write(out, text, strlen(text), &error)) {
    json_decref(document);
    return fail_with(invocation, error);
  }
  int told = print_document(invocation, document, bench_print);
  return told != EXIT_OK ? told : status;
}

static int
measure(Bench *bench, char *const *only, const char *out)
{
  g_autofree char *started = time_format(clock_now_ms());
  GError *error = NULL;
  if (!open_bench(bench, &error) || !run_groups(bench, only, &error))
    return fail_with(bench->invocation, error);
  json_t *document = json_pack("{ss ss ss so sO}", "schema", "courant.bench/1", "started", started, "version", COURANT_VERSION,
                               "machine", describe_machine(), "rows", bench->rows);
  return tell(bench->invocation, document, out);
}

static int
start_bench(Invocation *invocation)
{
  int rounds = DEFAULT_ROUNDS;
  g_auto(GStrv) only = NULL;
  g_autofree char *out = NULL;
  const GOptionEntry own[] = {
      {"rounds", 0, 0, G_OPTION_ARG_INT, &rounds, "Measure each thing so often, in turn with the others (3)", "N"},
      {"out", 0, 0, G_OPTION_ARG_FILENAME, &out, "Write the JSON document to FILE as well", "FILE"},
      {"only", 0, 0, G_OPTION_ARG_STRING_ARRAY, &only, "Only what is called NAME; may be given again", "NAME"},
      {0},
  };
  int status = EXIT_OK;
  if (!invocation_parse(invocation, own, &status))
    return status;
  if (rounds < 1 || rounds > MAX_ROUNDS)
    return fail_usage(invocation, "--rounds takes a number from 1 to 100");
  g_autofree char **known = list_groups();
  for (char **name = only; name != NULL && *name != NULL; name++)
    if (!g_strv_contains((const char *const *) known, *name)) {
      g_autofree char *names = g_strjoinv(", ", known);
      g_autofree char *problem = g_strconcat("--only takes one of ", names, NULL);
      return fail_usage(invocation, problem);
    }
  g_auto(Bench) bench = {.invocation = invocation, .rounds = rounds};
  return measure(&bench, only, out);
}

const Command bench_command = {
    .name = "bench",
    .usage = "",
    .summary = "measure this program on this machine, in a simulated internet; exit 1 where it is not what it must be",
    .examples = "  courant bench                        a table; some minutes\n"
                "  courant bench --json --only collection --rounds 5\n",
    .run = start_bench,
};
