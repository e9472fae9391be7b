#include "sources/feed.h"

#include "base/error.h"
#include "base/text.h"
#include "base/url.h"
#include "sources/feed_node.h"
#include "text/language.h"

#include <libxml/parser.h>
#include <string.h>

enum { MAX_SHOWN_CHARS = 100 };

G_DEFINE_AUTOPTR_CLEANUP_FUNC(xmlDoc, xmlFreeDoc)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(xmlParserCtxt, xmlFreeParserCtxt)

typedef enum {
  FIELD_AUTHOR,
  FIELD_CONTENT,
  FIELD_ID,
  FIELD_LANGUAGE,
  FIELD_PUBLISHED,
  FIELD_SUMMARY,
  FIELD_TITLE,
  FIELD_UPDATED,
  FIELD_COUNT,
} Field;

typedef struct {
  const char *name;
  Field field;
} FieldName;

/* The elements of RSS 0.9x to 2.0, RSS 1.0, Atom 0.3 and 1.0, CDF and their modules that are read. A name without a prefix is
 * of the entry's own namespace or of none; of two that fill one field the earlier in this list wins. */
static const FieldName FIELD_NAMES[] = {
    {"author", FIELD_AUTHOR},
    {"dc:creator", FIELD_AUTHOR},
    {"content:encoded", FIELD_CONTENT},
    {"content", FIELD_CONTENT},
    {"body", FIELD_CONTENT},
    {"xhtml:body", FIELD_CONTENT},
    {"fullitem", FIELD_CONTENT},
    {"guid", FIELD_ID},
    {"id", FIELD_ID},
    {"language", FIELD_LANGUAGE},
    {"dc:language", FIELD_LANGUAGE},
    {"pubDate", FIELD_PUBLISHED},
    {"published", FIELD_PUBLISHED},
    {"issued", FIELD_PUBLISHED},
    {"dcterms:issued", FIELD_PUBLISHED},
    {"dc:date", FIELD_PUBLISHED},
    {"prism:publicationDate", FIELD_PUBLISHED},
    {"created", FIELD_PUBLISHED},
    {"dcterms:created", FIELD_PUBLISHED},
    {"description", FIELD_SUMMARY},
    {"summary", FIELD_SUMMARY},
    {"dc:description", FIELD_SUMMARY},
    {"itunes:summary", FIELD_SUMMARY},
    {"abstract", FIELD_SUMMARY},
    {"title", FIELD_TITLE},
    {"dc:title", FIELD_TITLE},
    {"updated", FIELD_UPDATED},
    {"modified", FIELD_UPDATED},
    {"dcterms:modified", FIELD_UPDATED},
};

/* Whether @node is called @name, seen from @parent: prefixes are as everybody writes them, declared or not, and letters are of
 * any case. */
static bool
is_called(const xmlNode *node, const xmlNode *parent, const char *name)
{
  const xmlNs *space = node->ns;
  const xmlNs *own = parent->ns;
  bool is_own = space == own || (space != NULL && own != NULL && xmlStrEqual(space->href, own->href));
  if (is_own || space == NULL || space->prefix == NULL)
    return g_ascii_strcasecmp((const char *) node->name, name) == 0;
  size_t length = strlen((const char *) space->prefix);
  return strncmp(name, (const char *) space->prefix, length) == 0 && name[length] == ':' &&
         g_ascii_strcasecmp(name + length + 1, (const char *) node->name) == 0;
}

/* Returns: (transfer full) (nullable): the address that @link, a child of @parent, holds: in Atom an attribute, in RSS text */
static char *
read_address(const xmlNode *link, const xmlNode *parent)
{
  g_autofree char *reference = feed_node_attribute(link, "href");
  g_autofree char *text = reference == NULL && is_called(link, parent, "link") ? feed_node_line(link) : NULL;
  if (reference == NULL && text == NULL)
    return NULL;
  return feed_node_resolve(link, reference != NULL ? reference : text);
}

/* Returns: (transfer full) (nullable): the address of the page of @parent, preferably of HTML, as its links say */
static char *
read_page_link(const xmlNode *parent)
{
  g_autofree char *best = NULL;
  for (const xmlNode *child = parent->children; child != NULL; child = child->next) {
    if (!feed_node_is(child, "link"))
      continue;
    g_autofree char *relation = feed_node_attribute(child, "rel");
    g_autofree char *type = feed_node_attribute(child, "type");
    bool is_page = relation == NULL || g_str_equal(relation, "alternate");
    bool is_html = type == NULL || g_str_equal(type, "text/html");
    g_autofree char *address = is_page && (best == NULL || is_html) ? read_address(child, parent) : NULL;
    if (address == NULL)
      continue;
    g_free(best);
    best = g_steal_pointer(&address);
    if (is_html)
      break;
  }
  return g_steal_pointer(&best);
}

