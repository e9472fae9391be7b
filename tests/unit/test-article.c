#include "model/article.h"

#include "base/error.h"

#include <glib.h>
#include <string.h>

static void
set_text(char **text, const char *value)
{
  g_free(*text);
  *text = g_strdup(value);
}

static Article *
make_article(void)
{
  Article *article = article_new();
  set_text(&article->kind, "brief");
  set_text(&article->headline, "“Quotes”, {{< x >}} & \\ \n \U0001F600");
  set_text(&article->teaser, "<script>");
  int64_t first = article_add_source(
      article,
      &(ArticleSource){.kind = "discussion", .name = "Hacker News", .title = "T", .url = "https://a.example/", .time_ms = 5});
  int64_t second = article_add_source(
      article,
      &(ArticleSource){.kind = "page", .name = "b.example", .title = "", .url = "https://b.example/", .time_ms = INT64_MAX});
  article_add_quotation(article, PART_NEWS, "Second.", second);
  article_add_quotation(article, PART_NEWS, "First.", first);
  return article;
}

static void
test_document_form(void)
{
  g_autoptr(Article) article = article_new();
  g_autofree char *empty = article_document(article);
  g_assert_cmpstr(empty, ==,
                  "{\"headline\":\"\",\"kind\":\"\",\"quotations\":[],\"sources\":[],\"teaser\":\"\",\"topics\":[]}");
  article_add_source(
      article,
      &(ArticleSource){.kind = "page", .name = "n", .title = "t", .url = "u", .time_ms = -1, .likes = 7, .replies = -1});
  article_add_quotation(article, PART_MORE, "q", 0);
  topics_add(article->topics, topic_new("C++"));
  g_autofree char *document = article_document(article);
  g_assert_cmpstr(document, ==,
                  "{\"headline\":\"\",\"kind\":\"\",\"quotations\":[{\"part\":\"more\",\"source\":0,\"text\":\"q\"}],"
                  "\"sources\":[{\"kind\":\"page\",\"likes\":7,\"name\":\"n\",\"time_ms\":-1,\"title\":\"t\",\"url\":\"u\"}],"
                  "\"teaser\":\"\",\"topics\":[{\"label\":\"C++\"}]}");
}

/* Engagement alone makes no revision; a document of an earlier version has neither topics nor parts. */
static void
test_says_same(void)
{
  g_autoptr(Article) article = make_article();
  g_autofree char *before = article_document(article);
  ((ArticleSource *) article->sources->pdata[0])->likes = 9;
  g_assert_true(article_says_same(article, before));
  topics_add(article->topics, topic_new("Linux"));
  g_assert_false(article_says_same(article, before));
  g_assert_false(article_says_same(article, "{}"));
  const char *early = "{\"headline\":\"h\",\"kind\":\"brief\",\"quotations\":[{\"source\":0,\"text\":\"q\"}],\"sources\":"
                      "[{\"kind\":\"page\",\"name\":\"n\",\"time_ms\":1,\"title\":\"t\",\"url\":\"u\"}],\"teaser\":\"\"}";
  g_autoptr(Article) old = article_from_document(early, NULL);
  g_assert_nonnull(old);
  g_assert_cmpint(((const Quotation *) old->quotations->pdata[0])->part, ==, PART_NEWS);
  g_assert_cmpint(((const ArticleSource *) old->sources->pdata[0])->likes, ==, -1);
}

static void
test_document_leaves_out_when_it_was_written(void)
{
  g_autoptr(Article) article = make_article();
  g_autofree char *document = article_document(article);
  set_text(&article->slug, "slug");
  set_text(&article->story_id, "0123");
  article->revision = 3;
  article->published_ms = article->updated_ms = 9;
  article->score = 0.5;
  g_autofree char *later = article_document(article);
  g_assert_cmpstr(later, ==, document);
}

