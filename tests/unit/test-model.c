#include "scoring/model.h"

#include <string.h>

#include "base/json.h"
#include "scoring/features.h"

static const char *const LONG_TEXT =
    "The measurements were repeated on three machines over two weeks and the raw figures are published with the scripts. "
    "Allocation turned out to be the largest cost, ahead of parsing, and a small arena removed most of it without touching "
    "the interface that other programs rely on. The change is described step by step, with what was tried and given up.";

static void
set(char **field, const char *text)
{
  g_free(*field);
  *field = g_strdup(text);
}

static Item *
add_item(Story *story, const char *source, const char *title, const char *text)
{
  Item *item = item_new();
  g_autofree char *id = g_strdup_printf("%s:%u", source, story->items->len);
  set(&item->id, id);
  set(&item->source, source);
  set(&item->title, title);
  set(&item->text, text);
  g_ptr_array_add(story->items, item);
  return item;
}

static void
free_evidence(gpointer evidence)
{
  evidence_free(evidence);
}

static GPtrArray *
make_evidence(const char *text)
{
  GPtrArray *evidence = g_ptr_array_new_with_free_func(free_evidence);
  if (text) {
    Evidence *page = g_new0(Evidence, 1);
    page->text = g_strdup(text);
    g_ptr_array_add(evidence, page);
  }
  return evidence;
}

static double
value_of(const Story *story, const char *evidence_text)
{
  g_autoptr(GPtrArray) evidence = make_evidence(evidence_text);
  g_autoptr(Score) score = model_score(story, evidence);
  g_assert_cmpfloat(score->value, >=, 0);
  g_assert_cmpfloat(score->value, <=, 1);
  return score->value;
}

static void
test_features(void)
{
  g_autoptr(Story) story = story_new("s");
  Item *item = add_item(story, "hackernews", "I wrote a C compiler", "#c #compilers");
  item->score = 99;
  item->replies = 99;
  g_autoptr(GPtrArray) evidence = make_evidence(NULL);
  Features features = features_measure(story, evidence);
  static const struct {
    FeatureName feature;
    double value;
  } EXPECTED[] = {
      {FEATURE_APPLAUSE, 0.5}, {FEATURE_EVIDENCE, 0}, {FEATURE_HASHTAGS, 0.4}, {FEATURE_PERSONAL, 1},
      {FEATURE_SOURCES, 0},    {FEATURE_TALK, 0.5},   {FEATURE_TITLED, 1},     {FEATURE_WORD_LENGTH, 16.0 / 5 / 8},
  };
  for (size_t i = 0; i < G_N_ELEMENTS(EXPECTED); i++) {
    g_test_message("%s", feature_name(EXPECTED[i].feature));
    g_assert_cmpfloat_with_epsilon(features.values[EXPECTED[i].feature], EXPECTED[i].value, 1e-9);
  }
  set(&item->text, "# # # # # # #");
  features = features_measure(story, evidence);
  g_assert_cmpfloat(features.values[FEATURE_HASHTAGS], ==, 1);
  for (guint i = 1; i < FEATURE_COUNT; i++)
    g_assert_cmpint(strcmp(feature_name(i - 1), feature_name(i)), <, 0);
}

/* What nobody says of a post is neither for nor against it; what cannot be measured breaks nothing. */
static void
test_unknown_is_neutral(void)
{
  g_autoptr(Story) story = story_new("s");
  Item *item = add_item(story, "hackernews", "A small arena allocator", LONG_TEXT);
  double unknown = value_of(story, NULL);
  item->score = 2000;
  item->replies = 20;
  g_assert_cmpfloat(value_of(story, NULL), >, unknown);
  item->score = 0;
  item->replies = 20;
  g_assert_cmpfloat(value_of(story, NULL), <, unknown);

  g_autoptr(Story) empty = story_new("s");
  g_assert_cmpfloat(value_of(empty, NULL), <, 0.5);
  add_item(empty, "hackernews", "", "");
  g_assert_cmpfloat(value_of(empty, NULL), <, 0.5);
}

static void
test_what_raises_a_score(void)
{
  g_autoptr(Story) plain = story_new("s");
  add_item(plain, "hackernews", "A small arena allocator", LONG_TEXT);
  double value = value_of(plain, NULL);
  g_assert_cmpfloat(value, >, 0.5);
  g_assert_cmpfloat(value_of(plain, LONG_TEXT), >, value);

  g_autoptr(Story) bare = story_new("s");
  add_item(bare, "hackernews", "A small arena allocator", "");
  g_assert_cmpfloat(value_of(bare, NULL), <, value);

  g_autoptr(Story) untitled = story_new("s");
  add_item(untitled, "hackernews", "", "lol, my cat again #cats #caturday");
  g_assert_cmpfloat(value_of(untitled, NULL), <, 0.35);

  add_item(plain, "hackernews", "A small arena allocator", "");
  g_assert_cmpfloat(value_of(plain, NULL), ==, value);
  add_item(plain, "feed:https://e.org/rss", "A small arena allocator", "");
  g_assert_cmpfloat(value_of(plain, NULL), >, value);
}

static void
test_reason(void)
{
  static const struct {
    const char *source;
    const char *title;
    const char *text;
    const char *page;
    const char *reason;
  } CASES[] = {
      {"hackernews", "Arenas", "", NULL, "Carried by a title of its own and an impersonal headline."},
      {"hackernews", "Arenas", LONG_TEXT, NULL, "Carried by a title of its own and a long text."},
      {"hackernews", "", "my cat #a #b #c", NULL, "Nothing measured sets it apart."},
  };
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    g_autoptr(Story) story = story_new("s");
    add_item(story, CASES[i].source, CASES[i].title, CASES[i].text);
    g_autoptr(GPtrArray) evidence = make_evidence(CASES[i].page);
    g_autoptr(Score) score = model_score(story, evidence);
    g_assert_cmpstr(score->reason, ==, CASES[i].reason);
  }
}

static void
test_features_are_json(void)
{
  g_autoptr(Story) story = story_new("s");
  add_item(story, "hackernews", "Arenas", LONG_TEXT);
  g_autoptr(GPtrArray) evidence = make_evidence(LONG_TEXT);
  g_autoptr(Score) score = model_score(story, evidence);
  g_autoptr(GError) error = NULL;
  g_autoptr(json_t) object = json_parse(score->features, strlen(score->features), NULL, &error);
  g_assert_no_error(error);
  g_assert_cmpuint(json_object_size(object), ==, FEATURE_COUNT);
  for (guint i = 0; i < FEATURE_COUNT; i++)
    g_assert_true(json_is_number(json_object_get(object, feature_name(i))));
  g_assert_cmpfloat(json_number_value(json_object_get(object, "titled")), ==, 1);
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/model/features", test_features);
  g_test_add_func("/model/unknown-is-neutral", test_unknown_is_neutral);
  g_test_add_func("/model/what-raises-a-score", test_what_raises_a_score);
  g_test_add_func("/model/reason", test_reason);
  g_test_add_func("/model/features-are-json", test_features_are_json);
  return g_test_run();
}
