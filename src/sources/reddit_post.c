#include "sources/reddit.h"

#include "base/error.h"
#include "base/text.h"
#include "sources/feed.h"
#include "sources/reading.h"
#include "sources/reddit_place.h"

#include <string.h>

enum {
  MAX_SHOWN_CHARS = 60,
  /* Announcements of moderators come on top of what was asked for. */
  MAX_ANNOUNCEMENTS = 2,
  /* Most links of a text that links to nothing but Reddit are not even looked at. */
  MAX_LINKS_READ = 10 * ITEM_MAX_LINKS,
};

/* What stands in the place of a title or a text that is gone. */
static const char *const GONE[] = {"[removed]", "[deleted]", "[deleted by user]", NULL};

static const char NO_NAME[] = "is no post with a name such as \"t3_1abcde\"";
static const char NO_TITLE[] = "has no title";

/* What has come of a reply so far. @seen: (element-type utf8): the ids of its items */
typedef struct {
  const RedditReading *reading;
  ItemBatch *batch;
  GHashTable *seen;
} Gathering;

static bool
find_json_place(const json_t *post, RedditPlace *ret_place)
{
  const char *name = json_read_text(post, "name");
  bool is_full = name != NULL && g_str_has_prefix(name, "t3_");
  return reddit_place_find(is_full ? name + strlen("t3_") : json_read_text(post, "id"), json_read_text(post, "permalink"),
                           ret_place);
}

/* Returns: (transfer none) (nullable): the post that @post repeats in another subreddit */
static const json_t *
get_parent(const json_t *post)
{
  return json_array_get(json_object_get(post, "crosspost_parent_list"), 0);
}

/* Returns: (transfer full) (nullable): what @post is about other than itself; a repeated post is about what its parent is, or
 * about the parent */
static char *
find_json_about(const json_t *post, const RedditPlace *place)
{
  g_auto(RedditPlace) origin = {0};
  const json_t *parent = get_parent(post);
  if (!find_json_place(parent, &origin) || g_str_equal(origin.id, place->id))
    return reddit_place_leave(json_read_text(post, "url"), place->id);
  char *subject = reddit_place_leave(json_read_text(parent, "url"), origin.id);
  return subject != NULL ? subject : g_steal_pointer(&origin.url);
}

static void
add_links(Item *item, const RedditPlace *place, const GPtrArray *links)
{
  for (unsigned i = 0; i < MIN(links->len, MAX_LINKS_READ); i++) {
    g_autofree char *address = reddit_place_leave(links->pdata[i], place->id);
    if (address != NULL)
      item_add_link(item, address);
  }
}

/* @author: (transfer full) (nullable): who is gone is none; @about: (transfer full) (nullable): what the post is about other
 * than itself */
static Item *
make_item(const Gathering *gathering, const RedditPlace *place, char *author, char *about)
{
  Item *item = item_new();
  reading_set(&item->id, g_strconcat("reddit:t3_", place->id, NULL));
  reading_set(&item->source, g_strdup(gathering->reading->key));
  reading_set(&item->url, g_strdup(place->url));
  reading_set(&item->author, author);
  if (g_strv_contains(GONE, item->author))
    *item->author = '\0';
  if (about != NULL)
    item_add_link(item, about);
  item->canonical_url = about != NULL ? about : g_strdup(place->url);
  return item;
}

/* @flair: (nullable) */
static char *
make_extra(const RedditPlace *place, const char *flair)
{
  g_autoptr(json_t) extra = json_pack("{s:s*, s:s*}", "site_name", place->community, "flair", flair);
  return json_object_size(extra) > 0 ? json_write(extra) : NULL;
}

/* Returns: (transfer full): the text of @post, and its links to @links */
static char *
read_json_text(const json_t *post, GPtrArray *links)
{
  const char *html = json_read_text(post, "selftext_html");
  return html != NULL ? reading_html(html, REDDIT_SITE "/", links) : reading_plain(json_read_text(post, "selftext"));
}

static Item *
make_json_item(const Gathering *gathering, const json_t *post, const RedditPlace *place)
{
  Item *item = make_item(gathering, place, reading_line(post, "author"), find_json_about(post, place));
  reading_set(&item->title, reading_line(post, "title"));
  g_autoptr(GPtrArray) links = g_ptr_array_new_with_free_func(g_free);
  reading_set(&item->text, read_json_text(post, links));
  if (*item->text == '\0')
    reading_set(&item->text, read_json_text(get_parent(post), links));
  add_links(item, place, links);
  g_autofree char *flair = reading_line(post, "link_flair_text");
  item->extra = make_extra(place, flair);
  item->published_ms = reading_seconds(post, "created_utc");
  item->score = reading_count(post, "score");
  item->replies = reading_count(post, "num_comments");
  return item;
}

