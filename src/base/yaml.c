#include "base/yaml.h"

#include "base/error.h"
#include "base/text.h"

#include <string.h>
#include <yaml.h>

enum { MAX_BYTES = 1024 * 1024, MAX_DEPTH = 64 };

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(yaml_parser_t, yaml_parser_delete)
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(yaml_event_t, yaml_event_delete)

/* @open: the lists and mappings begun and not ended, the innermost last, owned by @root.
 * @keys: "NODE KEY" of every mapping so far, with its line */
typedef struct {
  const char *name;
  YamlNode *root;
  GPtrArray *open;
  GHashTable *keys;
} Builder;

static unsigned
line_of(yaml_mark_t mark)
{
  return (unsigned) mark.line + 1;
}

static YamlNode *
node_new(YamlKind kind, unsigned line)
{
  YamlNode *node = g_new0(YamlNode, 1);
  node->kind = kind;
  node->line = line;
  if (kind == YAML_MAPPING)
    node->keys = g_ptr_array_new_with_free_func((GDestroyNotify) yaml_node_free);
  if (kind != YAML_SCALAR)
    node->values = g_ptr_array_new_with_free_func((GDestroyNotify) yaml_node_free);
  return node;
}

static bool
syntax_error(const yaml_parser_t *parser, const char *text, const char *name, GError **error)
{
  unsigned line = line_of(parser->problem_mark);
  if (parser->error == YAML_READER_ERROR) {
    line = 1;
    for (size_t i = 0; i < parser->problem_offset; i++)
      line += text[i] == '\n';
  }
  if (parser->context == NULL)
    error_set(error, ERROR_CONFIG, "%s:%u: %s", name, line, parser->problem);
  else
    error_set(error, ERROR_CONFIG, "%s:%u: %s, %s that begins in line %u", name, line, parser->problem, parser->context,
              line_of(parser->context_mark));
  return false;
}

/* Adds @key to the innermost mapping. */
static bool
add_key(Builder *builder, YamlNode *mapping, YamlNode *key, GError **error)
{
  g_ptr_array_add(mapping->keys, key);
  if (key->kind != YAML_SCALAR) {
    error_set(error, ERROR_CONFIG, "%s:%u: a list or a mapping cannot be a key", builder->name, key->line);
    return false;
  }
  char *place = g_strdup_printf("%p %s", (void *) mapping, key->text);
  unsigned first = GPOINTER_TO_UINT(g_hash_table_lookup(builder->keys, place));
  g_hash_table_insert(builder->keys, place, GUINT_TO_POINTER(first != 0 ? first : key->line));
  if (first == 0)
    return true;
  g_autofree char *printable = text_printable(key->text);
  error_set(error, ERROR_CONFIG, "%s:%u: key \"%s\" is given twice, first in line %u", builder->name, key->line, printable,
            first);
  return false;
}

/* Puts @node, which it takes, where the document stands. */
static bool
add_node(Builder *builder, YamlNode *node, GError **error)
{
  if (builder->open->len == 0) {
    builder->root = node;
    return true;
  }
  YamlNode *parent = builder->open->pdata[builder->open->len - 1];
  if (parent->kind == YAML_MAPPING && parent->keys->len == parent->values->len)
    return add_key(builder, parent, node, error);
  g_ptr_array_add(parent->values, node);
  return true;
}

static bool
add_scalar(Builder *builder, const yaml_event_t *event, GError **error)
{
  unsigned line = line_of(event->start_mark);
  const char *text = (const char *) event->data.scalar.value;
  for (size_t i = 0; i < event->data.scalar.length; i++)
    if (g_ascii_iscntrl(text[i]) && text[i] != '\n' && text[i] != '\t') {
      error_set(error, ERROR_CONFIG, "%s:%u: control characters are not allowed", builder->name, line);
      return false;
    }
  YamlNode *node = node_new(YAML_SCALAR, line);
  node->text = g_strdup(text);
  node->is_quoted = event->data.scalar.style != YAML_PLAIN_SCALAR_STYLE;
  return add_node(builder, node, error);
}

static bool
open_node(Builder *builder, YamlKind kind, const yaml_event_t *event, GError **error)
{
  unsigned line = line_of(event->start_mark);
  if (builder->open->len == MAX_DEPTH) {
    error_set(error, ERROR_CONFIG, "%s:%u: nested more than %d levels deep", builder->name, line, MAX_DEPTH);
    return false;
  }
  YamlNode *node = node_new(kind, line);
  bool is_added = add_node(builder, node, error);
  g_ptr_array_add(builder->open, node);
  return is_added;
}

