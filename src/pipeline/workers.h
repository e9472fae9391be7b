/*
 * How many jobs and requests are in flight at once, and why.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

/**
 * Workers: what flags and environment ask for.
 * @count: jobs in flight; 0: as many as the limits allow
 * @requests: requests in flight over all hosts
 * @per_host: requests in flight to one host
 * @min_jobs: a stage with fewer jobs takes them one at a time
 * @reason: for the log
 */
typedef struct {
  int64_t count;
  int64_t requests;
  int64_t per_host;
  int64_t min_jobs;
  const char *reason;
} Workers;

/**
 * workers_choose:
 * @flag: of --workers; 0 when not given
 * @environment: (array zero-terminated=1): NAME=value lines
 * @per_host: as configured
 * @ret_workers: (out)
 *
 * --workers, else USE_PARALLEL=false, else WORKER_COUNT, else the limits; never more than PARALLEL_MAX_WORKERS (128);
 * conservative on CI (GITHUB_ACTIONS or CI set and not 0 or false): 16 requests, 4 a host.
 *
 * Errors: CONFIG for a variable that is no number
 */
bool workers_choose(int64_t flag, const char *const *environment, int64_t per_host, Workers *ret_workers, GError **error);

/** workers_for_jobs: how many of @jobs run at once. @ret_reason (out) (transfer none) */
int64_t workers_for_jobs(const Workers *workers, int64_t jobs, const char **ret_reason);
