#include "store/reference_feedback.h"

#include "store-fixture.h"

#include "base/json.h"

#include <string.h>

#define ENTRY_AT(time, text, score, more)                                                                                      \
  "{\"timestamp\":\"2025-11-12T" time "+00:00\",\"source\":\"hackernews\",\"content_preview\":\"" text                         \
  "\",\"ai_score\":" score more "}"
#define ENTRY(text, score)   ENTRY_AT("22:44:15.386154", text, score, "")
#define GROUP(kept, removed) "{\"items_processed\":3,\"examples\":[{\"kept_item\":" kept ",\"removed_items\":" removed "}]}"

/* A file, and what becomes of it: "taken/known", then each reason with its count. */
static const struct {
  const char *file;
  const char *outcome;
} FILES[] = {
    {"[]", "0/0"},
    {"[" ENTRY("a", "0.7") "," ENTRY("b", "1") "," ENTRY("c", "0") "]", "3/0"},
    {"[" ENTRY("a", "0.7") "," ENTRY("a", "0.7") "]", "1/0 repeated 1"},
    {"[" ENTRY("a", "0.7") "," ENTRY("a", "0.2") "]", "2/0"},
    {"[" ENTRY("a", "1.01") "," ENTRY("b", "-0.1") "," ENTRY("c", "1e300") "]", "0/0 out_of_range 3"},
    {"[" ENTRY("a", "\"0.7\"") "," ENTRY("b", "null") "," ENTRY("c", "true") "," ENTRY("d", "[]") "]", "0/0 not_a_number 4"},
    {"[" ENTRY("", "0.7") "," ENTRY(" \\u202e\\n", "0.7") "]", "0/0 no_text 2"},
    {"[{\"ai_score\":0.7},7,null,[],{\"ai_score\":0.7,\"source\":\"x\",\"timestamp\":\"soon\"}]", "0/0 malformed 5"},
    {"[" ENTRY_AT("10:00:00", "a", "0.7", ",\"heuristic_score\":0.2,\"score_gap\":0.5") "]", "1/0"},
    {"[" ENTRY_AT("10:00:00", "a", "0.7", ",\"heuristic_score\":0.2,\"score_gap\":0.3") "]", "0/0 inconsistent 1"},
    /* one 0.5 among others is an answer, nothing but 0.5 a failure, and so are many in a row */
    {"[" ENTRY("a", "0.5") "," ENTRY("b", "0.7") "]", "2/0"},
    {"[" ENTRY("a", "0.5") "]", "0/0 failure_value 1"},
    {"[" ENTRY("a", "0.5") "," ENTRY("b", "0.5") "," ENTRY("c", "0.5") "]", "0/0 failure_value 3"},
    {"[" ENTRY("a", "0.1") "," ENTRY("b", "0.5") "," ENTRY("c", "0.5") "," ENTRY("d", "0.5") "," ENTRY("e", "0.5") "]", "5/0"},
    {"[" ENTRY("a", "0.1") "," ENTRY("b", "0.5") "," ENTRY("c", "0.5") "," ENTRY("d", "0.5") "," ENTRY("e", "0.5") "," ENTRY(
         "f", "0.5") "," ENTRY("g", "0.5") "," ENTRY("h", "0.3") "]",
     "2/0 failure_value 6"},
    {"[" ENTRY_AT("10:00:00", "a", "0.5", "") "," ENTRY_AT("10:14:00", "b", "0.6", "") "," ENTRY_AT(
         "10:30:00", "c", "0.5", "") "," ENTRY_AT("10:44:00", "d", "0.5", "") "]",
     "2/0 failure_value 2"},
    {"[" GROUP("\"one\"", "[\"two\"]") "]", "1/0"},
    {"[" GROUP("\"one\"", "[\"two\",\"three\"]") "," GROUP("\"one\"", "[\"three\",\"two\",\"two\"]") "]", "1/0 repeated 1"},
    {"[" GROUP("\"one\"", "[\"one\",\"ONE  \"]") "]", "0/0 identical 1"},
    {"[" GROUP("\"one\"", "[]") "," GROUP("\"\"", "[\"two\"]") "," GROUP("\"one\"", "[7,null]") "]", "0/0 no_text 3"},
    {"[" GROUP("7", "[]") "," GROUP("\"one\"", "7") ",{\"items_processed\":1},9]", "0/0 malformed 4"},
    {"[{\"items_processed\":1,\"examples\":[],\"user_corrections\":{\"a\":\"b\"}}]", "0/0 correction 1"},
};

static char *
outcome(const FeedbackReport *report)
{
  GString *text = g_string_new(NULL);
  g_string_printf(text, "%d/%d", (int) report->taken, (int) report->known);
  size_t i;
  json_t *refusal;
  json_array_foreach(report->refused, i, refusal)
  {
    int64_t count = json_read_int(refusal, "count", 0);
    g_string_append_printf(text, " %s %d", json_read_text(refusal, "reason"), (int) count);
    g_assert_cmpint((int64_t) json_array_size(json_object_get(refusal, "examples")), ==, MIN(count, 3));
  }
  return g_string_free(text, false);
}

static json_t *
parse(const char *text)
{
  g_autoptr(GError) error = NULL;
  json_t *document = json_parse(text, strlen(text), NULL, &error);
  g_assert_no_error(error);
  return document;
}

