#include "store/stories.h"

#include "store/items.h"
#include "store/rows.h"

#include <math.h>

#define PROVISIONAL_FOR_MS (INT64_C(3) * 24 * 60 * 60 * 1000)

void
known_member_free(KnownMember *member)
{
  if (member == NULL)
    return;
  item_free(member->item);
  g_free(member->story_id);
  g_free(member);
}

void
story_line_free(StoryLine *line)
{
  if (line == NULL)
    return;
  g_free(line->id);
  g_free(line->title);
  g_free(line->slug);
  g_free(line);
}

void
member_info_free(MemberInfo *info)
{
  if (info == NULL)
    return;
  g_free(info->item_id);
  g_free(info->rule);
  g_free(info->features);
  g_free(info);
}

static GPtrArray *
read_ids(Rows *rows, GError **error)
{
  g_autoptr(GPtrArray) ids = g_ptr_array_new_with_free_func(g_free);
  while (rows_next(rows))
    g_ptr_array_add(ids, g_strdup(rows_text(rows, 0)));
  return rows_end(rows, error) ? g_steal_pointer(&ids) : NULL;
}

static KnownMember *
read_known(const Rows *rows)
{
  KnownMember *member = g_new0(KnownMember, 1);
  member->item = item_new();
  char **const texts[] = {&member->item->id,    &member->item->source, &member->item->canonical_url,
                          &member->item->title, &member->item->text,   &member->item->language,
                          &member->story_id};
  for (int i = 0; i < (int) G_N_ELEMENTS(texts); i++) {
    g_free(*texts[i]);
    *texts[i] = g_strdup(rows_text(rows, i));
  }
  member->item->published_ms = rows_int(rows, 7);
  member->founded_ms = rows_int(rows, 8);
  items_read_links(member->item, rows_text(rows, 9));
  return member;
}

GPtrArray *
stories_known(Store *store, int64_t since_ms, const GPtrArray *canonical_urls, GError **error)
{
  g_autoptr(json_t) urls = json_array();
  for (guint i = 0; i < canonical_urls->len; i++)
    json_array_append_new(urls, json_string(g_ptr_array_index(canonical_urls, i)));
  g_autofree char *list = json_write(urls);
  g_autoptr(GPtrArray) members = g_ptr_array_new_with_free_func((GDestroyNotify) known_member_free);
  Rows *rows =
      store_select(store,
                   "SELECT i.id, i.source, i.canonical_url, i.title, i.text, i.language, s.id, i.published_ms,"
                   " s.founded_ms, i.links FROM members m JOIN items i ON i.id = m.item_id JOIN stories s ON s.id = m.story_id"
                   " WHERE i.published_ms >= ?1 OR s.updated_ms >= ?1"
                   " OR i.canonical_url IN (SELECT value FROM json_each(?2))"
                   " OR i.id IN (SELECT item_a FROM corrections UNION ALL SELECT item_b FROM corrections) ORDER BY i.id",
                   "is", since_ms, list);
  while (rows_next(rows))
    g_ptr_array_add(members, read_known(rows));
  return rows_end(rows, error) ? g_steal_pointer(&members) : NULL;
}

GHashTable *
stories_ids(Store *store, GError **error)
{
  g_autoptr(GHashTable) ids = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
  Rows *rows = store_select(store, "SELECT id FROM stories", "");
  while (rows_next(rows))
    g_hash_table_add(ids, g_strdup(rows_text(rows, 0)));
  return rows_end(rows, error) ? g_steal_pointer(&ids) : NULL;
}

bool
stories_add(Store *store, const char *id, int64_t founded_ms, const char *lead_item, GError **error)
{
  return store_run(store, error, "INSERT INTO stories(id, founded_ms, updated_ms, lead_item) VALUES(?1, ?2, ?2, ?3)", "sis", id,
                   founded_ms, lead_item);
}

