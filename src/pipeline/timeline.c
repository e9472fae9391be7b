#include "pipeline/timeline.h"

#include "base/json.h"
#include "base/text.h"
#include "pipeline/span.h"

#include <string.h>

enum { MAX_TEXT_BYTES = 2048, STAGES_PID = 1, JOBS_PID, FIRST_HOST_PID };

#define PLACEHOLDER "%TRACE%"

/* Sums over a run. */
typedef struct {
  int64_t requests;
  int64_t sent;
  int64_t retries;
  int64_t spared;
  int64_t errors;
  int64_t waited_ms;
  int64_t cost_micros;
  int64_t idle_ms;
  int64_t hugo_ms;
} Totals;

struct Timeline {
  int64_t began_ms;
  int64_t part_ended_ms;
  int64_t ended_ms;
  GPtrArray *parts;    /* (element-type Span) */
  GPtrArray *jobs;     /* (element-type Span) */
  GPtrArray *requests; /* (element-type Span) */
  Totals totals;
};

/* A trace being written. */
typedef struct {
  json_t *events;
  json_int_t next_tid;
} Trace;

static GPtrArray *
new_spans(void)
{
  return g_ptr_array_new_with_free_func((GDestroyNotify) span_free);
}

Timeline *
timeline_new(int64_t began_ms)
{
  Timeline *timeline = g_new0(Timeline, 1);
  timeline->began_ms = began_ms;
  timeline->part_ended_ms = began_ms;
  timeline->ended_ms = began_ms;
  timeline->parts = new_spans();
  timeline->jobs = new_spans();
  timeline->requests = new_spans();
  return timeline;
}

void
timeline_free(Timeline *timeline)
{
  if (timeline == NULL)
    return;
  g_ptr_array_unref(timeline->parts);
  g_ptr_array_unref(timeline->jobs);
  g_ptr_array_unref(timeline->requests);
  g_free(timeline);
}

/* Returns: (transfer full): foreign @text as JSON can hold it, of bounded length */
static char *
clean(const char *text)
{
  return text != NULL ? text_clean_line(text, strnlen(text, MAX_TEXT_BYTES)) : g_strdup("");
}

/* What an event is, and when. */
typedef struct {
  const char *name;
  const char *category;
  int64_t began_ms;
  int64_t ended_ms;
} Stretch;

/* Adds a complete event to @span, in microseconds; takes @args. */
static void
add_event(const Timeline *timeline, Span *span, const Stretch *stretch, json_t *args)
{
  g_autofree char *name = clean(stretch->name);
  int64_t began_ms = CLAMP(stretch->began_ms, span->began_ms, span->ended_ms);
  int64_t ended_ms = CLAMP(stretch->ended_ms, began_ms, span->ended_ms);
  json_array_append_new(span->events, json_pack("{ss ss ss sI sI so}", "name", name, "cat", stretch->category, "ph", "X", "ts",
                                                (json_int_t) (began_ms - timeline->began_ms) * 1000, "dur",
                                                (json_int_t) (ended_ms - began_ms) * 1000, "args", args));
}

/* Nothing is earlier than the timeline. */
static Span *
add_span(Timeline *timeline, GPtrArray *spans, const char *owner, int64_t began_ms, int64_t ended_ms)
{
  Span *span = span_new(owner, MAX(began_ms, timeline->began_ms), MAX(ended_ms, timeline->began_ms));
  g_ptr_array_add(spans, span);
  timeline->ended_ms = MAX(timeline->ended_ms, span->ended_ms);
  return span;
}

void
timeline_part(Timeline *timeline, const TimelinePart *part)
{
  Span *span = add_span(timeline, timeline->parts, part->stage, timeline->part_ended_ms, part->ended_ms);
  const Stretch stretch = {part->name, "part", span->began_ms, span->ended_ms};
  add_event(timeline, span, &stretch, json_pack("{ss sI}", "stage", part->stage, "idle_ms", (json_int_t) part->idle_ms));
  timeline->part_ended_ms = span->ended_ms;
  timeline->totals.idle_ms += part->idle_ms;
  if (g_str_equal(part->name, "hugo"))
    timeline->totals.hugo_ms += span->ended_ms - span->began_ms;
}

void
timeline_job(Timeline *timeline, const TimelineJob *job)
{
  Span *span = add_span(timeline, timeline->jobs, job->name, job->began_ms, job->ended_ms);
  const Stretch stretch = {job->name, "job", job->began_ms, job->ended_ms};
  add_event(timeline, span, &stretch,
            json_pack("{ss sI sf}", "outcome", job->outcome, "pass", (json_int_t) job->pass, "computed_ms", job->computed_ms));
}

static bool
is_failed_try(const ClientTry *attempt)
{
  return attempt->status == 0 || attempt->status >= 400;
}

