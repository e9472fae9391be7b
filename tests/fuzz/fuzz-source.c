/*
 * The input as the reply to a source's request: FUZZ_SOURCE says which, FUZZ_OPTIONS how it is configured. Where FUZZ_LISTING
 * is not empty, the input is tried as the second reply as well, after that one.
 */
#include "fuzz.h"

#include "base/yaml.h"
#include "sources/source.h"

#include <string.h>

static void
check_item(const Item *item)
{
  g_assert_true(g_utf8_validate(item->id, -1, NULL) && *item->id != '\0');
  g_assert_true(g_utf8_validate(item->title, -1, NULL) && strchr(item->title, '\n') == NULL);
  g_assert_cmpint(g_utf8_strlen(item->title, -1), <=, ITEM_MAX_TITLE_CHARS + 1);
  g_assert_true(g_utf8_validate(item->text, -1, NULL));
  g_assert_cmpuint(strlen(item->text), <=, ITEM_MAX_TEXT_BYTES);
  g_assert_true(g_str_has_prefix(item->url, "http"));
  g_assert_cmpuint(item->links->len, <=, ITEM_MAX_LINKS);
}

static Reply *
make_reply(const void *body, size_t length)
{
  Reply *reply = reply_new();
  reply->status = 200;
  reply->url = g_strdup("https://a.example/x");
  reply->body = g_malloc(length + 1);
  memcpy(reply->body, body, length);
  reply->body[length] = '\0';
  reply->body_length = length;
  return reply;
}

static void
try_replies(const Source *source, const SourceInput *input, const GPtrArray *replies)
{
  StepOutcome outcome = {0};
  source->step(input, NULL, replies, &outcome);
  g_assert_cmpint((outcome.requests != NULL) + (outcome.result != NULL) + (outcome.error != NULL), ==, 1);
  const ItemBatch *batch = outcome.result;
  for (unsigned i = 0; batch != NULL && i < batch->items->len; i++)
    check_item(batch->items->pdata[i]);
  step_outcome_clear(&outcome, (GDestroyNotify) item_batch_free);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  const Source *source = source_find(FUZZ_SOURCE);
  g_autoptr(YamlNode) node = yaml_parse(FUZZ_OPTIONS, strlen(FUZZ_OPTIONS), "options", NULL);
  g_autoptr(GPtrArray) problems = g_ptr_array_new_with_free_func(g_free);
  void *options = options_read(&source->section, node, "options", FUZZ_SOURCE, NULL, problems);
  g_autofree char *key = source->key(options);
  SourceInput input = {.key = key, .options = options};
  g_autoptr(GPtrArray) replies = g_ptr_array_new_with_free_func((GDestroyNotify) reply_free);
  g_ptr_array_add(replies, make_reply(data, size));
  try_replies(source, &input, replies);
  if (*FUZZ_LISTING != '\0') {
    g_ptr_array_insert(replies, 0, make_reply(FUZZ_LISTING, strlen(FUZZ_LISTING)));
    try_replies(source, &input, replies);
  }
  options_free(&source->section, options);
  return 0;
}
