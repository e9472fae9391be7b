/*
 * Lists of feeds as readers exchange them: OPML 2.0 (http://opml.org/spec2.opml). Thread: all functions are pure.
 */
#pragma once

#include "text/discover.h"

/** OPML_MAX_BYTES: a larger list is refused. */
enum { OPML_MAX_BYTES = 4 * 1024 * 1024 };

/**
 * opml_read:
 * @text: the list, @length bytes
 * @ret_passed_over: (out) (optional): how many outlines have an address that is not http(s) or that nothing could fetch
 *
 * Returns: (transfer full) (element-type FeedLink) (nullable): every outline with an http(s) xmlUrl, however deep, in order,
 *   each address once. Errors: BAD_DATA when it is no OPML, or names no feed
 */
GPtrArray *opml_read(const char *text, size_t length, size_t *ret_passed_over, GError **error);

/** opml_write: @links (element-type FeedLink); @title: of the list. Returns: (transfer full) */
char *opml_write(const GPtrArray *links, const char *title);