/* A text that is gone says so itself; a title could be meant so, unless its author is gone too. */
static bool
is_removed(const Item *item)
{
  return g_strv_contains(GONE, item->text) || (*item->author == '\0' && g_strv_contains(GONE, item->title));
}

/* Whether @key of @post is a text, such as who removed it. */
static bool
has_text(const json_t *post, const char *key)
{
  const char *text = json_read_text(post, key);
  return text != NULL && *text != '\0';
}

static bool
is_dropped(const Gathering *gathering, const json_t *post, const Item *item, DropReason *ret_reason)
{
  bool is_adult = reading_flag(post, "over_18") || reading_flag(get_parent(post), "over_18");
  if (is_removed(item) || has_text(post, "removed_by_category"))
    *ret_reason = DROP_REMOVED;
  else if (is_adult && !gathering->reading->keeps_adult)
    *ret_reason = DROP_ADULT;
  else if (reading_flag(post, "stickied") || has_text(post, "distinguished"))
    *ret_reason = DROP_NO_STORY;
  else
    return false;
  return true;
}

static void
add_failure(Gathering *gathering, unsigned number, const char *reason, const char *input)
{
  reading_add_malformed(gathering->batch, gathering->reading->url, number, reason, input);
}

static void
drop(Gathering *gathering, const Item *item, DropReason reason)
{
  item_batch_drop(gathering->batch, item->id, item->url, reason, NULL);
}

/* @item: (transfer full) */
static void
add_item(Gathering *gathering, Item *item)
{
  reading_add_item(gathering->batch, gathering->seen, item, gathering->reading->min_engagement);
}

/* Posts have the kind t3; comments, communities and what else a listing can hold are no stories. */
static void
add_child(Gathering *gathering, const json_t *child, unsigned number)
{
  const char *kind = json_read_text(child, "kind");
  if (kind != NULL && !g_str_equal(kind, "t3")) {
    item_batch_drop(gathering->batch, "", "", DROP_NO_STORY, NULL);
    return;
  }
  const json_t *post = kind != NULL ? json_object_get(child, "data") : NULL;
  g_auto(RedditPlace) place = {0};
  g_autoptr(Item) item = find_json_place(post, &place) ? make_json_item(gathering, post, &place) : NULL;
  DropReason reason = DROP_REMOVED;
  if (item != NULL && is_dropped(gathering, post, item, &reason)) {
    drop(gathering, item, reason);
  } else if (item != NULL && *item->title != '\0') {
    add_item(gathering, g_steal_pointer(&item));
  } else {
    g_autofree char *input = json_write(child);
    add_failure(gathering, number, item != NULL ? NO_TITLE : NO_NAME, input);
  }
}

/* Says why @json is not what was asked for, in Reddit's words where it has any: {"message": "Forbidden", "reason": "private",
 * "error": 403} */
static void
refuse(const json_t *json, const char *url, GError **error)
{
  static const char *const KEYS[] = {"message", "reason", "error"};
  g_autoptr(GPtrArray) words = g_ptr_array_new_with_free_func(g_free);
  for (size_t i = 0; i < G_N_ELEMENTS(KEYS); i++) {
    const json_t *value = json_object_get(json, KEYS[i]);
    if (json_is_string(value))
      g_ptr_array_add(words, text_printable(json_string_value(value)));
    else if (json_is_integer(value))
      g_ptr_array_add(words, json_write(value));
  }
  if (words->len == 0) {
    error_set(error, ERROR_BAD_DATA, "GET %s: expected a listing of posts, got %s", url, reading_json_kind(json));
    return;
  }
  g_ptr_array_add(words, NULL);
  g_autofree char *joined = g_strjoinv(", ", (char **) words->pdata);
  g_autofree char *shown = text_truncate(joined, MAX_SHOWN_CHARS);
  error_set(error, ERROR_REJECTED, "GET %s: Reddit refuses: %s", url, shown);
}