static void
test_files(void)
{
  for (size_t i = 0; i < G_N_ELEMENTS(FILES); i++) {
    g_autoptr(json_t) document = parse(FILES[i].file);
    g_autoptr(json_t) kept = json_array();
    g_auto(FeedbackReport) report = feedback_take(feedback_kind(document), document, kept);
    g_autofree char *got = outcome(&report);
    g_test_message("%s", FILES[i].file);
    g_assert_cmpstr(got, ==, FILES[i].outcome);
    g_assert_cmpint((int64_t) json_array_size(kept), ==, report.taken);
    g_auto(FeedbackReport) again = feedback_take(feedback_kind(document), document, kept);
    g_assert_cmpint(again.taken, ==, 0);
    g_assert_cmpint(again.known, >=, report.taken);
  }
}

static void
test_kinds(void)
{
  static const struct {
    const char *text;
    FeedbackKind kind;
  } KINDS[] = {
      {"{}", FEEDBACK_NONE},
      {"7", FEEDBACK_NONE},
      {"[7]", FEEDBACK_NONE},
      {"[{\"entities\":[],\"examples\":[]}]", FEEDBACK_NONE},
      {"[{\"article_title\":\"t\"}]", FEEDBACK_NONE},
      {"[7,{\"ai_score\":null}]", FEEDBACK_SCORES},
      {"[{\"items_processed\":1,\"examples\":7}]", FEEDBACK_GROUPS},
  };
  for (size_t i = 0; i < G_N_ELEMENTS(KINDS); i++) {
    g_autoptr(json_t) document = parse(KINDS[i].text);
    g_assert_cmpint(feedback_kind(document), ==, KINDS[i].kind);
  }
}

/* A stranger's text and whatever else a service told become short, clean and plain. */
static void
test_record(void)
{
  g_autoptr(json_t) document = parse("[" ENTRY_AT(
      "22:44:15.386154", "A\\u001b[31m\\n  line", "0.7",
      ",\"content_length\":28,\"metadata\":{\"score\":40,\"deep\":{\"a\":1},\"list\":[1],\"none\":null,\"flag\":true,"
      "\"name\":\"x\\u202ey\"}") "]");
  g_autoptr(json_t) kept = json_array();
  g_auto(FeedbackReport) report = feedback_take(FEEDBACK_SCORES, document, kept);
  g_assert_cmpint(report.taken, ==, 1);
  g_autofree char *text = json_write(json_array_get(kept, 0));
  g_assert_cmpstr(text, ==,
                  "{\"ai_score\":0.69999999999999996,\"length\":28,\"metadata\":{\"flag\":true,\"name\":\"xy\",\"score\":40},"
                  "\"source\":\"hackernews\",\"text\":\"A[31m line\",\"when\":\"2025-11-12T22:44:15.386Z\"}");
}

static void
test_bound(void)
{
  g_autoptr(GString) file = g_string_new("[");
  for (int i = 0; i < FEEDBACK_MAX_ENTRIES + 2; i++)
    g_string_append_printf(file, "%s" ENTRY("t%d", "0.%d"), i > 0 ? "," : "", i, i % 4);
  g_string_append_c(file, ']');
  g_autoptr(json_t) document = parse(file->str);
  g_autoptr(json_t) kept = json_array();
  g_auto(FeedbackReport) report = feedback_take(FEEDBACK_SCORES, document, kept);
  g_autofree char *got = outcome(&report);
  g_assert_cmpstr(got, ==, "50000/0 too_many 2");
}

/* What is kept is one row: a backup could not hold it when it grew on and on. */
static void
test_bound_of_bytes(void)
{
  g_autofree char *much = g_strnfill(FEEDBACK_MAX_BYTES - 200, 'x');
  g_autoptr(json_t) kept = json_pack("[s]", much);
  g_autoptr(json_t) document = parse("[" ENTRY("a", "0.7") "," ENTRY("b", "0.6") "]");
  g_auto(FeedbackReport) report = feedback_take(FEEDBACK_SCORES, document, kept);
  g_autofree char *got = outcome(&report);
  g_assert_cmpstr(got, ==, "1/0 too_many 1");
}

static void
test_kept_in_store(Fixture *fixture, gconstpointer data)
{
  (void) data;
  g_autoptr(GError) error = NULL;
  g_autoptr(json_t) none = feedback_load(fixture->store, FEEDBACK_GROUPS, &error);
  g_assert_no_error(error);
  g_assert_cmpuint(json_array_size(none), ==, 0);
  g_autoptr(json_t) document = parse("[" ENTRY("a", "0.7") "]");
  g_auto(FeedbackReport) report = feedback_take(FEEDBACK_SCORES, document, none);
  g_assert_cmpint(report.taken, ==, 1);
  g_assert_true(feedback_save(fixture->store, FEEDBACK_SCORES, none, NULL));
  g_autoptr(json_t) loaded = feedback_load(fixture->store, FEEDBACK_SCORES, &error);
  g_assert_true(json_equal(loaded, none));
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/feedback/files", test_files);
  g_test_add_func("/feedback/kinds", test_kinds);
  g_test_add_func("/feedback/record", test_record);
  g_test_add_func("/feedback/bound", test_bound);
  g_test_add_func("/feedback/bound-of-bytes", test_bound_of_bytes);
  g_test_add("/feedback/kept-in-store", Fixture, NULL, set_up, test_kept_in_store, tear_down);
  return g_test_run();
}
