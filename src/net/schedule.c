#include "net/schedule.h"

#include <stdbool.h>
#include <string.h>

/*
 * What waits for one host or a part of it: in no list while that is nothing, in @ready when it may be startable, else in @held.
 * @siblings: (element-type Line): all of its host
 */
typedef struct {
  char *host;
  GPtrArray *siblings;
  GQueue waiting;
  GSequenceIter *held;
  int64_t next_ms;
} Line;

typedef struct {
  Line *line;
  int64_t tokens;
  int64_t not_before_ms;
  void *entry;
} Waiting;

/*
 * @ready: (element-type Line): the one whose turn it is first; @held: (element-type Line): by when they may go on; @delayed:
 * (element-type Waiting): by when they may go; @families: (element-type GPtrArray): the lines of each host
 */
struct Schedule {
  Limiter *limiter;
  GQueue ready;
  GSequence *held;
  GSequence *delayed;
  GHashTable *lines;
  GHashTable *families;
};

static void
line_free(void *data)
{
  Line *line = data;
  g_assert(line->waiting.length == 0);
  g_free(line->host);
  g_free(line);
}

static int
compare(int64_t first, int64_t second)
{
  return (first > second) - (first < second);
}

static int
compare_lines(const void *a, const void *b, void *user)
{
  (void) user;
  return compare(((const Line *) a)->next_ms, ((const Line *) b)->next_ms);
}

static int
compare_delayed(const void *a, const void *b, void *user)
{
  (void) user;
  return compare(((const Waiting *) a)->not_before_ms, ((const Waiting *) b)->not_before_ms);
}

static GPtrArray *
find_family(Schedule *schedule, const char *host)
{
  g_autofree char *whole = g_strndup(host, strcspn(host, "/"));
  GPtrArray *family = g_hash_table_lookup(schedule->families, whole);
  if (family == NULL) {
    family = g_ptr_array_new();
    g_hash_table_insert(schedule->families, g_steal_pointer(&whole), family);
  }
  return family;
}

static Line *
find_line(Schedule *schedule, const char *host)
{
  Line *line = g_hash_table_lookup(schedule->lines, host);
  if (line != NULL)
    return line;
  line = g_new0(Line, 1);
  line->host = g_strdup(host);
  line->siblings = find_family(schedule, host);
  g_ptr_array_add(line->siblings, line);
  g_hash_table_insert(schedule->lines, line->host, line);
  return line;
}

static void *
first_of(GSequence *sequence)
{
  GSequenceIter *first = g_sequence_get_begin_iter(sequence);
  return g_sequence_iter_is_end(first) ? NULL : g_sequence_get(first);
}

static void
release(Schedule *schedule, Line *line)
{
  g_sequence_remove(line->held);
  line->held = NULL;
  g_queue_push_tail(&schedule->ready, line);
}

static void
append(Schedule *schedule, Waiting *waiting)
{
  Line *line = waiting->line;
  if (line->waiting.length == 0)
    g_queue_push_tail(&schedule->ready, line);
  g_queue_push_tail(&line->waiting, waiting);
}

static int64_t
line_next_ms(const Schedule *schedule, Line *line, int64_t now_ms)
{
  const Waiting *first = g_queue_peek_head(&line->waiting);
  return limiter_next_ms(schedule->limiter, line->host, first->tokens, now_ms);
}

/* Returns: (nullable): a line that is startable, the first of the ready ones */
static Line *
find_startable(Schedule *schedule, int64_t now_ms)
{
  Waiting *due;
  while ((due = first_of(schedule->delayed)) != NULL && due->not_before_ms <= now_ms) {
    g_sequence_remove(g_sequence_get_begin_iter(schedule->delayed));
    append(schedule, due);
  }
  Line *line;
  while ((line = first_of(schedule->held)) != NULL && line->next_ms <= now_ms)
    release(schedule, line);
  while ((line = g_queue_peek_head(&schedule->ready)) != NULL) {
    line->next_ms = line_next_ms(schedule, line, now_ms);
    if (line->next_ms <= now_ms)
      return line;
    g_queue_pop_head(&schedule->ready);
    line->held = g_sequence_insert_sorted(schedule->held, line, compare_lines, NULL);
  }
  return NULL;
}

static void *
take_entry(Waiting *waiting)
{
  void *entry = waiting->entry;
  g_free(waiting);
  return entry;
}