static void
test_round_trip(void)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(Article) article = make_article();
  g_autofree char *document = article_document(article);
  g_autoptr(Article) back = article_from_document(document, &error);
  g_assert_no_error(error);
  g_assert_cmpstr(back->headline, ==, article->headline);
  g_assert_cmpuint(back->sources->len, ==, 2);
  const ArticleSource *source = back->sources->pdata[1];
  g_assert_cmpstr(source->url, ==, "https://b.example/");
  g_assert_cmpint(source->time_ms, ==, INT64_MAX);
  const Quotation *quotation = back->quotations->pdata[0];
  g_assert_cmpstr(quotation->text, ==, "Second.");
  g_assert_cmpint(quotation->source, ==, 1);
  g_autofree char *again = article_document(back);
  g_assert_cmpstr(again, ==, document);
}

#define SOURCES "\"sources\":[{\"kind\":\"page\",\"name\":\"n\",\"time_ms\":0,\"title\":\"t\",\"url\":\"u\"}]"
#define TEXTS   "\"headline\":\"h\",\"kind\":\"brief\",\"teaser\":\"t\""

static void
test_wrong_documents(void)
{
  static const char *const CASES[][2] = {
      {"", "line 1"},
      {"[]", "kind"},
      {"{" TEXTS "," SOURCES "}", "quotations: "},
      {"{" TEXTS ",\"quotations\":[]}", "sources: "},
      {"{" TEXTS ",\"quotations\":{}," SOURCES "}", "quotations: "},
      {"{\"kind\":\"brief\",\"headline\":7,\"teaser\":\"\",\"quotations\":[]," SOURCES "}", "headline: "},
      {"{" TEXTS ",\"quotations\":[7]," SOURCES "}", "quotations[0].text: "},
      {"{" TEXTS ",\"quotations\":[{\"text\":\"x\",\"source\":0},{\"text\":\"x\",\"source\":1}]," SOURCES "}",
       "quotations[1].source: there is no source 1"},
      {"{" TEXTS ",\"quotations\":[{\"text\":\"x\",\"source\":-1}]," SOURCES "}",
       "quotations[0].source: there is no source -1"},
      {"{" TEXTS ",\"quotations\":[{\"text\":\"x\",\"source\":\"0\"}]," SOURCES "}", "quotations[0].source: is no integer"},
      {"{" TEXTS ",\"quotations\":[],\"sources\":[{\"kind\":\"page\"}]}", "sources[0].name: is no text"},
      {"{" TEXTS ",\"quotations\":[],\"sources\":[{\"kind\":\"\",\"name\":\"\",\"title\":\"\",\"url\":\"\",\"time_ms\":1.5}]}",
       "sources[0].time_ms: is no integer"},
  };
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    g_autoptr(GError) error = NULL;
    g_autoptr(Article) article = article_from_document(CASES[i][0], &error);
    g_assert_null(article);
    g_assert_error(error, COURANT_ERROR, ERROR_BAD_DATA);
    g_assert_true(g_str_has_prefix(error->message, "article document: "));
    g_assert_nonnull(strstr(error->message, CASES[i][1]));
  }
  g_autoptr(Article) right = article_from_document("{" TEXTS ",\"quotations\":[]," SOURCES "}", NULL);
  g_assert_nonnull(right);
}

static void
test_slug(void)
{
  static const char *const CASES[][2] = {
      {"Linux 7.0 is out", "linux-7-0-is-out-012345"},
      {"中文", "012345"},
      {"", "012345"},
      {"The quick brown fox jumps over the lazy dog and then sleeps for a week",
       "the-quick-brown-fox-jumps-over-the-lazy-dog-and-then-sleeps-012345"},
  };
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    g_autofree char *slug = article_slug(CASES[i][0], "0123456789abcdef");
    g_assert_cmpstr(slug, ==, CASES[i][1]);
  }
  article_free(NULL);
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/article/document-form", test_document_form);
  g_test_add_func("/article/says-same", test_says_same);
  g_test_add_func("/article/document-leaves-out-when-it-was-written", test_document_leaves_out_when_it_was_written);
  g_test_add_func("/article/round-trip", test_round_trip);
  g_test_add_func("/article/wrong-documents", test_wrong_documents);
  g_test_add_func("/article/slug", test_slug);
  return g_test_run();
}
