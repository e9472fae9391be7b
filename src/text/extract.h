/*
 * The main text of a page.
 */
#pragma once

#include <glib.h>
#include <stddef.h>

/**
 * Page: what a page says of itself. Every text is clean.
 * @title: from og:title, else `<title>`, without the site's name at its end, at most %ITEM_MAX_TITLE_CHARS characters,
 *   perhaps ""
 * @site_name: from og:site_name, cut as @title, perhaps ""
 * @language: (nullable): lower-case primary subtag of `<html lang>`
 * @canonical_url: (nullable): `<link rel=canonical>` where it stays on the same registrable domain
 * @text: the main text, paragraphs separated by blank lines; "" where there is none, or a wall before it: a page not found,
 *   for people who log in, consent or run scripts
 */
typedef struct {
  char *title;
  char *site_name;
  char *language;
  char *canonical_url;
  char *text;
} Page;

/**
 * extract_page:
 * @html: the document as served, @length bytes; cut at %HTML_MAX_BYTES
 * @charset: (nullable): from the Content-Type header; a BOM and `<meta charset>` are honoured too
 * @url: where it was fetched
 *
 * Returns: (transfer full) (nullable). Errors: BAD_DATA when it is no HTML
 */
Page *extract_page(const char *html, size_t length, const char *charset, const char *url, GError **error);

/** page_free: NULL-safe. */
void page_free(Page *page);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Page, page_free)
