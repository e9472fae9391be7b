/*
 * Reddit: its API (https://www.reddit.com/dev/api/) for who has a client of it, else its feeds, with a reader's own token or
 * anonymously. Who asks anonymously is answered about once a minute, so that one feed is asked for all subreddits together.
 */
#include "sources/reddit.h"

#include "sources/reading.h"
#include "sources/source.h"

#include <string.h>

typedef struct {
  char **subreddits;
  char *list;
  int64_t limit;
  int64_t min_engagement;
  bool nsfw;
  char *user_agent;
  char *client_id;
  char *client_secret;
  char *feed_user;
  char *feed_token;
  int64_t requests_per_minute;
  char *base_url;
  char *api_url;
} RedditOptions;

/* What Reddit gives at once, at most. */
enum { MAX_POSTS = 100 };

/* Some will be of moderators and programs. */
#define COMMENTS_ASKED 8

/* 100 a client since July 2023; what is older says 60, which is safe. Anonymous feeds get 1 since June 2026. */
enum { KNOWN_REQUESTS = 60, ANONYMOUS_REQUESTS = 1, MINUTE_MS = 60 * 1000 };

static const char AUTH[] = "reddit";

static const char *const LISTS[] = {"hot", "new", "top", "rising", NULL};

static bool
has_client(const RedditOptions *options)
{
  return *options->client_id != '\0' && *options->client_secret != '\0';
}

static bool
has_feed_token(const RedditOptions *options)
{
  return *options->feed_user != '\0' && *options->feed_token != '\0';
}

static bool
is_anonymous(const RedditOptions *options)
{
  return !has_client(options) && !has_feed_token(options);
}

/* Returns: how many posts of @subject are read: a subreddit or, joined by "+", several */
static int64_t
count_posts(const RedditOptions *options, const char *subject)
{
  int64_t subreddits = 1;
  for (const char *at = subject; *at != '\0'; at++)
    subreddits += *at == '+';
  return MIN(subreddits * options->limit, MAX_POSTS);
}

/* Returns: (transfer full): where the posts of @subject are */
static char *
make_url(const RedditOptions *options, const char *subject)
{
  g_autofree char *limit = g_strdup_printf("?limit=%" G_GINT64_FORMAT, count_posts(options, subject));
  bool is_hot_for_all = is_anonymous(options) && g_str_equal(options->list, "hot");
  g_autofree char *list = is_hot_for_all ? g_strdup("") : g_strconcat("/", options->list, NULL);
  g_autofree char *user = has_feed_token(options) ? g_uri_escape_string(options->feed_user, NULL, false) : g_strdup("");
  const char *format = has_client(options) ? "" : "/.rss";
  const char *detail = has_client(options) ? "&raw_json=1" : has_feed_token(options) ? "&user=" : "";
  g_autofree char *path = g_strconcat("r/", subject, list, format, limit, detail, has_client(options) ? "" : user, NULL);
  return reading_url(has_client(options) ? options->api_url : options->base_url, path);
}

static void
add_part(const RedditOptions *options, const char *subject, GPtrArray *parts)
{
  g_autofree char *name = g_ascii_strdown(subject, -1);
  char *key = g_strconcat("reddit:", name, NULL);
  g_ptr_array_add(parts, source_part_new(key, g_strdup(subject), make_url(options, subject)));
}

static int
compare_names(const void *left, const void *right)
{
  return g_ascii_strcasecmp(*(const char *const *) left, *(const char *const *) right);
}

/* Returns: (transfer container) (element-type utf8): the subreddits by name, without those that differ in case alone */
static GPtrArray *
list_names(const RedditOptions *options)
{
  g_autoptr(GPtrArray) all = g_ptr_array_new();
  for (char **name = options->subreddits; *name != NULL; name++)
    g_ptr_array_add(all, *name);
  g_ptr_array_sort(all, compare_names);
  GPtrArray *names = g_ptr_array_new();
  for (unsigned i = 0; i < all->len; i++)
    if (i == 0 || compare_names(&all->pdata[i - 1], &all->pdata[i]) != 0)
      g_ptr_array_add(names, all->pdata[i]);
  return names;
}

