#include "shipped-likeness.h"

#include <string.h>

static Fingerprint *
print_post(const char *link, const char *title, const char *text)
{
  const Post post = {.source = "hackernews", .link = link, .title = title, .text = text};
  return fingerprint_new(&post, shipped_lexicon());
}

static void
test_links(void)
{
  static const struct {
    const char *url;
    const char *same;
  } CASES[] = {
      {NULL, NULL},
      {"https://example.org/", NULL},
      {"https://www.example.org/", NULL},
      {"https://example.org", NULL},
      {"http://www.example.org/a/", "https://example.org/a"},
      {"https://example.org/?p=7", "https://www.example.org/?p=7"},
      {"https://example.org/a?p=7", "https://example.org/a?p=7"},
  };
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    g_autoptr(Fingerprint) fingerprint = print_post(CASES[i].url, "A title", "");
    g_autoptr(Fingerprint) same = print_post(CASES[i].same, "A title", "");
    g_autoptr(Fingerprint) other = print_post("https://wwwexample.org/a", "A title", "");
    g_assert_cmpuint(fingerprint->link, ==, same->link);
    g_assert_cmpint(fingerprint->link == 0, ==, CASES[i].same == NULL);
    g_assert_cmpuint(fingerprint->link, !=, other->link);
  }
}

/* The canonical address first, then those in the text, no home page, each once. */
static void
test_links_in_text(void)
{
  g_autoptr(GPtrArray) links = g_ptr_array_new_with_free_func(g_free);
  for (int i = 0; i < 20; i++)
    g_ptr_array_add(links, g_strdup_printf("https://%sexample.org/%d", i % 2 == 0 ? "www." : "", i / 2));
  g_ptr_array_add(links, g_strdup("https://example.org/page"));
  g_ptr_array_add(links, g_strdup("https://example.org/"));
  const Post post = {.source = "", .link = "https://example.org/page", .links = links, .title = "A title", .text = ""};
  g_autoptr(Fingerprint) fingerprint = fingerprint_new(&post, shipped_lexicon());
  g_assert_cmpuint(fingerprint->link_count, ==, FINGERPRINT_LINKS);
  bool has_page = false;
  for (unsigned i = 0; i < fingerprint->link_count; i++) {
    has_page |= fingerprint->links[i] == fingerprint->page;
    g_assert_cmpuint(fingerprint->links[i], >, i > 0 ? fingerprint->links[i - 1] : 0);
  }
  g_assert_true(has_page);
  g_autoptr(Fingerprint) other = print_post("https://example.org/6", "A title", "");
  g_autoptr(Fingerprint) home = print_post("https://example.org/", "A title", "");
  g_autoptr(GArray) kept = g_array_new(FALSE, FALSE, sizeof(uint32_t));
  g_assert_cmpuint(home->link_count, ==, 0);
  g_array_append_val(kept, other->links[0]);
  fingerprint_keep_links(fingerprint, kept);
  g_assert_cmpuint(fingerprint->link_count, ==, 1);
  g_assert_cmpuint(fingerprint->links[0], ==, other->page);
  g_array_set_size(kept, 0);
  fingerprint_keep_links(fingerprint, kept);
  g_assert_cmpuint(fingerprint->link_count, ==, 0);
}

static void
test_terms(void)
{
  g_autoptr(GString) text = g_string_new("Compilers compile https://example.org/verbose/address of compilers. ");
  while (text->len < 600)
    g_string_append(text, "filler ");
  g_string_append(text, "zebra");
  const Post post = {.source = "", .title = "Show HN: Compilers", .text = text->str};
  g_autoptr(GPtrArray) stems = fingerprint_stems(&post);
  g_assert_cmpuint(stems->len, ==, 2);
  g_assert_cmpstr(stems->pdata[0], ==, "compil");
  g_assert_cmpstr(stems->pdata[1], ==, "filler");
  g_autoptr(Fingerprint) fingerprint = fingerprint_new(&post, shipped_lexicon());
  g_assert_cmpuint(fingerprint->term_count, ==, 2);
  unsigned heads = 0;
  for (unsigned i = 0; i < fingerprint->term_count; i++)
    heads += fingerprint->terms[i].is_head;
  g_assert_cmpuint(heads, ==, 1);
  g_assert_cmpuint(fingerprint->terms[0].family, <, fingerprint->terms[1].family);
}

static void
test_heads(void)
{
  static const struct {
    const char *title;
    const char *text;
    const char *same;
  } CASES[] = {
      {"Show HN: The Zebra’s garden, v2!", "Apples and pears", "the zebra's GARDEN v2"},
      {"", "Zebra: gardens https://e.org/ of apples", "zebra gardens of apples"},
      {"https://e.org/", "Zebra gardens", "zebra gardens"},
      {"Op-Ed Columnist: Review: zebra gardens", "", "zebra gardens"},
      {"Look. NYTimes: zebra gardens", "", "look zebra gardens"},
      {"Video:", "Zebra gardens", "zebra gardens"},
      {"Zebra: gardens", "", "zebra gardens"},
      {"a b c d notebook: zebra", "", "a b c d notebook zebra"},
      {"a b c notebook: zebra", "", "zebra"},
      {"at 10:30 zebra?", "", "at 10:30 zebra"},
      {"the zebra?s garden", "", "the zebra's garden"},
      {"zebra? Gardens?", "", "zebra gardens"},
      {"zebra gardens #art #drawing, # fun", "", "zebra gardens"},
      {"#zebra gardens", "", "zebra gardens"},
      {"a#b #c zebra", "", "a b c zebra"},
      {"#zebra #gardens", "", "zebra gardens"},
  };
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    g_autoptr(Fingerprint) fingerprint = print_post(NULL, CASES[i].title, CASES[i].text);
    g_autoptr(Fingerprint) same = print_title(CASES[i].same);
    g_test_message("%s", CASES[i].title);
    g_assert_cmpuint(fingerprint->head, ==, same->head);
    g_assert_cmpuint(fingerprint->head, !=, 0);
  }
}

