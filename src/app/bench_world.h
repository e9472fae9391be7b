/*
 * The world that courant bench measures in: invented posts and pages of a simulated internet, the same ones each time.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>

/**
 * What the world holds. Collecting it takes %WORLD_REQUESTS requests: posts and links of two Mastodon instances, a token and
 * eight subreddits, a list and thirty posts of Hacker News, two searches of GitHub; %WORLD_ITEMS posts come of it. The posts of
 * Hacker News link to pages of %WORLD_PAGE_BYTES, each on a host of its own.
 * @WORLD_STORIES: entries of the feeds `a.xml` and `b.xml`, which link to two pages of each host
 * @WORLD_CALLS: entries of the feed `calls.xml`, which link nowhere
 * @WORLD_LATENCY_MS: how late its answers are meant to come
 * @WORLD_CALL_TOKENS: what a call of the language model takes; @WORLD_CALL_MS: how late its answer comes
 */
enum {
  WORLD_REQUESTS = 4 + 9 + 31 + 2,
  WORLD_ITEMS = 2 * 10 + 8 * 10 + 30,
  WORLD_HACKERNEWS = 30,
  WORLD_SUBREDDITS = 8,
  WORLD_PAGE_BYTES = 30 * 1000,
  WORLD_STORIES = 67,
  WORLD_CALLS = 300,
  WORLD_LATENCY_MS = 150,
  WORLD_CALL_TOKENS = 2000,
  WORLD_CALL_MS = 1500,
};

/** WORLD_NOW: when all its posts are already there. */
#define WORLD_NOW "2026-03-02T08:00:00Z"

/** WorldSources: which of its parts a workspace reads. */
typedef enum { WORLD_COMMUNITIES, WORLD_FIRST_FEED, WORLD_SECOND_FEED, WORLD_CALLS_FEED } WorldSources;

/**
 * WorldReader: a workspace that reads the world.
 * @folder: of the workspace
 * @scheme: how the services of @sources are asked, at @port
 * @ca_file: (nullable)
 * @tokens_a_minute: stories are enriched by the world's language model, and so many tokens may be asked of it; 0 leaves it out
 */
typedef struct {
  const char *folder;
  const char *scheme;
  unsigned port;
  WorldSources sources;
  int per_host;
  const char *ca_file;
  int tokens_a_minute;
} WorldReader;

/** world_write: makes the world in @folder, for courant-sim's --world. Errors: IO */
bool world_write(const char *folder, GError **error);

/** world_hosts: Returns: (transfer full) (array zero-terminated=1): the names of the services of #WORLD_COMMUNITIES */
char **world_hosts(void);

/** world_configure: writes the courant.yaml of @reader. Errors: IO */
bool world_configure(const WorldReader *reader, GError **error);
