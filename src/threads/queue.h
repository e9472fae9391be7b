/*
 * A queue of pointers between threads. Thread: every function may be called from any thread; what is pushed
 * belongs to the queue until it is popped, so no two threads ever hold it.
 */
#pragma once

#include <glib.h>

typedef struct Queue Queue;

/** queue_new: Returns: (transfer full): an open, empty queue */
Queue *queue_new(void);

/** queue_free: frees an empty queue nobody waits on; NULL-safe. */
void queue_free(Queue *queue);

/** queue_push: adds @value (not NULL) at the end. */
void queue_push(Queue *queue, void *value);

/** queue_pop: waits for a value. Returns: the oldest, NULL once the queue is closed and empty */
void *queue_pop(Queue *queue);

/** queue_try_pop: Returns: the oldest value, NULL when there is none now */
void *queue_try_pop(Queue *queue);

/** queue_close: wakes all who wait; nothing may be pushed any more. */
void queue_close(Queue *queue);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Queue, queue_free)
