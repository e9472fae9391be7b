/* What the theme makes of hostile texts, read as a browser would. */
#include "theme-site.h"

#include "os/file.h"

#include <libxml/xpath.h>

G_DEFINE_AUTOPTR_CLEANUP_FUNC(xmlXPathContext, xmlXPathFreeContext)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(xmlXPathObject, xmlXPathFreeObject)

static void
assert_tame(xmlDoc *document)
{
  assert_xpath(document, "count(//script | //style | //iframe | //img | //object | //embed | //form | //base)", "0");
  assert_xpath(document, "count(//@*[starts-with(name(), 'on')] | //@style)", "0");
  assert_xpath(document, "count(//@href[contains(translate(., 'JAVSCRIPT', 'javscript'), 'javascript:')])", "0");
  assert_xpath(document, "count(//link[@rel='stylesheet'])", "1");
  assert_xpath(document, "substring(//meta[@http-equiv='Content-Security-Policy']/@content, 1, 40)",
               "default-src 'none'; style-src 'self'; im");
}

static void
test_story_pages(void)
{
  if (!has_hugo())
    return;
  g_autoptr(Site) site = site_new(2 * HOSTILE_COUNT);
  g_autofree char *shared = theme_slug(SHARED_LABEL);
  g_autofree char *topic_link = g_strdup_printf("../../topics/%s/index.html", shared);
  for (size_t i = 0; i < 2 * HOSTILE_COUNT; i++) {
    const char *text = HOSTILE_TEXTS[i % HOSTILE_COUNT];
    g_autofree char *name = g_strdup_printf("posts/story-%06zx/index.html", i);
    g_autofree char *html = site_text(site, name);
    g_autoptr(xmlDoc) document = read_html(html);
    g_autofree char *title = g_strdup_printf("%s – The <b> {{< x >}}", text);
    assert_tame(document);
    assert_xpath(document, "string(//title)", title);
    assert_xpath(document, "string(//meta[@name='description']/@content)", text);
    assert_xpath(document, "string(//h1)", text);
    assert_xpath(document, "string(//blockquote)", text);
    assert_xpath(document, "string(//figcaption)", text);
    assert_xpath(document, "string(//section[@aria-labelledby='sources']//li/span[@class='title'])", text);
    assert_xpath(document, "string(//section[@aria-labelledby='discussions']//li/span[@class='title'])", text);
    assert_xpath(document, "string(//section[@aria-labelledby='discussions']//span[@class='meta']/span[1])", "1,312 points");
    assert_xpath(document, "string(//section[@aria-labelledby='discussions']//span[@class='meta']/span[2])", "1 comment");
    assert_xpath(document, "count(//li//a[starts-with(@href, 'http')])", i % 2 == 0 ? "0" : "2");
    assert_xpath(document, "count(//header//time)", "2");
    assert_xpath(document, "string(//meta[@property='og:title']/@content)", text);
    assert_xpath(document, "string(//meta[@property='og:description']/@content)", text);
    assert_xpath(document, "string(//meta[@property='og:image']/@content)", BASE_URL "covers/0a-1b.png");
    assert_xpath(document, "string(//meta[@property='og:image:alt']/@content)", text);
    assert_xpath(document, "string(//meta[@property='article:tag'][2]/@content)", SHARED_LABEL);
    assert_xpath(document, "string(//article[@itemscope]//h1[@itemprop='headline'])", text);
    assert_xpath(document, "string(//article[@itemscope]/meta[@itemprop='description']/@content)", text);
    assert_xpath(document, "string(//ul[@class='kicker']/li[1])", LONE_LABEL);
    assert_xpath(document, "count(//ul[@class='kicker']/li[1]/a)", "0");
    assert_xpath(document, "string(//ul[@class='kicker']/li[2]/a)", SHARED_LABEL);
    assert_xpath(document, "string(//ul[@class='kicker']/li[2]/a/@href)", topic_link);
    assert_xpath(document, "count(//section[@aria-labelledby='related']//li)", "5");
  }
}

/* Every link that is no address must lead to a file, from every page but the one for what is not found. */
static void
assert_links_on_disk(const Site *site, const char *name)
{
  g_autofree char *html = site_text(site, name);
  g_autoptr(xmlDoc) document = read_html(html);
  g_autofree char *folder = g_path_get_dirname(name);
  g_autoptr(xmlXPathContext) context = xmlXPathNewContext(document);
  g_autoptr(xmlXPathObject) links =
      xmlXPathEvalExpression((const xmlChar *) "//@href[not(starts-with(., 'http')) and not(starts-with(., '#'))]", context);
  g_assert_cmpint(xmlXPathNodeSetGetLength(links->nodesetval), >=, 4);
  for (int i = 0; i < xmlXPathNodeSetGetLength(links->nodesetval); i++) {
    xmlChar *link = xmlNodeGetContent(xmlXPathNodeSetItem(links->nodesetval, i));
    g_autofree char *path = g_build_filename(site->public, folder, (const char *) link, NULL);
    g_test_message("%s: %s", name, (const char *) link);
    g_assert_true(g_file_test(path, G_FILE_TEST_IS_REGULAR));
    xmlFree(link);
  }
}

