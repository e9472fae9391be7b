#include "base/error.h"
#include "os/process.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/pidfd.h>
#include <sys/resource.h>
#include <unistd.h>

typedef struct {
  const char *name;
  const char *script;
  const char *output;
  const char *error;
} Case;

static const Case CASES[] = {
    {"quiet", "true", "", NULL},
    {"both-streams", "echo out; echo err >&2", "out\nerr\n", NULL},
    {"stdin-is-empty", "cat; echo done", "done\n", NULL},
    {"own-group", "read -r pid name state parent group rest < /proc/$$/stat; test $group = $$", "", NULL},
    {"output-closed-early", "exec >&- 2>&-; seq 100000 > /dev/null; exit 5", "", "sh: ended with status 5: it printed nothing"},
    {"status", "echo why; echo; exit 3", "why\n\n", "sh: ended with status 3: why"},
    {"status-silent", "exit 1", "", "sh: ended with status 1: it printed nothing"},
    {"status-escape", "printf 'a\\033[31mb'; exit 1", "a\033[31mb", "sh: ended with status 1: a\\x1B[31mb"},
    {"signal", "kill -USR1 $$", "", "sh: ended by signal 10 (User defined signal 1)"},
};

static bool
run_script(const char *script, int64_t timeout_ms, char **ret_output, GError **error)
{
  const char *const argv[] = {"sh", "-c", script, NULL};
  return process_run(&(ProcessSpec){.argv = argv, .timeout_ms = timeout_ms}, ret_output, error);
}

static void
test_script(const void *data)
{
  const Case *expected = data;
  g_autoptr(GError) error = NULL;
  g_autofree char *output = NULL;
  bool is_done = run_script(expected->script, 30000, &output, &error);
  g_assert_cmpstr(output, ==, expected->output);
  g_assert_cmpstr(error != NULL ? error->message : NULL, ==, expected->error);
  g_assert_cmpint(is_done, ==, expected->error == NULL);
  g_assert_true(error == NULL || error_is(error, ERROR_IO));
}

static void
test_environment(void)
{
  g_autoptr(GError) error = NULL;
  g_autofree char *fixed = NULL;
  g_setenv("COURANT_LEAK", "secret", true);
  const char *const argv[] = {"env", NULL};
  g_assert_true(process_run(&(ProcessSpec){.argv = argv, .timeout_ms = 30000}, &fixed, &error));
  g_autofree char *expected_path = g_strdup_printf("PATH=%s\n", g_getenv("PATH"));
  g_assert_nonnull(strstr(fixed, expected_path));
  g_assert_nonnull(strstr(fixed, "LANG=C.UTF-8\n"));
  g_assert_nonnull(strstr(fixed, "TZ=UTC\n"));
  g_assert_null(strstr(fixed, "COURANT_LEAK"));
}

static bool
is_cancelled(void)
{
  return true;
}

static void
test_cancelled(void)
{
  g_autoptr(GError) error = NULL;
  const char *const argv[] = {"cat", "/dev/zero", NULL};
  g_assert_false(process_run(&(ProcessSpec){.argv = argv, .timeout_ms = 30000, .is_cancelled = is_cancelled}, NULL, &error));
  g_assert_true(error_is(error, ERROR_CANCELLED));
}

static void
test_not_installed(void)
{
  g_autoptr(GError) error = NULL;
  char *output = NULL;
  const char *const argv[] = {"no-such-program", NULL};
  g_assert_false(process_run(&(ProcessSpec){.argv = argv, .timeout_ms = 30000}, &output, &error));
  g_assert_true(error_is(error, ERROR_IO));
  g_assert_cmpstr(error->message, ==, "no-such-program: not installed or not in PATH");
  g_assert_null(output);
}

static void
test_child_keeps_the_output(void)
{
  g_autoptr(GError) error = NULL;
  g_autofree char *output = NULL;
  g_assert_true(run_script("sleep 60 & echo $!", 30000, &output, &error));
  g_assert_no_error(error);
  pid_t child = 0;
  g_assert_cmpint(sscanf(output, "%d", &child), ==, 1);
  kill(child, SIGKILL);
}

static void
test_last_64_kb_kept(void)
{
  g_autoptr(GError) error = NULL;
  g_autofree char *output = NULL;
  g_assert_false(run_script("seq 100000; exit 1", 30000, &output, &error));
  g_assert_cmpuint(strlen(output), ==, 64 * 1024);
  g_assert_true(g_str_has_suffix(output, "\n99999\n100000\n"));
  g_assert_cmpstr(error->message, ==, "sh: ended with status 1: 100000");
}

static void
assert_ended(pid_t pid)
{
  int descriptor = pidfd_open(pid, 0);
  if (descriptor < 0)
    return;
  struct pollfd watched = {.fd = descriptor, .events = POLLIN};
  g_assert_cmpint(poll(&watched, 1, 10000), ==, 1);
  close(descriptor);
}

/* @script prints its pid and that of a child: after the time-out neither may live on. */
static void
assert_group_killed(const char *script)
{
  g_autoptr(GError) error = NULL;
  g_autofree char *output = NULL;
  g_assert_false(run_script(script, 300, &output, &error));
  g_assert_cmpstr(error->message, ==, "sh: killed after 0.3 s");
  pid_t leader = 0, child = 0;
  g_assert_cmpint(sscanf(output, "%d %d", &leader, &child), ==, 2);
  assert_ended(leader);
  assert_ended(child);
}

static void
test_timeout(void)
{
  assert_group_killed("sleep 60 & echo $$ $!; wait");
}

static void
test_timeout_stubborn(void)
{
  assert_group_killed("trap '' TERM; sleep 60 & echo $$ $!; wait");
}

static void
test_timeout_chatty(void)
{
  g_autoptr(GError) error = NULL;
  g_assert_false(run_script("yes", 200, NULL, &error));
  g_assert_cmpstr(error->message, ==, "sh: killed after 0.2 s");
}

/* The last of the tests: what it takes away does not come back. */
static void
test_files_that_may_be_open(void)
{
  g_autoptr(GError) error = NULL;
  struct rlimit limit = {.rlim_cur = 64, .rlim_max = 128};
  g_assert_cmpint(setrlimit(RLIMIT_NOFILE, &limit), ==, 0);
  g_assert_true(process_allow_files(64, &error));
  g_assert_true(process_allow_files(100, &error));
  g_assert_no_error(error);
  g_assert_cmpint(getrlimit(RLIMIT_NOFILE, &limit), ==, 0);
  g_assert_cmpuint(limit.rlim_cur, ==, 100);

  g_assert_false(process_allow_files(192, &error));
  g_assert_true(error_is(error, ERROR_IO));
  g_assert_cmpstr(error->message, ==, "128 files may be open at once, and 192 are needed; \"ulimit -n 192\" grants more");
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    g_autofree char *path = g_strdup_printf("/process/script/%s", CASES[i].name);
    g_test_add_data_func(path, &CASES[i], test_script);
  }
  g_test_add_func("/process/environment", test_environment);
  g_test_add_func("/process/cancelled", test_cancelled);
  g_test_add_func("/process/not-installed", test_not_installed);
  g_test_add_func("/process/child-keeps-the-output", test_child_keeps_the_output);
  g_test_add_func("/process/last-64-kb-kept", test_last_64_kb_kept);
  g_test_add_func("/process/timeout", test_timeout);
  g_test_add_func("/process/timeout-stubborn", test_timeout_stubborn);
  g_test_add_func("/process/timeout-chatty", test_timeout_chatty);
  g_test_add_func("/process/files-that-may-be-open", test_files_that_may_be_open);
  return g_test_run();
}
