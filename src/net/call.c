#include "net/call.h"

#include "base/url.h"
#include "net/credential.h"

#include <string.h>

static void
append_lines(GPtrArray *target, const GPtrArray *lines)
{
  for (unsigned i = 0; lines != NULL && i < lines->len; i++)
    g_ptr_array_add(target, g_strdup(g_ptr_array_index(lines, i)));
}

Call *
call_new(const Request *request, const GPtrArray *validators, void *tag)
{
  Call *call = g_new0(Call, 1);
  call->tag = tag;
  call->kind = request->kind;
  call->body = g_strdup(request->body);
  call->has_auth = request->auth != NULL;
  if (request->expense != NULL) {
    call->expense = expense_copy(request->expense);
    call->tokens = call->expense->input_tokens + call->expense->output_tokens;
  }
  call->asked_url = g_strdup(request->url);
  call->is_moved = true;
  call->tries = g_array_new(FALSE, TRUE, sizeof(ClientTry));
  call->headers = g_ptr_array_new_with_free_func(g_free);
  append_lines(call->headers, request->headers);
  append_lines(call->headers, validators);
  return call;
}

Call *
call_new_for_token(KnownService *service)
{
  Request request = {
      .kind = REQUEST_ITEM,
      .url = service->service->token_url,
      .auth = service->service->auth,
      .body = (char *) CREDENTIAL_TOKEN_BODY,
  };
  Call *call = call_new(&request, NULL, NULL);
  call->token_for = service;
  return call;
}

void
call_free(Call *call)
{
  g_ptr_array_unref(call->headers);
  g_array_unref(call->tries);
  expense_free(call->expense);
  g_free(call->body);
  g_free(call->asked_url);
  g_free(call->url);
  g_free(call->host);
  g_free(call->limits);
  g_free(call->token);
  g_free(call->failure);
  g_free(call);
}

bool
call_aim(Call *call, const Services *services, const char *base, const char *reference)
{
  g_autofree char *url = url_resolve(base, reference, NULL);
  g_auto(Url) parts = {0};
  if (url == NULL || !url_parse(url, &parts, NULL))
    return false;
  url[strcspn(url, "#")] = '\0';
  g_free(call->url);
  g_free(call->host);
  g_free(call->limits);
  call->service = services != NULL && request_kind_is_trusted(call->kind) ? services_find(services, url) : NULL;
  call->limits = call->service != NULL ? g_strdup(call->service->name) : services_host(&parts);
  call->url = g_steal_pointer(&url);
  call->host = g_steal_pointer(&parts.host);
  return true;
}

bool
call_is_trusted(const Call *call)
{
  return call->redirects == 0 && request_kind_is_trusted(call->kind);
}

char *
call_paused(const Call *call, bool is_for_host)
{
  size_t host_length = strcspn(call->limits, "/");
  bool is_host = is_for_host || strcmp(call->limits + host_length, "/") == 0;
  return is_host ? g_strndup(call->limits, host_length) : g_strdup(call->limits);
}

bool
call_lacks_token(Call *call, int64_t now_ms)
{
  bool wants_one = call->has_auth && call->token_for == NULL && call->service->service->credential == CREDENTIAL_CLIENT;
  if (!wants_one || call->token != NULL)
    return false;
  if (now_ms < call->service->token_until_ms)
    call->token = g_strdup(call->service->token);
  return call->token == NULL;
}

bool
call_drops_token(Call *call)
{
  if (call->token == NULL)
    return false;
  if (g_strcmp0(call->token, call->service->token) == 0)
    g_clear_pointer(&call->service->token, g_free);
  bool is_first = !call->was_refused;
  call->was_refused = true;
  return is_first;
}

void
call_start(Call *call, Transport *transport)
{
  const KnownService *introducing = call->token_for != NULL ? call->token_for : call->service;
  g_autofree char *address = NULL;
  g_autofree char *authorization = NULL;
  if (call->token_for != NULL) {
    authorization = credential_client_header(call->token_for->service);
  } else if (call->has_auth) {
    address = credential_address(call->service->service, call->url);
    authorization = credential_header(call->service->service, call->token);
  }
  TransferSpec spec = {
      .url = address != NULL ? address : call->url,
      .host = call->host,
      .kind = call->kind,
      .timeout_ms = call->service != NULL && call->token_for == NULL ? call->service->service->timeout_ms : 0,
      .is_trusted = call_is_trusted(call),
      .headers = call->headers,
      .user_agent = introducing != NULL ? introducing->service->user_agent : NULL,
      .authorization = authorization,
      .body = call->body,
      .is_for_token = call->token_for != NULL,
  };
  call->transfer = transport_start(transport, &spec, call);
}
