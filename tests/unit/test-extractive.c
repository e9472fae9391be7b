#include "llm/extractive.h"

#include "llm/statements.h"
#include "llm/topics.h"
#include "llm/worth.h"

#include <jansson.h>
#include <string.h>

static const struct {
  const char *sentence;
  bool is_good;
} SENTENCES[] = {
    {"The harbour board publishes the tide tables of ninety years.", true},
    {"“We never lost a page,” says Ada, who keeps the archive.", true},
    {"The rover found water, the laboratory says (twice).", true},
    {"潮汐表已经公开,任何人都可以使用它们。", true},
    {"Too short to say.", false},
    {"The harbour board publishes the tide tables of ninety years", false},
    {"The harbour board publishes the tide tables of ninety years...", false},
    {"The harbour board publishes the tide tables of ninety years…", false},
    {"Would you like to see the tide tables of ninety years?", false},
    {"Subscribe to hear of each new tide table first.", false},
    {"To hear of each new tide table click here please.", false},
    {"By Ada Lovelace, Tide Correspondent of the Gazette.", false},
    {"Photo by the harbour board of the old clock tower.", false},
    {"Edit 2: the board has answered me in the meantime.", false},
    {"for (i = 0; i < n; i++) { x[i] = y[i]; } and so on.", false},
    {"[  12.345678] BUG: 0xffff8880 0x0000 0x1f2e 0x3d4c at 0010:00.", false},
    {"The tables are at https://example.org/tides for all to see.", false},
    {"See what @ada@example.org wrote about the tide tables.", false},
    {"The tables #tides #harbour are here for all to see.", false},
    {"THE HARBOUR BOARD PUBLISHES THE TABLES OF NINETY YEARS.", false},
    {"", false},
};

static void
test_worth(void)
{
  for (size_t i = 0; i < G_N_ELEMENTS(SENTENCES); i++) {
    g_test_message("%s", SENTENCES[i].sentence);
    g_assert_cmpint(sentence_worth(SENTENCES[i].sentence, false) > 0, ==, SENTENCES[i].is_good);
  }
  static const char *const WORSE[] = {
      "However, the harbour board publishes the tide tables of ninety years.",
      "It publishes all the tide tables of the last ninety years.",
      "In addition, the harbour board publishes the tide tables of ninety years.",
      "The harbour board publishes my favourite tide tables of ninety years.",
      "The harbour board publishes the tide tables of ninety years!",
      "“The harbour board publishes the tide tables of ninety years,” she said.",
  };
  for (size_t i = 0; i < G_N_ELEMENTS(WORSE); i++) {
    g_test_message("%s", WORSE[i]);
    g_assert_cmpfloat(sentence_worth(WORSE[i], false), <, 1);
    g_assert_cmpfloat(sentence_worth(WORSE[i], false), >, 0);
  }
  g_assert_cmpfloat(sentence_worth("In March the harbour board publishes the tide tables of ninety years.", false), ==, 1);
}

static Background *
make_background(void)
{
  g_autoptr(GError) error = NULL;
  Background *background =
      background_new(g_strdup("100000\nboard\t900\npublish\t800\nyear\t2000\n"), g_strdup("Linux\n"), &error);
  g_assert_no_error(error);
  return background;
}

static void
set(char **field, const char *text)
{
  g_free(*field);
  *field = g_strdup(text);
}

static void
add_item(Story *story, const char *source, const char *title, const char *text)
{
  Item *item = item_new();
  g_autofree char *url = g_strdup_printf("https://%s.example/%u", source, story->items->len);
  set(&item->id, url);
  set(&item->source, source);
  set(&item->url, url);
  set(&item->title, title);
  set(&item->text, text);
  g_ptr_array_add(story->items, item);
}

static char *
print_statements(const Summary *summary)
{
  g_autoptr(GString) printed = g_string_new(NULL);
  for (guint i = 0; i < summary->statements->len; i++) {
    const Statement *statement = summary->statements->pdata[i];
    g_string_append_printf(printed, "%s <%s>\n", statement->text, statement->url);
  }
  return g_string_free(g_steal_pointer(&printed), FALSE);
}

static char *
read_story(const Story *story, GPtrArray *pages)
{
  g_autoptr(GPtrArray) none = g_ptr_array_new();
  g_autoptr(Background) background = make_background();
  g_autoptr(Summary) summary = extractive_read(story, pages != NULL ? pages : none, background);
  return print_statements(summary);
}

/* What one post yields. */
static void
test_posts(void)
{
  static const struct {
    const char *source;
    const char *title;
    const char *text;
    const char *expected;
  } CASES[] = {
      {"mastodon:a", "The board opens its tide tables today.", "The board opens its tide tables today.",
       "The board opens its tide tables today. <https://mastodon:a.example/0>\n"},
      {"hackernews", "Board opens its tide tables today", "The board opens its tide tables today.", ""},
      {"hackernews", "Tide tables", "", ""},
      {"feed:x", "Tide tables",
       "All the tables since 1931 were typed by volunteers. All the tables since 1931 were typed by volunteers.",
       "All the tables since 1931 were typed by volunteers. <https://feed:x.example/0>\n"},
      {"feed:x", "Gezeiten", "Das Hafenamt veröffentlicht die Gezeiten der letzten neunzig Jahre.",
       "Das Hafenamt veröffentlicht die Gezeiten der letzten neunzig Jahre. <https://feed:x.example/0>\n"},
  };
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    g_autoptr(Story) story = story_new("0123456789abcdef");
    add_item(story, CASES[i].source, CASES[i].title, CASES[i].text);
    g_autofree char *printed = read_story(story, NULL);
    g_assert_cmpstr(printed, ==, CASES[i].expected);
  }
}

