/*
 * What becomes of a client's calls: each waits, is due, is tried, and waits again or ends. client.c decides when. No other
 * file includes this.
 */
#pragma once

#include "net/call.h"
#include "net/client.h"
#include "net/schedule.h"

#include "base/error.h"

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

/**
 * Client:
 * @active: (element-type Call): those that hold a place: paid ones that are due, and all that are under way
 * @ended: (element-type ClientAnswer): what has happened and was not taken yet
 * @has_fresh: there is something to do for the next client_perform()
 */
struct Client {
  Transport *transport;
  Services *services;
  Limiter *limiter;
  Schedule *schedule;
  GRand *random;
  GPtrArray *active;
  GQueue ended;
  int64_t in_flight;
  int64_t max_tries;
  int64_t retry_base_ms;
  int64_t deadline_ms;
  bool refuses_strangers;
  bool has_fresh;
};

/** calls_enqueue: @call (transfer full) waits for its turn, from now on. */
void calls_enqueue(Client *client, Call *call);

/** calls_begin: it is the turn of @call (transfer full): it goes out, is due, or waits for a token. */
void calls_begin(Client *client, Call *call, int64_t now_ms);

/** calls_send: @call, which holds its place, goes out. */
void calls_send(Client *client, Call *call, int64_t now_ms);

/** calls_settle: a try of @call (transfer full) ended with @reply (transfer full). */
void calls_settle(Client *client, Call *call, Reply *reply);

/** calls_stop: @call is not under way nor due any more. */
void calls_stop(Client *client, Call *call);

/** calls_end: @call (transfer full), which holds no place, ends with @reply (transfer full). */
void calls_end(Client *client, Call *call, Reply *reply);

/** calls_fail: @call (transfer full), which holds no place, ends with an error of @code that names it. */
void calls_fail(Client *client, Call *call, ErrorCode code, const char *format, ...) G_GNUC_PRINTF(4, 5);