bool
stories_add_member(Store *store, int64_t run_id, int64_t now_ms, const MemberRow *member, GError **error)
{
  return store_run(store, error,
                   "INSERT INTO members(item_id, story_id, run_id, probability, rule, features) VALUES(?1, ?2, ?3, ?4, ?5, ?6)",
                   "ssidss", member->item_id, member->story_id, run_id, member->probability, member->rule, member->features) &&
         store_run(store, error, "UPDATE stories SET updated_ms = ?2 WHERE id = ?1", "si", member->story_id, now_ms);
}

Story *
stories_load(Store *store, const char *id, GError **error)
{
  Rows *rows = store_select(store, "SELECT founded_ms, updated_ms, lead_item FROM stories WHERE id = ?1", "s", id);
  g_autoptr(Story) story = NULL;
  if (rows_next(rows)) {
    story = story_new(id);
    story->founded_ms = rows_int(rows, 0);
    story->updated_ms = rows_int(rows, 1);
    story->lead_item = g_strdup(rows_text(rows, 2));
  }
  if (!rows_end(rows, error) || story == NULL)
    return NULL;
  g_autoptr(GPtrArray) items = items_of_story(store, id, error);
  if (items == NULL)
    return NULL;
  g_ptr_array_extend_and_steal(story->items, g_steal_pointer(&items));
  return g_steal_pointer(&story);
}

char *
stories_of_item(Store *store, const char *item_id, GError **error)
{
  g_autoptr(GPtrArray) ids =
      read_ids(store_select(store, "SELECT story_id FROM members WHERE item_id = ?1", "s", item_id), error);
  return ids != NULL && ids->len > 0 ? g_ptr_array_steal_index(ids, 0) : NULL;
}

GPtrArray *
stories_to_enrich(Store *store, int64_t now_ms, GError **error)
{
  return read_ids(
      store_select(
          store,
          "SELECT s.id FROM stories s WHERE s.merged_into IS NULL AND EXISTS(SELECT 1 FROM members WHERE story_id = s.id) AND"
          " (s.is_regrouped OR coalesce((SELECT max(run_id) FROM scores WHERE story_id = s.id), 0) <"
          " (SELECT max(max(m.run_id, i.changed_run)) FROM members m JOIN items i ON i.id = m.item_id"
          " WHERE m.story_id = s.id) OR (s.updated_ms >= ?1 AND"
          " (SELECT provisional FROM scores WHERE story_id = s.id ORDER BY run_id DESC LIMIT 1) = 1))"
          " ORDER BY s.id",
          "i", now_ms - PROVISIONAL_FOR_MS),
      error);
}

GPtrArray *
stories_to_write(Store *store, int64_t run_id, double threshold, int64_t limit, GError **error)
{
  return read_ids(
      store_select(store,
                   "WITH scored AS (SELECT story_id, coalesce(given, predicted) AS score, EXISTS(SELECT 1 FROM articles a WHERE"
                   " a.story_id = c.story_id) AS has_article FROM scores c WHERE"
                   " EXISTS(SELECT 1 FROM members m WHERE m.story_id = c.story_id) AND"
                   " run_id = (SELECT max(run_id) FROM scores WHERE story_id = c.story_id) AND run_id >"
                   " coalesce((SELECT max(run_id) FROM stages WHERE name = 'generate' AND run_id < ?1), 0)),"
                   " fresh AS (SELECT story_id, score FROM scored WHERE NOT has_article AND score >= ?2"
                   " ORDER BY score DESC, story_id LIMIT ?3)"
                   " SELECT story_id FROM (SELECT * FROM fresh UNION ALL SELECT story_id, score FROM scored"
                   " WHERE has_article) ORDER BY score DESC, story_id",
                   "idi", run_id, threshold, limit),
      error);
}

/* A story that is as unsure as it was, and of which nothing new was said, has no news. */
#define IS_NO_NEWS                                                                                                             \
  "?7 AND EXISTS(SELECT 1 FROM scores c WHERE c.story_id = ?1 AND c.provisional AND c.run_id < ?2"                             \
  " AND c.run_id = (SELECT max(run_id) FROM scores WHERE story_id = ?1)"                                                       \
  " AND c.run_id >= (SELECT max(max(m.run_id, i.changed_run)) FROM members m JOIN items i ON i.id = m.item_id"                 \
  " WHERE m.story_id = ?1)) AND NOT (SELECT is_regrouped FROM stories WHERE id = ?1)"

