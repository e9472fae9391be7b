#include "posts.h"

#include "base/error.h"
#include "base/json.h"
#include "base/time.h"

#include <inttypes.h>

/* Higher than any number that Hacker News has given yet, so that no address leads to another post. */
enum { FIRST_ITEM_NUMBER = 900000000 };

/* @documents: the world's JSON files by name, being made; @hosts: of Mastodon, by instance; @subreddits: by name */
typedef struct {
  json_t *documents;
  json_t *hosts;
  json_t *subreddits;
  int64_t newest_ms;
} Posts;

/* @title: its first line; @body: (nullable): what follows; @is_cut: the file has only its beginning */
typedef struct {
  unsigned line;
  int64_t when_ms;
  const char *text;
  char *title;
  const char *body;
  bool is_cut;
  const json_t *metadata;
} Post;

static const char *const HACKERNEWS_LISTS[] = {"top", "new", "best"};
static const char *const REDDIT_LISTS[] = {"hot", "new", "top", "rising"};

static void
post_clear(Post *post)
{
  g_free(post->title);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Post, post_clear)

/* The last word of a text that is cut is no address, only the beginning of one. */
static size_t
length_to_link(const char *html, bool is_cut)
{
  const char *last = is_cut ? strrchr(html, ' ') : html + strlen(html);
  return last != NULL ? (size_t) (last - html) : 0;
}

/* Returns: (transfer full): plain text as the HTML of a paragraph, its addresses links */
static char *
to_html(const char *text, bool is_cut)
{
  g_autofree char *escaped = g_markup_escape_text(text, -1);
  size_t length = length_to_link(escaped, is_cut);
  g_autoptr(GRegex) address = g_regex_new("https?://(?:(?!&(?:quot|lt|gt|apos|#\\d+);)\\S)*[\\w/]", 0, 0, NULL);
  g_autofree char *linked = g_regex_replace(address, escaped, (gssize) length, 0,
                                            "<a href=\"\\0\" target=\"_blank\" rel=\"nofollow noopener\">\\0</a>", 0, NULL);
  g_autoptr(GString) html = g_string_new(NULL);
  g_string_append_printf(html, "<p>%s%s</p>", linked, escaped + length);
  g_string_replace(html, "\n\n", "</p><p>", 0);
  g_string_replace(html, "\n", "<br />", 0);
  return g_string_free(g_steal_pointer(&html), FALSE);
}

/* Returns: (transfer none): what the file @name is so far, at first @initial */
static json_t *
document_of(Posts *posts, const char *name, const char *initial)
{
  if (json_object_get(posts->documents, name) == NULL)
    json_object_set_new(posts->documents, name, json_loads(initial, 0, NULL));
  return json_object_get(posts->documents, name);
}

static json_t *
number(const Post *post, const char *key)
{
  return json_integer(json_read_int(post->metadata, key, 0));
}

static json_t *
text_or_null(const char *text)
{
  return text != NULL ? json_string(text) : json_null();
}

static void
add_to_hackernews(Posts *posts, const Post *post)
{
  int64_t id = FIRST_ITEM_NUMBER + post->line;
  for (size_t i = 0; i < G_N_ELEMENTS(HACKERNEWS_LISTS); i++) {
    g_autofree char *list = g_strdup_printf("day1/hn.localhost/v0/%sstories.json", HACKERNEWS_LISTS[i]);
    json_array_append_new(document_of(posts, list, "[]"), json_integer(id));
  }
  g_autofree char *name = g_strdup_printf("day1/hn.localhost/v0/item/%" PRId64 ".json", id);
  g_autofree char *author = g_strdup_printf("author%u", post->line);
  json_t *item = json_pack("{s:s, s:o, s:I, s:o, s:o, s:s, s:s}", "by", author, "descendants", number(post, "comments"), "id",
                           (json_int_t) id, "score", number(post, "score"), "time", number(post, "time"), "title", post->title,
                           "type", "story");
  if (post->body != NULL)
    json_object_set_new(item, "text", json_string(post->body));
  json_object_set_new(posts->documents, name, item);
}

