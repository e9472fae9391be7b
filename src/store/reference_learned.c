/* Which posts told the same, and what articles cost. */
#include "store/reference_shapes.h"

enum { EXAMPLE_CHARS = 100, MOST_EXAMPLES = 3, MOST_WORDS = 30 };

/* The lead first. */
#define SELECT_MEMBERS                                                                                                         \
  "SELECT " REFERENCE_ITEM " FROM members m JOIN stories s ON s.id = m.story_id JOIN" REFERENCE_ITEMS                          \
  "WHERE i.id = m.item_id AND m.story_id = ?1 AND m.run_id <= ?2 ORDER BY i.id <> s.lead_item, i.id"

/* Returns: (transfer full) (nullable): the beginnings of what the members of a story say, as of a run */
static json_t *
member_previews(Store *store, const char *story_id, int64_t run_id, GError **error)
{
  g_autoptr(json_t) previews = json_array();
  Rows *rows = store_select(store, SELECT_MEMBERS, "si", story_id, run_id);
  while (rows_next(rows))
    json_array_append_new(previews, reference_preview(reference_content(rows), EXAMPLE_CHARS));
  return rows_end(rows, error) ? g_steal_pointer(&previews) : NULL;
}

#define SELECT_PATTERNS                                                                                                        \
  "SELECT * FROM (SELECT s.id, s.topics, s.founded_ms, s.updated_ms, count(*), avg(m.probability) FROM stories s JOIN members" \
  " m ON m.story_id = s.id GROUP BY s.id HAVING count(*) > 1 ORDER BY s.updated_ms DESC, s.id DESC LIMIT 200)"                 \
  " ORDER BY founded_ms, id"

static json_t *
lower_case_topics(const Rows *rows)
{
  g_autoptr(json_t) topics = reference_parsed(rows, 1);
  json_t *entities = json_array();
  size_t i;
  json_t *topic;
  json_array_foreach(topics, i, topic)
  {
    g_autofree char *lower = json_is_string(topic) ? g_utf8_strdown(json_string_value(topic), -1) : NULL;
    if (lower != NULL)
      json_array_append_new(entities, json_string(lower));
  }
  return entities;
}

/* Words that two members share. */
static json_t *
shared_words(const json_t *previews)
{
  g_autoptr(GHashTable) counts = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
  size_t i;
  json_t *preview;
  json_array_foreach(previews, i, preview) reference_count_words(counts, json_string_value(preview));
  return reference_frequent_words(counts, 2, MOST_WORDS);
}

static json_t *
first_of(const json_t *list, size_t from, size_t until)
{
  json_t *some = json_array();
  for (size_t i = from; i < MIN(until, json_array_size(list)); i++)
    json_array_append(some, json_array_get(list, i));
  return some;
}

static json_t *
pattern(const Rows *rows, const json_t *previews)
{
  json_t *entry = json_object();
  json_object_set_new(entry, "entities", lower_case_topics(rows));
  json_object_set_new(entry, "keywords", shared_words(previews));
  json_object_set_new(entry, "confidence", reference_real(rows_real(rows, 5)));
  json_object_set_new(entry, "examples", first_of(previews, 0, MOST_EXAMPLES));
  json_object_set_new(entry, "created_at", reference_time(rows_int(rows, 2), ""));
  json_object_set_new(entry, "last_seen", reference_time(rows_int(rows, 3), ""));
  json_object_set_new(entry, "frequency", json_integer(rows_int(rows, 4)));
  return entry;
}

json_t *
reference_dedup_patterns(Store *store, GError **error)
{
  g_autoptr(json_t) patterns = json_array();
  bool is_well = true;
  Rows *rows = store_select(store, SELECT_PATTERNS, "");
  while (is_well && rows_next(rows)) {
    g_autoptr(json_t) previews = member_previews(store, rows_text(rows, 0), G_MAXINT64, error);
    is_well = previews != NULL;
    if (is_well)
      json_array_append_new(patterns, pattern(rows, previews));
  }
  return rows_end(rows, is_well ? error : NULL) && is_well ? g_steal_pointer(&patterns) : NULL;
}

/* Stories that took a post in a run and had more than one then. */
#define SELECT_GROWN                                                                                                           \
  "SELECT story_id FROM members WHERE run_id <= ?1 GROUP BY story_id HAVING count(*) > 1 AND max(run_id) = ?1"                 \
  " ORDER BY story_id LIMIT 3"

