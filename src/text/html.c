#include "text/html.h"

#include "base/text.h"
#include "base/url.h"
#include "text/markup.h"

#include <stdlib.h>
#include <string.h>

typedef enum { INLINE, DROPPED, BLOCK, ROW, BREAK, CELL, LIST_ITEM, PREFORMATTED } Layout;

typedef struct {
  const char *name;
  Layout layout;
} Element;

/* How elements lay out their text, sorted by name; all others are inline. */
static const Element ELEMENTS[] = {
    {"address", BLOCK},    {"article", BLOCK},  {"aside", BLOCK},      {"audio", DROPPED},    {"blockquote", BLOCK},
    {"body", BLOCK},       {"br", BREAK},       {"canvas", DROPPED},   {"caption", BLOCK},    {"center", BLOCK},
    {"dd", BLOCK},         {"details", BLOCK},  {"dialog", BLOCK},     {"div", BLOCK},        {"dl", BLOCK},
    {"dt", BLOCK},         {"fieldset", BLOCK}, {"figcaption", BLOCK}, {"figure", BLOCK},     {"footer", BLOCK},
    {"form", BLOCK},       {"h1", BLOCK},       {"h2", BLOCK},         {"h3", BLOCK},         {"h4", BLOCK},
    {"h5", BLOCK},         {"h6", BLOCK},       {"head", DROPPED},     {"header", BLOCK},     {"hr", BLOCK},
    {"html", BLOCK},       {"iframe", DROPPED}, {"legend", BLOCK},     {"li", LIST_ITEM},     {"main", BLOCK},
    {"menu", BLOCK},       {"nav", BLOCK},      {"noscript", DROPPED}, {"ol", BLOCK},         {"p", BLOCK},
    {"pre", PREFORMATTED}, {"script", DROPPED}, {"section", BLOCK},    {"style", DROPPED},    {"summary", BLOCK},
    {"svg", DROPPED},      {"table", BLOCK},    {"td", CELL},          {"template", DROPPED}, {"th", CELL},
    {"title", DROPPED},    {"tr", ROW},         {"ul", BLOCK},         {"video", DROPPED},
};

/*
 * Writer: text as it is laid out. Space between words and breaks between lines are due until the next visible character.
 * @breaks: 1 for a new line, 2 for a new paragraph
 * @preformatted: open `<pre>` elements
 */
typedef struct {
  GString *text;
  int breaks;
  bool is_space_due;
  bool is_bullet_due;
  int preformatted;
  const char *base_url;
  GPtrArray *links;
} Writer;

static int
compare_element(const void *name, const void *element)
{
  return strcmp(name, ((const Element *) element)->name);
}

static Layout
find_layout(const xmlNode *node)
{
  const Element *element = bsearch(node->name, ELEMENTS, G_N_ELEMENTS(ELEMENTS), sizeof ELEMENTS[0], compare_element);
  return element == NULL ? INLINE : element->layout;
}

static bool
is_hiding(const char *style)
{
  g_autoptr(GString) dense = g_string_new(NULL);
  for (const char *at = style; *at != '\0'; at++)
    if (!g_ascii_isspace(*at))
      g_string_append_c(dense, g_ascii_tolower(*at));
  return strstr(dense->str, "display:none") != NULL || strstr(dense->str, "visibility:hidden") != NULL;
}

static void
put_due(Writer *writer)
{
  while (writer->breaks > 0 && writer->text->len > 0 && g_ascii_isspace(writer->text->str[writer->text->len - 1]))
    g_string_truncate(writer->text, writer->text->len - 1);
  if (writer->text->len > 0 && writer->breaks > 0)
    g_string_append(writer->text, writer->breaks > 1 ? "\n\n" : "\n");
  else if (writer->text->len > 0 && writer->is_space_due)
    g_string_append_c(writer->text, ' ');
  if (writer->is_bullet_due)
    g_string_append(writer->text, "- ");
  writer->breaks = 0;
  writer->is_space_due = false;
  writer->is_bullet_due = false;
}

/* Soft hyphens and zero-width spaces only say where a browser may break a line. */
static bool
is_invisible(gunichar character)
{
  return character == 0xAD || character == 0x200B || character == 0xFEFF;
}

static void
put_text(Writer *writer, const char *content)
{
  const char *end = content + strlen(content);
  size_t step;
  for (const char *at = content; at < end; at += step) {
    step = MAX(text_span_plain(at, end), (size_t) (g_utf8_next_char(at) - at));
    gunichar character = g_utf8_get_char(at);
    if (is_invisible(character))
      continue;
    bool is_space = g_unichar_isspace(character);
    bool is_at_start = writer->breaks > 0 || writer->text->len == 0;
    if (is_space && (writer->preformatted == 0 || (is_at_start && character == '\n'))) {
      writer->is_space_due = true;
      continue;
    }
    put_due(writer);
    g_string_append_len(writer->text, at, (gssize) step);
  }
}

