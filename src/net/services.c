#include "net/services.h"

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
  size_t length = strlen(parts.path);
  while (length > 0 && parts.path[length - 1] == '/')
    length--;
  g_autofree char *path = g_strndup(parts.path, length);
  return g_strconcat(host, path, NULL);
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
services_add(Services *services, const Service *service)
{
  g_autofree char *prefix = url_canonical(service->prefix, NULL);
  if (prefix == NULL)
    return NULL;
  KnownService *known = find_prefix(services, prefix);
  if (known == NULL) {
    known = g_new0(KnownService, 1);
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
