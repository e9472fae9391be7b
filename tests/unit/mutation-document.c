#include "mutation-document.h"

#include <libxml/parser.h>
#include <string.h>

void
document_clear(Document *document)
{
  json_decref(document->root);
  if (document->xml != NULL)
    xmlFreeDoc(document->xml);
  *document = (Document){0};
}

static void
prefer_longer(json_t **longest, json_t *value)
{
  bool has_object = false;
  size_t index;
  const json_t *element;
  json_array_foreach(value, index, element) has_object = has_object || json_is_object(element);
  if (has_object && json_array_size(value) > json_array_size(*longest))
    *longest = value;
}

json_t *
find_list(json_t *root)
{
  if (json_is_array(root))
    return root;
  json_t *longest = NULL;
  const char *key;
  json_t *member;
  json_object_foreach(root, key, member)
  {
    prefer_longer(&longest, member);
    const char *inner_key;
    json_t *inner;
    json_object_foreach(member, inner_key, inner) prefer_longer(&longest, inner);
  }
  return longest;
}

json_t *
find_entry(json_t *root, unsigned index)
{
  json_t *list = find_list(root);
  return list != NULL ? json_array_get(list, index) : root;
}

static bool
is_feed_entry(const xmlNode *node)
{
  return node->type == XML_ELEMENT_NODE &&
         (g_str_equal((const char *) node->name, "item") || g_str_equal((const char *) node->name, "entry"));
}

GPtrArray *
find_feed_entries(const xmlDoc *xml)
{
  GPtrArray *entries = g_ptr_array_new();
  for (xmlNode *child = xmlDocGetRootElement(xml)->children; child != NULL; child = child->next) {
    if (is_feed_entry(child))
      g_ptr_array_add(entries, child);
    for (xmlNode *inner = child->children; inner != NULL && child->type == XML_ELEMENT_NODE; inner = inner->next)
      if (is_feed_entry(inner))
        g_ptr_array_add(entries, inner);
  }
  return entries;
}

bool
document_read(const char *body, size_t length, Document *ret_document)
{
  Document document = {.root = json_parse(body, length, NULL, NULL)};
  if (document.root == NULL) {
    document.xml = xmlReadMemory(body, (int) length, NULL, NULL, XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING);
    if (document.xml == NULL)
      return false;
    g_autoptr(GPtrArray) entries = find_feed_entries(document.xml);
    document.entry_count = entries->len;
  } else {
    json_t *list = find_list(document.root);
    document.entry_count = list != NULL ? (unsigned) json_array_size(list) : json_is_object(document.root);
  }
  if (document.entry_count == 0) {
    document_clear(&document);
    return false;
  }
  *ret_document = document;
  return true;
}

Document
document_copy(const Document *document)
{
  return (Document){.root = json_deep_copy(document->root),
                    .xml = document->xml != NULL ? xmlCopyDoc(document->xml, 1) : NULL,
                    .entry_count = document->entry_count};
}

char *
document_write(const Document *document)
{
  if (document->root != NULL)
    return json_write(document->root);
  xmlChar *text = NULL;
  int length = 0;
  xmlDocDumpMemoryEnc(document->xml, &text, &length, "UTF-8");
  char *copy = g_strndup((const char *) text, (size_t) length);
  xmlFree(text);
  return copy;
}

static void
keep_json_entries(json_t *root, unsigned index, bool is_kept)
{
  json_t *list = find_list(root);
  g_autoptr(json_t) entry = json_incref(json_array_get(list, index));
  if (!is_kept) {
    json_array_remove(list, index);
    return;
  }
  json_array_clear(list);
  json_array_append(list, entry);
}

static void
keep_feed_entries(const xmlDoc *xml, unsigned index, bool is_kept)
{
  g_autoptr(GPtrArray) entries = find_feed_entries(xml);
  for (unsigned i = 0; i < entries->len; i++)
    if ((i == index) != is_kept) {
      xmlUnlinkNode(entries->pdata[i]);
      xmlFreeNode(entries->pdata[i]);
    }
}

bool
document_has_list(const Document *document)
{
  return document->xml != NULL || find_list(document->root) != NULL;
}

char *
document_write_part(const Document *document, unsigned index, bool is_kept)
{
  if (!document_has_list(document))
    return is_kept ? document_write(document) : g_strdup("null");
  g_auto(Document) part = document_copy(document);
  if (part.root != NULL)
    keep_json_entries(part.root, index, is_kept);
  else
    keep_feed_entries(part.xml, index, is_kept);
  return document_write(&part);
}
