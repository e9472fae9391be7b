/*
 * One element of a feed and what it holds. Private to this layer. Thread: all functions are pure.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>

/* libxml2's xmlNode */
struct _xmlNode;

/** feed_node_is: whether @node is an element called @name, in letters of any case. */
bool feed_node_is(const struct _xmlNode *node, const char *name);

/** feed_node_line: Returns: (transfer full): all text in @node (nullable) as one clean line, "" without any */
char *feed_node_line(const struct _xmlNode *node);

/** feed_node_attribute: Returns: (transfer full) (nullable): the attribute @name of @node, with or without a prefix, as a clean
 * line */
char *feed_node_attribute(const struct _xmlNode *node, const char *name);

/** feed_node_markup: Returns: (transfer full): what is inside @node, as XML */
char *feed_node_markup(const struct _xmlNode *node);

/** feed_node_title: Returns: (transfer full): what @node (nullable) says, of whichever type, as one clean line */
char *feed_node_title(const struct _xmlNode *node);

/** feed_node_text: as feed_node_title(), with its paragraphs. Addresses of its links are appended to @links. Returns: (transfer
 * full) (nullable): NULL when there is no text */
char *feed_node_text(const struct _xmlNode *node, GPtrArray *links);

/** feed_node_resolve: @reference, which stands in @node, as an absolute address. Returns: (transfer full) (nullable) */
char *feed_node_resolve(const struct _xmlNode *node, const char *reference);
