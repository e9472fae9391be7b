/*
 * Any feed: RSS, Atom or JSON Feed at one address.
 */
#include "sources/feed.h"

#include "base/digest.h"
#include "base/error.h"
#include "base/text.h"
#include "base/url.h"
#include "sources/reading.h"
#include "sources/source.h"
#include "text/sentences.h"

#include <string.h>

typedef struct {
  char *url;
  char *title;
  int64_t limit;
} FeedOptions;

enum { MAX_SHOWN_CHARS = 60 };

static bool
is_filled(const char *text)
{
  return text != NULL && *text != '\0';
}

static GPtrArray *
make_parts(const void *options)
{
  const FeedOptions *own = options;
  g_autofree char *canonical = url_canonical(own->url, NULL);
  char *key = g_strconcat("feed:", canonical != NULL ? canonical : own->url, NULL);
  GPtrArray *parts = source_parts_new();
  SourcePart *part = source_part_new(key, g_strdup(""), g_strdup(own->url));
  part->title = is_filled(own->title) ? g_strdup(own->title) : NULL;
  g_ptr_array_add(parts, part);
  return parts;
}

/* Returns: (transfer none): what an entry says, in short: what tells two of one name apart */
static const char *
get_words(const FeedEntry *entry)
{
  return is_filled(entry->title) ? entry->title : is_filled(entry->text) ? entry->text : "";
}

/* Returns: (transfer full): an id that stays when the feed moves or the entry is edited */
static char *
make_id(const char *key, const FeedEntry *entry)
{
  const char *name = is_filled(entry->guid) ? entry->guid : entry->link;
  const char *words = get_words(entry);
  g_autofree char *prefix = g_strconcat(key, "#", NULL);
  g_autofree char *hash = digest_sha256(words, strlen(words));
  return reading_id(prefix, name != NULL ? name : hash);
}

/* Returns: (transfer full) (element-type utf8): the ids that entries which say different things would share */
static GHashTable *
find_shared_ids(const char *key, const GPtrArray *entries)
{
  g_autoptr(GHashTable) words_by_id = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
  GHashTable *shared = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
  for (unsigned i = 0; i < entries->len; i++) {
    const char *words = get_words(entries->pdata[i]);
    g_autofree char *id = make_id(key, entries->pdata[i]);
    const char *earlier = g_hash_table_lookup(words_by_id, id);
    if (earlier == NULL)
      g_hash_table_insert(words_by_id, g_steal_pointer(&id), (char *) words);
    else if (!g_str_equal(earlier, words))
      g_hash_table_add(shared, g_steal_pointer(&id));
  }
  return shared;
}

/* A guid or link that several entries have names their feed: the title's hash tells them apart. Each of them gets it, not only
 * the later ones, for the next entry of such a feed comes first and would take another's id. */
static void
tell_apart(Item *item, const FeedEntry *entry, GHashTable *shared)
{
  if (!g_hash_table_contains(shared, item->id))
    return;
  const char *words = get_words(entry);
  g_autofree char *hash = digest_sha256(words, strlen(words));
  g_autofree char *id = item->id;
  item->id = g_strconcat(id, "#", hash, NULL);
}

/* Returns: (transfer full): the title, else the first sentence of @text, else "" */
static char *
make_title(const FeedEntry *entry, const char *text)
{
  if (is_filled(entry->title))
    return reading_title(g_strdup(entry->title));
  g_autoptr(GPtrArray) sentences = sentences_split(text);
  return reading_title(g_strdup(sentences->len > 0 ? sentences->pdata[0] : ""));
}

/* Returns: (transfer full) (nullable): what the feed is called: by whoever configured it, else by itself */
static char *
make_extra(const Feed *feed, const FeedOptions *options)
{
  const char *name = is_filled(options->title) ? options->title : feed->title;
  if (!is_filled(name))
    return NULL;
  g_autofree char *title = reading_title(text_clean_line(name, strlen(name)));
  g_autoptr(json_t) extra = json_pack("{s:s}", "site_name", title);
  return json_write(extra);
}

static Item *
make_item(const Feed *feed, const FeedEntry *entry, const SourceInput *input, const char *feed_url)
{
  const FeedOptions *options = input->options;
  Item *item = item_new();
  reading_set(&item->id, make_id(input->key, entry));
  reading_set(&item->source, g_strdup(input->key));
  reading_set(&item->url, g_strdup(entry->link != NULL ? entry->link : feed_url));
  const char *about = entry->subject != NULL ? entry->subject : entry->link;
  item->canonical_url = about != NULL ? url_canonical(about, NULL) : NULL;
  reading_set(&item->text, entry->text != NULL ? reading_text(g_strdup(entry->text)) : NULL);
  reading_set(&item->title, make_title(entry, item->text));
  const char *author = is_filled(entry->author) ? entry->author : feed->author;
  reading_set(&item->author, author != NULL ? reading_title(g_strdup(author)) : NULL);
  item->language = g_strdup(entry->language != NULL ? entry->language : feed->language);
  item->published_ms = entry->published_ms;
  if (entry->subject != NULL)
    item_add_link(item, entry->subject);
  for (unsigned i = 0; i < entry->links->len; i++)
    item_add_link(item, entry->links->pdata[i]);
  item->extra = make_extra(feed, options);
  return item;
}

