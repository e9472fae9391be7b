#include "writing/headline.h"

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
  return strcmp(source_key, "feed") == 0 ? NULL : "Community";
}

static void
free_evidence(gpointer evidence)
{
  evidence_free(evidence);
}

/* A title as it was found: @source "page" for that of a page that was read. @text: (nullable): of the post */
typedef struct {
  const char *source;
  const char *title;
  const char *text;
} Found;

static char *
choose(const Found *found)
{
  g_autoptr(Story) story = story_new("s");
  g_autoptr(GPtrArray) evidence = g_ptr_array_new_with_free_func(free_evidence);
  g_autoptr(GPtrArray) sites = g_ptr_array_new();
  g_ptr_array_add(sites, (char *) "The E");
  for (; found->source != NULL; found++) {
    g_autofree char *place = g_strdup_printf("https://e.org/%u", story->items->len);
    if (strcmp(found->source, "page") == 0) {
      Evidence *page = g_new0(Evidence, 1);
      page->url = g_strdup(place);
      page->title = g_strdup(found->title);
      page->text = g_strdup(found->text != NULL ? found->text : "");
      g_ptr_array_add(evidence, page);
      continue;
    }
    Item *item = item_new();
    set(&item->id, place);
    set(&item->url, place);
    set(&item->canonical_url, place);
    set(&item->source, found->source);
    set(&item->title, found->title);
    set(&item->text, found->text != NULL ? found->text : "");
    g_ptr_array_add(story->items, item);
  }
  return headline_choose(story, evidence, sites, find_community);
}

static void
test_the_clearest_is_chosen(void)
{
  static const struct {
    const char *why;
    Found found[5];
    const char *headline;
  } CASES[] = {
      {"no title", {{"post", "", NULL}}, ""},
      {"no member", {{NULL, NULL, NULL}}, ""},
      {"a site's name goes", {{"feed", "Arenas are enough | The E", NULL}}, "Arenas are enough"},
      {"a feed rather than a post about it",
       {{"post", "Arenas", NULL}, {"feed", "Arenas, from the source", NULL}},
       "Arenas, from the source"},
      {"a statement rather than a name",
       {{"post", "Lantern 2.0", NULL},
        {"page", "Lantern 2.0", NULL},
        {"post", "Lantern 2.0 can shrink a mounted volume", NULL}},
       "Lantern 2.0 can shrink a mounted volume"},
      {"news rather than a question",
       {{"post", "Is Lantern 2.0 the end of backups?", NULL}, {"post", "Lantern 2.0 ships with shrinking volumes", NULL}},
       "Lantern 2.0 ships with shrinking volumes"},
      {"a question when there is nothing else",
       {{"post", "Ask HN: Where to begin with arenas?", NULL}},
       "Where to begin with arenas?"},
      {"news rather than what it was like",
       {{"post", "I upgraded my volumes to Lantern 2.0 today", NULL}, {"post", "Lantern 2.0 is out, volumes shrink", NULL}},
       "Lantern 2.0 is out, volumes shrink"},
      {"no bait",
       {{"post", "You won't believe what Lantern 2.0 does", NULL}, {"post", "Lantern 2.0 shrinks volumes in use", NULL}},
       "Lantern 2.0 shrinks volumes in use"},
      {"not shouted",
       {{"feed", "LANTERN 2.0 SHRINKS VOLUMES", NULL}, {"post", "Lantern 2.0 shrinks volumes", NULL}},
       "Lantern 2.0 shrinks volumes"},
      {"not shouted even when all do",
       {{"feed", "LANTERN 2.0 SHRINKS VOLUMES", "About Lantern 2.0."}},
       "Lantern 2.0 shrinks volumes"},
      {"a title rather than first words",
       {{"post", "Lantern 2.0 is really quite good.", "Lantern 2.0 is really quite good. Yes."},
        {"post", "Lantern 2.0 released for all", NULL}},
       "Lantern 2.0 released for all"},
      {"what is to be wondered at",
       {{"post", "Damn.", "Damn. Acme is cutting 30,000 jobs from today."}},
       "Acme is cutting 30,000 jobs from today"},
      {"what others say too",
       {{"post", "The state of the art of storage in 2026", NULL},
        {"post", "Lantern 2.0 can shrink volumes", NULL},
        {"post", "Shrink volumes with Lantern 2.0", NULL}},
       "Lantern 2.0 can shrink volumes"},
      {"of equals the first", {{"post", "Arenas are enough", NULL}, {"post", "Arenas Are Enough", NULL}}, "Arenas are enough"},
  };
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    g_test_message("%s", CASES[i].why);
    g_autofree char *headline = choose(CASES[i].found);
    g_assert_cmpstr(headline, ==, CASES[i].headline);
  }
}

