/*
 * Lobsters: pages of 25 posts, each a list in JSON (https://github.com/lobsters/lobsters, app/models/story.rb).
 */
#include "base/error.h"
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
} LobstersOptions;

enum { POSTS_A_PAGE = 25, MAX_ID_BYTES = 20 };

static const char *const LISTS[] = {"hottest", "newest", NULL};

/* Reading: what is known while the pages are read.
 * @seen: (element-type utf8): ids of the posts read so far, for a list moves on between two pages
 * @rest: how many more entries are looked at */
typedef struct {
  const SourceInput *input;
  GHashTable *seen;
  int64_t rest;
  ItemBatch *batch;
} Reading;

/* Not "?page=2": what is cached of the first page answers that too. */
static char *
make_page_url(const LobstersOptions *options, int64_t number)
{
  const char *folder = g_str_equal(options->list, "newest") ? "newest/" : "";
  g_autofree char *path =
      number == 1 ? g_strconcat(options->list, ".json", NULL) : g_strdup_printf("%spage/%" PRId64 ".json", folder, number);
  return reading_url(options->base_url, path);
}

static GPtrArray *
make_parts(const void *options)
{
  const LobstersOptions *own = options;
  char *key = g_str_equal(own->list, "hottest") ? g_strdup("lobsters") : g_strconcat("lobsters:", own->list, NULL);
  GPtrArray *parts = source_parts_new();
  g_ptr_array_add(parts, source_part_new(key, g_strdup(own->list), make_page_url(own, 1)));
  return parts;
}

/* No limit is published: a request a second is what a reader would ask. */
static GPtrArray *
make_services(const void *options)
{
  const LobstersOptions *own = options;
  GPtrArray *services = g_ptr_array_new_with_free_func((GDestroyNotify) service_free);
  Service *service = service_new(reading_url(own->base_url, ""));
  service->requests = 1;
  service->window_ms = 1000;
  g_ptr_array_add(services, service);
  return services;
}

/* Returns: (transfer none) (nullable): the post's id. Errors: BAD_DATA @post is none */
static const char *
read_id(const json_t *post, GError **error)
{
  if (!json_is_object(post)) {
    error_set(error, ERROR_BAD_DATA, "expected a post, got %s", reading_json_kind(post));
    return NULL;
  }
  const char *id = json_read_text(post, "short_id");
  size_t length = id != NULL ? strspn(id, "abcdefghijklmnopqrstuvwxyz0123456789") : 0;
  if (length == 0 || length > MAX_ID_BYTES || id[length] != '\0') {
    error_set(error, ERROR_BAD_DATA, "its short_id is none");
    return NULL;
  }
  g_autofree char *title = reading_line(post, "title");
  if (title == NULL)
    error_set(error, ERROR_BAD_DATA, "has no title");
  return title != NULL ? id : NULL;
}

/* Returns: (transfer full): where a reader opens the discussion, canonical */
static char *
make_post_url(const LobstersOptions *options, const json_t *post, const char *id)
{
  const char *told = json_read_text(post, "comments_url");
  char *url = told != NULL ? url_canonical(told, NULL) : NULL;
  if (url != NULL)
    return url;
  g_autofree char *path = g_strconcat("s/", id, NULL);
  return reading_url(options->base_url, path);
}

/* Returns: (transfer full) (nullable): who posted it: a name, or in earlier versions an object with one */
static char *
read_author(const json_t *post)
{
  char *name = reading_line(post, "submitter_user");
  return name != NULL ? name : reading_line(json_object_get(post, "submitter_user"), "username");
}

static char *
make_extra(const json_t *post)
{
  g_autoptr(json_t) extra =
      json_pack("{s:s, s:o}", "site_name", "Lobsters", "tags", reading_tags(json_object_get(post, "tags")));
  return json_write(extra);
}

/* Below zero, where many votes are against it, a post has no points. */
static int64_t
read_score(const json_t *post)
{
  return json_read_int(post, "score", 0) < 0 ? 0 : reading_count(post, "score");
}

