#include "stories/fingerprint.h"

#include <string.h>

static Item *
make_item(const char *canonical_url, const char *title, const char *text)
{
  Item *item = item_new();
  item->canonical_url = g_strdup(canonical_url);
  g_free(item->title);
  item->title = g_strdup(title);
  g_free(item->text);
  item->text = g_strdup(text);
  return item;
}

static void
test_links(void)
{
  static const struct {
    const char *url;
    const char *link;
  } CASES[] = {
      {NULL, NULL},
      {"https://example.org/", NULL},
      {"https://www.example.org/", NULL},
      {"https://example.org", NULL},
      {"https://example.org/a", "example.org/a"},
      {"http://www.example.org/a/", "example.org/a"},
      {"https://example.org/?p=7", "example.org/?p=7"},
      {"https://example.org/a?p=7", "example.org/a?p=7"},
      {"https://wwwexample.org/a", "wwwexample.org/a"},
  };
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    g_autoptr(Item) item = make_item(CASES[i].url, "A title", "");
    g_autoptr(Fingerprint) fingerprint = fingerprint_new(item);
    g_assert_cmpstr(fingerprint->link, ==, CASES[i].link);
  }
}

static bool
has_stem(const Fingerprint *fingerprint, const char *stem)
{
  for (guint i = 0; i < fingerprint->stems->len; i++)
    if (strcmp(fingerprint->stems->pdata[i], stem) == 0)
      return true;
  return false;
}

static void
test_stems(void)
{
  g_autoptr(GString) text = g_string_new("Compilers compile https://example.org/verbose/address of compilers. ");
  while (text->len < 600)
    g_string_append(text, "filler ");
  g_string_append(text, "zebra");
  g_autoptr(Item) item = make_item(NULL, "Show HN: Compilers", text->str);
  g_autoptr(Fingerprint) fingerprint = fingerprint_new(item);

  g_assert_true(has_stem(fingerprint, "compil"));
  g_assert_true(has_stem(fingerprint, "filler"));
  g_assert_cmpuint(fingerprint->stems->len, ==, 2);
  g_assert_false(has_stem(fingerprint, "zebra"));
}

static void
test_heads(void)
{
  static const struct {
    const char *title;
    const char *text;
    const char *head;
    guint head_stems;
    guint stems;
  } CASES[] = {
      {"Show HN: The Zebra’s garden, v2!", "Apples and pears", "the zebra's garden v2", 3, 5},
      {"Zebra gardens", "A zebra gardening", "zebra gardens", 2, 2},
      {"", "Zebra: gardens https://e.org/ of apples", "zebra gardens of apples", 3, 3},
      {"https://e.org/", "Zebra gardens", "zebra gardens", 2, 2},
      {"", "", "", 0, 0},
  };
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    g_autoptr(Item) item = make_item(NULL, CASES[i].title, CASES[i].text);
    g_autoptr(Fingerprint) fingerprint = fingerprint_new(item);
    g_assert_cmpstr(fingerprint->head, ==, CASES[i].head);
    g_assert_cmpuint(fingerprint->head_stems, ==, CASES[i].head_stems);
    g_assert_cmpuint(fingerprint->stems->len, ==, CASES[i].stems);
  }
}

static void
test_bare_post(void)
{
  g_autoptr(Item) item = make_item(NULL, "", "");
  g_autoptr(Fingerprint) fingerprint = fingerprint_new(item);
  g_assert_cmpuint(fingerprint->stems->len, ==, 0);
  g_assert_false(fingerprint_conflicts(fingerprint, fingerprint));
}

static void
test_conflicts(void)
{
  static const struct {
    const char *a;
    const char *b;
    bool is_conflict;
  } CASES[] = {
      {"Fedora Linux 42 released", "Fedora Linux 43 released", true},
      {"Helm v4.0.0", "Helm 4.0", false},
      {"Helm v4.0.0", "Helm 4.1", true},
      {"Helm version 4.0.0", "Helm 4.1", true},
      {"Python 3.14.1 is out", "Python 3.14.2 is out", true},
      {"Advent of Code, day 3", "Advent of Code, day 4", true},
      {"Ask HN: Who is hiring? (October 2025)", "Ask HN: Who is hiring? (November 2025)", true},
      {"Who is hiring (Oct)", "Who is hiring (Nov)", true},
      {"Ask HN: Who is hiring? (Oct 2025)", "Ask HN: Who is hiring? (October 2025)", false},
      {"Coffee shop raises over $86,000", "Coffee shop raises nearly $200,000", false},
      {"Linkers: A 20 Part Series (2007)", "Linkers (2007)", false},
      {"Motor outperforms record by 40%", "Motor produces 1,000 horsepower", false},
      {"2025", "2024", false},
  };
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    g_test_message("%s | %s", CASES[i].a, CASES[i].b);
    g_autoptr(Item) first = make_item(NULL, CASES[i].a, "");
    g_autoptr(Item) second = make_item(NULL, "", CASES[i].b);
    g_autoptr(Fingerprint) a = fingerprint_new(first);
    g_autoptr(Fingerprint) b = fingerprint_new(second);
    g_assert_cmpint(fingerprint_conflicts(a, b), ==, CASES[i].is_conflict);
    g_assert_cmpint(fingerprint_conflicts(b, a), ==, CASES[i].is_conflict);
  }
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/fingerprint/links", test_links);
  g_test_add_func("/fingerprint/stems", test_stems);
  g_test_add_func("/fingerprint/heads", test_heads);
  g_test_add_func("/fingerprint/bare-post", test_bare_post);
  g_test_add_func("/fingerprint/conflicts", test_conflicts);
  return g_test_run();
}
