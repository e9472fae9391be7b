/*
 * The tries of paid calls: each is reserved, waits for the commit of its reservation, goes out, and is settled by how it ended.
 * Thread: the run's own.
 */
#pragma once

#include "net/client.h"
#include "pipeline/budget.h"

typedef struct Payments Payments;

/** payments_new: @client and @budget: borrowed. Returns: (transfer full) */
Payments *payments_new(Client *client, Budget *budget);

/** payments_free: NULL-safe. */
void payments_free(Payments *payments);

/**
 * PaidCall: a call whose tries are paid.
 * @key: its place; borrowed, as is @expense
 * @tag: by which the client knows it
 * @row: in the ledger, of the try that is due or under way; 0 when there is none
 * @settled: the row of the last try that ended; 0 when there is none
 * @charged_micros: for all tries so far
 */
typedef struct {
  const ExchangeKey *key;
  const Expense *expense;
  void *tag;
  int64_t row;
  int64_t settled;
  int64_t charged_micros;
} PaidCall;

/**
 * payments_due: the next try of @call, borrowed until it is settled, is reserved in the open transaction and goes out with
 * payments_send(); without money the client is told to end it with an error BUDGET. Errors: DATABASE
 */
bool payments_due(Payments *payments, PaidCall *call, GError **error);

/** payments_settle: the try of @call, if any, came to @answer, which is ended or tried. Errors: DATABASE */
bool payments_settle(Payments *payments, PaidCall *call, const ClientAnswer *answer, GError **error);

/** payments_send: what was reserved is committed: it goes out. */
void payments_send(Payments *payments);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Payments, payments_free)
