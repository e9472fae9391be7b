#include "service.h"

#include "base/error.h"
#include "base/json.h"

static const Protocol *const PROTOCOLS[] = {&mastodon_protocol, &reddit_protocol, &reddit_www_protocol, &github_protocol};

enum { WINDOW_COUNT = 2 };

/* The keys of each window, in the order of #Call.windows. */
static const struct {
  const char *requests;
  const char *window_s;
} WINDOW_KEYS[WINDOW_COUNT] = {{"requests", "window_s"}, {"core_requests", "core_window_s"}};

static const char KNOWN_KEYS[] = "protocol, requests, window_s, core_requests, core_window_s, api";

typedef struct {
  const Protocol *protocol;
  char *api;
  Window windows[WINDOW_COUNT];
} Service;

struct Services {
  GHashTable *by_host;
  GHashTable *tokens;
  bool are_unlimited;
};

static void
service_free(Service *service)
{
  for (size_t i = 0; i < WINDOW_COUNT; i++)
    g_clear_pointer(&service->windows[i].taken_ms, g_array_unref);
  g_free(service->api);
  g_free(service);
}

static const Protocol *
find_protocol(const char *name)
{
  for (size_t i = 0; name != NULL && i < G_N_ELEMENTS(PROTOCOLS); i++)
    if (strcmp(PROTOCOLS[i]->name, name) == 0)
      return PROTOCOLS[i];
  return NULL;
}

static bool
set_number(Service *service, const char *key, int64_t number)
{
  for (size_t i = 0; i < WINDOW_COUNT; i++) {
    if (strcmp(key, WINDOW_KEYS[i].requests) == 0) {
      service->windows[i].requests = number;
      return true;
    }
    if (strcmp(key, WINDOW_KEYS[i].window_s) == 0) {
      service->windows[i].window_ms = number * 1000;
      return true;
    }
  }
  return false;
}

static bool
set_key(Service *service, const char *key, const json_t *value, GError **error)
{
  if (strcmp(key, "protocol") == 0) {
    service->protocol = find_protocol(json_string_value(value));
    if (service->protocol == NULL)
      error_set(error, ERROR_BAD_DATA, "protocol: expected mastodon, reddit, reddit-www or github");
    return service->protocol != NULL;
  }
  if (strcmp(key, "api") == 0 && json_is_string(value)) {
    service->api = g_strdup(json_string_value(value));
    return true;
  }
  if (json_is_integer(value) && json_integer_value(value) >= 0 && json_integer_value(value) <= INT32_MAX &&
      set_number(service, key, json_integer_value(value)))
    return true;
  error_set(error, ERROR_BAD_DATA, "\"%s\" is unknown or of the wrong type; known: %s", key, KNOWN_KEYS);
  return false;
}

static bool
is_whole(const Service *service, GError **error)
{
  if (service->protocol == NULL)
    error_set(error, ERROR_BAD_DATA, "names no protocol");
  for (size_t i = 0; i < WINDOW_COUNT && service->protocol != NULL; i++)
    if (service->windows[i].requests > 0 && service->windows[i].window_ms == 0) {
      error_set(error, ERROR_BAD_DATA, "%s without %s", WINDOW_KEYS[i].requests, WINDOW_KEYS[i].window_s);
      return false;
    }
  return service->protocol != NULL;
}

static Service *
read_service(const json_t *json, GError **error)
{
  Service *service = g_new0(Service, 1);
  for (size_t i = 0; i < WINDOW_COUNT; i++)
    service->windows[i].taken_ms = g_array_new(FALSE, FALSE, sizeof(int64_t));
  const char *key;
  json_t *value;
  bool is_good = true;
  json_object_foreach((json_t *) json, key, value) is_good = is_good && set_key(service, key, value, error);
  if (is_good && is_whole(service, error))
    return service;
  service_free(service);
  return NULL;
}

Services *
services_new(const json_t *json, bool are_unlimited, GError **error)
{
  g_autoptr(Services) services = g_new0(Services, 1);
  services->are_unlimited = are_unlimited;
  services->by_host = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, (GDestroyNotify) service_free);
  services->tokens = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
  const char *host;
  json_t *value;
  json_object_foreach((json_t *) json, host, value)
  {
    Service *service = read_service(value, error);
    if (service == NULL) {
      g_prefix_error(error, "world.json: services: %s: ", host);
      return NULL;
    }
    g_hash_table_insert(services->by_host, g_strdup(host), service);
  }
  return g_steal_pointer(&services);
}

