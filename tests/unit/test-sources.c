#include "source-checks.h"
#include "source-files.h"

#include "base/error.h"
#include "base/json.h"

#include <string.h>

/*
 * Recorded replies and what must come of them, found by walking tests/data/<source>/<case>/:
 *   options        the source's options as in courant.yaml
 *   reply-1, ...   the bodies answered, in the order asked; a missing one is a connection refused
 *   replies.json   (optional) {"1": {"status", "url", "is_moved", "headers", "error"}}: what else is known of them
 *   input.json     (optional) {"part", "moved_to", "memory", "now_ms"}: which part of the options, from 0; what it is handed
 *   expected.json  what was asked, and the batch or the error; COURANT_UPDATE=1 writes it anew
 */

static Reply *
read_reply(const char *folder, const json_t *details, unsigned number, const Request *request)
{
  g_autofree char *name = g_strdup_printf("reply-%u", number);
  g_autofree char *key = g_strdup_printf("%u", number);
  const json_t *detail = json_object_get(details, key);
  Reply *reply = reply_new();
  reply->body = read_file(folder, name, &reply->body_length);
  reply->status = (long) json_read_int(detail, "status", 200);
  const char *url = json_read_text(detail, "url");
  reply->url = g_strdup(url != NULL ? url : request->url);
  reply->is_moved = json_is_true(json_object_get(detail, "is_moved"));
  reply->headers = g_strdup(json_read_text(detail, "headers"));
  if (reply->body == NULL && reply->status == 200)
    error_set(&reply->error, ERROR_RETRY, "GET %s: HTTP 503 after 4 tries", request->url);
  return reply;
}

static json_t *
text_or_null(const char *text)
{
  return text != NULL ? json_string(text) : json_null();
}

static json_t *
describe_item(const Item *item)
{
  json_t *links = json_array();
  for (unsigned i = 0; i < item->links->len; i++)
    json_array_append_new(links, json_string(item->links->pdata[i]));
  g_assert_true(g_utf8_validate(item->title, -1, NULL) && g_utf8_validate(item->text, -1, NULL));
  return json_pack("{s:s, s:s, s:s, s:o, s:s, s:s, s:s, s:o, s:I, s:o, s:o, s:I, s:I, s:I, s:I}", "id", item->id, "source",
                   item->source, "url", item->url, "canonical_url", text_or_null(item->canonical_url), "title", item->title,
                   "text", item->text, "author", item->author, "language", text_or_null(item->language), "published_ms",
                   (json_int_t) item->published_ms, "links", links, "extra", text_or_null(item->extra), "likes",
                   (json_int_t) item->likes, "shares", (json_int_t) item->shares, "replies", (json_int_t) item->replies,
                   "score", (json_int_t) item->score);
}

static json_t *
describe_error(int code, const char *message)
{
  return json_pack("{s:s, s:s}", "code", error_code_name(code), "message", message);
}

static void
describe_batch(const ItemBatch *batch, json_t *ret_result)
{
  json_t *items = json_array();
  for (unsigned i = 0; i < batch->items->len; i++)
    json_array_append_new(items, describe_item(batch->items->pdata[i]));
  json_t *failures = json_array();
  for (unsigned i = 0; i < batch->failures->len; i++) {
    const Failure *failure = batch->failures->pdata[i];
    json_t *described = describe_error(failure->code, failure->message);
    json_object_set_new(described, "input", text_or_null(failure->input));
    json_array_append_new(failures, described);
  }
  json_object_set_new(ret_result, "items", items);
  json_object_set_new(ret_result, "failures", failures);
  json_t *drops = json_array();
  for (unsigned i = 0; i < batch->drops->len; i++) {
    const Drop *drop = batch->drops->pdata[i];
    json_array_append_new(drops, json_pack("{s:s, s:s, s:s, s:o}", "id", drop->id, "url", drop->url, "reason",
                                           drop_reason_name(drop->reason), "detail", text_or_null(drop->detail)));
  }
  json_object_set_new(ret_result, "drops", drops);
  json_object_set_new(ret_result, "memory", text_or_null(batch->memory));
  json_object_set_new(ret_result, "moved_to", text_or_null(batch->moved_to));
  json_object_set_new(ret_result, "is_gone", json_boolean(batch->is_gone));
}

