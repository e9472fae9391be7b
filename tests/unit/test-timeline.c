#include "pipeline/timeline.h"

#include "base/json.h"

#include <string.h>

enum { BEGAN_MS = 1000 };

static void
note_job(Timeline *timeline, const char *name, int64_t began_ms, int64_t ended_ms)
{
  timeline_job(timeline, &(TimelineJob){.name = name,
                                        .pass = 1,
                                        .began_ms = BEGAN_MS + began_ms,
                                        .ended_ms = BEGAN_MS + ended_ms,
                                        .computed_ms = 0.25,
                                        .outcome = "ok"});
}

static void
note_request(Timeline *timeline, const char *job, const char *host, int64_t asked_ms, int64_t answered_ms)
{
  const ClientTry sent = {.began_ms = BEGAN_MS + asked_ms, .ended_ms = BEGAN_MS + answered_ms, .status = 200};
  g_autoptr(GArray) tries = g_array_new(false, false, sizeof sent);
  g_array_append_val(tries, sent);
  g_autofree char *url = g_strdup_printf("https://%s/%d-%d", host, (int) asked_ms, (int) answered_ms);
  timeline_exchange(timeline, &(TimelineExchange){.job = job,
                                                  .kind = REQUEST_PAGE,
                                                  .source = "sent",
                                                  .url = url,
                                                  .host = host,
                                                  .asked_ms = BEGAN_MS + asked_ms,
                                                  .answered_ms = BEGAN_MS + answered_ms,
                                                  .tries = tries,
                                                  .status = 200,
                                                  .outcome = "ok"});
}

static void
note_part(Timeline *timeline, const char *stage, const char *name, int64_t ended_ms)
{
  timeline_part(timeline, &(TimelinePart){.stage = stage, .name = name, .ended_ms = BEGAN_MS + ended_ms, .idle_ms = 5});
}

static json_t *
read_trace(const Timeline *timeline)
{
  g_autofree char *text = timeline_trace(timeline);
  json_t *trace = json_loads(text, 0, NULL);
  g_assert_nonnull(trace);
  return trace;
}

static json_int_t
number(const json_t *event, const char *name)
{
  return json_integer_value(json_object_get(event, name));
}

static bool
is_critical(const json_t *event)
{
  return json_is_true(json_object_get(json_object_get(event, "args"), "is_critical"));
}

/* Returns: (transfer full): names of what is critical, in the order of their ends */
static char *
list_critical(const json_t *trace)
{
  GString *list = g_string_new(NULL);
  for (json_int_t until = 0; until <= 1000; until++) {
    size_t index = 0;
    json_t *event = NULL;
    json_array_foreach(json_object_get(trace, "traceEvents"), index,
                       event) if (is_critical(event) && number(event, "ts") + number(event, "dur") == until * 1000)
        g_string_append_printf(list, "%s%s", list->len > 0 ? " " : "", json_read_text(event, "name"));
  }
  return g_string_free(list, false);
}

/* Two jobs at once, a third when the first ends; each asks twice, one after the other. */
static void
test_critical(void)
{
  g_autoptr(Timeline) timeline = timeline_new(BEGAN_MS);
  note_part(timeline, "collect", "plan", 10);
  note_request(timeline, "collect:b", "x.example", 10, 60);
  note_request(timeline, "collect:a", "y.example", 12, 20);
  note_request(timeline, "collect:a", "y.example", 12, 50);
  note_request(timeline, "collect:a", "y.example", 50, 50);
  note_request(timeline, "collect:a", "y.example", 51, 90);
  note_job(timeline, "collect:b", 10, 70);
  note_job(timeline, "collect:a", 10, 100);
  note_request(timeline, "collect:c", "x.example", 72, 180);
  note_request(timeline, "collect:c", "x.example", 75, 190);
  note_job(timeline, "collect:c", 70, 200);
  note_part(timeline, "collect", "work", 201);
  note_part(timeline, "collect", "merge", 210);
  note_part(timeline, "enrich", "plan", 211);
  note_job(timeline, "enrich:c", 211, 220);
  note_part(timeline, "enrich", "work", 221);
  g_autoptr(json_t) trace = read_trace(timeline);
  g_autofree char *critical = list_critical(trace);
  g_assert_cmpstr(critical, ==, "/10-60 collect:b /75-190 collect:c enrich:c");
  const json_t *totals = json_object_get(trace, "otherData");
  g_assert_cmpint(number(totals, "wall_ms"), ==, 221);
  g_assert_cmpint(number(totals, "idle_ms"), ==, 25);
  g_assert_cmpint(number(totals, "own_ms"), ==, 196);
}