void
services_free(Services *services)
{
  if (services == NULL)
    return;
  g_hash_table_unref(services->by_host);
  g_hash_table_unref(services->tokens);
  g_free(services);
}

static bool
takes_method(const Protocol *protocol, const Asked *asked)
{
  if (g_strcmp0(protocol->post_path, asked->path) == 0)
    return strcmp(asked->method, "POST") == 0;
  return strcmp(asked->method, "GET") == 0;
}

Answer *
services_answer(Services *services, const World *world, const Asked *asked, int64_t now_ms)
{
  Service *service = g_hash_table_lookup(services->by_host, asked->host);
  if (service == NULL || !takes_method(service->protocol, asked))
    return NULL;
  g_autofree char *path = asked_path(asked);
  g_autoptr(GHashTable) parameters = form_decode(asked->query);
  Call call = {.world = world,
               .asked = asked,
               .path = path != NULL ? path : "",
               .parameters = parameters,
               .api = service->api != NULL ? service->api : asked->host,
               .is_unlimited = services->are_unlimited,
               .windows = service->windows,
               .tokens = services->tokens,
               .now_ms = now_ms};
  Answer *answer = service->protocol->answer(&call);
  g_autofree char *problem = call.problem;
  if (problem != NULL) {
    answer_free(answer);
    return answer_new(500, "text/plain; charset=utf-8", problem);
  }
  if (answer != NULL && answer->status == 200 && call.changed_ms > 0)
    world_validate(world, asked, call.changed_ms, answer);
  /* cppcheck-suppress returnDanglingLifetime ; an answer holds nothing of its call */
  return answer;
}

Quota
call_take(const Call *call, Window *window, int64_t limit)
{
  if (limit == 0 || call->is_unlimited)
    return (Quota){.is_taken = true};
  GArray *taken = window->taken_ms;
  guint past = 0;
  while (past < taken->len && g_array_index(taken, int64_t, past) + window->window_ms <= call->now_ms)
    past++;
  g_array_remove_range(taken, 0, past);
  bool is_taken = taken->len < limit;
  if (is_taken)
    g_array_append_val(taken, call->now_ms);
  int64_t first_that_must_end = (int64_t) taken->len - limit;
  return (Quota){.is_taken = is_taken,
                 .limit = limit,
                 .used = taken->len,
                 .reset_ms = g_array_index(taken, int64_t, taken->len - 1) + window->window_ms,
                 .retry_ms = g_array_index(taken, int64_t, MAX(first_that_must_end, 0)) + window->window_ms};
}

json_t *
call_document(Call *call, const char *host, const char *path)
{
  int64_t changed_ms = 0;
  g_autoptr(Answer) file = world_file(call->world, call->asked, host, path, &changed_ms);
  if (file == NULL)
    return NULL;
  json_error_t problem;
  json_t *document = json_loadb(file->body->str, file->body->len, 0, &problem);
  if (document == NULL && call->problem == NULL)
    call->problem = g_strdup_printf("the world's file %s%s:%d: %s\n", host, path, problem.line, problem.text);
  call->changed_ms = MAX(call->changed_ms, changed_ms);
  return document;
}

int64_t
call_number(const Call *call, const char *name, int64_t fallback, int64_t least, int64_t most)
{
  const char *text = g_hash_table_lookup(call->parameters, name);
  gint64 number = fallback;
  if (text == NULL || !g_ascii_string_to_signed(text, 10, G_MININT64, G_MAXINT64, &number, NULL))
    return fallback;
  return CLAMP(number, least, most);
}

const char *
call_bearer(const Call *call)
{
  static const char SCHEME[] = "Bearer ";
  const char *authorization = call->asked->authorization;
  bool is_bearer = authorization != NULL && g_ascii_strncasecmp(authorization, SCHEME, strlen(SCHEME)) == 0;
  return is_bearer ? authorization + strlen(SCHEME) : NULL;
}

json_t *
list_part(const json_t *list, int64_t first, int64_t count)
{
  json_t *part = json_array();
  for (size_t i = (size_t) first; i < json_array_size(list) && json_array_size(part) < (size_t) count; i++)
    json_array_append(part, json_array_get(list, i));
  return part;
}
