#include "net/services.h"

#include "base/error.h"

#include <string.h>

struct Services {
  GPtrArray *known;
};

static void
free_known(void *data)
{
  KnownService *known = data;
  g_assert(known->waiting.length == 0);
  service_free(known->service);
  g_free(known->prefix);
  g_free(known->owner);
  g_free(known->name);
  g_free(known->token);
  g_free(known);
}

static KnownService *
find_prefix(const Services *services, const char *prefix)
{
  for (unsigned i = 0; i < services->known->len; i++) {
    KnownService *known = g_ptr_array_index(services->known, i);
    if (strcmp(known->prefix, prefix) == 0)
      return known;
  }
  return NULL;
}

char *
services_host(const Url *url)
{
  int default_port = strcmp(url->scheme, "https") == 0 ? 443 : 80;
  return url->port == default_port ? g_strdup(url->host) : g_strdup_printf("%s:%d", url->host, url->port);
}

/* @prefix: canonical */
static char *
make_name(const char *prefix)
{
  g_auto(Url) parts = {0};
  bool is_address = url_parse(prefix, &parts, NULL);
  g_assert(is_address);
  g_autofree char *host = services_host(&parts);
  return g_strconcat(host, parts.path, NULL);
}

/* Whether both say the same of their prefix. */
static bool
is_same(const Service *first, const Service *second)
{
  return first->requests == second->requests && first->window_ms == second->window_ms && first->tokens == second->tokens &&
         first->in_flight == second->in_flight && first->credential == second->credential &&
         g_strcmp0(first->user_agent, second->user_agent) == 0 && g_strcmp0(first->auth, second->auth) == 0 &&
         g_strcmp0(first->secret, second->secret) == 0 && g_strcmp0(first->client_id, second->client_id) == 0 &&
         g_strcmp0(first->token_url, second->token_url) == 0;
}

/* Returns: (transfer full): where the credential goes: with each request, and for a token */
static char *
list_origins(const Service *service)
{
  g_autofree char *origin = url_origin(service->prefix);
  g_autofree char *token_origin = service->token_url != NULL ? url_origin(service->token_url) : NULL;
  return token_origin != NULL ? g_strconcat(origin, " and ", token_origin, NULL) : g_steal_pointer(&origin);
}

/* A credential is for one place: two entries must not send it to the host of each other. */
static bool
check_credential(const Services *services, const Service *service, const char *owner, GError **error)
{
  g_autofree char *origins = list_origins(service);
  for (unsigned i = 0; service->auth != NULL && i < services->known->len; i++) {
    const KnownService *known = g_ptr_array_index(services->known, i);
    g_autofree char *first = list_origins(known->service);
    if (g_strcmp0(known->service->auth, service->auth) == 0 && g_strcmp0(first, origins) != 0) {
      error_set(error, ERROR_CONFIG,
                "the credential \"%s\" would go to %s for %s, but to %s for %s; put both into one entry, or give both the same"
                " addresses",
                service->auth, first, known->owner, origins, owner);
      return false;
    }
  }
  return true;
}

Services *
services_new(void)
{
  Services *services = g_new0(Services, 1);
  services->known = g_ptr_array_new_with_free_func(free_known);
  return services;
}

void
services_free(Services *services)
{
  if (services == NULL)
    return;
  g_ptr_array_unref(services->known);
  g_free(services);
}

const KnownService *
services_add(Services *services, const Service *service, const char *owner, GError **error)
{
  g_autofree char *prefix = url_canonical(service->prefix, NULL);
  if (prefix == NULL) {
    error_set(error, ERROR_CONFIG, "%s: its address is no http or https address without user information", owner);
    return NULL;
  }
  if (!check_credential(services, service, owner, error))
    return NULL;
  KnownService *known = find_prefix(services, prefix);
  if (known != NULL && strcmp(known->owner, owner) != 0 && !is_same(known->service, service)) {
    error_set(error, ERROR_CONFIG,
              "%s and %s want %s asked with different limits, user agents or credentials; put them into one entry",
              known->owner, owner, prefix);
    return NULL;
  }
  if (known == NULL) {
    known = g_new0(KnownService, 1);
    known->owner = g_strdup(owner);
    known->name = make_name(prefix);
    known->prefix = g_steal_pointer(&prefix);
    g_ptr_array_add(services->known, known);
  }
  service_free(known->service);
  known->service = service_copy(service);
  g_clear_pointer(&known->token, g_free);
  return known;
}

KnownService *
services_find(const Services *services, const char *url)
{
  if (services->known->len == 0)
    return NULL;
  g_autofree char *canonical = url_canonical(url, NULL);
  KnownService *found = NULL;
  for (unsigned i = 0; canonical != NULL && i < services->known->len; i++) {
    KnownService *known = g_ptr_array_index(services->known, i);
    if (g_str_has_prefix(canonical, known->prefix) && (found == NULL || strlen(known->prefix) > strlen(found->prefix)))
      found = known;
  }
  return found;
}