static void
test_front_pages(void)
{
  if (!has_hugo())
    return;
  static const size_t ARTICLES = PAGE_LENGTH + 5;
  g_autoptr(Site) site = site_new(ARTICLES);
  static const char *const NAMES[] = {"index.html",       "page/2/index.html", "posts/story-000000/index.html",
                                      "about/index.html", "topics/index.html", "archive/index.html",
                                      "search/index.html"};
  for (size_t i = 0; i < G_N_ELEMENTS(NAMES); i++)
    assert_links_on_disk(site, NAMES[i]);
  g_autofree char *slug = theme_slug(SHARED_LABEL);
  g_autofree char *topic = g_strdup_printf("topics/%s/index.html", slug);
  assert_links_on_disk(site, topic);

  g_autoptr(xmlDoc) document = site_page(site, "index.html");
  assert_tame(document);
  assert_xpath(document, "string(//h1)", "The <b> {{< x >}}");
  assert_xpath(document, "count(//h3)", "30");
  for (size_t i = 0; i < PAGE_LENGTH; i++) {
    g_autofree char *headline = g_strdup_printf("string((//h3)[%zu])", i + 1);
    assert_xpath(document, headline, HOSTILE_TEXTS[(ARTICLES - 1 - i) % HOSTILE_COUNT]);
  }
  g_autoptr(xmlDoc) second = site_page(site, "page/2/index.html");
  assert_xpath(second, "string(//title)", "Page 2 – " SITE_TITLE);
  g_autoptr(xmlDoc) not_found = site_page(site, "404.html");
  assert_tame(not_found);
  assert_xpath(not_found, "count(//@href[not(starts-with(., 'https://news.example/sub/')) and . != '#main'])", "0");
}

static void
test_lists(void)
{
  if (!has_hugo())
    return;
  g_autoptr(Site) site = site_new(PAGE_LENGTH + 5);
  g_autofree char *slug = theme_slug(SHARED_LABEL);
  g_autofree char *lone = theme_slug(LONE_LABEL);
  g_autofree char *topic_name = g_strdup_printf("topics/%s/index.html", slug);
  g_autofree char *lone_path = g_build_filename(site->public, "topics", lone, NULL);
  g_assert_false(g_file_test(lone_path, G_FILE_TEST_EXISTS));

  g_autoptr(xmlDoc) topics = site_page(site, "topics/index.html");
  assert_tame(topics);
  assert_xpath(topics, "string(//ol[@class='topics']/li/a)", SHARED_LABEL);
  assert_xpath(topics, "count(//ol[@class='topics']/li)", "1");
  g_autoptr(xmlDoc) topic = site_page(site, topic_name);
  assert_tame(topic);
  assert_xpath(topic, "string(//h1)", SHARED_LABEL);
  assert_xpath(topic, "count(//h3)", "35");
  assert_xpath(topic, "count(//link[@rel='alternate'])", "6");
  g_autoptr(xmlDoc) archive = site_page(site, "archive/index.html");
  assert_tame(archive);
  assert_xpath(archive, "count(//section[@class='month']//li/a)", "36");
  assert_xpath(archive, "count(//section[@class='month']/h3)", "2");
  assert_xpath(archive, "string(//section[@class='month']//li/a)", HOSTILE_TEXTS[(PAGE_LENGTH + 4) % HOSTILE_COUNT]);
  g_autoptr(xmlDoc) search = site_page(site, "search/index.html");
  assert_xpath(search, "count(//script)", "1");
  assert_xpath(search, "string(//script[. = '']/@src)", "../search.js");
  assert_xpath(search, "count(//ol[@id='results']/li/a)", "36");
  assert_xpath(search, "substring-after(//meta[@http-equiv='Content-Security-Policy']/@content, \"form-action 'none'\")",
               "; script-src 'self'; connect-src 'self'");
}