/* Returns: (transfer none): the simulated host of the instance */
static const char *
host_of(Posts *posts, const char *instance)
{
  if (json_object_get(posts->hosts, instance) == NULL) {
    g_autofree char *host = g_strdup_printf("m%zu.localhost", json_object_size(posts->hosts) + 1);
    g_autofree char *links = g_strdup_printf("day1/%s/api/v1/trends/links.json", host);
    json_object_set_new(posts->hosts, instance, json_string(host));
    document_of(posts, links, "[]");
  }
  return json_read_text(posts->hosts, instance);
}

static json_t *
make_account(const Post *post, const char *instance, const char *name)
{
  g_autofree char *id = g_strdup_printf("%u", post->line);
  g_autofree char *address = g_strdup_printf("%s/@%s", instance, name);
  return json_pack("{s:s, s:s, s:s, s:s, s:b, s:b, s:b, s:b, s:s, s:s}", "id", id, "username", name, "acct", name,
                   "display_name", name, "locked", false, "bot", false, "discoverable", true, "indexable", true, "note", "",
                   "url", address);
}

static void
add_to_mastodon(Posts *posts, const Post *post)
{
  const char *instance = json_read_text(post->metadata, "instance");
  const char *created = json_read_text(post->metadata, "created_at");
  int64_t created_ms = post->when_ms;
  time_parse(created != NULL ? created : "", &created_ms);
  g_autofree char *id = g_strdup_printf("%" PRId64, (created_ms << 16) + post->line);
  g_autofree char *name = g_strdup_printf("author%u", post->line);
  g_autofree char *uri = g_strdup_printf("%s/users/%s/statuses/%s", instance, name, id);
  g_autofree char *url = g_strdup_printf("%s/@%s/%s", instance, name, id);
  g_autofree char *content = to_html(post->text, post->is_cut);
  json_t *status = json_pack(
      "{s:s, s:o, s:n, s:n, s:b, s:s, s:s, s:o, s:s, s:s, s:o, s:o, s:o, s:n, s:s, s:n, s:o, s:[], s:[], s:[], s:[], s:n, s:n}",
      "id", id, "created_at", text_or_null(created), "in_reply_to_id", "in_reply_to_account_id", "sensitive", false,
      "spoiler_text", "", "visibility", "public", "language", text_or_null(json_read_text(post->metadata, "language")), "uri",
      uri, "url", url, "replies_count", number(post, "replies_count"), "reblogs_count", number(post, "reblogs_count"),
      "favourites_count", number(post, "favourites_count"), "edited_at", "content", content, "reblog", "account",
      make_account(post, instance, name), "media_attachments", "mentions", "tags", "emojis", "card", "poll");
  g_autofree char *file = g_strdup_printf("day1/%s/api/v1/trends/statuses.json", host_of(posts, instance));
  json_array_append_new(document_of(posts, file, "[]"), status);
}

static void
add_to_reddit(Posts *posts, const Post *post)
{
  g_autofree char *subreddit = g_ascii_strdown(json_read_text(post->metadata, "subreddit"), -1);
  g_autofree char *id = g_strdup_printf("post%u", post->line);
  g_autofree char *name = g_strdup_printf("t3_%s", id);
  g_autofree char *author = g_strdup_printf("author%u", post->line);
  g_autofree char *permalink = g_strdup_printf("/r/%s/comments/%s/", subreddit, id);
  g_autofree char *address = g_strdup_printf("https://www.reddit.com%s", permalink);
  g_autofree char *html = post->body != NULL ? to_html(post->body, post->is_cut) : NULL;
  g_autofree char *body =
      html != NULL ? g_strdup_printf("<!-- SC_OFF --><div class=\"md\">%s</div><!-- SC_ON -->", html) : NULL;
  g_autoptr(json_t) data = json_deep_copy(post->metadata);
  g_autoptr(json_t) rest = json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:o, s:o, s:b, s:n}", "id", id, "name", name,
                                     "subreddit", subreddit, "author", author, "title", post->title, "permalink", permalink,
                                     "url", address, "selftext", json_string(post->body != NULL ? post->body : ""),
                                     "selftext_html", text_or_null(body), "stickied", false, "removed_by_category");
  json_object_del(data, "source_name");
  json_object_update(data, rest);
  json_object_set_new(posts->subreddits, subreddit, json_true());
  for (size_t i = 0; i < G_N_ELEMENTS(REDDIT_LISTS); i++) {
    g_autofree char *file = g_strdup_printf("day1/oauth.reddit.localhost/r/%s/%s.json", subreddit, REDDIT_LISTS[i]);
    json_t *listing = document_of(posts, file, "{\"kind\": \"Listing\", \"data\": {\"children\": []}}");
    json_t *children = json_object_get(json_object_get(listing, "data"), "children");
    json_array_append_new(children, json_pack("{s:s, s:O}", "kind", "t3", "data", data));
  }
}