/* Returns: (transfer full): what is told of it apart from its tries */
static json_t *
describe_exchange(const TimelineExchange *exchange)
{
  g_autofree char *job = clean(exchange->job);
  g_autofree char *url = clean(exchange->url);
  return json_pack("{ss ss ss ss ss sI sI sI}", "url", url, "job", job, "kind", request_kind_name(exchange->kind), "source",
                   exchange->source, "outcome", exchange->outcome, "status", (json_int_t) exchange->status, "bytes",
                   (json_int_t) exchange->bytes, "cost_micros", (json_int_t) exchange->cost_micros);
}

/* The tries, and what lies between them. Returns: how long nothing was under way */
static int64_t
add_tries(const Timeline *timeline, Span *span, const GArray *tries)
{
  int64_t free_ms = span->began_ms;
  int64_t waited_ms = 0;
  for (guint i = 0; tries != NULL && i <= tries->len; i++) {
    const ClientTry *attempt = i < tries->len ? &g_array_index(tries, ClientTry, i) : NULL;
    int64_t next_ms = CLAMP(attempt != NULL ? attempt->began_ms : span->ended_ms, free_ms, span->ended_ms);
    if (next_ms > free_ms)
      add_event(timeline, span, &(Stretch){"wait", "wait", free_ms, next_ms}, json_object());
    waited_ms += next_ms - free_ms;
    if (attempt == NULL)
      break;
    g_autofree char *name = g_strdup_printf("try %u", i + 1);
    add_event(timeline, span, &(Stretch){name, "try", next_ms, attempt->ended_ms},
              json_pack("{sI}", "status", (json_int_t) attempt->status));
    free_ms = CLAMP(attempt->ended_ms, next_ms, span->ended_ms);
  }
  return waited_ms;
}

static int64_t
count_retries(const GArray *tries)
{
  int64_t retries = 0;
  for (guint i = 0; tries != NULL && i + 1 < tries->len; i++)
    retries += is_failed_try(&g_array_index(tries, ClientTry, i));
  return retries;
}

/* What stands behind the host in @url, by which a request is known within its lane. */
static const char *
path_of(const char *url)
{
  const char *rest = strstr(url, "://");
  const char *path = rest != NULL ? strchr(rest + strlen("://"), '/') : NULL;
  return path != NULL ? path : url;
}

void
timeline_exchange(Timeline *timeline, const TimelineExchange *exchange)
{
  Span *span = add_span(timeline, timeline->requests, exchange->job, exchange->asked_ms, exchange->answered_ms);
  const Stretch stretch = {path_of(exchange->url), request_kind_name(exchange->kind), span->began_ms, span->ended_ms};
  json_t *args = describe_exchange(exchange);
  span->host = clean(exchange->host);
  add_event(timeline, span, &stretch, args);
  guint tries = exchange->tries != NULL ? exchange->tries->len : 0;
  int64_t waited_ms = add_tries(timeline, span, exchange->tries);
  json_object_set_new(args, "tries", json_integer(tries));
  json_object_set_new(args, "waited_ms", json_integer(waited_ms));

  Totals *totals = &timeline->totals;
  /* a site without a robots.txt is the rule */
  bool is_absent = exchange->kind == REQUEST_ROBOTS && exchange->status >= 400 && exchange->status < 500;
  bool is_error = g_str_equal(exchange->source, "error") && !is_absent;
  totals->requests++;
  totals->sent += tries;
  totals->retries += count_retries(exchange->tries);
  totals->errors += is_error;
  totals->spared += tries == 0 && !g_str_equal(exchange->source, "error");
  totals->waited_ms += waited_ms;
  totals->cost_micros += exchange->cost_micros;
}

/* Processes stand in the order of their numbers, as their threads do unasked. */
static void
name_process(Trace *trace, json_int_t pid, const char *name)
{
  json_array_append_new(trace->events,
                        json_pack("{ss ss sI s{ss}}", "name", "process_name", "ph", "M", "pid", pid, "args", "name", name));
  json_array_append_new(trace->events, json_pack("{ss ss sI s{sI}}", "name", "process_sort_index", "ph", "M", "pid", pid,
                                                 "args", "sort_index", pid));
}

static void
place_event(Trace *trace, json_t *event, json_int_t pid, json_int_t tid)
{
  json_object_set_new(event, "pid", json_integer(pid));
  json_object_set_new(event, "tid", json_integer(tid));
  json_array_append(trace->events, event);
}

/* @spans, of one process, in the order they began */
static void
add_process(Trace *trace, json_int_t pid, const char *name, const GPtrArray *spans)
{
  guint lanes = spans_lay_out(spans);
  name_process(trace, pid, name);
  for (guint i = 0; i < spans->len; i++) {
    const Span *span = g_ptr_array_index(spans, i);
    size_t index = 0;
    json_t *event = NULL;
    if (span->is_critical)
      json_object_set_new(json_object_get(json_array_get(span->events, 0), "args"), "is_critical", json_true());
    json_array_foreach(span->events, index, event) place_event(trace, event, pid, trace->next_tid + span->lane);
  }
  trace->next_tid += lanes;
}

