#include "writing/brief.h"

#include "text/sentences.h"

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

static Article *
write_brief(const Story *story, const GPtrArray *evidence)
{
  g_autoptr(Summary) nothing = summary_new();
  return brief_write(story, evidence, nothing, find_community);
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

/* What a quotation should be. */
typedef struct {
  Part part;
  const char *text;
  const char *url;
} Quoted;

static void
check_quotations(const Article *article, const Quoted *expected, guint count)
{
  for (guint i = 0; i < MIN(count, article->quotations->len); i++) {
    const Quotation *quotation = quotation_at(article, i);
    g_assert_cmpstr(quotation->text, ==, expected[i].text);
    g_assert_cmpint(quotation->part, ==, expected[i].part);
    g_assert_cmpstr(source_at(article, (guint) quotation->source)->url, ==, expected[i].url);
  }
  g_assert_cmpuint(article->quotations->len, ==, count);
}

static void
test_headline_and_links_alone(void)
{
  g_autoptr(Story) story = story_new("0123456789abcdef");
  add_item(story, "hackernews", "https://news.ycombinator.com/item?id=1", "https://www.e.org/x", "Arenas are enough");
  g_autoptr(GPtrArray) evidence = g_ptr_array_new();
  g_autoptr(Article) article = write_brief(story, evidence);

  g_assert_cmpstr(article->story_id, ==, "0123456789abcdef");
  g_assert_cmpstr(article->kind, ==, "brief");
  g_assert_cmpstr(article->headline, ==, "Arenas are enough");
  g_assert_cmpstr(article->teaser, ==, "");
  g_assert_cmpuint(article->quotations->len, ==, 0);
  g_assert_cmpuint(article->topics->len, ==, 0);
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
  add_item(story, "hackernews", "https://news.ycombinator.com/item?id=3", "https://e.org/x?id=y", "Arenas");
  add_item(story, "hackernews", "https://news.ycombinator.com/item?id=4", "https://g.org/", "Arenas");
  add_item(story, "hackernews", "https://h.org/trending", "https://g.org/", "Arenas")->shares = 7; /* listed, not discussed */
  g_autoptr(GPtrArray) evidence = g_ptr_array_new_with_free_func(free_evidence);
  add_page(evidence, "https://e.org/x", "The E", "A page.");
  add_page(evidence, "https://e.org/x?id=y", "The E", "A page.");
  g_autoptr(Article) article = write_brief(story, evidence);

  static const struct {
    const char *kind;
    const char *name;
    const char *url;
  } EXPECTED[] = {
      {"page", "The E", "https://e.org/x"},
      {"post", "f.org", "https://f.org/y"},
      {"page", "g.org", "https://g.org/"},
      {"discussion", "Hacker News", "https://news.ycombinator.com/item?id=1"},
      {"discussion", "Hacker News", "https://news.ycombinator.com/item?id=2"},
      {"discussion", "Hacker News", "https://news.ycombinator.com/item?id=3"},
      {"discussion", "Hacker News", "https://news.ycombinator.com/item?id=4"},
  };
  g_assert_cmpuint(article->sources->len, ==, G_N_ELEMENTS(EXPECTED));
  for (guint i = 0; i < G_N_ELEMENTS(EXPECTED); i++) {
    g_assert_cmpstr(source_at(article, i)->kind, ==, EXPECTED[i].kind);
    g_assert_cmpstr(source_at(article, i)->name, ==, EXPECTED[i].name);
    g_assert_cmpstr(source_at(article, i)->url, ==, EXPECTED[i].url);
  }
  g_assert_cmpint(source_at(article, 0)->time_ms, ==, 1002); /* the entry's, not when the page was fetched */
}

/* Points where a community counts them, else favourites; nothing where nothing is known, or where nobody discusses. */
static void
test_engagement(void)
{
  static const struct {
    const char *source;
    int64_t likes;
    int64_t score;
    int64_t replies;
    int64_t expected_likes;
    int64_t expected_replies;
  } CASES[] = {
      {"hackernews", -1, 512, 88, 512, 88},
      {"hackernews", 7, -1, 0, 7, 0},
      {"hackernews", 7, 0, 3, 0, 3},
      {"hackernews", -1, -1, -1, -1, -1},
      {"feed:https://e.org/rss", 9, 9, 9, -1, -1},
  };
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    g_autoptr(Story) story = story_new("s");
    Item *item = add_item(story, CASES[i].source, "https://e.org/1", "https://e.org/1", "Arenas");
    item->likes = CASES[i].likes;
    item->score = CASES[i].score;
    item->replies = CASES[i].replies;
    g_autoptr(GPtrArray) evidence = g_ptr_array_new();
    g_autoptr(Article) article = write_brief(story, evidence);
    g_assert_cmpint(source_at(article, 0)->likes, ==, CASES[i].expected_likes);
    g_assert_cmpint(source_at(article, 0)->replies, ==, CASES[i].expected_replies);
  }
}