/* When a repository was made is not known: the day it was seen counts. */
static void
add_to_github(Posts *posts, const Post *post)
{
  g_autofree char *owner = g_strdup_printf("author%u", post->line);
  g_autofree char *full_name = g_strdup_printf("%s/%s", owner, post->title);
  g_autofree char *address = g_strdup_printf("https://github.com/%s", full_name);
  g_autofree char *time = time_format(post->when_ms / 1000 * 1000);
  json_t *repository = json_pack(
      "{s:i, s:s, s:s, s:{s:s}, s:b, s:b, s:s, s:o, s:s, s:s, s:s, s:o, s:o, s:o, s:o, s:O?, s:n}", "id", (int) post->line,
      "name", post->title, "full_name", full_name, "owner", "login", owner, "fork", false, "archived", false, "html_url",
      address, "description", text_or_null(post->body), "created_at", time, "updated_at", time, "pushed_at", time,
      "stargazers_count", number(post, "stars"), "forks_count", number(post, "forks"), "open_issues_count",
      number(post, "open_issues"), "language", text_or_null(json_read_text(post->metadata, "language")), "topics",
      json_object_get(post->metadata, "topics"), "homepage");
  json_t *search = document_of(posts, "day1/api.github.localhost/search/repositories.json", "{\"items\": []}");
  json_array_append_new(json_object_get(search, "items"), repository);
}

/* The community of a post is told by what only its posts have: the source that the file names is wrong at times. */
static const struct {
  const char *member;
  json_type type;
  void (*add)(Posts *posts, const Post *post);
} COMMUNITIES[] = {
    {"instance", JSON_STRING, add_to_mastodon},
    {"story_type", JSON_STRING, add_to_hackernews},
    {"subreddit", JSON_STRING, add_to_reddit},
    {"stars", JSON_INTEGER, add_to_github},
};

static bool
add_post(Posts *posts, const json_t *json, unsigned line, GError **error)
{
  g_auto(Post) post = {.line = line, .text = json_read_text(json, "text"), .metadata = json_object_get(json, "metadata")};
  const char *when = json_read_text(json, "when");
  if (post.text == NULL || when == NULL || !time_parse(when, &post.when_ms)) {
    error_set(error, ERROR_BAD_DATA, "expected \"text\", \"when\" and \"metadata\"");
    return false;
  }
  const char *rest = strstr(post.text, "\n\n");
  post.title = rest != NULL ? g_strndup(post.text, (gsize) (rest - post.text)) : g_strdup(post.text);
  post.body = rest != NULL ? rest + strlen("\n\n") : NULL;
  post.is_cut = json_read_int(json, "length", 0) > g_utf8_strlen(post.text, -1);
  posts->newest_ms = MAX(posts->newest_ms, post.when_ms);
  for (size_t i = 0; i < G_N_ELEMENTS(COMMUNITIES); i++) {
    const json_t *value = json_object_get(post.metadata, COMMUNITIES[i].member);
    if (value == NULL || json_typeof(value) != COMMUNITIES[i].type)
      continue;
    COMMUNITIES[i].add(posts, &post);
    return true;
  }
  error_set(error, ERROR_BAD_DATA, "metadata: has none of instance, story_type, subreddit and stars");
  return false;
}