/* A stage around its parts, then those. */
static void
add_stages(Trace *trace, const Timeline *timeline)
{
  json_int_t tid = trace->next_tid++;
  name_process(trace, STAGES_PID, "stages");
  const GPtrArray *parts = timeline->parts;
  for (guint i = 0, end = 0; i < parts->len; i = end) {
    const Span *first = g_ptr_array_index(parts, i);
    while (end < parts->len && g_str_equal(((const Span *) g_ptr_array_index(parts, end))->owner, first->owner))
      end++;
    const Span *last = g_ptr_array_index(parts, end - 1);
    g_autoptr(Span) stage = span_new(first->owner, first->began_ms, last->ended_ms);
    add_event(timeline, stage, &(Stretch){stage->owner, "stage", stage->began_ms, stage->ended_ms}, json_object());
    place_event(trace, json_array_get(stage->events, 0), STAGES_PID, tid);
    for (guint j = i; j < end; j++)
      place_event(trace, json_array_get(((const Span *) g_ptr_array_index(parts, j))->events, 0), STAGES_PID, tid);
  }
}

/* A process a host, in the order they were first asked. */
static void
add_hosts(Trace *trace, const Timeline *timeline)
{
  g_autoptr(GPtrArray) requests = spans_by_begin(timeline->requests);
  g_autoptr(GPtrArray) hosts = g_ptr_array_new_with_free_func((GDestroyNotify) g_ptr_array_unref);
  g_autoptr(GHashTable) by_name = g_hash_table_new(g_str_hash, g_str_equal);
  for (guint i = 0; i < requests->len; i++) {
    Span *request = g_ptr_array_index(requests, i);
    GPtrArray *host = g_hash_table_lookup(by_name, request->host);
    if (host == NULL) {
      host = g_ptr_array_new();
      g_ptr_array_add(hosts, host);
      g_hash_table_insert(by_name, request->host, host);
    }
    g_ptr_array_add(host, request);
  }
  for (guint i = 0; i < hosts->len; i++) {
    const GPtrArray *host = g_ptr_array_index(hosts, i);
    add_process(trace, FIRST_HOST_PID + (json_int_t) i, ((const Span *) g_ptr_array_index(host, 0))->host, host);
  }
}

static json_t *
describe_totals(const Timeline *timeline)
{
  const Totals *totals = &timeline->totals;
  int64_t wall_ms = timeline->ended_ms - timeline->began_ms;
  return json_pack("{ss sI sI sI sI sI sI sI sI sI sI sI sI}", "program", "courant " COURANT_VERSION, "wall_ms",
                   (json_int_t) wall_ms, "idle_ms", (json_int_t) totals->idle_ms, "hugo_ms", (json_int_t) totals->hugo_ms,
                   "own_ms", (json_int_t) MAX(wall_ms - totals->idle_ms - totals->hugo_ms, 0), "waited_ms",
                   (json_int_t) totals->waited_ms, "jobs", (json_int_t) timeline->jobs->len, "requests",
                   (json_int_t) totals->requests, "sent", (json_int_t) totals->sent, "retries", (json_int_t) totals->retries,
                   "spared", (json_int_t) totals->spared, "errors", (json_int_t) totals->errors, "cost_micros",
                   (json_int_t) totals->cost_micros);
}

char *
timeline_trace(const Timeline *timeline)
{
  Trace trace = {.events = json_array(), .next_tid = 1};
  spans_find_critical(timeline->parts, timeline->jobs, timeline->requests);
  add_stages(&trace, timeline);
  g_autoptr(GPtrArray) jobs = spans_by_begin(timeline->jobs);
  add_process(&trace, JOBS_PID, "jobs", jobs);
  add_hosts(&trace, timeline);
  g_autoptr(json_t) document =
      json_pack("{ss so so}", "displayTimeUnit", "ms", "otherData", describe_totals(timeline), "traceEvents", trace.events);
  return json_dumps(document, JSON_COMPACT | JSON_ENSURE_ASCII | JSON_PRESERVE_ORDER | JSON_REAL_PRECISION(9));
}

/* The trace is ASCII; a "<" of it must not end the element that holds it. */
char *
timeline_page(const Timeline *timeline, const char *template)
{
  g_autofree char *trace = timeline_trace(timeline);
  g_auto(GStrv) pieces = g_strsplit(trace, "<", -1);
  g_autofree char *safe = g_strjoinv("\\u003c", pieces);
  g_auto(GStrv) around = g_strsplit(template, PLACEHOLDER, 2);
  return g_strjoinv(safe, around);
}
