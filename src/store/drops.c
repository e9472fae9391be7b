#include "store/drops.h"

#include "store/rows.h"

bool
drops_save(Store *store, int64_t run_id, const char *key, const Drop *drop, GError **error)
{
  return store_run(store, error,
                   "INSERT OR REPLACE INTO drops(source, id, url, about_url, reason, detail, run_id)"
                   " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7)",
                   "ssssssi", key, drop->id, drop->url, drop->about_url, drop_reason_name(drop->reason), drop->detail, run_id);
}

bool
drops_clear(Store *store, const char *key, const char *id, GError **error)
{
  return store_run(store, error, "DELETE FROM drops WHERE source = ?1 AND id = ?2", "ss", key, id);
}

void
drop_count_free(DropCount *count)
{
  if (count == NULL)
    return;
  g_free(count->reason);
  g_free(count);
}

GPtrArray *
drops_counts(Store *store, const char *key, GError **error)
{
  g_autoptr(GPtrArray) counts = g_ptr_array_new_with_free_func((GDestroyNotify) drop_count_free);
  Rows *rows =
      store_select(store,
                   "SELECT d.reason, count(*) FROM drops d JOIN sources s ON s.key = d.source JOIN runs r ON r.id = d.run_id"
                   " WHERE d.source = ?1 AND r.now_ms = s.last_ok_ms GROUP BY d.reason ORDER BY d.reason",
                   "s", key);
  while (rows_next(rows)) {
    DropCount *count = g_new(DropCount, 1);
    *count = (DropCount){.reason = g_strdup(rows_text(rows, 0)), .count = rows_int(rows, 1)};
    g_ptr_array_add(counts, count);
  }
  return rows_end(rows, error) ? g_steal_pointer(&counts) : NULL;
}

void
drop_row_free(DropRow *row)
{
  if (row == NULL)
    return;
  g_free(row->source);
  g_free(row->id);
  g_free(row->url);
  g_free(row->reason);
  g_free(row->detail);
  g_free(row);
}

GPtrArray *
drops_find(Store *store, const char *word, GError **error)
{
  g_autoptr(GPtrArray) found = g_ptr_array_new_with_free_func((GDestroyNotify) drop_row_free);
  Rows *rows =
      store_select(store,
                   "SELECT source, id, url, reason, detail, run_id FROM drops WHERE id = ?1 OR url = ?1 OR about_url = ?1"
                   " ORDER BY run_id DESC, source, id",
                   "s", word);
  while (rows_next(rows)) {
    DropRow *row = g_new(DropRow, 1);
    *row = (DropRow){
        .source = g_strdup(rows_text(rows, 0)),
        .id = g_strdup(rows_text(rows, 1)),
        .url = g_strdup(rows_text(rows, 2)),
        .reason = g_strdup(rows_text(rows, 3)),
        .detail = g_strdup(rows_text(rows, 4)),
        .run_id = rows_int(rows, 5),
    };
    g_ptr_array_add(found, row);
  }
  return rows_end(rows, error) ? g_steal_pointer(&found) : NULL;
}