/* What both viewers ask for: numbers, names, and on one thread events that nest or follow one another. */
static void
check_event(const json_t *event, GHashTable *open_until)
{
  g_assert_nonnull(json_read_text(event, "name"));
  g_assert_cmpint(number(event, "pid"), >, 0);
  if (g_str_equal(json_read_text(event, "ph"), "M"))
    return;
  g_assert_cmpstr(json_read_text(event, "ph"), ==, "X");
  json_int_t began = number(event, "ts");
  json_int_t ended = began + number(event, "dur");
  g_assert_cmpint(began, >=, 0);
  g_assert_cmpint(ended, >=, began);
  GArray *stack = g_hash_table_lookup(open_until, GINT_TO_POINTER((int) number(event, "tid")));
  if (stack == NULL) {
    stack = g_array_new(false, false, sizeof ended);
    g_hash_table_insert(open_until, GINT_TO_POINTER((int) number(event, "tid")), stack);
  }
  while (stack->len > 0 && g_array_index(stack, json_int_t, stack->len - 1) <= began)
    g_array_set_size(stack, stack->len - 1);
  if (stack->len > 0)
    g_assert_cmpint(ended, <=, g_array_index(stack, json_int_t, stack->len - 1));
  g_array_append_val(stack, ended);
}

static void
test_nesting(void)
{
  guint32 seed = (guint32) g_test_rand_int();
  g_test_message("seed %u", seed);
  g_autoptr(GRand) random = g_rand_new_with_seed(seed);
  g_autoptr(Timeline) timeline = timeline_new(BEGAN_MS);
  for (int i = 0; i < 300; i++) {
    int64_t began_ms = g_rand_int_range(random, -5, 500);
    int64_t ended_ms = began_ms + g_rand_int_range(random, 0, 60);
    g_autofree char *job = g_strdup_printf("collect:%d", i);
    note_request(timeline, job, i % 3 == 0 ? "x.example" : "y.example", began_ms, ended_ms);
    note_job(timeline, job, began_ms, ended_ms);
  }
  note_part(timeline, "collect", "plan", 3);
  note_part(timeline, "collect", "work", 600);
  g_autoptr(json_t) trace = read_trace(timeline);
  g_autoptr(GHashTable) open_until = g_hash_table_new_full(NULL, NULL, NULL, (GDestroyNotify) g_array_unref);
  size_t index = 0;
  json_t *event = NULL;
  json_array_foreach(json_object_get(trace, "traceEvents"), index, event) check_event(event, open_until);
  g_assert_cmpuint(index, >, 900);
}

static const json_t *
find_event(const json_t *trace, const char *category, size_t skipped)
{
  size_t index = 0;
  json_t *event = NULL;
  json_array_foreach(json_object_get(trace, "traceEvents"), index, event)
  {
    const char *own = json_read_text(event, "cat");
    if (own != NULL && g_str_equal(own, category) && skipped-- == 0)
      return event;
  }
  return NULL;
}

