#include "threads/queue.h"

#include <pthread.h>
#include <stdbool.h>

struct Queue {
  pthread_mutex_t lock;
  pthread_cond_t changed;
  GQueue values;
  bool is_closed;
};

Queue *
queue_new(void)
{
  Queue *queue = g_new0(Queue, 1);
  pthread_mutex_init(&queue->lock, NULL);
  pthread_cond_init(&queue->changed, NULL);
  g_queue_init(&queue->values);
  return queue;
}

void
queue_free(Queue *queue)
{
  if (queue == NULL)
    return;
  g_assert(g_queue_is_empty(&queue->values));
  pthread_cond_destroy(&queue->changed);
  pthread_mutex_destroy(&queue->lock);
  g_free(queue);
}

void
queue_push(Queue *queue, void *value)
{
  g_assert(value != NULL);
  pthread_mutex_lock(&queue->lock);
  g_assert(!queue->is_closed);
  g_queue_push_tail(&queue->values, value);
  pthread_cond_signal(&queue->changed);
  pthread_mutex_unlock(&queue->lock);
}

void *
queue_pop(Queue *queue)
{
  pthread_mutex_lock(&queue->lock);
  while (g_queue_is_empty(&queue->values) && !queue->is_closed)
    pthread_cond_wait(&queue->changed, &queue->lock);
  void *value = g_queue_pop_head(&queue->values);
  pthread_mutex_unlock(&queue->lock);
  return value;
}

void *
queue_try_pop(Queue *queue)
{
  pthread_mutex_lock(&queue->lock);
  void *value = g_queue_pop_head(&queue->values);
  pthread_mutex_unlock(&queue->lock);
  return value;
}

void
queue_close(Queue *queue)
{
  pthread_mutex_lock(&queue->lock);
  queue->is_closed = true;
  pthread_cond_broadcast(&queue->changed);
  pthread_mutex_unlock(&queue->lock);
}
