#include "store/exchanges.h"

#include "base/digest.h"
#include "base/error.h"
#include "store/rows.h"

#include <string.h>

#define SELECT_REPLY                                                                                                           \
  "SELECT status, url, outcome, headers, (SELECT data FROM bodies WHERE sha256 = body_sha256), as_of_ms,"                      \
  " request_sha256 FROM exchanges"

/* "ok", "moved", or an error's code, a space and its text. */
static char *
outcome_of(const Reply *reply)
{
  if (reply->error != NULL)
    return g_strdup_printf("%s %s", error_code_name(reply->error->code), reply->error->message);
  return g_strdup(reply->is_moved ? "moved" : "ok");
}

static void
read_outcome(Reply *reply, const char *outcome)
{
  reply->is_moved = g_str_equal(outcome, "moved");
  if (reply->is_moved || g_str_equal(outcome, "ok"))
    return;
  const char *space = strchr(outcome, ' ');
  g_autofree char *name = space != NULL ? g_strndup(outcome, (size_t) (space - outcome)) : g_strdup(outcome);
  ErrorCode code = ERROR_BAD_DATA;
  error_code_parse(name, &code);
  error_set(&reply->error, code, "%s", space != NULL ? space + 1 : "");
}

static Reply *
read_reply(const Rows *rows)
{
  Reply *reply = reply_new();
  reply->status = (long) rows_int(rows, 0);
  reply->url = g_strdup(rows_text(rows, 1));
  read_outcome(reply, rows_text(rows, 2));
  reply->headers = g_strdup(rows_text(rows, 3));
  size_t length = 0;
  const char *data = rows_blob(rows, 4, &length);
  reply->body = g_malloc(length + 1);
  memcpy(reply->body, data, length);
  reply->body[length] = '\0';
  reply->body_length = length;
  reply->answered_ms = rows_int(rows, 5);
  return reply;
}

static Reply *
first_reply(Rows *rows, GError **error)
{
  g_autoptr(Reply) reply = rows_next(rows) ? read_reply(rows) : NULL;
  return rows_end(rows, error) ? g_steal_pointer(&reply) : NULL;
}

bool
exchanges_add(Store *store, const ExchangeRow *row, GError **error)
{
  const Reply *reply = row->reply;
  g_autofree char *body_sha256 = reply->error == NULL ? digest_sha256(reply->body, reply->body_length) : NULL;
  if (body_sha256 != NULL && !store_run(store, error, "INSERT OR IGNORE INTO bodies(sha256, data) VALUES(?1, ?2)", "sb",
                                        body_sha256, (const void *) reply->body, reply->body_length))
    return false;
  g_autofree char *outcome = outcome_of(reply);
  return store_run(store, error,
                   "INSERT INTO exchanges(run_id, job, pass, ordinal, request_sha256, kind, source, url, status, headers,"
                   " body_sha256, outcome, sent_ms, answered_ms, as_of_ms)"
                   " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)",
                   "isiissssisssiii", row->key.run_id, row->key.job, row->key.pass, row->key.ordinal, row->request_sha256,
                   request_kind_name(row->kind), row->source, reply->url != NULL ? reply->url : "", (int64_t) reply->status,
                   reply->headers != NULL ? reply->headers : "", body_sha256, outcome, row->sent_ms, row->answered_ms,
                   reply->answered_ms);
}

Reply *
exchanges_at(Store *store, const ExchangeKey *key, const char *request_sha256, bool *ret_is_other, GError **error)
{
  Rows *rows = store_select(store, SELECT_REPLY " WHERE run_id = ?1 AND job = ?2 AND pass = ?3 AND ordinal = ?4", "isii",
                            key->run_id, key->job, key->pass, key->ordinal);
  bool has_row = rows_next(rows);
  *ret_is_other = has_row && !g_str_equal(rows_text(rows, 6), request_sha256);
  g_autoptr(Reply) reply = has_row && !*ret_is_other ? read_reply(rows) : NULL;
  return rows_end(rows, error) ? g_steal_pointer(&reply) : NULL;
}

Reply *
exchanges_in_run(Store *store, int64_t run_id, int64_t pass, const char *request_sha256, GError **error)
{
  Rows *rows = store_select(store,
                            SELECT_REPLY " WHERE request_sha256 = ?2 AND run_id = ?1 AND outcome NOT LIKE 'budget %'"
                                         " AND (pass = ?3 OR outcome IN ('ok', 'moved')) ORDER BY id LIMIT 1",
                            "isi", run_id, request_sha256, pass);
  return first_reply(rows, error);
}

Reply *
exchanges_cached(Store *store, int64_t run_id, const char *request_sha256, int64_t oldest_now_ms, GError **error)
{
  Rows *rows = store_select(store,
                            SELECT_REPLY " WHERE request_sha256 = ?2 AND run_id < ?1 AND source IN ('sent', 'revalidated')"
                                         " AND status BETWEEN 200 AND 299 AND as_of_ms >= ?3 ORDER BY id DESC LIMIT 1",
                            "isi", run_id, request_sha256, oldest_now_ms);
  return first_reply(rows, error);
}

bool
exchanges_count(Store *store, int64_t run_id, ExchangeCounts *ret_counts, GError **error)
{
  ExchangeCounts counts = {0};
  Rows *rows = store_select(store,
                            "SELECT count(*) FILTER (WHERE source = 'cached'),"
                            " count(*) FILTER (WHERE kind = 'llm' AND source = 'sent'),"
                            " count(*) FILTER (WHERE outcome LIKE 'budget %') FROM exchanges WHERE run_id = ?1",
                            "i", run_id);
  if (rows_next(rows))
    counts = (ExchangeCounts){.cached = rows_int(rows, 0), .calls = rows_int(rows, 1), .unpaid = rows_int(rows, 2)};
  if (!rows_end(rows, error))
    return false;
  *ret_counts = counts;
  return true;
}
