#include "model/item.h"

#include "base/error.h"
#include "model/story.h"

#include <glib.h>
#include <string.h>

static void
test_new_item(void)
{
  g_autoptr(Item) item = item_new();
  const char *texts[] = {item->id, item->source, item->url, item->title, item->text, item->author};
  for (size_t i = 0; i < G_N_ELEMENTS(texts); i++)
    g_assert_cmpstr(texts[i], ==, "");
  const void *absent[] = {item->canonical_url, item->language, item->extra};
  for (size_t i = 0; i < G_N_ELEMENTS(absent); i++)
    g_assert_null(absent[i]);
  const int64_t unknown[] = {item->likes, item->shares, item->replies, item->score};
  for (size_t i = 0; i < G_N_ELEMENTS(unknown); i++)
    g_assert_cmpint(unknown[i], ==, -1);
  g_assert_cmpuint(item->links->len, ==, 0);
  g_assert_cmpint(item->published_ms, ==, 0);
}

static void
test_links(void)
{
  g_autoptr(Item) item = item_new();
  static const char *const LINKS[] = {"https://Example.com/a?utm_source=x#y",
                                      "https://example.com/a",
                                      "mailto:a@b.example",
                                      "javascript:alert(1)",
                                      "",
                                      "https://example.com/b"};
  for (size_t i = 0; i < G_N_ELEMENTS(LINKS); i++)
    item_add_link(item, LINKS[i]);
  g_assert_cmpuint(item->links->len, ==, 2);
  g_assert_cmpstr(item->links->pdata[0], ==, "https://example.com/a");
  g_assert_cmpstr(item->links->pdata[1], ==, "https://example.com/b");
  for (int i = 0; i < 100; i++) {
    g_autofree char *link = g_strdup_printf("https://example.com/%d", i);
    item_add_link(item, link);
  }
  g_assert_cmpuint(item->links->len, ==, ITEM_MAX_LINKS);
}

static void
test_failure(void)
{
  g_autoptr(Failure) failure = failure_new(ERROR_BAD_DATA, "what, where, why", "a\0b\x1b[m\xFF", 7);
  g_assert_cmpint(failure->code, ==, ERROR_BAD_DATA);
  g_assert_cmpstr(failure->message, ==, "what, where, why");
  g_assert_cmpstr(failure->input, ==, "ab[m\uFFFD");
  g_autoptr(Failure) without_input = failure_new(ERROR_RETRY, "x", NULL, 0);
  g_assert_null(without_input->input);
  g_autoptr(Failure) empty_input = failure_new(ERROR_RETRY, "x", "", 0);
  g_assert_cmpstr(empty_input->input, ==, "");
}

static void
test_failure_cuts_at_a_character(void)
{
  static const struct {
    const char *piece;
    size_t expected_bytes;
  } CASES[] = {{"a", 4096}, {"\u00E4", 4096}, {"\u4E2D", 4095}, {"\U0001F600", 4096}, {"\xFF", 4095}, {"\xBF", 4095}};
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    g_autoptr(GString) input = g_string_new(NULL);
    while (input->len < 100000)
      g_string_append(input, CASES[i].piece);
    g_autoptr(Failure) failure = failure_new(ERROR_BAD_DATA, "x", input->str, input->len);
    g_assert_cmpuint(strlen(failure->input), ==, CASES[i].expected_bytes);
    g_assert_true(g_utf8_validate(failure->input, -1, NULL));
    bool is_broken = !g_utf8_validate(CASES[i].piece, -1, NULL);
    g_assert_cmpint(strstr(failure->input, "\uFFFD") != NULL, ==, is_broken);
  }
}

static void
test_batch(void)
{
  g_autoptr(ItemBatch) batch = item_batch_new();
  g_ptr_array_add(batch->items, item_new());
  g_ptr_array_add(batch->failures, failure_new(ERROR_BAD_DATA, "x", "y", 1));
  batch->moved_to = g_strdup("https://example.com/feed");
  g_assert_cmpuint(batch->drops->len, ==, 0);
  g_assert_false(batch->is_gone);
}

static void
test_story_lead(void)
{
  g_autoptr(Story) story = story_new("0123456789abcdef");
  g_assert_cmpstr(story->id, ==, "0123456789abcdef");
  g_assert_null(story_lead(story));
  static const char *const IDS[] = {"hn:1", "hn:2", "hn:3"};
  for (size_t i = 0; i < G_N_ELEMENTS(IDS); i++) {
    Item *item = item_new();
    g_free(item->id);
    item->id = g_strdup(IDS[i]);
    g_ptr_array_add(story->items, item);
  }
  g_assert_cmpstr(story_lead(story)->id, ==, "hn:1");
  story->lead_item = g_strdup("hn:3");
  g_assert_cmpstr(story_lead(story)->id, ==, "hn:3");
}

static void
test_free_takes_null(void)
{
  item_free(NULL);
  failure_free(NULL);
  item_batch_free(NULL);
  story_free(NULL);
  evidence_free(NULL);
  Evidence *evidence = g_new0(Evidence, 1);
  evidence->text = g_strdup("text");
  evidence_free(evidence);
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/item/new", test_new_item);
  g_test_add_func("/item/links", test_links);
  g_test_add_func("/item/failure", test_failure);
  g_test_add_func("/item/failure-cuts-at-a-character", test_failure_cuts_at_a_character);
  g_test_add_func("/item/batch", test_batch);
  g_test_add_func("/item/story-lead", test_story_lead);
  g_test_add_func("/item/free-takes-null", test_free_takes_null);
  return g_test_run();
}