static bool
has_reference(const yaml_event_t *event)
{
  switch (event->type) {
  case YAML_ALIAS_EVENT:
    return true;
  case YAML_SCALAR_EVENT:
    return event->data.scalar.anchor != NULL || event->data.scalar.tag != NULL;
  case YAML_SEQUENCE_START_EVENT:
    return event->data.sequence_start.anchor != NULL || event->data.sequence_start.tag != NULL;
  case YAML_MAPPING_START_EVENT:
    return event->data.mapping_start.anchor != NULL || event->data.mapping_start.tag != NULL;
  default:
    return false;
  }
}

static bool
take_event(Builder *builder, const yaml_event_t *event, GError **error)
{
  unsigned line = line_of(event->start_mark);
  if (has_reference(event)) {
    error_set(error, ERROR_CONFIG, "%s:%u: anchors (&), aliases (*) and tags (!) are not allowed; quote a text that begins so",
              builder->name, line);
    return false;
  }
  switch (event->type) {
  case YAML_DOCUMENT_START_EVENT:
    if (builder->root == NULL)
      return true;
    error_set(error, ERROR_CONFIG, "%s:%u: a second document begins, only one is allowed", builder->name, line);
    return false;
  case YAML_SCALAR_EVENT:
    return add_scalar(builder, event, error);
  case YAML_SEQUENCE_START_EVENT:
    return open_node(builder, YAML_SEQUENCE, event, error);
  case YAML_MAPPING_START_EVENT:
    return open_node(builder, YAML_MAPPING, event, error);
  case YAML_SEQUENCE_END_EVENT:
  case YAML_MAPPING_END_EVENT:
    g_ptr_array_set_size(builder->open, (int) builder->open->len - 1);
    return true;
  default:
    return true;
  }
}

static bool
build(Builder *builder, const char *text, size_t length, GError **error)
{
  g_auto(yaml_parser_t) parser;
  if (yaml_parser_initialize(&parser) == 0)
    g_error("out of memory");
  yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING);
  yaml_parser_set_input_string(&parser, (const unsigned char *) text, length);
  for (bool is_at_end = false; !is_at_end;) {
    g_auto(yaml_event_t) event = {0};
    if (yaml_parser_parse(&parser, &event) == 0)
      return syntax_error(&parser, text, builder->name, error);
    if (!take_event(builder, &event, error))
      return false;
    is_at_end = event.type == YAML_STREAM_END_EVENT;
  }
  return true;
}

YamlNode *
yaml_parse(const char *text, size_t length, const char *name, GError **error)
{
  if (length > MAX_BYTES) {
    error_set(error, ERROR_CONFIG, "%s: larger than %d bytes", name, MAX_BYTES);
    return NULL;
  }
  g_autoptr(GPtrArray) open = g_ptr_array_new();
  g_autoptr(GHashTable) keys = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
  Builder builder = {.name = name, .open = open, .keys = keys};
  bool is_built = build(&builder, text, length, error);
  g_autoptr(YamlNode) root = builder.root;
  if (!is_built)
    return NULL;
  return yaml_node_is_absent(root) ? node_new(YAML_MAPPING, 1) : g_steal_pointer(&root);
}

bool
yaml_node_is_absent(const YamlNode *node)
{
  if (node == NULL)
    return true;
  if (node->kind != YAML_SCALAR || node->is_quoted)
    return false;
  return *node->text == '\0' || strcmp(node->text, "~") == 0 || strcmp(node->text, "null") == 0;
}

const YamlNode *
yaml_node_find(const YamlNode *node, const char *key)
{
  if (node == NULL || node->kind != YAML_MAPPING)
    return NULL;
  for (guint i = 0; i < node->keys->len; i++) {
    const YamlNode *candidate = node->keys->pdata[i];
    if (strcmp(candidate->text, key) == 0)
      return node->values->pdata[i];
  }
  return NULL;
}

void
yaml_node_free(YamlNode *node)
{
  if (node == NULL)
    return;
  g_clear_pointer(&node->keys, g_ptr_array_unref);
  g_clear_pointer(&node->values, g_ptr_array_unref);
  g_free(node->text);
  g_free(node);
}
