/*
 * Stretches of a run's time, laid side by side: what a timeline is drawn from. Monotonic milliseconds. Thread: the run's own.
 */
#pragma once

#include "base/json.h"

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

/**
 * Span: a part of a stage, a job or a request.
 * @owner: a part's stage, a job's own name, a request's job
 * @host: (nullable): of a request only
 * @events: (element-type json_t): its own event of the trace, then those within it, all but their places
 * @lane: from 0, set by spans_lay_out()
 * @is_critical: set by spans_find_critical()
 */
typedef struct {
  char *owner;
  char *host;
  int64_t began_ms;
  int64_t ended_ms;
  json_t *events;
  guint lane;
  bool is_critical;
} Span;

/** span_new: nothing yet but its time, with @owner copied. Returns: (transfer full) */
Span *span_new(const char *owner, int64_t began_ms, int64_t ended_ms);

/** span_free: NULL-safe. */
void span_free(Span *span);

/** spans_by_begin: Returns: (transfer container): @spans (element-type Span) in the order they began */
GPtrArray *spans_by_begin(const GPtrArray *spans);

/** spans_lay_out: gives each of @spans, in the order they began, the first lane that is free. Returns: how many it takes */
guint spans_lay_out(const GPtrArray *spans);

/**
 * spans_find_critical:
 * @parts: of stages
 * @jobs: of them; @requests: of jobs
 *
 * Marks the chain that each part ended with: its last job, that job's last request, the request before that could be asked,
 * and so on; then the job whose end let this one begin. What takes no time is no link.
 */
void spans_find_critical(const GPtrArray *parts, const GPtrArray *jobs, const GPtrArray *requests);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Span, span_free)
