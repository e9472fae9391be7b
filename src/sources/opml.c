#include "sources/opml.h"

#include "base/error.h"
#include "base/text.h"
#include "base/url.h"
#include "sources/reading.h"

#include <libxml/parser.h>
#include <string.h>

G_DEFINE_AUTOPTR_CLEANUP_FUNC(xmlDoc, xmlFreeDoc)

/* Returns: (transfer full) (nullable): the attribute @name as a clean line */
static char *
read_attribute(xmlNode *node, const char *name)
{
  xmlChar *value = xmlGetNoNsProp(node, (const xmlChar *) name);
  if (value == NULL)
    return NULL;
  char *line = text_clean_line((const char *) value, strlen((const char *) value));
  xmlFree(value);
  return line;
}

/* Returns: false when @node has an address, but none that can be fetched */
static bool
read_outline(xmlNode *node, GHashTable *seen, GPtrArray *links)
{
  g_autofree char *address = read_attribute(node, "xmlUrl");
  if (address == NULL)
    return true;
  char *canonical = url_canonical(address, NULL);
  if (canonical == NULL)
    return false;
  if (!g_hash_table_add(seen, canonical))
    return true;
  g_autofree char *text = read_attribute(node, "text");
  g_autofree char *title = read_attribute(node, "title");
  const char *name = title != NULL && *title != '\0' ? title : text;
  g_autofree char *cut = reading_title(g_strdup(name != NULL ? name : ""));
  g_ptr_array_add(links, feed_link_new(address, cut));
  return true;
}

/* Returns: (nullable): the node after @node in document order; outlines may be nested as deep as the parser lets them */
static xmlNode *
find_next(xmlNode *node)
{
  /* what a reference to an entity holds is the entity itself, from which no way leads back */
  if (node->type == XML_ELEMENT_NODE && node->children != NULL)
    return node->children;
  while (node != NULL && node->next == NULL)
    node = node->parent;
  return node != NULL ? node->next : NULL;
}

GPtrArray *
opml_read(const char *text, size_t length, size_t *ret_passed_over, GError **error)
{
  if (length > OPML_MAX_BYTES) {
    error_set(error, ERROR_BAD_DATA, "more than %d MB, which is no list of feeds", OPML_MAX_BYTES / 1024 / 1024);
    return NULL;
  }
  const int options = XML_PARSE_RECOVER | XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING;
  g_autoptr(xmlDoc) document = xmlReadMemory(text, (int) length, NULL, NULL, options);
  xmlNode *root = document != NULL ? xmlDocGetRootElement(document) : NULL;
  if (root == NULL || g_ascii_strcasecmp((const char *) root->name, "opml") != 0) {
    error_set(error, ERROR_BAD_DATA, "expected an OPML list of feeds");
    return NULL;
  }
  if (document->intSubset != NULL && document->intSubset->entities != NULL) {
    error_set(error, ERROR_BAD_DATA, "declares entities of its own, which no list of feeds needs");
    return NULL;
  }
  g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr(GPtrArray) links = g_ptr_array_new_with_free_func((GDestroyNotify) feed_link_free);
  size_t passed_over = 0;
  for (xmlNode *node = root; node != NULL; node = find_next(node))
    if (node->type == XML_ELEMENT_NODE && g_ascii_strcasecmp((const char *) node->name, "outline") == 0)
      passed_over += !read_outline(node, seen, links);
  if (links->len == 0) {
    error_set(error, ERROR_BAD_DATA, "no outline with the address of a feed that can be fetched (xmlUrl)");
    return NULL;
  }
  if (ret_passed_over != NULL)
    *ret_passed_over = passed_over;
  return g_steal_pointer(&links);
}

char *
opml_write(const GPtrArray *links, const char *title)
{
  GString *text = g_string_new("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<opml version=\"2.0\">\n");
  g_autofree char *name = g_markup_escape_text(title, -1);
  g_string_append_printf(text, "  <head>\n    <title>%s</title>\n  </head>\n  <body>\n", name);
  for (guint i = 0; i < links->len; i++) {
    const FeedLink *link = g_ptr_array_index(links, i);
    const char *shown = *link->title != '\0' ? link->title : link->url;
    g_autofree char *outline = g_markup_printf_escaped("    <outline type=\"rss\" text=\"%s\" title=\"%s\" xmlUrl=\"%s\"/>\n",
                                                       shown, shown, link->url);
    g_string_append(text, outline);
  }
  return g_string_free(g_string_append(text, "  </body>\n</opml>\n"), false);
}
