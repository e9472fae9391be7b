/* Builds a hostile site with the real Hugo and reads it as a browser and a feed reader would. */
#include "os/file.h"
#include "os/process.h"
#include "site/page.h"

#include <libxml/HTMLparser.h>
#include <libxml/parser.h>
#include <libxml/xpath.h>
#include <string.h>

enum { TIMEOUT_MS = 60000, PAGE_LENGTH = 30, MAX_FILE_BYTES = 4 * 1024 * 1024 };

G_DEFINE_AUTOPTR_CLEANUP_FUNC(xmlDoc, xmlFreeDoc)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(xmlXPathContext, xmlXPathFreeContext)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(xmlXPathObject, xmlXPathFreeObject)

static const char *const HOSTILE_TEXTS[] = {
    "{{< figure src=x >}} and {{</* x */>}}",
    "{{% x %}}",
    "{{ .Site }} {{ readFile \"courant.yaml\" }}",
    "<script>alert(1)</script>",
    "</title></h1></p></blockquote><img src=x onerror=alert(1)>",
    "<!-- <!--more--> ]]> <![CDATA[ <?php ?>",
    "[a](javascript:alert(1)) ![b](https://x.example/b.png) <https://x.example/>",
    "see href=/a src=\"/b\" href='/c' <a href=/d>",
    "&lt;b&gt; &amp;amp; &quot;",
    "\"quoted\" 'single' \\ back\\slash \\\" `code` :smile: #tag",
    "---\nlayout: evil\n---",
    "+++\nlayout = \"evil\"\n+++",
    "}\n{\"layout\": \"evil\", \"outputs\": [\"json\"]}",
    "two\nlines\n\n# and a heading",
    "=SUM(A1) \342\200\250 \360\237\230\200 \327\251\327\234\327\225\327\235",
};

/* Site: a built one. */
typedef struct {
  char *root;
  char *workspace;
  char *public;
} Site;

static char *
number_slug(size_t number)
{
  return g_strdup_printf("story-%06zx", number);
}

static void
write_text(const char *folder, const char *name, const char *text)
{
  g_autoptr(GError) error = NULL;
  g_autofree char *path = g_build_filename(folder, name, NULL);
  g_autofree char *parent = g_path_get_dirname(path);
  file_make_folder(parent, &error);
  g_assert_no_error(error);
  file_write(path, text, strlen(text), &error);
  g_assert_no_error(error);
}

static char *
read_text(const char *folder, const char *name)
{
  g_autoptr(GError) error = NULL;
  g_autofree char *path = g_build_filename(folder, name, NULL);
  char *text = file_read(path, MAX_FILE_BYTES, NULL, &error);
  g_assert_no_error(error);
  return text;
}

static void
put_text(char **field, const char *text)
{
  g_free(*field);
  *field = g_strdup(text);
}

/* The hostile text stands in every field; every second address is no address either. */
static Article *
make_article(size_t number)
{
  char *text = (char *) HOSTILE_TEXTS[number % G_N_ELEMENTS(HOSTILE_TEXTS)];
  char *address =
      number % 2 == 0 ? (char *) "JaVaScRiPt:alert(1)//https://x.example/" : (char *) "https://x.example/?a={{<&b=\"'>";
  Article *article = article_new();
  g_autofree char *story_id = g_strdup_printf("%016zx", number);
  g_autofree char *slug = number_slug(number);
  put_text(&article->story_id, story_id);
  put_text(&article->slug, slug);
  put_text(&article->kind, "brief");
  put_text(&article->headline, text);
  put_text(&article->teaser, text);
  article->revision = 2;
  article->published_ms = article->updated_ms = G_GINT64_CONSTANT(1795163400000);
  article->score = (double) number / 64;
  article_add_source(article, &(ArticleSource){.kind = (char *) "page", .name = text, .title = text, .url = address});
  article_add_source(article, &(ArticleSource){.kind = (char *) "discussion", .name = text, .title = text, .url = address});
  article_add_quotation(article, PART_NEWS, text, 0);
  return article;
}

static void
write_article(const Site *site, size_t number)
{
  g_autoptr(Article) article = make_article(number);
  g_autofree char *name = g_strdup_printf("content/posts/%s/index.html", article->slug);
  g_autofree char *page = page_render(article, &(PageSetting){0});
  write_text(site->workspace, name, page);
}

