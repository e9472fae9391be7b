/*
 * A site of hostile articles, built by the real Hugo, and how its outputs are read.
 */
#pragma once

#include <glib.h>
#include <libxml/HTMLparser.h>
#include <libxml/parser.h>
#include <stdbool.h>
#include <stddef.h>

/* Every text of article number n is HOSTILE_TEXTS[n % HOSTILE_COUNT]; every article has two topics, one shared by all. */
enum { PAGE_LENGTH = 30, HOSTILE_COUNT = 15 };

#define SITE_TITLE   "The <b> {{< x >}}"
#define SHARED_LABEL "C++ </title></script><b> & \"{{< x >}}'"
#define LONE_LABEL   "<i>Lone</i> {{ .Site }}"
#define BASE_URL     "https://news.example/sub/"

extern const char *const HOSTILE_TEXTS[HOSTILE_COUNT];

typedef struct {
  char *root;
  char *workspace;
  char *public;
} Site;

/** has_hugo: skips the test when it is not installed. */
bool has_hugo(void);

/** site_prepare: Returns: (transfer full): one of so many articles and a page by the user, to be built */
Site *site_prepare(size_t articles);

/** site_build: runs Hugo. */
void site_build(const Site *site);

/** site_new: Returns: (transfer full): a built one */
Site *site_new(size_t articles);

/** site_free: removes it. */
void site_free(Site *site);

/** site_write: a file of the workspace. */
void site_write(const Site *site, const char *name, const char *text);

/** site_text: Returns: (transfer full): what was built as @name */
char *site_text(const Site *site, const char *name);

/** site_page: Returns: (transfer full): what a browser makes of it */
xmlDoc *site_page(const Site *site, const char *name);

/** site_xml: Returns: (transfer full): what an XML parser makes of it, and it must */
xmlDoc *site_xml(const Site *site, const char *name);

/** read_html: Returns: (transfer full) */
xmlDoc *read_html(const char *text);

/** theme_feed_id: Returns: (transfer full): of an article */
char *theme_feed_id(size_t number);

/** theme_slug: Returns: (transfer full): of a topic */
char *theme_slug(const char *label);

/** evaluate: Returns: (transfer full): the string that the XPath @expression has in @document */
char *evaluate(xmlDoc *document, const char *expression);

/** assert_xpath: @expression has the string @expected in @document. */
void assert_xpath(xmlDoc *document, const char *expression, const char *expected);

/** assert_below: so has the first @child of @parent. */
void assert_below(xmlDoc *document, const char *parent, const char *child, const char *expected);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(xmlDoc, xmlFreeDoc)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Site, site_free)
