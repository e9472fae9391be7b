#include "app/summary.h"

#include "app/command.h"
#include "base/money.h"
#include "base/time.h"
#include "os/clock.h"
#include "store/exchanges.h"
#include "store/ledger.h"

/* A number that one of the stages counted; 0 where the stage did not run. */
static json_int_t
counted(const GPtrArray *records, const char *stage, const char *name)
{
  for (guint i = 0; i < records->len; i++) {
    const StageRecord *record = g_ptr_array_index(records, i);
    if (!g_str_equal(record->name, stage))
      continue;
    g_autoptr(json_t) counts = json_loads(record->counts, 0, NULL);
    return json_read_int(counts, name, 0);
  }
  return 0;
}

json_t *
summary_stage(const StageRecord *record)
{
  return json_pack("{ss sf sf sf sI sI sI ss}", "name", record->name, "seconds", record->seconds, "idle", record->idle,
                   "waited", record->waited, "jobs", (json_int_t) record->jobs, "workers", (json_int_t) record->workers,
                   "failed", (json_int_t) record->failed, "reason", record->reason);
}

static json_t *
failures_array(const GPtrArray *failures)
{
  json_t *array = json_array();
  for (guint i = 0; i < failures->len; i++) {
    const FailureRow *row = g_ptr_array_index(failures, i);
    json_array_append_new(
        array, json_pack("{ss ss ss ss}", "stage", row->stage, "job", row->job, "code", row->code, "message", row->message));
  }
  return array;
}

static json_t *
stages_array(const GPtrArray *records)
{
  json_t *array = json_array();
  for (guint i = 0; i < records->len; i++)
    json_array_append_new(array, summary_stage(g_ptr_array_index(records, i)));
  return array;
}

int
summary_exit_code(Store *store, const Run *run, GError **error)
{
  g_autoptr(GPtrArray) records = runs_stages(store, run->id, error);
  ExchangeCounts counts = {0};
  if (records == NULL || !exchanges_count(store, run->id, &counts, error))
    return -1;
  int code = EXIT_OK;
  for (guint i = 0; i < records->len; i++) {
    const StageRecord *record = g_ptr_array_index(records, i);
    if (record->failed > 0 && record->failed == record->jobs)
      return EXIT_FAILED;
    if (record->failed > 0)
      code = EXIT_PARTIAL;
  }
  if (counted(records, "enrich", "fallen_back") > 0)
    code = EXIT_PARTIAL;
  return counts.unpaid > 0 ? EXIT_BUDGET : code;
}

json_t *
summary_document(Store *store, const Run *run, const char *command, GError **error)
{
  g_autoptr(GPtrArray) records = runs_stages(store, run->id, error);
  g_autoptr(GPtrArray) failures = records != NULL ? runs_failures(store, run->id, error) : NULL;
  ExchangeCounts counts = {0};
  int64_t cost_micros = failures != NULL ? ledger_spent_in_run(store, run->id, NULL, error) : -1;
  if (cost_micros < 0 || !exchanges_count(store, run->id, &counts, error))
    return NULL;
  g_autofree char *now = time_format(run->now_ms);
  g_autofree char *schema = g_strdup_printf("courant.%s/1", command);
  g_autofree char *id = g_strdup_printf("%" G_GINT64_FORMAT, run->id);
  json_t *document = json_pack(
      "{ss ss ss s{sI sI sI sI sI} s{sI sI} sI s{sI sI sI sI} sI sI sI sI so so sI}", "schema", schema, "run", id, "now", now,
      "items", "collected", counted(records, "collect", "collected"), "new", counted(records, "collect", "new"), "duplicates",
      counted(records, "group", "duplicates"), "dropped", counted(records, "collect", "dropped"), "malformed",
      counted(records, "collect", "malformed"), "stories", "new", counted(records, "group", "new_stories"), "updated",
      counted(records, "group", "updated_stories"), "enriched", counted(records, "enrich", "enriched"), "articles", "written",
      counted(records, "generate", "written"), "updated", counted(records, "generate", "updated"), "withheld",
      counted(records, "generate", "withheld"), "held", counted(records, "generate", "held"), "cost_micros",
      (json_int_t) cost_micros, "llm_calls", (json_int_t) counts.calls, "unpaid_calls", (json_int_t) counts.unpaid,
      "cache_hits", (json_int_t) counts.cached, "failures", failures_array(failures), "stages", stages_array(records),
      "peak_rss_bytes", (json_int_t) clock_rss_peak_bytes());
  g_assert(document != NULL);
  return document;
}

static json_int_t
number(const json_t *document, const char *group, const char *name)
{
  return json_read_int(json_object_get(document, group), name, 0);
}

static void
add_money(GString *text, const json_t *document)
{
  int64_t unpaid = json_read_int(document, "unpaid_calls", 0);
  int64_t cost_micros = json_read_int(document, "cost_micros", 0);
  g_autofree char *cost = money_text(cost_micros);
  if (cost_micros > 0)
    g_string_append_printf(text, "Spent: %s; %" G_GINT64_FORMAT " calls of language models were answered.\n", cost,
                           json_read_int(document, "llm_calls", 0));
  if (unpaid > 0)
    g_string_append_printf(
        text, "A cap of the budget stopped %" G_GINT64_FORMAT " calls; the built-in provider served instead.\n", unpaid);
}

char *
summary_text(const json_t *document)
{
  GString *text = g_string_new(NULL);
  g_string_append_printf(text,
                         "Run %s of %s: %" JSON_INTEGER_FORMAT " posts (%" JSON_INTEGER_FORMAT " new, %" JSON_INTEGER_FORMAT
                         " telling a story already known, %" JSON_INTEGER_FORMAT " left out), %" JSON_INTEGER_FORMAT
                         " new stories, %" JSON_INTEGER_FORMAT " updated.\n",
                         json_read_text(document, "run"), json_read_text(document, "now"),
                         number(document, "items", "collected"), number(document, "items", "new"),
                         number(document, "items", "duplicates"), number(document, "items", "dropped"),
                         number(document, "stories", "new"), number(document, "stories", "updated"));
  g_string_append_printf(text,
                         "Articles: %" JSON_INTEGER_FORMAT " written, %" JSON_INTEGER_FORMAT " updated, %" JSON_INTEGER_FORMAT
                         " withheld, %" JSON_INTEGER_FORMAT " held.\n",
                         number(document, "articles", "written"), number(document, "articles", "updated"),
                         number(document, "articles", "withheld"), number(document, "articles", "held"));
  if (number(document, "articles", "held") > 0)
    g_string_append(text, "Held articles wait to be approved; \"courant article list --held\" lists them.\n");
  add_money(text, document);
  json_int_t malformed = number(document, "items", "malformed");
  json_int_t failures = (json_int_t) json_array_size(json_object_get(document, "failures")) - malformed;
  if (malformed > 0)
    g_string_append_printf(
        text, "Malformed posts: %" JSON_INTEGER_FORMAT ", counted and kept; \"courant status\" lists them.\n", malformed);
  if (failures > 0)
    g_string_append_printf(text, "Failures: %" JSON_INTEGER_FORMAT "; \"courant status\" lists them.\n", failures);
  return g_string_free(text, false);
}
