/*
 * Reads feeds as the product does, for a program that knows what is in them. Each line of standard input is a JSON object, each
 * line of standard output answers one: {"file", "url", "headers"}: the feed in that file as if served so; {"html"}: the text
 * and the links of that HTML.
 */
#include "base/json.h"
#include "sources/feed.h"
#include "text/html.h"

#include <libxml/parser.h>
#include <stdio.h>

enum { MAX_ENTRIES = 1000 };

static json_t *
write_links(const GPtrArray *links)
{
  json_t *list = json_array();
  for (unsigned i = 0; i < links->len; i++)
    json_array_append_new(list, json_string(links->pdata[i]));
  return list;
}

static json_t *
write_entry(const FeedEntry *entry)
{
  return json_pack("{s:s?, s:s?, s:s?, s:s?, s:I, s:o}", "id", entry->guid, "link", entry->link, "title", entry->title, "text",
                   entry->text, "published_ms", (json_int_t) entry->published_ms, "links", write_links(entry->links));
}

static json_t *
write_feed(const Feed *feed)
{
  json_t *entries = json_array();
  for (unsigned i = 0; i < feed->entries->len; i++)
    json_array_append_new(entries, write_entry(feed->entries->pdata[i]));
  return json_pack("{s:s?, s:s?, s:o}", "title", feed->title, "link", feed->link, "entries", entries);
}

static json_t *
answer_file(const char *path, const json_t *request)
{
  g_autoptr(Reply) reply = reply_new();
  g_autoptr(GError) error = NULL;
  reply->status = 200;
  reply->url = g_strdup(json_read_text(request, "url"));
  reply->headers = g_strdup(json_read_text(request, "headers"));
  gsize length = 0;
  if (!g_file_get_contents(path, &reply->body, &length, &error))
    return json_pack("{s:s}", "error", error->message);
  reply->body_length = length;
  g_autoptr(Feed) feed = feed_read(reply, reply->url, MAX_ENTRIES, &error);
  return feed != NULL ? write_feed(feed) : json_pack("{s:s}", "error", error->message);
}

static json_t *
answer_html(const char *html)
{
  g_autoptr(GPtrArray) links = g_ptr_array_new_with_free_func(g_free);
  g_autofree char *text = html_to_text(html, strlen(html), NULL, links);
  g_autofree char *line = html_to_line(html, strlen(html));
  return json_pack("{s:s, s:s, s:o}", "text", text, "line", line, "links", write_links(links));
}

int
main(void)
{
  xmlInitParser();
  g_autofree char *line = NULL;
  size_t size = 0;
  while (getline(&line, &size, stdin) > 0) {
    g_autoptr(json_t) request = json_loads(line, 0, NULL);
    const char *path = json_read_text(request, "file");
    g_autoptr(json_t) result = path != NULL ? answer_file(path, request) : answer_html(json_read_text(request, "html"));
    json_dumpf(result, stdout, JSON_COMPACT);
    putchar('\n');
    fflush(stdout);
  }
  return 0;
}
