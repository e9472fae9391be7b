#include "sources/reading.h"

#include "base/digest.h"
#include "base/error.h"
#include "base/text.h"
#include "base/time.h"
#include "text/html.h"

#include <string.h>

/* Values of one JSON text. jansson takes some 250 bytes for the least of them; honest replies of 10 MB stay far below. */
enum { MAX_VALUES = 200 * 1000 };

enum { MAX_FAILURES = 20, MAX_NAME_BYTES = 512, MAX_TAGS = 20, MAX_TAG_CHARS = 50 };

/* A shorter comment hardly says why; a longer one has said it by then. */
enum { MIN_COMMENT_CHARS = 80, MAX_COMMENT_CHARS = 1000 };

/* the last second of the year 9999, which is as far as a time can be written */
#define MAX_TIME_SECONDS 253402300799

const char *
reading_json_kind(const json_t *value)
{
  switch (json_typeof(value)) {
  case JSON_OBJECT:
    return "an object";
  case JSON_ARRAY:
    return "an array";
  case JSON_STRING:
    return "a string";
  case JSON_INTEGER:
  case JSON_REAL:
    return "a number";
  case JSON_TRUE:
  case JSON_FALSE:
    return "a boolean";
  default:
    return "null";
  }
}

/* Returns: one less than the values that @json can hold at most */
static size_t
count_separators(const char *json)
{
  size_t count = 0;
  bool is_in_string = false;
  for (const char *at = json; *at != '\0'; at++) {
    if (is_in_string && *at == '\\' && at[1] != '\0')
      at++;
    else if (*at == '"')
      is_in_string = !is_in_string;
    else if (!is_in_string && (*at == ',' || *at == '[' || *at == '{'))
      count++;
  }
  return count;
}

json_t *
reading_parse(const char *json, GError **error)
{
  if (count_separators(json) >= MAX_VALUES) {
    error_set(error, ERROR_BAD_DATA, "holds more than %d values", MAX_VALUES);
    return NULL;
  }
  return json_parse(json, strlen(json), NULL, error);
}

json_t *
reading_json(const Reply *reply, const char *url, GError **error)
{
  if (reply->error != NULL) {
    g_propagate_error(error, g_error_copy(reply->error));
    return NULL;
  }
  if (reply->status == 410) {
    error_set(error, ERROR_REJECTED, "GET %s: HTTP 410, gone for good", url);
    return NULL;
  }
  g_autofree char *body = text_clean(reply->body != NULL ? reply->body : "", reply->body_length);
  if (body[strspn(body, " \t\n")] == '<') {
    error_set(error, ERROR_BAD_DATA, "GET %s: expected JSON, got HTML", url);
    return NULL;
  }
  g_autoptr(GError) reason = NULL;
  json_t *value = reading_parse(body, &reason);
  if (value == NULL)
    error_set(error, ERROR_BAD_DATA, "GET %s: %s", url, reason->message);
  return value;
}

json_t *
reading_list(const Reply *reply, const char *url, const char *entries, GError **error)
{
  g_autoptr(json_t) list = reading_json(reply, url, error);
  if (list == NULL || json_is_array(list))
    return g_steal_pointer(&list);
  error_set(error, ERROR_BAD_DATA, "GET %s: expected a list of %s, got %s", url, entries, reading_json_kind(list));
  return NULL;
}

char *
reading_url(const char *base, const char *path)
{
  return g_strconcat(base, g_str_has_suffix(base, "/") ? "" : "/", path, NULL);
}

bool
reading_flag(const json_t *object, const char *key)
{
  return json_is_true(json_object_get(object, key));
}

int64_t
reading_count(const json_t *object, const char *key)
{
  return CLAMP(json_read_int(object, key, -1), -1, INT32_MAX);
}

int64_t
reading_seconds(const json_t *object, const char *key)
{
  int64_t seconds = json_read_int(object, key, 0);
  return seconds > 0 && seconds <= MAX_TIME_SECONDS ? seconds * 1000 : 0;
}

int64_t
reading_time(const json_t *object, const char *key)
{
  const char *text = json_read_text(object, key);
  int64_t time_ms = 0;
  return text != NULL && time_parse(text, &time_ms) ? MAX(time_ms, 0) : 0;
}

char *
reading_line(const json_t *object, const char *key)
{
  const char *text = json_read_text(object, key);
  if (text == NULL)
    return NULL;
  g_autofree char *line = reading_title(text_clean_line(text, strnlen(text, HTML_MAX_BYTES)));
  return *line != '\0' ? g_steal_pointer(&line) : NULL;
}

json_t *
reading_tags(const json_t *list)
{
  json_t *tags = json_array();
  size_t index;
  json_t *value;
  json_array_foreach(list, index, value)
  {
    if (!json_is_string(value) || json_array_size(tags) >= MAX_TAGS)
      continue;
    g_autofree char *line = text_clean_line(json_string_value(value), json_string_length(value));
    g_autofree char *tag = text_truncate(line, MAX_TAG_CHARS);
    json_array_append_new(tags, json_string(tag));
  }
  return tags;
}

