/*
 * Every source reads any replies as items of clean text, or fails with a reason. The input is the replies, in the order
 * asked for, separated by NUL; the last one answers all that is asked for after it.
 */
#include "sources/source.h"

#include "base/text.h"
#include "base/yaml.h"
#include "fuzz.h"

static const char *const OPTIONS = "{url: 'http://feed.example/'}";

static void
assert_clean(const char *text)
{
  if (text == NULL)
    return;
  g_autofree char *clean = text_clean(text, strlen(text));
  g_assert_cmpstr(text, ==, clean);
}

static void
check_batch(const ItemBatch *batch)
{
  for (guint i = 0; i < batch->items->len; i++) {
    const Item *item = batch->items->pdata[i];
    g_assert_true(item->id != NULL && *item->id != '\0');
    g_assert_true(g_utf8_validate(item->id, -1, NULL));
    assert_clean(item->title);
    assert_clean(item->text);
    assert_clean(item->author);
    for (guint link = 0; link < item->links->len; link++)
      g_assert_true(g_str_has_prefix(item->links->pdata[link], "http"));
  }
  for (guint i = 0; i < batch->failures->len; i++)
    assert_clean(((const Failure *) batch->failures->pdata[i])->input);
}

static Reply *
take_reply(const Request *request, const char **input, size_t *size)
{
  const char *end = memchr(*input, '\0', *size);
  size_t length = end != NULL ? (size_t) (end - *input) : *size;
  Reply *reply = reply_new();
  reply->status = 200;
  reply->url = g_strdup(request->url);
  reply->headers = g_strdup("");
  reply->body = g_strndup(*input, length);
  reply->body_length = length;
  if (end != NULL) {
    *input += length + 1;
    *size -= length + 1;
  }
  return reply;
}

static void
run_source(const Source *source, const char *input, size_t size)
{
  g_autoptr(YamlNode) node = yaml_parse(OPTIONS, strlen(OPTIONS), "options", NULL);
  g_autoptr(GPtrArray) problems = g_ptr_array_new_with_free_func(g_free);
  void *options = options_read(&source->section, node, &(OptionReading){.file = "options", .path = "", .problems = problems});
  g_autofree char *key = source->key(options);
  g_autoptr(GPtrArray) replies = g_ptr_array_new_with_free_func((GDestroyNotify) reply_free);
  for (int round = 0; round <= STEP_MAX_ROUNDS; round++) {
    StepOutcome outcome = {0};
    source->step(&(SourceInput){.key = key, .options = options}, NULL, replies, &outcome);
    for (guint i = 0; outcome.requests != NULL && i < outcome.requests->len; i++)
      g_ptr_array_add(replies, take_reply(outcome.requests->pdata[i], &input, &size));
    bool is_over = outcome.requests == NULL;
    g_assert_true(!is_over || (outcome.result == NULL) == (outcome.error != NULL));
    if (outcome.result != NULL)
      check_batch(outcome.result);
    step_outcome_clear(&outcome, (GDestroyNotify) item_batch_free);
    if (is_over)
      break;
  }
  options_free(&source->section, options);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  for (const Source *const *source = sources_all(); *source != NULL; source++)
    run_source(*source, (const char *) data, size);
  return 0;
}
