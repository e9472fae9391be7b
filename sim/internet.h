/*
 * The simulated internet without its sockets: what is asked, what is answered, and the log of both.
 * Thread: any, but for internet_new() and internet_free().
 */
#pragma once

#include "answer.h"

typedef struct Internet Internet;

/**
 * InternetOptions:
 * @world: folder of the world
 * @folder: (nullable): folder of recorded replies, served instead of the world
 * @posts: (nullable): file of posts, of which the world is made instead
 * @script: (nullable): file of fault rules
 * @log: (nullable): file that gets the log too
 * @day: of the world, from 1
 * @is_unlimited: the services' limits do not count
 */
typedef struct {
  const char *world;
  const char *folder;
  const char *posts;
  const char *script;
  const char *log;
  int day;
  bool is_unlimited;
} InternetOptions;

/** internet_new: Returns: (transfer full) (nullable). Errors: BAD_DATA for a wrong script, world or day; IO */
Internet *internet_new(const InternetOptions *options, GError **error);

/** internet_free: NULL-safe. */
void internet_free(Internet *internet);

/** internet_ask: decides the answer and logs it; /_sim/ steers the simulation itself and is not logged.
 * Returns: (transfer full) */
Answer *internet_ask(Internet *internet, const Asked *asked);

/** internet_end: @asked is no longer in flight: its last bytes are about to leave, or its client did. */
void internet_end(Internet *internet, const Asked *asked);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Internet, internet_free)
