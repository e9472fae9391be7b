#include "store/regroup.h"

#include "model/story.h"
#include "store/rows.h"

#define IS_SHOWN(story)                                                                                                        \
  "((SELECT state FROM articles WHERE story_id = " story " AND state <> 'held'"                                                \
  " ORDER BY revision DESC LIMIT 1) IS 'published')"

#define HAS_ARTICLE(story) "EXISTS(SELECT 1 FROM articles WHERE story_id = " story ")"

/* Whether the shown or only article of the story that is gone tells of both. Sets @ret_is_so. */
static bool
is_others_article(Store *store, const char *gone_id, const char *into_id, bool *ret_is_so, GError **error)
{
  Rows *rows = store_select(
      store, "SELECT NOT " IS_SHOWN("?2") " AND (" IS_SHOWN("?1") " OR (" HAS_ARTICLE("?1") " AND NOT " HAS_ARTICLE("?2") "))",
      "ss", gone_id, into_id);
  *ret_is_so = rows_next(rows) && rows_int(rows, 0) != 0;
  return rows_end(rows, error);
}

/* Revisions below 0 are those that were the survivor's, while both are the other's. */
static bool
exchange_articles(Store *store, const char *gone_id, const char *into_id, GError **error)
{
  return store_run(store, error,
                   "UPDATE articles SET story_id = ?1, revision = -revision, told_as = coalesce(told_as, story_id)"
                   " WHERE story_id = ?2",
                   "ss", gone_id, into_id) &&
         store_run(
             store, error,
             "UPDATE articles SET story_id = ?2, told_as = coalesce(told_as, story_id) WHERE story_id = ?1 AND revision > 0",
             "ss", gone_id, into_id) &&
         store_run(store, error, "UPDATE articles SET revision = -revision WHERE story_id = ?1", "s", gone_id) &&
         store_run(store, error, "UPDATE OR IGNORE story_evidence SET story_id = ?2 WHERE story_id = ?1", "ss", gone_id,
                   into_id) &&
         store_run(store, error, "UPDATE OR IGNORE scores SET story_id = ?2 WHERE story_id = ?1", "ss", gone_id, into_id);
}

static bool
merge_articles(Store *store, const char *gone_id, const char *into_id, GError **error)
{
  bool is_others = false;
  return is_others_article(store, gone_id, into_id, &is_others, error) &&
         (!is_others || exchange_articles(store, gone_id, into_id, error)) &&
         store_run(store, error, "UPDATE articles SET state = 'merged' WHERE story_id = ?1 AND state IN ('published', 'held')",
                   "s", gone_id);
}

/* Who founded the story that is gone is known for that. */
static bool
merge_members(Store *store, const char *gone_id, const MemberRow *joined, GError **error)
{
  return store_run(store, error,
                   "UPDATE members SET features = json_object('story', ?1) WHERE story_id = ?1 AND rule = 'founded'"
                   " AND json_extract(features, '$.story') IS NULL",
                   "s", gone_id) &&
         store_run(store, error,
                   "UPDATE members SET probability = ?2, rule = ?3, features = json_set(?4, '$.story', ?5) WHERE item_id = ?1",
                   "sdsss", joined->item_id, joined->probability, joined->rule, joined->features, gone_id) &&
         store_run(store, error, "UPDATE members SET story_id = ?2 WHERE story_id = ?1", "ss", gone_id, joined->story_id);
}

/* Its members are others than they were. */
static bool
mark(Store *store, const char *story_id, int64_t now_ms, GError **error)
{
  return store_run(store, error, "UPDATE stories SET is_regrouped = 1, updated_ms = max(updated_ms, ?2) WHERE id = ?1", "si",
                   story_id, now_ms);
}

bool
stories_merge(Store *store, const char *gone_id, const MemberRow *joined, int64_t now_ms, GError **error)
{
  return merge_members(store, gone_id, joined, error) &&
         store_run(store, error, "UPDATE stories SET merged_into = ?2 WHERE id = ?1 OR merged_into = ?1", "ss", gone_id,
                   joined->story_id) &&
         merge_articles(store, gone_id, joined->story_id, error) && mark(store, joined->story_id, now_ms, error);
}

/* The first of the items, and when it was published; a time that is missing or was to come is the now of its first run. */
#define SELECT_FOUNDER                                                                                                         \
  "SELECT id, iif(published_ms = 0, coalesce(first_ms, founded_ms), min(published_ms, coalesce(first_ms, published_ms)))"      \
  " AS time_ms FROM (SELECT i.id, i.published_ms, s.founded_ms, (SELECT now_ms FROM runs WHERE id = i.first_run) AS first_ms"  \
  " FROM items i JOIN members m ON m.item_id = i.id JOIN stories s ON s.id = m.story_id"                                       \
  " WHERE i.id IN (SELECT value FROM json_each(?1))) ORDER BY time_ms, id LIMIT 1"

