/*
 * Exchanges: every answer a step got, the only thing that must last. Resume, cache, record and replay read them.
 */
#pragma once

#include "model/exchange.h"
#include "store/store.h"

/**
 * ExchangeKey: the place of a request in a run.
 * @job: such as "collect:hackernews"
 * @pass: 1, or 2 when failed jobs of a stage are run once more
 * @ordinal: position among the job's requests, from 0
 */
typedef struct {
  int64_t run_id;
  const char *job;
  int64_t pass;
  int64_t ordinal;
} ExchangeKey;

/**
 * ExchangeRow: an answer to be kept.
 * @source: "sent", "cached", "revalidated", "coalesced" or "error"
 * @reply: its @answered_ms is the now of the run that fetched it
 * @sent_ms: UTC by the real clock, 0 when nothing was sent; the same for @answered_ms
 */
typedef struct {
  ExchangeKey key;
  const char *request_sha256;
  RequestKind kind;
  const char *source;
  const Reply *reply;
  int64_t sent_ms;
  int64_t answered_ms;
} ExchangeRow;

/** exchanges_add: keeps an answer; part of the turn's transaction. */
bool exchanges_add(Store *store, const ExchangeRow *row, GError **error);

/**
 * The look-ups below: Returns: (transfer full) (nullable): NULL without error when there is none. A reply's @answered_ms is the
 * now of the run that fetched it, never the real clock, so that what is made of it is the same in every run.
 */

/** exchanges_at: the answer committed at @key; @ret_is_other: there is one, but its request was not @request_sha256. */
Reply *exchanges_at(Store *store, const ExchangeKey *key, const char *request_sha256, bool *ret_is_other, GError **error);

/** exchanges_in_run: the first answer of this run and pass to an equal request; errors of an earlier pass do not count, and
 * that another job had no money (BUDGET) is no answer. */
Reply *exchanges_in_run(Store *store, int64_t run_id, int64_t pass, const char *request_sha256, GError **error);

/** exchanges_cached: the newest good answer of an earlier run whose now is at or after @oldest_now_ms. */
Reply *exchanges_cached(Store *store, int64_t run_id, const char *request_sha256, int64_t oldest_now_ms, GError **error);

/** ExchangeCounts: of a run. @cached: answered by an earlier run; @calls: of language models that were answered; @unpaid: that
 * a cap stopped */
typedef struct {
  int64_t cached;
  int64_t calls;
  int64_t unpaid;
} ExchangeCounts;

/** exchanges_count: counts the rows of a run. */
bool exchanges_count(Store *store, int64_t run_id, ExchangeCounts *ret_counts, GError **error);