static void
test_posts_are_no_pages(void)
{
  const char *own = "https://news.ycombinator.com/item?id=1";
  g_autoptr(Story) story = story_new("s");
  set(&add_item(story, "hackernews", own, own, "Ask HN: Why?")->text, "I wonder about arenas. Do you wonder too?");
  add_item(story, "hackernews", "https://news.ycombinator.com/item?id=2", own, "Why? (crosspost)");
  g_autoptr(GPtrArray) evidence = g_ptr_array_new();
  g_autoptr(Article) article = write_brief(story, evidence);
  g_assert_cmpuint(article->sources->len, ==, 2);
  g_assert_cmpstr(source_at(article, 0)->kind, ==, "discussion");
  g_assert_cmpstr(source_at(article, 1)->kind, ==, "discussion");
  check_quotations(article, (const Quoted[]){{PART_NEWS, "I wonder about arenas.", own}}, 1);
}

static void
test_unusable_address_is_no_source(void)
{
  g_autoptr(Story) story = story_new("s");
  add_item(story, "feed:https://e.org/rss", "javascript:alert(1)", NULL, "Click me");
  add_item(story, "feed:https://e.org/rss", "", NULL, "Click me");
  g_autoptr(GPtrArray) evidence = g_ptr_array_new();
  g_autoptr(Article) article = write_brief(story, evidence);
  g_assert_cmpuint(article->sources->len, ==, 0);
  g_assert_cmpstr(article->headline, ==, "Click me");
}

static void
test_headline_without_titles(void)
{
  g_autoptr(Story) story = story_new("s");
  Item *item = add_item(story, "feed:https://e.org/rss", "https://www.e.org/x", NULL, "");
  g_autoptr(GPtrArray) evidence = g_ptr_array_new();
  g_autoptr(Article) nameless = write_brief(story, evidence);
  g_assert_cmpstr(nameless->headline, ==, "e.org");
  set(&item->text, "Arenas are all that is needed.");
  g_autoptr(Article) article = write_brief(story, evidence);
  g_assert_cmpstr(article->headline, ==, "Arenas are all that is needed.");
  g_assert_cmpstr(article->teaser, ==, "");
}

/* Without statements a source is quoted from its beginning. */
static void
test_openings(void)
{
  const char *forty_words = "w w w w w w w w w w w w w w w w w w w w w w w w w w w w w w w w w w w w w w w w.";
  g_autofree char *eighty_words = g_strdup_printf("%s And %s", forty_words, forty_words);
  g_autofree char *long_word = g_strnfill(240, 'x');
  g_autofree char *long_sentence = g_strdup_printf("One is the %s.", long_word);
  g_autofree char *long_words = g_strdup_printf("%s And two is %s.", long_sentence, long_word);
  const struct {
    const char *why;
    const char *text;
    const char *quotation;
  } cases[] = {
      {"three sentences at most", "One is the first. Two comes after one. Three is the third. Four is the last.",
       "One is the first. Two comes after one. Three is the third."},
      {"sixty words at most", eighty_words, forty_words},
      {"the title is not quoted again", "The page's own title\n\nOne is the first.", "One is the first."},
      {"nor is it as a sentence", "Own the page's title. One is the first.", "One is the first."},
      {"unless the next leans on it", "Own the page's title. It is the first plant.",
       "Own the page's title. It is the first plant."},
      {"a title alone is no news", "The page's own title.", NULL},
      {"nor in more words", "The page's own title, truly, is the page's own title.", NULL},
      {"a byline is no sentence", "By A. Writer, 1 March\n\nOne is the first.", "One is the first."},
      {"a heading ends what is quoted", "One is the first.\n\nThe next part\n\nTwo is the second.", "One is the first."},
      {"a question does not end it", "One is the first. Or is it really?", "One is the first."},
      {"a greeting is no news", "Hello, I am Ann!\n\nOne is the first.", "One is the first."},
      {"unless it goes on", "Hello to all who are here today, in Kelder and elsewhere.",
       "Hello to all who are here today, in Kelder and elsewhere."},
      {"words without an end", "just some words here", "just some words here"},
      {"too little to quote", "Rain. Coffee.", NULL},
      {"nothing to quote", "\n\n…\n\n", NULL},
      {"no text", "", NULL},
      {"markup stays text", "{{< x >}} [a](javascript:b) <b>c</b> and d.", "{{< x >}} [a](javascript:b) <b>c</b> and d."},
      {"addresses and hashtags at the end go", "One is first and last https://e.org/1 #one #two", "One is first and last"},
      {"whatever stands before them", "One of http is first and last https://e.org/1", "One of http is first and last"},
      {"a hashtag alone is a word", "One is the first of all to be in #beta.", "One is the first of all to be in #beta."},
      {"but not behind a full stop", "One is the first of all. #beta", "One is the first of all."},
      {"nor what a list has", "One is the first.\n\n- Two is in a list.\n- Three is in a list.", "One is the first."},
      {"nor what an address parts", "One is the first! https://e.org/1\nTwo is the second.", "One is the first!"},
      {"too long together", long_words, long_sentence},
      {"a hash or an http within stays", "One of http is number #1 here. #one", "One of http is number #1 here."},
  };
  for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
    g_test_message("%s", cases[i].why);
    g_autoptr(Story) story = story_new("s");
    g_autoptr(GPtrArray) evidence = g_ptr_array_new_with_free_func(free_evidence);
    add_page(evidence, "https://e.org/x", NULL, cases[i].text);
    g_autoptr(Article) article = write_brief(story, evidence);
    check_quotations(article, (const Quoted[]){{PART_NEWS, cases[i].quotation, "https://e.org/x"}},
                     cases[i].quotation != NULL ? 1 : 0);
  }
}

