#include "store/knowledge.h"

#include "store/rows.h"

char *
knowledge_get(Store *store, const char *name, GError **error)
{
  Rows *rows = store_select(store, "SELECT value FROM knowledge WHERE name = ?1 ORDER BY version DESC LIMIT 1", "s", name);
  g_autofree char *value = rows_next(rows) ? g_strdup(rows_text(rows, 0)) : NULL;
  return rows_end(rows, error) ? g_steal_pointer(&value) : NULL;
}

bool
knowledge_set(Store *store, int64_t run_id, const char *name, const char *value, GError **error)
{
  return store_run(store, error,
                   "INSERT INTO knowledge(name, version, value, run_id)"
                   " SELECT ?1, coalesce(max(version), 0) + 1, ?2, ?3 FROM knowledge WHERE name = ?1",
                   "ssi", name, value, run_id) &&
         store_run(store, error,
                   "DELETE FROM knowledge WHERE name = ?1 AND version < (SELECT max(version) FROM knowledge WHERE name = ?1)",
                   "s", name);
}
