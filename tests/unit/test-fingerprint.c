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
  };
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    g_autoptr(Fingerprint) fingerprint = print_post(NULL, CASES[i].title, CASES[i].text);
    g_autoptr(Fingerprint) same = print_title(CASES[i].same);
    g_assert_cmpuint(fingerprint->head, ==, same->head);
    g_assert_cmpuint(fingerprint->head, !=, 0);
  }
}

static void
test_names(void)
{
  static const struct {
    const char *title;
    const char *text;
    unsigned names;
  } CASES[] = {
      {"Why we left Python for NodeJS", "", 2},
      {"Why We Left Python For Something Else Entirely", "", 0},
      {"zebra gardens", "They went to Kelder. Gardens are zebras", 1},
      {"", "", 0},
  };
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    g_autoptr(Fingerprint) fingerprint = print_post(NULL, CASES[i].title, CASES[i].text);
    unsigned names = 0;
    for (unsigned j = 0; j < fingerprint->term_count; j++)
      names += fingerprint->terms[j].is_name;
    g_assert_cmpuint(names, ==, CASES[i].names);
  }
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
  }
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/fingerprint/links", test_links);
  g_test_add_func("/fingerprint/terms", test_terms);
  g_test_add_func("/fingerprint/heads", test_heads);
  g_test_add_func("/fingerprint/names", test_names);
  g_test_add_func("/fingerprint/odd-posts", test_odd_posts);
  return g_test_run();
}