bool
stories_add_score(Store *store, int64_t run_id, const ScoreRow *score, GError **error)
{
  return store_run(store, error,
                   "INSERT INTO scores(story_id, run_id, predicted, given, reason, provider, provisional, features)"
                   " SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8 WHERE NOT (" IS_NO_NEWS ")",
                   "siddssis", score->story_id, run_id, score->predicted, score->given, score->reason, score->provider,
                   (int64_t) score->is_provisional, score->features) &&
         store_run(store, error, "UPDATE stories SET is_regrouped = 0 WHERE id = ?1 AND is_regrouped", "s", score->story_id);
}

bool
stories_score(Store *store, const char *story_id, double *ret_score, char **ret_reason, GError **error)
{
  Rows *rows = store_select(store,
                            "SELECT coalesce(given, predicted), reason FROM scores WHERE story_id = ?1"
                            " ORDER BY run_id DESC LIMIT 1",
                            "s", story_id);
  bool has_score = rows_next(rows);
  *ret_score = has_score ? rows_real(rows, 0) : NAN;
  if (ret_reason != NULL)
    *ret_reason = has_score ? g_strdup(rows_text(rows, 1)) : NULL;
  return rows_end(rows, error);
}

bool
stories_prediction(Store *store, const char *story_id, double *ret_predicted, char **ret_features, GError **error)
{
  Rows *rows = store_select(store, "SELECT predicted, features FROM scores WHERE story_id = ?1 ORDER BY run_id DESC LIMIT 1",
                            "s", story_id);
  bool has_score = rows_next(rows);
  *ret_predicted = has_score ? rows_real(rows, 0) : NAN;
  *ret_features = has_score ? g_strdup(rows_text(rows, 1)) : NULL;
  return rows_end(rows, error);
}

static const char PAGE[] = "page";
static const char COMMENT[] = "comment";

/* Behind what is there. */
static bool
add_evidence(Store *store, const char *story_id, const char *kind, const GPtrArray *evidence, GError **error)
{
  for (guint i = 0; i < evidence->len; i++) {
    const Evidence *piece = g_ptr_array_index(evidence, i);
    if (!store_run(store, error, "INSERT OR IGNORE INTO evidence(sha256, text) VALUES(?1, ?2)", "ss", piece->sha256,
                   piece->text) ||
        !store_run(store, error,
                   "INSERT INTO story_evidence(story_id, rank, sha256, url, title, site_name, fetched_ms, kind)"
                   " VALUES(?1, (SELECT count(*) FROM story_evidence WHERE story_id = ?1), ?2, ?3, ?4, ?5, ?6, ?7)",
                   "sssssis", story_id, piece->sha256, piece->url, piece->title, piece->site_name, piece->fetched_ms, kind))
      return false;
  }
  return true;
}

bool
stories_set_evidence(Store *store, const char *story_id, const GPtrArray *pages, const GPtrArray *comments, GError **error)
{
  return store_run(store, error, "DELETE FROM story_evidence WHERE story_id = ?1", "s", story_id) &&
         add_evidence(store, story_id, PAGE, pages, error) && add_evidence(store, story_id, COMMENT, comments, error);
}

