#include "writing/brief.h"

#include <string.h>

static void
set(char **field, const char *text)
{
  g_free(*field);
  *field = g_strdup(text);
}

static const char *
find_community(const char *source_key)
{
  return strcmp(source_key, "hackernews") == 0 ? "Hacker News" : NULL;
}

/* @url: of the post itself, @link: the page it is about */
static Item *
add_item(Story *story, const char *source, const char *url, const char *link, const char *title)
{
  Item *item = item_new();
  g_autofree char *id = g_strdup_printf("%s:%u", source, story->items->len);
  set(&item->id, id);
  set(&item->source, source);
  set(&item->url, url);
  set(&item->canonical_url, link);
  set(&item->title, title);
  item->published_ms = 1000 + story->items->len;
  g_ptr_array_add(story->items, item);
  return item;
}

static void
free_evidence(gpointer evidence)
{
  evidence_free(evidence);
}

static void
add_page(GPtrArray *evidence, const char *url, const char *site_name, const char *text)
{
  Evidence *page = g_new0(Evidence, 1);
  page->url = g_strdup(url);
  page->title = g_strdup("The page's own title");
  page->site_name = g_strdup(site_name);
  page->text = g_strdup(text);
  page->fetched_ms = 5000;
  g_ptr_array_add(evidence, page);
}

static const ArticleSource *
source_at(const Article *article, guint position)
{
  g_assert_cmpuint(position, <, article->sources->len);
  return article->sources->pdata[position];
}

static const Quotation *
quotation_at(const Article *article, guint position)
{
  g_assert_cmpuint(position, <, article->quotations->len);
  return article->quotations->pdata[position];
}

static void
test_headline_and_links_alone(void)
{
  g_autoptr(Story) story = story_new("0123456789abcdef");
  add_item(story, "hackernews", "https://news.ycombinator.com/item?id=1", "https://www.e.org/x", "Arenas are enough");
  g_autoptr(GPtrArray) evidence = g_ptr_array_new();
  g_autoptr(Article) article = brief_write(story, evidence, find_community);

  g_assert_cmpstr(article->story_id, ==, "0123456789abcdef");
  g_assert_cmpstr(article->kind, ==, "brief");
  g_assert_cmpstr(article->headline, ==, "Arenas are enough");
  g_assert_cmpstr(article->teaser, ==, "Arenas are enough");
  g_assert_cmpuint(article->quotations->len, ==, 0);
  g_assert_cmpuint(article->sources->len, ==, 2);
  g_assert_cmpstr(source_at(article, 0)->kind, ==, "page");
  g_assert_cmpstr(source_at(article, 0)->name, ==, "e.org");
  g_assert_cmpint(source_at(article, 0)->time_ms, ==, 0);
  g_assert_cmpstr(source_at(article, 1)->kind, ==, "discussion");
  g_assert_cmpstr(source_at(article, 1)->name, ==, "Hacker News");
  g_assert_cmpint(source_at(article, 1)->time_ms, ==, 1000);
}

static void
test_sources_in_order(void)
{
  g_autoptr(Story) story = story_new("s");
  add_item(story, "hackernews", "https://news.ycombinator.com/item?id=1", "https://e.org/x", "Arenas");
  add_item(story, "hackernews", "https://news.ycombinator.com/item?id=2", "https://e.org/x", "Arenas again");
  add_item(story, "feed:https://e.org/rss", "https://e.org/x", "https://e.org/x", "Arenas, from the source");
  add_item(story, "feed:https://f.org/rss", "https://f.org/y", "https://f.org/y", "Of arenas");
  g_autoptr(GPtrArray) evidence = g_ptr_array_new_with_free_func(free_evidence);
  add_page(evidence, "https://e.org/x", "The E", "A page.");
  g_autoptr(Article) article = brief_write(story, evidence, find_community);

  static const struct {
    const char *kind;
    const char *name;
    const char *url;
  } EXPECTED[] = {
      {"page", "The E", "https://e.org/x"},
      {"post", "f.org", "https://f.org/y"},
      {"discussion", "Hacker News", "https://news.ycombinator.com/item?id=1"},
      {"discussion", "Hacker News", "https://news.ycombinator.com/item?id=2"},
  };
  g_assert_cmpuint(article->sources->len, ==, G_N_ELEMENTS(EXPECTED));
  for (guint i = 0; i < G_N_ELEMENTS(EXPECTED); i++) {
    g_assert_cmpstr(source_at(article, i)->kind, ==, EXPECTED[i].kind);
    g_assert_cmpstr(source_at(article, i)->name, ==, EXPECTED[i].name);
    g_assert_cmpstr(source_at(article, i)->url, ==, EXPECTED[i].url);
  }
  g_assert_cmpint(source_at(article, 0)->time_ms, ==, 1002); /* the entry's, not when the page was fetched */
}

