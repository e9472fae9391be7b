#include "pipeline/span.h"

#include <string.h>

/* A lane in use until @ended_ms. */
typedef struct {
  int64_t ended_ms;
  guint number;
} Lane;

Span *
span_new(const char *owner, int64_t began_ms, int64_t ended_ms)
{
  Span *span = g_new0(Span, 1);
  span->owner = g_strdup(owner);
  span->began_ms = began_ms;
  span->ended_ms = MAX(ended_ms, began_ms);
  span->events = json_array();
  return span;
}

void
span_free(Span *span)
{
  if (span == NULL)
    return;
  g_free(span->owner);
  g_free(span->host);
  json_decref(span->events);
  g_free(span);
}

static int
compare_numbers(int64_t left, int64_t right)
{
  return (left > right) - (left < right);
}

static int
compare_begins(const void *left, const void *right)
{
  const Span *const *one = left;
  const Span *const *other = right;
  return compare_numbers((*one)->began_ms, (*other)->began_ms);
}

static int
compare_ends(const void *left, const void *right)
{
  const Span *const *one = left;
  const Span *const *other = right;
  return compare_numbers((*one)->ended_ms, (*other)->ended_ms);
}

static int
compare_owners(const void *left, const void *right)
{
  const Span *const *one = left;
  const Span *const *other = right;
  int order = strcmp((*one)->owner, (*other)->owner);
  return order != 0 ? order : compare_ends(left, right);
}

/* Returns: (transfer container) */
static GPtrArray *
sorted(const GPtrArray *spans, GCompareFunc compare)
{
  GPtrArray *copy = g_ptr_array_sized_new(spans->len);
  for (guint i = 0; i < spans->len; i++)
    g_ptr_array_add(copy, g_ptr_array_index(spans, i));
  g_ptr_array_sort(copy, compare);
  return copy;
}

GPtrArray *
spans_by_begin(const GPtrArray *spans)
{
  return sorted(spans, compare_begins);
}

static int
compare_lane_ends(const void *left, const void *right, void *data)
{
  (void) data;
  return compare_numbers(((const Lane *) left)->ended_ms, ((const Lane *) right)->ended_ms);
}

static int
compare_lane_numbers(const void *left, const void *right, void *data)
{
  (void) data;
  return compare_numbers(((const Lane *) left)->number, ((const Lane *) right)->number);
}

guint
spans_lay_out(const GPtrArray *spans)
{
  g_autoptr(GSequence) busy = g_sequence_new(g_free);
  g_autoptr(GSequence) unused = g_sequence_new(g_free);
  guint lanes = 0;
  for (guint i = 0; i < spans->len; i++) {
    Span *span = g_ptr_array_index(spans, i);
    while (!g_sequence_is_empty(busy)) {
      GSequenceIter *first = g_sequence_get_begin_iter(busy);
      Lane *lane = g_sequence_get(first);
      if (lane->ended_ms > span->began_ms)
        break;
      g_sequence_insert_sorted(unused, g_memdup2(lane, sizeof *lane), compare_lane_numbers, NULL);
      g_sequence_remove(first);
    }
    GSequenceIter *lowest = g_sequence_get_begin_iter(unused);
    Lane taken = {.ended_ms = span->ended_ms, .number = lanes};
    if (g_sequence_is_empty(unused)) {
      lanes++;
    } else {
      taken.number = ((const Lane *) g_sequence_get(lowest))->number;
      g_sequence_remove(lowest);
    }
    span->lane = taken.number;
    g_sequence_insert_sorted(busy, g_memdup2(&taken, sizeof taken), compare_lane_ends, NULL);
  }
  return lanes;
}

/* Returns: how many of @spans, in that order, come before @wanted or are its equals */
static guint
upper_bound(const GPtrArray *spans, const Span *wanted, GCompareFunc compare)
{
  guint low = 0;
  guint high = spans->len;
  while (low < high) {
    guint middle = low + (high - low) / 2;
    if (compare(&g_ptr_array_index(spans, middle), &wanted) <= 0)
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

/* The requests of @job, back from its end; @requests are by owner and end. */
static void
mark_requests(const Span *job, const GPtrArray *requests)
{
  int64_t until_ms = job->ended_ms;
  for (guint i = upper_bound(requests, job, compare_owners); i > 0; i--) {
    Span *request = g_ptr_array_index(requests, i - 1);
    if (!g_str_equal(request->owner, job->owner) || request->ended_ms < job->began_ms)
      return;
    if (request->ended_ms > until_ms || request->began_ms < job->began_ms || request->began_ms == request->ended_ms)
      continue;
    request->is_critical = true;
    until_ms = request->began_ms;
  }
}

/* The jobs of @part, back from its end; @jobs are by end. */
static void
mark_jobs(const Span *part, const GPtrArray *jobs, const GPtrArray *requests)
{
  int64_t until_ms = part->ended_ms;
  for (guint i = upper_bound(jobs, part, compare_ends); i > 0; i--) {
    Span *job = g_ptr_array_index(jobs, i - 1);
    if (job->ended_ms <= part->began_ms)
      return;
    if (job->ended_ms > until_ms || job->began_ms < part->began_ms || job->began_ms == job->ended_ms)
      continue;
    job->is_critical = true;
    mark_requests(job, requests);
    until_ms = job->began_ms;
  }
}

void
spans_find_critical(const GPtrArray *parts, const GPtrArray *jobs, const GPtrArray *requests)
{
  g_autoptr(GPtrArray) jobs_by_end = sorted(jobs, compare_ends);
  g_autoptr(GPtrArray) requests_by_owner = sorted(requests, compare_owners);
  for (guint i = 0; i < parts->len; i++)
    mark_jobs(g_ptr_array_index(parts, i), jobs_by_end, requests_by_owner);
}
