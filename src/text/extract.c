#include "text/extract.h"

#include "base/error.h"
#include "base/text.h"
#include "base/url.h"
#include "model/item.h"
#include "text/charset.h"
#include "text/html.h"
#include "text/language.h"
#include "text/markup.h"

#include <string.h>

/* Shorter paragraphs are captions, dates and buttons as often as text. */
enum { MIN_PARAGRAPH_BYTES = 25 };

/* What a page names as its main part must hold as much text to be believed. */
enum { MIN_MAIN_BYTES = 200 };

/* Where a page says what it is, in bytes. */
enum { MAX_OPENING_BYTES = 4096 };

/**
 * Block: what is known of an element once all below it has been seen.
 * @text: bytes of text, @link_text: of them inside links
 * @score: bytes of the paragraphs right below it and half those one level deeper, links not counted
 */
typedef struct {
  size_t text;
  size_t link_text;
  double score;
} Block;

/* Parts of a page that are not its text. */
static const char *const BOILERPLATE[] = {"aside", "button",   "dialog", "footer", "form",  "header",   "iframe", "menu",
                                          "nav",   "noscript", "script", "select", "style", "template", "svg",    NULL};

static const char *const BOILERPLATE_ROLES[] = {"banner",     "complementary", "contentinfo", "dialog",
                                                "navigation", "search",        NULL};

static const char *const PARAGRAPHS[] = {"blockquote", "dd", "li", "p", "pre", NULL};

static bool
is_boilerplate(const xmlNode *node)
{
  if (node->type != XML_ELEMENT_NODE)
    return false;
  if (g_strv_contains(BOILERPLATE, (const char *) node->name))
    return true;
  g_autofree char *role = node->properties != NULL ? markup_attribute(node, "role") : NULL;
  return role != NULL && g_strv_contains(BOILERPLATE_ROLES, role);
}

static void
drop_boilerplate(xmlNode *root)
{
  for (xmlNode *node = root->children; node != NULL;) {
    bool is_dropped = is_boilerplate(node);
    xmlNode *next = markup_next(node, root, is_dropped);
    if (is_dropped) {
      xmlUnlinkNode(node);
      xmlFreeNode(node);
    }
    node = next;
  }
}

static Block *
find_block(GHashTable *blocks, const xmlNode *node)
{
  Block *block = g_hash_table_lookup(blocks, node);
  if (block == NULL) {
    block = g_new0(Block, 1);
    g_hash_table_insert(blocks, (void *) node, block);
  }
  return block;
}

/* Hands what is known of @node, whose children have all been seen, to the elements above it. */
static void
finish_block(GHashTable *blocks, const xmlNode *node)
{
  const xmlNode *parent = node->parent;
  Block *block = find_block(blocks, node);
  if (markup_is(node, "a"))
    block->link_text = block->text;
  Block *above = find_block(blocks, parent);
  above->text += block->text;
  above->link_text += block->link_text;
  if (block->text < MIN_PARAGRAPH_BYTES || !g_strv_contains(PARAGRAPHS, (const char *) node->name))
    return;
  double score = (double) (block->text - block->link_text);
  above->score += score;
  if (parent->parent != NULL)
    find_block(blocks, parent->parent)->score += score / 2;
}

static GHashTable *
measure_blocks(const xmlNode *root)
{
  GHashTable *blocks = g_hash_table_new_full(NULL, NULL, NULL, g_free);
  const xmlNode *node = root;
  while (node->children != NULL && node->type == XML_ELEMENT_NODE)
    node = node->children;
  while (node != root) {
    if (node->type == XML_TEXT_NODE)
      find_block(blocks, node->parent)->text += strlen((const char *) node->content);
    else if (node->type == XML_ELEMENT_NODE)
      finish_block(blocks, node);
    if (node->next == NULL) {
      node = node->parent;
      continue;
    }
    node = node->next;
    while (node->type == XML_ELEMENT_NODE && node->children != NULL)
      node = node->children;
  }
  return blocks;
}

static bool
is_named_main(const xmlNode *node)
{
  if (markup_is(node, "article") || markup_is(node, "main"))
    return true;
  g_autofree char *role = node->properties != NULL ? markup_attribute(node, "role") : NULL;
  return role != NULL && g_str_equal(role, "main");
}

