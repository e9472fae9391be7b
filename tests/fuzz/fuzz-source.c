/* Whatever a service answers, each source makes of it items that are clean and within their bounds, or an error. */
#include "sources/source.h"

#include "base/text.h"
#include "base/yaml.h"
#include "fuzz.h"

static void
check_item(const Item *item)
{
  g_autofree char *title = text_clean_line(item->title, strlen(item->title));
  g_assert_cmpstr(item->title, ==, title);
  g_assert_cmpint(g_utf8_strlen(item->title, -1), <=, ITEM_MAX_TITLE_CHARS + 1);
  g_autofree char *text = text_clean(item->text, strlen(item->text));
  g_assert_cmpstr(item->text, ==, text);
  g_assert_cmpuint(strlen(item->text), <=, ITEM_MAX_TEXT_BYTES);
  g_assert_true(g_str_has_prefix(item->url, "http://") || g_str_has_prefix(item->url, "https://"));
  g_assert_cmpuint(item->links->len, <=, ITEM_MAX_LINKS);
}

static void
add_reply(GPtrArray *replies, const void *body, size_t length)
{
  Reply *reply = reply_new();
  reply->status = 200;
  reply->url = g_strdup("https://a.example/x");
  reply->body = g_malloc0(length + 1);
  if (length > 0)
    memcpy(reply->body, body, length);
  reply->body_length = length;
  g_ptr_array_add(replies, reply);
}

static void
try_replies(const char *name, const char *options_text, const GPtrArray *replies)
{
  const Source *source = source_find(name);
  g_autoptr(YamlNode) node = yaml_parse(options_text, strlen(options_text), "options", NULL);
  g_autoptr(GPtrArray) problems = g_ptr_array_new_with_free_func(g_free);
  void *options = options_read(&source->section, node, &(OptionReading){.file = "options", .path = name, .problems = problems});
  g_autofree char *key = source->key(options);
  SourceInput input = {.key = key, .options = options};
  StepOutcome outcome = {0};
  source->step(&input, NULL, replies, &outcome);
  g_assert_cmpint((outcome.requests != NULL) + (outcome.result != NULL) + (outcome.error != NULL), ==, 1);
  const ItemBatch *batch = outcome.result;
  for (unsigned i = 0; batch != NULL && i < batch->items->len; i++)
    check_item(batch->items->pdata[i]);
  step_outcome_clear(&outcome, (GDestroyNotify) item_batch_free);
  options_free(&source->section, options);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  g_autoptr(GPtrArray) first = g_ptr_array_new_with_free_func((GDestroyNotify) reply_free);
  add_reply(first, data, size);
  try_replies("feed", "url: https://a.example/", first);
  try_replies("hackernews", "list: top", first);

  g_autoptr(GPtrArray) second = g_ptr_array_new_with_free_func((GDestroyNotify) reply_free);
  add_reply(second, "[1]", 3);
  add_reply(second, data, size);
  try_replies("hackernews", "list: top", second);
  return 0;
}
