#include "pipeline/gate.h"

#include "base/error.h"
#include "base/url.h"
#include "net/robots.h"

static void
free_gate(void *data)
{
  Gate *gate = data;
  g_free(gate->origin);
  g_free(gate->job);
  g_ptr_array_unref(gate->waiting);
  g_free(gate->rules);
  g_free(gate->refusal);
  g_free(gate);
}

GHashTable *
gates_new(void)
{
  return g_hash_table_new_full(g_str_hash, g_str_equal, NULL, free_gate);
}

Gate *
gates_of(GHashTable *gates, const char *url, int64_t pass)
{
  g_autofree char *origin = url_origin(url);
  if (origin == NULL)
    return NULL;
  Gate *gate = g_hash_table_lookup(gates, origin);
  if (gate != NULL && (gate->refusal == NULL || gate->pass == pass))
    return gate;
  gate = g_new0(Gate, 1);
  gate->pass = pass;
  gate->job = g_strconcat("robots:", origin, NULL);
  gate->origin = g_steal_pointer(&origin);
  gate->waiting = g_ptr_array_new();
  g_hash_table_replace(gates, gate->origin, gate);
  return gate;
}

Request *
gate_request(const Gate *gate)
{
  g_autofree char *url = g_strconcat(gate->origin, "/robots.txt", NULL);
  return request_new(REQUEST_ROBOTS, url);
}

void
gate_learn(Gate *gate, const Reply *reply)
{
  gate->is_known = true;
  if (reply->error == NULL) {
    gate->rules_length = reply->body_length;
    gate->rules = g_memdup2(reply->body, reply->body_length + 1);
  } else if (!error_is(reply->error, ERROR_REJECTED)) {
    gate->refusal = g_strdup(reply->error->message);
  }
}

bool
gate_check(const Gate *gate, const char *url, const char *token, GError **error)
{
  g_assert(gate->is_known);
  if (gate->refusal != NULL) {
    error_set(error, ERROR_RETRY, "GET %s: left alone, its robots.txt could not be read: %s", url, gate->refusal);
    return false;
  }
  g_auto(Url) parts = {0};
  if (gate->rules == NULL || !url_parse(url, &parts, NULL))
    return true;
  g_autofree char *path = parts.query != NULL ? g_strconcat(parts.path, "?", parts.query, NULL) : g_strdup(parts.path);
  if (robots_allows(gate->rules, gate->rules_length, token, path))
    return true;
  error_set(error, ERROR_REJECTED, "GET %s: robots.txt of %s does not allow it", url, gate->origin);
  return false;
}