/* Returns: what the page names its main part where that holds text enough, else the densest block, else @root */
static xmlNode *
find_main(xmlNode *root)
{
  g_autoptr(GHashTable) blocks = measure_blocks(root);
  xmlNode *named = NULL;
  xmlNode *densest = root;
  double best_named = MIN_MAIN_BYTES;
  double best_score = 0;
  for (xmlNode *node = root; node != NULL; node = markup_next(node, root, false)) {
    const Block *block = node->type == XML_ELEMENT_NODE ? g_hash_table_lookup(blocks, node) : NULL;
    if (block == NULL || block->text == 0)
      continue;
    double plain_share = 1.0 - (double) block->link_text / (double) block->text;
    double plain_text = (double) block->text * plain_share;
    if (plain_text > best_named && is_named_main(node)) {
      best_named = plain_text;
      named = node;
    }
    if (block->score * plain_share > best_score) {
      best_score = block->score * plain_share;
      densest = node;
    }
  }
  return named != NULL ? named : densest;
}

/* Returns: (transfer full): @line (transfer full) cut to what a title holds */
static char *
cut_line(char *line)
{
  g_autofree char *whole = line;
  return text_truncate(whole, ITEM_MAX_TITLE_CHARS);
}

/* Returns: (transfer full): the content of `<meta property=name>` or `<meta name=name>`, "" without one */
static char *
read_meta(xmlNode *root, const char *name)
{
  for (xmlNode *node = root; node != NULL; node = markup_next(node, root, false)) {
    if (!markup_is(node, "meta"))
      continue;
    g_autofree char *property = markup_attribute(node, "property");
    g_autofree char *own_name = markup_attribute(node, "name");
    g_autofree char *content = markup_attribute(node, "content");
    if (content != NULL && *content != '\0' && (g_strcmp0(property, name) == 0 || g_strcmp0(own_name, name) == 0))
      return g_steal_pointer(&content);
  }
  return g_strdup("");
}

static char *
read_title(xmlNode *root)
{
  g_autofree char *announced = read_meta(root, "og:title");
  if (*announced != '\0')
    return g_steal_pointer(&announced);
  for (xmlNode *node = root; node != NULL; node = markup_next(node, root, false)) {
    if (!markup_is(node, "title") || markup_is(node->parent, "svg"))
      continue;
    xmlChar *content = xmlNodeGetContent(node);
    char *title = text_clean_line((const char *) content, strlen((const char *) content));
    xmlFree(content);
    return title;
  }
  return g_strdup("");
}

static char *
read_canonical(xmlNode *root, const char *url)
{
  for (xmlNode *node = root; node != NULL; node = markup_next(node, root, false)) {
    g_autofree char *relation = markup_is(node, "link") ? markup_attribute(node, "rel") : NULL;
    if (relation == NULL || g_ascii_strcasecmp(relation, "canonical") != 0)
      continue;
    g_autofree char *reference = markup_attribute(node, "href");
    g_autofree char *address = reference != NULL ? url_resolve(url, reference, NULL) : NULL;
    g_autofree char *domain = address != NULL ? url_domain(address) : NULL;
    g_autofree char *own_domain = url_domain(url);
    return domain != NULL && g_strcmp0(domain, own_domain) == 0 ? url_canonical(address, NULL) : NULL;
  }
  return NULL;
}

static bool
is_html(const char *text, size_t length)
{
  static const char *const SIGNS[] = {"<!doctype html", "<html", "<head", "<body", "<p", "<div", "<title", NULL};
  g_autofree char *opening = g_strndup(text, MIN(length, MAX_OPENING_BYTES));
  g_autofree char *lower = g_ascii_strdown(opening, -1);
  for (size_t i = 0; SIGNS[i] != NULL; i++)
    if (strstr(lower, SIGNS[i]) != NULL)
      return true;
  return false;
}

Page *
extract_page(const char *html, size_t length, const char *charset, const char *url, GError **error)
{
  size_t decoded_length;
  g_autofree char *decoded = charset_decode(html, MIN(length, HTML_MAX_BYTES), charset, &decoded_length);
  g_autoptr(xmlDoc) document = is_html(decoded, decoded_length) ? markup_parse(decoded, decoded_length, false) : NULL;
  xmlNode *root = document != NULL ? xmlDocGetRootElement(document) : NULL;
  if (root == NULL) {
    error_set(error, ERROR_BAD_DATA, "expected an HTML page, got something else");
    return NULL;
  }
  Page *page = g_new0(Page, 1);
  page->title = cut_line(read_title(root));
  page->site_name = cut_line(read_meta(root, "og:site_name"));
  g_autofree char *language = markup_attribute(root, "lang");
  page->language = language_primary(language);
  page->canonical_url = read_canonical(root, url);
  drop_boilerplate(root);
  page->text = markup_text(find_main(root), NULL, NULL);
  return page;
}

void
page_free(Page *page)
{
  if (page == NULL)
    return;
  g_free(page->title);
  g_free(page->site_name);
  g_free(page->language);
  g_free(page->canonical_url);
  g_free(page->text);
  g_free(page);
}
