/* What the theme makes of hostile texts for programs: feeds, the search's index, the sitemap. */
#include "theme-site.h"

#include "base/json.h"

#include <string.h>

/* Descriptions are HTML: what a reader shows of one must be the text, and nothing but text. */
static void
assert_rss(const Site *site, const char *folder, const char *title, size_t articles)
{
  g_autofree char *name = g_strconcat(folder, "index.xml", NULL);
  g_autofree char *self = g_strconcat(BASE_URL, name, NULL);
  g_autofree char *home = g_strconcat(BASE_URL, folder, NULL);
  g_autoptr(xmlDoc) feed = site_xml(site, name);
  assert_xpath(feed, "string(/rss/channel/title)", title);
  assert_xpath(feed, "string(/rss/channel/link)", home);
  assert_xpath(feed, "string(//*[local-name()='link' and @rel='self']/@href)", self);
  assert_xpath(feed, "string(//lastBuildDate)", "Fri, 20 Nov 2026 08:30:00 GMT");
  for (size_t i = 0; i < articles; i++) {
    g_autofree char *id = theme_feed_id(i);
    g_autofree char *item = g_strdup_printf("//item[guid[@isPermaLink='false']='%s']", id);
    g_autofree char *address = g_strdup_printf(BASE_URL "posts/story-%06zx/", i);
    assert_below(feed, item, "title", HOSTILE_TEXTS[i]);
    assert_below(feed, item, "link", address);
    assert_below(feed, item, "pubDate", "Fri, 20 Nov 2026 08:30:00 GMT");
    assert_below(feed, item, "category[2]", SHARED_LABEL);
    g_autofree char *description = g_strdup_printf("string(%s/description)", item);
    g_autofree char *markup = evaluate(feed, description);
    g_autofree char *body = g_strdup_printf("<p>%s</p>", markup);
    g_autoptr(xmlDoc) document = read_html(body);
    assert_xpath(document, "string(//p)", HOSTILE_TEXTS[i]);
    assert_xpath(document, "count(//p/*)", "0");
  }
}

static void
assert_atom(const Site *site, const char *folder, const char *title, size_t articles)
{
  g_autofree char *name = g_strconcat(folder, "atom.xml", NULL);
  g_autofree char *self = g_strconcat(BASE_URL, name, NULL);
  g_autofree char *home = g_strconcat(BASE_URL, folder, NULL);
  g_autoptr(xmlDoc) feed = site_xml(site, name);
  assert_xpath(feed, "namespace-uri(/*)", "http://www.w3.org/2005/Atom");
  assert_xpath(feed, "string(/*/*[local-name()='id'])", home);
  assert_xpath(feed, "string(/*/*[local-name()='title'])", title);
  assert_xpath(feed, "string(/*/*[local-name()='updated'])", "2026-11-20T08:30:00Z");
  assert_xpath(feed, "string(/*/*[local-name()='link' and @rel='self']/@href)", self);
  assert_xpath(feed, "count(//*[local-name()='entry']//*[local-name()='author'] | /*/*[local-name()='author'])", "1");
  for (size_t i = 0; i < articles; i++) {
    g_autofree char *id = theme_feed_id(i);
    g_autofree char *entry = g_strdup_printf("//*[local-name()='entry'][*[local-name()='id']='%s']", id);
    g_autofree char *address = g_strdup_printf(BASE_URL "posts/story-%06zx/", i);
    assert_below(feed, entry, "*[local-name()='title']", HOSTILE_TEXTS[i]);
    assert_below(feed, entry, "*[local-name()='summary']", HOSTILE_TEXTS[i]);
    assert_below(feed, entry, "*[local-name()='link']/@href", address);
    assert_below(feed, entry, "*[local-name()='updated']", "2026-11-20T08:30:00Z");
    assert_below(feed, entry, "*[local-name()='category'][2]/@term", SHARED_LABEL);
  }
}

static json_t *
read_json(const Site *site, const char *name)
{
  g_autoptr(GError) error = NULL;
  g_autofree char *text = site_text(site, name);
  bool is_repaired = true;
  json_t *value = json_parse(text, strlen(text), &is_repaired, &error);
  g_assert_no_error(error);
  g_assert_false(is_repaired);
  g_assert_null(strpbrk(text, "<>"));
  return value;
}

