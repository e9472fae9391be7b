/*
 * Reddit: the API of registered clients (https://www.reddit.com/dev/api, https://github.com/reddit-archive/reddit/wiki/OAuth2),
 * and what www.reddit.com has for all: the token endpoint and the Atom feeds.
 */
#include "service.h"

#include "base/json.h"

static const char *const LISTS[] = {"hot", "new", "top", "rising", NULL};

enum { POSTS_BY_DEFAULT = 25, POSTS_AT_MOST = 100 };

static Answer *
refuse(unsigned status, const char *message)
{
  g_autoptr(json_t) json = json_pack("{s:s, s:i}", "message", message, "error", (int) status);
  return answer_json(status, json);
}

static int64_t
seconds_until(const Call *call, int64_t time_ms)
{
  return (time_ms - call->now_ms + 999) / 1000;
}

static void
tell_quota(const Call *call, Answer *answer, const Quota *quota)
{
  if (quota->limit == 0)
    return;
  g_autofree char *used = g_strdup_printf("%" G_GINT64_FORMAT, quota->used);
  g_autofree char *remaining = g_strdup_printf("%" G_GINT64_FORMAT ".0", quota->limit - quota->used);
  g_autofree char *reset = g_strdup_printf("%" G_GINT64_FORMAT, seconds_until(call, quota->reset_ms));
  answer_set_header(answer, "x-ratelimit-used", used);
  answer_set_header(answer, "x-ratelimit-remaining", remaining);
  answer_set_header(answer, "x-ratelimit-reset", reset);
  if (quota->is_taken)
    return;
  g_autofree char *retry = g_strdup_printf("%" G_GINT64_FORMAT, seconds_until(call, quota->retry_ms));
  answer_set_header(answer, "retry-after", retry);
}

/* The posts of a subreddit, whose name is the same in any case. Returns: (transfer full) (nullable): a Listing */
static json_t *
read_listing(Call *call, const char *subreddit, const char *list)
{
  g_autofree char *name = g_ascii_strdown(subreddit, -1);
  g_autofree char *path = g_strdup_printf("/r/%s/%s.json", name, list);
  return call_document(call, call->api, path);
}

/* The page of a post: the listing of itself, which nobody here reads, and that of the comments on it. */
static Answer *
answer_comments(Call *call)
{
  g_autofree char *path = g_strconcat(call->path, ".json", NULL);
  g_autoptr(json_t) page = call_document(call, call->api, path);
  if (page == NULL)
    page = json_pack("[{s:s, s:{s:[]}}, {s:s, s:{s:[]}}]", "kind", "Listing", "data", "children", "kind", "Listing", "data",
                     "children");
  json_t *data = json_object_get(json_array_get(page, 1), "data");
  int64_t limit = call_number(call, "limit", POSTS_BY_DEFAULT, 1, POSTS_AT_MOST);
  json_object_set_new(data, "children", list_part(json_object_get(data, "children"), 0, limit));
  return answer_json(200, page);
}

static Answer *
answer_listing(Call *call)
{
  g_auto(GStrv) segments = g_strsplit(call->path, "/", -1);
  if (g_strv_length(segments) == 3 && strcmp(segments[1], "comments") == 0)
    return answer_comments(call);
  if (g_strv_length(segments) != 4 || strcmp(segments[1], "r") != 0 || !g_strv_contains(LISTS, segments[3]))
    return refuse(404, "Not Found");
  g_autoptr(json_t) listing = read_listing(call, segments[2], segments[3]);
  json_t *data = json_object_get(listing, "data");
  if (data == NULL)
    return refuse(404, "Not Found");
  int64_t limit = call_number(call, "limit", POSTS_BY_DEFAULT, 1, POSTS_AT_MOST);
  json_object_set_new(data, "children", list_part(json_object_get(data, "children"), 0, limit));
  return answer_json(200, listing);
}

static bool
has_honest_name(const Asked *asked)
{
  return asked->user_agent != NULL && asked->user_agent[0] != '\0' && !g_str_has_prefix(asked->user_agent, "curl/");
}

static Answer *
answer_api(Call *call)
{
  if (!has_honest_name(call->asked))
    return refuse(429, "Too Many Requests");
  const char *token = call_bearer(call);
  if (token == NULL || !g_hash_table_contains(call->tokens, token))
    return refuse(401, "Unauthorized");
  Quota quota = call_take(call, WINDOW_REQUESTS, call->windows[WINDOW_REQUESTS].limit);
  Answer *answer = quota.is_taken ? answer_listing(call) : refuse(429, "Too Many Requests");
  answer->is_authorized = true;
  tell_quota(call, answer, &quota);
  return answer;
}

