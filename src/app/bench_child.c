#include "app/bench_child.h"

#include "base/error.h"
#include "os/clock.h"
#include "threads/cancel.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

enum { MAX_OUTPUT_BYTES = 64 * 1024 * 1024, MAX_GREETING_BYTES = 64 * 1024 };

static void
die_with_parent(void *data G_GNUC_UNUSED)
{
  prctl(PR_SET_PDEATHSIG, SIGTERM);
}

static void
serve_in_one_stream(void *data)
{
  die_with_parent(data);
  dup2(STDOUT_FILENO, STDERR_FILENO);
}

static bool
start(const char *const *argv, const char *const *environment, GSpawnChildSetupFunc setup, ChildServer *ret_started,
      GError **error)
{
  GSpawnFlags flags = G_SPAWN_DO_NOT_REAP_CHILD | G_SPAWN_SEARCH_PATH_FROM_ENVP;
  g_autoptr(GError) problem = NULL;
  if (g_spawn_async_with_pipes(NULL, (char **) argv, (char **) environment, flags, setup, NULL, &ret_started->pid, NULL,
                               &ret_started->output, NULL, &problem))
    return true;
  error_set(error, ERROR_IO, "cannot start %s: %s", argv[0], problem->message);
  return false;
}

/* Returns: how many bytes were appended to @output; 0 at its end, and when we were asked to stop */
static size_t
read_some(int descriptor, GString *output)
{
  char block[16 * 1024];
  for (;;) {
    ssize_t count = read(descriptor, block, sizeof block);
    if (count > 0)
      g_string_append_len(output, block, count);
    if (count >= 0)
      return (size_t) count;
    if (errno != EINTR || cancel_signal() != 0)
      return 0;
  }
}

static double
seconds_of(const struct timeval *time)
{
  return (double) time->tv_sec + (double) time->tv_usec / 1e6;
}

static void
wait_for(GPid pid, struct rusage *ret_usage, int *ret_exit_code)
{
  int status = 0;
  while (wait4(pid, &status, 0, ret_usage) < 0 && errno == EINTR)
    continue;
  *ret_exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

void
child_end_clear(ChildEnd *end)
{
  g_clear_pointer(&end->output, g_free);
}

bool
child_run(const char *const *argv, const char *const *environment, ChildEnd *ret_end, GError **error)
{
  ChildServer child = {0};
  g_autoptr(GString) output = g_string_new(NULL);
  struct rusage usage = {0};
  int64_t began_ms = clock_monotonic_ms();
  if (!start(argv, environment, die_with_parent, &child, error))
    return false;
  while (output->len < MAX_OUTPUT_BYTES && read_some(child.output, output) > 0)
    continue;
  close(child.output);
  if (cancel_signal() != 0)
    kill(child.pid, SIGTERM);
  ChildEnd end = {0};
  wait_for(child.pid, &usage, &end.exit_code);
  end.seconds = (double) (clock_monotonic_ms() - began_ms) / 1000;
  end.cpu_seconds = seconds_of(&usage.ru_utime) + seconds_of(&usage.ru_stime);
  if (cancel_signal() != 0) {
    error_set(error, ERROR_CANCELLED, "stopped by signal %d", cancel_signal());
    return false;
  }
  end.output = g_string_free(g_steal_pointer(&output), false);
  *ret_end = end;
  return true;
}

/* Returns: the port in @greeting, 0 while it has not been told whole */
static unsigned
find_port(const char *greeting)
{
  static const char MARK[] = "istening on 127.0.0.1:";
  const char *mark = strstr(greeting, MARK);
  char *end = NULL;
  guint64 port = mark != NULL ? g_ascii_strtoull(mark + strlen(MARK), &end, 10) : 0;
  return port > 0 && *end != '\0' ? (unsigned) port : 0;
}

ChildServer *
child_serve(const char *const *argv, const char *const *environment, GError **error)
{
  g_autoptr(ChildServer) server = g_new0(ChildServer, 1);
  g_autoptr(GString) greeting = g_string_new(NULL);
  if (!start(argv, environment, serve_in_one_stream, server, error))
    return NULL;
  while (server->port == 0 && greeting->len < MAX_GREETING_BYTES && read_some(server->output, greeting) > 0)
    server->port = find_port(greeting->str);
  if (server->port > 0)
    return g_steal_pointer(&server);
  error_set(error, ERROR_IO, "%s does not listen; it said: %s", argv[0], g_strchomp(greeting->str));
  return NULL;
}

void
child_server_free(ChildServer *server)
{
  if (server == NULL)
    return;
  if (server->pid > 0) {
    struct rusage usage;
    int exit_code;
    kill(server->pid, SIGTERM);
    wait_for(server->pid, &usage, &exit_code);
    close(server->output);
  }
  g_free(server);
}
