#include "site/page.h"

#include "base/json.h"

#include <string.h>

static const int64_t PUBLISHED_MS = G_GINT64_CONSTANT(1795163400000); /* 2026-11-20T08:30:00Z */
static const int64_t REVISED_MS = G_GINT64_CONSTANT(1795185000000);   /* 2026-11-20T14:30:00Z */

typedef struct {
  const char *text;
  const char *expected;
} EscapeCase;

static const EscapeCase ESCAPE_CASES[] = {
    {"", ""},
    {"plain – words", "plain – words"},
    {"a & b", "a &#38; b"},
    {"&amp;", "&#38;amp;"},
    {"<script>", "&#60;script&#62;"},
    {"{{< figure src=\"x\" >}}", "&#123;&#123;&#60; figure src=&#34;x&#34; &#62;&#125;&#125;"},
    {"{{% x %}}", "&#123;&#123;% x %&#125;&#125;"},
    {"it's", "it&#39;s"},
};

static void
test_escape(void)
{
  for (size_t i = 0; i < G_N_ELEMENTS(ESCAPE_CASES); i++) {
    g_autofree char *escaped = page_escape(ESCAPE_CASES[i].text);
    g_assert_cmpstr(escaped, ==, ESCAPE_CASES[i].expected);
  }
}

static void
put_text(char **field, const char *text)
{
  g_free(*field);
  *field = g_strdup(text);
}

static Article *
make_article(const char *text)
{
  Article *article = article_new();
  put_text(&article->story_id, "0123456789abcdef");
  put_text(&article->slug, "the-slug-012345");
  put_text(&article->kind, "brief");
  put_text(&article->headline, text);
  put_text(&article->teaser, text);
  article->revision = 2;
  article->published_ms = PUBLISHED_MS;
  article->updated_ms = REVISED_MS;
  article->score = 0.75;
  return article;
}

static void
add_source(Article *article, const char *kind, const char *name, const char *url, int64_t time_ms)
{
  bool is_discussion = g_str_equal(kind, "discussion");
  article_add_source(article, &(ArticleSource){.kind = (char *) kind,
                                               .name = (char *) name,
                                               .title = (char *) "Title",
                                               .url = (char *) url,
                                               .time_ms = time_ms,
                                               .likes = is_discussion ? 312 : -1,
                                               .replies = is_discussion ? 0 : -1});
}

static void
test_whole_page(void)
{
  g_autoptr(Article) article = make_article("Head");
  add_source(article, "page", "A & B", "https://a.example/?x={1}&y", PUBLISHED_MS);
  add_source(article, "discussion", "C", "javascript:alert(1)", 0);
  article_add_quotation(article, PART_NEWS, "One <b>.\nTwo.", 0);
  article_add_quotation(article, PART_NEWS, "Three.", 1);
  topics_add(article->topics, topic_new("C++"));
  topics_add(article->topics, topic_new("Alone"));
  g_autoptr(GHashTable) shared = g_hash_table_new(g_str_hash, g_str_equal);
  g_hash_table_add(shared, (char *) "cpp");
  g_autofree char *page = page_render(article, &(PageSetting){.shared_topics = shared, .cover = "c.png"});
  g_assert_cmpstr(
      page, ==,
      "{\"date\":\"2026-11-20T08:30:00Z\",\"lastmod\":\"2026-11-20T14:30:00Z\",\"params\":{"
      "\"cover\":\"c.png\",\"feed_id\":\"urn:uuid:9e3e8ffd-ed27-5254-a635-33cb38146d4b\",\"kind\":\"brief\",\"revision\":2,"
      "\"score\":0.75,"
      "\"sources\":["
      "{\"kind\":\"page\",\"name\":\"A & B\",\"time\":\"2026-11-20T08:30:00Z\",\"title\":\"Title\",\"url\":\"https://a.example/"
      "?x={1}&y\"},"
      "{\"kind\":\"discussion\",\"likes\":312,\"name\":\"C\",\"replies\":0,\"title\":\"Title\"}],"
      "\"story_id\":\"0123456789abcdef\",\"teaser\":\"Head\","
      "\"topics\":[{\"label\":\"C++\",\"slug\":\"cpp\"},{\"label\":\"Alone\"}]},\"slug\":\"the-slug-012345\","
      "\"title\":\"Head\",\"topics\":[\"cpp\"]}\n"
      "<figure>\n<blockquote cite=\"https://a.example/?x=&#123;1&#125;&#38;y\"><p dir=\"auto\">One &#60;b&#62;.\nTwo.</p>"
      "</blockquote>\n<figcaption><a href=\"https://a.example/?x=&#123;1&#125;&#38;y\"><bdi>A &#38; B</bdi></a>, "
      "<time datetime=\"2026-11-20T08:30:00Z\">20 November 2026</time></figcaption>\n</figure>\n"
      "<figure>\n<blockquote><p dir=\"auto\">Three.</p></blockquote>\n<figcaption><bdi>C</bdi></figcaption>\n</figure>\n");
}

