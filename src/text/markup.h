/*
 * Foreign HTML as libxml2's tree, and a part of such a tree as text. Private to this layer.
 */
#pragma once

#include <glib.h>
#include <libxml/HTMLparser.h>
#include <stdbool.h>
#include <stddef.h>

/**
 * markup_mend:
 * @html: clean text (base/text.h)
 * @is_line: a title rather than a body: what looks like a tag but is of no known element, or never ends, is text
 *
 * Rewrites what libxml2's HTML 4 parser would read otherwise than a browser (references, "<3", tags inside a title), and takes
 * out what costs it time beyond measure. Script, style and comments are gone afterwards.
 *
 * Returns: (transfer full): HTML that means the same
 */
char *markup_mend(const char *html, bool is_line);

/** markup_parse: the tree of what markup_mend() made of @html, cut at %HTML_MAX_BYTES. Returns: (transfer full) (nullable):
 * NULL when there is nothing in it */
htmlDocPtr markup_parse(const char *html, size_t length, bool is_line);

/** markup_text: @root and all below it as html_to_text() says, with the same @base_url and @ret_links. Returns: (transfer full)
 */
char *markup_text(const xmlNode *root, const char *base_url, GPtrArray *ret_links);

/** markup_attribute: Returns: (transfer full) (nullable): the attribute @name of @node as a clean line */
char *markup_attribute(const xmlNode *node, const char *name);

/** markup_is: whether @node is an element called @name. */
bool markup_is(const xmlNode *node, const char *name);

/** markup_is_block: whether @node is an element whose text stands apart from the text around it. */
bool markup_is_block(const xmlNode *node);

/** markup_is_hidden: whether the element @node says itself that readers do not see it. */
bool markup_is_hidden(const xmlNode *node);

/** markup_next: the node after @node in document order within @root, not below @node where @is_skipping. Returns: (nullable) */
xmlNode *markup_next(xmlNode *node, const xmlNode *root, bool is_skipping);

/** markup_drop: takes @node and all below it out of its tree. */
void markup_drop(xmlNode *node);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(xmlDoc, xmlFreeDoc)
