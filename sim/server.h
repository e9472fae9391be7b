/*
 * The sockets of the simulated internet: HTTP/1.1 on loopback, a thread for each connection, so that any number of
 * answers can wait at once.
 */
#pragma once

#include "internet.h"

typedef struct Server Server;

/**
 * server_start:
 * @internet: (transfer none): outlives the server
 * @port: to listen on at 127.0.0.1; 0 takes a free one
 * @latency_ms: added to every answer but those of /_sim/
 *
 * Returns: (transfer full) (nullable): it serves already. Errors: IO when the port is taken
 */
Server *server_start(Internet *internet, unsigned port, int64_t latency_ms, GError **error);

/** server_port: Returns: the port it listens on */
unsigned server_port(const Server *server);

/** server_stop: breaks every connection and frees the server; NULL-safe. */
void server_stop(Server *server);
