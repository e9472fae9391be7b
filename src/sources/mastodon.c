/*
 * Mastodon, as https://docs.joinmastodon.org/methods/trends/ describes it: what trends on each instance, both posts and links;
 * where nothing does, the public timeline.
 */
#include "sources/mastodon.h"

#include "base/error.h"
#include "base/text.h"
#include "base/url.h"
#include "sources/reading.h"
#include "sources/source.h"
#include "text/language.h"

#include <inttypes.h>
#include <string.h>

typedef struct {
  char **instances;
  int64_t limit;
  int64_t min_engagement;
  int64_t requests_per_minute;
  char *token;
} MastodonOptions;

static const char AUTH[] = "mastodon";

/* Instances count over five minutes (https://docs.joinmastodon.org/api/rate-limits/). */
enum { WINDOW_MINUTES = 5, MINUTE_MS = 60 * 1000 };

/* Returns: (transfer full) (nullable): the address of an instance without a slash at its end */
static char *
make_base(const char *instance)
{
  g_autofree char *address = g_strconcat(strstr(instance, "://") != NULL ? "" : "https://", instance, NULL);
  g_auto(Url) url = {0};
  if (!url_parse(address, &url, NULL) || !g_str_equal(url.path, "/") || url.query != NULL)
    return NULL;
  return url_origin(address);
}

static const char *
check_instance(const char *text)
{
  g_autofree char *base = make_base(text);
  return base != NULL ? NULL : "is no instance, such as hachyderm.io or https://hachyderm.io";
}

/* Returns: whether the credential is for the instance at @base: for the first and no other */
static bool
has_credential(const MastodonOptions *options, const char *base)
{
  if (*options->token == '\0' || options->instances[0] == NULL)
    return false;
  g_autofree char *first = make_base(options->instances[0]);
  return g_strcmp0(first, base) == 0;
}

static GPtrArray *
make_parts(const void *options)
{
  const MastodonOptions *own = options;
  GPtrArray *parts = source_parts_new();
  g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
  for (char **instance = own->instances; *instance != NULL; instance++) {
    char *base = make_base(*instance);
    if (!g_hash_table_add(seen, g_strdup(base))) {
      g_free(base);
      continue;
    }
    char *key = g_strconcat("mastodon:", strstr(base, "://") + strlen("://"), NULL);
    g_ptr_array_add(parts, source_part_new(key, base, g_strconcat(base, "/api/v1/trends/statuses", NULL)));
  }
  return parts;
}

static GPtrArray *
make_services(const void *options)
{
  const MastodonOptions *own = options;
  GPtrArray *services = g_ptr_array_new_with_free_func((GDestroyNotify) service_free);
  for (char **instance = own->instances; *instance != NULL; instance++) {
    g_autofree char *base = make_base(*instance);
    Service *service = service_new(g_strconcat(base, "/", NULL));
    service->requests = own->requests_per_minute * WINDOW_MINUTES;
    service->window_ms = WINDOW_MINUTES * MINUTE_MS;
    if (has_credential(own, base)) {
      service->auth = g_strdup(AUTH);
      service->credential = CREDENTIAL_BEARER;
      service->secret = g_strdup(own->token);
    }
    g_ptr_array_add(services, service);
  }
  return services;
}

/*
 * Reading: a batch in the making.
 * @refused: how many failures of whole lists stand before those of entries
 */
typedef struct {
  const SourceInput *input;
  ItemBatch *batch;
  GHashTable *seen;
  unsigned refused;
} Reading;

/* How many people shared the link in the days that are told of; their numbers are strings. */
static int64_t
count_sharers(const json_t *link)
{
  const json_t *history = json_object_get(link, "history");
  int64_t sum = -1;
  for (size_t i = 0; i < MIN(json_array_size(history), (size_t) MASTODON_MAX_PARTS); i++) {
    int64_t people = json_read_int(json_array_get(history, i), "accounts", -1);
    if (people >= 0)
      sum = MAX(sum, 0) + MIN(people, INT32_MAX);
  }
  return sum;
}