static GPtrArray *
make_parts(const void *options)
{
  const RedditOptions *own = options;
  GPtrArray *parts = source_parts_new();
  g_autoptr(GPtrArray) names = list_names(own);
  if (is_anonymous(own) && names->len > 0) {
    g_ptr_array_add(names, NULL);
    g_autofree char *joined = g_strjoinv("+", (char **) names->pdata);
    g_autofree char *subject = g_ascii_strdown(joined, -1);
    add_part(own, subject, parts);
    return parts;
  }
  for (unsigned i = 0; i < names->len; i++)
    add_part(own, names->pdata[i], parts);
  return parts;
}

/* Returns: (transfer full): how Reddit wants a program to introduce itself (https://github.com/reddit-archive/reddit/wiki/API)
 */
static char *
make_user_agent(const RedditOptions *options)
{
  if (*options->user_agent != '\0')
    return g_strdup(options->user_agent);
  if (*options->feed_user != '\0')
    return g_strdup_printf("linux:courant:%s (by /u/%s)", COURANT_VERSION, options->feed_user);
  return g_strdup_printf("linux:courant:%s", COURANT_VERSION);
}

static Service *
add_service(const RedditOptions *options, const char *base, GPtrArray *services)
{
  Service *service = service_new(reading_url(base, ""));
  service->user_agent = make_user_agent(options);
  g_ptr_array_add(services, service);
  return service;
}

static void
limit_service(const RedditOptions *options, Service *service)
{
  int64_t fallback = is_anonymous(options) ? ANONYMOUS_REQUESTS : KNOWN_REQUESTS;
  service->requests = options->requests_per_minute > 0 ? options->requests_per_minute : fallback;
  service->window_ms = MINUTE_MS;
}

static char *
make_feed_secret(const RedditOptions *options)
{
  g_autofree char *token = g_uri_escape_string(options->feed_token, NULL, false);
  return g_strconcat("feed=", token, NULL);
}

static GPtrArray *
make_services(const void *options)
{
  const RedditOptions *own = options;
  GPtrArray *services = g_ptr_array_new_with_free_func((GDestroyNotify) service_free);
  if (has_client(own)) {
    Service *api = add_service(own, own->api_url, services);
    limit_service(own, api);
    api->auth = g_strdup(AUTH);
    api->credential = CREDENTIAL_CLIENT;
    api->client_id = g_strdup(own->client_id);
    api->secret = g_strdup(own->client_secret);
    api->token_url = reading_url(own->base_url, "api/v1/access_token");
    if (!g_str_equal(own->base_url, own->api_url))
      add_service(own, own->base_url, services);
    return services;
  }
  Service *site = add_service(own, own->base_url, services);
  limit_service(own, site);
  if (has_feed_token(own)) {
    site->auth = g_strdup(AUTH);
    site->credential = CREDENTIAL_QUERY;
    site->secret = make_feed_secret(own);
  }
  return services;
}

static void
step(const void *input, const void *snapshot G_GNUC_UNUSED, const GPtrArray *replies, StepOutcome *ret_outcome)
{
  const SourceInput *own = input;
  const RedditOptions *options = own->options;
  g_autofree char *url = make_url(options, own->subject);
  if (replies->len == 0) {
    Request *request = request_new(REQUEST_LISTING, url);
    request->auth = is_anonymous(options) ? NULL : g_strdup(AUTH);
    step_ask(ret_outcome, request);
    return;
  }
  const RedditReading reading = {.key = own->key,
                                 .url = url,
                                 .limit = (size_t) count_posts(options, own->subject),
                                 .min_engagement = options->min_engagement,
                                 .keeps_adult = options->nsfw};
  ret_outcome->result = reddit_read(&reading, replies->pdata[0], &ret_outcome->error);
}

/* Only the API is asked: feeds are for readers, and hardly let any. Announcements stand first, whatever the order; "more" is no
 * comment (https://www.reddit.com/dev/api/#GET_comments_{article}). */
static GPtrArray *
ask_comments(const void *options, const Item *item)
{
  static const char PREFIX[] = "reddit:t3_";
  const RedditOptions *own = options;
  if (!has_client(own) || !g_str_has_prefix(item->id, PREFIX))
    return NULL;
  GPtrArray *requests = g_ptr_array_new_with_free_func((GDestroyNotify) request_free);
  g_autofree char *path =
      g_strconcat("comments/", item->id + strlen(PREFIX),
                  "?sort=top&depth=1&limit=" G_STRINGIFY(COMMENTS_ASKED) "&showmore=false&raw_json=1", NULL);
  g_autofree char *url = reading_url(own->api_url, path);
  Request *request = request_new(REQUEST_ITEM, url);
  request->auth = g_strdup(AUTH);
  g_ptr_array_add(requests, request);
  return requests;
}

