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

/* Whether YAML counts more lines in @text than there are line feeds. */
static bool
has_odd_line_breaks(const char *text)
{
  static const char *const BREAKS[] = {"\xC2\x85", "\xE2\x80\xA8", "\xE2\x80\xA9"};
  for (size_t i = 0; i < G_N_ELEMENTS(BREAKS); i++)
    if (strstr(text, BREAKS[i]) != NULL)
      return true;
  const char *at = text;
  while ((at = strchr(at, '\r')) != NULL && at[1] == '\n')
    at++;
  return at != NULL;
}

/* Returns: the index of the line with the dash of the entry that begins in line @index, or SIZE_MAX */
static size_t
find_dash(char *const *lines, size_t index)
{
  for (size_t i = index + 1; i-- > 0;) {
    const char *first = lines[i] + measure_indent(lines[i]);
    if (first[0] == '-' && strchr(" \r", first[1]) != NULL)
      return i;
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

char *
config_add_sources(const char *text, size_t length, const char *file, const GPtrArray *entries, GError **error)
{
  g_autoptr(YamlNode) root = yaml_parse(text, length, file, error);
  if (root == NULL)
    return NULL;
  const YamlNode *list = yaml_node_find(root, "sources");
  g_autofree char *whole = g_strndup(text, length);
  g_auto(GStrv) lines = g_strsplit(whole, "\n", -1);
  size_t dash = SIZE_MAX;
  if (list != NULL && list->kind == YAML_SEQUENCE && list->values->len > 0 && !has_odd_line_breaks(whole)) {
    const YamlNode *last = g_ptr_array_index(list->values, list->values->len - 1);
    dash = find_dash(lines, last->line - 1);
  }
  if (dash == SIZE_MAX) {
    error_set(error, ERROR_CONFIG, "%s: sources is no list with a line for each entry; add the lines by hand", file);
    return NULL;
  }
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