static void
test_lengths(void)
{
  g_autoptr(GString) endless = g_string_new(NULL);
  for (guint i = 0; i < 300; i++)
    g_string_append_printf(endless, "word%u ", i);
  g_autoptr(Story) story = story_new("s");
  g_autoptr(GPtrArray) evidence = g_ptr_array_new_with_free_func(free_evidence);
  add_page(evidence, "https://e.org/x", NULL, endless->str);
  g_autoptr(Article) article = write_brief(story, evidence);
  g_assert_cmpint(g_utf8_strlen(quotation_at(article, 0)->text, -1), <=, 401);
  g_assert_cmpint(g_utf8_strlen(article->teaser, -1), <=, 201);
}

static void
test_tags_without_an_end(void)
{
  g_autoptr(GString) tags = g_string_new("One is the first.");
  while (tags->len < 2 * 1024 * 1024)
    g_string_append(tags, " #a");
  g_autoptr(Story) story = story_new("s");
  g_autoptr(GPtrArray) evidence = g_ptr_array_new_with_free_func(free_evidence);
  add_page(evidence, "https://e.org/x", NULL, tags->str);
  g_test_timer_start();
  g_autoptr(Article) article = write_brief(story, evidence);
  g_assert_cmpfloat(g_test_timer_elapsed(), <, 10.0);
  check_quotations(article, (const Quoted[]){{PART_NEWS, "One is the first.", "https://e.org/x"}}, 1);
}

/* What most posts are about tells what happened, wherever it stands; the others follow as far as they say something else. */
static void
test_openings_of_several_sources(void)
{
  g_autoptr(Story) story = story_new("s");
  const char *link = "https://p.org/x";
  for (guint i = 0; i < 2; i++) {
    g_autofree char *url = g_strdup_printf("https://news.ycombinator.com/item?id=%u", i);
    add_item(story, "hackernews", url, link, "Arenas");
  }
  set(&add_item(story, "feed:https://e.org/rss", "https://e.org/x", NULL, "Arenas")->text,
      "The price of memory fell, shops have lowered it twice, say Carl, Dora and Emil.");
  set(&add_item(story, "feed:https://g.org/rss", "https://g.org/x", NULL, "Arenas")->text,
      "nine ministers left Fennmark in the night");
  set(&add_item(story, "feed:https://f.org/rss", "https://f.org/x", NULL, "Arenas")->text,
      "Ann Example found nine leaks in them.");
  g_autoptr(GPtrArray) evidence = g_ptr_array_new_with_free_func(free_evidence);
  add_page(evidence, "https://o.org/x", NULL, "Something else altogether happened on Monday.");
  add_page(evidence, link, NULL, "The price of memory fell. Shops have lowered it twice.");
  g_autoptr(Article) article = write_brief(story, evidence);
  check_quotations(article,
                   (const Quoted[]){
                       {PART_NEWS, "The price of memory fell. Shops have lowered it twice.", link},
                       {PART_MORE, "Something else altogether happened on Monday.", "https://o.org/x"},
                       {PART_MORE, "Ann Example found nine leaks in them.", "https://f.org/x"},
                   },
                   3);
  g_assert_cmpstr(article->teaser, ==, "The price of memory fell. Shops have lowered it twice.");
}

