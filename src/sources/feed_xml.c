#include "sources/feed.h"

#include "base/error.h"
#include "base/text.h"
#include "base/url.h"
#include "text/html.h"
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
  FIELD_LINK,
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

/* The elements of RSS 0.9x to 2.0, RSS 1.0 and Atom 0.3 and 1.0 that are read. A name without a prefix is of the entry's own
 * namespace; of two that fill one field the earlier in this list wins. */
static const FieldName FIELD_NAMES[] = {
    {"author", FIELD_AUTHOR},
    {"dc:creator", FIELD_AUTHOR},
    {"content:encoded", FIELD_CONTENT},
    {"content", FIELD_CONTENT},
    {"guid", FIELD_ID},
    {"id", FIELD_ID},
    {"language", FIELD_LANGUAGE},
    {"dc:language", FIELD_LANGUAGE},
    {"link", FIELD_LINK},
    {"pubDate", FIELD_PUBLISHED},
    {"published", FIELD_PUBLISHED},
    {"issued", FIELD_PUBLISHED},
    {"dc:date", FIELD_PUBLISHED},
    {"description", FIELD_SUMMARY},
    {"summary", FIELD_SUMMARY},
    {"title", FIELD_TITLE},
    {"updated", FIELD_UPDATED},
    {"modified", FIELD_UPDATED},
};

static bool
is_element(const xmlNode *node, const char *name)
{
  return node->type == XML_ELEMENT_NODE && g_str_equal((const char *) node->name, name);
}

