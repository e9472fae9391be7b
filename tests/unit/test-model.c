#include "shipped-score.h"

#include <math.h>
#include <string.h>

#include "base/json.h"

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
  g_autoptr(ScoreModel) model = open_shipped_model();
  const ScorePost post = score_post_of(story, evidence);
  g_autoptr(Score) score = score_post(model, shipped_gauge(), &post);
  g_assert_cmpfloat(score->value, >=, 0);
  g_assert_cmpfloat(score->value, <=, 1);
  return score->value;
}

static Features
measure(const ScorePost *post)
{
  return features_measure(post, shipped_gauge());
}

static void
test_features(void)
{
  g_autoptr(Story) story = story_new("s");
  Item *item = add_item(story, "hackernews", "I wrote a C compiler", "#c #compilers");
  item->score = 99;
  item->replies = 99;
  set(&item->url, "https://news.ycombinator.com/item?id=1");
  set(&item->canonical_url, "https://blog.cloudflare.com/compilers");
  g_autoptr(GPtrArray) evidence = make_evidence(NULL);
  const ScorePost post = score_post_of(story, evidence);
  g_auto(Features) features = measure(&post);
  static const struct {
    FeatureName feature;
    double value;
  } EXPECTED[] = {
      {FEATURE_APPLAUSE, 0.5},  {FEATURE_EVIDENCE, 0},   {FEATURE_HASHTAGS, 0.4},
      {FEATURE_PERSONAL, 1},    {FEATURE_SOURCES, 0},    {FEATURE_TALK, 0.5},
      {FEATURE_TITLED, 1},      {FEATURE_HACKERNEWS, 1}, {FEATURE_WORD_LENGTH, 16.0 / 5 / 8},
      {FEATURE_ENGINEERING, 1}, {FEATURE_PRESS, 0},      {FEATURE_LINK, 1},
      {FEATURE_WE, 0},          {FEATURE_QUESTION, 0},   {FEATURE_UNTITLED_SHARES, 0},
  };
  for (size_t i = 0; i < G_N_ELEMENTS(EXPECTED); i++) {
    g_test_message("%s", feature_info((int) EXPECTED[i].feature)->name);
    g_assert_cmpfloat_with_epsilon(features.values[EXPECTED[i].feature], EXPECTED[i].value, 1e-9);
  }
  g_assert_cmpfloat(features.values[FEATURE_WORDS_PROGRAMMING], >, 0);
  g_assert_cmpfloat(features.values[FEATURE_WORDS_POLITICS], ==, 0);
  g_assert_cmpstr(features.domain, ==, "cloudflare.com");
  for (int i = 0; i < FEATURE_COUNT; i++)
    g_assert_cmpint(feature_find(feature_info(i)->name), ==, i);
  g_assert_cmpint(feature_find("nonsense"), ==, FEATURE_COUNT);
}

/* Every field of the vocabulary is a feature, and the other way round. */
static void
test_fields_are_features(void)
{
  const Vocabulary *vocabulary = shipped_gauge()->vocabulary;
  unsigned count = 0;
  for (int i = 0; i < FEATURE_COUNT; i++)
    count += g_str_has_prefix(feature_info(i)->name, "words:") ? 1 : 0;
  g_assert_cmpuint(vocabulary_count_fields(vocabulary), ==, count);
  for (unsigned i = 0; i < count; i++) {
    g_autofree char *name = g_strconcat("words:", vocabulary_field(vocabulary, i), NULL);
    g_assert_cmpint(feature_find(name), <, FEATURE_COUNT);
  }
  g_autoptr(GError) error = NULL;
  g_assert_null(vocabulary_new("ai\tllm gpt\nno tab\n", &error));
  g_assert_nonnull(strstr(error->message, "score-words-en.tsv:2:"));
  g_assert_null(vocabulary_new("ai\tone-two-three\n", NULL));
}

