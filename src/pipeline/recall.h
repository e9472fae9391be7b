/*
 * What the store knows of a request: the answer it got before, or an equal one. Thread: the run's own.
 */
#pragma once

#include "model/exchange.h"
#include "store/exchanges.h"

/** Question: a request as the store knows it. @key: its place; @expense: (nullable): of a call; all borrowed */
typedef struct {
  ExchangeKey key;
  RequestKind kind;
  const char *sha256;
  const Expense *expense;
} Question;

/**
 * recall_own: the row this very request left before: of this pass, or a good one of the pass before.
 * @is_replay: that another request stands there is no error
 *
 * Returns: (transfer full) (nullable): NULL without error when there is none. Errors: DATABASE, also when the job asked
 * something else there before
 */
Reply *recall_own(Store *store, const Question *question, bool is_replay, GError **error);

/**
 * Recalled: what is known of an equal request.
 * @reply: (transfer full) (nullable): what answers; @source: as its row says: "coalesced" or "cached"
 * @stored: (transfer full) (nullable): of a listing: what a 304 may confirm
 */
typedef struct {
  Reply *reply;
  const char *source;
  Reply *stored;
} Recalled;

/** recall_equal: what answered an equal request in this run, or in an earlier one while young enough for its kind; @now_ms is
 * that of this run. Errors: DATABASE */
bool recall_equal(Store *store, const Question *question, int64_t now_ms, Recalled *ret_recalled, GError **error);