/* Steps @source over the replies in @folder. Returns: (transfer full): all that came of it */
static json_t *
run_case(const Source *source, const SourceInput *input, const char *folder)
{
  g_autoptr(json_t) details = read_object(folder, "replies.json");
  g_autoptr(GPtrArray) replies = g_ptr_array_new_with_free_func((GDestroyNotify) reply_free);
  json_t *result = json_object();
  json_t *requests = json_array();
  json_object_set_new(result, "requests", requests);
  for (int round = 0; round <= STEP_MAX_ROUNDS; round++) {
    StepOutcome outcome = {0};
    source->step(input, NULL, replies, &outcome);
    g_assert_cmpint((outcome.requests != NULL) + (outcome.result != NULL) + (outcome.error != NULL), ==, 1);
    for (unsigned i = 0; outcome.requests != NULL && i < outcome.requests->len; i++) {
      const Request *request = outcome.requests->pdata[i];
      g_autofree char *line = g_strdup_printf("%s %s%s%s", request_kind_name(request->kind), request->url,
                                              request->auth != NULL ? " as " : "", request->auth != NULL ? request->auth : "");
      json_array_append_new(requests, json_string(line));
      g_ptr_array_add(replies, read_reply(folder, details, replies->len + 1, request));
    }
    bool is_done = outcome.requests == NULL;
    if (outcome.result != NULL)
      describe_batch(outcome.result, result);
    if (outcome.error != NULL)
      json_object_set_new(result, "error", describe_error(outcome.error->code, outcome.error->message));
    step_outcome_clear(&outcome, (GDestroyNotify) item_batch_free);
    if (is_done)
      return result;
  }
  g_error("%s: asked more often than allowed", folder);
}

static void
print_difference(const char *expected, const char *result)
{
  g_auto(GStrv) old_lines = g_strsplit(expected, "\n", -1);
  g_auto(GStrv) new_lines = g_strsplit(result, "\n", -1);
  int shown = 0;
  for (size_t i = 0; shown < 10 && (old_lines[i] != NULL || new_lines[i] != NULL); i++) {
    if (g_strcmp0(old_lines[i], new_lines[i]) != 0) {
      g_printerr("# %zu: - %s\n# %zu: + %s\n", i + 1, old_lines[i], i + 1, new_lines[i]);
      shown++;
    }
    if (old_lines[i] == NULL || new_lines[i] == NULL)
      break;
  }
}

static void
test_case(const void *data)
{
  const char *folder = data;
  g_autofree char *parent = g_path_get_dirname(folder);
  g_autofree char *name = g_path_get_basename(parent);
  const Source *source = source_find(name);
  g_assert_nonnull(source);
  g_autofree char *options_text = read_file(folder, "options", NULL);
  g_assert_nonnull(options_text);
  void *options = make_options(source, options_text, false);
  g_autoptr(GPtrArray) parts = source->parts(options);
  g_autoptr(json_t) more = read_object(folder, "input.json");
  const SourcePart *part = parts->pdata[json_read_int(more, "part", 0)];
  SourceInput input = {.key = part->key,
                       .subject = part->subject,
                       .options = options,
                       .moved_to = json_read_text(more, "moved_to"),
                       .memory = json_read_text(more, "memory"),
                       .now_ms = json_read_int(more, "now_ms", 0)};
  g_autoptr(json_t) outcome = run_case(source, &input, folder);
  options_free(&source->section, options);

  char *dumped = json_dumps(outcome, JSON_INDENT(2) | JSON_SORT_KEYS);
  g_autofree char *result = g_strconcat(dumped, "\n", NULL);
  free(dumped);
  g_autofree char *path = g_build_filename(folder, "expected.json", NULL);
  if (g_getenv("COURANT_UPDATE") != NULL)
    g_assert_true(g_file_set_contents(path, result, -1, NULL));
  g_autofree char *expected = read_file(folder, "expected.json", NULL);
  if (g_strcmp0(expected, result) == 0)
    return;
  print_difference(expected != NULL ? expected : "", result);
  g_test_message("%s: not as in expected.json", folder);
  g_test_fail();
}

static void
add_cases(const char *root, const char *source)
{
  g_autofree char *folder = g_build_filename(root, source, NULL);
  g_autoptr(GDir) cases = g_dir_open(folder, 0, NULL);
  if (cases == NULL)
    g_error("%s: the source has no cases", folder);
  int count = 0;
  for (const char *name; (name = g_dir_read_name(cases)) != NULL; count++) {
    g_autofree char *path = g_strdup_printf("/sources/%s/%s", source, name);
    g_test_add_data_func_full(path, g_build_filename(folder, name, NULL), test_case, g_free);
  }
  g_assert_cmpint(count, >, 0);
}

static void
test_registry(void)
{
  g_assert_null(source_find("nonsense"));
  for (const Source *const *source = sources_all(); *source != NULL; source++) {
    const char *name = (*source)->section.name;
    g_autofree char *key = g_strconcat(name, ":more", NULL);
    g_assert_true(source_find(name) == *source && source_of_key(name) == *source && source_of_key(key) == *source);
  }
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  const char *root = g_getenv("COURANT_TEST_DATA");
  g_assert_nonnull(root);
  g_test_add_func("/sources/registry", test_registry);
  for (const Source *const *source = sources_all(); *source != NULL; source++)
    add_cases(root, (*source)->section.name);
  return g_test_run();
}
