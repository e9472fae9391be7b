/*
 * The configured services, each with what the client keeps for it: which one an address belongs to, the name of its limits,
 * its token. Pure.
 */
#pragma once

#include "base/url.h"
#include "model/service.h"

#include <glib.h>
#include <stdint.h>

typedef struct Services Services;

/**
 * KnownService:
 * @prefix: of the service, in canonical form
 * @owner: as an error names it
 * @name: by which its limits are counted: host, ":port" where it is not the scheme's own, the path of the prefix
 * @token: (nullable): got with the client id and the secret; used until @token_until_ms (monotonic)
 * @refused_status: of a call: its key was refused so, as that of the next would be; 0 for none
 * @waiting: the client's: what waits for a token; a request for one is under way while there is any
 */
typedef struct {
  Service *service;
  char *prefix;
  char *owner;
  char *name;
  char *token;
  int64_t token_until_ms;
  long refused_status;
  GQueue waiting;
} KnownService;

/** services_host: Returns: (transfer full): the name by which the limits of the host of @url are counted */
char *services_host(const Url *url);

/** services_new: Returns: (transfer full): without any */
Services *services_new(void);

/** services_free: NULL-safe. */
void services_free(Services *services);

/** services_add: as client_add_service(). Returns: (transfer none) (nullable): as it is known from now on */
const KnownService *services_add(Services *services, const Service *service, const char *owner, GError **error);

/** services_find: Returns: (transfer none) (nullable): the service with the longest prefix that @url begins with */
KnownService *services_find(const Services *services, const char *url);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Services, services_free)
