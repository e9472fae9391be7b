/* What language models cost, and what came of it. */
#include "app/workspace.h"
#include "base/money.h"
#include "base/text.h"
#include "base/time.h"
#include "os/clock.h"
#include "pipeline/budget.h"
#include "store/ledger.h"

#include <stdio.h>
#include <string.h>

/* What is asked for. @by: (nullable): one of LEDGER_GROUPINGS; NULL for all of them */
typedef struct {
  const char *by;
  int64_t since_ms;
  int64_t now_ms;
} Question;

/* A column of a table: what stands above it, and what of a sum stands in it. */
typedef struct {
  const char *heading;
  const char *key;
  bool is_money;
} Column;

static const Column COLUMNS[] = {
    {"calls", "calls", false},        {"tokens in", "input_tokens", false}, {"tokens out", "output_tokens", false},
    {"mean ms", "latency_ms", false}, {"spent", "cost_micros", true},       {"useful", "useful_micros", true},
    {"lost", "lost_micros", true},    {"lost calls", "lost_calls", false},  {"unbilled", "unbilled_calls", false},
};

static json_t *
forecast_json(const Workspace *workspace, Store *store, int64_t now_ms, GError **error)
{
  const BudgetOptions *caps = workspace->config->budget;
  Forecast forecast = {0};
  if (!budget_forecast(store, now_ms, caps, &forecast, error))
    return NULL;
  g_autofree char *month = time_format(forecast.month_ms);
  g_autofree char *full = forecast.full_ms >= 0 ? time_format(forecast.full_ms) : NULL;
  return json_pack("{ss# sI sI sI sI sI sI sI so}", "month", month, (int) strlen("2026-03"), "spent_micros",
                   (json_int_t) forecast.spent, "days", (json_int_t) forecast.days, "day_micros", (json_int_t) forecast.a_day,
                   "days_left", (json_int_t) forecast.days_left, "expected_micros", (json_int_t) forecast.expected,
                   "per_day_micros", (json_int_t) caps->per_day_micros, "per_month_micros", (json_int_t) caps->per_month_micros,
                   "full", full != NULL ? json_stringn(full, strlen("2026-03-02")) : json_null());
}

static json_t *
costs_document(const Workspace *workspace, Store *store, const Question *question, GError **error)
{
  g_autoptr(json_t) groups = json_object();
  g_autoptr(json_t) all = ledger_sums(store, NULL, question->since_ms, error);
  int64_t spared = all != NULL ? ledger_spared(store, question->since_ms, error) : -1;
  if (spared < 0)
    return NULL;
  json_object_set_new(json_array_get(all, 0), "spared_calls", json_integer(spared));
  for (const char *const *by = LEDGER_GROUPINGS; *by != NULL; by++) {
    if (question->by != NULL && !g_str_equal(question->by, *by))
      continue;
    json_t *sums = ledger_sums(store, *by, question->since_ms, error);
    if (sums == NULL)
      return NULL;
    json_object_set_new(groups, *by, sums);
  }
  json_t *forecast = forecast_json(workspace, store, question->now_ms, error);
  if (forecast == NULL)
    return NULL;
  return json_pack("{ss sO sO so}", "schema", "courant.costs/1", "total", json_array_get(all, 0), "by", groups, "forecast",
                   forecast);
}

/* With all decimals, so that sums stand below each other. Returns: (transfer full) */
static char *
cell_text(const json_t *sum, const Column *column)
{
  const json_t *value = json_object_get(sum, column->key);
  json_int_t number = json_integer_value(value);
  if (!json_is_integer(value))
    return g_strdup("-");
  return column->is_money
             ? g_strdup_printf("$%" JSON_INTEGER_FORMAT ".%06" JSON_INTEGER_FORMAT, number / 1000000, number % 1000000)
             : g_strdup_printf("%" JSON_INTEGER_FORMAT, number);
}

/* Returns: (transfer full): a line of a table, ended by NULL: the heading where @sum is NULL */
static char **
make_line(const char *by, const json_t *sum)
{
  char **line = g_new0(char *, G_N_ELEMENTS(COLUMNS) + 2);
  line[0] = sum != NULL ? text_printable(json_read_text(sum, by)) : g_strdup(by);
  for (size_t i = 0; i < G_N_ELEMENTS(COLUMNS); i++)
    line[i + 1] = sum != NULL ? cell_text(sum, &COLUMNS[i]) : g_strdup(COLUMNS[i].heading);
  return line;
}

