#include "sources/reading.h"

#include "base/error.h"
#include "base/text.h"

#include <string.h>

/* Values of one JSON text. jansson takes some 250 bytes for the least of them; honest replies of 10 MB stay far below. */
enum { MAX_VALUES = 200 * 1000 };

enum { MAX_FAILURES = 20 };

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

bool
reading_flag(const json_t *object, const char *key)
{
  return json_is_true(json_object_get(object, key));
}

void
reading_add_failure(ItemBatch *batch, const GError *error, const char *input, size_t length)
{
  g_ptr_array_add(batch->failures, failure_new(error->code, error->message, input, length));
}

void
reading_cap_failures(ItemBatch *batch, const char *url)
{
  if (batch->failures->len <= MAX_FAILURES)
    return;
  unsigned dropped = batch->failures->len - MAX_FAILURES;
  g_ptr_array_set_size(batch->failures, MAX_FAILURES);
  g_autofree char *message = g_strdup_printf("GET %s: further malformed entries: %u", url, dropped);
  g_ptr_array_add(batch->failures, failure_new(ERROR_BAD_DATA, message, NULL, 0));
}

void
reading_add_item(ItemBatch *batch, Item *item, int64_t min_engagement)
{
  int64_t engagement = item_engagement(item);
  if (engagement < 0 || engagement >= min_engagement) {
    g_ptr_array_add(batch->items, item);
    return;
  }
  char *detail = g_strdup_printf("%" G_GINT64_FORMAT " of at least %" G_GINT64_FORMAT, engagement, min_engagement);
  g_ptr_array_add(batch->drops, drop_new(item, DROP_ENGAGEMENT, detail));
  item_free(item);
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
