#include "store/items.h"

#include "base/json.h"
#include "store/rows.h"

/* The newest engagement beside each item. */
#define SELECT_ITEM                                                                                                            \
  "SELECT i.id, i.source, i.url, i.canonical_url, i.title, i.text, i.author, i.language, i.published_ms, i.links, i.extra,"    \
  " e.likes, e.shares, e.replies, e.score FROM items i LEFT JOIN engagement e ON e.item_id = i.id AND e.run_id ="              \
  " (SELECT max(run_id) FROM engagement WHERE item_id = i.id) "

static char *
links_to_json(const GPtrArray *links)
{
  g_autoptr(json_t) array = json_array();
  for (guint i = 0; i < links->len; i++)
    json_array_append_new(array, json_string(g_ptr_array_index(links, i)));
  return json_write(array);
}

void
items_read_links(Item *item, const char *json)
{
  g_autoptr(json_t) array = json_loads(json, 0, NULL);
  size_t index = 0;
  json_t *link = NULL;
  json_array_foreach(array, index, link) g_ptr_array_add(item->links, g_strdup(json_string_value(link)));
}

static void
replace_text(char **field, const char *text)
{
  g_free(*field);
  *field = g_strdup(text);
}

static Item *
read_item(const Rows *rows)
{
  Item *item = item_new();
  char **const texts[] = {&item->id,    &item->source, &item->url,    &item->canonical_url,
                          &item->title, &item->text,   &item->author, &item->language};
  for (int i = 0; i < (int) G_N_ELEMENTS(texts); i++)
    replace_text(texts[i], rows_text(rows, i));
  item->published_ms = rows_int(rows, 8);
  items_read_links(item, rows_text(rows, 9));
  replace_text(&item->extra, rows_text(rows, 10));
  int64_t *const numbers[] = {&item->likes, &item->shares, &item->replies, &item->score};
  for (int i = 0; i < (int) G_N_ELEMENTS(numbers); i++)
    *numbers[i] = rows_is_null(rows, 11 + i) ? -1 : rows_int(rows, 11 + i);
  return item;
}

static GPtrArray *
read_items(Rows *rows, GError **error)
{
  g_autoptr(GPtrArray) items = g_ptr_array_new_with_free_func((GDestroyNotify) item_free);
  while (rows_next(rows))
    g_ptr_array_add(items, read_item(rows));
  return rows_end(rows, error) ? g_steal_pointer(&items) : NULL;
}

static bool
find_change(Store *store, const Item *item, const char *links, ItemChange *ret_change, GError **error)
{
  Rows *rows = store_select(store, "SELECT title, text, links FROM items WHERE id = ?1", "s", item->id);
  if (!rows_next(rows))
    *ret_change = ITEM_NEW;
  else if (g_str_equal(rows_text(rows, 0), item->title) && g_str_equal(rows_text(rows, 1), item->text) &&
           g_str_equal(rows_text(rows, 2), links))
    *ret_change = ITEM_SAME;
  else
    *ret_change = ITEM_CHANGED;
  return rows_end(rows, error);
}

bool
items_merge(Store *store, int64_t run_id, const Item *item, ItemChange *ret_change, GError **error)
{
  g_autofree char *links = links_to_json(item->links);
  ItemChange change = ITEM_NEW;
  if (!find_change(store, item, links, &change, error))
    return false;
  /* first_run stays; changed_run moves only with title, text or links */
  if (!store_run(
          store, error,
          "INSERT INTO items(id, source, url, canonical_url, title, text, author, language, published_ms, links, extra,"
          " first_run, last_run, changed_run) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?12, ?12)"
          " ON CONFLICT(id) DO UPDATE SET url = excluded.url, canonical_url = excluded.canonical_url,"
          " changed_run = CASE WHEN title = excluded.title AND text = excluded.text AND links = excluded.links"
          " THEN changed_run ELSE excluded.changed_run END,"
          " title = excluded.title, text = excluded.text, author = excluded.author, language = excluded.language,"
          " published_ms = excluded.published_ms, links = excluded.links, extra = excluded.extra, last_run = excluded.last_run",
          "ssssssssissi", item->id, item->source, item->url, item->canonical_url, item->title, item->text, item->author,
          item->language, item->published_ms, links, item->extra, run_id))
    return false;
  *ret_change = change;
  return store_run(store, error,
                   "INSERT OR REPLACE INTO engagement(item_id, run_id, likes, shares, replies, score)"
                   " VALUES(?1, ?2, ?3, ?4, ?5, ?6)",
                   "siiiii", item->id, run_id, item->likes, item->shares, item->replies, item->score);
}

static bool
find_story(Store *store, const char *id, char **ret_story_id, GError **error)
{
  Rows *rows = store_select(store, "SELECT story_id FROM members WHERE item_id = ?1", "s", id);
  *ret_story_id = rows_next(rows) ? g_strdup(rows_text(rows, 0)) : NULL;
  return rows_end(rows, error);
}

bool
items_withdraw(Store *store, int64_t run_id, const char *id, GError **error)
{
  g_autofree char *story_id = NULL;
  if (!find_story(store, id, &story_id, error) || !store_run(store, error, "DELETE FROM items WHERE id = ?1", "s", id))
    return false;
  if (story_id == NULL)
    return true;
  return store_run(store, error,
                   "UPDATE items SET changed_run = ?2 WHERE id IN (SELECT item_id FROM members WHERE story_id = ?1)", "si",
                   story_id, run_id) &&
         store_run(store, error,
                   "UPDATE stories SET lead_item = (SELECT m.item_id FROM members m JOIN items i ON i.id = m.item_id"
                   " WHERE m.story_id = ?1 ORDER BY i.published_ms = 0, i.published_ms, i.id LIMIT 1) WHERE id = ?1 AND "
                   "lead_item = ?2"
                   " AND EXISTS(SELECT 1 FROM members WHERE story_id = ?1)",
                   "ss", story_id, id) &&
         store_run(
             store, error,
             "DELETE FROM story_evidence WHERE (story_id = ?1 OR story_id IN (SELECT id FROM stories WHERE merged_into = ?1))"
             " AND NOT EXISTS(SELECT 1 FROM members WHERE story_id = ?1)",
             "s", story_id) &&
         store_run(store, error,
                   "UPDATE articles SET state = 'withdrawn', headline = '', document = '{}' WHERE (story_id = ?1"
                   " OR story_id IN (SELECT id FROM stories WHERE merged_into = ?1))"
                   " AND NOT EXISTS(SELECT 1 FROM members WHERE story_id = ?1)",
                   "s", story_id);
}

GPtrArray *
items_by_url(Store *store, const char *url, GError **error)
{
  return read_items(store_select(store, SELECT_ITEM "WHERE i.url = ?1 OR i.canonical_url = ?1 ORDER BY i.id", "s", url), error);
}

GPtrArray *
items_of_story(Store *store, const char *story_id, GError **error)
{
  return read_items(store_select(store,
                                 SELECT_ITEM "JOIN members m ON m.item_id = i.id WHERE m.story_id = ?1"
                                             " ORDER BY i.published_ms, i.id",
                                 "s", story_id),
                    error);
}

GPtrArray *
items_without_story(Store *store, GError **error)
{
  return read_items(
      store_select(store, SELECT_ITEM "WHERE NOT EXISTS(SELECT 1 FROM members WHERE item_id = i.id) ORDER BY i.id", ""), error);
}
