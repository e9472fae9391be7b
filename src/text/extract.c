#include "text/extract.h"

#include "base/error.h"
#include "base/text.h"
#include "base/url.h"
#include "model/item.h"
#include "text/charset.h"
#include "text/extract_main.h"
#include "text/extract_words.h"
#include "text/html.h"
#include "text/language.h"
#include "text/markup.h"

#include <string.h>

/* Where a page says what it is, in bytes. */
enum { MAX_OPENING_BYTES = 4096 };

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

/* Returns: whether @name is what a site calls itself, or the name of the host at @url with or without what follows its dot */
static bool
is_site(const char *name, const char *site_name, const char *url)
{
  g_autofree char *host = url_host(url);
  g_autofree char *domain = url_domain(url);
  g_autofree char *label = domain != NULL ? g_strndup(domain, strcspn(domain, ".")) : NULL;
  const char *const KNOWN[] = {site_name, host, domain, label};
  for (size_t i = 0; i < G_N_ELEMENTS(KNOWN); i++)
    if (KNOWN[i] != NULL && words_are_same_name(name, KNOWN[i]))
      return true;
  return false;
}

/* Returns: (transfer full): @title (transfer full) without the site's name at its end: "Headline | Site" */
static char *
strip_site(char *title, const char *site_name, const char *url)
{
  static const char *const SEPARATORS[] = {" | ", " - ", " – ", " — ", " · ", " • ", " :: ", " » "};
  char *last = NULL;
  size_t last_length = 0;
  for (size_t i = 0; i < G_N_ELEMENTS(SEPARATORS); i++) {
    char *found = g_strrstr(title, SEPARATORS[i]);
    if (found != NULL && found > last) {
      last = found;
      last_length = strlen(SEPARATORS[i]);
    }
  }
  if (last != NULL && is_site(last + last_length, site_name, url))
    *last = '\0';
  return title;
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
  page->site_name = cut_line(read_meta(root, "og:site_name"));
  page->title = cut_line(strip_site(read_title(root), page->site_name, url));
  g_autofree char *language = markup_attribute(root, "lang");
  page->language = language_primary(language);
  page->canonical_url = read_canonical(root, url);
  page->text = extract_main(root, page->title);
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
