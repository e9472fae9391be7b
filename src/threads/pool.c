#include "threads/pool.h"

#include "base/error.h"
#include "threads/queue.h"

#include <pthread.h>
#include <signal.h>

struct Pool {
  PoolSpec spec;
  Queue *waiting;
  Queue *worked;
  pthread_t *threads;
  unsigned thread_count;
};

/* Runs unlocked: owns the task it popped until it pushes it; @pool is only read. */
static void *
run_thread(void *data)
{
  Pool *pool = data;
  void *task = NULL;
  while ((task = queue_pop(pool->waiting)) != NULL) {
    pool->spec.work(task);
    queue_push(pool->worked, task);
    pool->spec.wake(pool->spec.wake_data);
  }
  return NULL;
}

/* Signals are for the run's own thread: its waits must be the ones that end. */
static int
create_thread(Pool *pool, pthread_t *ret_thread)
{
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  int status = pthread_create(ret_thread, NULL, run_thread, pool);
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  return status;
}

Pool *
pool_new(const PoolSpec *spec, GError **error)
{
  g_assert(spec->threads > 0);
  g_autoptr(Pool) pool = g_new0(Pool, 1);
  pool->spec = *spec;
  pool->waiting = queue_new();
  pool->worked = queue_new();
  pool->threads = g_new0(pthread_t, spec->threads);
  for (; pool->thread_count < spec->threads; pool->thread_count++) {
    int status = create_thread(pool, &pool->threads[pool->thread_count]);
    if (status != 0) {
      error_set(error, ERROR_RETRY, "cannot start thread %u of %u: %s", pool->thread_count + 1, spec->threads,
                g_strerror(status));
      return NULL;
    }
  }
  return g_steal_pointer(&pool);
}

void
pool_free(Pool *pool)
{
  if (pool == NULL)
    return;
  while (queue_try_pop(pool->waiting) != NULL)
    ;
  queue_close(pool->waiting);
  for (unsigned i = 0; i < pool->thread_count; i++)
    pthread_join(pool->threads[i], NULL);
  while (queue_try_pop(pool->worked) != NULL)
    ;
  queue_free(pool->waiting);
  queue_free(pool->worked);
  g_free(pool->threads);
  g_free(pool);
}

void
pool_submit(Pool *pool, void *task)
{
  queue_push(pool->waiting, task);
}

void *
pool_take(Pool *pool)
{
  return queue_try_pop(pool->worked);
}
