#include "pipeline/workers.h"

#include "base/error.h"

enum { MAX_WORKERS = 128, CI_REQUESTS = 16, CI_PER_HOST = 4, MIN_JOBS = 2 };

static bool
is_off(const char *value)
{
  static const char *const OFF_WORDS[] = {"", "0", "false", "no", "off", NULL};
  g_autofree char *lower = g_ascii_strdown(value, -1);
  return g_strv_contains(OFF_WORDS, lower);
}

static bool
is_set(const char *const *environment, const char *name)
{
  const char *value = g_environ_getenv((char **) environment, name);
  return value != NULL && !is_off(value);
}

/* Leaves @ret_number as it is when the variable is not set. */
static bool
read_number(const char *const *environment, const char *name, int64_t max, int64_t *ret_number, GError **error)
{
  const char *value = g_environ_getenv((char **) environment, name);
  if (value == NULL || *value == '\0')
    return true;
  gint64 number = 0;
  if (g_ascii_string_to_signed(value, 10, 1, max, &number, NULL)) {
    *ret_number = number;
    return true;
  }
  error_set(error, ERROR_CONFIG, "environment: %s: \"%s\" is no number from 1 to %" G_GINT64_FORMAT, name, value, max);
  return false;
}

bool
workers_choose(int64_t flag, const char *const *environment, int64_t per_host, Workers *ret_workers, GError **error)
{
  int64_t max = MAX_WORKERS;
  int64_t asked = 0;
  Workers workers = {.min_jobs = MIN_JOBS, .per_host = per_host};
  if (!read_number(environment, "PARALLEL_MAX_WORKERS", 4096, &max, error) ||
      !read_number(environment, "PARALLEL_MIN_ITEMS", 1000000, &workers.min_jobs, error) ||
      !read_number(environment, "WORKER_COUNT", 4096, &asked, error))
    return false;

  const char *use_parallel = g_environ_getenv((char **) environment, "USE_PARALLEL");
  bool is_ci = is_set(environment, "GITHUB_ACTIONS") || is_set(environment, "CI");
  workers.requests = max;
  if (flag > 0) {
    workers.count = MIN(flag, max);
    workers.reason = "--workers";
  } else if (use_parallel != NULL && is_off(use_parallel)) {
    workers.count = 1;
    workers.reason = "USE_PARALLEL is off";
  } else if (asked > 0) {
    workers.count = MIN(asked, max);
    workers.reason = "WORKER_COUNT";
  } else if (is_ci) {
    workers.requests = MIN(max, CI_REQUESTS);
    workers.reason = "a CI machine: conservative";
  } else {
    workers.reason = "as many as the limits of the hosts allow";
  }
  if (workers.count > 0)
    workers.requests = workers.count;
  if (is_ci && workers.count == 0)
    workers.per_host = MIN(per_host, CI_PER_HOST);
  *ret_workers = workers;
  return true;
}

int64_t
workers_for_jobs(const Workers *workers, int64_t jobs, const char **ret_reason)
{
  if (jobs < workers->min_jobs) {
    *ret_reason = "fewer jobs than PARALLEL_MIN_ITEMS";
    return 1;
  }
  *ret_reason = workers->reason;
  int64_t count = workers->count > 0 ? workers->count : workers->requests;
  return MIN(count, jobs);
}