/* @line is the first of the ready ones; it goes to their end. */
static void *
take_first(Schedule *schedule, Line *line)
{
  g_queue_pop_head(&schedule->ready);
  Waiting *waiting = g_queue_pop_head(&line->waiting);
  if (line->waiting.length > 0)
    g_queue_push_tail(&schedule->ready, line);
  return take_entry(waiting);
}

/* Returns: (nullable): the held line that has to wait longest, but for those whose wait has no known end */
static Line *
last_held(const Schedule *schedule)
{
  const Line endless = {.next_ms = INT64_MAX - 1};
  GSequenceIter *after = g_sequence_search(schedule->held, (void *) &endless, compare_lines, NULL);
  GSequenceIter *last = g_sequence_iter_prev(after);
  return last == after ? NULL : g_sequence_get(last);
}

Schedule *
schedule_new(Limiter *limiter)
{
  Schedule *schedule = g_new0(Schedule, 1);
  schedule->limiter = limiter;
  schedule->held = g_sequence_new(NULL);
  schedule->delayed = g_sequence_new(NULL);
  schedule->lines = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, line_free);
  schedule->families = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, (GDestroyNotify) g_ptr_array_unref);
  return schedule;
}

void
schedule_free(Schedule *schedule)
{
  if (schedule == NULL)
    return;
  g_assert(g_sequence_is_empty(schedule->delayed));
  g_hash_table_unref(schedule->lines);
  g_hash_table_unref(schedule->families);
  g_sequence_free(schedule->held);
  g_sequence_free(schedule->delayed);
  g_free(schedule);
}

void
schedule_add(Schedule *schedule, const char *host, int64_t tokens, int64_t not_before_ms, void *entry)
{
  Waiting *waiting = g_new0(Waiting, 1);
  *waiting = (Waiting){find_line(schedule, host), tokens, not_before_ms, entry};
  if (not_before_ms == INT64_MIN)
    append(schedule, waiting);
  else
    g_sequence_insert_sorted(schedule->delayed, waiting, compare_delayed, NULL);
}

void
schedule_recheck(Schedule *schedule, const char *host)
{
  const GPtrArray *family = find_family(schedule, host);
  for (unsigned i = 0; i < family->len; i++) {
    Line *line = g_ptr_array_index(family, i);
    if (line->held != NULL)
      release(schedule, line);
  }
}

void *
schedule_take(Schedule *schedule, int64_t now_ms)
{
  Line *line = find_startable(schedule, now_ms);
  return line != NULL ? take_first(schedule, line) : NULL;
}

void *
schedule_take_hopeless(Schedule *schedule, int64_t now_ms, int64_t deadline_ms)
{
  bool is_past = now_ms >= deadline_ms;
  GSequenceIter *end = g_sequence_get_end_iter(schedule->delayed);
  GSequenceIter *last = g_sequence_iter_prev(end);
  if (last != end && (is_past || ((const Waiting *) g_sequence_get(last))->not_before_ms >= deadline_ms)) {
    Waiting *waiting = g_sequence_get(last);
    g_sequence_remove(last);
    return take_entry(waiting);
  }
  Line *line = find_startable(schedule, now_ms);
  if (is_past && line != NULL)
    return take_first(schedule, line);
  line = is_past ? first_of(schedule->held) : last_held(schedule);
  if (line == NULL || (!is_past && line->next_ms < deadline_ms))
    return NULL;
  Waiting *waiting = g_queue_pop_head(&line->waiting);
  if (line->waiting.length > 0) {
    line->next_ms = line_next_ms(schedule, line, now_ms);
    g_sequence_sort_changed(line->held, compare_lines, NULL);
  } else {
    g_sequence_remove(line->held);
    line->held = NULL;
  }
  return take_entry(waiting);
}

int64_t
schedule_next_ms(Schedule *schedule, int64_t now_ms, const char **ret_host)
{
  const Line *line = find_startable(schedule, now_ms);
  line = line != NULL ? line : first_of(schedule->held);
  const Waiting *delayed = first_of(schedule->delayed);
  bool is_delayed = delayed != NULL && (line == NULL || delayed->not_before_ms < line->next_ms);
  int64_t next_ms = is_delayed ? delayed->not_before_ms : line != NULL ? line->next_ms : INT64_MAX;
  if (ret_host != NULL)
    *ret_host = is_delayed ? delayed->line->host : line != NULL && next_ms != INT64_MAX ? line->host : NULL;
  return next_ms;
}