static void
test_head(void)
{
  static const struct {
    const char *title;
    FeatureName feature;
    double value;
  } CASES[] = {
      {"Helm v4.0.0 is out", FEATURE_VERSION, 1},
      {"Helm 4 is out", FEATURE_VERSION, 0},
      {"Helm 4 is out", FEATURE_NUMBER, 1},
      {"Who asked you?", FEATURE_YOU, 1},
      {"Who asked you?", FEATURE_QUESTION, 1},
      {"Our code!", FEATURE_WE, 1},
      {"Our code!", FEATURE_EXCLAMATION, 1},
      {"Ask HN: Which editor", FEATURE_ASK, 1},
      {"The “best” editor", FEATURE_QUOTE, 1},
      {"A day in Berlin, Germany", FEATURE_NAMES, 0.4},
      {"SHOUTING", FEATURE_CAPITALS, 1},
      {"PostgreSQL and Kubernetes", FEATURE_TOPICS, 2.0 / 3},
      {"PostgreSQL https://example.org/PostgreSQL", FEATURE_TOPICS, 1.0 / 3},
      {"🎉🎉", FEATURE_EMOJI, 2.0 / 3},
      {"日本語の見出し", FEATURE_EMOJI, 0},
      {"", FEATURE_TITLED, 0},
  };
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    const ScorePost post = make_post(CASES[i].title, "");
    g_auto(Features) features = measure(&post);
    g_test_message("%s: %s", CASES[i].title, feature_info((int) CASES[i].feature)->name);
    g_assert_cmpfloat_with_epsilon(features.values[CASES[i].feature], CASES[i].value, 1e-9);
  }
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
  item = add_item(empty, "hackernews", "", "");
  g_assert_cmpfloat(value_of(empty, NULL), <, 0.5);
  item->score = item->likes = item->replies = item->shares = INT64_MAX;
  add_item(empty, "hackernews", "", "")->score = INT64_MAX;
  g_assert_cmpfloat(value_of(empty, NULL), <, 0.5);
}

/* Posts without a title are given their first words as one. */
static void
test_a_made_title_is_none(void)
{
  g_autoptr(Story) story = story_new("s");
  Item *item =
      add_item(story, "mastodon:m.example", "Today I learned that", "Today I learned that cats have whiskers on their legs.");
  g_autoptr(GPtrArray) evidence = make_evidence(NULL);
  ScorePost post = score_post_of(story, evidence);
  g_assert_cmpstr(post.title, ==, "");
  set(&item->title, "Whiskers");
  post = score_post_of(story, evidence);
  g_assert_cmpstr(post.title, ==, "Whiskers");
}

/* A megabyte is read at its beginning. */
static void
test_long_texts(void)
{
  g_autoptr(GString) text = g_string_new(NULL);
  while (text->len < 1024 * 1024)
    g_string_append(text, "trump lol 🎉 ");
  static const char TITLE[] =
      "A small arena allocator in Rust that holds what two hundred characters can hold, and not a word more of "
      "what stands behind it, since its title alone is as long as all that is read of any post we know ..";
  const ScorePost short_post = make_post(TITLE, "");
  ScorePost long_post = make_post(TITLE, text->str);
  long_post.length = g_utf8_strlen(TITLE, -1);
  g_auto(Features) expected = measure(&short_post);
  g_auto(Features) features = measure(&long_post);
  for (int i = 0; i < FEATURE_COUNT; i++)
    if (isfinite(expected.values[i]))
      g_assert_cmpfloat(features.values[i], ==, expected.values[i]);
  g_assert_cmpuint(features.text_key, !=, expected.text_key);
  const ScorePost titleless = make_post(text->str, text->str);
  g_auto(Features) more = measure(&titleless);
  g_assert_cmpfloat(more.values[FEATURE_WORDS_POLITICS], >, 0);
}