/* What counts one by one is told by the word before the number: a name, where the line's capitals tell anything. */
static void
test_names(void)
{
  static const struct {
    const char *title;
    const char *text;
    bool is_series;
  } CASES[] = {
      {"we moved to Zyzzyva 42", "", true},
      {"we moved to zyzzyva 42", "", false},
      {"we moved to zyzzyva 42", "They like Zyzzyva", true},
      {"Why We Moved From Something To Zyzzyva 42", "", false},
      {"it was day 42", "", true},
  };
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    g_autoptr(Fingerprint) fingerprint = print_post(NULL, CASES[i].title, CASES[i].text);
    g_assert_cmpuint(fingerprint->number_count, ==, 1);
    g_assert_cmpint(fingerprint->numbers[0].is_series, ==, CASES[i].is_series);
  }
}

static void
test_pairs(void)
{
  static const struct {
    const char *a;
    const char *b;
    unsigned shared;
  } CASES[] = {
      {"zyzzyva garden of quokka", "the quokka garden", 1},
      {"garden zyzzyva", "garden of a zyzzyva", 1},
      {"zyzzyva garden zyzzyva garden", "zyzzyva garden", 1},
      {"zyzzyva garden quokka", "zyzzyva quokka", 0},
      {"zyzzyva", "zyzzyva", 0},
      {"", "", 0},
  };
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    g_autoptr(Fingerprint) a = print_title(CASES[i].a);
    g_autoptr(Fingerprint) b = print_title(CASES[i].b);
    unsigned shared = 0;
    for (unsigned j = 0; j < a->pair_count; j++)
      for (unsigned k = 0; k < b->pair_count; k++)
        shared += a->pairs[j] == b->pairs[k];
    g_assert_cmpuint(shared, ==, CASES[i].shared);
  }
  g_autoptr(Fingerprint) rare = print_title("zyzzyva quokka");
  g_autoptr(Fingerprint) common = print_title("zyzzyva file");
  g_assert_cmpuint(rare->pairs[0] & FINGERPRINT_PAIR_IDF, >, common->pairs[0] & FINGERPRINT_PAIR_IDF);
}

static uint64_t
place_of(const Term *term)
{
  return (uint64_t) term->family << 32 | term->key;
}

/* Nothing to compare, and more than any place holds. */
static void
test_odd_posts(void)
{
  g_autoptr(GString) huge = g_string_new(NULL);
  for (int i = 0; i < 100000; i++)
    g_string_append_printf(huge, "word%d ", i);
  g_autoptr(GString) cjk = g_string_new("a");
  for (int i = 0; i < 1000; i++)
    g_string_append(cjk, "東𠀀");
  const struct {
    const char *title;
    const char *text;
    bool has_head;
  } CASES[] = {
      {"", "", false},
      {"🎉🎉🎉", "", false},
      {"x", "", true},
      {"", huge->str, true},
      {huge->str, huge->str, true},
      {"مرحبا بالعالم من المطورين", "", true},
      {"東京株式市場は続落", "", true},
      {cjk->str, "", true},
  };
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    g_autoptr(Fingerprint) fingerprint = print_post(NULL, CASES[i].title, CASES[i].text);
    g_assert_cmpint(fingerprint->head != 0, ==, CASES[i].has_head);
    for (unsigned j = 1; j < fingerprint->term_count; j++)
      g_assert_cmpuint(place_of(&fingerprint->terms[j - 1]), <, place_of(&fingerprint->terms[j]));
    for (unsigned j = 1; j < fingerprint->trigram_count; j++)
      g_assert_cmpuint(fingerprint->trigrams[j - 1], <, fingerprint->trigrams[j]);
    for (unsigned j = 1; j < fingerprint->pair_count; j++)
      g_assert_cmpuint(fingerprint->pairs[j - 1], <, fingerprint->pairs[j]);
    g_assert_cmpuint(fingerprint->bigram_count, <=, fingerprint->trigram_count);
  }
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/fingerprint/links", test_links);
  g_test_add_func("/fingerprint/links-in-text", test_links_in_text);
  g_test_add_func("/fingerprint/terms", test_terms);
  g_test_add_func("/fingerprint/heads", test_heads);
  g_test_add_func("/fingerprint/names", test_names);
  g_test_add_func("/fingerprint/pairs", test_pairs);
  g_test_add_func("/fingerprint/odd-posts", test_odd_posts);
  return g_test_run();
}