static bool
read_posts(Posts *posts, const char *path, GError **error)
{
  g_autofree char *text = NULL;
  g_autoptr(GError) cause = NULL;
  if (!g_file_get_contents(path, &text, NULL, &cause)) {
    error_set(error, ERROR_IO, "%s", cause->message);
    return false;
  }
  g_auto(GStrv) lines = g_strsplit(g_strchomp(text), "\n", -1);
  for (unsigned i = 0; lines[i] != NULL; i++) {
    g_autoptr(json_t) json = json_parse(lines[i], strlen(lines[i]), NULL, error);
    if (json == NULL || !add_post(posts, json, i + 1, error)) {
      g_prefix_error(error, "%s:%u: ", path, i + 1);
      return false;
    }
  }
  return true;
}

static char *
make_settings(const Posts *posts)
{
  g_autofree char *day = time_format(posts->newest_ms);
  g_autoptr(json_t) services =
      json_pack("{s:{s:s}, s:{s:s, s:s}, s:{s:s}}", "oauth.reddit.localhost", "protocol", "reddit", "www.reddit.localhost",
                "protocol", "reddit-www", "api", "oauth.reddit.localhost", "api.github.localhost", "protocol", "github");
  const char *instance;
  json_t *host;
  json_object_foreach(posts->hosts, instance, host)
      json_object_set_new(services, json_string_value(host), json_pack("{s:s}", "protocol", "mastodon"));
  g_autoptr(json_t) settings =
      json_pack("{s:[s], s:[s], s:O, s:[]}", "days", day, "without_validators", "hn.localhost", "services", services, "rules");
  return json_dumps(settings, JSON_COMPACT);
}

/* Limits as high as the sources take them, so that all posts are read where the protocol lets. */
static char *
make_workspace(const Posts *posts)
{
  g_autoptr(GString) text = g_string_new("title: Posts\nsources:\n");
  const char *key;
  json_t *host;
  const char *before = "  - mastodon: {limit: 200, requests_per_minute: 600, instances: [";
  json_object_foreach(posts->hosts, key, host)
  {
    g_string_append_printf(text, "%s\"http://%s:%%PORT%%\"", before, json_string_value(host));
    before = ", ";
  }
  g_string_append(text, json_object_size(posts->hosts) > 0 ? "]}\n" : "");
  g_string_append(text, "  - hackernews: {limit: 500, base_url: \"http://hn.localhost:%PORT%/v0\"}\n");
  before = "  - reddit: {limit: 100, base_url: \"http://www.reddit.localhost:%PORT%\", api_url: "
           "\"http://oauth.reddit.localhost:%PORT%\", "
           "subreddits: [";
  json_object_foreach(posts->subreddits, key, host)
  {
    g_string_append_printf(text, "%s%s", before, key);
    before = ", ";
  }
  g_string_append(text, json_object_size(posts->subreddits) > 0 ? "]}\n" : "");
  g_string_append(text,
                  "  - github: {query: \"stars:>0\", days: 365, limit: 100, base_url: \"http://api.github.localhost:%PORT%\"}\n"
                  "filters: {max_age_days: 0}\n"
                  "site: {base_url: https://courant.example}\n");
  return g_string_free(g_steal_pointer(&text), FALSE);
}

static World *
make_world(const Posts *posts, GError **error)
{
  GHashTable *files = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
  g_hash_table_insert(files, g_strdup("world.json"), make_settings(posts));
  g_hash_table_insert(files, g_strdup("courant.yaml"), make_workspace(posts));
  const char *name;
  json_t *document;
  json_object_foreach(posts->documents, name, document)
      g_hash_table_insert(files, g_strdup(name), json_dumps(document, JSON_COMPACT));
  return world_of_files(files, error);
}

World *
posts_open(const char *path, GError **error)
{
  g_autoptr(json_t) documents = json_object();
  g_autoptr(json_t) hosts = json_object();
  g_autoptr(json_t) subreddits = json_object();
  Posts posts = {.documents = documents, .hosts = hosts, .subreddits = subreddits};
  return read_posts(&posts, path, error) ? make_world(&posts, error) : NULL;
}