static void
test_what_raises_a_score(void)
{
  g_autoptr(Story) plain = story_new("s");
  add_item(plain, "hackernews", "A small arena allocator", LONG_TEXT);
  double value = value_of(plain, NULL);
  g_assert_cmpfloat(value, >, 0.45);
  g_assert_cmpfloat(value_of(plain, LONG_TEXT), >, value);

  g_autoptr(Story) bare = story_new("s");
  add_item(bare, "hackernews", "A small arena allocator", "");
  g_assert_cmpfloat(value_of(bare, NULL), <, value);

  g_autoptr(Story) untitled = story_new("s");
  add_item(untitled, "mastodon:m.example", "", "lol, my cat again #cats #caturday");
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
    const char *reason;
  } CASES[] = {
      {"hackernews", "Rust in the Linux kernel", "",
       "Carried by words of operating systems and well-known topics, held back by a short text and a short headline."},
      {"mastodon:m.example", "", "lol, my cat again #cats #caturday",
       "Held back by a headline that says I and words of feelings."},
  };
  g_autoptr(ScoreModel) model = open_shipped_model();
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    ScorePost post = make_post(CASES[i].title, CASES[i].text);
    post.source = CASES[i].source;
    g_autoptr(Score) score = score_post(model, shipped_gauge(), &post);
    g_assert_cmpstr(score->reason, ==, CASES[i].reason);
  }
}

/* What each feature adds makes the score. */
static void
test_features_explain_the_score(void)
{
  g_autoptr(ScoreModel) model = open_shipped_model();
  const ScorePost post = make_post("Rust in the Linux kernel", LONG_TEXT);
  g_autoptr(Score) score = score_post(model, shipped_gauge(), &post);
  g_autoptr(json_t) object = json_parse(score->features, strlen(score->features), NULL, NULL);
  double sum = json_real_value(json_object_get(object, "base")) + json_real_value(json_object_get(object, "rest"));
  const char *name = NULL;
  json_t *entry = NULL;
  json_object_foreach(object, name, entry)
  {
    if (g_str_equal(name, "base") || g_str_equal(name, "rest"))
      continue;
    g_assert_cmpint(feature_find(name), <, FEATURE_COUNT);
    sum += json_real_value(json_array_get(entry, 1));
  }
  g_assert_cmpfloat_with_epsilon(sum, score->value, 0.005);
  g_assert_null(json_object_get(object, "applause"));
  g_assert_cmpfloat(json_real_value(json_array_get(json_object_get(object, "titled"), 0)), ==, 1);
}

static void
test_bad_weights(void)
{
  g_autofree char *good = read_shipped("score-weights.tsv");
  static const struct {
    const char *from;
    const char *to;
    const char *message;
  } CASES[] = {
      {"titled\t", "titeld\t", ": expected the name"}, {"constant\t", "#", "\"constant\" is missing"},
      {"titled\t", "titled\tnan\t", ": expected"},     {"titled\t", "talk\t", ": expected"},
      {"titled\t", "titled\t1e999\t", ": expected"},   {"constant\t", "constant\t0 \t", ": expected"},
  };
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    g_autoptr(GString) bad = g_string_new(good);
    g_autoptr(GError) error = NULL;
    g_string_replace(bad, CASES[i].from, CASES[i].to, 1);
    g_assert_null(score_model_new(bad->str, &error));
    g_test_message("%s", error->message);
    g_assert_nonnull(strstr(error->message, CASES[i].message));
  }
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/model/features", test_features);
  g_test_add_func("/model/fields-are-features", test_fields_are_features);
  g_test_add_func("/model/head", test_head);
  g_test_add_func("/model/unknown-is-neutral", test_unknown_is_neutral);
  g_test_add_func("/model/a-made-title-is-none", test_a_made_title_is_none);
  g_test_add_func("/model/long-texts", test_long_texts);
  g_test_add_func("/model/what-raises-a-score", test_what_raises_a_score);
  g_test_add_func("/model/reason", test_reason);
  g_test_add_func("/model/features-explain-the-score", test_features_explain_the_score);
  g_test_add_func("/model/bad-weights", test_bad_weights);
  return g_test_run();
}