/* The entries whose date is none are kept; one failure says how many they are. */
static void
add_odd_dates(const Feed *feed, const char *url, ItemBatch *batch)
{
  unsigned count = 0;
  const char *first = NULL;
  for (unsigned i = 0; i < feed->entries->len; i++) {
    const FeedEntry *entry = feed->entries->pdata[i];
    if (entry->odd_date == NULL || feed_entry_is_empty(entry))
      continue;
    count++;
    first = first != NULL ? first : entry->odd_date;
  }
  if (first == NULL)
    return;
  g_autofree char *printable = text_printable(first);
  g_autofree char *shown = text_truncate(printable, MAX_SHOWN_CHARS);
  g_autofree char *reason = g_strdup_printf("entries with a date that could not be read: %u, such as \"%s\"", count, shown);
  reading_add_malformed(batch, url, 0, reason, first);
}

/* Returns: (transfer full) (nullable). Errors: BAD_DATA when there are entries and none is one */
static ItemBatch *
read_entries(const Feed *feed, const SourceInput *input, const char *url, GError **error)
{
  ItemBatch *batch = item_batch_new();
  if (feed->problem != NULL)
    reading_add_malformed(batch, url, 0, feed->problem, feed->problem_input);
  add_odd_dates(feed, url, batch);
  g_autoptr(GHashTable) shared = find_shared_ids(input->key, feed->entries);
  g_autoptr(GHashTable) seen = reading_seen_new();
  for (unsigned i = 0; i < feed->entries->len; i++) {
    const FeedEntry *entry = feed->entries->pdata[i];
    if (feed_entry_is_empty(entry)) {
      reading_add_malformed(batch, url, i + 1, "has no title, link or text", entry->input);
      continue;
    }
    Item *item = make_item(feed, entry, input, url);
    tell_apart(item, entry, shared);
    reading_add_item(batch, seen, item, 0);
  }
  return feed->entries->len > 0 ? reading_end(batch, url, error) : batch;
}

/* An address that the feed itself gave is trusted only as far as the one that was configured. */
static RequestKind
kind_for(const char *url, const char *configured_url)
{
  g_autofree char *origin = url_origin(url);
  g_autofree char *configured_origin = url_origin(configured_url);
  return g_strcmp0(origin, configured_origin) == 0 ? REQUEST_LISTING : REQUEST_FEED;
}

static void
ask(const char *url, RequestKind kind, StepOutcome *outcome)
{
  Request *request = request_new(kind, url);
  request->headers = g_ptr_array_new_with_free_func(g_free);
  g_ptr_array_add(request->headers, g_strdup("Accept: application/atom+xml, application/rss+xml, application/feed+json, "
                                             "application/xml;q=0.9, application/json;q=0.8, */*;q=0.5"));
  step_ask(outcome, request);
}

static void
step(const void *input, const void *snapshot G_GNUC_UNUSED, const GPtrArray *replies, StepOutcome *ret_outcome)
{
  const SourceInput *own = input;
  const FeedOptions *options = own->options;
  const char *url = own->moved_to != NULL ? own->moved_to : options->url;
  if (replies->len == 0) {
    ask(url, kind_for(url, options->url), ret_outcome);
    return;
  }
  const Reply *reply = replies->pdata[0];
  if (reply->error != NULL) {
    ret_outcome->error = g_error_copy(reply->error);
    return;
  }
  if (reply->status == 410) {
    ItemBatch *batch = item_batch_new();
    batch->is_gone = true;
    ret_outcome->result = batch;
    return;
  }
  g_autoptr(Feed) feed = feed_read(reply, url, (size_t) options->limit, &ret_outcome->error);
  if (feed == NULL) {
    g_prefix_error(&ret_outcome->error, "GET %s: ", url);
    return;
  }
  ItemBatch *batch = read_entries(feed, own, url, &ret_outcome->error);
  if (batch != NULL && reply->is_moved && g_strcmp0(reply->url, url) != 0)
    batch->moved_to = g_strdup(reply->url);
  ret_outcome->result = batch;
}

static const Option OPTIONS[] = {
    {.name = "url", .type = OPTION_URL, .offset = offsetof(FeedOptions, url), .help = "address of an RSS, Atom or JSON feed"},
    {.name = "title",
     .type = OPTION_TEXT,
     .fallback = "",
     .offset = offsetof(FeedOptions, title),
     .help = "what the feed is called here; else what it calls itself"},
    {.name = "limit",
     .type = OPTION_INT,
     .fallback = "50",
     .offset = offsetof(FeedOptions, limit),
     .min = 1,
     .max = 1000,
     .help = "how many entries of the feed, 1 to 1000"},
    {.name = NULL},
};

const Source feed_source = {
    .label = "Feed",
    .section = {.name = "feed", .options = OPTIONS, .size = sizeof(FeedOptions)},
    .parts = make_parts,
    .step = step,
};
