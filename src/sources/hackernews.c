/*
 * Hacker News, as https://github.com/HackerNews/API describes it: a list of item numbers, then every item by itself.
 */
#include "base/error.h"
#include "base/text.h"
#include "base/url.h"
#include "sources/reading.h"
#include "sources/source.h"

#include <inttypes.h>
#include <string.h>

typedef struct {
  char *list;
  int64_t limit;
  int64_t min_engagement;
  char *base_url;
} HackerNewsOptions;

static const char *const LISTS[] = {"top", "new", "best", NULL};

static const char *const SKIPPED_TYPES[] = {"comment", "job", "pollopt", NULL};

static char *
make_listing_url(const HackerNewsOptions *options)
{
  g_autofree char *path = g_strconcat(options->list, "stories.json", NULL);
  return reading_url(options->base_url, path);
}

static char *
make_item_url(const HackerNewsOptions *options, int64_t number)
{
  g_autofree char *path = g_strdup_printf("item/%" PRId64 ".json", number);
  return reading_url(options->base_url, path);
}

static GPtrArray *
make_parts(const void *options)
{
  const HackerNewsOptions *own = options;
  char *key = g_str_equal(own->list, "top") ? g_strdup("hackernews") : g_strconcat("hackernews:", own->list, NULL);
  GPtrArray *parts = source_parts_new();
  g_ptr_array_add(parts, source_part_new(key, g_strdup(own->list), make_listing_url(own)));
  return parts;
}

/* Adds @value of the listing to @numbers unless it is there. Errors: BAD_DATA */
static bool
add_number(GArray *numbers, const json_t *value, GError **error)
{
  int64_t number = json_integer_value(value);
  if (number <= 0) {
    g_autofree char *written = json_write(value);
    g_autofree char *printable = text_printable(written);
    g_autofree char *shown = text_truncate(printable, 60);
    error_set(error, ERROR_BAD_DATA, "expected an item number, got %s", shown);
    return false;
  }
  for (unsigned i = 0; i < numbers->len; i++)
    if (g_array_index(numbers, int64_t, i) == number)
      return true;
  g_array_append_val(numbers, number);
  return true;
}

/* The item numbers among the first entries of the listing; what is none goes to the failures of @batch. Returns: (transfer
 * full) (nullable) */
static GArray *
read_numbers(const HackerNewsOptions *options, const Reply *reply, ItemBatch *batch, GError **error)
{
  g_autofree char *url = make_listing_url(options);
  g_autoptr(json_t) listing = reading_list(reply, url, "item numbers", error);
  if (listing == NULL)
    return NULL;
  GArray *numbers = g_array_new(FALSE, FALSE, sizeof(int64_t));
  size_t count = MIN(json_array_size(listing), (size_t) options->limit);
  for (size_t i = 0; i < count; i++) {
    const json_t *value = json_array_get(listing, i);
    g_autoptr(GError) reason = NULL;
    if (!add_number(numbers, value, &reason))
      reading_add_malformed(batch, url, i + 1, reason->message, NULL);
  }
  return numbers;
}

static char *
make_id(int64_t number)
{
  return g_strdup_printf("hn:%" PRId64, number);
}

/* Returns: (transfer full): where a reader opens the post */
static char *
make_post_url(int64_t number)
{
  return g_strdup_printf("https://news.ycombinator.com/item?id=%" PRId64, number);
}

/* Returns: (transfer full) (nullable): the numbers of the top comments: Hacker News lists them by their rank */
static char *
make_extra(const json_t *post)
{
  g_autoptr(json_t) top = json_array();
  const json_t *kids = json_object_get(post, "kids");
  for (size_t i = 0; i < json_array_size(kids) && json_array_size(top) < COMMENTS_AT_MOST; i++)
    if (json_integer_value(json_array_get(kids, i)) > 0)
      json_array_append(top, json_array_get(kids, i));
  if (json_array_size(top) == 0)
    return NULL;
  g_autoptr(json_t) extra = json_pack("{sO}", "comments", top);
  return json_write(extra);
}

