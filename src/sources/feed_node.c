#include "sources/feed_node.h"

#include "base/text.h"
#include "base/url.h"
#include "sources/reading.h"
#include "text/html.h"

#include <libxml/xmlsave.h>
#include <string.h>

bool
feed_node_is(const xmlNode *node, const char *name)
{
  return node->type == XML_ELEMENT_NODE && g_ascii_strcasecmp((const char *) node->name, name) == 0;
}

/* Returns: (transfer full): all text in @node (nullable) as it stands there, "" without any */
static char *
read_content(const xmlNode *node)
{
  xmlChar *content = node != NULL ? xmlNodeGetContent(node) : NULL;
  char *text = g_strdup(content != NULL ? (const char *) content : "");
  xmlFree(content);
  return text;
}

char *
feed_node_line(const xmlNode *node)
{
  g_autofree char *content = read_content(node);
  return text_clean_line(content, strlen(content));
}

char *
feed_node_attribute(const xmlNode *node, const char *name)
{
  xmlChar *value = xmlGetProp(node, (const xmlChar *) name);
  char *line = value != NULL ? text_clean_line((const char *) value, strlen((const char *) value)) : NULL;
  xmlFree(value);
  return line;
}

/* Returns: (transfer full): what is inside @node, as one of libxml2's options for saving has it */
static char *
write_inside(const xmlNode *node, xmlSaveOption option)
{
  xmlBufferPtr buffer = xmlBufferCreate();
  xmlSaveCtxtPtr writer = xmlSaveToBuffer(buffer, "UTF-8", (int) option | XML_SAVE_NO_DECL);
  for (xmlNode *child = node->children; child != NULL; child = child->next)
    (void) xmlSaveTree(writer, child);
  (void) xmlSaveClose(writer);
  char *text = g_strdup((const char *) xmlBufferContent(buffer));
  xmlBufferFree(buffer);
  return text;
}

char *
feed_node_markup(const xmlNode *node)
{
  return write_inside(node, XML_SAVE_AS_XML);
}

static const xmlNode *
get_element(const xmlNode *node)
{
  return xmlFirstElementChild((xmlNode *) node);
}

static bool
is_atom(const xmlNode *node)
{
  return feed_node_is(xmlDocGetRootElement(node->doc), "feed");
}

/* Whether @type is a media type that is neither text nor XML, which stands in Atom 1.0 as base64 (RFC 4287, 4.1.3.3) */
static bool
is_binary(const char *type)
{
  return type != NULL && strchr(type, '/') != NULL && !g_str_has_prefix(type, "text/") && !g_str_has_suffix(type, "xml");
}

/* Whether @node holds base64, which Atom 0.3 says by its mode. */
static bool
is_base64(const xmlNode *node)
{
  if (!is_atom(node) || get_element(node) != NULL)
    return false;
  g_autofree char *mode = feed_node_attribute(node, "mode");
  g_autofree char *type = mode == NULL ? feed_node_attribute(node, "type") : NULL;
  return mode != NULL ? g_str_equal(mode, "base64") : is_binary(type);
}

/* Whether Atom says that @node holds plain text (RFC 4287, 3.1.1); RSS never does. */
static bool
is_plain(const xmlNode *node)
{
  if (!is_atom(node) || get_element(node) != NULL)
    return false;
  g_autofree char *type = feed_node_attribute(node, "type");
  if (type == NULL)
    return !is_base64(node);
  return g_str_equal(type, "text") || g_str_equal(type, "text/plain");
}

/* Returns: (transfer full): the text that @base64 stands for, "" where it is none, such as a picture */
static char *
decode_base64(char *base64)
{
  gsize length = 0;
  g_autofree char *text = (char *) g_base64_decode(base64, &length);
  bool is_text = text != NULL && g_utf8_validate_len(text, length, NULL);
  return is_text ? g_strndup(text, length) : g_strdup("");
}

/* Whether @node holds escaped HTML although there is an element around it, as TypePad writes it. */
static bool
is_wrapped(const xmlNode *node)
{
  const xmlNode *wrapper = get_element(node);
  g_autofree char *type = feed_node_attribute(node, "type");
  return g_strcmp0(type, "html") == 0 && get_element(wrapper) == NULL && xmlNextElementSibling((xmlNode *) wrapper) == NULL;
}

/* Returns: (transfer full): the words of @node, which stand there escaped, as base64 or, now and then, as elements */
static char *
read_words(const xmlNode *node)
{
  /* XHTML, for in XML an empty element is written in short, which to a reader of HTML is one without its end */
  if (get_element(node) != NULL && !is_wrapped(node))
    return write_inside(node, XML_SAVE_XHTML);
  g_autofree char *content = read_content(node);
  return is_base64(node) ? decode_base64(content) : g_steal_pointer(&content);
}

char *
feed_node_title(const xmlNode *node)
{
  if (node == NULL)
    return g_strdup("");
  g_autofree char *words = read_words(node);
  return is_plain(node) ? text_clean_line(words, strlen(words)) : html_to_line(words, strlen(words));
}

static char *
read_base(const xmlNode *node)
{
  xmlChar *base = xmlNodeGetBase(node->doc, node);
  char *text = g_strdup((const char *) base);
  xmlFree(base);
  return text;
}

char *
feed_node_text(const xmlNode *node, GPtrArray *links)
{
  if (node == NULL)
    return NULL;
  g_autofree char *words = read_words(node);
  g_autofree char *base = read_base(node);
  g_autofree char *text = is_plain(node) ? reading_plain(words) : html_to_text(words, strlen(words), base, links);
  return *text != '\0' ? g_steal_pointer(&text) : NULL;
}

char *
feed_node_resolve(const xmlNode *node, const char *reference)
{
  g_autofree char *base = read_base(node);
  return *reference == '\0' || base == NULL ? NULL : url_resolve(base, reference, NULL);
}
