/*
 * What must hold of whatever a source makes of whatever it was answered, and options for a source that nobody configured. For
 * the fuzz target and the tests that mutate recorded replies.
 */
#pragma once

#include "base/error.h"
#include "base/json.h"
#include "base/text.h"
#include "base/time.h"
#include "base/url.h"
#include "sources/source.h"

#include <string.h>

/* The longest honest id: a key with an address, a name or its hash. */
enum { MAX_ID_BYTES = 9000, MAX_EXTRA_BYTES = 64 * 1024 };

/* Returns: whether @text is what cleaning leaves of it, as one line of at most @max_chars characters */
static inline bool
is_clean_line(const char *text, long max_chars)
{
  g_autofree char *line = text_clean_line(text, strlen(text));
  return g_str_equal(line, text) && g_utf8_strlen(text, -1) <= max_chars;
}

static inline bool
is_clean_text(const char *text)
{
  g_autofree char *clean = text_clean(text, strlen(text));
  return g_str_equal(clean, text);
}

static inline bool
is_address(const char *text)
{
  return (g_str_has_prefix(text, "http://") || g_str_has_prefix(text, "https://")) && is_clean_line(text, 3 * 8192);
}

/* Returns: whether @text (nullable) is its own canonical form */
static inline bool
is_canonical(const char *text)
{
  g_autofree char *canonical = text != NULL ? url_canonical(text, NULL) : NULL;
  return g_strcmp0(canonical, text) == 0;
}

static inline bool
is_time(int64_t time_ms)
{
  g_autofree char *written = time_format(time_ms);
  int64_t read_ms = 0;
  return time_parse(written, &read_ms) && read_ms == time_ms;
}

static inline bool
is_language(const char *text)
{
  size_t length = strspn(text, "abcdefghijklmnopqrstuvwxyz");
  return text[length] == '\0' && (length == 2 || length == 3);
}

static inline bool
is_object(const char *text)
{
  g_autoptr(json_t) object = json_parse(text, strlen(text), NULL, NULL);
  return json_is_object(object);
}

/* Returns: (nullable): what is wrong with the addresses of @item */
static inline const char *
find_address_fault(const Item *item)
{
  if (!is_address(item->url))
    return "its url is no address";
  if (!is_canonical(item->canonical_url))
    return "its canonical_url is not canonical";
  if (item->links->len > ITEM_MAX_LINKS)
    return "it has too many links";
  for (guint i = 0; i < item->links->len; i++)
    if (!is_canonical(item->links->pdata[i]))
      return "a link is not canonical";
  return NULL;
}

/* Returns: (nullable): what is wrong with @item */
static inline const char *
find_item_fault(const Item *item)
{
  if (*item->id == '\0' || !is_clean_text(item->id) || strlen(item->id) > MAX_ID_BYTES)
    return "its id is empty, not clean or too long";
  if (source_of_key(item->source) == NULL)
    return "its source is none";
  if (!is_clean_line(item->title, ITEM_MAX_TITLE_CHARS))
    return "its title is not one clean line";
  if (!is_clean_line(item->author, ITEM_MAX_TITLE_CHARS))
    return "its author is not one clean line";
  if (!is_clean_text(item->text) || strlen(item->text) > ITEM_MAX_TEXT_BYTES)
    return "its text is not clean, or too long";
  if (item->language != NULL && !is_language(item->language))
    return "its language is no subtag";
  if (!is_time(item->published_ms))
    return "its time cannot be written";
  if (item->likes < -1 || item->shares < -1 || item->replies < -1)
    return "it counts less than nothing";
  if (item->extra != NULL && (!is_object(item->extra) || !is_clean_text(item->extra) || strlen(item->extra) > MAX_EXTRA_BYTES))
    return "its extra is no clean object, or too long";
  return find_address_fault(item);
}

/* Returns: (nullable): what is wrong with a reason told to people */
static inline const char *
find_reason_fault(int code, const char *message)
{
  if (code < 0 || code > ERROR_DATABASE)
    return "a failure has no code";
  if (*message == '\0' || !is_clean_text(message))
    return "a failure's message is empty or not clean";
  return strstr(message, "://") == NULL ? "a failure names no address" : NULL;
}