/* The page comes before what people say of it, and nobody says again what it says. */
static void
test_page_first(void)
{
  g_autoptr(Story) story = story_new("0123456789abcdef");
  add_item(story, "reddit:tides", "Harbour opens its tables", "I think the harbour tables are a nice thing to have.");
  add_item(story, "feed:x", "Tide tables", "The harbour published its tide tables of ninety years on Sunday.");
  Evidence page = {.url = (char *) "https://harbour.example/",
                   .title = (char *) "Tables",
                   .site_name = (char *) "",
                   .text = (char *) "The harbour published its tide tables of ninety years on Sunday.\n\n"
                                    "Volunteers typed eleven thousand pages of the harbour tables by hand."};
  g_autoptr(GPtrArray) pages = g_ptr_array_new();
  g_ptr_array_add(pages, &page);
  g_autofree char *printed = read_story(story, pages);
  static const char BEGIN[] =
      "The harbour published its tide tables of ninety years on Sunday. <https://harbour.example/>\n"
      "Volunteers typed eleven thousand pages of the harbour tables by hand. <https://harbour.example/>\n";
  g_assert_true(g_str_has_prefix(printed, BEGIN));
  g_assert_null(strstr(printed, "feed:x.example"));
  g_autofree char *again = read_story(story, pages);
  g_assert_cmpstr(again, ==, printed);
}

static void
check_bounds(const Story *story)
{
  g_autoptr(GPtrArray) none = g_ptr_array_new();
  g_autoptr(Background) background = make_background();
  g_autoptr(Summary) summary = extractive_read(story, none, background);
  g_assert_cmpuint(summary->topics->len, <=, TOPICS_MAX);
  g_assert_cmpuint(summary->statements->len, <=, STATEMENTS_MAX);
  for (guint i = 0; i < summary->topics->len; i++)
    g_assert_cmpuint(strlen(((const Topic *) summary->topics->pdata[i])->label), <, 200);
}

/* A megabyte of each of these, and each alone. */
static void
test_hostile(void)
{
  static const char *const PIECES[] = {
      "a",    "a ",   "a.",    "A ", "Zpak is. ", "#a",      "#A#", "-",
      "a-",   "a-b ", "- ",    ". ", "\n",        "\n\n- a", "'s ", "’s ",
      "C++ ", "日",   "日。",  "😀 ", "://",       "@",       "|",   "The tide board says that all is well here. ",
      "\"",   "1 ",   "\u0301"};
  for (size_t i = 0; i < G_N_ELEMENTS(PIECES); i++)
    for (int is_long = 0; is_long <= 1; is_long++) {
      size_t times = is_long ? 1024 * 1024 / strlen(PIECES[i]) : 1;
      g_autoptr(GString) text = g_string_new(NULL);
      while (times-- > 0)
        g_string_append(text, PIECES[i]);
      g_autoptr(Story) story = story_new("0123456789abcdef");
      add_item(story, "feed:x", PIECES[i], text->str);
      check_bounds(story);
    }
}

/* Many posts and pages: no more is read than a story needs. */
static void
test_many(void)
{
  g_autoptr(Story) story = story_new("0123456789abcdef");
  for (int i = 0; i < 500; i++) {
    g_autofree char *text =
        g_strdup_printf("The board of harbour number %d published its tide tables. Ships of line %d left at noon.", i, i);
    add_item(story, "feed:x", "Tide tables", text);
  }
  check_bounds(story);
}

/* Strings that break programs (the Big List of Naughty Strings), in every field. */
static void
test_naughty(void)
{
  const char *shared = g_getenv("COURANT_SHARED");
  g_autofree char *path = g_build_filename(shared != NULL ? shared : "", "corpora", "blns.json", NULL);
  g_autofree char *bytes = NULL;
  if (shared == NULL || !g_file_get_contents(path, &bytes, NULL, NULL)) {
    g_test_skip("COURANT_SHARED holds no corpora/blns.json");
    return;
  }
  json_t *list = json_loads(bytes, 0, NULL);
  g_assert_nonnull(list);
  size_t i;
  const json_t *entry;
  json_array_foreach(list, i, entry)
  {
    g_autoptr(Story) story = story_new("0123456789abcdef");
    add_item(story, "mastodon:a", json_string_value(entry), json_string_value(entry));
    check_bounds(story);
  }
  json_decref(list);
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/extractive/worth", test_worth);
  g_test_add_func("/extractive/posts", test_posts);
  g_test_add_func("/extractive/page-first", test_page_first);
  g_test_add_func("/extractive/hostile", test_hostile);
  g_test_add_func("/extractive/many", test_many);
  g_test_add_func("/extractive/naughty", test_naughty);
  return g_test_run();
}