/* Returns: (transfer full) (nullable): the address of the page of @parent: in a link, in CDF an attribute, else its permanent
 * id (nullable) */
static char *
read_link(const xmlNode *parent, const xmlNode *id)
{
  g_autofree char *address = read_page_link(parent);
  g_autofree char *reference = address == NULL ? feed_node_attribute(parent, "HREF") : NULL;
  if (reference != NULL)
    return feed_node_resolve(parent, reference);
  if (address != NULL || id == NULL || !feed_node_is(id, "guid"))
    return g_steal_pointer(&address);
  g_autofree char *is_permanent = feed_node_attribute(id, "isPermaLink");
  g_autofree char *guid = feed_node_line(id);
  return g_strcmp0(is_permanent, "false") == 0 ? NULL : url_canonical(guid, NULL);
}

/* Returns: (transfer full): a name: Atom's `<name>`, RSS's "address (name)" without the address */
static char *
read_author(const xmlNode *node)
{
  for (const xmlNode *child = node != NULL ? node->children : NULL; child != NULL; child = child->next)
    if (feed_node_is(child, "name"))
      return feed_node_line(child);
  g_autofree char *line = feed_node_line(node);
  const char *name = strstr(line, " (");
  bool has_address = name != NULL && memchr(line, '@', (size_t) (name - line)) != NULL && g_str_has_suffix(line, ")");
  return has_address ? g_strndup(name + 2, strlen(name) - 3) : g_steal_pointer(&line);
}

static void
read_dates(const xmlNode *node, const xmlNode *const *fields, FeedEntry *entry)
{
  g_autofree char *published = feed_node_line(fields[FIELD_PUBLISHED]);
  feed_entry_set_date(entry, published);
  g_autofree char *updated = feed_node_line(fields[FIELD_UPDATED]);
  feed_entry_set_date(entry, updated);
  g_autofree char *last_modified = feed_node_attribute(node, "LASTMOD");
  feed_entry_set_date(entry, last_modified);
}

/* Finds the child of @parent that fills each field, NULL where none does. */
static void
find_fields(const xmlNode *parent, const xmlNode *ret_fields[FIELD_COUNT])
{
  size_t ranks[FIELD_COUNT];
  for (size_t i = 0; i < FIELD_COUNT; i++) {
    ret_fields[i] = NULL;
    ranks[i] = G_N_ELEMENTS(FIELD_NAMES);
  }
  for (const xmlNode *child = parent->children; child != NULL; child = child->next) {
    for (size_t i = 0; child->type == XML_ELEMENT_NODE && i < G_N_ELEMENTS(FIELD_NAMES); i++) {
      Field field = FIELD_NAMES[i].field;
      if (i >= ranks[field] || child->children == NULL || !is_called(child, parent, FIELD_NAMES[i].name))
        continue;
      ret_fields[field] = child;
      ranks[field] = i;
    }
  }
}

static char *
read_language(const xmlNode *node, const xmlNode *language)
{
  g_autofree char *own = feed_node_line(language);
  xmlChar *inherited = *own == '\0' ? xmlNodeGetLang(node) : NULL;
  char *primary = language_primary(inherited != NULL ? (const char *) inherited : own);
  xmlFree(inherited);
  return primary;
}

static void
read_entry(const xmlNode *node, FeedEntry *entry)
{
  const xmlNode *fields[FIELD_COUNT];
  find_fields(node, fields);
  entry->guid = feed_node_line(fields[FIELD_ID]);
  if (*entry->guid == '\0') {
    g_free(entry->guid);
    entry->guid = feed_node_attribute(node, "about");
  }
  entry->link = read_link(node, fields[FIELD_ID]);
  entry->title = feed_node_title(fields[FIELD_TITLE]);
  entry->text = feed_node_text(fields[FIELD_CONTENT], entry->links);
  if (entry->text == NULL)
    entry->text = feed_node_text(fields[FIELD_SUMMARY], entry->links);
  entry->author = read_author(fields[FIELD_AUTHOR]);
  entry->language = read_language(node, fields[FIELD_LANGUAGE]);
  read_dates(node, fields, entry);
  if (feed_entry_is_empty(entry))
    entry->input = feed_node_markup(node);
}

static bool
is_entry(const xmlNode *node)
{
  return feed_node_is(node, "item") || feed_node_is(node, "entry");
}

