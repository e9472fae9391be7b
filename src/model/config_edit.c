#include "model/config_edit.h"

#include "base/error.h"
#include "base/yaml.h"

#include <stdint.h>
#include <string.h>

static size_t
measure_indent(const char *line)
{
  return strspn(line, " ");
}

static bool
is_content(const char *line)
{
  const char *first = line + measure_indent(line);
  return *first != '\0' && *first != '#' && *first != '\r';
}

/* Returns: the index of the line with the dash of the entry that begins in line @index, or SIZE_MAX; a dash above that line has
 * nothing behind it */
static size_t
find_dash(char *const *lines, size_t index)
{
  for (size_t i = index + 1; i-- > 0;) {
    const char *first = lines[i] + measure_indent(lines[i]);
    if (first[0] == '-' && strchr(" \r", first[1]) != NULL)
      return i == index || !is_content(first + 1) ? i : SIZE_MAX;
    if (is_content(lines[i]) && i != index)
      return SIZE_MAX;
  }
  return SIZE_MAX;
}

/* Returns: the index of the last line of the entry whose dash is in line @dash: all that follows and is indented deeper, a
 * comment too, for it may be an option that waits to be uncommented */
static size_t
find_end(char *const *lines, size_t dash)
{
  size_t indent = measure_indent(lines[dash]);
  size_t end = dash;
  for (size_t i = dash + 1; lines[i] != NULL; i++) {
    bool is_deeper = measure_indent(lines[i]) > indent;
    if (is_content(lines[i]) && !is_deeper)
      break;
    if (is_deeper && lines[i][measure_indent(lines[i])] != '\0')
      end = i;
  }
  return end;
}

/* Returns: (transfer full) (nullable): the lines of @text with @entries below the one that begins in line @index */
static char *
insert_below(const char *text, size_t index, const GPtrArray *entries)
{
  g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
  /* YAML knows line breaks that are none here */
  size_t dash = index < g_strv_length(lines) ? find_dash(lines, index) : SIZE_MAX;
  if (dash == SIZE_MAX)
    return NULL;
  size_t end = find_end(lines, dash);
  GString *changed = g_string_new(NULL);
  for (size_t i = 0; lines[i] != NULL; i++) {
    g_string_append_printf(changed, "%s%s", i > 0 ? "\n" : "", lines[i]);
    for (guint j = 0; i == end && j < entries->len; j++)
      g_string_append_printf(changed, "\n%*s- %s", (int) measure_indent(lines[dash]), "",
                             (const char *) g_ptr_array_index(entries, j));
  }
  return g_string_free(changed, false);
}

static bool
are_equal(const YamlNode *a, const YamlNode *b)
{
  if (a->kind != b->kind)
    return false;
  if (a->kind == YAML_SCALAR)
    return a->is_quoted == b->is_quoted && g_str_equal(a->text, b->text);
  if (a->values->len != b->values->len)
    return false;
  for (guint i = 0; i < a->values->len; i++)
    if (!are_equal(a->values->pdata[i], b->values->pdata[i]) ||
        (a->kind == YAML_MAPPING && !are_equal(a->keys->pdata[i], b->keys->pdata[i])))
      return false;
  return true;
}

/* Whether @changed (nullable) means what @root does with @entries at the end of its @list, and nothing else. @list grows. */
static bool
has_only_added(const YamlNode *root, const YamlNode *list, const GPtrArray *entries, const char *changed)
{
  g_autoptr(YamlNode) changed_root = changed != NULL ? yaml_parse(changed, strlen(changed), "", NULL) : NULL;
  for (guint i = 0; i < entries->len; i++) {
    const char *entry = g_ptr_array_index(entries, i);
    YamlNode *node = yaml_parse(entry, strlen(entry), "", NULL);
    if (node == NULL)
      return false;
    g_ptr_array_add(list->values, node);
  }
  return changed_root != NULL && are_equal(changed_root, root);
}

char *
config_add_sources(const char *text, size_t length, const char *file, const GPtrArray *entries, GError **error)
{
  g_autoptr(YamlNode) root = yaml_parse(text, length, file, error);
  if (root == NULL)
    return NULL;
  const YamlNode *list = yaml_node_find(root, "sources");
  bool is_list = list != NULL && list->kind == YAML_SEQUENCE && list->values->len > 0;
  const YamlNode *last = is_list ? g_ptr_array_index(list->values, list->values->len - 1) : NULL;
  g_autofree char *whole = g_strndup(text, length);
  g_autofree char *changed = is_list ? insert_below(whole, last->line - 1, entries) : NULL;
  if (changed != NULL && strlen(changed) > CONFIG_MAX_BYTES) {
    error_set(error, ERROR_CONFIG, "%s would have %zu bytes, more than the %d that are read; add fewer sources", file,
              strlen(changed), CONFIG_MAX_BYTES);
    return NULL;
  }
  if (is_list && has_only_added(root, list, entries, changed))
    return g_steal_pointer(&changed);
  error_set(error, ERROR_CONFIG, "%s: sources is no list with room for a line below its last entry; add the line by hand",
            file);
  return NULL;
}