static const char *
check_subreddit(const char *text)
{
  size_t length = strlen(text);
  for (const char *at = text; *at != '\0'; at++)
    if (!g_ascii_isalnum(*at) && *at != '_')
      length = 0;
  return length >= 2 && length <= 21 ? NULL : "is no subreddit such as \"programming\", without \"r/\"";
}

static const Option OPTIONS[] = {
    {.name = "subreddits",
     .type = OPTION_TEXTS,
     .offset = offsetof(RedditOptions, subreddits),
     .check = check_subreddit,
     .help = "names without \"r/\", such as [programming, linux]"},
    {.name = "list",
     .type = OPTION_CHOICE,
     .fallback = "hot",
     .offset = offsetof(RedditOptions, list),
     .choices = LISTS,
     .help = "which list to read: hot, new, top or rising"},
    {.name = "limit",
     .type = OPTION_INT,
     .fallback = "20",
     .offset = offsetof(RedditOptions, limit),
     .min = 1,
     .max = MAX_POSTS,
     .help = "how many posts of each subreddit, 1 to 100"},
    {.name = "min_engagement",
     .type = OPTION_INT,
     .fallback = "0",
     .offset = offsetof(RedditOptions, min_engagement),
     .max = 1000 * 1000,
     .help = "posts with fewer points are left out; feeds do not tell points"},
    {.name = "nsfw",
     .type = OPTION_BOOL,
     .fallback = "false",
     .offset = offsetof(RedditOptions, nsfw),
     .help = "whether posts not safe for work are kept; feeds do not tell which these are"},
    {.name = "user_agent",
     .type = OPTION_TEXT,
     .fallback = "",
     .offset = offsetof(RedditOptions, user_agent),
     .environment = "REDDIT_USER_AGENT",
     .help = "how to introduce ourselves: \"linux:courant:VERSION (by /u/NAME)\" when empty"},
    {.name = "client_id",
     .type = OPTION_TEXT,
     .fallback = "",
     .offset = offsetof(RedditOptions, client_id),
     .environment = "REDDIT_CLIENT_ID",
     .is_secret = true,
     .help = "of a client registered at https://www.reddit.com/prefs/apps"},
    {.name = "client_secret",
     .type = OPTION_TEXT,
     .fallback = "",
     .offset = offsetof(RedditOptions, client_secret),
     .environment = "REDDIT_CLIENT_SECRET",
     .is_secret = true,
     .help = "its secret"},
    {.name = "feed_user",
     .type = OPTION_TEXT,
     .fallback = "",
     .offset = offsetof(RedditOptions, feed_user),
     .environment = "REDDIT_FEED_USER",
     .help = "your name on Reddit, where there is a feed token"},
    {.name = "feed_token",
     .type = OPTION_TEXT,
     .fallback = "",
     .offset = offsetof(RedditOptions, feed_token),
     .environment = "REDDIT_FEED_TOKEN",
     .is_secret = true,
     .help = "what follows feed= in the addresses at https://www.reddit.com/prefs/feeds"},
    {.name = "requests_per_minute",
     .type = OPTION_INT,
     .fallback = "0",
     .offset = offsetof(RedditOptions, requests_per_minute),
     .max = 6000,
     .help = "at most so many requests a minute; 0 is 60 with a client or a token, 1 without"},
    {.name = "base_url",
     .type = OPTION_URL,
     .fallback = "https://www.reddit.com",
     .offset = offsetof(RedditOptions, base_url),
     .help = "where the feeds and the tokens are"},
    {.name = "api_url",
     .type = OPTION_URL,
     .fallback = "https://oauth.reddit.com",
     .offset = offsetof(RedditOptions, api_url),
     .help = "where the API is"},
    {.name = NULL},
};

const Source reddit_source = {
    .label = "Reddit",
    .is_community = true,
    .section = {.name = "reddit", .options = OPTIONS, .size = sizeof(RedditOptions)},
    .parts = make_parts,
    .services = make_services,
    .step = step,
    .ask_comments = ask_comments,
    .read_comments = reddit_read_comments,
};
