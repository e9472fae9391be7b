/*
 * Posts of one file as a world: each by the protocol of its community, which its metadata tells.
 */
#pragma once

#include "world.h"

/**
 * posts_open:
 * @path: NDJSON, a post a line: when, source, text, length, metadata
 *
 * Ids, authors and addresses are made of the line's number; the rest is what the post says. The world has one day, the newest
 * `when`, and no limits.
 *
 * Returns: (transfer full) (nullable). Errors: IO; BAD_DATA `posts.ndjson:7: ...`
 */
World *posts_open(const char *path, GError **error);
