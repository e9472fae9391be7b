/*
 * Changes to courant.yaml that keep its comments and layout. Thread: all functions are pure.
 */
#pragma once

#include <glib.h>
#include <stddef.h>

/** CONFIG_MAX_BYTES: a larger courant.yaml is refused. */
enum { CONFIG_MAX_BYTES = 1024 * 1024 };

/**
 * config_add_sources:
 * @text: courant.yaml, @length bytes
 * @file: its name for messages
 * @entries: (element-type utf8): each one line, such as `feed: {url: "https://example.org/feed.xml"}`
 *
 * Adds the entries below the last of `sources`, indented as that one is.
 *
 * Returns: (transfer full) (nullable): the new text, which was read again: it means the old one and the entries, no more and no
 *   less. Errors: CONFIG when @text is no YAML, the new text is too large, or there is no place for a line below the last entry
 */
char *config_add_sources(const char *text, size_t length, const char *file, const GPtrArray *entries, GError **error);