/* Returns: (transfer full) (nullable) */
static json_t *
grown_groups(Store *store, int64_t run_id, GError **error)
{
  g_autoptr(json_t) groups = json_array();
  bool is_well = true;
  Rows *rows = store_select(store, SELECT_GROWN, "i", run_id);
  while (is_well && rows_next(rows)) {
    g_autoptr(json_t) previews = member_previews(store, rows_text(rows, 0), run_id, error);
    is_well = previews != NULL;
    if (is_well)
      json_array_append_new(groups, json_pack("{sI sO so}", "group_size", (json_int_t) json_array_size(previews), "kept_item",
                                              json_array_get(previews, 0), "removed_items", first_of(previews, 1, SIZE_MAX)));
  }
  return rows_end(rows, is_well ? error : NULL) && is_well ? g_steal_pointer(&groups) : NULL;
}

#define SELECT_DEDUP                                                                                                           \
  "SELECT * FROM (SELECT g.run_id, r.now_ms, coalesce(json_extract(c.counts, '$.collected'), 0),"                              \
  " json_extract(g.counts, '$.duplicates'), coalesce(json_array_length(g.counts, '$.patterns'), 0) FROM stages g JOIN runs r " \
  "ON r.id = g.run_id LEFT JOIN stages c ON"                                                                                   \
  " c.run_id = g.run_id AND c.name = 'collect' WHERE g.name = 'group' ORDER BY g.run_id DESC LIMIT 100) ORDER BY run_id"

json_t *
reference_dedup_feedback(Store *store, GError **error)
{
  g_autoptr(json_t) feedback = json_array();
  bool is_well = true;
  Rows *rows = store_select(store, SELECT_DEDUP, "");
  while (is_well && rows_next(rows)) {
    json_t *examples = grown_groups(store, rows_int(rows, 0), error);
    is_well = examples != NULL;
    if (is_well)
      json_array_append_new(
          feedback, json_pack("{sI sI sI so so sn}", "items_processed", (json_int_t) rows_int(rows, 2), "duplicates_found",
                              (json_int_t) rows_int(rows, 3), "patterns_used", (json_int_t) rows_int(rows, 4), "timestamp",
                              reference_time(rows_int(rows, 1), ""), "examples", examples, "user_corrections"));
  }
  return rows_end(rows, is_well ? error : NULL) && is_well ? g_steal_pointer(&feedback) : NULL;
}

/* What its authors withdrew has no title any more. What a revision was charged counts lost calls, its cost does not. */
#define SELECT_COSTS                                                                                                           \
  "SELECT created_ms, iif(state = 'withdrawn', '', headline), slug, cost_micros, coalesce((SELECT sum(charged) FROM ledger l"  \
  " WHERE l.run_id = a.run_id AND l.story_id IN (a.story_id, a.told_as) AND l.stage = 'generate'), 0),"                        \
  " iif(state = 'withdrawn', state, 'saved') FROM articles a ORDER BY created_ms, story_id, revision"

static json_t *
dollars(int64_t micros)
{
  return reference_real((double) micros / 1e6);
}

json_t *
reference_generation_costs(Store *store, GError **error)
{
  g_autoptr(json_t) costs = json_array();
  Rows *rows = store_select(store, SELECT_COSTS, "");
  while (rows_next(rows)) {
    int64_t content = rows_int(rows, 3);
    json_t *entry = json_object();
    json_object_set_new(entry, "timestamp", reference_time(rows_int(rows, 0), "+00:00"));
    json_object_set_new(entry, "article_title", reference_text(rows, 1));
    json_object_set_new(entry, "article_filename", json_sprintf("posts/%s/index.html", rows_text(rows, 2)));
    json_object_set_new(entry, "content_cost", dollars(content));
    json_object_set_new(entry, "title_cost", dollars(0));
    json_object_set_new(entry, "slug_cost", dollars(0));
    json_object_set_new(entry, "image_cost", dollars(0));
    json_object_set_new(entry, "total_cost", dollars(MAX(content, rows_int(rows, 4))));
    json_object_set_new(entry, "status", reference_text(rows, 5));
    json_object_set_new(entry, "duplicate_of", json_null());
    json_array_append_new(costs, entry);
  }
  return rows_end(rows, error) ? g_steal_pointer(&costs) : NULL;
}