static void
test_tries_and_waits(void)
{
  static const ClientTry TRIES[] = {{.began_ms = BEGAN_MS + 20, .ended_ms = BEGAN_MS + 30, .status = 503},
                                    {.began_ms = BEGAN_MS + 60, .ended_ms = BEGAN_MS + 90, .status = 200}};
  g_autoptr(GArray) tries = g_array_new(false, false, sizeof TRIES[0]);
  g_array_append_vals(tries, TRIES, G_N_ELEMENTS(TRIES));
  g_autoptr(Timeline) timeline = timeline_new(BEGAN_MS);
  timeline_exchange(timeline, &(TimelineExchange){.job = "enrich:a",
                                                  .kind = REQUEST_LLM,
                                                  .source = "sent",
                                                  .url = "https://llm.example/v1",
                                                  .host = "llm.example",
                                                  .asked_ms = BEGAN_MS + 10,
                                                  .answered_ms = BEGAN_MS + 90,
                                                  .tries = tries,
                                                  .status = 200,
                                                  .outcome = "ok",
                                                  .cost_micros = 1234});
  g_autoptr(json_t) trace = read_trace(timeline);
  const json_t *own = find_event(trace, "llm", 0);
  g_assert_cmpstr(json_read_text(own, "name"), ==, "/v1");
  g_assert_cmpint(number(json_object_get(own, "args"), "waited_ms"), ==, 40);
  g_assert_cmpint(number(json_object_get(own, "args"), "tries"), ==, 2);
  g_assert_cmpint(number(json_object_get(own, "args"), "cost_micros"), ==, 1234);
  g_assert_cmpint(number(find_event(trace, "wait", 1), "ts"), ==, 30000);
  g_assert_cmpint(number(find_event(trace, "wait", 1), "dur"), ==, 30000);
  g_assert_null(find_event(trace, "wait", 2));
  g_assert_cmpint(number(json_object_get(find_event(trace, "try", 0), "args"), "status"), ==, 503);
  const json_t *totals = json_object_get(trace, "otherData");
  g_assert_cmpint(number(totals, "retries"), ==, 1);
  g_assert_cmpint(number(totals, "sent"), ==, 2);
  g_assert_cmpint(number(totals, "cost_micros"), ==, 1234);
}

/* Whatever a stranger calls things, it stays JSON, and the page's element ends where it should. */
static void
test_hostile_names(void)
{
  static const char HOSTILE[] = "https://a.example/</script><script>alert(1)//\"\\\xe2\x80\xa8\xff\x01<!--%TRACE%";
  g_autoptr(Timeline) timeline = timeline_new(BEGAN_MS);
  g_autofree char *long_name = g_strnfill(100000, 'x');
  note_job(timeline, HOSTILE, 0, 10);
  note_job(timeline, long_name, 0, 10);
  note_request(timeline, HOSTILE, HOSTILE, 0, 10);
  g_autofree char *page = timeline_page(timeline, "<script id=\"trace\">%TRACE%</script>");
  g_assert_true(g_str_is_ascii(page));
  g_assert_cmpuint(strlen(page), <, 20000);
  g_assert_true(g_str_has_prefix(page, "<script id=\"trace\">{"));
  g_assert_true(g_str_has_suffix(page, "}</script>"));
  g_assert_true(strchr(page + 1, '<') == strrchr(page, '<'));
  const char *begin = strchr(page, '{');
  g_autoptr(json_t) trace = json_loadb(begin, (size_t) (strrchr(page, '<') - begin), 0, NULL);
  g_assert_nonnull(trace);
  const char *job = json_read_text(json_object_get(find_event(trace, "page", 0), "args"), "job");
  g_assert_nonnull(strstr(job, "</script><script>alert(1)//\"\\"));
  g_assert_nonnull(strstr(job, "%TRACE%"));
}

static void
test_nothing(void)
{
  g_autoptr(Timeline) timeline = timeline_new(BEGAN_MS);
  g_autoptr(json_t) trace = read_trace(timeline);
  g_assert_true(json_is_array(json_object_get(trace, "traceEvents")));
  g_assert_cmpint(number(json_object_get(trace, "otherData"), "wall_ms"), ==, 0);
  timeline_free(NULL);
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/timeline/critical", test_critical);
  g_test_add_func("/timeline/nesting", test_nesting);
  g_test_add_func("/timeline/tries-and-waits", test_tries_and_waits);
  g_test_add_func("/timeline/hostile-names", test_hostile_names);
  g_test_add_func("/timeline/nothing", test_nothing);
  return g_test_run();
}