/* Whether it came with a client's id and secret: any but "wrong". */
static bool
has_client(const Asked *asked)
{
  static const char SCHEME[] = "Basic ";
  if (asked->authorization == NULL || g_ascii_strncasecmp(asked->authorization, SCHEME, strlen(SCHEME)) != 0)
    return false;
  gsize length = 0;
  g_autofree guchar *bytes = g_base64_decode(asked->authorization + strlen(SCHEME), &length);
  g_autofree char *text = g_strndup((const char *) bytes, length);
  g_auto(GStrv) parts = g_strsplit(text, ":", 2);
  return g_strv_length(parts) == 2 && parts[0][0] != '\0' && parts[1][0] != '\0' &&
         !g_strv_contains((const char *const *) parts, "wrong");
}

Answer *
reddit_token(const Asked *asked, GHashTable *tokens)
{
  g_autoptr(GHashTable) form = form_decode(asked->body->str);
  if (!has_client(asked) || g_strcmp0(g_hash_table_lookup(form, "grant_type"), "client_credentials") != 0)
    return refuse(401, "Unauthorized");
  g_autofree char *token = g_strdup_printf("token-%u-of-the-simulator", tokens != NULL ? g_hash_table_size(tokens) + 1 : 0);
  g_autoptr(json_t) json =
      json_pack("{s:s, s:s, s:i, s:s}", "access_token", token, "token_type", "bearer", "expires_in", 86400, "scope", "*");
  if (tokens != NULL)
    g_hash_table_add(tokens, g_steal_pointer(&token));
  Answer *answer = answer_json(200, json);
  answer->is_authorized = true;
  return answer;
}

static gint
compare_age(gconstpointer a, gconstpointer b)
{
  double first = json_number_value(json_object_get(*(json_t *const *) a, "created_utc"));
  double second = json_number_value(json_object_get(*(json_t *const *) b, "created_utc"));
  return (first < second) - (first > second);
}

/* Removed posts and those for adults are in no feed of somebody who has not asked for them. */
static void
add_posts(const json_t *listing, GPtrArray *posts)
{
  size_t index;
  json_t *child;
  json_array_foreach(json_object_get(json_object_get(listing, "data"), "children"), index, child)
  {
    json_t *post = json_object_get(child, "data");
    if (g_strcmp0(json_read_text(child, "kind"), "t3") == 0 && !json_is_true(json_object_get(post, "over_18")) &&
        !json_is_string(json_object_get(post, "removed_by_category")))
      g_ptr_array_add(posts, json_incref(post));
  }
}

static Answer *
answer_posts(Call *call, const char *subreddits, const char *list)
{
  g_autoptr(GPtrArray) posts = g_ptr_array_new_with_free_func((GDestroyNotify) json_decref);
  g_auto(GStrv) names = g_strsplit(subreddits, "+", -1);
  bool is_known = false;
  for (char **name = names; *name != NULL; name++) {
    g_autoptr(json_t) listing = read_listing(call, *name, list);
    is_known = is_known || listing != NULL;
    add_posts(listing, posts);
  }
  if (!is_known)
    return refuse(404, "Not Found");
  g_ptr_array_sort(posts, compare_age);
  g_ptr_array_set_size(posts, (gint) MIN(posts->len, call_number(call, "limit", POSTS_BY_DEFAULT, 1, POSTS_AT_MOST)));
  return reddit_feed(subreddits, posts, call);
}

static bool
is_given(const Call *call, const char *name)
{
  const char *value = g_hash_table_lookup(call->parameters, name);
  return value != NULL && value[0] != '\0';
}

/* A reader's own feed token lifts the limit that all others share. */
static Answer *
answer_feed(Call *call, const char *subreddits, const char *list)
{
  bool has_token = is_given(call, "feed") && is_given(call, "user");
  Quota quota = call_take(call, WINDOW_REQUESTS, has_token ? 0 : call->windows[WINDOW_REQUESTS].limit);
  Answer *answer = quota.is_taken ? answer_posts(call, subreddits, list) : refuse(429, "Too Many Requests");
  answer->is_authorized = has_token;
  tell_quota(call, answer, &quota);
  return answer;
}

static Answer *
answer_www(Call *call)
{
  if (strcmp(call->asked->method, "POST") == 0)
    return reddit_token(call->asked, call->tokens);
  g_auto(GStrv) segments = g_strsplit(call->path, "/", -1);
  guint count = g_strv_length(segments);
  if (count < 4 || count > 5 || strcmp(segments[1], "r") != 0 || strcmp(segments[count - 1], ".rss") != 0)
    return NULL;
  const char *list = count == 5 ? segments[3] : "hot";
  return g_strv_contains(LISTS, list) ? answer_feed(call, segments[2], list) : NULL;
}

const Protocol reddit_protocol = {.name = "reddit", .answer = answer_api};
const Protocol reddit_www_protocol = {.name = "reddit-www", .post_path = "/api/v1/access_token", .answer = answer_www};