/* As mastodon_read_status(), for a link (https://docs.joinmastodon.org/entities/PreviewCard/#trends-link). */
static Item *
read_link(const json_t *link, const char *instance, ItemBatch *batch G_GNUC_UNUSED, GError **error)
{
  if (!json_is_object(link)) {
    error_set(error, ERROR_BAD_DATA, "expected a link, got %s", reading_json_kind(link));
    return NULL;
  }
  const char *address = json_read_text(link, "url");
  g_autofree char *canonical = address != NULL ? url_canonical(address, NULL) : NULL;
  if (canonical == NULL) {
    error_set(error, ERROR_BAD_DATA, "has no http or https address");
    return NULL;
  }
  g_autoptr(Item) item = item_new();
  reading_set(&item->id, reading_id("mastodon:link:", canonical));
  reading_set(&item->url, g_strconcat(instance, "/explore/links", NULL));
  item_add_link(item, canonical);
  item->canonical_url = g_steal_pointer(&canonical);
  reading_set(&item->text, reading_plain(json_read_text(link, "description")));
  char *title = reading_line(link, "title");
  reading_set(&item->title, title != NULL ? title : mastodon_first_sentence(item->text));
  reading_set(&item->author, reading_line(link, "author_name"));
  item->language = language_primary(json_read_text(link, "language"));
  item->published_ms = reading_time(link, "published_at");
  item->shares = count_sharers(link);
  g_autofree char *provider = reading_line(link, "provider_name");
  g_autoptr(json_t) extra = provider != NULL ? json_pack("{s:s}", "site_name", provider) : NULL;
  item->extra = extra != NULL ? json_write(extra) : NULL;
  if (*item->title != '\0')
    return g_steal_pointer(&item);
  error_set(error, ERROR_BAD_DATA, "has no title");
  return NULL;
}

/*
 * Listing: a list of an instance.
 * @entries: what it is of, for people
 * @page_size: as many entries as one page may have, @max as all
 * @read: an entry of it
 */
typedef struct {
  const char *path;
  const char *entries;
  int64_t page_size;
  int64_t max;
  Item *(*read)(const json_t *entry, const char *instance, ItemBatch *batch, GError **error);
} Listing;

static const Listing TRENDING = {"/api/v1/trends/statuses", "statuses", 40, INT64_MAX, mastodon_read_status};
static const Listing LINKS = {"/api/v1/trends/links", "links", 20, 20, read_link};
static const Listing TIMELINE = {"/api/v1/timelines/public", "statuses", 40, 40, mastodon_read_status};

/* Returns: how many entries of @listing are wanted from @offset on, on one page */
static int64_t
measure_page(const Listing *listing, const MastodonOptions *options, int64_t offset)
{
  return MIN(MIN(options->limit, listing->max) - offset, listing->page_size);
}

static char *
make_page_url(const Listing *listing, const SourceInput *input, int64_t offset)
{
  g_autofree char *skipped = offset > 0 ? g_strdup_printf("&offset=%" PRId64, offset) : g_strdup("");
  return g_strdup_printf("%s%s?limit=%" PRId64 "%s", input->subject, listing->path,
                         measure_page(listing, input->options, offset), skipped);
}

static void
ask(const Listing *listing, const SourceInput *input, StepOutcome *outcome)
{
  for (int64_t offset = 0; measure_page(listing, input->options, offset) > 0; offset += listing->page_size) {
    g_autofree char *url = make_page_url(listing, input, offset);
    Request *request = request_new(REQUEST_LISTING, url);
    request->auth = has_credential(input->options, input->subject) ? g_strdup(AUTH) : NULL;
    step_ask(outcome, request);
  }
}

static void
add_entry(Reading *reading, const Listing *listing, const json_t *entry, const char *url, size_t number)
{
  const MastodonOptions *options = reading->input->options;
  g_autoptr(GError) reason = NULL;
  Item *item = listing->read(entry, reading->input->subject, reading->batch, &reason);
  if (item != NULL) {
    reading_set(&item->source, g_strdup(reading->input->key));
    reading_add_item(reading->batch, reading->seen, item, options->min_engagement);
  } else if (reason != NULL) {
    g_autofree char *input = json_write(entry);
    reading_add_malformed(reading->batch, url, number, reason->message, input);
  }
}

