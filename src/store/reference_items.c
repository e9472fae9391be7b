/* What was collected, what was found out about it, and where a language model thought otherwise than our own measure. */
#include "store/reference_shapes.h"

#include <math.h>

json_t *
reference_collected(Store *store, int64_t run_id, int64_t now_ms, GError **error)
{
  g_autoptr(json_t) items = json_array();
  Rows *rows =
      store_select(store, "SELECT " REFERENCE_ITEM " FROM" REFERENCE_ITEMS "WHERE i.last_run = ?1 ORDER BY i.id", "i", run_id);
  while (rows_next(rows))
    json_array_append_new(items, reference_item(rows, now_ms));
  return rows_end(rows, error) ? g_steal_pointer(&items) : NULL;
}

#define SELECT_ENRICHED                                                                                                        \
  "SELECT " REFERENCE_ITEM ", s.id, (SELECT count(*) FROM members WHERE story_id = s.id), coalesce(c.given, c.predicted),"     \
  " c.predicted, c.given, c.reason, c.provider, s.topics, s.summary, (SELECT json_group_array(json_object('url', url, "        \
  "'title',"                                                                                                                   \
  " title, 'site', site_name)) FROM (SELECT * FROM story_evidence WHERE story_id = s.id AND kind = 'page' ORDER BY rank))"     \
  " FROM stories s JOIN scores c ON c.story_id = s.id AND c.run_id = (SELECT max(run_id) FROM scores WHERE story_id = s.id)"   \
  " JOIN" REFERENCE_ITEMS "WHERE i.id = " REFERENCE_LEAD " AND EXISTS(SELECT 1 FROM members m JOIN items x ON x.id ="          \
  " m.item_id WHERE m.story_id = s.id AND x.last_run = ?1) ORDER BY s.id"

/* Where the columns of SELECT_ENRICHED stand. */
enum {
  COLUMN_STORY = REFERENCE_OWN_COLUMN,
  COLUMN_MEMBERS,
  COLUMN_QUALITY,
  COLUMN_PREDICTED,
  COLUMN_GIVEN,
  COLUMN_REASON,
  COLUMN_PROVIDER,
  COLUMN_TOPICS,
  COLUMN_SUMMARY,
  COLUMN_RESEARCH,
};

static void
append_statements(GString *text, const json_t *statements, bool is_told)
{
  size_t i;
  json_t *statement;
  json_array_foreach(statements, i, statement)
  {
    const char *sentence = json_read_text(statement, "text");
    if (sentence != NULL && json_is_true(json_object_get(statement, "is_told")) == is_told)
      g_string_append_printf(text, "%s%s", text->len > 0 ? " " : "", sentence);
  }
}

/* In a model's words where there are any, else in those of the sources. Returns: (transfer full) */
static json_t *
summary_text(const Rows *rows)
{
  g_autoptr(json_t) statements = reference_parsed(rows, COLUMN_SUMMARY);
  g_autoptr(GString) text = g_string_new(NULL);
  append_statements(text, statements, true);
  if (text->len == 0)
    append_statements(text, statements, false);
  return json_string(text->str);
}

static json_t *
list_or_empty(const Rows *rows, int column)
{
  g_autoptr(json_t) value = reference_parsed(rows, column);
  return json_is_array(value) ? g_steal_pointer(&value) : json_array();
}

static json_t *
enriched_item(const Rows *rows, int64_t now_ms)
{
  json_t *item = reference_item(rows, now_ms);
  json_object_set_new(item, "story_id", reference_text(rows, COLUMN_STORY));
  json_object_set_new(item, "sources", json_integer(rows_int(rows, COLUMN_MEMBERS)));
  json_object_set_new(item, "quality_score", reference_real(rows_real(rows, COLUMN_QUALITY)));
  json_object_set_new(item, "heuristic_score", reference_real(rows_real(rows, COLUMN_PREDICTED)));
  json_object_set_new(item, "ai_score",
                      rows_is_null(rows, COLUMN_GIVEN) ? json_null() : reference_real(rows_real(rows, COLUMN_GIVEN)));
  json_object_set_new(item, "score_reason", reference_text(rows, COLUMN_REASON));
  json_object_set_new(item, "provider", reference_text(rows, COLUMN_PROVIDER));
  json_object_set_new(item, "topics", list_or_empty(rows, COLUMN_TOPICS));
  json_object_set_new(item, "summary", summary_text(rows));
  json_object_set_new(item, "research", list_or_empty(rows, COLUMN_RESEARCH));
  return item;
}