static void
build(const Site *site)
{
  g_autofree char *config = g_build_filename(site->root, "hugo.json", NULL);
  g_autofree char *cache = g_build_filename(site->root, "cache", NULL);
  g_autofree char *themes = g_test_build_filename(G_TEST_DIST, "..", "..", NULL);
  const char *const command[] = {"hugo",        "--source", site->workspace,        "--config",      config,
                                 "--themesDir", themes,     "--cacheDir",           cache,           "--destination",
                                 site->public,  "--clock",  "2026-11-20T09:00:00Z", "--noBuildLock", "--quiet",
                                 NULL};
  g_autoptr(GError) error = NULL;
  g_autofree char *output = NULL;
  process_run(&(ProcessSpec){.argv = command, .timeout_ms = TIMEOUT_MS}, &output, &error);
  g_test_message("hugo: %s", output);
  g_assert_no_error(error);
}

static Site *
site_new(size_t articles)
{
  Site *site = g_new0(Site, 1);
  site->root = g_dir_make_tmp("courant-theme-XXXXXX", NULL);
  site->workspace = g_build_filename(site->root, "workspace", NULL);
  site->public = g_build_filename(site->root, "public", NULL);
  g_autofree char *config =
      page_hugo_config(&(SiteSettings){.title = "The <b> {{< x >}}", .base_url = "https://news.example/sub", .language = "en"});
  write_text(site->root, "hugo.json", config);
  write_text(site->workspace, "content/about.md",
             "---\ntitle: About\n---\nText <script>alert(1)</script> https://x.example/\n");
  write_text(site->workspace, "content/posts/mine.md", "---\ntitle: Mine\ndate: 2026-11-19\n---\nText\n");
  write_text(site->workspace, "data/broken.json", "{");
  for (size_t i = 0; i < articles; i++)
    write_article(site, i);
  build(site);
  return site;
}

static void
site_free(Site *site)
{
  g_autoptr(GError) error = NULL;
  file_remove_tree(site->root, &error);
  g_assert_no_error(error);
  g_free(site->root);
  g_free(site->workspace);
  g_free(site->public);
  g_free(site);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Site, site_free)

static bool
has_hugo(void)
{
  g_autofree char *path = g_find_program_in_path("hugo");
  if (path == NULL)
    g_test_skip("hugo is not installed");
  return path != NULL;
}

static xmlDoc *
read_html(const char *text)
{
  return htmlReadMemory(text, (int) strlen(text), NULL, "utf-8", HTML_PARSE_NOERROR | HTML_PARSE_NOWARNING | HTML_PARSE_NONET);
}

/* Returns: (transfer full): the string that the XPath @expression has in @document */
static char *
evaluate(xmlDoc *document, const char *expression)
{
  g_autoptr(xmlXPathContext) context = xmlXPathNewContext(document);
  g_autoptr(xmlXPathObject) object = xmlXPathEvalExpression((const xmlChar *) expression, context);
  g_assert_nonnull(object);
  xmlChar *text = xmlXPathCastToString(object);
  char *copy = g_strdup((const char *) text);
  xmlFree(text);
  return copy;
}

static void
assert_xpath(xmlDoc *document, const char *expression, const char *expected)
{
  g_autofree char *value = evaluate(document, expression);
  if (strcmp(value, expected) != 0)
    g_test_message("%s", expression);
  g_assert_cmpstr(value, ==, expected);
}

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
  g_autoptr(Site) site = site_new(2 * G_N_ELEMENTS(HOSTILE_TEXTS));
  for (size_t i = 0; i < 2 * G_N_ELEMENTS(HOSTILE_TEXTS); i++) {
    const char *text = HOSTILE_TEXTS[i % G_N_ELEMENTS(HOSTILE_TEXTS)];
    g_autofree char *slug = number_slug(i);
    g_autofree char *name = g_strdup_printf("posts/%s/index.html", slug);
    g_autofree char *html = read_text(site->public, name);
    g_autoptr(xmlDoc) document = read_html(html);
    g_autofree char *title = g_strdup_printf("%s – The <b> {{< x >}}", text);
    assert_tame(document);
    assert_xpath(document, "string(//title)", title);
    assert_xpath(document, "string(//meta[@name='description']/@content)", text);
    assert_xpath(document, "string(//h1)", text);
    assert_xpath(document, "string(//blockquote)", text);
    assert_xpath(document, "string(//figcaption)", text);
    assert_xpath(document, "string(//section[@aria-labelledby='sources']//li/span[@class='title'])", text);
    assert_xpath(document, "string(//section[@aria-labelledby='discussions']//li//bdi)", text);
    assert_xpath(document, "count(//li//a[starts-with(@href, 'http')])", i % 2 == 0 ? "0" : "2");
    assert_xpath(document, "count(//header//time)", "2");
  }
}

