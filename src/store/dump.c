#include "store/dump.h"

#include "base/json.h"
#include "store/rows.h"

/* What is printed, in this order; the first column names the kind of line. */
static const char *const QUERIES[] = {
    "SELECT 'article' AS type, story_id, revision, slug, state, kind, headline, document, cost_micros, page_sha256, created_ms,"
    " told_as FROM articles ORDER BY story_id, revision",
    "SELECT 'correction' AS type, item_a, item_b, kind, made_ms FROM corrections ORDER BY item_a, item_b",
    "SELECT 'evidence' AS type, story_id, rank, kind, sha256, url, title, fetched_ms FROM story_evidence ORDER BY story_id, "
    "rank",
    "SELECT 'item' AS type, i.id, source, url, canonical_url, title, text, author, language, published_ms, links, extra, likes,"
    " shares, replies, score FROM items i LEFT JOIN engagement e ON e.item_id = i.id AND e.run_id ="
    " (SELECT max(run_id) FROM engagement WHERE item_id = i.id) ORDER BY i.id",
    "SELECT 'member' AS type, item_id, story_id, probability, rule, features FROM members ORDER BY item_id",
    "SELECT 'score' AS type, story_id, predicted, given, reason, provider, provisional, features FROM scores"
    " ORDER BY story_id, run_id",
    "SELECT 'story' AS type, id, founded_ms, updated_ms, lead_item, merged_into, topics, summary FROM stories ORDER BY id",
};

static bool
write_all(Store *store, void (*write)(const char *line, void *data), void *data, GError **error)
{
  for (size_t i = 0; i < G_N_ELEMENTS(QUERIES); i++) {
    Rows *rows = store_select(store, QUERIES[i], "");
    while (rows_next(rows)) {
      g_autoptr(json_t) object = rows_object(rows);
      g_autofree char *line = json_write(object);
      write(line, data);
    }
    if (!rows_end(rows, error))
      return false;
  }
  return true;
}

/* One transaction, so that all is of one moment while another process writes. */
bool
store_dump(Store *store, void (*write)(const char *line, void *data), void *data, GError **error)
{
  if (!store_execute(store, "BEGIN", error))
    return false;
  if (write_all(store, write, data, error))
    return store_commit(store, error);
  store_rollback(store);
  return false;
}