/* Names to the left, numbers to the right. */
static void
print_lines(const GPtrArray *lines)
{
  glong widths[G_N_ELEMENTS(COLUMNS) + 1] = {0};
  for (guint i = 0; i < lines->len; i++)
    for (size_t j = 0; j < G_N_ELEMENTS(widths); j++)
      widths[j] = MAX(widths[j], g_utf8_strlen(((char **) lines->pdata[i])[j], -1));
  for (guint i = 0; i < lines->len; i++) {
    char **line = lines->pdata[i];
    printf("%s%*s", line[0], (int) (widths[0] - g_utf8_strlen(line[0], -1)), "");
    for (size_t j = 1; j < G_N_ELEMENTS(widths); j++)
      printf("  %*s", (int) widths[j], line[j]);
    putchar('\n');
  }
  putchar('\n');
}

static void
print_groups(const json_t *groups)
{
  const char *by = NULL;
  json_t *sums = NULL;
  json_object_foreach((json_t *) groups, by, sums)
  {
    g_autoptr(GPtrArray) lines = g_ptr_array_new_with_free_func((GDestroyNotify) g_strfreev);
    size_t index = 0;
    json_t *sum = NULL;
    g_ptr_array_add(lines, make_line(by, NULL));
    json_array_foreach(sums, index, sum) g_ptr_array_add(lines, make_line(by, sum));
    print_lines(lines);
  }
}

/* Returns: (transfer full) */
static char *
money_of(const json_t *object, const char *key)
{
  return money_text(json_read_int(object, key, 0));
}

static void
print_total(const json_t *total)
{
  g_autofree char *spent = money_of(total, "cost_micros");
  g_autofree char *useful = money_of(total, "useful_micros");
  g_autofree char *lost = money_of(total, "lost_micros");
  int64_t cost_micros = json_read_int(total, "cost_micros", 0);
  printf("Spent: %s; useful: %s", spent, useful);
  if (cost_micros > 0)
    printf(" (%.1f %%)", 100.0 * (double) json_read_int(total, "useful_micros", 0) / (double) cost_micros);
  printf("; lost: %s. Calls: %" G_GINT64_FORMAT " answered, %" G_GINT64_FORMAT " lost, %" G_GINT64_FORMAT
         " unbilled, %" G_GINT64_FORMAT " spared.\n",
         lost, json_read_int(total, "calls", 0), json_read_int(total, "lost_calls", 0),
         json_read_int(total, "unbilled_calls", 0), json_read_int(total, "spared_calls", 0));
}

static void
print_forecast(const json_t *forecast)
{
  g_autofree char *spent = money_of(forecast, "spent_micros");
  g_autofree char *a_day = money_of(forecast, "day_micros");
  g_autofree char *expected = money_of(forecast, "expected_micros");
  g_autofree char *day_cap = money_of(forecast, "per_day_micros");
  g_autofree char *month_cap = money_of(forecast, "per_month_micros");
  const char *full = json_read_text(forecast, "full");
  printf("%s: %s so far; the last days with runs (%" G_GINT64_FORMAT ") cost %s each on average, which makes %s by its end.\n",
         json_read_text(forecast, "month"), spent, json_read_int(forecast, "days", 0), a_day, expected);
  printf("Caps: %s a day, %s a month%s%s.\n", day_cap, month_cap, full != NULL ? ", which is reached on " : "",
         full != NULL ? full : "");
}

static void
print_costs(const json_t *document)
{
  print_groups(json_object_get(document, "by"));
  print_total(json_object_get(document, "total"));
  print_forecast(json_object_get(document, "forecast"));
}

/* As RFC 4180 quotes; a text that a spreadsheet would take for a formula is told to be none. */
static void
print_cell(const json_t *value)
{
  if (json_is_integer(value))
    printf("%" JSON_INTEGER_FORMAT, json_integer_value(value));
  if (!json_is_string(value))
    return;
  g_autoptr(GString) text = g_string_new(json_string_value(value));
  if (text->len > 0 && strchr("=+-@\t\r", text->str[0]) != NULL)
    g_string_prepend_c(text, '\'');
  bool must_quote = strpbrk(text->str, "\",\r\n") != NULL;
  g_string_replace(text, "\"", "\"\"", 0);
  printf("%s%s%s", must_quote ? "\"" : "", text->str, must_quote ? "\"" : "");
}

