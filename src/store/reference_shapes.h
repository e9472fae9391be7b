/*
 * What the files of store/reference.h are made of. Private to them.
 */
#pragma once

#include "base/json.h"
#include "store/rows.h"

/** REFERENCE_ITEM: the columns that reference_content() and reference_item() read first, of what REFERENCE_ITEMS selects from.
 */
#define REFERENCE_ITEM                                                                                                         \
  "i.id, i.title, i.text, i.source, i.url, coalesce(i.canonical_url, i.url), i.author, i.language, i.published_ms, i.extra,"   \
  " e.likes, e.shares, e.replies, e.score"
#define REFERENCE_ITEMS                                                                                                        \
  " items i LEFT JOIN engagement e ON e.item_id = i.id AND e.run_id = (SELECT max(run_id) FROM engagement"                     \
  " WHERE item_id = i.id) "

/** REFERENCE_OWN_COLUMN: the first column after REFERENCE_ITEM. */
enum { REFERENCE_OWN_COLUMN = 14 };

/** REFERENCE_LEAD: the id of the post that stands for the story s. */
#define REFERENCE_LEAD                                                                                                         \
  "(SELECT item_id FROM (SELECT m.item_id, m.item_id <> s.lead_item AS is_other FROM members m WHERE m.story_id = s.id)"       \
  " ORDER BY is_other, item_id LIMIT 1)"

/** reference_text: Returns: (transfer full): the column as a JSON text, null for NULL */
json_t *reference_text(const Rows *rows, int column);

/** reference_real: Returns: (transfer full): @number to six decimals, null when it is none */
json_t *reference_real(double number);

/** reference_time: Returns: (transfer full): "2026-03-02T08:00:00.000000" and @zone; null for 0 */
json_t *reference_time(int64_t time_ms, const char *zone);

/** reference_parsed: Returns: (transfer full): the JSON text in the column, null when it is none */
json_t *reference_parsed(const Rows *rows, int column);

/** reference_preview: Returns: (transfer full): the first @max_chars characters of @text */
json_t *reference_preview(const char *text, long max_chars);

/** reference_content: Returns: (transfer none): what the post says: its text, else its title */
const char *reference_content(const Rows *rows);

/** reference_metadata: Returns: (transfer full): counts and times under the names that its service gives them */
json_t *reference_metadata(const Rows *rows);

/** reference_item: Returns: (transfer full): the post as collected in a run of @now_ms */
json_t *reference_item(const Rows *rows, int64_t now_ms);

/** reference_count_words: counts each word of four letters or more in @text (nullable, valid UTF-8) once, in @counts
 * (element-type utf8 guint). */
void reference_count_words(GHashTable *counts, const char *text);

/** reference_frequent_words: Returns: (transfer full): the words counted @least times or more, at most @limit, the most
 * frequent first */
json_t *reference_frequent_words(GHashTable *counts, guint least, guint limit);

/** The files, each (transfer full) (nullable). */
json_t *reference_collected(Store *store, int64_t run_id, int64_t now_ms, GError **error);
json_t *reference_enriched(Store *store, int64_t run_id, int64_t now_ms, GError **error);
json_t *reference_scoring_feedback(Store *store, GError **error);
json_t *reference_dedup_patterns(Store *store, GError **error);
json_t *reference_dedup_feedback(Store *store, GError **error);
json_t *reference_generation_costs(Store *store, GError **error);

/** reference_scoring_patterns: Returns: (transfer full): what @feedback tells of words that were thought too little of */
json_t *reference_scoring_patterns(const json_t *feedback);