static void
test_self_post_is_no_page(void)
{
  const char *self = "https://news.ycombinator.com/item?id=1";
  g_autoptr(Story) story = story_new("s");
  set(&add_item(story, "hackernews", self, self, "Ask HN: Why?")->text, "I wonder. Do you?");
  g_autoptr(GPtrArray) evidence = g_ptr_array_new();
  g_autoptr(Article) article = brief_write(story, evidence, find_community);
  g_assert_cmpuint(article->sources->len, ==, 1);
  g_assert_cmpstr(source_at(article, 0)->kind, ==, "discussion");
  g_assert_cmpstr(quotation_at(article, 0)->text, ==, "I wonder. Do you?");
}

static void
test_unusable_address_is_no_source(void)
{
  g_autoptr(Story) story = story_new("s");
  add_item(story, "feed:https://e.org/rss", "javascript:alert(1)", NULL, "Click me");
  add_item(story, "feed:https://e.org/rss", "", NULL, "Click me");
  g_autoptr(GPtrArray) evidence = g_ptr_array_new();
  g_autoptr(Article) article = brief_write(story, evidence, find_community);
  g_assert_cmpuint(article->sources->len, ==, 0);
  g_assert_cmpstr(article->headline, ==, "Click me");
}

static void
test_headlines(void)
{
  static const struct {
    const char *feed_title;
    const char *lead_title;
    const char *feed_link;
    const char *headline;
  } CASES[] = {
      {"Arenas, from the source", "Show HN: Arenas", "https://e.org/x", "Arenas, from the source"},
      {"Another page", "Show HN: Arenas", "https://f.org/y", "Show HN: Arenas"},
      {"ARENAS ARE ENOUGH", "Arenas are enough", "https://e.org/x", "Arenas are enough"},
      {"Arenas are enough", "ARENAS ARE ENOUGH", "https://f.org/y", "Arenas are enough"},
      {"ARENAS!", "ARENAS ARE ENOUGH", "https://f.org/y", "ARENAS ARE ENOUGH"},
      {"", "Arenas", "https://e.org/x", "Arenas"},
      {"", "", "https://e.org/x", "Arenas are all that is needed."},
  };
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    g_autoptr(Story) story = story_new("s");
    const char *feed = "feed:https://e.org/rss";
    set(&add_item(story, feed, CASES[i].feed_link, CASES[i].feed_link, CASES[i].feed_title)->text,
        "Arenas are all that is needed.");
    const Item *lead =
        add_item(story, "hackernews", "https://news.ycombinator.com/item?id=1", "https://e.org/x", CASES[i].lead_title);
    set(&story->lead_item, lead->id);
    g_autoptr(GPtrArray) evidence = g_ptr_array_new();
    g_autoptr(Article) article = brief_write(story, evidence, find_community);
    g_assert_cmpstr(article->headline, ==, CASES[i].headline);
  }
}