static Item *
make_item(const SourceInput *input, const json_t *post, const char *id)
{
  Item *item = item_new();
  reading_set(&item->id, g_strconcat("lobsters:", id, NULL));
  reading_set(&item->source, g_strdup(input->key));
  reading_set(&item->url, make_post_url(input->options, post, id));
  const char *address = json_read_text(post, "url");
  item->canonical_url = address != NULL ? url_canonical(address, NULL) : NULL;
  if (item->canonical_url == NULL)
    item->canonical_url = url_canonical(item->url, NULL);
  else
    item_add_link(item, address);
  reading_set(&item->title, reading_line(post, "title"));
  g_autoptr(GPtrArray) links = g_ptr_array_new_with_free_func(g_free);
  reading_set(&item->text, reading_html(json_read_text(post, "description"), item->url, links));
  for (unsigned i = 0; i < links->len; i++)
    item_add_link(item, links->pdata[i]);
  reading_set(&item->author, read_author(post));
  item->published_ms = reading_time(post, "created_at");
  item->extra = make_extra(post);
  item->score = read_score(post);
  item->replies = reading_count(post, "comment_count");
  return item;
}

static void
add_post(const Reading *reading, const json_t *post, size_t number, const char *url)
{
  const LobstersOptions *options = reading->input->options;
  g_autoptr(GError) reason = NULL;
  const char *id = read_id(post, &reason);
  if (id != NULL) {
    reading_add_item(reading->batch, reading->seen, make_item(reading->input, post, id), options->min_engagement);
    return;
  }
  g_autofree char *input = json_write(post);
  reading_add_malformed(reading->batch, url, number, reason->message, input);
}

static void
read_page(Reading *reading, const Reply *reply, const char *url)
{
  g_autoptr(GError) reason = NULL;
  g_autoptr(json_t) page = reading_list(reply, url, "posts", &reason);
  if (page == NULL)
    reading_add_failure(reading->batch, reason, NULL, 0);
  size_t index;
  json_t *post;
  json_array_foreach(page, index, post)
  {
    if (reading->rest-- <= 0)
      break;
    add_post(reading, post, index + 1, url);
  }
}

static ItemBatch *
read_pages(const SourceInput *input, const GPtrArray *replies, GError **error)
{
  const LobstersOptions *options = input->options;
  ItemBatch *batch = item_batch_new();
  g_autoptr(GHashTable) seen = reading_seen_new();
  Reading reading = {.input = input, .seen = seen, .rest = options->limit, .batch = batch};
  for (unsigned i = 0; i < replies->len; i++) {
    g_autofree char *url = make_page_url(options, (int64_t) i + 1);
    read_page(&reading, replies->pdata[i], url);
  }
  g_autofree char *url = make_page_url(options, 1);
  return reading_end(batch, url, error);
}

static void
step(const void *input, const void *snapshot G_GNUC_UNUSED, const GPtrArray *replies, StepOutcome *ret_outcome)
{
  const SourceInput *own = input;
  const LobstersOptions *options = own->options;
  if (replies->len > 0) {
    ret_outcome->result = read_pages(own, replies, &ret_outcome->error);
    return;
  }
  for (int64_t i = 0; i * POSTS_A_PAGE < options->limit; i++) {
    g_autofree char *url = make_page_url(options, i + 1);
    step_ask(ret_outcome, request_new(REQUEST_LISTING, url));
  }
}

static const Option OPTIONS[] = {
    {.name = "list",
     .type = OPTION_CHOICE,
     .fallback = "hottest",
     .offset = offsetof(LobstersOptions, list),
     .choices = LISTS,
     .help = "which list to read: hottest or newest"},
    {.name = "limit",
     .type = OPTION_INT,
     .fallback = "25",
     .offset = offsetof(LobstersOptions, limit),
     .min = 1,
     .max = 250,
     .help = "how many posts of the list, 1 to 250"},
    {.name = "min_engagement",
     .type = OPTION_INT,
     .fallback = "0",
     .offset = offsetof(LobstersOptions, min_engagement),
     .max = 1000 * 1000,
     .help = "posts with a lower score are left out"},
    {.name = "base_url",
     .type = OPTION_URL,
     .fallback = "https://lobste.rs",
     .offset = offsetof(LobstersOptions, base_url),
     .help = "where the site is"},
    {.name = NULL},
};

const Source lobsters_source = {
    .label = "Lobsters",
    .is_community = true,
    .section = {.name = "lobsters", .options = OPTIONS, .size = sizeof(LobstersOptions)},
    .parts = make_parts,
    .services = make_services,
    .step = step,
};