/* Whether @node is called @name, seen from @parent: prefixes are as everybody writes them, declared or not. */
static bool
is_called(const xmlNode *node, const xmlNode *parent, const char *name)
{
  const xmlNs *space = node->ns;
  const xmlNs *own = parent->ns;
  bool is_own = space == own || (space != NULL && own != NULL && xmlStrEqual(space->href, own->href));
  if (is_own || space == NULL || space->prefix == NULL)
    return g_str_equal((const char *) node->name, name);
  size_t length = strlen((const char *) space->prefix);
  return strncmp(name, (const char *) space->prefix, length) == 0 && name[length] == ':' &&
         g_str_equal(name + length + 1, (const char *) node->name);
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

static char *
read_line(const xmlNode *node)
{
  g_autofree char *content = read_content(node);
  return text_clean_line(content, strlen(content));
}

static char *
read_attribute(const xmlNode *node, const char *name)
{
  xmlChar *value = xmlGetNoNsProp(node, (const xmlChar *) name);
  char *line = value != NULL ? text_clean_line((const char *) value, strlen((const char *) value)) : NULL;
  xmlFree(value);
  return line;
}

/* Returns: (transfer full): what is inside @node as markup */
static char *
write_inside(const xmlNode *node)
{
  xmlBufferPtr buffer = xmlBufferCreate();
  for (xmlNode *child = node->children; child != NULL; child = child->next)
    (void) xmlNodeDump(buffer, node->doc, child, 0, 0);
  char *text = g_strdup((const char *) xmlBufferContent(buffer));
  xmlBufferFree(buffer);
  return text;
}

/* Returns: (transfer full): what is inside @node as HTML, which stands there escaped or, now and then, as elements */
static char *
read_html(const xmlNode *node)
{
  return xmlFirstElementChild((xmlNode *) node) != NULL ? write_inside(node) : read_content(node);
}

/* Whether Atom says that @node holds plain text (RFC 4287, 3.1.1); RSS never does. */
static bool
is_plain(const xmlNode *node)
{
  const xmlNode *root = xmlDocGetRootElement(node->doc);
  if (!is_element(root, "feed") || xmlFirstElementChild((xmlNode *) node) != NULL)
    return false;
  g_autofree char *type = read_attribute(node, "type");
  return type == NULL || g_str_equal(type, "text") || g_str_equal(type, "text/plain");
}

static char *
read_title(const xmlNode *node)
{
  if (node == NULL || is_plain(node))
    return read_line(node);
  g_autofree char *html = read_html(node);
  return html_to_line(html, strlen(html));
}

static char *
read_base(const xmlNode *node)
{
  xmlChar *base = xmlNodeGetBase(node->doc, node);
  char *text = g_strdup((const char *) base);
  xmlFree(base);
  return text;
}

/* Returns: (transfer full) (nullable): the text of @node (nullable), NULL when there is none; its links go to @links */
static char *
read_text(const xmlNode *node, GPtrArray *links)
{
  if (node == NULL)
    return NULL;
  g_autofree char *text = NULL;
  if (is_plain(node)) {
    g_autofree char *content = read_content(node);
    text = g_strstrip(text_clean(content, strlen(content)));
  } else {
    g_autofree char *html = read_html(node);
    g_autofree char *base = read_base(node);
    text = html_to_text(html, strlen(html), base, links);
  }
  return *text != '\0' ? g_steal_pointer(&text) : NULL;
}

static char *
resolve(const xmlNode *node, const char *reference)
{
  g_autofree char *base = read_base(node);
  return *reference == '\0' || base == NULL ? NULL : url_resolve(base, reference, NULL);
}

/* Returns: (transfer full) (nullable): the address of an Atom entry's page, preferably of HTML */
static char *
read_atom_link(const xmlNode *entry)
{
  const xmlNode *best = NULL;
  for (const xmlNode *child = entry->children; child != NULL; child = child->next) {
    if (!is_element(child, "link"))
      continue;
    g_autofree char *relation = read_attribute(child, "rel");
    g_autofree char *type = read_attribute(child, "type");
    bool is_page = relation == NULL || g_str_equal(relation, "alternate");
    bool is_html = type == NULL || g_str_equal(type, "text/html");
    if (is_page && (best == NULL || is_html))
      best = child;
    if (is_page && is_html)
      break;
  }
  g_autofree char *reference = best != NULL ? read_attribute(best, "href") : NULL;
  return reference != NULL ? resolve(best, reference) : NULL;
}

/* Returns: (transfer full) (nullable): the address of an entry's page; RSS has it as text, or as its permanent id */
static char *
read_link(const xmlNode *entry, const xmlNode *link, const xmlNode *id)
{
  g_autofree char *address = read_atom_link(entry);
  if (address != NULL)
    return g_steal_pointer(&address);
  g_autofree char *text = read_line(link);
  g_autofree char *resolved = resolve(entry, text);
  if (resolved != NULL || id == NULL || !is_element(id, "guid"))
    return g_steal_pointer(&resolved);
  g_autofree char *is_permanent = read_attribute(id, "isPermaLink");
  g_autofree char *guid = read_line(id);
  return g_strcmp0(is_permanent, "false") == 0 ? NULL : url_canonical(guid, NULL);
}

/* Returns: (transfer full): a name: Atom's `<name>`, RSS's "address (name)" without the address */
static char *
read_author(const xmlNode *node)
{
  for (const xmlNode *child = node != NULL ? node->children : NULL; child != NULL; child = child->next)
    if (is_element(child, "name"))
      return read_line(child);
  g_autofree char *line = read_line(node);
  const char *name = strstr(line, " (");
  bool has_address = name != NULL && memchr(line, '@', (size_t) (name - line)) != NULL && g_str_has_suffix(line, ")");
  return has_address ? g_strndup(name + 2, strlen(name) - 3) : g_steal_pointer(&line);
}

static void
read_date(const xmlNode *node, FeedEntry *entry)
{
  g_autofree char *text = read_line(node);
  feed_entry_set_date(entry, text);
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
  g_autofree char *own = read_line(language);
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
  entry->guid = read_line(fields[FIELD_ID]);
  if (*entry->guid == '\0') {
    g_free(entry->guid);
    entry->guid = read_attribute(node, "about");
  }
  entry->link = read_link(node, fields[FIELD_LINK], fields[FIELD_ID]);
  entry->title = read_title(fields[FIELD_TITLE]);
  entry->text = read_text(fields[FIELD_CONTENT], entry->links);
  if (entry->text == NULL)
    entry->text = read_text(fields[FIELD_SUMMARY], entry->links);
  entry->author = read_author(fields[FIELD_AUTHOR]);
  entry->language = read_language(node, fields[FIELD_LANGUAGE]);
  read_date(fields[FIELD_PUBLISHED], entry);
  read_date(fields[FIELD_UPDATED], entry);
  if (feed_entry_is_empty(entry))
    entry->input = write_inside(node);
}

static bool
is_entry(const xmlNode *node)
{
  return is_element(node, "item") || is_element(node, "entry");
}

/* The entries stand in the root (RSS 1.0, Atom) or in its channel. Returns: (transfer full) (element-type xmlNode) */
static GPtrArray *
find_entries(const xmlNode *root)
{
  GPtrArray *entries = g_ptr_array_new();
  for (xmlNode *child = root->children; child != NULL; child = child->next) {
    if (is_entry(child))
      g_ptr_array_add(entries, child);
    for (xmlNode *inner = is_element(child, "channel") ? child->children : NULL; inner != NULL; inner = inner->next)
      if (is_entry(inner))
        g_ptr_array_add(entries, inner);
  }
  return entries;
}

/* RSS does not say what its relative addresses are relative to; its site is what their authors mean, not where the feed is. */
static void
use_base(const xmlNode *channel, const xmlNode *link)
{
  g_autofree char *text = read_line(link);
  g_autofree char *address = resolve(channel, text);
  if (address == NULL)
    return;
  xmlFree((xmlChar *) channel->doc->URL);
  channel->doc->URL = xmlStrdup((const xmlChar *) address);
}

static void
read_head(const xmlNode *root, Feed *feed)
{
  const xmlNode *head = root;
  for (const xmlNode *child = root->children; child != NULL; child = child->next)
    if (is_element(child, "channel"))
      head = child;
  const xmlNode *fields[FIELD_COUNT];
  find_fields(head, fields);
  feed->title = read_title(fields[FIELD_TITLE]);
  feed->author = head == root ? read_author(fields[FIELD_AUTHOR]) : NULL;
  feed->language = read_language(head, fields[FIELD_LANGUAGE]);
  if (head != root)
    use_base(head, fields[FIELD_LINK]);
}

static bool
check_root(const xmlNode *root, GError **error)
{
  static const char *const ROOTS[] = {"rss", "RDF", "feed", NULL};
  const char *name = (const char *) root->name;
  if (g_strv_contains(ROOTS, name))
    return true;
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
