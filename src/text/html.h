/*
 * Foreign HTML to text, once, where it enters. Thread: all functions are pure (libxml2 initialised at start-up).
 */
#pragma once

#include <glib.h>
#include <stddef.h>

/** HTML_MAX_BYTES: what is parsed of one page; the rest is cut. */
enum { HTML_MAX_BYTES = 512 * 1024 };

/**
 * html_to_text:
 * @html: a fragment or a document, UTF-8 (broken bytes are mended), @length bytes
 * @base_url: (nullable): what relative links are resolved against
 * @ret_links: (element-type utf8) (nullable): absolute http(s) addresses of links are appended, in order
 *
 * Blocks become paragraphs separated by one blank line, `<br>` a line break, list items begin with "- ", runs of white space
 * become one space (kept in `<pre>`); script, style, template, comments and hidden markup give nothing. References are decoded
 * exactly once.
 *
 * Returns: (transfer full): clean text (base/text.h) without markup
 */
char *html_to_text(const char *html, size_t length, const char *base_url, GPtrArray *ret_links);

/** html_to_line: as html_to_text() on one line, for titles. Returns: (transfer full) */
char *html_to_line(const char *html, size_t length);