/* @is_home: then the best stand first, and the user's own last */
static void
assert_json_feed(const Site *site, const char *folder, const char *title, bool is_home)
{
  g_autofree char *name = g_strconcat(folder, "feed.json", NULL);
  g_autofree char *self = g_strconcat(BASE_URL, name, NULL);
  g_autoptr(json_t) feed = read_json(site, name);
  g_assert_cmpstr(json_read_text(feed, "version"), ==, "https://jsonfeed.org/version/1.1");
  g_assert_cmpstr(json_read_text(feed, "title"), ==, title);
  g_assert_cmpstr(json_read_text(feed, "feed_url"), ==, self);
  const json_t *items = json_object_get(feed, "items");
  g_assert_cmpuint(json_array_size(items), ==, HOSTILE_COUNT + is_home);
  for (size_t i = 0; i < HOSTILE_COUNT; i++) {
    const json_t *item = json_array_get(items, i);
    unsigned number = 0;
    g_assert_cmpint(sscanf(json_read_text(item, "url"), BASE_URL "posts/story-%x/", &number), ==, 1);
    if (is_home)
      g_assert_cmpuint(number, ==, HOSTILE_COUNT - 1 - i);
    g_autofree char *id = theme_feed_id(number);
    g_assert_cmpstr(json_read_text(item, "id"), ==, id);
    g_assert_cmpstr(json_read_text(item, "title"), ==, HOSTILE_TEXTS[number]);
    g_assert_cmpstr(json_read_text(item, "content_text"), ==, HOSTILE_TEXTS[number]);
    g_assert_cmpstr(json_read_text(item, "image"), ==, BASE_URL "covers/0a-1b.png");
    g_assert_cmpstr(json_string_value(json_array_get(json_object_get(item, "tags"), 1)), ==, SHARED_LABEL);
  }
}

static void
test_feeds(void)
{
  if (!has_hugo())
    return;
  g_autoptr(Site) site = site_new(HOSTILE_COUNT);
  g_autofree char *slug = theme_slug(SHARED_LABEL);
  g_autofree char *folder = g_strdup_printf("topics/%s/", slug);
  const char *topic_title = SHARED_LABEL " – " SITE_TITLE;
  assert_rss(site, "", SITE_TITLE, HOSTILE_COUNT);
  assert_rss(site, folder, topic_title, HOSTILE_COUNT);
  assert_atom(site, "", SITE_TITLE, HOSTILE_COUNT);
  assert_atom(site, folder, topic_title, HOSTILE_COUNT);
  assert_json_feed(site, "", SITE_TITLE, true);
  assert_json_feed(site, folder, topic_title, false);
}

static void
test_indexes(void)
{
  if (!has_hugo())
    return;
  g_autoptr(Site) site = site_new(HOSTILE_COUNT);
  g_autoptr(json_t) index = read_json(site, "search.json");
  g_assert_cmpuint(json_array_size(index), ==, HOSTILE_COUNT + 1);
  for (size_t i = 0; i < HOSTILE_COUNT; i++) {
    const json_t *story = json_array_get(index, i);
    g_autofree char *path = g_strdup_printf("posts/story-%06zx/", HOSTILE_COUNT - 1 - i);
    g_assert_cmpstr(json_read_text(story, "path"), ==, path);
    g_assert_cmpstr(json_read_text(story, "title"), ==, HOSTILE_TEXTS[HOSTILE_COUNT - 1 - i]);
    g_assert_cmpstr(json_read_text(story, "teaser"), ==, HOSTILE_TEXTS[HOSTILE_COUNT - 1 - i]);
    g_assert_cmpstr(json_string_value(json_array_get(json_object_get(story, "topics"), 0)), ==, LONE_LABEL);
  }
  g_autoptr(xmlDoc) sitemap = site_xml(site, "sitemap.xml");
  assert_xpath(sitemap, "count(//*[local-name()='loc' and starts-with(., '" BASE_URL "posts/story-')])", "15");
  assert_xpath(sitemap, "count(//*[local-name()='lastmod' and .='2026-11-20T08:30:00Z'])", "18");
  g_autofree char *robots = site_text(site, "robots.txt");
  g_assert_nonnull(strstr(robots, "\nSitemap: " BASE_URL "sitemap.xml\n"));
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  xmlInitParser();
  g_test_add_func("/theme-feeds/feeds", test_feeds);
  g_test_add_func("/theme-feeds/indexes", test_indexes);
  return g_test_run();
}