static void
test_statements(void)
{
  const char *link = "https://p.org/x";
  const char *post = "https://news.ycombinator.com/item?id=1";
  g_autoptr(Story) story = story_new("s");
  set(&add_item(story, "hackernews", post, link, "Arenas")->text,
      "We tried them on sixteen machines. But it took a week. Shops close early.");
  g_autoptr(GPtrArray) evidence = g_ptr_array_new_with_free_func(free_evidence);
  add_page(evidence, link, NULL,
           "The price of memory fell by half.\n\nWhy\n\nA new plant opened in Kelder. It makes ten million chips a day.\n\n"
           "More\n\nThey say nothing of Fennmark. Banks had warned of that glut. The price of memory fell by a half, so they.");
  g_autoptr(Summary) summary = summary_new();
  summary_add_statement(summary, "The price of memory fell by a half, so they.", link);
  summary_add_statement(summary, "It makes ten million chips a day.", link);
  summary_add_statement(summary, "But it took a week.", post);
  summary_add_statement(summary, "They say nothing of Fennmark.", link);
  summary_add_statement(summary, "Banks had warned of that glut.", link);
  summary_add_statement(summary, "Nobody ever said these words there.", link);
  summary_add_statement(summary, "Nobody ever said these words anywhere.", "https://nowhere.org/");
  topics_add(summary->topics, topic_new("Memory"));
  g_autoptr(Article) article = brief_write(story, evidence, summary, find_community);
  check_quotations(article,
                   (const Quoted[]){
                       {PART_NEWS, "The price of memory fell by half.", link},
                       {PART_NEWS, "A new plant opened in Kelder. It makes ten million chips a day.", link},
                   },
                   2);
  g_assert_cmpuint(article->topics->len, ==, 1);
  g_assert_cmpstr(((const Topic *) article->topics->pdata[0])->label, ==, "Memory");

  summary_add_statement(summary, "Shops close early, they told us.", post);
  set(&((Item *) story->items->pdata[0])->text, "We tried sixteen machines for weeks. Shops close early, they told us.");
  g_autoptr(Article) more = brief_write(story, evidence, summary, find_community);
  const Quotation *last = quotation_at(more, more->quotations->len - 1);
  g_assert_cmpstr(last->text, ==, "Shops close early, they told us.");
  g_assert_cmpint(last->part, ==, PART_MORE);
}

/* What follows what was quoted needs no support; one source alone does not tell all that else is known. */
static void
test_statements_that_follow(void)
{
  const char *link = "https://p.org/x";
  const char *post = "https://news.ycombinator.com/item?id=1";
  static const char *const POSTED[] = {"Banks warned of a glut.", "Nine ministers left Fennmark.",
                                       "Trains stood still overnight."};
  g_autoptr(Story) story = story_new("s");
  g_autofree char *posted = g_strjoin("\n\nHm\n\n", POSTED[0], POSTED[1], POSTED[2], NULL);
  set(&add_item(story, "hackernews", post, link, "Arenas")->text, posted);
  g_autoptr(GPtrArray) evidence = g_ptr_array_new_with_free_func(free_evidence);
  add_page(evidence, link, NULL,
           "The price of memory fell. Shops have lowered it. Ann saw all of that. It made Kelder merchants rich and careless.");
  g_autoptr(Summary) summary = summary_new();
  summary_add_statement(summary, "It made Kelder merchants rich and careless.", link);
  for (size_t i = 0; i < G_N_ELEMENTS(POSTED); i++)
    summary_add_statement(summary, POSTED[i], post);
  g_autoptr(Article) article = brief_write(story, evidence, summary, find_community);
  check_quotations(article,
                   (const Quoted[]){
                       {PART_NEWS, "The price of memory fell. Shops have lowered it. Ann saw all of that.", link},
                       {PART_NEWS, "It made Kelder merchants rich and careless.", link},
                       {PART_MORE, POSTED[0], post},
                       {PART_MORE, POSTED[1], post},
                   },
                   4);
}

