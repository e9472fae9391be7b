#include "os/process.h"

#include "base/error.h"
#include "base/text.h"
#include "os/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

enum { MAX_OUTPUT_BYTES = 64 * 1024, GRACE_MS = 2000, LONGEST_WAIT_MS = 200, MAX_REASON_CHARS = 400 };

/* A program under way. Both descriptors are watched together: a program may close its output long before it ends, or leave a
 * child behind that keeps the output open. */
typedef struct {
  pid_t pid;
  int end_descriptor;
  int output_descriptor;
  GString *output;
} Running;

/* One read takes all that a full pipe holds. */
static void
read_output(Running *running)
{
  char chunk[MAX_OUTPUT_BYTES];
  ssize_t count = read(running->output_descriptor, chunk, sizeof chunk);
  if (count < 0 && (errno == EAGAIN || errno == EINTR))
    return;
  if (count <= 0) {
    close(running->output_descriptor);
    running->output_descriptor = -1;
    return;
  }
  g_string_append_len(running->output, chunk, count);
  if (running->output->len > MAX_OUTPUT_BYTES)
    g_string_erase(running->output, 0, (gssize) (running->output->len - MAX_OUTPUT_BYTES));
}

typedef enum { ENDED, TIMED_OUT, CANCELLED } Waited;

/* Until the program ends, @deadline_ms (INT64_MAX for none) comes, or @is_cancelled (nullable) says so. */
static Waited
await_end(Running *running, int64_t deadline_ms, bool (*is_cancelled)(void))
{
  for (;;) {
    int64_t left_ms = deadline_ms - clock_monotonic_ms();
    struct pollfd watched[] = {
        {.fd = running->end_descriptor, .events = POLLIN},
        {.fd = running->output_descriptor, .events = POLLIN},
    };
    if (left_ms <= 0)
      return TIMED_OUT;
    if (is_cancelled != NULL && is_cancelled())
      return CANCELLED;
    if (poll(watched, G_N_ELEMENTS(watched), (int) MIN(left_ms, LONGEST_WAIT_MS)) <= 0)
      continue;
    if (running->output_descriptor >= 0)
      read_output(running);
    if (watched[0].revents != 0)
      return ENDED;
  }
}

static void
kill_group(Running *running)
{
  kill(-running->pid, SIGTERM);
  await_end(running, clock_monotonic_ms() + GRACE_MS, NULL);
  kill(-running->pid, SIGKILL);
  await_end(running, INT64_MAX, NULL);
}

static char **
default_environment(void)
{
  const char *path = g_getenv("PATH");
  const char *home = g_getenv("HOME");
  char **environment = g_environ_setenv(NULL, "LANG", "C.UTF-8", true);
  environment = g_environ_setenv(environment, "TZ", "UTC", true);
  if (path != NULL)
    environment = g_environ_setenv(environment, "PATH", path, true);
  if (home != NULL)
    environment = g_environ_setenv(environment, "HOME", home, true);
  return environment;
}

/* What a child needs to become a program; made before the fork, after which only plain system calls are safe. */
typedef struct {
  const ProcessSpec *spec;
  const char *program;
  char *const *environment;
  int output;
  int verdict; /* takes the errno of a failed exec; closed by a good one */
  pid_t parent;
} Birth;

/* Runs in the child. It dies with its parent: a program left over would go on writing where the next run begins. */
static void
become(const Birth *birth)
{
  static const int RESET[] = {SIGHUP, SIGINT, SIGTERM, SIGPIPE};
  sigset_t none;
  sigemptyset(&none);
  for (size_t i = 0; i < G_N_ELEMENTS(RESET); i++)
    signal(RESET[i], SIG_DFL);
  sigprocmask(SIG_SETMASK, &none, NULL);
  setpgid(0, 0);
  int nothing = open("/dev/null", O_RDONLY | O_CLOEXEC);
  bool is_ready = prctl(PR_SET_PDEATHSIG, SIGKILL) == 0 && getppid() == birth->parent && dup2(nothing, STDIN_FILENO) >= 0 &&
                  dup2(birth->output, STDOUT_FILENO) >= 0 && dup2(birth->output, STDERR_FILENO) >= 0;
  if (is_ready)
    execve(birth->program, (char *const *) birth->spec->argv, birth->environment);
  int failure = errno;
  ssize_t told = write(birth->verdict, &failure, sizeof failure);
  _exit(told == sizeof failure ? 127 : 126);
}

/* Starts @program with @output as its stdout and stderr. Returns: 0 or an errno value */
static int
spawn(const ProcessSpec *spec, const char *program, int output, pid_t *ret_pid)
{
  g_auto(GStrv) fixed = default_environment();
  int verdict[2] = {-1, -1};
  if (pipe2(verdict, O_CLOEXEC) < 0)
    return errno;
  const Birth birth = {
      .spec = spec,
      .program = program,
      .environment = fixed,
      .output = output,
      .verdict = verdict[1],
      .parent = getpid(),
  };
  pid_t pid = fork();
  if (pid == 0)
    become(&birth);
  int failure = pid < 0 ? errno : 0;
  close(verdict[1]);
  ssize_t count = 0;
  while (pid > 0 && (count = read(verdict[0], &failure, sizeof failure)) < 0 && errno == EINTR)
    ;
  close(verdict[0]);
  if (count > 0)
    waitpid(pid, NULL, 0);
  *ret_pid = pid;
  return failure;
}

