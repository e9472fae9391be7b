#include "service.h"

#include "base/error.h"
#include "base/json.h"

static const Protocol *const PROTOCOLS[] = {&mastodon_protocol, &reddit_protocol, &reddit_www_protocol,
                                            &github_protocol,   &openai_protocol, &anthropic_protocol};

static const struct {
  const char *limit;
  const char *window_s;
} WINDOW_KEYS[WINDOW_COUNT] = {
    [WINDOW_REQUESTS] = {"requests", "window_s"},
    [WINDOW_CORE] = {"core_requests", "core_window_s"},
    [WINDOW_TOKENS] = {"tokens_per_window", "window_s"},
};

static const char KNOWN_KEYS[] = "protocol, requests, window_s, core_requests, core_window_s, tokens_per_window, tokens, "
                                 "input_price, output_price, api";

/* Dollars a million tokens are micro-dollars a token. */
static const double PICO_DOLLARS = 1e6;
static const double MAX_PRICE = 1e6;

typedef struct {
  const Protocol *protocol;
  char *api;
  Window windows[WINDOW_COUNT];
  Tariff tariff;
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
    g_clear_pointer(&service->windows[i].taken, g_array_unref);
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
  if (strcmp(key, "tokens") == 0) {
    service->tariff.tokens = number;
    return true;
  }
  bool is_known = false;
  for (size_t i = 0; i < WINDOW_COUNT; i++) {
    Window *window = &service->windows[i];
    bool is_limit = strcmp(key, WINDOW_KEYS[i].limit) == 0;
    bool is_length = strcmp(key, WINDOW_KEYS[i].window_s) == 0;
    window->limit = is_limit ? number : window->limit;
    window->window_ms = is_length ? number * 1000 : window->window_ms;
    is_known = is_known || is_limit || is_length;
  }
  return is_known;
}

static bool
set_price(Service *service, const char *key, double dollars)
{
  bool is_input = strcmp(key, "input_price") == 0;
  if ((!is_input && strcmp(key, "output_price") != 0) || dollars < 0 || dollars > MAX_PRICE)
    return false;
  *(is_input ? &service->tariff.input_price : &service->tariff.output_price) = (int64_t) (dollars * PICO_DOLLARS + 0.5);
  return true;
}

static bool
set_key(Service *service, const char *key, const json_t *value, GError **error)
{
  if (strcmp(key, "protocol") == 0) {
    service->protocol = find_protocol(json_string_value(value));
    if (service->protocol == NULL)
      error_set(error, ERROR_BAD_DATA, "protocol: expected mastodon, reddit, reddit-www, github, openai or anthropic");
    return service->protocol != NULL;
  }
  if (strcmp(key, "api") == 0 && json_is_string(value)) {
    service->api = g_strdup(json_string_value(value));
    return true;
  }
  if (json_is_integer(value) && json_integer_value(value) >= 0 && json_integer_value(value) <= INT32_MAX &&
      set_number(service, key, json_integer_value(value)))
    return true;
  if (json_is_number(value) && set_price(service, key, json_number_value(value)))
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
    if (service->windows[i].limit > 0 && service->windows[i].window_ms == 0) {
      error_set(error, ERROR_BAD_DATA, "%s without %s", WINDOW_KEYS[i].limit, WINDOW_KEYS[i].window_s);
      return false;
    }
  return service->protocol != NULL;
}

static Service *
read_service(const json_t *json, GError **error)
{
  Service *service = g_new0(Service, 1);
  for (size_t i = 0; i < WINDOW_COUNT; i++)
    service->windows[i].taken = g_array_new(FALSE, FALSE, sizeof(Taken));
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
  if (protocol->post_path != NULL && g_str_has_suffix(asked->path, protocol->post_path))
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
               .tariff = &service->tariff,
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
  if (answer != NULL)
    answer->counted = call.counted;
  /* cppcheck-suppress returnDanglingLifetime ; an answer holds nothing of its call */
  return answer;
}

Quota
call_look(Call *call, WindowName window, int64_t limit, int64_t amount)
{
  if (limit == 0 || call->is_unlimited)
    return (Quota){.is_taken = true};
  call->counted = WINDOW_KEYS[window].limit;
  int64_t window_ms = call->windows[window].window_ms;
  GArray *taken = call->windows[window].taken;
  guint past = 0;
  while (past < taken->len && g_array_index(taken, Taken, past).at_ms + window_ms <= call->now_ms)
    past++;
  g_array_remove_range(taken, 0, past);
  int64_t used = 0;
  for (guint i = 0; i < taken->len; i++)
    used += g_array_index(taken, Taken, i).amount;
  Quota quota = {.is_taken = used + amount <= limit, .limit = limit, .used = used};
  quota.reset_ms = taken->len > 0 ? g_array_index(taken, Taken, taken->len - 1).at_ms + window_ms : call->now_ms;
  quota.retry_ms = quota.is_taken ? call->now_ms : quota.reset_ms;
  int64_t left_over = used + amount - limit;
  for (guint i = 0; i < taken->len && left_over > 0; i++) {
    left_over -= g_array_index(taken, Taken, i).amount;
    quota.retry_ms = g_array_index(taken, Taken, i).at_ms + window_ms;
  }
  return quota;
}

void
call_put(Call *call, WindowName window, int64_t amount)
{
  Taken taken = {call->now_ms, amount};
  g_array_append_val(call->windows[window].taken, taken);
}

Quota
call_take(Call *call, WindowName window, int64_t limit)
{
  Quota quota = call_look(call, window, limit, 1);
  if (!quota.is_taken || quota.limit == 0)
    return quota;
  call_put(call, window, 1);
  return call_look(call, window, limit, 0);
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