/* @rows: objects with the same keys */
static void
print_csv(const json_t *rows)
{
  const char *key = NULL;
  json_t *value = NULL;
  size_t column = 0;
  json_object_foreach(json_array_get(rows, 0), key, value) printf("%s%s", column++ > 0 ? "," : "", key);
  putchar('\n');
  size_t index = 0;
  json_t *row = NULL;
  json_array_foreach(rows, index, row)
  {
    column = 0;
    json_object_foreach(row, key, value)
    {
      if (column++ > 0)
        putchar(',');
      print_cell(value);
    }
    putchar('\n');
  }
}

static int
tell_csv(const Invocation *invocation, Store *store, const Question *question)
{
  GError *error = NULL;
  g_autoptr(json_t) rows = question->by != NULL ? ledger_sums(store, question->by, question->since_ms, &error)
                                                : ledger_calls(store, question->since_ms, &error);
  if (rows == NULL)
    return fail_with(invocation, error);
  if (json_array_size(rows) > 0)
    print_csv(rows);
  return end_output(invocation);
}

static int
tell_costs(const Invocation *invocation, const Workspace *workspace, Store *store, const Question *question)
{
  GError *error = NULL;
  g_autoptr(json_t) document = costs_document(workspace, store, question, &error);
  if (document == NULL)
    return fail_with(invocation, error);
  const json_t *groups = json_object_get(document, "by");
  bool is_empty = json_array_size(json_object_iter_value(json_object_iter((json_t *) groups))) == 0;
  if (!is_empty || invocation->is_json)
    return print_document(invocation, g_steal_pointer(&document), print_costs);
  puts(question->since_ms > INT64_MIN ? "No language model was asked since then."
                                      : "No language model was asked yet; llm and enrich in courant.yaml say which one is.");
  return end_output(invocation);
}

static bool
is_grouping(const char *by)
{
  return by == NULL || g_strv_contains(LEDGER_GROUPINGS, by);
}

static int
run_costs(Invocation *invocation)
{
  g_autofree char *by = NULL;
  g_autofree char *since = NULL;
  g_autofree char *now = NULL;
  gboolean is_csv = false;
  const GOptionEntry own[] = {
      {"by", 0, 0, G_OPTION_ARG_STRING, &by, "Sums by that alone", "day|stage|model|outcome"},
      {"since", 0, 0, G_OPTION_ARG_STRING, &since, "Of runs from then on only, such as 2026-03-02", "DATE"},
      {"csv", 0, 0, G_OPTION_ARG_NONE, &is_csv, "Lines for a spreadsheet: every call, or with --by its sums", NULL},
      {"now", 0, 0, G_OPTION_ARG_STRING, &now, "The time of which the month is told, such as 2026-03-02T08:00:00Z", "TIME"},
      {0},
  };
  int status = EXIT_OK;
  g_autoptr(Workspace) workspace = NULL;
  g_autoptr(Store) store = NULL;
  if (!workspace_begin(invocation, own, &workspace, &store, &status))
    return status;
  Question question = {.by = by, .since_ms = INT64_MIN, .now_ms = clock_now_ms()};
  if (!is_grouping(by))
    return fail_usage(invocation, "--by takes day, stage, model or outcome");
  if (since != NULL && !time_parse(since, &question.since_ms))
    return fail_usage(invocation, "--since takes a date such as 2026-03-02");
  if (now != NULL && !time_parse(now, &question.now_ms))
    return fail_usage(invocation, "--now takes a time such as 2026-03-02T08:00:00Z");
  if (is_csv && invocation->is_json)
    return fail_usage(invocation, "--csv and --json are two forms: choose one");
  return is_csv ? tell_csv(invocation, store, &question) : tell_costs(invocation, workspace, store, &question);
}

const Command costs_command = {
    .name = "costs",
    .usage = "",
    .summary = "show what language models cost, what of it was useful, and what the month will come to",
    .examples = "  courant costs\n"
                "  courant costs --by model --since 2026-03-01\n"
                "  courant costs --csv > calls.csv       every call: stage, story, tokens, micro-dollars, outcome\n",
    .run = run_costs,
};