/* Returns: (transfer full) (nullable): the id of the story that @founder founds */
static char *
choose_id(Store *store, int64_t time_ms, const char *founder, GError **error)
{
  g_autoptr(GHashTable) taken = stories_ids(store, error);
  if (taken == NULL)
    return NULL;
  for (unsigned attempt = 1;; attempt++) {
    g_autofree char *id = story_make_id(time_ms, founder, attempt);
    if (!g_hash_table_contains(taken, id))
      return g_steal_pointer(&id);
  }
}

/* @list: the items as a JSON array. Returns: (transfer full) (nullable): the id of their story, which has no members yet */
static char *
found_story(Store *store, const char *list, int64_t now_ms, char **ret_founder, GError **error)
{
  Rows *rows = store_select(store, SELECT_FOUNDER, "s", list);
  g_autofree char *founder = rows_next(rows) ? g_strdup(rows_text(rows, 0)) : NULL;
  int64_t time_ms = founder != NULL ? rows_int(rows, 1) : 0;
  if (!rows_end(rows, error))
    return NULL;
  g_assert(founder != NULL);
  g_autofree char *id = choose_id(store, time_ms, founder, error);
  if (id == NULL || !stories_add(store, id, now_ms, founder, error))
    return NULL;
  *ret_founder = g_steal_pointer(&founder);
  return g_steal_pointer(&id);
}

static bool
move_members(Store *store, const char *list, const char *story_id, const char *founder, GError **error)
{
  return store_run(store, error,
                   "UPDATE members SET story_id = ?2, probability = 1, rule = iif(item_id = ?3, 'founded', 'correction'),"
                   " features = iif(item_id = ?3, '{}', json_object('nearest', ?3))"
                   " WHERE item_id IN (SELECT value FROM json_each(?1))",
                   "sss", list, story_id, founder);
}

#define LEAD "(SELECT lead_item FROM stories WHERE id = ?1)"

/* The first of those that stay speaks for them when the one that did is gone, and founded the story where nobody else did; whom
 * one that is gone had brought there is with it now. */
static bool
settle_rest(Store *store, const char *story_id, GError **error)
{
  return store_run(store, error,
                   "UPDATE stories SET lead_item = (SELECT i.id FROM members m JOIN items i ON i.id = m.item_id"
                   " WHERE m.story_id = ?1 ORDER BY i.published_ms = 0, i.published_ms, i.id LIMIT 1) WHERE id = ?1"
                   " AND NOT EXISTS(SELECT 1 FROM members WHERE story_id = ?1 AND item_id = lead_item)",
                   "s", story_id) &&
         store_run(store, error,
                   "UPDATE members SET rule = 'founded', probability = 1, features = '{}' WHERE item_id = " LEAD
                   " AND NOT EXISTS(SELECT 1 FROM members WHERE story_id = ?1 AND rule = 'founded'"
                   " AND json_extract(features, '$.story') IS NULL)",
                   "s", story_id) &&
         store_run(store, error,
                   "UPDATE members SET rule = 'correction', probability = 1, features = json_object('nearest', " LEAD
                   ") WHERE story_id = ?1 AND rule <> 'founded'"
                   " AND json_extract(features, '$.nearest') NOT IN (SELECT item_id FROM members WHERE story_id = ?1)",
                   "s", story_id);
}

/* The founder of the new story knows whom it was parted from. */
static bool
part(Store *store, const char *founder, const char *story_id, GError **error)
{
  return store_run(store, error,
                   "UPDATE members SET features = json_object('veto', 'correction', 'apart',"
                   " (SELECT lead_item FROM stories WHERE id = ?2)) WHERE item_id = ?1",
                   "ss", founder, story_id);
}

char *
stories_split(Store *store, const char *story_id, const GPtrArray *items, int64_t now_ms, GError **error)
{
  g_autoptr(json_t) ids = json_array();
  for (guint i = 0; i < items->len; i++)
    json_array_append_new(ids, json_string(g_ptr_array_index(items, i)));
  g_autofree char *list = json_write(ids);
  g_autofree char *founder = NULL;
  g_autofree char *id = found_story(store, list, now_ms, &founder, error);
  bool is_done = id != NULL && move_members(store, list, id, founder, error) && settle_rest(store, story_id, error) &&
                 part(store, founder, story_id, error) && mark(store, story_id, now_ms, error) &&
                 mark(store, id, now_ms, error);
  return is_done ? g_steal_pointer(&id) : NULL;
}

char *
stories_survivor(Store *store, const char *id, GError **error)
{
  Rows *rows = store_select(store, "SELECT coalesce(merged_into, id) FROM stories WHERE id = ?1", "s", id);
  g_autofree char *survivor = rows_next(rows) ? g_strdup(rows_text(rows, 0)) : NULL;
  return rows_end(rows, error) ? g_steal_pointer(&survivor) : NULL;
}