GPtrArray *
stories_evidence(Store *store, const char *story_id, GError **error)
{
  g_autoptr(GPtrArray) evidence = g_ptr_array_new_with_free_func((GDestroyNotify) evidence_free);
  Rows *rows = store_select(store,
                            "SELECT s.sha256, s.url, s.title, s.site_name, s.fetched_ms, e.text FROM story_evidence s"
                            " JOIN evidence e ON e.sha256 = s.sha256 WHERE s.story_id = ?1 AND s.kind = ?2 ORDER BY s.rank",
                            "ss", story_id, PAGE);
  while (rows_next(rows)) {
    Evidence *piece = g_new0(Evidence, 1);
    piece->sha256 = g_strdup(rows_text(rows, 0));
    piece->url = g_strdup(rows_text(rows, 1));
    piece->title = g_strdup(rows_text(rows, 2));
    piece->site_name = g_strdup(rows_text(rows, 3));
    piece->fetched_ms = rows_int(rows, 4);
    piece->text = g_strdup(rows_text(rows, 5));
    g_ptr_array_add(evidence, piece);
  }
  return rows_end(rows, error) ? g_steal_pointer(&evidence) : NULL;
}

bool
stories_set_summary(Store *store, const char *story_id, const Summary *summary, GError **error)
{
  g_autofree char *topics = summary_topics_json(summary);
  g_autofree char *statements = summary_statements_json(summary);
  return store_run(store, error, "UPDATE stories SET topics = ?2, summary = ?3 WHERE id = ?1", "sss", story_id, topics,
                   statements);
}

Summary *
stories_summary(Store *store, const char *story_id, GError **error)
{
  Rows *rows = store_select(store, "SELECT topics, summary FROM stories WHERE id = ?1", "s", story_id);
  bool has_row = rows_next(rows);
  g_autofree char *topics = has_row ? g_strdup(rows_text(rows, 0)) : NULL;
  g_autofree char *statements = has_row ? g_strdup(rows_text(rows, 1)) : NULL;
  if (!rows_end(rows, error))
    return NULL;
  Summary *summary = summary_from_json(topics, statements, error);
  if (summary == NULL)
    g_prefix_error(error, "story %s: ", story_id);
  return summary;
}

GPtrArray *
stories_list(Store *store, int64_t limit, GError **error)
{
  g_autoptr(GPtrArray) lines = g_ptr_array_new_with_free_func((GDestroyNotify) story_line_free);
  Rows *rows = store_select(
      store,
      "SELECT s.id, i.title, (SELECT count(*) FROM members WHERE story_id = s.id), s.updated_ms,"
      " (SELECT coalesce(given, predicted) FROM scores WHERE story_id = s.id ORDER BY run_id DESC LIMIT 1) AS score,"
      " (SELECT slug FROM articles WHERE story_id = s.id LIMIT 1)"
      " FROM stories s JOIN items i ON i.id = s.lead_item WHERE s.merged_into IS NULL"
      " ORDER BY s.updated_ms DESC, score DESC, s.id LIMIT ?1",
      "i", limit);
  while (rows_next(rows)) {
    StoryLine *line = g_new0(StoryLine, 1);
    line->id = g_strdup(rows_text(rows, 0));
    line->title = g_strdup(rows_text(rows, 1));
    line->members = rows_int(rows, 2);
    line->updated_ms = rows_int(rows, 3);
    line->score = rows_is_null(rows, 4) ? NAN : rows_real(rows, 4);
    line->slug = g_strdup(rows_text(rows, 5));
    g_ptr_array_add(lines, line);
  }
  return rows_end(rows, error) ? g_steal_pointer(&lines) : NULL;
}

GPtrArray *
stories_members(Store *store, const char *story_id, GError **error)
{
  g_autoptr(GPtrArray) members = g_ptr_array_new_with_free_func((GDestroyNotify) member_info_free);
  Rows *rows = store_select(
      store, "SELECT item_id, probability, rule, features FROM members WHERE story_id = ?1 ORDER BY item_id", "s", story_id);
  while (rows_next(rows)) {
    MemberInfo *info = g_new0(MemberInfo, 1);
    info->item_id = g_strdup(rows_text(rows, 0));
    info->probability = rows_real(rows, 1);
    info->rule = g_strdup(rows_text(rows, 2));
    info->features = g_strdup(rows_text(rows, 3));
    g_ptr_array_add(members, info);
  }
  return rows_end(rows, error) ? g_steal_pointer(&members) : NULL;
}