static void
gathering_clear(Gathering *gathering)
{
  item_batch_free(gathering->batch);
  g_clear_pointer(&gathering->seen, g_hash_table_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Gathering, gathering_clear)

static Gathering
gathering_start(const RedditReading *reading)
{
  return (Gathering){.reading = reading, .batch = item_batch_new(), .seen = reading_seen_new()};
}

static ItemBatch *
gathering_end(Gathering *gathering, GError **error)
{
  return reading_end(g_steal_pointer(&gathering->batch), gathering->reading->url, error);
}

static ItemBatch *
read_listing(const RedditReading *reading, const Reply *reply, GError **error)
{
  g_autoptr(json_t) listing = reading_json(reply, reading->url, error);
  if (listing == NULL)
    return NULL;
  const json_t *children = json_object_get(json_object_get(listing, "data"), "children");
  if (g_strcmp0(json_read_text(listing, "kind"), "Listing") != 0 || !json_is_array(children)) {
    refuse(listing, reading->url, error);
    return NULL;
  }
  g_auto(Gathering) gathering = gathering_start(reading);
  size_t count = MIN(json_array_size(children), reading->limit + MAX_ANNOUNCEMENTS);
  for (size_t i = 0; i < count; i++)
    add_child(&gathering, json_array_get(children, i), (unsigned) i + 1);
  return gathering_end(&gathering, error);
}

/* An entry ends in two lines of its own: "submitted by /u/somebody", then "[link] [comments]", in the reader's language. */
static char *
cut_footer(const char *text)
{
  g_autofree char *rest = g_strdup(text);
  for (int i = 0; i < 2; i++) {
    char *line = strrchr(rest, '\n');
    *(line != NULL ? line : rest) = '\0';
  }
  return g_strchomp(g_steal_pointer(&rest));
}

static Item *
make_feed_item(const Gathering *gathering, const FeedEntry *entry, const RedditPlace *place)
{
  const GPtrArray *links = entry->links;
  bool has_footer = links->len >= 2 && reddit_place_is_at(links->pdata[links->len - 1], place->id);
  char *about = has_footer ? reddit_place_leave(links->pdata[links->len - 2], place->id) : NULL;
  const char *author = entry->author != NULL ? entry->author : "";
  const char *name = g_str_has_prefix(author, "/u/") ? author + strlen("/u/") : author;
  Item *item = make_item(gathering, place, reading_title(g_strdup(name)), about);
  reading_set(&item->title, reading_title(g_strdup(entry->title != NULL ? entry->title : "")));
  const char *text = entry->text != NULL ? entry->text : "";
  reading_set(&item->text, reading_text(has_footer ? cut_footer(text) : g_strdup(text)));
  add_links(item, place, links);
  item->extra = make_extra(place, NULL);
  item->published_ms = entry->published_ms;
  return item;
}

/* Whether @name is that of something else than a post, such as "t1_abc", a comment. */
static bool
is_other_kind(const char *name)
{
  return name[0] == 't' && g_ascii_isdigit(name[1]) && name[1] != '3' && name[2] == '_';
}

static bool
find_feed_place(const FeedEntry *entry, RedditPlace *ret_place)
{
  if (entry->guid != NULL && g_str_has_prefix(entry->guid, "t3_"))
    return reddit_place_find(entry->guid + strlen("t3_"), entry->link, ret_place);
  return reddit_place_read(entry->link, ret_place);
}

static void
add_entry(Gathering *gathering, const FeedEntry *entry, unsigned number)
{
  if (entry->guid != NULL && is_other_kind(entry->guid)) {
    item_batch_drop(gathering->batch, "", "", DROP_NO_STORY, NULL);
    return;
  }
  g_auto(RedditPlace) place = {0};
  if (!find_feed_place(entry, &place)) {
    add_failure(gathering, number, NO_NAME, entry->input != NULL ? entry->input : entry->title);
    return;
  }
  g_autoptr(Item) item = make_feed_item(gathering, entry, &place);
  if (is_removed(item))
    drop(gathering, item, DROP_REMOVED);
  else if (*item->title == '\0')
    add_failure(gathering, number, NO_TITLE, entry->input != NULL ? entry->input : entry->guid);
  else
    add_item(gathering, g_steal_pointer(&item));
}

static ItemBatch *
read_feed(const RedditReading *reading, const Reply *reply, GError **error)
{
  g_autoptr(Feed) feed = feed_read(reply, reading->url, reading->limit, error);
  if (feed == NULL) {
    g_prefix_error(error, "GET %s: ", reading->url);
    return NULL;
  }
  g_auto(Gathering) gathering = gathering_start(reading);
  if (feed->problem != NULL)
    add_failure(&gathering, 0, feed->problem, feed->problem_input);
  for (unsigned i = 0; i < feed->entries->len; i++)
    add_entry(&gathering, feed->entries->pdata[i], i + 1);
  return gathering_end(&gathering, error);
}

ItemBatch *
reddit_read(const RedditReading *reading, const Reply *reply, GError **error)
{
  bool is_answer = reply->error == NULL && reply->status != 410;
  const char *start = reply->body != NULL ? reply->body : "";
  start += strspn(start, " \t\r\n");
  bool is_feed = is_answer && *start != '{' && *start != '[';
  return is_feed ? read_feed(reading, reply, error) : read_listing(reading, reply, error);
}
