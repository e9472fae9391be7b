#include "model/exchange.h"

#include "base/digest.h"
#include "base/money.h"

#include <string.h>

static const char *const KIND_NAMES[] = {
    [REQUEST_LISTING] = "listing", [REQUEST_ITEM] = "item",     [REQUEST_FEED] = "feed",
    [REQUEST_PAGE] = "page",       [REQUEST_ROBOTS] = "robots", [REQUEST_LLM] = "llm",
};

const char *
request_kind_name(RequestKind kind)
{
  g_assert((size_t) kind < G_N_ELEMENTS(KIND_NAMES));
  return KIND_NAMES[kind];
}

bool
request_kind_is_trusted(RequestKind kind)
{
  return kind == REQUEST_LISTING || kind == REQUEST_ITEM || kind == REQUEST_LLM;
}

Expense *
expense_copy(const Expense *expense)
{
  Expense *copy = g_memdup2(expense, sizeof *expense);
  copy->provider = g_strdup(expense->provider);
  copy->model = g_strdup(expense->model);
  copy->purpose = g_strdup(expense->purpose);
  return copy;
}

void
expense_free(Expense *expense)
{
  if (expense == NULL)
    return;
  g_free(expense->provider);
  g_free(expense->model);
  g_free(expense->purpose);
  g_free(expense);
}

int64_t
expense_worst_micros(const Expense *expense)
{
  return money_cost_micros(expense->input_tokens, expense->input_price, expense->output_tokens, expense->output_price);
}

bool
expense_usage(const Expense *expense, const Reply *reply, int64_t *ret_input_tokens, int64_t *ret_output_tokens)
{
  int64_t input = 0;
  int64_t output = 0;
  if (!reply_is_success(reply) || !expense->read_usage(reply, &input, &output))
    return false;
  if (input < 0 || input > expense->input_tokens || output < 0 || output > expense->output_tokens)
    return false;
  *ret_input_tokens = input;
  *ret_output_tokens = output;
  return true;
}

Request *
request_new(RequestKind kind, const char *url)
{
  Request *request = g_new0(Request, 1);
  request->kind = kind;
  request->url = g_strdup(url);
  return request;
}

static gpointer
copy_line(gconstpointer line, gpointer data)
{
  (void) data;
  return g_strdup(line);
}

Request *
request_copy_to(const Request *request, const char *url)
{
  Request *copy = request_new(request->kind, url);
  copy->auth = g_strdup(request->auth);
  if (request->headers != NULL)
    copy->headers = g_ptr_array_copy(request->headers, copy_line, NULL);
  copy->body = g_strdup(request->body);
  copy->expense = request->expense != NULL ? expense_copy(request->expense) : NULL;
  return copy;
}

void
request_free(Request *request)
{
  if (request == NULL)
    return;
  g_free(request->url);
  g_free(request->auth);
  g_clear_pointer(&request->headers, g_ptr_array_unref);
  g_free(request->body);
  expense_free(request->expense);
  g_free(request);
}

char *
request_sha256(const Request *request)
{
  g_autoptr(GChecksum) checksum = g_checksum_new(G_CHECKSUM_SHA256);
  /* a page must never wait for the rules that wait for it: robots.txt asked for as a page is another request */
  bool is_robots = request->kind == REQUEST_ROBOTS;
  digest_add(checksum, request_kind_is_trusted(request->kind) ? "trusted" : is_robots ? "robots" : "stranger");
  digest_add(checksum, request->body != NULL ? "POST" : "GET");
  digest_add(checksum, request->url);
  digest_add(checksum, request->body);
  digest_add(checksum, request->auth);
  for (guint i = 0; request->headers != NULL && i < request->headers->len; i++)
    digest_add(checksum, request->headers->pdata[i]);
  return g_strdup(g_checksum_get_string(checksum));
}

Reply *
reply_new(void)
{
  return g_new0(Reply, 1);
}

void
reply_free(Reply *reply)
{
  if (reply == NULL)
    return;
  g_free(reply->url);
  g_free(reply->headers);
  g_free(reply->body);
  g_clear_error(&reply->error);
  g_free(reply);
}

Reply *
reply_copy(const Reply *reply)
{
  Reply *copy = g_memdup2(reply, sizeof *reply);
  copy->url = g_strdup(reply->url);
  copy->headers = g_strdup(reply->headers);
  copy->body = reply->body != NULL ? g_memdup2(reply->body, reply->body_length + 1) : NULL;
  copy->error = reply->error != NULL ? g_error_copy(reply->error) : NULL;
  return copy;
}

bool
reply_is_success(const Reply *reply)
{
  return reply->error == NULL && reply->status >= 200 && reply->status < 300;
}

char *
reply_header(const Reply *reply, const char *name)
{
  size_t name_length = strlen(name);
  const char *line = reply->headers;
  while (line != NULL && *line != '\0') {
    size_t length = strcspn(line, "\n");
    if (length > name_length && strncmp(line, name, name_length) == 0 && line[name_length] == ':')
      return g_strstrip(g_strndup(line + name_length + 1, length - name_length - 1));
    line += length + (line[length] == '\n' ? 1 : 0);
  }
  return NULL;
}

void
step_ask(StepOutcome *outcome, Request *request)
{
  if (outcome->requests == NULL)
    outcome->requests = g_ptr_array_new_with_free_func((GDestroyNotify) request_free);
  g_ptr_array_add(outcome->requests, request);
}

void
step_outcome_clear(StepOutcome *outcome, GDestroyNotify result_free)
{
  g_clear_pointer(&outcome->requests, g_ptr_array_unref);
  if (result_free != NULL)
    g_clear_pointer(&outcome->result, result_free);
  outcome->result = NULL;
  g_clear_error(&outcome->error);
}
