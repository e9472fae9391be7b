/*
 * What happened when: every stage, job, step and request of a run, for a Chrome trace and for the page that draws it. Times are
 * monotonic milliseconds (clock_monotonic_ms()). Thread: the run's own.
 */
#pragma once

#include "model/exchange.h"
#include "net/client.h"

#include <glib.h>
#include <stdint.h>

typedef struct Timeline Timeline;

/** timeline_new: @began_ms: the origin. Returns: (transfer full) */
Timeline *timeline_new(int64_t began_ms);

/** timeline_free: NULL-safe. */
void timeline_free(Timeline *timeline);

/**
 * TimelinePart: a part of a stage, from where the part before it ended: one follows the other without a gap.
 * @name: "plan", "work", "hugo" or "merge"
 * @idle_ms: of it, with nothing to do but wait for the network
 */
typedef struct {
  const char *stage;
  const char *name;
  int64_t ended_ms;
  int64_t idle_ms;
} TimelinePart;

/** timeline_part: a part ended. */
void timeline_part(Timeline *timeline, const TimelinePart *part);

/**
 * TimelineJob:
 * @name: `stage:subject`
 * @outcome: "ok", or an error's code
 * @computed_ms: of its steps, on pool threads
 */
typedef struct {
  const char *name;
  int64_t pass;
  int64_t began_ms;
  int64_t ended_ms;
  double computed_ms;
  const char *outcome;
} TimelineJob;

/** timeline_job: a job ended. */
void timeline_job(Timeline *timeline, const TimelineJob *job);

/**
 * TimelineExchange: a request from its question to its answer; what lies between the tries is waiting for limits, pauses and
 * back-off.
 * @source: "sent", "cached", "revalidated", "coalesced" or "error"
 * @host: of @url, with its port
 * @tries: (element-type ClientTry) (nullable)
 * @outcome: "ok", or an error's code
 * @cost_micros: 0 for what is not paid
 */
typedef struct {
  const char *job;
  RequestKind kind;
  const char *source;
  const char *url;
  const char *host;
  int64_t asked_ms;
  int64_t answered_ms;
  const GArray *tries;
  long status;
  int64_t bytes;
  const char *outcome;
  int64_t cost_micros;
} TimelineExchange;

/** timeline_exchange: a request was answered. */
void timeline_exchange(Timeline *timeline, const TimelineExchange *exchange);

/**
 * timeline_trace:
 *
 * A process for the stages, one for the jobs, and one a host; as many threads in each as it takes for none of their events to
 * overlap. A request holds its tries, and its waits between them. What the run would have been shorter without (the longest
 * chain of requests and jobs, back from each stage's end) has args.is_critical. `otherData` holds the totals.
 *
 * Returns: (transfer full): the Chrome trace, a JSON document ("Trace Event Format",
 *   https://docs.google.com/document/d/1CvAClvFfyA5R-PhYUmn5OOQtYMH4h6I0nSsKchNAySU) in ASCII
 */
char *timeline_trace(const Timeline *timeline);

/** timeline_page: @template: data/timeline.html, which holds the word %TRACE% once. Returns: (transfer full): one HTML page
 * that needs nothing else */
char *timeline_page(const Timeline *timeline, const char *template);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Timeline, timeline_free)
