/*
 * Threads that work on tasks and hand them back. A task belongs to one thread at a time: to the pool from
 * pool_submit() to pool_take(), otherwise to its owner.
 */
#pragma once

#include <glib.h>

typedef struct Pool Pool;

/**
 * PoolSpec:
 * @threads: how many, at least 1
 * @work: called on a pool thread with each task
 * @wake: called on a pool thread after a task was worked, when it can be taken
 * @wake_data: handed to @wake
 */
typedef struct {
  unsigned threads;
  void (*work)(void *task);
  void (*wake)(void *wake_data);
  void *wake_data;
} PoolSpec;

/** pool_new: Returns: (transfer full) (nullable). Errors: RETRY when the system gives no thread */
Pool *pool_new(const PoolSpec *spec, GError **error);

/** pool_free: waits until the tasks under way are worked; every task must have been taken or be abandoned by its owner;
 * NULL-safe. */
void pool_free(Pool *pool);

/** pool_submit: gives @task to the pool. Thread: the owner's. */
void pool_submit(Pool *pool, void *task);

/** pool_take: Returns: (nullable): a worked task, NULL when there is none now. Thread: the owner's. */
void *pool_take(Pool *pool);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Pool, pool_free)
