#include "app/connect.h"

#include "base/error.h"
#include "base/url.h"
#include "sources/source.h"

enum { TIMEOUT_MS = 30 * 1000, CONNECT_TIMEOUT_MS = 10 * 1000, MAX_TRIES = 4, RETRY_BASE_MS = 500 };

static bool
has_proxy(const char *const *environment)
{
  static const char *const NAMES[] = {"http_proxy", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"};
  for (size_t i = 0; i < G_N_ELEMENTS(NAMES); i++) {
    const char *value = g_environ_getenv((char **) environment, NAMES[i]);
    if (value != NULL && *value != '\0')
      return true;
  }
  return false;
}

/* A credential is for one origin: two entries of a source must not send it to the host of each other. @origins: by the
 * credential's name */
static bool
check_credential(const Service *service, GHashTable *origins, GError **error)
{
  g_autofree char *origin = url_origin(service->prefix);
  const char *first = g_hash_table_lookup(origins, service->auth);
  if (first == NULL)
    g_hash_table_insert(origins, g_strdup(service->auth), g_steal_pointer(&origin));
  else if (g_strcmp0(first, origin) != 0) {
    error_set(error, ERROR_CONFIG, "sources: the credential \"%s\" would go to %s and to %s; it may go to one of them only",
              service->auth, first, origin);
    return false;
  }
  return true;
}

static bool
add_services(Client *client, const Config *config, GError **error)
{
  g_autoptr(GHashTable) origins = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
  for (guint i = 0; i < config->sources->len; i++) {
    const ConfiguredSource *configured = g_ptr_array_index(config->sources, i);
    const Source *source = source_find(configured->section->name);
    g_autoptr(GPtrArray) services = source->services != NULL ? source->services(configured->values) : NULL;
    for (guint j = 0; services != NULL && j < services->len; j++) {
      const Service *service = g_ptr_array_index(services, j);
      if (service->auth != NULL && !check_credential(service, origins, error))
        return false;
      client_add_service(client, service);
    }
  }
  return true;
}

Client *
connect_client(const Invocation *invocation, const Config *config, const Workers *workers, bool opens_connections,
               GError **error)
{
  const NetworkOptions *network = config->network;
  bool has_contact = *network->contact != '\0';
  g_autofree char *user_agent =
      g_strdup_printf("courant/%s%s%s%s", COURANT_VERSION, has_contact ? " (+" : "", network->contact, has_contact ? ")" : "");
  bool has_ca_file = *network->ca_file != '\0' && opens_connections;
  g_autofree char *ca_file = has_ca_file ? g_canonicalize_filename(network->ca_file, invocation->folder) : NULL;
  const ClientOptions options = {
      .user_agent = user_agent,
      .ca_file = ca_file,
      .allow_private = (const char *const *) network->allow_private,
      .has_proxy = has_proxy(invocation->environment),
      .is_proxy_filter = network->proxy_is_filter,
      .in_flight = workers->requests,
      .in_flight_per_host = workers->per_host,
      .timeout_ms = TIMEOUT_MS,
      .connect_timeout_ms = CONNECT_TIMEOUT_MS,
      .max_tries = MAX_TRIES,
      .retry_base_ms = RETRY_BASE_MS,
      .seed = g_random_int(),
  };
  g_autoptr(Client) client = client_new(&options, error);
  return client != NULL && add_services(client, config, error) ? g_steal_pointer(&client) : NULL;
}
