#include "mutations.h"

#include <string.h>

/* A million "x" to whoever expands it. */
static const char BOMB[] = "<!DOCTYPE x [<!ENTITY a \"xxxxxxxxxx\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;\">"
                           "<!ENTITY c \"&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;\"><!ENTITY d \"&c;&c;&c;&c;&c;&c;&c;&c;&c;&c;\">"
                           "<!ENTITY e SYSTEM \"file:///etc/passwd\"><!ENTITY f \"&d;&d;&d;&d;&d;&d;&d;&d;&d;&d;\">]>\n";

/* Returns: (transfer none): a random element below @entry, @entry itself when it has none */
static xmlNode *
pick_element(Mutator *mutator, xmlNode *entry)
{
  g_autoptr(GPtrArray) elements = g_ptr_array_new();
  g_ptr_array_add(elements, entry);
  for (unsigned i = 0; i < elements->len; i++)
    for (xmlNode *child = ((xmlNode *) elements->pdata[i])->children; child != NULL; child = child->next)
      if (child->type == XML_ELEMENT_NODE)
        g_ptr_array_add(elements, child);
  return elements->len > 1 ? elements->pdata[1 + pick(mutator, elements->len - 1)] : entry;
}

static void
empty_element(xmlNode *element)
{
  for (xmlNode *child; (child = element->children) != NULL;) {
    xmlUnlinkNode(child);
    xmlFreeNode(child);
  }
}

static void
set_placeholder(xmlNode *element)
{
  empty_element(element);
  xmlAddChild(element, xmlNewText((const xmlChar *) PLACEHOLDER));
}

static void
repeat_element(xmlNode *element, unsigned count)
{
  for (; count > 0; count--)
    xmlAddNextSibling(element, xmlCopyNode(element, 1));
}

static void
mutate_attribute(Mutator *mutator, xmlNode *element)
{
  xmlAttr *attribute = element->properties;
  if (attribute == NULL) {
    tell(mutator, "named dc:x", (const char *) element->name, NULL);
    xmlNodeSetName(element, (const xmlChar *) "x");
    return;
  }
  tell(mutator, "without attribute", (const char *) element->name, (const char *) attribute->name);
  xmlRemoveProp(attribute);
}

/* Returns: (transfer full): a text for an element, escaped or, seldom, as it is */
static char *
make_content(Mutator *mutator)
{
  static const char *const ODD[] = {"",
                                    " ",
                                    "0",
                                    "true",
                                    "&amp;lt;script&amp;gt;",
                                    "&#8238;evil",
                                    "http://user:pw@a.example/",
                                    "//",
                                    "Thu, 99 Foo 99999 99:99:99 +9999",
                                    "<a/>",
                                    "<a href=\"javascript:x\">x</a>",
                                    "<![CDATA[ ]]>",
                                    "<title>inner</title><link>http://inner.example/</link>",
                                    "&f;&e;&f;"};
  if (happens(mutator, 30))
    return g_strdup(ODD[pick(mutator, G_N_ELEMENTS(ODD))]);
  g_autofree char *text =
      happens(mutator, 3) ? make_huge_text(mutator) : g_strdup(mutator->hostile->pdata[pick(mutator, mutator->hostile->len)]);
  g_autofree char *valid = g_utf8_make_valid(text, -1);
  if (happens(mutator, 10)) {
    mutator->damage = DAMAGE_BYTES;
    return g_steal_pointer(&valid);
  }
  if (happens(mutator, 30) && strstr(valid, "]]>") == NULL)
    return g_strconcat("<![CDATA[", valid, "]]>", NULL);
  return g_markup_escape_text(valid, -1);
}

/* Returns: (transfer full) (nullable): what the placeholder left in @element stands for */
static char *
mutate_element(Mutator *mutator, xmlNode *element)
{
  const char *name = (const char *) element->name;
  unsigned kind = pick(mutator, 100);
  if (kind < 15) {
    tell(mutator, "removed", name, NULL);
    xmlUnlinkNode(element);
    xmlFreeNode(element);
  } else if (kind < 25) {
    tell(mutator, "emptied", name, NULL);
    empty_element(element);
  } else if (kind < 33) {
    tell(mutator, "repeated", name, NULL);
    repeat_element(element, happens(mutator, 10) ? 500 : 1);
  } else if (kind < 45) {
    mutate_attribute(mutator, element);
  } else {
    char *content = make_content(mutator);
    tell(mutator, "holds", name, content);
    set_placeholder(element);
    return content;
  }
  return NULL;
}

/* Flips bits between the first and the last byte of the entry that @mark stands for in @text. Returns: (transfer full) */
static GString *
damage_entry(Mutator *mutator, xmlNode *entry, const char *text)
{
  mutator->damage = DAMAGE_BYTES;
  GString *damaged = g_string_new(text);
  xmlBuffer *buffer = xmlBufferCreate();
  xmlNodeDump(buffer, entry->doc, entry, 0, 0);
  const char *start = strstr(text, (const char *) xmlBufferContent(buffer));
  size_t length = (size_t) xmlBufferLength(buffer);
  xmlBufferFree(buffer);
  for (unsigned count = 1 + pick(mutator, 4); start != NULL && count > 0; count--) {
    size_t at = (size_t) (start - text) + pick(mutator, length);
    damaged->str[at] = (char) (damaged->str[at] ^ (1 << pick(mutator, 7)));
    g_string_append_printf(mutator->told, " bit of %zu", at);
  }
  note_hiding(mutator, damaged, text, strlen(text));
  return damaged;
}

GString *
mutate_xml(Mutator *mutator, const Document *document, unsigned index)
{
  g_auto(Document) copy = document_copy(document);
  g_autoptr(GPtrArray) entries = find_feed_entries(copy.xml);
  xmlNode *entry = entries->pdata[index];
  if (happens(mutator, 15)) {
    g_autofree char *whole = document_write(&copy);
    return damage_entry(mutator, entry, whole);
  }
  xmlNode *element = pick_element(mutator, entry);
  if (element == entry) {
    g_string_append(mutator->told, " has nothing to change");
    g_autofree char *unchanged = document_write(&copy);
    return g_string_new(unchanged);
  }
  g_autofree char *content = mutate_element(mutator, element);
  g_autofree char *text = document_write(&copy);
  GString *mutated = content != NULL ? fill_in(text, PLACEHOLDER, content) : g_string_new(text);
  if (content != NULL && strstr(content, "&f;") != NULL)
    g_string_insert(mutated, (gssize) strcspn(mutated->str, "\n") + 1, BOMB);
  return mutated;
}
