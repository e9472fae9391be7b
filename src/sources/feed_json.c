#include "sources/feed.h"

#include "base/error.h"
#include "base/text.h"
#include "base/url.h"
#include "sources/reading.h"
#include "text/language.h"

#include <string.h>

static char *
read_address(const json_t *object, const char *key, const char *base_url)
{
  const char *text = json_read_text(object, key);
  return text == NULL || *text == '\0' ? NULL : url_resolve(base_url, text, NULL);
}

/* Version 1 has `author`, version 1.1 `authors`. */
static char *
read_author(const json_t *object)
{
  const json_t *authors = json_object_get(object, "authors");
  const json_t *author = json_array_size(authors) > 0 ? json_array_get(authors, 0) : json_object_get(object, "author");
  return reading_line(author, "name");
}

/* An id must be a string, but numbers are in use and mean the same. */
static char *
read_id(const json_t *object)
{
  const json_t *id = json_object_get(object, "id");
  if (json_is_string(id))
    return text_clean_line(json_string_value(id), json_string_length(id));
  return json_is_number(id) ? json_write(id) : NULL;
}

/* Returns: (transfer full) (nullable): the first of an entry's texts that is not empty */
static char *
read_text(const json_t *object, const char *base_url, GPtrArray *links)
{
  static const char *const KEYS[] = {"content_html", "content_text", "summary"};
  for (size_t i = 0; i < G_N_ELEMENTS(KEYS); i++) {
    const char *text = json_read_text(object, KEYS[i]);
    if (text == NULL)
      continue;
    g_autofree char *clean = i == 0 ? reading_html(text, base_url, links) : reading_plain(text);
    if (*clean != '\0')
      return g_steal_pointer(&clean);
  }
  return NULL;
}

static void
read_entry(const json_t *object, const char *base_url, FeedEntry *entry)
{
  entry->guid = read_id(object);
  entry->link = read_address(object, "url", base_url);
  entry->subject = read_address(object, "external_url", base_url);
  entry->title = reading_line(object, "title");
  entry->text = read_text(object, entry->link != NULL ? entry->link : base_url, entry->links);
  entry->author = read_author(object);
  entry->language = language_primary(json_read_text(object, "language"));
  feed_entry_set_date(entry, json_read_text(object, "date_published"));
  feed_entry_set_date(entry, json_read_text(object, "date_modified"));
  if (feed_entry_is_empty(entry))
    entry->input = json_write(object);
}

Feed *
feed_read_json(const char *text, size_t length, const char *base_url, size_t limit, GError **error)
{
  g_autofree char *clean = text_clean(text, length);
  g_autoptr(json_t) document = reading_parse(clean, error);
  if (document == NULL)
    return NULL;
  const json_t *items = json_object_get(document, "items");
  if (!json_is_array(items)) {
    error_set(error, ERROR_BAD_DATA, "expected a feed, got %s without a list of items", reading_json_kind(document));
    return NULL;
  }
  Feed *feed = feed_new();
  feed->title = reading_line(document, "title");
  feed->link = read_address(document, "home_page_url", base_url);
  feed->author = read_author(document);
  feed->language = language_primary(json_read_text(document, "language"));
  size_t index;
  json_t *item;
  json_array_foreach(items, index, item)
  {
    if (index >= limit)
      break;
    read_entry(item, base_url, feed_add_entry(feed));
  }
  return feed;
}
