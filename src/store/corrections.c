#include "store/corrections.h"

#include "store/rows.h"

/* The time of what is said now: behind all that was said before. */
#define SAID_AT "max(?1, coalesce((SELECT max(made_ms) + 1 FROM corrections), 0))"

#define MEMBERS_OF(story) "(SELECT item_id FROM members WHERE story_id = " story ")"

void
correction_row_free(CorrectionRow *row)
{
  if (row == NULL)
    return;
  g_free(row->item_a);
  g_free(row->title_a);
  g_free(row->item_b);
  g_free(row->title_b);
  g_free(row);
}

GPtrArray *
corrections_list(Store *store, GError **error)
{
  g_autoptr(GPtrArray) list = g_ptr_array_new_with_free_func((GDestroyNotify) correction_row_free);
  Rows *rows = store_select(store,
                            "SELECT c.item_a, a.title, c.item_b, b.title, c.kind = 'must', c.made_ms FROM corrections c"
                            " LEFT JOIN items a ON a.id = c.item_a LEFT JOIN items b ON b.id = c.item_b"
                            " ORDER BY c.made_ms DESC, c.item_a, c.item_b",
                            "");
  while (rows_next(rows)) {
    CorrectionRow *row = g_new0(CorrectionRow, 1);
    char **const texts[] = {&row->item_a, &row->title_a, &row->item_b, &row->title_b};
    for (int i = 0; i < (int) G_N_ELEMENTS(texts); i++)
      *texts[i] = g_strdup(rows_text(rows, i));
    row->is_must = rows_int(rows, 4) != 0;
    row->made_ms = rows_int(rows, 5);
    g_ptr_array_add(list, row);
  }
  return rows_end(rows, error) ? g_steal_pointer(&list) : NULL;
}

bool
corrections_merge(Store *store, const char *story_a, const char *story_b, int64_t now_ms, GError **error)
{
  return store_run(store, error,
                   "WITH said(ms) AS MATERIALIZED (SELECT " SAID_AT ")"
                   " UPDATE corrections SET kind = 'must', made_ms = (SELECT ms FROM said) WHERE kind = 'must_not'"
                   " AND ((item_a IN " MEMBERS_OF("?2") " AND item_b IN " MEMBERS_OF(
                       "?3") ")"
                             " OR (item_a IN " MEMBERS_OF("?3") " AND item_b IN " MEMBERS_OF("?2") "))",
                   "iss", now_ms, story_a, story_b) &&
         store_run(store, error,
                   "INSERT OR REPLACE INTO corrections(item_a, item_b, kind, made_ms)"
                   " SELECT min(a.lead_item, b.lead_item), max(a.lead_item, b.lead_item), 'must', " SAID_AT
                   " FROM stories a, stories b WHERE a.id = ?2 AND b.id = ?3",
                   "iss", now_ms, story_a, story_b);
}

bool
corrections_split(Store *store, const char *story_id, const GPtrArray *items, int64_t now_ms, GError **error)
{
  g_autoptr(json_t) ids = json_array();
  for (guint i = 0; i < items->len; i++)
    json_array_append_new(ids, json_string(g_ptr_array_index(items, i)));
  g_autofree char *list = json_write(ids);
  return store_run(store, error,
                   "WITH said(ms) AS MATERIALIZED (SELECT " SAID_AT "), gone(id) AS (SELECT value FROM json_each(?3)),"
                   " pairs(a, b, kind) AS (SELECT g.id, h.id, 'must' FROM gone g JOIN gone h ON g.id < h.id UNION ALL"
                   " SELECT min(g.id, m.item_id), max(g.id, m.item_id), 'must_not' FROM gone g, members m"
                   " WHERE m.story_id = ?2 AND m.item_id NOT IN (SELECT id FROM gone))"
                   " INSERT OR REPLACE INTO corrections(item_a, item_b, kind, made_ms) SELECT a, b, kind, ms FROM pairs, said",
                   "iss", now_ms, story_id, list);
}

int64_t
corrections_forget(Store *store, const char *item_a, const char *item_b, GError **error)
{
  if (!store_run(store, error,
                 "DELETE FROM corrections WHERE (item_a = ?1 AND item_b = coalesce(?2, item_b))"
                 " OR (item_b = ?1 AND item_a = coalesce(?2, item_a))",
                 "ss", item_a, item_b))
    return -1;
  Rows *rows = store_select(store, "SELECT changes()", "");
  int64_t removed = rows_next(rows) ? rows_int(rows, 0) : -1;
  return rows_end(rows, error) ? removed : -1;
}
