/*
 * Whatever a service answers, each source makes of it items that are clean, within their bounds and distinct, or fails with a
 * reason. The input is the replies in the order asked for, each after its length in decimal digits and a line feed; what begins
 * with no such length is the last, and answers all that is asked for after it.
 */
#include "sources/source.h"

#include "base/text.h"
#include "base/yaml.h"
#include "fuzz.h"

static const char *const OPTIONS = "{url: 'http://feed.example/'}";

typedef struct {
  const char *at;
  const char *end;
} Input;

static void
assert_clean(const char *text)
{
  g_autofree char *clean = text_clean(text, strlen(text));
  g_assert_cmpstr(text, ==, clean);
}

static void
assert_line(const char *text)
{
  g_autofree char *line = text_clean_line(text, strlen(text));
  g_assert_cmpstr(text, ==, line);
  g_assert_cmpint(g_utf8_strlen(text, -1), <=, ITEM_MAX_TITLE_CHARS);
}

static void
assert_address(const char *text)
{
  g_assert_true(g_str_has_prefix(text, "http://") || g_str_has_prefix(text, "https://"));
}

static void
check_item(const Item *item)
{
  g_assert_true(*item->id != '\0' && g_utf8_validate(item->id, -1, NULL));
  assert_line(item->title);
  assert_line(item->author);
  assert_clean(item->text);
  g_assert_cmpuint(strlen(item->text), <=, ITEM_MAX_TEXT_BYTES);
  assert_address(item->url);
  g_assert_cmpuint(item->links->len, <=, ITEM_MAX_LINKS);
  for (guint i = 0; i < item->links->len; i++)
    assert_address(item->links->pdata[i]);
}

static void
check_batch(const ItemBatch *batch)
{
  g_autoptr(GHashTable) ids = g_hash_table_new(g_str_hash, g_str_equal);
  for (guint i = 0; i < batch->items->len; i++) {
    const Item *item = batch->items->pdata[i];
    check_item(item);
    g_assert_true(g_hash_table_add(ids, item->id));
  }
  for (guint i = 0; i < batch->failures->len; i++) {
    const Failure *failure = batch->failures->pdata[i];
    assert_clean(failure->message);
    if (failure->input != NULL)
      assert_clean(failure->input);
  }
}

/* Returns: (transfer full): the next reply of @input, which ends before it unless it is the last */
static Reply *
take_reply(const Request *request, Input *input)
{
  size_t length = 0;
  const char *start = input->at;
  while (start < input->end && g_ascii_isdigit(*start) && length <= (size_t) (input->end - input->at))
    length = length * 10 + (size_t) (*start++ - '0');
  bool has_length = start > input->at && start < input->end && *start == '\n';
  start = has_length ? start + 1 : input->at;
  size_t rest = (size_t) (input->end - start);
  length = has_length ? MIN(length, rest) : rest;
  Reply *reply = reply_new();
  reply->status = 200;
  reply->url = g_strdup(request->url);
  reply->headers = g_strdup("");
  reply->body = g_malloc0(length + 1);
  if (length > 0)
    memcpy(reply->body, start, length);
  reply->body_length = length;
  if (has_length)
    input->at = start + length;
  return reply;
}

static void
run_source(const Source *source, Input input)
{
  g_autoptr(YamlNode) node = yaml_parse(OPTIONS, strlen(OPTIONS), "options", NULL);
  g_autoptr(GPtrArray) problems = g_ptr_array_new_with_free_func(g_free);
  void *options = options_read(&source->section, node, &(OptionReading){.file = "options", .path = "", .problems = problems});
  g_autoptr(GPtrArray) parts = source->parts(options);
  const SourcePart *part = parts->pdata[0];
  g_autoptr(GPtrArray) replies = g_ptr_array_new_with_free_func((GDestroyNotify) reply_free);
  bool is_over = false;
  for (int round = 0; !is_over && round <= STEP_MAX_ROUNDS; round++) {
    StepOutcome outcome = {0};
    source->step(&(SourceInput){.key = part->key, .subject = part->subject, .options = options}, NULL, replies, &outcome);
    g_assert_cmpint((outcome.requests != NULL) + (outcome.result != NULL) + (outcome.error != NULL), ==, 1);
    for (guint i = 0; outcome.requests != NULL && i < outcome.requests->len; i++)
      g_ptr_array_add(replies, take_reply(outcome.requests->pdata[i], &input));
    is_over = outcome.requests == NULL;
    if (outcome.result != NULL)
      check_batch(outcome.result);
    step_outcome_clear(&outcome, (GDestroyNotify) item_batch_free);
  }
  g_assert_true(is_over);
  options_free(&source->section, options);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  const Input input = {.at = (const char *) data, .end = (const char *) data + size};
  for (const Source *const *source = sources_all(); *source != NULL; source++)
    run_source(*source, input);
  return 0;
}
