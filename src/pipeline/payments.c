#include "pipeline/payments.h"

#include "base/error.h"
#include "base/money.h"

struct Payments {
  Client *client;
  Budget *budget;
  GPtrArray *due; /* (element-type PaidCall): reserved, to go out after the commit */
};

Payments *
payments_new(Client *client, Budget *budget)
{
  Payments *payments = g_new0(Payments, 1);
  payments->client = client;
  payments->budget = budget;
  payments->due = g_ptr_array_new();
  return payments;
}

void
payments_free(Payments *payments)
{
  if (payments == NULL)
    return;
  g_ptr_array_unref(payments->due);
  g_free(payments);
}

bool
payments_due(Payments *payments, PaidCall *call, GError **error)
{
  GError *failure = NULL;
  int64_t row = budget_reserve(payments->budget, call->key, call->expense, &failure);
  if (row >= 0) {
    call->row = row;
    g_ptr_array_add(payments->due, call);
    return true;
  }
  if (error_is(failure, ERROR_BUDGET)) {
    client_refuse(payments->client, call->tag, failure);
    return true;
  }
  g_propagate_error(error, failure);
  return false;
}

/* An answer is charged by what it says it took, in full when it does not say. Any other status refuses: no server charges for
 * that. Without one the answer may have been made, and lost on its way. @last: (nullable): the try, as far as it went */
static Payment
price_try(const Expense *expense, const Reply *reply, const ClientTry *last)
{
  bool is_answered = reply_is_success(reply);
  if (!is_answered && (last == NULL || !last->is_sent || last->status != 0))
    return (Payment){.state = LEDGER_UNBILLED};
  int64_t input = expense->input_tokens;
  int64_t output = expense->output_tokens;
  expense_usage(expense, reply, &input, &output);
  return (Payment){
      .state = is_answered ? LEDGER_ANSWERED : LEDGER_LOST,
      .input_tokens = input,
      .output_tokens = output,
      .charged = money_cost_micros(input, expense->input_price, output, expense->output_price),
  };
}

bool
payments_settle(Payments *payments, PaidCall *call, const ClientAnswer *answer, GError **error)
{
  if (call->row == 0)
    return true;
  bool has_begun = !g_ptr_array_remove_fast(payments->due, call) && answer->tries->len > 0;
  const ClientTry *last = has_begun ? &g_array_index(answer->tries, ClientTry, answer->tries->len - 1) : NULL;
  Payment payment = price_try(call->expense, answer->reply, last);
  payment.latency_ms = has_begun ? last->ended_ms - last->began_ms : 0;
  int64_t row = call->row;
  call->row = 0;
  call->settled = row;
  call->charged_micros += payment.charged;
  return budget_settle(payments->budget, call->key->job, row, &payment, error);
}

void
payments_send(Payments *payments)
{
  for (guint i = 0; i < payments->due->len; i++)
    client_send(payments->client, ((const PaidCall *) g_ptr_array_index(payments->due, i))->tag);
  g_ptr_array_set_size(payments->due, 0);
}