/* An article that moved to another story, and took in a third: feeds know it as before, and the third's address leads to it. */
static void
test_a_merged_page(void)
{
  g_autoptr(Article) article = make_article("Head");
  put_text(&article->story_id, "fedcba9876543210");
  g_autoptr(GPtrArray) aliases = g_ptr_array_new();
  g_ptr_array_add(aliases, (char *) "a-third-aaaaaa");
  g_autofree char *page = page_render(article, &(PageSetting){.told_as = "0123456789abcdef", .aliases = aliases});
  g_assert_true(g_str_has_prefix(page, "{\"aliases\":[\"/posts/a-third-aaaaaa/\"],"));
  g_assert_nonnull(strstr(page, "\"feed_id\":\"urn:uuid:9e3e8ffd-ed27-5254-a635-33cb38146d4b\""));
  g_assert_nonnull(strstr(page, "\"story_id\":\"fedcba9876543210\""));
}

typedef struct {
  const char *parts;
  int figures_before;
} PartsCase;

/* n: a quotation of the news, m: of what else is known; -1: no heading */
static const PartsCase PARTS_CASES[] = {{"", -1}, {"n", -1}, {"nn", -1}, {"m", -1}, {"mm", -1}, {"nm", 1}, {"nnmm", 2}};

static int
count_text(const char *text, const char *end, const char *part)
{
  int count = 0;
  for (const char *at = strstr(text, part); at != NULL && at < end; at = strstr(at + 1, part))
    count++;
  return count;
}

static void
test_heading_between_parts(void)
{
  for (size_t i = 0; i < G_N_ELEMENTS(PARTS_CASES); i++) {
    const PartsCase *parts_case = &PARTS_CASES[i];
    g_autoptr(Article) article = make_article("Head");
    add_source(article, "page", "Name", "https://a.example/", 0);
    for (const char *part = parts_case->parts; *part != '\0'; part++)
      article_add_quotation(article, *part == 'm' ? PART_MORE : PART_NEWS, "Text.", 0);
    g_autofree char *page = page_render(article, &(PageSetting){0});
    const char *end = page + strlen(page);
    const char *heading =
        strstr(page, "<section class=\"known\" aria-labelledby=\"known\">\n<h2 id=\"known\">What else is known</h2>\n");
    g_assert_cmpint(heading != NULL ? count_text(page, heading, "<figure>") : -1, ==, parts_case->figures_before);
    g_assert_cmpint(count_text(page, end, "<h2"), ==, heading != NULL);
    g_assert_cmpint(count_text(page, end, "</section>"), ==, heading != NULL);
    g_assert_cmpint(count_text(page, end, "<figure>"), ==, (int) strlen(parts_case->parts));
  }
}

static const char *const HOSTILE_TEXTS[] = {
    "\",\"layout\":\"evil\",\"x\":\"", "}\n---\nlayout: evil\n---\n", "+++\nlayout = \"evil\"\n+++",
    "\\\",\"url\":\"/etc\"",           "{{< x >}}{{% y %}}",          "\\",
};