char *
reading_id(const char *prefix, const char *name)
{
  g_autofree char *hash = strlen(name) > MAX_NAME_BYTES ? digest_sha256(name, strlen(name)) : NULL;
  return g_strconcat(prefix, hash != NULL ? hash : name, NULL);
}

char *
reading_title(char *line)
{
  char *title = text_truncate(line, ITEM_MAX_TITLE_CHARS);
  g_free(line);
  return title;
}

char *
reading_text(char *text)
{
  if (strlen(text) <= ITEM_MAX_TEXT_BYTES)
    return text;
  char *end = text + ITEM_MAX_TEXT_BYTES;
  while ((*end & 0xC0) == 0x80)
    end--;
  *end = '\0';
  return g_strchomp(text);
}

char *
reading_plain(const char *text)
{
  return text != NULL ? reading_text(g_strstrip(text_clean(text, strnlen(text, HTML_MAX_BYTES)))) : g_strdup("");
}

char *
reading_html(const char *html, const char *base_url, GPtrArray *links)
{
  return html != NULL ? reading_text(html_to_text(html, strlen(html), base_url, links)) : g_strdup("");
}

void
reading_set(char **field, char *text)
{
  if (text == NULL)
    return;
  g_free(*field);
  *field = text;
}

GHashTable *
reading_seen_new(void)
{
  return g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
}

void
reading_add_item(ItemBatch *batch, GHashTable *seen, Item *item, int64_t min_engagement)
{
  int64_t engagement = item_engagement(item);
  bool is_new = seen == NULL || g_hash_table_add(seen, g_strdup(item->id));
  if (is_new && (engagement < 0 || engagement >= min_engagement)) {
    g_ptr_array_add(batch->items, item);
    return;
  }
  char *detail =
      is_new ? g_strdup_printf("%" G_GINT64_FORMAT " of at least %" G_GINT64_FORMAT, engagement, min_engagement) : NULL;
  g_ptr_array_add(batch->drops, drop_new(item, is_new ? DROP_ENGAGEMENT : DROP_REPEATED, detail));
  item_free(item);
}

void
reading_add_failure(ItemBatch *batch, const GError *error, const char *input, size_t length)
{
  g_ptr_array_add(batch->failures, failure_new(error->code, error->message, input, length));
}

void
reading_add_malformed(ItemBatch *batch, const char *url, size_t number, const char *reason, const char *input)
{
  g_autofree char *entry = number > 0 ? g_strdup_printf("entry %zu: ", number) : g_strdup("");
  g_autofree char *message = g_strconcat("GET ", url, ": ", entry, reason, NULL);
  g_ptr_array_add(batch->failures, failure_new(ERROR_BAD_DATA, message, input, input != NULL ? strlen(input) : 0));
}

/* Programs that comment are called so, or say so. */
static bool
is_program(const char *author, const char *text)
{
  static const char *const CONFESSIONS[] = {"i am a bot", "i'm a bot", "i\xe2\x80\x99m a bot"};
  g_autofree char *name = g_ascii_strdown(author != NULL ? author : "", -1);
  g_autofree char *words = g_ascii_strdown(text, -1);
  for (size_t i = 0; i < G_N_ELEMENTS(CONFESSIONS); i++)
    if (strstr(words, CONFESSIONS[i]) != NULL)
      return true;
  return g_str_has_suffix(name, "bot") || g_str_equal(name, "automoderator");
}

void
reading_add_comment(GPtrArray *comments, char *url, const char *author, const char *html, int64_t fetched_ms)
{
  g_autofree char *address = url;
  g_autoptr(GPtrArray) links = g_ptr_array_new_with_free_func(g_free);
  g_autofree char *text = reading_html(html, address != NULL ? address : "", links);
  if (address == NULL || g_utf8_strlen(text, -1) < MIN_COMMENT_CHARS || is_program(author, text))
    return;
  Evidence *comment = g_new0(Evidence, 1);
  comment->text = text_truncate(text, MAX_COMMENT_CHARS);
  comment->sha256 = digest_sha256(comment->text, strlen(comment->text));
  comment->url = g_steal_pointer(&address);
  comment->title = g_strdup("");
  comment->site_name = g_strdup("");
  comment->fetched_ms = fetched_ms;
  g_ptr_array_add(comments, comment);
}

ItemBatch *
reading_end(ItemBatch *batch, const char *url, GError **error)
{
  GPtrArray *failures = batch->failures;
  if (failures->len > 0 && batch->items->len == 0 && batch->drops->len == 0) {
    const Failure *first = failures->pdata[0];
    error_set(error, (ErrorCode) first->code, "%s", first->message);
    item_batch_free(batch);
    return NULL;
  }
  if (failures->len <= MAX_FAILURES)
    return batch;
  unsigned more = failures->len - MAX_FAILURES;
  int code = ((const Failure *) failures->pdata[MAX_FAILURES])->code;
  g_autofree char *message = g_strdup_printf("GET %s: further failures: %u", url, more);
  g_ptr_array_set_size(failures, MAX_FAILURES);
  g_ptr_array_add(failures, failure_new(code, message, NULL, 0));
  return batch;
}
