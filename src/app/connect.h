/*
 * The HTTP client as a workspace's configuration and the environment want it.
 */
#pragma once

#include "app/command.h"
#include "model/config.h"
#include "net/client.h"
#include "pipeline/workers.h"
#include "store/store.h"

/**
 * connect_client:
 * @workers: how many requests at once
 * @opens_connections: false for a client that will never be asked anything, which needs no certificates
 *
 * Returns: (transfer full) (nullable): a client that knows the services of all configured sources. Errors: CONFIG
 */
Client *connect_client(const Invocation *invocation, const Config *config, const Workers *workers, bool opens_connections,
                       GError **error);

/** connect_restore: what earlier runs learnt of the limits of hosts counts for @client, too. */
bool connect_restore(Client *client, Store *store, GError **error);

/** connect_held_ms: Returns: how long a limit or a pause would hold up @request, of which nothing is sent; @client has nothing
 * else to do */
int64_t connect_held_ms(Client *client, const Request *request);
