/* How courant bench measures a program, and what was asked of the simulated internet meanwhile. */
#include "app/bench.h"
#include "base/error.h"

#include <string.h>

void
bench_take_clear(BenchTake *take)
{
  g_clear_pointer(&take->document, json_decref);
}

char *
bench_workspace(Bench *bench)
{
  return g_strdup_printf("%s/workspace-%d", bench->folder, ++bench->workspaces);
}

char *
bench_find(const Bench *bench, const char *name)
{
  g_autofree char *build = g_path_get_dirname(bench->courant);
  const char *const places[] = {build, bench->invocation->datadir};
  for (size_t i = 0; i < G_N_ELEMENTS(places); i++) {
    g_autofree char *path = g_build_filename(places[i], "bench", name, NULL);
    if (g_file_test(path, G_FILE_TEST_IS_EXECUTABLE))
      return g_steal_pointer(&path);
  }
  log_line(&bench->invocation->log, LOG_WARNING, "there is no bench/%s to compare with; it comes with the sources", name);
  return NULL;
}

/* Sets @ret_take from a program that ended: its output is one JSON document. */
static bool
read_end(const char *name, ChildEnd *end, BenchTake *ret_take, GError **error)
{
  g_strchomp(end->output);
  if (end->exit_code != EXIT_OK) {
    error_set(error, ERROR_IO, "%s ended with %d; it said: %s", name, end->exit_code, end->output);
    return false;
  }
  json_t *document = json_parse(end->output, strlen(end->output), NULL, error);
  if (document == NULL) {
    g_prefix_error(error, "%s: ", name);
    return false;
  }
  *ret_take = (BenchTake){.seconds = end->seconds, .cpu_seconds = end->cpu_seconds, .document = document};
  return true;
}

bool
bench_courant(Bench *bench, const BenchCommand *command, BenchTake *ret_take, GError **error)
{
  g_autofree char *workers = g_strdup_printf("--workers=%d", command->workers);
  g_autofree char *timeline = g_strdup_printf("--timeline=%s", command->timeline);
  const char *argv[] = {bench->courant, command->name, "--json", "-q", "-C", command->folder,
                        "--now",        WORLD_NOW,     NULL,     NULL, NULL};
  size_t count = g_strv_length((char **) argv);
  if (command->workers > 0)
    argv[count++] = workers;
  if (command->timeline != NULL)
    argv[count++] = timeline;
  g_auto(ChildEnd) end = {0};
  g_autofree char *name = g_strconcat("courant ", command->name, NULL);
  return child_run(argv, (const char *const *) bench->environment, &end, error) && read_end(name, &end, ret_take, error);
}

bool
bench_collect(Bench *bench, const WorldReader *reader, int workers, BenchTake *ret_take, GError **error)
{
  g_autofree char *folder = bench_workspace(bench);
  WorldReader own = *reader;
  own.folder = folder;
  const BenchCommand command = {.name = "collect", .folder = folder, .workers = workers};
  if (!world_configure(&own, error) || !bench_courant(bench, &command, ret_take, error))
    return false;
  int64_t items = json_read_int(json_object_get(ret_take->document, "items"), "collected", 0);
  if (items != WORLD_ITEMS)
    error_set(error, ERROR_IO, "%" G_GINT64_FORMAT " posts were collected, not %d", items, WORLD_ITEMS);
  return items == WORLD_ITEMS;
}

bool
bench_other(Bench *bench, const char *const *argv, BenchTake *ret_take, GError **error)
{
  g_auto(ChildEnd) end = {0};
  if (!child_run(argv, (const char *const *) bench->environment, &end, error) || !read_end(argv[0], &end, ret_take, error))
    return false;
  ret_take->seconds = json_number_value(json_object_get(ret_take->document, "seconds"));
  return true;
}

char *
bench_output(Bench *bench, const char *const *argv, GError **error)
{
  g_auto(ChildEnd) end = {0};
  if (!child_run(argv, (const char *const *) bench->environment, &end, error))
    return NULL;
  if (end.exit_code == EXIT_OK)
    return g_steal_pointer(&end.output);
  error_set(error, ERROR_IO, "%s ended with %d; it said: %s", argv[0], end.exit_code, g_strchomp(end.output));
  return NULL;
}

BenchInternet *
bench_internet_start(Bench *bench, int latency_ms, const char *const *options, GError **error)
{
  g_autofree char *latency = g_strdup_printf("%d", latency_ms);
  g_autofree char *log = g_strdup_printf("%s/log-%d", bench->folder, ++bench->workspaces);
  g_autoptr(GPtrArray) argv = g_ptr_array_new();
  const char *const own[] = {bench->simulator, "--world", bench->world, "--latency", latency, "--log", log};
  for (size_t i = 0; i < G_N_ELEMENTS(own); i++)
    g_ptr_array_add(argv, (char *) own[i]);
  for (; options != NULL && *options != NULL; options++)
    g_ptr_array_add(argv, (char *) *options);
  g_ptr_array_add(argv, NULL);
  ChildServer *server = child_serve((const char *const *) argv->pdata, (const char *const *) bench->environment, error);
  if (server == NULL)
    return NULL;
  BenchInternet *internet = g_new0(BenchInternet, 1);
  *internet = (BenchInternet){.server = server, .log = g_steal_pointer(&log)};
  return internet;
}

void
bench_internet_free(BenchInternet *internet)
{
  if (internet == NULL)
    return;
  child_server_free(internet->server);
  g_free(internet->log);
  g_free(internet);
}

json_t *
bench_internet_asked(BenchInternet *internet, GError **error)
{
  g_autofree char *text = NULL;
  gsize length = 0;
  if (!g_file_get_contents(internet->log, &text, &length, error))
    return NULL;
  g_auto(GStrv) lines = g_strsplit(text + internet->seen, "\n", -1);
  g_autoptr(json_t) asked = json_array();
  for (char **line = lines; *line != NULL && **line != '\0'; line++) {
    json_t *entry = json_parse(*line, strlen(*line), NULL, error);
    if (entry == NULL)
      return NULL;
    json_array_append_new(asked, entry);
  }
  internet->seen = length;
  return g_steal_pointer(&asked);
}

bool
bench_internet_expect(BenchInternet *internet, size_t requests, GError **error)
{
  g_autoptr(json_t) asked = bench_internet_asked(internet, error);
  if (asked == NULL || json_array_size(asked) == requests)
    return asked != NULL;
  error_set(error, ERROR_IO, "%zu requests were made, not %zu: that is not what is compared", json_array_size(asked), requests);
  return false;
}
