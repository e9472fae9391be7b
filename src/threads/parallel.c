#include "threads/parallel.h"

#include <glib.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>

/* Positions that a thread takes at once: few enough that none is left with much at the end. */
enum { PIECE = 64 };

typedef struct {
  size_t count;
  ParallelWork work;
  void *data;
  atomic_size_t next;
} Range;

/* Runs unlocked: owns the positions it took. */
static void *
work_pieces(void *data)
{
  Range *range = data;
  size_t begin = 0;
  while ((begin = atomic_fetch_add(&range->next, PIECE)) < range->count)
    range->work(range->data, begin, MIN(begin + PIECE, range->count));
  return NULL;
}

void
parallel_for(size_t count, unsigned threads, ParallelWork work, void *data)
{
  Range range = {.count = count, .work = work, .data = data};
  size_t wanted = MIN(threads, (count + PIECE - 1) / PIECE);
  g_autofree pthread_t *others = g_new(pthread_t, MAX(wanted, 1));
  size_t started = 0;
  /* Signals are for the run's own thread: its waits must be the ones that end. */
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  while (started + 1 < wanted && pthread_create(&others[started], NULL, work_pieces, &range) == 0)
    started++;
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  work_pieces(&range);
  for (size_t i = 0; i < started; i++)
    pthread_join(others[i], NULL);
}
