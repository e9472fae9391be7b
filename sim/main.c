#include "base/error.h"
#include "server.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>

enum { EXIT_USAGE = 2 };

typedef struct {
  int port;
  int day;
  int latency_ms;
  char *port_file;
  char *world;
  char *folder;
  char *posts;
  char *script;
  char *log;
  gboolean is_unlimited;
  gboolean shows_version;
} Options;

static void
options_clear(Options *options)
{
  g_free(options->port_file);
  g_free(options->world);
  g_free(options->folder);
  g_free(options->posts);
  g_free(options->script);
  g_free(options->log);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Options, options_clear)

static bool
read_options(Options *options, int *argc, char ***argv, GError **error)
{
  GOptionEntry entries[] = {
      {"port", 0, 0, G_OPTION_ARG_INT, &options->port, "Listen on 127.0.0.1:N; 0, the default, takes a free port", "N"},
      {"port-file", 0, 0, G_OPTION_ARG_FILENAME, &options->port_file, "Write the port to FILE once it listens", "FILE"},
      {"world", 0, 0, G_OPTION_ARG_FILENAME, &options->world, "Serve the world in DIR instead of the bundled one", "DIR"},
      {"day", 0, 0, G_OPTION_ARG_INT, &options->day, "Begin with the world's day N (1)", "N"},
      {"folder", 0, 0, G_OPTION_ARG_FILENAME, &options->folder, "Serve the recorded replies in DIR instead", "DIR"},
      {"posts", 0, 0, G_OPTION_ARG_FILENAME, &options->posts, "Serve the posts in FILE, NDJSON, as a world", "FILE"},
      {"latency", 0, 0, G_OPTION_ARG_INT, &options->latency_ms, "Wait MS milliseconds before every answer", "MS"},
      {"script", 0, 0, G_OPTION_ARG_FILENAME, &options->script, "Cause the faults that FILE lists", "FILE"},
      {"log", 0, 0, G_OPTION_ARG_FILENAME, &options->log, "Write what is asked to FILE as NDJSON", "FILE"},
      {"no-limits", 0, 0, G_OPTION_ARG_NONE, &options->is_unlimited, "Never refuse a request for being one too many", NULL},
      {"version", 0, 0, G_OPTION_ARG_NONE, &options->shows_version, "Show the version", NULL},
      {NULL, 0, 0, G_OPTION_ARG_NONE, NULL, NULL, NULL},
  };
  g_autoptr(GOptionContext) context = g_option_context_new("- a whole internet on loopback, for tests and demonstrations");
  g_option_context_set_description(context,
                                   "Examples:\n"
                                   "  courant-sim --port 8080            the bundled world at http://hn.localhost:8080/\n"
                                   "  courant-sim --latency 150 --day 2  its second day, every answer 150 ms late\n");
  g_option_context_add_main_entries(context, entries, NULL);
  if (!g_option_context_parse(context, argc, argv, error))
    return false;
  if (*argc > 1)
    error_set(error, ERROR_CONFIG, "unexpected argument \"%s\"", (*argv)[1]);
  else if (options->port < 0 || options->port > 65535)
    error_set(error, ERROR_CONFIG, "--port must be from 0 to 65535");
  else if (options->latency_ms < 0)
    error_set(error, ERROR_CONFIG, "--latency must not be negative");
  else
    return true;
  return false;
}

static bool
announce(unsigned port, const char *port_file, GError **error)
{
  g_autofree char *text = g_strdup_printf("%u\n", port);
  if (port_file != NULL && !g_file_set_contents(port_file, text, -1, error))
    return false;
  printf("courant-sim: listening on 127.0.0.1:%u\n", port);
  fflush(stdout);
  return true;
}

static bool
serve(Internet *internet, const Options *options, GError **error)
{
  sigset_t ends;
  sigemptyset(&ends);
  sigaddset(&ends, SIGTERM);
  sigaddset(&ends, SIGINT);
  pthread_sigmask(SIG_BLOCK, &ends, NULL);
  signal(SIGPIPE, SIG_IGN);
  Server *server = server_start(internet, (unsigned) options->port, options->latency_ms, error);
  if (server == NULL)
    return false;
  bool is_ready = announce(server_port(server), options->port_file, error);
  int caught;
  if (is_ready)
    sigwait(&ends, &caught);
  server_stop(server);
  return is_ready;
}

static int
report(const GError *error, int exit_code)
{
  fprintf(stderr, "courant-sim: %s\n", error->message);
  return exit_code;
}

int
main(int argc, char **argv)
{
  g_auto(Options) options = {.day = 1};
  g_autoptr(GError) error = NULL;
  if (!read_options(&options, &argc, &argv, &error))
    return report(error, EXIT_USAGE);
  if (options.shows_version) {
    printf("courant-sim %s\n", COURANT_VERSION);
    return EXIT_SUCCESS;
  }
  InternetOptions content = {.world = options.world != NULL ? options.world : SIM_WORLD,
                             .folder = options.folder,
                             .posts = options.posts,
                             .script = options.script,
                             .log = options.log,
                             .day = options.day,
                             .is_unlimited = options.is_unlimited};
  g_autoptr(Internet) internet = internet_new(&content, &error);
  if (internet == NULL)
    return report(error, EXIT_USAGE);
  return serve(internet, &options, &error) ? EXIT_SUCCESS : report(error, EXIT_FAILURE);
}