/* Returns: (transfer full): sentences at random, so that any may be chosen */
static char *
invent_text(GRand *random)
{
  static const char *const SUBJECTS[] = {"It", "Ann", "The plant", "Memory 2.0", "But nobody", "Kelder", "This price", "#one"};
  static const char *const VERBS[] = {"fell", "opened", "was cut by 40 % at", "said “no” to", "shrinks", "https://e.org/ left"};
  static const char *const ENDS[] = {" the shops.", " Fennmark!", "  sixteen\nmachines.", " a week…", " early", " them? #two"};
  GString *text = g_string_new(NULL);
  for (gint32 left = g_rand_int_range(random, 0, 12); left > 0; left--)
    g_string_append_printf(text, "%s %s%s%s", SUBJECTS[g_rand_int_range(random, 0, G_N_ELEMENTS(SUBJECTS))],
                           VERBS[g_rand_int_range(random, 0, G_N_ELEMENTS(VERBS))],
                           ENDS[g_rand_int_range(random, 0, G_N_ELEMENTS(ENDS))],
                           g_rand_int_range(random, 0, 3) == 0 ? "\n\n" : " ");
  return g_string_free(text, FALSE);
}

static char *
fold(const char *text)
{
  g_auto(GStrv) words = g_strsplit_set(text, " \n", -1);
  g_autoptr(GString) folded = g_string_new(" ");
  for (guint i = 0; words[i] != NULL; i++)
    if (words[i][0] != '\0')
      g_string_append_printf(folded, "%s ", words[i]);
  return g_strdup(folded->str);
}

/* Whatever is chosen, a quotation is what its source says, word by word. */
static void
test_quotations_are_exact(void)
{
  guint32 seed = (guint32) g_test_rand_int();
  g_test_message("seed %u", seed);
  g_autoptr(GRand) random = g_rand_new_with_seed(seed);
  guint quotations = 0;
  for (guint round = 0; round < 300; round++) {
    g_autoptr(Story) story = story_new("s");
    g_autoptr(GPtrArray) evidence = g_ptr_array_new_with_free_func(free_evidence);
    g_autoptr(GHashTable) texts = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    g_autoptr(Summary) summary = summary_new();
    for (guint i = 0; i < 4; i++) {
      char *url = g_strdup_printf("https://e.org/%u", i);
      char *text = invent_text(random);
      g_hash_table_insert(texts, url, text);
      if (i < 2)
        add_page(evidence, url, NULL, text);
      else
        set(&add_item(story, "hackernews", url, "https://e.org/1", "Memory")->text, text);
      g_autoptr(GPtrArray) sentences = sentences_split(text);
      for (guint j = 0; j < sentences->len; j += 2)
        summary_add_statement(summary, sentences->pdata[j], url);
    }
    g_autoptr(Article) article = brief_write(story, evidence, summary, find_community);
    Part part = PART_NEWS;
    for (guint i = 0; i < article->quotations->len; i++) {
      const Quotation *quotation = quotation_at(article, i);
      g_autofree char *said = fold(g_hash_table_lookup(texts, source_at(article, (guint) quotation->source)->url));
      if (strstr(said, quotation->text) == NULL)
        g_error("“%s” is not in “%s”", quotation->text, said);
      g_assert_cmpint(quotation->part, >=, part);
      part = quotation->part;
      quotations++;
    }
  }
  g_assert_cmpuint(quotations, >, 500);
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/brief/headline-and-links-alone", test_headline_and_links_alone);
  g_test_add_func("/brief/sources-in-order", test_sources_in_order);
  g_test_add_func("/brief/engagement", test_engagement);
  g_test_add_func("/brief/posts-are-no-pages", test_posts_are_no_pages);
  g_test_add_func("/brief/unusable-address-is-no-source", test_unusable_address_is_no_source);
  g_test_add_func("/brief/headline-without-titles", test_headline_without_titles);
  g_test_add_func("/brief/openings", test_openings);
  g_test_add_func("/brief/lengths", test_lengths);
  g_test_add_func("/brief/tags-without-an-end", test_tags_without_an_end);
  g_test_add_func("/brief/openings-of-several-sources", test_openings_of_several_sources);
  g_test_add_func("/brief/statements", test_statements);
  g_test_add_func("/brief/statements-that-follow", test_statements_that_follow);
  g_test_add_func("/brief/quotations-are-exact", test_quotations_are_exact);
  return g_test_run();
}
