#include "threads/pool.h"

#include "threads/queue.h"

#include <stdint.h>

enum { TASK_COUNT = 1000 };

typedef struct {
  uint64_t input;
  uint64_t output;
} Task;

static void
square(void *data)
{
  Task *task = data;
  task->output = task->input * task->input;
}

static void
wake(void *data)
{
  queue_push(data, "woken");
}

/* The test waits on a queue of its own, as the driver waits in its loop. */
static void
test_every_task_comes_back(gconstpointer thread_count)
{
  g_autoptr(Queue) wakes = queue_new();
  PoolSpec spec = {.threads = GPOINTER_TO_UINT(thread_count), .work = square, .wake = wake, .wake_data = wakes};
  g_autoptr(GError) error = NULL;
  g_autoptr(Pool) pool = pool_new(&spec, &error);
  g_assert_no_error(error);

  g_autofree Task *tasks = g_new0(Task, TASK_COUNT);
  for (uint64_t i = 0; i < TASK_COUNT; i++) {
    tasks[i].input = i;
    pool_submit(pool, &tasks[i]);
  }
  unsigned taken = 0;
  while (taken < TASK_COUNT) {
    queue_pop(wakes);
    while (pool_take(pool) != NULL)
      taken++;
  }
  for (uint64_t i = 0; i < TASK_COUNT; i++)
    g_assert_cmpuint(tasks[i].output, ==, i * i);
  g_clear_pointer(&pool, pool_free);
  while (queue_try_pop(wakes) != NULL)
    ;
}

static void
test_closed_queue_gives_what_it_holds_and_then_nothing(void)
{
  g_autoptr(Queue) queue = queue_new();
  queue_push(queue, "a");
  queue_push(queue, "b");
  queue_close(queue);
  g_assert_cmpstr(queue_pop(queue), ==, "a");
  g_assert_cmpstr(queue_try_pop(queue), ==, "b");
  g_assert_null(queue_pop(queue));
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_data_func("/pool/1-thread", GUINT_TO_POINTER(1), test_every_task_comes_back);
  g_test_add_data_func("/pool/2-threads", GUINT_TO_POINTER(2), test_every_task_comes_back);
  g_test_add_data_func("/pool/8-threads", GUINT_TO_POINTER(8), test_every_task_comes_back);
  g_test_add_func("/queue/closed", test_closed_queue_gives_what_it_holds_and_then_nothing);
  return g_test_run();
}