static void
want_breaks(Writer *writer, int breaks)
{
  /* what follows a bullet stands beside it */
  if (!writer->is_bullet_due)
    writer->breaks = MAX(writer->breaks, breaks);
  writer->is_space_due = false;
}

static void
put_link(Writer *writer, const xmlNode *node)
{
  g_autofree char *reference = markup_attribute(node, "href");
  if (reference == NULL || *reference == '\0' || *reference == '#')
    return;
  g_autofree char *address =
      writer->base_url != NULL ? url_resolve(writer->base_url, reference, NULL) : url_canonical(reference, NULL);
  if (address != NULL)
    g_ptr_array_add(writer->links, g_steal_pointer(&address));
}

/* Returns: whether what is below @node belongs to the text */
static bool
enter_element(Writer *writer, const xmlNode *node)
{
  Layout layout = find_layout(node);
  if (layout == DROPPED || markup_is_hidden(node))
    return false;
  if (writer->links != NULL && g_str_equal((const char *) node->name, "a"))
    put_link(writer, node);
  if (layout == BREAK)
    writer->breaks = MIN(writer->breaks + 1, 2);
  else if (layout == ROW || layout == LIST_ITEM)
    want_breaks(writer, 1);
  else if (layout == CELL)
    writer->is_space_due = true;
  else if (layout != INLINE)
    want_breaks(writer, 2);
  writer->is_bullet_due = writer->is_bullet_due || layout == LIST_ITEM;
  writer->preformatted += layout == PREFORMATTED;
  return true;
}

static void
leave_element(Writer *writer, const xmlNode *node)
{
  Layout layout = find_layout(node);
  if (layout == LIST_ITEM)
    writer->is_bullet_due = false;
  if (layout == ROW || layout == LIST_ITEM)
    want_breaks(writer, 1);
  else if (layout == BLOCK || layout == PREFORMATTED)
    want_breaks(writer, 2);
  writer->preformatted -= layout == PREFORMATTED;
}

bool
markup_is_block(const xmlNode *node)
{
  Layout layout = node->type == XML_ELEMENT_NODE ? find_layout(node) : INLINE;
  return layout != INLINE && layout != DROPPED && layout != BREAK;
}

bool
markup_is_hidden(const xmlNode *node)
{
  if (node->properties == NULL)
    return false;
  if (xmlHasProp(node, (const xmlChar *) "hidden") != NULL)
    return true;
  g_autofree char *aria = markup_attribute(node, "aria-hidden");
  if (aria != NULL && g_ascii_strcasecmp(aria, "true") == 0)
    return true;
  g_autofree char *style = markup_attribute(node, "style");
  return style != NULL && is_hiding(style);
}

char *
markup_text(const xmlNode *root, const char *base_url, GPtrArray *ret_links)
{
  Writer writer = {.text = g_string_new(NULL), .base_url = base_url, .links = ret_links};
  const xmlNode *node = root;
  for (;;) {
    bool is_element = node->type == XML_ELEMENT_NODE;
    bool is_entered = is_element && enter_element(&writer, node);
    if (!is_element && node->content != NULL && (node->type == XML_TEXT_NODE || node->type == XML_CDATA_SECTION_NODE))
      put_text(&writer, (const char *) node->content);
    if (is_entered && node->children != NULL) {
      node = node->children;
      continue;
    }
    if (is_entered)
      leave_element(&writer, node);
    while (node != root && node->next == NULL) {
      node = node->parent;
      leave_element(&writer, node);
    }
    if (node == root)
      break;
    node = node->next;
  }
  g_autofree char *text = g_string_free(writer.text, FALSE);
  return g_strchomp(text_clean(text, strlen(text)));
}

static char *
convert(const char *html, size_t length, const char *base_url, GPtrArray *ret_links, bool is_line)
{
  g_autoptr(xmlDoc) document = markup_parse(html, length, is_line);
  const xmlNode *root = document != NULL ? xmlDocGetRootElement(document) : NULL;
  return root == NULL ? g_strdup("") : markup_text(root, base_url, ret_links);
}

char *
html_to_text(const char *html, size_t length, const char *base_url, GPtrArray *ret_links)
{
  return convert(html, length, base_url, ret_links, false);
}

char *
html_to_line(const char *html, size_t length)
{
  bool is_plain = memchr(html, '<', length) == NULL && memchr(html, '&', length) == NULL;
  g_autofree char *text = is_plain ? NULL : convert(html, length, NULL, NULL, true);
  return is_plain ? text_clean_line(html, length) : text_clean_line(text, strlen(text));
}
