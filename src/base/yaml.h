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
 * @is_quoted: a scalar written in quotes (an unquoted empty scalar, `~` or `null` means "not given")
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
 * Errors: CONFIG "NAME:LINE: reason" for bad syntax, aliases, a key given twice, keys that are no scalars, more than 64 levels
 */
YamlNode *yaml_parse(const char *text, size_t length, const char *name, GError **error);

/** yaml_free: NULL-safe. */
void yaml_free(YamlNode *node);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(YamlNode, yaml_free)