static const char *const FRONT_KEYS[] = {"date", "lastmod", "params", "slug", "title", "topics"};

static void
test_front_matter_keeps_its_keys(void)
{
  for (size_t i = 0; i < G_N_ELEMENTS(HOSTILE_TEXTS); i++) {
    g_autoptr(Article) article = make_article(HOSTILE_TEXTS[i]);
    add_source(article, "page", HOSTILE_TEXTS[i], HOSTILE_TEXTS[i], -5);
    article_add_quotation(article, PART_NEWS, HOSTILE_TEXTS[i], 0);
    topics_add(article->topics, topic_new(HOSTILE_TEXTS[i]));
    g_autofree char *page = page_render(article, &(PageSetting){.cover = HOSTILE_TEXTS[i]});
    size_t length = strcspn(page, "\n");
    g_autoptr(json_t) front = json_parse(page, length, NULL, NULL);
    g_assert_nonnull(front);
    g_assert_cmpuint(json_object_size(front), ==, G_N_ELEMENTS(FRONT_KEYS));
    for (size_t k = 0; k < G_N_ELEMENTS(FRONT_KEYS); k++)
      g_assert_nonnull(json_object_get(front, FRONT_KEYS[k]));
    g_assert_cmpstr(json_read_text(front, "title"), ==, HOSTILE_TEXTS[i]);
    g_assert_null(strpbrk(page + length, "{}"));
  }
}

/* Times that no calendar knows come from broken feeds: they must not break the build of the site. */
static void
test_times_out_of_range(void)
{
  static const int64_t TIMES_MS[] = {G_MININT64, -1, 0, 1, G_GINT64_CONSTANT(253402300800000), G_MAXINT64};
  g_autoptr(Article) article = make_article("Head");
  for (size_t i = 0; i < G_N_ELEMENTS(TIMES_MS); i++) {
    add_source(article, "post", "Name", "https://a.example/", TIMES_MS[i]);
    article_add_quotation(article, PART_NEWS, "Text.", (int64_t) i);
  }
  g_autofree char *page = page_render(article, &(PageSetting){0});
  g_assert_nonnull(strstr(page, "<time datetime=\"9999-12-31T23:59:59.999Z\">31 December 9999</time>"));
  g_assert_nonnull(strstr(page, "<time datetime=\"1970-01-01T00:00:00.001Z\">1 January 1970</time>"));
}

static void
test_hugo_config(void)
{
  g_autoptr(GPtrArray) topics = topics_new();
  topics_add(topics, topic_new("C++"));
  g_autofree char *text = page_hugo_config(
      &(SiteSettings){.title = "A \"B\"", .base_url = "https://a.example/n", .language = "de", .topics = topics});
  g_autoptr(json_t) config = json_parse(text, strlen(text), NULL, NULL);
  g_assert_cmpstr(json_read_text(config, "title"), ==, "A \"B\"");
  g_assert_cmpstr(json_read_text(config, "baseURL"), ==, "https://a.example/n/");
  g_assert_cmpstr(json_read_text(config, "languageCode"), ==, "de");
  const json_t *labels = json_object_get(json_object_get(config, "params"), "topics");
  g_assert_cmpstr(json_read_text(labels, "cpp"), ==, "C++");
  g_assert_cmpuint(json_object_size(labels), ==, 1);
  const json_t *security = json_object_get(config, "security");
  g_assert_cmpstr(json_string_value(json_array_get(json_object_get(json_object_get(security, "exec"), "allow"), 0)), ==,
                  "none");
  g_assert_null(json_object_get(config, "relativeURLs"));
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/page/escape", test_escape);
  g_test_add_func("/page/whole-page", test_whole_page);
  g_test_add_func("/page/a-merged-page", test_a_merged_page);
  g_test_add_func("/page/heading-between-parts", test_heading_between_parts);
  g_test_add_func("/page/front-matter-keeps-its-keys", test_front_matter_keeps_its_keys);
  g_test_add_func("/page/times-out-of-range", test_times_out_of_range);
  g_test_add_func("/page/hugo-config", test_hugo_config);
  return g_test_run();
}