/* The entries stand in the root (RSS 1.0, Atom) or in its channel. Returns: (transfer full) (element-type xmlNode) */
static GPtrArray *
find_entries(const xmlNode *root)
{
  GPtrArray *entries = g_ptr_array_new();
  for (xmlNode *child = root->children; child != NULL; child = child->next) {
    if (is_entry(child))
      g_ptr_array_add(entries, child);
    for (xmlNode *inner = feed_node_is(child, "channel") ? child->children : NULL; inner != NULL; inner = inner->next)
      if (is_entry(inner))
        g_ptr_array_add(entries, inner);
  }
  return entries;
}

/* RSS does not say what its relative addresses are relative to; its site is what their authors mean, not where the feed is. */
static void
use_base(xmlDoc *document, const char *address)
{
  xmlFree((xmlChar *) document->URL);
  document->URL = xmlStrdup((const xmlChar *) address);
}

static void
read_head(const xmlNode *root, Feed *feed)
{
  const xmlNode *head = root;
  for (const xmlNode *child = root->children; child != NULL; child = child->next)
    if (feed_node_is(child, "channel"))
      head = child;
  const xmlNode *fields[FIELD_COUNT];
  find_fields(head, fields);
  feed->title = feed_node_title(fields[FIELD_TITLE]);
  feed->author = head == root ? read_author(fields[FIELD_AUTHOR]) : NULL;
  feed->language = read_language(head, fields[FIELD_LANGUAGE]);
  feed->link = read_link(head, NULL);
  if (feed->link != NULL && !feed_node_is(root, "feed"))
    use_base(head->doc, feed->link);
}

static bool
check_root(const xmlNode *root, GError **error)
{
  static const char *const ROOTS[] = {"rss", "RDF", "feed", "channel"};
  for (size_t i = 0; i < G_N_ELEMENTS(ROOTS); i++)
    if (feed_node_is(root, ROOTS[i]))
      return true;
  const char *name = (const char *) root->name;
  if (g_ascii_strcasecmp(name, "html") == 0) {
    error_set(error, ERROR_BAD_DATA, "expected a feed, got HTML");
    return false;
  }
  g_autofree char *printable = text_printable(name);
  g_autofree char *shown = text_truncate(printable, MAX_SHOWN_CHARS);
  error_set(error, ERROR_BAD_DATA, "expected a feed, got markup that begins with <%s>", shown);
  return false;
}

/* Sets the feed's problem to what libxml2 found, unless one is known. */
static void
note_parser_error(const xmlParserCtxt *parser, Feed *feed)
{
  if (parser->wellFormed || feed->problem != NULL)
    return;
  const char *message = parser->lastError.message != NULL ? parser->lastError.message : "not well-formed";
  g_autofree char *line = text_clean_line(message, strlen(message));
  g_autofree char *shown = text_truncate(line, MAX_SHOWN_CHARS);
  feed->problem = g_strdup_printf("line %d, column %d: %s", parser->lastError.line, parser->lastError.int2, shown);
}

static xmlDoc *
parse(const char *mended, const char *base_url, Feed *feed)
{
  g_autoptr(xmlParserCtxt) parser = xmlNewParserCtxt();
  int options =
      XML_PARSE_RECOVER | XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING | XML_PARSE_NOCDATA | XML_PARSE_IGNORE_ENC;
  xmlDoc *document = xmlCtxtReadMemory(parser, mended, (int) strlen(mended), base_url, "UTF-8", options);
  note_parser_error(parser, feed);
  return document;
}

Feed *
feed_read_xml(const char *text, size_t length, const char *base_url, size_t limit, GError **error)
{
  g_autoptr(Feed) feed = feed_new();
  g_autofree char *clean = text_clean(text, length);
  g_autofree char *mended = feed_mend_xml(clean, feed, error);
  if (mended == NULL)
    return NULL;
  g_clear_pointer(&clean, g_free);
  g_autoptr(xmlDoc) document = parse(mended, base_url, feed);
  const xmlNode *root = document != NULL ? xmlDocGetRootElement(document) : NULL;
  if (root == NULL) {
    error_set(error, ERROR_BAD_DATA, "expected a feed, got XML without an element");
    return NULL;
  }
  if (!check_root(root, error))
    return NULL;
  read_head(root, feed);
  g_autoptr(GPtrArray) nodes = find_entries(root);
  size_t whole = nodes->len - (nodes->len > 0 && feed->is_cut ? 1 : 0);
  for (size_t i = 0; i < MIN(whole, limit); i++)
    read_entry(nodes->pdata[i], feed_add_entry(feed));
  if (feed->problem != NULL && feed->entries->len == 0) {
    error_set(error, ERROR_BAD_DATA, "%s", feed->problem);
    return NULL;
  }
  return g_steal_pointer(&feed);
}
