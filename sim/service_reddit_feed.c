/*
 * The Atom feed that Reddit makes of posts: the text and two links as escaped HTML, the post's own page as the entry's link.
 */
#include "service.h"

#include "base/json.h"
#include "base/text.h"
#include "base/time.h"

static const char SITE[] = "https://www.reddit.com";

/* Returns: (transfer full): @text as XML has it */
static char *
escape(const char *text)
{
  g_autofree char *clean = text_clean(text != NULL ? text : "", text != NULL ? strlen(text) : 0);
  return g_markup_escape_text(clean, -1);
}

static void
add_content(GString *feed, const json_t *post, const char *page)
{
  const char *body = json_read_text(post, "selftext_html");
  const char *author = json_read_text(post, "author");
  const char *address = json_read_text(post, "url");
  g_autofree char *link = escape(address != NULL ? address : page);
  g_autoptr(GString) html = g_string_new(body);
  if (body != NULL)
    g_string_append(html, " &#32; ");
  g_string_append_printf(html, "submitted by &#32; <a href=\"%s/user/%s\"> /u/%s </a> <br/> ", SITE, author, author);
  g_string_append_printf(html, "<span><a href=\"%s\">[link]</a></span> &#32; <span><a href=\"%s\">[comments]</a></span>", link,
                         page);
  g_autofree char *escaped = escape(html->str);
  g_string_append_printf(feed, "<content type=\"html\">%s</content>", escaped);
}

static void
add_entry(GString *feed, const json_t *post)
{
  g_autofree char *title = escape(json_read_text(post, "title"));
  g_autofree char *author = escape(json_read_text(post, "author"));
  g_autofree char *subreddit = escape(json_read_text(post, "subreddit"));
  g_autofree char *permalink = escape(json_read_text(post, "permalink"));
  g_autofree char *page = g_strconcat(SITE, permalink, NULL);
  g_autofree char *time = time_format((int64_t) json_number_value(json_object_get(post, "created_utc")) * 1000);
  g_string_append_printf(feed, "<entry><author><name>/u/%s</name><uri>%s/user/%s</uri></author>", author, SITE, author);
  g_string_append_printf(feed, "<category term=\"%s\" label=\"r/%s\"/>", subreddit, subreddit);
  add_content(feed, post, page);
  g_string_append_printf(feed, "<id>%s</id><link href=\"%s\" />", json_read_text(post, "name"), page);
  g_string_append_printf(feed, "<updated>%s</updated><published>%s</published><title>%s</title></entry>", time, time, title);
}

Answer *
reddit_feed(const char *subreddits, const GPtrArray *posts, const Call *call)
{
  Answer *answer = answer_new(200, "application/atom+xml; charset=UTF-8", "<?xml version=\"1.0\" encoding=\"UTF-8\"?>");
  g_autofree char *names = escape(subreddits);
  g_autofree char *time = time_format(call->changed_ms);
  g_string_append_printf(answer->body, "<feed xmlns=\"http://www.w3.org/2005/Atom\"><category term=\"%s\" label=\"r/%s\"/>",
                         names, names);
  g_string_append_printf(answer->body, "<updated>%s</updated><id>/r/%s/.rss</id>", time, names);
  g_string_append_printf(answer->body, "<link rel=\"alternate\" href=\"%s/r/%s/\" type=\"text/html\" /><title>r/%s</title>",
                         SITE, names, names);
  for (guint i = 0; i < posts->len; i++)
    add_entry(answer->body, posts->pdata[i]);
  g_string_append(answer->body, "</feed>\n");
  return answer;
}