static Item *
make_item(const json_t *post, int64_t number, const char *key)
{
  Item *item = item_new();
  reading_set(&item->id, make_id(number));
  reading_set(&item->source, g_strdup(key));
  reading_set(&item->url, make_post_url(number));
  const char *address = json_read_text(post, "url");
  item->canonical_url = address != NULL ? url_canonical(address, NULL) : NULL;
  if (item->canonical_url == NULL)
    item->canonical_url = url_canonical(item->url, NULL);
  else
    item_add_link(item, address);
  reading_set(&item->title, reading_line(post, "title"));
  g_autoptr(GPtrArray) links = g_ptr_array_new_with_free_func(g_free);
  reading_set(&item->text, reading_html(json_read_text(post, "text"), item->url, links));
  for (unsigned i = 0; i < links->len; i++)
    item_add_link(item, links->pdata[i]);
  reading_set(&item->author, reading_line(post, "by"));
  item->published_ms = reading_seconds(post, "time");
  item->score = reading_count(post, "score");
  item->replies = reading_count(post, "descendants");
  item->extra = make_extra(post);
  return item;
}

/* Whether @post is one for us. Returns: false and an @error when it is malformed, false and a @ret_reason when it is left out
 */
static bool
is_story(const json_t *post, int64_t number, DropReason *ret_reason, GError **error)
{
  /* null is said of what is gone and of what is not there yet */
  *ret_reason = DROP_NO_STORY;
  if (json_is_null(post))
    return false;
  if (!json_is_object(post)) {
    error_set(error, ERROR_BAD_DATA, "expected an item, got %s", reading_json_kind(post));
    return false;
  }
  const char *type = json_read_text(post, "type");
  *ret_reason = DROP_REMOVED;
  if (reading_flag(post, "deleted") || reading_flag(post, "dead"))
    return false;
  *ret_reason = DROP_NO_STORY;
  if (type != NULL && g_strv_contains(SKIPPED_TYPES, type))
    return false;
  if (type == NULL || (!g_str_equal(type, "story") && !g_str_equal(type, "poll"))) {
    error_set(error, ERROR_BAD_DATA, "expected \"story\" or \"poll\" as its type");
    return false;
  }
  if (json_read_int(post, "id", number) != number) {
    error_set(error, ERROR_BAD_DATA, "answered with item %" PRId64, json_read_int(post, "id", number));
    return false;
  }
  g_autofree char *title = reading_line(post, "title");
  if (title == NULL)
    error_set(error, ERROR_BAD_DATA, "has no title");
  return title != NULL;
}

static void
add_item(const SourceInput *input, int64_t number, const Reply *reply, ItemBatch *batch)
{
  g_autofree char *url = make_item_url(input->options, number);
  g_autoptr(GError) reason = NULL;
  g_autoptr(json_t) post = reading_json(reply, url, &reason);
  if (post == NULL) {
    reading_add_failure(batch, reason, reply->error != NULL ? NULL : reply->body, reply->body_length);
    return;
  }
  DropReason drop = DROP_NO_STORY;
  const HackerNewsOptions *options = input->options;
  if (is_story(post, number, &drop, &reason)) {
    reading_add_item(batch, NULL, make_item(post, number, input->key), options->min_engagement);
  } else if (reason != NULL) {
    g_prefix_error(&reason, "GET %s: ", url);
    reading_add_failure(batch, reason, reply->body, reply->body_length);
  } else {
    g_autofree char *id = make_id(number);
    g_autofree char *post_url = make_post_url(number);
    item_batch_drop(batch, id, post_url, drop, NULL);
  }
}