/* Returns: the number of entries on the page, 0 with an @error */
static size_t
read_page(Reading *reading, const Listing *listing, int64_t offset, const Reply *reply, GError **error)
{
  g_autofree char *url = make_page_url(listing, reading->input, offset);
  g_autoptr(json_t) page = reading_list(reply, url, listing->entries, error);
  size_t wanted = (size_t) measure_page(listing, reading->input->options, offset);
  size_t count = MIN(json_array_size(page), wanted);
  for (size_t i = 0; i < count; i++)
    add_entry(reading, listing, json_array_get(page, i), url, i + 1);
  return count;
}

/* Reads the pages of @listing, the first of which is the reply at @start; that some failed is one failure, before those of
 * entries. Returns: the number of entries on them */
static size_t
read_pages(Reading *reading, const Listing *listing, const GPtrArray *replies, unsigned *start)
{
  size_t count = 0;
  g_autoptr(GError) first = NULL;
  for (int64_t offset = 0; measure_page(listing, reading->input->options, offset) > 0; offset += listing->page_size) {
    const Reply *reply = replies->pdata[(*start)++];
    count += read_page(reading, listing, offset, reply, first == NULL ? &first : NULL);
  }
  if (first != NULL)
    g_ptr_array_insert(reading->batch->failures, (int) reading->refused++, failure_new(first->code, first->message, NULL, 0));
  return count;
}

static void
step(const void *input, const void *snapshot G_GNUC_UNUSED, const GPtrArray *replies, StepOutcome *ret_outcome)
{
  const SourceInput *own = input;
  if (replies->len == 0) {
    ask(&TRENDING, own, ret_outcome);
    ask(&LINKS, own, ret_outcome);
    return;
  }
  g_autoptr(ItemBatch) batch = item_batch_new();
  g_autoptr(GHashTable) seen = reading_seen_new();
  Reading reading = {.input = own, .batch = batch, .seen = seen};
  unsigned next = 0;
  size_t trending = read_pages(&reading, &TRENDING, replies, &next);
  read_pages(&reading, &LINKS, replies, &next);
  if (trending == 0 && next == replies->len) {
    ask(&TIMELINE, own, ret_outcome);
    return;
  }
  if (trending == 0)
    read_pages(&reading, &TIMELINE, replies, &next);
  ret_outcome->result = reading_end(g_steal_pointer(&batch), own->subject, &ret_outcome->error);
}

static const Option OPTIONS[] = {
    {.name = "instances",
     .type = OPTION_TEXTS,
     .offset = offsetof(MastodonOptions, instances),
     .environment = "MASTODON_INSTANCES",
     .check = check_instance,
     .help = "names or addresses of instances, such as hachyderm.io"},
    {.name = "limit",
     .type = OPTION_INT,
     .fallback = "40",
     .offset = offsetof(MastodonOptions, limit),
     .min = 1,
     .max = 200,
     .help = "how many trending posts of an instance, 1 to 200; its trending links are 20 at most"},
    {.name = "min_engagement",
     .type = OPTION_INT,
     .fallback = "0",
     .offset = offsetof(MastodonOptions, min_engagement),
     .max = 1000 * 1000,
     .help = "posts with fewer favourites and boosts, and links that fewer people shared, are left out"},
    {.name = "requests_per_minute",
     .type = OPTION_INT,
     .fallback = "60",
     .offset = offsetof(MastodonOptions, requests_per_minute),
     .min = 1,
     .max = 600,
     .help = "how often an instance may be asked, counted over five minutes"},
    {.name = "token",
     .type = OPTION_TEXT,
     .fallback = "",
     .offset = offsetof(MastodonOptions, token),
     .environment = "MASTODON_ACCESS_TOKEN",
     .is_secret = true,
     .help = "an access token, sent to the first of the instances only"},
    {.name = NULL},
};

const Source mastodon_source = {
    .label = "Mastodon",
    .is_community = true,
    .section = {.name = "mastodon", .options = OPTIONS, .size = sizeof(MastodonOptions)},
    .parts = make_parts,
    .services = make_services,
    .step = step,
};