/* What lies in the workspace goes before what is made: a page of the theme, a picture of a story. */
static void
test_workspace_goes_first(void)
{
  if (!has_hugo())
    return;
  g_autoptr(Site) site = site_prepare(2);
  site_write(site, "content/archive.html", "---\ntitle: Old News\nlayout: archive\n---\n");
  site_write(site, "content/posts/deeper/down.md", "---\ntitle: Down\ndate: 2026-11-18\n---\nText\n");
  site_write(site, "content/posts/story-000001/cover.svg", "<svg xmlns=\"http://www.w3.org/2000/svg\"/>");
  site_build(site);
  assert_links_on_disk(site, "posts/deeper/down/index.html");
  g_autoptr(xmlDoc) archive = site_page(site, "archive/index.html");
  assert_xpath(archive, "string(//h1)", "Old News");
  g_autoptr(xmlDoc) plain = site_page(site, "posts/story-000000/index.html");
  assert_xpath(plain, "string(//meta[@property='og:image']/@content)", BASE_URL "covers/0a-1b.png");
  g_autoptr(xmlDoc) story = site_page(site, "posts/story-000001/index.html");
  assert_xpath(story, "string(//meta[@property='og:image']/@content)", BASE_URL "posts/story-000001/cover.svg");
  assert_xpath(story, "count(//meta[@property='og:image:width'])", "0");
}

/* What a workspace's own pages say of the front page and of topics is said; they may lie where no page of ours does. */
static void
test_workspace_says_more(void)
{
  if (!has_hugo())
    return;
  g_autoptr(Site) site = site_prepare(2);
  g_autofree char *slug = theme_slug(SHARED_LABEL);
  g_autofree char *topic_source = g_strdup_printf("content/topics/%s/_index.md", slug);
  g_autofree char *topic_name = g_strdup_printf("topics/%s/index.html", slug);
  site_write(site, "content/_index.md", "---\ntitle: Welcome\ndescription: Ours & yours\n---\n");
  site_write(site, "content/topics/_index.md", "---\ntitle: Subjects\n---\n");
  site_write(site, topic_source, "---\ntitle: The language\ndescription: All on it\n---\n");
  site_write(site, "content/guides/one.md", "---\ntitle: One\ntype: posts\n---\nText\n");
  site_write(site, "content/imprint.md", "---\ntitle: Imprint\nurl: /imprint.html\n---\nText\n");
  site_build(site);
  assert_links_on_disk(site, "index.html");
  assert_links_on_disk(site, "guides/one/index.html");
  g_autoptr(xmlDoc) front = site_page(site, "index.html");
  assert_xpath(front, "string(//meta[@property='og:title']/@content)", SITE_TITLE);
  assert_xpath(front, "string(//p[@class='motto'])", "Ours & yours");
  assert_xpath(front, "count(//nav//a[@href='./imprint.html'])", "1");
  g_autoptr(xmlDoc) topics = site_page(site, "topics/index.html");
  assert_xpath(topics, "string(//h1)", "Subjects");
  g_autoptr(xmlDoc) topic = site_page(site, topic_name);
  assert_xpath(topic, "string(//h1)", "The language");
  assert_xpath(topic, "string(//meta[@name='description']/@content)", "All on it");
  g_autoptr(xmlDoc) guide = site_page(site, "guides/one/index.html");
  assert_xpath(guide, "count(//nav[@class='pager'])", "0");
}

static void
test_same_bytes_and_clean_workspace(void)
{
  if (!has_hugo())
    return;
  g_autoptr(Site) site = site_new(PAGE_LENGTH + 1);
  g_autofree char *first = file_tree_sha256(site->public, NULL);
  g_autoptr(GError) error = NULL;
  file_remove_tree(site->public, &error);
  g_assert_no_error(error);
  site_build(site);
  g_autofree char *second = file_tree_sha256(site->public, NULL);
  g_assert_cmpstr(first, ==, second);
  static const char *const LITTER[] = {"resources", "public", ".hugo_build.lock", "data/hugo"};
  for (size_t i = 0; i < G_N_ELEMENTS(LITTER); i++) {
    g_autofree char *path = g_build_filename(site->workspace, LITTER[i], NULL);
    g_assert_false(g_file_test(path, G_FILE_TEST_EXISTS));
  }
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  xmlInitParser();
  g_test_add_func("/theme/story-pages", test_story_pages);
  g_test_add_func("/theme/front-pages", test_front_pages);
  g_test_add_func("/theme/lists", test_lists);
  g_test_add_func("/theme/workspace-goes-first", test_workspace_goes_first);
  g_test_add_func("/theme/workspace-says-more", test_workspace_says_more);
  g_test_add_func("/theme/same-bytes-and-clean-workspace", test_same_bytes_and_clean_workspace);
  return g_test_run();
}
