#include "model/service.h"

Service *
service_new(char *prefix)
{
  Service *service = g_new0(Service, 1);
  service->prefix = prefix;
  return service;
}

Service *
service_copy(const Service *service)
{
  Service *copy = g_memdup2(service, sizeof *service);
  copy->prefix = g_strdup(service->prefix);
  copy->user_agent = g_strdup(service->user_agent);
  copy->auth = g_strdup(service->auth);
  copy->secret = g_strdup(service->secret);
  copy->client_id = g_strdup(service->client_id);
  copy->token_url = g_strdup(service->token_url);
  return copy;
}

void
service_free(Service *service)
{
  if (service == NULL)
    return;
  g_free(service->prefix);
  g_free(service->user_agent);
  g_free(service->auth);
  g_free(service->secret);
  g_free(service->client_id);
  g_free(service->token_url);
  g_free(service);
}
