/*
 * Changes to courant.yaml that keep its comments and layout. Thread: all functions are pure.
 */
#pragma once

#include <glib.h>
#include <stddef.h>

/**
 * config_add_sources:
 * @text: courant.yaml, @length bytes
 * @file: its name for messages
 * @entries: (element-type utf8): each one line, such as `feed: {url: "https://example.org/feed.xml"}`
 *
 * Adds the entries below the last of `sources`, indented as that one is.
 *
 * Returns: (transfer full) (nullable): the new text, to be read again before it is trusted. Errors: CONFIG when it is no YAML,
 *   or `sources` is not a list with a line for each entry
 */
char *config_add_sources(const char *text, size_t length, const char *file, const GPtrArray *entries, GError **error);
