#include "pipeline/recall.h"

#include "base/error.h"

static const int64_t DAY_MS = INT64_C(24) * 60 * 60 * 1000;

/* How long a good answer answers again; 0 for what is always asked anew. */
static int64_t
lifetime_ms(RequestKind kind)
{
  switch (kind) {
  case REQUEST_PAGE:
  case REQUEST_ROBOTS:
    return DAY_MS;
  case REQUEST_LLM:
    return 90 * DAY_MS;
  case REQUEST_LISTING:
  case REQUEST_ITEM:
  case REQUEST_FEED:
    return 0;
  }
  g_assert_not_reached();
}

Reply *
recall_own(Store *store, const Question *question, bool is_replay, GError **error)
{
  ExchangeKey key = question->key;
  g_autoptr(Reply) reply = NULL;
  bool asks_anew = false;
  GError *failure = NULL;
  for (; key.pass >= 1 && reply == NULL && failure == NULL && !asks_anew; key.pass--) {
    bool is_other = false;
    reply = exchanges_at(store, &key, question->sha256, &is_other, &failure);
    asks_anew = is_other && key.pass == question->key.pass;
    if (reply != NULL && reply->error != NULL && key.pass < question->key.pass)
      g_clear_pointer(&reply, reply_free);
  }
  if (asks_anew && !is_replay)
    error_set(&failure, ERROR_DATABASE,
              "run %" G_GINT64_FORMAT
              ": job %s asks something else than before it was stopped, as another build of the program would;"
              " begin anew with --fresh",
              key.run_id, key.job);
  if (failure != NULL)
    g_propagate_error(error, failure);
  return g_steal_pointer(&reply);
}

/* A call whose answer does not tell its usage was answered by a gateway's words of regret. */
static bool
is_worth_keeping(const Question *question, const Reply *reply)
{
  int64_t input = 0;
  int64_t output = 0;
  return question->expense == NULL || question->expense->read_usage(reply, &input, &output);
}

bool
recall_equal(Store *store, const Question *question, int64_t now_ms, Recalled *ret_recalled, GError **error)
{
  int64_t run_id = question->key.run_id;
  int64_t kept_ms = lifetime_ms(question->kind);
  GError *failure = NULL;
  Recalled recalled = {.source = "coalesced"};
  recalled.reply = exchanges_in_run(store, run_id, question->key.pass, question->sha256, &failure);
  if (recalled.reply == NULL && failure == NULL && kept_ms > 0) {
    recalled.source = "cached";
    recalled.reply = exchanges_cached(store, run_id, question->sha256, now_ms - kept_ms, &failure);
    if (recalled.reply != NULL && !is_worth_keeping(question, recalled.reply))
      g_clear_pointer(&recalled.reply, reply_free);
  } else if (recalled.reply == NULL && failure == NULL) {
    recalled.stored = exchanges_cached(store, run_id, question->sha256, INT64_MIN, &failure);
  }
  if (failure == NULL) {
    *ret_recalled = recalled;
    return true;
  }
  g_propagate_error(error, failure);
  return false;
}
