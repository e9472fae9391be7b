#include "theme-site.h"

#include "base/digest.h"
#include "os/file.h"
#include "os/process.h"
#include "site/page.h"

#include <libxml/xpath.h>
#include <string.h>

enum { TIMEOUT_MS = 60000, MAX_FILE_BYTES = 4 * 1024 * 1024 };

G_DEFINE_AUTOPTR_CLEANUP_FUNC(xmlXPathContext, xmlXPathFreeContext)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(xmlXPathObject, xmlXPathFreeObject)

const char *const HOSTILE_TEXTS[HOSTILE_COUNT] = {
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

void
site_write(const Site *site, const char *name, const char *text)
{
  write_text(site->workspace, name, text);
}

char *
site_text(const Site *site, const char *name)
{
  g_autoptr(GError) error = NULL;
  g_autofree char *path = g_build_filename(site->public, name, NULL);
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
  char *text = (char *) HOSTILE_TEXTS[number % HOSTILE_COUNT];
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
  article_add_source(article, &(ArticleSource){.kind = (char *) "discussion",
                                               .name = text,
                                               .title = text,
                                               .url = address,
                                               .time_ms = article->published_ms,
                                               .likes = 1312,
                                               .replies = 1});
  article_add_quotation(article, PART_NEWS, text, 0);
  topics_add(article->topics, topic_new(LONE_LABEL));
  topics_add(article->topics, topic_new(SHARED_LABEL));
  return article;
}

char *
theme_feed_id(size_t number)
{
  g_autofree char *story_id = g_strdup_printf("%016zx", number);
  g_autofree char *uuid = digest_uuid(story_id);
  return g_strconcat("urn:uuid:", uuid, NULL);
}

char *
theme_slug(const char *label)
{
  g_autoptr(Topic) topic = topic_new(label);
  return g_strdup(topic->slug);
}

static void
write_article(const Site *site, size_t number)
{
  g_autoptr(Article) article = make_article(number);
  g_autofree char *name = g_strdup_printf("content/posts/%s/index.html", article->slug);
  g_autofree char *shared = theme_slug(SHARED_LABEL);
  g_autoptr(GHashTable) shared_topics = g_hash_table_new(g_str_hash, g_str_equal);
  g_hash_table_add(shared_topics, shared);
  g_autofree char *page = page_render(article, &(PageSetting){.shared_topics = shared_topics, .cover = "0a-1b.png"});
  site_write(site, name, page);
}

void
site_build(const Site *site)
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

Site *
site_prepare(size_t articles)
{
  Site *site = g_new0(Site, 1);
  site->root = g_dir_make_tmp("courant-theme-XXXXXX", NULL);
  site->workspace = g_build_filename(site->root, "workspace", NULL);
  site->public = g_build_filename(site->root, "public", NULL);
  g_autoptr(GPtrArray) topics = topics_new();
  topics_add(topics, topic_new(SHARED_LABEL));
  g_autofree char *config = page_hugo_config(
      &(SiteSettings){.title = SITE_TITLE, .base_url = "https://news.example/sub", .language = "en", .topics = topics});
  write_text(site->root, "hugo.json", config);
  site_write(site, "content/about.md", "---\ntitle: About\n---\nText <script>alert(1)</script> https://x.example/\n");
  site_write(site, "content/posts/mine.md", "---\ntitle: Mine\ndate: 2026-11-19\n---\nText\n");
  site_write(site, "data/broken.json", "{");
  for (size_t i = 0; i < articles; i++)
    write_article(site, i);
  return site;
}

Site *
site_new(size_t articles)
{
  Site *site = site_prepare(articles);
  site_build(site);
  return site;
}

void
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

bool
has_hugo(void)
{
  g_autofree char *path = g_find_program_in_path("hugo");
  if (path == NULL)
    g_test_skip("hugo is not installed");
  return path != NULL;
}

xmlDoc *
read_html(const char *text)
{
  return htmlReadMemory(text, (int) strlen(text), NULL, "utf-8", HTML_PARSE_NOERROR | HTML_PARSE_NOWARNING | HTML_PARSE_NONET);
}

char *
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

void
assert_xpath(xmlDoc *document, const char *expression, const char *expected)
{
  g_autofree char *value = evaluate(document, expression);
  if (strcmp(value, expected) != 0)
    g_test_message("%s", expression);
  g_assert_cmpstr(value, ==, expected);
}

void
assert_below(xmlDoc *document, const char *parent, const char *child, const char *expected)
{
  g_autofree char *expression = g_strdup_printf("string(%s/%s)", parent, child);
  assert_xpath(document, expression, expected);
}

xmlDoc *
site_page(const Site *site, const char *name)
{
  g_autofree char *html = site_text(site, name);
  return read_html(html);
}

xmlDoc *
site_xml(const Site *site, const char *name)
{
  g_autofree char *text = site_text(site, name);
  xmlDoc *document = xmlReadMemory(text, (int) strlen(text), NULL, NULL, XML_PARSE_NONET);
  g_assert_nonnull(document);
  return document;
}