static bool
start(const ProcessSpec *spec, Running *running, GError **error)
{
  g_autofree char *program = g_find_program_in_path(spec->argv[0]);
  if (program == NULL) {
    error_set(error, ERROR_IO, "%s: not installed or not in PATH", spec->argv[0]);
    return false;
  }
  int ends[2] = {-1, -1};
  int failure = pipe2(ends, O_CLOEXEC) < 0 ? errno : spawn(spec, program, ends[1], &running->pid);
  if (ends[1] >= 0)
    close(ends[1]);
  if (failure != 0) {
    if (ends[0] >= 0)
      close(ends[0]);
    error_set(error, ERROR_IO, "%s: cannot start: %s", spec->argv[0], g_strerror(failure));
    return false;
  }
  running->output_descriptor = ends[0];
  fcntl(ends[0], F_SETFL, O_NONBLOCK);
  running->end_descriptor = pidfd_open(running->pid, 0);
  if (running->end_descriptor >= 0)
    return true;
  error_set(error, ERROR_IO, "%s: cannot watch it: %s", spec->argv[0], g_strerror(errno));
  kill(-running->pid, SIGKILL);
  waitpid(running->pid, NULL, 0);
  close(ends[0]);
  return false;
}

static char *
last_line(const char *output)
{
  g_auto(GStrv) lines = g_strsplit(output, "\n", -1);
  for (guint i = g_strv_length(lines); i-- > 0;)
    if (*g_strstrip(lines[i]) != '\0') {
      g_autofree char *printable = text_printable(lines[i]);
      return text_truncate(printable, MAX_REASON_CHARS);
    }
  return g_strdup("it printed nothing");
}

/* Returns: whether a program that ended with @status did well */
static bool
judge(const char *name, int status, const char *output, GError **error)
{
  if (WIFSIGNALED(status)) {
    error_set(error, ERROR_IO, "%s: ended by signal %d (%s)", name, WTERMSIG(status), strsignal(WTERMSIG(status)));
    return false;
  }
  if (WEXITSTATUS(status) != 0) {
    g_autofree char *reason = last_line(output);
    error_set(error, ERROR_IO, "%s: ended with status %d: %s", name, WEXITSTATUS(status), reason);
    return false;
  }
  return true;
}

bool
process_run(const ProcessSpec *spec, char **ret_output, GError **error)
{
  Running running = {0};
  if (!start(spec, &running, error))
    return false;
  g_autoptr(GString) output = running.output = g_string_new(NULL);
  if (spec->meanwhile != NULL)
    spec->meanwhile(spec->data);
  Waited waited = await_end(&running, clock_monotonic_ms() + spec->timeout_ms, spec->is_cancelled);
  if (waited != ENDED)
    kill_group(&running);
  int status = 0;
  while (waitpid(running.pid, &status, 0) < 0)
    g_assert(errno == EINTR);
  close(running.end_descriptor);
  if (running.output_descriptor >= 0)
    close(running.output_descriptor);
  bool is_done = waited == ENDED && judge(spec->argv[0], status, output->str, error);
  if (waited == TIMED_OUT)
    error_set(error, ERROR_IO, "%s: killed after %g s", spec->argv[0], (double) spec->timeout_ms / 1000);
  if (waited == CANCELLED)
    error_set(error, ERROR_CANCELLED, "%s: stopped; run again to continue", spec->argv[0]);
  if (ret_output != NULL)
    *ret_output = g_string_free(g_steal_pointer(&output), false);
  return is_done;
}

bool
process_replace(const char *const *argv, GError **error)
{
  g_auto(GStrv) environment = default_environment();
  g_autofree char *program = g_find_program_in_path(argv[0]);
  if (program == NULL) {
    error_set(error, ERROR_IO, "%s: not installed or not in PATH", argv[0]);
    return false;
  }
  execve(program, (char *const *) argv, environment);
  error_set(error, ERROR_IO, "%s: cannot start: %s", argv[0], g_strerror(errno));
  return false;
}

bool
process_allow_files(int64_t wanted, GError **error)
{
  struct rlimit limit = {0};
  if (getrlimit(RLIMIT_NOFILE, &limit) < 0 || limit.rlim_cur >= (rlim_t) wanted)
    return true;
  limit.rlim_cur = MIN((rlim_t) wanted, limit.rlim_max);
  if (limit.rlim_cur == (rlim_t) wanted && setrlimit(RLIMIT_NOFILE, &limit) == 0)
    return true;
  error_set(error, ERROR_IO,
            "%" G_GINT64_FORMAT " files may be open at once, and %" G_GINT64_FORMAT " are needed; \"ulimit -n %" G_GINT64_FORMAT
            "\" grants more",
            (int64_t) limit.rlim_cur, wanted, wanted);
  return false;
}