static inline const char *
find_drop_fault(const Drop *drop)
{
  if (!is_clean_text(drop->id) || strlen(drop->id) > MAX_ID_BYTES)
    return "the id of a post left out is not clean or too long";
  if (*drop->url != '\0' && !is_address(drop->url))
    return "a post left out is at no address";
  if (drop->detail != NULL && !is_clean_line(drop->detail, ITEM_MAX_TITLE_CHARS))
    return "a reason for leaving out is not one clean line";
  return NULL;
}

/* Returns: (nullable): what is wrong with @batch */
static inline const char *
find_batch_fault(const ItemBatch *batch)
{
  const char *fault = batch->memory != NULL && !is_object(batch->memory) ? "its memory is no object" : NULL;
  g_autoptr(GHashTable) ids = g_hash_table_new(g_str_hash, g_str_equal);
  for (guint i = 0; fault == NULL && i < batch->items->len; i++) {
    const Item *item = batch->items->pdata[i];
    fault = g_hash_table_add(ids, item->id) ? find_item_fault(item) : "two items have one id";
  }
  for (guint i = 0; fault == NULL && i < batch->drops->len; i++)
    fault = find_drop_fault(batch->drops->pdata[i]);
  for (guint i = 0; fault == NULL && i < batch->failures->len; i++) {
    const Failure *failure = batch->failures->pdata[i];
    fault = find_reason_fault(failure->code, failure->message);
    if (failure->input != NULL && !is_clean_text(failure->input))
      fault = "the input of a failure is not clean";
  }
  return fault;
}

/* Returns: (nullable): what is wrong with how a step ended */
static inline const char *
find_outcome_fault(const StepOutcome *outcome)
{
  if ((outcome->requests != NULL) + (outcome->result != NULL) + (outcome->error != NULL) != 1)
    return "not exactly one of requests, result and error is set";
  if (outcome->error != NULL && outcome->error->domain != COURANT_ERROR)
    return "the error is of another domain";
  if (outcome->error != NULL)
    return find_reason_fault(outcome->error->code, outcome->error->message);
  return outcome->result != NULL ? find_batch_fault(outcome->result) : NULL;
}

/* Appends a sound value of the required @option to @text. */
static inline void
append_required(const Option *option, GString *text)
{
  static const char *const VALUES[] = {"http://source.example/", "linux", NULL};
  const char *const *value = VALUES;
  while (option->check != NULL && *value != NULL && option->check(*value) != NULL)
    value++;
  if (*value == NULL)
    g_error("no sound value of option %s is known here", option->name);
  g_string_append_printf(text, "%s: '%s'\n", option->name, *value);
}

/* @text: (nullable): the options of @source as in courant.yaml, or NULL for what it requires; @has_secrets: whether the
 * environment holds each of its secrets. Returns: (transfer full): to be freed by options_free() */
static inline void *
make_options(const Source *source, const char *text, bool has_secrets)
{
  g_autoptr(GString) required = g_string_new(NULL);
  g_autoptr(GPtrArray) environment = g_ptr_array_new_with_free_func(g_free);
  for (const Option *option = source->section.options; option->name != NULL; option++) {
    if (option->fallback == NULL)
      append_required(option, required);
    if (option->is_secret && has_secrets)
      g_ptr_array_add(environment, g_strconcat(option->environment, "=secret", NULL));
  }
  g_ptr_array_add(environment, NULL);
  g_autoptr(GError) error = NULL;
  const char *chosen = text != NULL ? text : required->str;
  g_autoptr(YamlNode) node = yaml_parse(chosen, strlen(chosen), "options", &error);
  g_assert_no_error(error);
  g_autoptr(GPtrArray) problems = g_ptr_array_new_with_free_func(g_free);
  void *options = options_read(&source->section, node,
                               &(OptionReading){.file = "options",
                                                .path = source->section.name,
                                                .environment = (const char *const *) environment->pdata,
                                                .problems = problems});
  if (problems->len > 0)
    g_error("%s", (const char *) problems->pdata[0]);
  return options;
}