/* One reason alone speaks for the last of each; what leads is a name, and the worse stands before the better. */
static void
test_reasons(void)
{
  static const struct {
    const char *why;
    Found found[5];
  } CASES[] = {
      {"of a page",
       {{"post", "Arenas", NULL},
        {"post", "Arenas are enough for Kelder", NULL},
        {"feed", "Arenas are enough in Kelder", NULL}}},
      {"length",
       {{"post", "Lantern", NULL},
        {"post", "Lantern 2.0 released", NULL},
        {"post", "Lantern 2.0 released with more of it", NULL}}},
      {"verb",
       {{"post", "Arenas", NULL},
        {"post", "Arenas in the memory of Kelder", NULL},
        {"post", "Arenas were in the memory of Kelder", NULL}}},
      {"name or number",
       {{"post", "Volumes", NULL},
        {"post", "all of the volumes were released here", NULL},
        {"post", "all of the volumes were released in Kelder", NULL}}},
      {"scant", {{"post", "Lantern", NULL}, {"post", "Lantern released", NULL}, {"post", "Lantern was released", NULL}}},
      {"long",
       {{"post", "Lantern", NULL},
        {"post", "Lantern was released to all and to you and to them and to him and to her and it", NULL},
        {"post", "Lantern was released to all and to you and to them and to him and it", NULL}}},
      {"first words",
       {{"post", "Lantern", NULL},
        {"post", "Lantern was released to all here", "Lantern was released to all here. Yes."},
        {"post", "Lantern was released to all there", "See here."}}},
      {"repository",
       {{"feed", "Lantern", NULL},
        {"feed", "ann/lantern: volumes were released here", NULL},
        {"feed", "Lantern: volumes were released here", NULL}}},
      {"explains",
       {{"post", "Volumes", NULL},
        {"post", "how volumes were released to all", NULL},
        {"post", "volumes were released to all", NULL}}},
      {"exclaims",
       {{"post", "Lantern", NULL},
        {"post", "Lantern was released to all!", NULL},
        {"post", "Lantern was released to all", NULL}}},
      {"shouts",
       {{"post", "Lantern", NULL},
        {"feed", "LANTERN 2.0 WAS RELEASED TO ALL", NULL},
        {"post", "Lantern 2.0 was released to all here", NULL}}},
      {"odd",
       {{"post", "Lantern", NULL},
        {"feed", "the state of the art was found", NULL},
        {"post", "the lantern was to be released", NULL}}},
      {"agreement",
       {{"post", "Volumes shrink", NULL},
        {"post", "Lantern was in a place for all", NULL},
        {"post", "Lantern volumes were to shrink for all", NULL}}},
  };
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    g_test_message("%s", CASES[i].why);
    g_autofree char *headline = choose(CASES[i].found);
    g_assert_cmpstr(headline, ==, CASES[i].found[2].title);
  }
}

static void
test_the_lead_comes_first_of_equals(void)
{
  g_autoptr(Story) story = story_new("s");
  static const char *const TITLES[] = {"Arenas are enough here", "Arenas are enough there"};
  for (size_t i = 0; i < G_N_ELEMENTS(TITLES); i++) {
    Item *item = item_new();
    set(&item->id, TITLES[i]);
    set(&item->source, "post");
    set(&item->title, TITLES[i]);
    g_ptr_array_add(story->items, item);
  }
  set(&story->lead_item, TITLES[1]);
  g_autoptr(GPtrArray) none = g_ptr_array_new();
  g_autofree char *headline = headline_choose(story, none, none, find_community);
  g_assert_cmpstr(headline, ==, TITLES[1]);
}

static void
test_length(void)
{
  g_autoptr(GString) endless = g_string_new("Words");
  while (endless->len < 290)
    g_string_append(endless, " and words");
  g_autofree char *cut = choose((const Found[]){{"post", endless->str, NULL}, {NULL, NULL, NULL}});
  g_assert_cmpint(g_utf8_strlen(cut, -1), <=, 120);
  g_assert_true(g_str_has_suffix(cut, " words…") || g_str_has_suffix(cut, " and…"));
  g_autofree char *two = g_strdup_printf("Arenas are enough for everyone. %s", endless->str);
  g_autofree char *sentence = choose((const Found[]){{"post", two, NULL}, {NULL, NULL, NULL}});
  g_assert_cmpstr(sentence, ==, "Arenas are enough for everyone");
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/headline/the-clearest-is-chosen", test_the_clearest_is_chosen);
  g_test_add_func("/headline/reasons", test_reasons);
  g_test_add_func("/headline/the-lead-comes-first-of-equals", test_the_lead_comes_first_of_equals);
  g_test_add_func("/headline/length", test_length);
  return g_test_run();
}
