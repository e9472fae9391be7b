/*
 * YAML as a tree that remembers its lines. Aliases and anchors are refused; every scalar is text until an
 * option's type decides.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

typedef enum { YAML_SCALAR, YAML_SEQUENCE, YAML_MAPPING } YamlKind;

/**
 * YamlNode:
 * @line: 1-based line where it begins
 * @text: of a scalar
 * @is_quoted: a scalar written in quotes
 * @keys: of a mapping, (element-type YamlNode), in the order written; @values stand beside them
 * @values: of a mapping or a sequence, (element-type YamlNode)
 */
typedef struct YamlNode YamlNode;
struct YamlNode {
  YamlKind kind;
  unsigned line;
  char *text;
  bool is_quoted;
  GPtrArray *keys;
  GPtrArray *values;
};

/**
 * yaml_parse:
 * @text: the whole document, @length bytes
 * @name: the file's name for messages
 *
 * Returns: (transfer full) (nullable): the root; an empty document is an empty mapping.
 * Errors: CONFIG "NAME:LINE: reason" for bad syntax, control characters, anchors, aliases, tags, a key given twice, keys that
 * are no scalars, a second document, more than 64 levels; "NAME: reason" for more than 1 MB
 */
YamlNode *yaml_parse(const char *text, size_t length, const char *name, GError **error);

/** yaml_node_is_absent: Returns: true when @node (nullable) says "not given": NULL, an unquoted empty scalar, `~` or `null` */
bool yaml_node_is_absent(const YamlNode *node);

/** yaml_node_find: Returns: (transfer none) (nullable): the value at @key of @node; NULL when @node (nullable) is no mapping or
 * lacks it */
const YamlNode *yaml_node_find(const YamlNode *node, const char *key);

/** yaml_node_free: NULL-safe. */
void yaml_node_free(YamlNode *node);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(YamlNode, yaml_node_free)
