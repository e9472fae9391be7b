#include "text/discover.h"

#include "base/url.h"
#include "text/charset.h"
#include "text/html.h"
#include "text/markup.h"

#include <string.h>

enum { MAX_FEEDS = 20 };

static const char *const TYPES[] = {"application/rss+xml", "application/atom+xml", "application/feed+json", NULL};

FeedLink *
feed_link_new(const char *url, const char *title)
{
  FeedLink *link = g_new(FeedLink, 1);
  *link = (FeedLink){.url = g_strdup(url), .title = g_strdup(title)};
  return link;
}

void
feed_link_free(FeedLink *link)
{
  if (link == NULL)
    return;
  g_free(link->url);
  g_free(link->title);
  g_free(link);
}

/* Whether one of the words of @node's attribute is @word. */
static bool
has_word(const xmlNode *node, const char *attribute, const char *word)
{
  g_autofree char *value = markup_attribute(node, attribute);
  g_auto(GStrv) words = g_strsplit_set(value != NULL ? value : "", " \t;", -1);
  for (char **at = words; *at != NULL; at++)
    if (g_ascii_strcasecmp(*at, word) == 0)
      return true;
  return false;
}

static bool
is_feed_link(const xmlNode *node)
{
  if (!markup_is(node, "link") || !has_word(node, "rel", "alternate"))
    return false;
  for (size_t i = 0; TYPES[i] != NULL; i++)
    if (has_word(node, "type", TYPES[i]))
      return true;
  return false;
}

static char *
find_base(xmlNode *root, const char *url)
{
  for (xmlNode *node = root; node != NULL; node = markup_next(node, root, false)) {
    g_autofree char *reference = markup_is(node, "base") ? markup_attribute(node, "href") : NULL;
    char *base = reference != NULL ? url_resolve(url, reference, NULL) : NULL;
    if (base != NULL)
      return base;
  }
  return g_strdup(url);
}

static bool
is_known(const GPtrArray *links, const char *url)
{
  for (guint i = 0; i < links->len; i++)
    if (g_str_equal(((const FeedLink *) g_ptr_array_index(links, i))->url, url))
      return true;
  return false;
}

GPtrArray *
discover_feeds(const char *html, size_t length, const char *charset, const char *url)
{
  GPtrArray *links = g_ptr_array_new_with_free_func((GDestroyNotify) feed_link_free);
  size_t decoded_length;
  g_autofree char *decoded = charset_decode(html, MIN(length, HTML_MAX_BYTES), charset, &decoded_length);
  g_autoptr(xmlDoc) document = markup_parse(decoded, decoded_length, false);
  xmlNode *root = document != NULL ? xmlDocGetRootElement(document) : NULL;
  if (root == NULL)
    return links;
  g_autofree char *base = find_base(root, url);
  for (xmlNode *node = root; node != NULL && links->len < MAX_FEEDS; node = markup_next(node, root, false)) {
    g_autofree char *reference = is_feed_link(node) ? markup_attribute(node, "href") : NULL;
    g_autofree char *address = reference != NULL ? url_resolve(base, reference, NULL) : NULL;
    g_autofree char *title = address != NULL ? markup_attribute(node, "title") : NULL;
    if (address != NULL && !is_known(links, address))
      g_ptr_array_add(links, feed_link_new(address, title != NULL ? title : ""));
  }
  return links;
}