static void
test_quotations(void)
{
  g_autoptr(GString) endless = g_string_new(NULL);
  for (guint i = 0; i < 300; i++)
    g_string_append(endless, "word ");
  g_autofree char *forty_words = g_strdup_printf("%.199s.", endless->str);
  g_autofree char *eighty_words = g_strdup_printf("%s And %s", forty_words, forty_words);
  const struct {
    const char *why;
    const char *text;
    const char *quotation;
  } cases[] = {
      {"three sentences at most", "One is here. Two is here. Three is here. Four is here.",
       "One is here. Two is here. Three is here."},
      {"sixty words at most", eighty_words, forty_words},
      {"the title is not quoted again", "The page's own title\n\nOne is here.", "One is here."},
      {"a byline is no sentence", "By A. Writer, 1 March\n\nOne is here.", "One is here."},
      {"a heading ends what is quoted", "One is here.\n\nThe next part\n\nTwo is here.", "One is here."},
      {"words without an end", "just some words", "just some words"},
      {"nothing to quote", "\n\n…\n\n", NULL},
      {"no text", "", NULL},
      {"markup stays text", "{{< x >}} [a](javascript:b) <b>c</b>.", "{{< x >}} [a](javascript:b) <b>c</b>."},
  };
  for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
    g_test_message("%s", cases[i].why);
    g_autoptr(Story) story = story_new("s");
    g_autoptr(GPtrArray) evidence = g_ptr_array_new_with_free_func(free_evidence);
    add_page(evidence, "https://e.org/x", NULL, cases[i].text);
    g_autoptr(Article) article = brief_write(story, evidence, find_community);
    g_assert_cmpuint(article->quotations->len, ==, cases[i].quotation ? 1 : 0);
    if (cases[i].quotation)
      g_assert_cmpstr(quotation_at(article, 0)->text, ==, cases[i].quotation);
  }

  g_autoptr(Story) story = story_new("s");
  g_autoptr(GPtrArray) evidence = g_ptr_array_new_with_free_func(free_evidence);
  add_page(evidence, "https://e.org/x", NULL, endless->str);
  g_autoptr(Article) article = brief_write(story, evidence, find_community);
  g_assert_cmpint(g_utf8_strlen(quotation_at(article, 0)->text, -1), <=, 401);
  g_assert_cmpint(g_utf8_strlen(article->teaser, -1), <=, 201);
}

static void
test_quotations_of_several_sources(void)
{
  g_autoptr(Story) story = story_new("s");
  set(&add_item(story, "hackernews", "https://news.ycombinator.com/item?id=1", NULL, "Arenas")->text, "My own words.");
  set(&add_item(story, "feed:https://e.org/rss", "https://e.org/x", NULL, "Arenas")->text, "Said twice, with less!");
  for (guint i = 0; i < 4; i++) {
    g_autofree char *url = g_strdup_printf("https://f.org/%u", i);
    g_autofree char *text = g_strdup_printf("Feed number %u.", i);
    set(&add_item(story, "feed:https://f.org/rss", url, NULL, "Arenas")->text, text);
  }
  g_autoptr(GPtrArray) evidence = g_ptr_array_new_with_free_func(free_evidence);
  add_page(evidence, "https://p.org/x", NULL, "Said twice; with LESS. But here is more.");
  g_autoptr(Article) article = brief_write(story, evidence, find_community);

  static const struct {
    const char *text;
    const char *url;
  } EXPECTED[] = {
      {"Said twice; with LESS. But here is more.", "https://p.org/x"},
      {"Feed number 0.", "https://f.org/0"},
      {"Feed number 1.", "https://f.org/1"},
      {"Feed number 2.", "https://f.org/2"},
  };
  g_assert_cmpuint(article->quotations->len, ==, G_N_ELEMENTS(EXPECTED));
  for (guint i = 0; i < G_N_ELEMENTS(EXPECTED); i++) {
    g_assert_cmpstr(quotation_at(article, i)->text, ==, EXPECTED[i].text);
    g_assert_cmpstr(source_at(article, (guint) quotation_at(article, i)->source)->url, ==, EXPECTED[i].url);
  }
  g_assert_cmpstr(article->teaser, ==, EXPECTED[0].text);
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/brief/headline-and-links-alone", test_headline_and_links_alone);
  g_test_add_func("/brief/sources-in-order", test_sources_in_order);
  g_test_add_func("/brief/self-post-is-no-page", test_self_post_is_no_page);
  g_test_add_func("/brief/unusable-address-is-no-source", test_unusable_address_is_no_source);
  g_test_add_func("/brief/headlines", test_headlines);
  g_test_add_func("/brief/quotations", test_quotations);
  g_test_add_func("/brief/quotations-of-several-sources", test_quotations_of_several_sources);
  return g_test_run();
}
