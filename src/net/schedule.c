#include "net/schedule.h"

#include <stdbool.h>

/* Entries of one host that may be sent as soon as its limits allow. Kept only while it has any. */
typedef struct {
  char *host;
  GQueue entries;
} Line;

/* An entry that backs off. */
typedef struct {
  char *host;
  int64_t not_before_ms;
  void *entry;
} Delayed;

/* @lines: the host whose turn it is first. @delayed: the first due first */
struct Schedule {
  Limiter *limiter;
  GQueue lines;
  GHashTable *lines_by_host;
  GQueue delayed;
};

static void
line_free(Line *line)
{
  g_queue_clear(&line->entries);
  g_free(line->host);
  g_free(line);
}

/* Returns: its entry */
static void *
delayed_free(Delayed *delayed)
{
  void *entry = delayed->entry;
  g_free(delayed->host);
  g_free(delayed);
  return entry;
}

static int
compare_delayed(const void *a, const void *b, void *user)
{
  (void) user;
  const Delayed *first = a;
  const Delayed *second = b;
  return (first->not_before_ms > second->not_before_ms) - (first->not_before_ms < second->not_before_ms);
}

/* @line is the last of the lines. */
static void *
take_first(Schedule *schedule, Line *line)
{
  void *entry = g_queue_pop_head(&line->entries);
  if (line->entries.length == 0) {
    g_queue_pop_tail(&schedule->lines);
    g_hash_table_remove(schedule->lines_by_host, line->host);
  }
  return entry;
}

/* Puts the first line last. */
static Line *
next_line(Schedule *schedule)
{
  Line *line = g_queue_pop_head(&schedule->lines);
  g_queue_push_tail(&schedule->lines, line);
  return line;
}

Schedule *
schedule_new(Limiter *limiter)
{
  Schedule *schedule = g_new0(Schedule, 1);
  schedule->limiter = limiter;
  schedule->lines_by_host = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, (GDestroyNotify) line_free);
  return schedule;
}

void
schedule_free(Schedule *schedule)
{
  if (schedule == NULL)
    return;
  g_assert(schedule->lines.length == 0);
  g_hash_table_unref(schedule->lines_by_host);
  g_assert(schedule->delayed.length == 0);
  g_free(schedule);
}

void
schedule_add(Schedule *schedule, const char *host, void *entry)
{
  Line *line = g_hash_table_lookup(schedule->lines_by_host, host);
  if (line == NULL) {
    line = g_new0(Line, 1);
    line->host = g_strdup(host);
    g_hash_table_insert(schedule->lines_by_host, line->host, line);
    g_queue_push_tail(&schedule->lines, line);
  }
  g_queue_push_tail(&line->entries, entry);
}

void
schedule_delay(Schedule *schedule, const char *host, int64_t not_before_ms, void *entry)
{
  Delayed *delayed = g_new0(Delayed, 1);
  delayed->host = g_strdup(host);
  delayed->not_before_ms = not_before_ms;
  delayed->entry = entry;
  g_queue_push_tail(&schedule->delayed, delayed);
  g_queue_sort(&schedule->delayed, compare_delayed, NULL);
}

void *
schedule_take(Schedule *schedule, int64_t now_ms)
{
  const Delayed *due = g_queue_peek_head(&schedule->delayed);
  for (; due != NULL && due->not_before_ms <= now_ms; due = g_queue_peek_head(&schedule->delayed)) {
    schedule_add(schedule, due->host, due->entry);
    delayed_free(g_queue_pop_head(&schedule->delayed));
  }
  for (unsigned i = schedule->lines.length; i > 0; i--) {
    Line *line = next_line(schedule);
    if (limiter_next_ms(schedule->limiter, line->host, now_ms) <= now_ms)
      return take_first(schedule, line);
  }
  return NULL;
}

void *
schedule_take_hopeless(Schedule *schedule, int64_t now_ms, int64_t deadline_ms)
{
  bool is_past = now_ms >= deadline_ms;
  Delayed *last = g_queue_peek_tail(&schedule->delayed);
  if (last != NULL && (is_past || last->not_before_ms >= deadline_ms)) {
    g_queue_pop_tail(&schedule->delayed);
    return delayed_free(last);
  }
  for (unsigned i = schedule->lines.length; i > 0; i--) {
    Line *line = next_line(schedule);
    int64_t next_ms = limiter_next_ms(schedule->limiter, line->host, now_ms);
    if (is_past || (next_ms >= deadline_ms && next_ms != INT64_MAX))
      return take_first(schedule, line);
  }
  return NULL;
}

int64_t
schedule_next_ms(const Schedule *schedule, int64_t now_ms, const char **ret_host)
{
  const Delayed *first = schedule->delayed.head != NULL ? schedule->delayed.head->data : NULL;
  const char *host = first != NULL ? first->host : NULL;
  int64_t next_ms = first != NULL ? MAX(first->not_before_ms, now_ms) : INT64_MAX;
  for (const GList *node = schedule->lines.head; node != NULL; node = node->next) {
    const Line *line = node->data;
    int64_t own_ms = limiter_next_ms(schedule->limiter, line->host, now_ms);
    if (own_ms >= next_ms)
      continue;
    next_ms = own_ms;
    host = line->host;
  }
  if (ret_host != NULL)
    *ret_host = host;
  return next_ms;
}
