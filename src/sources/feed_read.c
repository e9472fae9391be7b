#include "sources/feed.h"

#include "base/error.h"
#include "base/time.h"
#include "text/charset.h"

#include <string.h>

static void
entry_free(FeedEntry *entry)
{
  g_free(entry->guid);
  g_free(entry->link);
  g_free(entry->subject);
  g_free(entry->title);
  g_free(entry->text);
  g_free(entry->author);
  g_free(entry->language);
  g_free(entry->odd_date);
  g_ptr_array_unref(entry->links);
  g_free(entry->input);
  g_free(entry);
}

Feed *
feed_new(void)
{
  Feed *feed = g_new0(Feed, 1);
  feed->entries = g_ptr_array_new_with_free_func((GDestroyNotify) entry_free);
  return feed;
}

void
feed_free(Feed *feed)
{
  if (feed == NULL)
    return;
  g_free(feed->title);
  g_free(feed->link);
  g_free(feed->author);
  g_free(feed->language);
  g_ptr_array_unref(feed->entries);
  g_free(feed->problem);
  g_free(feed->problem_input);
  g_free(feed);
}

FeedEntry *
feed_add_entry(Feed *feed)
{
  FeedEntry *entry = g_new0(FeedEntry, 1);
  entry->links = g_ptr_array_new_with_free_func(g_free);
  g_ptr_array_add(feed->entries, entry);
  return entry;
}

static bool
is_filled(const char *text)
{
  return text != NULL && *text != '\0';
}

bool
feed_entry_is_empty(const FeedEntry *entry)
{
  return !is_filled(entry->title) && !is_filled(entry->text) && entry->link == NULL;
}

void
feed_entry_set_date(FeedEntry *entry, const char *text)
{
  if (!is_filled(text) || entry->published_ms != 0)
    return;
  g_clear_pointer(&entry->odd_date, g_free);
  if (!time_parse(text, &entry->published_ms))
    entry->odd_date = g_strdup(text);
}

static void
mend(char **text)
{
  g_autofree char *old = *text;
  *text = old != NULL ? charset_mend_punctuation(old) : NULL;
}

static Feed *
read_text(const char *text, size_t length, const char *base_url, size_t limit, GError **error)
{
  const char *start = text;
  while (start < text + length && (g_ascii_isspace(*start) || *start == '\0'))
    start++;
  if (*start == '<')
    return feed_read_xml(text, length, base_url, limit, error);
  if (*start == '{' || *start == '[')
    return feed_read_json(text, length, base_url, limit, error);
  error_set(error, ERROR_BAD_DATA, "expected a feed, got %s", *start == '\0' ? "nothing" : "plain text");
  return NULL;
}

Feed *
feed_read(const Reply *reply, const char *url, size_t limit, GError **error)
{
  g_autofree char *content_type = reply_header(reply, "content-type");
  g_autofree char *charset = charset_parameter(content_type);
  size_t length = 0;
  g_autofree char *text = charset_decode(reply->body != NULL ? reply->body : "", reply->body_length, charset, &length);
  Feed *feed = read_text(text, length, reply->url != NULL ? reply->url : url, limit, error);
  if (feed == NULL)
    return NULL;
  mend(&feed->title);
  for (unsigned i = 0; i < feed->entries->len; i++) {
    FeedEntry *entry = feed->entries->pdata[i];
    mend(&entry->title);
    mend(&entry->text);
    mend(&entry->author);
  }
  return feed;
}
