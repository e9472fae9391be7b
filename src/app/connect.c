#include "app/connect.h"

#include "app/workspace.h"
#include "os/process.h"
#include "pipeline/chain.h"
#include "sources/source.h"
#include "store/peers.h"

enum { TIMEOUT_MS = 30 * 1000, CALL_TIMEOUT_MS = 120 * 1000, CONNECT_TIMEOUT_MS = 10 * 1000 };
enum { MAX_TRIES = 4, RETRY_BASE_MS = 500 };
enum { OWN_FILES = 64, IDLE_CONNECTIONS = 128 }; /* what may be open besides the connections of requests under way */

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

static bool
add_sources(Client *client, const Config *config, GError **error)
{
  for (guint i = 0; i < config->sources->len; i++) {
    const ConfiguredSource *configured = g_ptr_array_index(config->sources, i);
    const Source *source = source_find(configured->section->name);
    g_autoptr(GPtrArray) services = source->services != NULL ? source->services(configured->values) : NULL;
    g_autofree char *owner = g_strdup_printf("sources[%u] (%s)", i, source->section.name);
    for (guint j = 0; services != NULL && j < services->len; j++)
      if (!client_add_service(client, g_ptr_array_index(services, j), owner, error))
        return false;
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
  if (opens_connections && !process_allow_files(OWN_FILES + MAX(IDLE_CONNECTIONS, workers->requests), error))
    return NULL;
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
      .call_timeout_ms = CALL_TIMEOUT_MS,
      .connect_timeout_ms = CONNECT_TIMEOUT_MS,
      .max_tries = MAX_TRIES,
      .retry_base_ms = RETRY_BASE_MS,
      .seed = g_random_int(),
  };
  g_autoptr(Client) client = client_new(&options, error);
  if (client == NULL)
    return NULL;
  if (add_sources(client, config, error) && chain_add_services(client, config, error))
    return g_steal_pointer(&client);
  g_prefix_error(error, "%s: ", CONFIG_FILE);
  return NULL;
}

static void
restore_host(const HostState *host, void *client)
{
  client_restore_host(client, host, false);
}

bool
connect_restore(Client *client, Store *store, GError **error)
{
  return peers_each_host(store, restore_host, client, error);
}

int64_t
connect_held_ms(Client *client, const Request *request)
{
  client_submit(client, request, NULL, NULL);
  int64_t held_ms = client_held_ms(client, NULL);
  /* past its deadline a client starts nothing and gives up what waits */
  client_set_deadline(client, INT64_MIN);
  client_perform(client);
  client_answer_free(client_take(client));
  client_set_deadline(client, INT64_MAX);
  return held_ms;
}
