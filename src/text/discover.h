/*
 * The feeds that a page announces. Thread: all functions are pure.
 */
#pragma once

#include <glib.h>
#include <stddef.h>

/** FeedLink: @url absolute; @title one line, perhaps "" */
typedef struct {
  char *url;
  char *title;
} FeedLink;

/** feed_link_new: copies its texts. Returns: (transfer full) */
FeedLink *feed_link_new(const char *url, const char *title);

/** feed_link_free: NULL-safe. */
void feed_link_free(FeedLink *link);

/**
 * discover_feeds:
 * @html: the document as served, @length bytes
 * @charset: (nullable): from the Content-Type header
 * @url: where it was fetched; `<base href>` is honoured
 *
 * Returns: (transfer full) (element-type FeedLink): what `<link rel=alternate>` names as RSS, Atom or JSON Feed, in the page's
 *   order, each address once, at most 20
 */
GPtrArray *discover_feeds(const char *html, size_t length, const char *charset, const char *url);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(FeedLink, feed_link_free)