static void
step(const void *input, const void *snapshot G_GNUC_UNUSED, const GPtrArray *replies, StepOutcome *ret_outcome)
{
  const SourceInput *own = input;
  const HackerNewsOptions *options = own->options;
  if (replies->len == 0) {
    g_autofree char *url = make_listing_url(options);
    step_ask(ret_outcome, request_new(REQUEST_LISTING, url));
    return;
  }
  g_autoptr(ItemBatch) batch = item_batch_new();
  g_autoptr(GArray) numbers = read_numbers(options, replies->pdata[0], batch, &ret_outcome->error);
  if (numbers == NULL)
    return;
  if (replies->len == 1 && numbers->len > 0) {
    for (unsigned i = 0; i < numbers->len; i++) {
      g_autofree char *url = make_item_url(options, g_array_index(numbers, int64_t, i));
      step_ask(ret_outcome, request_new(REQUEST_ITEM, url));
    }
    return;
  }
  g_assert(replies->len == numbers->len + 1);
  for (unsigned i = 0; i < numbers->len; i++)
    add_item(own, g_array_index(numbers, int64_t, i), replies->pdata[i + 1], batch);
  g_autofree char *url = make_listing_url(options);
  ret_outcome->result = reading_end(g_steal_pointer(&batch), url, &ret_outcome->error);
}

static GPtrArray *
ask_comments(const void *options, const Item *item)
{
  g_autoptr(json_t) extra = item->extra != NULL ? json_parse(item->extra, strlen(item->extra), NULL, NULL) : NULL;
  const json_t *numbers = json_object_get(extra, "comments");
  GPtrArray *requests = g_ptr_array_new_with_free_func((GDestroyNotify) request_free);
  for (size_t i = 0; i < json_array_size(numbers) && i < COMMENTS_AT_MOST; i++) {
    g_autofree char *url = make_item_url(options, json_integer_value(json_array_get(numbers, i)));
    g_ptr_array_add(requests, request_new(REQUEST_ITEM, url));
  }
  return requests;
}

static void
read_comments(const Item *item, const Reply *reply, GPtrArray *comments)
{
  g_autoptr(json_t) comment = reading_json(reply, reply->url, NULL);
  g_autofree char *parent = make_id(json_read_int(comment, "parent", 0));
  bool is_answer = g_strcmp0(json_read_text(comment, "type"), "comment") == 0 && g_str_equal(parent, item->id);
  int64_t number = json_read_int(comment, "id", 0);
  if (!is_answer || number <= 0 || reading_flag(comment, "deleted") || reading_flag(comment, "dead"))
    return;
  reading_add_comment(comments, make_post_url(number), json_read_text(comment, "by"), json_read_text(comment, "text"),
                      reply->answered_ms);
}

static const Option OPTIONS[] = {
    {.name = "list",
     .type = OPTION_CHOICE,
     .fallback = "top",
     .offset = offsetof(HackerNewsOptions, list),
     .choices = LISTS,
     .help = "which list to read: top, new or best"},
    {.name = "limit",
     .type = OPTION_INT,
     .fallback = "30",
     .offset = offsetof(HackerNewsOptions, limit),
     .min = 1,
     .max = 500,
     .help = "how many posts of the list, 1 to 500"},
    {.name = "min_engagement",
     .type = OPTION_INT,
     .fallback = "0",
     .offset = offsetof(HackerNewsOptions, min_engagement),
     .max = 1000 * 1000,
     .help = "posts with fewer points are left out"},
    {.name = "base_url",
     .type = OPTION_URL,
     .fallback = "https://hacker-news.firebaseio.com/v0",
     .offset = offsetof(HackerNewsOptions, base_url),
     .help = "where the API is"},
    {.name = NULL},
};

const Source hackernews_source = {
    .label = "Hacker News",
    .is_community = true,
    .section = {.name = "hackernews", .options = OPTIONS, .size = sizeof(HackerNewsOptions)},
    .parts = make_parts,
    .step = step,
    .ask_comments = ask_comments,
    .read_comments = read_comments,
};