/* Every link that is no address must lead to a file, from every page but the one for what is not found. */
static void
assert_links_on_disk(const Site *site, const char *name)
{
  g_autofree char *html = read_text(site->public, name);
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
  static const char *const NAMES[] = {"index.html", "page/2/index.html", "posts/story-000000/index.html", "about/index.html"};
  for (size_t i = 0; i < G_N_ELEMENTS(NAMES); i++)
    assert_links_on_disk(site, NAMES[i]);

  g_autofree char *html = read_text(site->public, "index.html");
  g_autoptr(xmlDoc) document = read_html(html);
  assert_tame(document);
  assert_xpath(document, "string(//h1)", "The <b> {{< x >}}");
  assert_xpath(document, "count(//h3)", "30");
  for (size_t i = 0; i < PAGE_LENGTH; i++) {
    g_autofree char *headline = g_strdup_printf("string((//h3)[%zu])", i + 1);
    assert_xpath(document, headline, HOSTILE_TEXTS[(ARTICLES - 1 - i) % G_N_ELEMENTS(HOSTILE_TEXTS)]);
  }
  g_autofree char *missing = read_text(site->public, "404.html");
  g_autoptr(xmlDoc) not_found = read_html(missing);
  assert_tame(not_found);
  assert_xpath(not_found, "count(//@href[not(starts-with(., 'https://news.example/sub/')) and . != '#main'])", "0");
}

static void
assert_feed_item(xmlDoc *feed, size_t position, size_t number)
{
  const char *text = HOSTILE_TEXTS[number % G_N_ELEMENTS(HOSTILE_TEXTS)];
  g_autofree char *title = g_strdup_printf("string(//item[%zu]/title)", position);
  g_autofree char *description = g_strdup_printf("string(//item[%zu]/description)", position);
  g_autofree char *link = g_strdup_printf("string(//item[%zu]/link)", position);
  g_autofree char *address = g_strdup_printf("https://news.example/sub/posts/story-%06zx/", number);
  assert_xpath(feed, title, text);
  assert_xpath(feed, link, address);
  g_autofree char *markup = evaluate(feed, description);
  g_autofree char *body = g_strdup_printf("<p>%s</p>", markup);
  g_autoptr(xmlDoc) document = read_html(body);
  assert_xpath(document, "string(//p)", text);
  assert_xpath(document, "count(//p/*)", "0");
}

static void
test_feed(void)
{
  if (!has_hugo())
    return;
  g_autoptr(Site) site = site_new(G_N_ELEMENTS(HOSTILE_TEXTS));
  g_autofree char *text = read_text(site->public, "index.xml");
  g_autoptr(xmlDoc) feed = xmlReadMemory(text, (int) strlen(text), NULL, NULL, XML_PARSE_NONET);
  g_assert_nonnull(feed);
  assert_xpath(feed, "string(/rss/channel/title)", "The <b> {{< x >}}");
  assert_xpath(feed, "string(//*[local-name()='link' and @rel='self']/@href)", "https://news.example/sub/index.xml");
  assert_xpath(feed, "string(//lastBuildDate)", "Fri, 20 Nov 2026 08:30:00 GMT");
  assert_xpath(feed, "string(//item/pubDate)", "Fri, 20 Nov 2026 08:30:00 GMT");
  assert_xpath(feed, "count(//guid[@isPermaLink='false' and starts-with(., 'urn:uuid:')])", "15");
  for (size_t i = 0; i < G_N_ELEMENTS(HOSTILE_TEXTS); i++)
    assert_feed_item(feed, i + 1, G_N_ELEMENTS(HOSTILE_TEXTS) - 1 - i);
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
  build(site);
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
  g_test_add_func("/theme/feed", test_feed);
  g_test_add_func("/theme/same-bytes-and-clean-workspace", test_same_bytes_and_clean_workspace);
  return g_test_run();
}