json_t *
reference_enriched(Store *store, int64_t run_id, int64_t now_ms, GError **error)
{
  g_autoptr(json_t) items = json_array();
  Rows *rows = store_select(store, SELECT_ENRICHED, "i", run_id);
  while (rows_next(rows))
    json_array_append_new(items, enriched_item(rows, now_ms));
  return rows_end(rows, error) ? g_steal_pointer(&items) : NULL;
}

/* What a model was not asked about, or did not answer, is no feedback. The newest, in the order they came. */
#define SELECT_FEEDBACK                                                                                                        \
  "SELECT * FROM (SELECT " REFERENCE_ITEM ", coalesce(r.now_ms, s.updated_ms), c.predicted, c.given, c.features, c.run_id,"    \
  " s.id AS story FROM scores c JOIN stories s ON s.id = c.story_id JOIN" REFERENCE_ITEMS                                      \
  "LEFT JOIN runs r ON r.id = c.run_id WHERE i.id = " REFERENCE_LEAD " AND c.given IS NOT NULL"                                \
  " ORDER BY c.run_id DESC, s.id DESC LIMIT 10000) ORDER BY run_id, story"

/* Where its columns stand. */
enum { COLUMN_WHEN = REFERENCE_OWN_COLUMN, COLUMN_HEURISTIC, COLUMN_AI, COLUMN_FEATURES };

enum { PREVIEW_CHARS = 200 };

static json_t *
heuristic_reasoning(const Rows *rows)
{
  g_autoptr(json_t) features = reference_parsed(rows, COLUMN_FEATURES);
  g_autoptr(GString) text = g_string_new("Heuristic:");
  const char *name;
  json_t *value;
  json_object_foreach(features, name, value)
  {
    char number[G_ASCII_DTOSTR_BUF_SIZE];
    g_ascii_formatd(number, sizeof number, "%.2f", json_number_value(value));
    g_string_append_printf(text, "%s %s %s", text->str[text->len - 1] == ':' ? "" : ",", name, number);
  }
  return json_string(text->str);
}

static json_t *
feedback_entry(const Rows *rows)
{
  g_autoptr(json_t) item = reference_item(rows, 0);
  const char *content = json_read_text(item, "content");
  double heuristic = rows_real(rows, COLUMN_HEURISTIC);
  double given = rows_real(rows, COLUMN_AI);
  json_t *entry = json_object();
  json_object_set_new(entry, "timestamp", reference_time(rows_int(rows, COLUMN_WHEN), "+00:00"));
  json_object_set_new(entry, "content_preview", reference_preview(content, PREVIEW_CHARS));
  json_object_set_new(entry, "content_length", json_integer(g_utf8_strlen(content, -1)));
  json_object_set_new(entry, "heuristic_score", reference_real(heuristic));
  json_object_set_new(entry, "ai_score", reference_real(given));
  json_object_set_new(entry, "score_gap", reference_real(fabs(given - heuristic)));
  json_object_set_new(entry, "heuristic_reasoning", heuristic_reasoning(rows));
  json_object_set(entry, "metadata", json_object_get(item, "metadata"));
  json_object_set(entry, "source", json_object_get(item, "source"));
  return entry;
}

json_t *
reference_scoring_feedback(Store *store, GError **error)
{
  g_autoptr(json_t) feedback = json_array();
  Rows *rows = store_select(store, SELECT_FEEDBACK, "");
  while (rows_next(rows))
    json_array_append_new(feedback, feedback_entry(rows));
  return rows_end(rows, error) ? g_steal_pointer(&feedback) : NULL;
}

json_t *
reference_scoring_patterns(const json_t *feedback)
{
  static const double LARGE_GAP = 0.2;
  enum { LEAST_ENTRIES = 3, MOST_WORDS = 8 };
  g_autoptr(GHashTable) counts = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
  size_t i;
  json_t *entry;
  json_array_foreach(feedback, i, entry)
  {
    double gap =
        json_real_value(json_object_get(entry, "ai_score")) - json_real_value(json_object_get(entry, "heuristic_score"));
    if (gap >= LARGE_GAP)
      reference_count_words(counts, json_read_text(entry, "content_preview"));
  }
  return json_pack("{so s{} s[] s{}}", "undervalued_keywords", reference_frequent_words(counts, LEAST_ENTRIES, MOST_WORDS),
                   "engagement_thresholds", "content_patterns", "length_adjustments");
}
