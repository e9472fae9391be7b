/* Comments: which are asked for, and what is kept of what is answered. */
#include "source-checks.h"

#include "base/json.h"
#include "base/text.h"
#include "sources/source.h"

#include <string.h>

#define LONG "I have run this for a year on two machines, and it has not lost a single byte of what I gave it to keep so far."

static Item *
make_post(const char *id, const char *extra)
{
  Item *item = item_new();
  g_free(item->id);
  item->id = g_strdup(id);
  item->extra = g_strdup(extra);
  return item;
}

static Reply *
make_reply(const char *body)
{
  Reply *reply = reply_new();
  reply->status = 200;
  reply->url = g_strdup("https://api.example/");
  reply->body = g_strdup(body);
  reply->body_length = strlen(body);
  reply->answered_ms = 7;
  return reply;
}

/* Returns: (transfer full): where the comments are that @body holds, a line each, and what they begin with */
static char *
read_shown(const Source *source, const char *post, const char *body)
{
  g_autoptr(Item) item = make_post(post, NULL);
  g_autoptr(Reply) reply = make_reply(body);
  g_autoptr(GPtrArray) comments = g_ptr_array_new_with_free_func((GDestroyNotify) evidence_free);
  source->read_comments(item, reply, comments);
  GString *shown = g_string_new(NULL);
  for (guint i = 0; i < comments->len; i++) {
    const Evidence *comment = comments->pdata[i];
    g_string_append_printf(shown, "%s %.9s\n", comment->url, comment->text);
    g_assert_cmpint(comment->fetched_ms, ==, 7);
    g_assert_cmpint(g_utf8_strlen(comment->text, -1), <=, 1000);
    g_assert_true(is_clean_text(comment->text));
    g_assert_true(*comment->title == '\0' && *comment->site_name == '\0');
    g_assert_cmpuint(strlen(comment->sha256), ==, 64);
  }
  return g_string_free(shown, false);
}

static const struct {
  const char *extra;
  const char *urls;
} KIDS[] = {
    {NULL, ""},
    {"", ""},
    {"{}", ""},
    {"{\"comments\":7}", ""},
    {"{\"comments\":[5]}", "https://hn.example/v0/item/5.json "},
    {"{\"comments\":[5,6,7]}", "https://hn.example/v0/item/5.json https://hn.example/v0/item/6.json "},
};

static void
test_hackernews_asks(void)
{
  void *options = make_options(&hackernews_source, "base_url: https://hn.example/v0", false);
  for (size_t i = 0; i < G_N_ELEMENTS(KIDS); i++) {
    g_autoptr(Item) item = make_post("hn:1", KIDS[i].extra);
    g_autoptr(GPtrArray) requests = hackernews_source.ask_comments(options, item);
    g_autoptr(GString) urls = g_string_new(NULL);
    for (guint j = 0; j < requests->len; j++) {
      const Request *request = requests->pdata[j];
      g_assert_true(request->kind == REQUEST_ITEM && request->auth == NULL);
      g_string_append_printf(urls, "%s ", request->url);
    }
    g_assert_cmpstr(urls->str, ==, KIDS[i].urls);
  }
  options_free(&hackernews_source.section, options);
}

#define HN(more)   "{\"id\":9,\"parent\":1,\"type\":\"comment\",\"by\":\"ada\",\"text\":\"" LONG "\"" more "}"
#define HN_AS(who) "{\"id\":9,\"parent\":1,\"type\":\"comment\",\"by\":\"" who "\",\"text\":\"" LONG "\"}"

static const struct {
  const char *body;
  const char *shown;
} HACKERNEWS[] = {
    {HN(""), "https://news.ycombinator.com/item?id=9 I have ru\n"},
    {HN(",\"deleted\":true"), ""},
    {HN(",\"dead\":true"), ""},
    {HN_AS("news-Bot"), ""},
    {"{\"id\":9,\"parent\":2,\"type\":\"comment\",\"text\":\"" LONG "\"}", ""},
    {"{\"id\":9,\"parent\":1,\"type\":\"story\",\"text\":\"" LONG "\"}", ""},
    {"{\"id\":-9,\"parent\":1,\"type\":\"comment\",\"text\":\"" LONG "\"}", ""},
    {"{\"id\":9,\"parent\":1,\"type\":\"comment\",\"text\":\"THis rules\"}", ""},
    {"{\"id\":9,\"parent\":1,\"type\":\"comment\",\"text\":\"I am a bot. " LONG "\"}", ""},
    {"{\"id\":9,\"parent\":1,\"type\":\"comment\",\"text\":7}", ""},
    {"{\"id\":9,\"parent\":1,\"type\":\"comment\"}", ""},
    {"null", ""},
    {"[]", ""},
    {"<html>", ""},
    {"", ""},
};

static void
test_hackernews_reads(void)
{
  for (size_t i = 0; i < G_N_ELEMENTS(HACKERNEWS); i++) {
    g_autofree char *shown = read_shown(&hackernews_source, "hn:1", HACKERNEWS[i].body);
    g_test_message("%s", HACKERNEWS[i].body);
    g_assert_cmpstr(shown, ==, HACKERNEWS[i].shown);
  }
  g_autofree char *words = g_strnfill(500, 'x');
  g_autofree char *body =
      g_strdup_printf("{\"id\":9,\"parent\":1,\"type\":\"comment\",\"text\":\"<p>%s <i>%s</i> <p>%s\"}", words, words, words);
  g_autofree char *shown = read_shown(&hackernews_source, "hn:1", body);
  g_assert_cmpstr(shown, ==, "https://news.ycombinator.com/item?id=9 xxxxxxxxx\n");
}

static void
test_reddit_asks(void)
{
  g_autoptr(Item) post = make_post("reddit:t3_1abc", NULL);
  void *client = make_options(&reddit_source, NULL, true);
  g_autoptr(GPtrArray) requests = reddit_source.ask_comments(client, post);
  g_assert_cmpuint(requests->len, ==, 1);
  const Request *request = requests->pdata[0];
  g_assert_cmpstr(request->url, ==,
                  "https://oauth.reddit.com/comments/1abc?sort=top&depth=1&limit=8&showmore=false&raw_json=1");
  g_assert_cmpstr(request->auth, ==, "reddit");
  options_free(&reddit_source.section, client);
  void *nobody = make_options(&reddit_source, NULL, false);
  g_assert_null(reddit_source.ask_comments(nobody, post));
  options_free(&reddit_source.section, nobody);
}

#define T1_AT(path, id, author, more)                                                                                          \
  "{\"kind\":\"t1\",\"data\":{\"id\":\"" id "\",\"author\":\"" author "\",\"permalink\":\"" path "\",\"body_html\":\"<p>" LONG \
  "</p>\"" more "}}"
#define T1(id, author, more) T1_AT("/r/c/comments/1abc/a_title/" id "/", id, author, more)
#define REDDIT(children)                                                                                                       \
  "[{\"kind\":\"Listing\",\"data\":{\"children\":[]}},{\"kind\":\"Listing\",\"data\":{\"children\":[" children "]}}]"
#define SEEN(id) "https://www.reddit.com/r/c/comments/1abc/a_title/" id "/ I have ru\n"

static const struct {
  const char *body;
  const char *shown;
} REDDIT_PAGES[] = {
    {REDDIT(T1("a", "ada", "") "," T1("b", "bo", "")), SEEN("a") SEEN("b")},
    {REDDIT(T1("a", "ada", "") "," T1("b", "bo", "") "," T1("c", "cy", "")), SEEN("a") SEEN("b")},
    {REDDIT(T1("a", "ada", ",\"stickied\":true") "," T1("b", "bo", "")), SEEN("b")},
    {REDDIT(T1("a", "ada", ",\"distinguished\":\"moderator\"")), ""},
    {REDDIT(T1("a", "ada", ",\"distinguished\":null,\"stickied\":false")), SEEN("a")},
    {REDDIT(T1("a", "AutoModerator", "") "," T1("b", "Link_Bot", "") "," T1("c", "[deleted]", "")), ""},
    {REDDIT("{\"kind\":\"more\",\"data\":{\"id\":\"_\"}}," T1("b", "bo", "")), SEEN("b")},
    {REDDIT(T1_AT("/r/c/comments/2abc/a_title/a/", "a", "ada", "")), ""},
    {REDDIT(T1_AT("//evil.example/r/c/comments/1abc/a_title/a/", "a", "ada", "")), ""},
    {REDDIT(T1_AT("https://evil.example/r/c/comments/1abc/t/a/", "a", "ada", "")), ""},
    {REDDIT(T1_AT("/r/c/comments/1abc/a_title/b/", "a", "ada", "")), ""},
    {REDDIT("7,null,{\"kind\":\"t1\"},{\"kind\":\"t1\",\"data\":7}"), ""},
    {"[{}]", ""},
    {"{\"message\":\"Forbidden\",\"error\":403}", ""},
    {"<html>", ""},
    {"", ""},
};

static void
test_reddit_reads(void)
{
  for (size_t i = 0; i < G_N_ELEMENTS(REDDIT_PAGES); i++) {
    g_autofree char *shown = read_shown(&reddit_source, "reddit:t3_1abc", REDDIT_PAGES[i].body);
    g_test_message("%s", REDDIT_PAGES[i].body);
    g_assert_cmpstr(shown, ==, REDDIT_PAGES[i].shown);
  }
}

/* A reply that failed says nothing. */
static void
test_failed(void)
{
  g_autoptr(Item) item = make_post("hn:1", NULL);
  g_autoptr(Reply) reply = make_reply(HN(""));
  reply->error = g_error_new_literal(COURANT_ERROR, ERROR_THROTTLED, "later");
  g_autoptr(GPtrArray) comments = g_ptr_array_new();
  hackernews_source.read_comments(item, reply, comments);
  reddit_source.read_comments(item, reply, comments);
  g_assert_cmpuint(comments->len, ==, 0);
}

/* Returns: (transfer full) (nullable): the recorded reply at @path of the shared folder */
static char *
read_recorded(const char *path)
{
  const char *shared = g_getenv("COURANT_SHARED");
  g_autofree char *file = shared != NULL ? g_build_filename(shared, "payloads", path, NULL) : NULL;
  char *text = NULL;
  if (file == NULL || !g_file_get_contents(file, &text, NULL, NULL))
    g_test_skip("COURANT_SHARED is not set, or lacks the recorded replies");
  return text;
}

static void
test_recorded_hackernews(void)
{
  static const char *const SHOWN[] = {"", "https://news.ycombinator.com/item?id=47366854 This remi\n", "", "", ""};
  g_autofree char *text = read_recorded("hackernews/live2026_items.jsonl");
  if (text == NULL)
    return;
  g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
  for (size_t i = 0; i < G_N_ELEMENTS(SHOWN); i++) {
    g_autofree char *shown = read_shown(&hackernews_source, "hn:47336100", lines[i]);
    g_assert_cmpstr(shown, ==, SHOWN[i]);
  }
}

/* Adds the first comment below @value to @found. */
static void
find_comment(const json_t *value, const json_t **found)
{
  if (g_strcmp0(json_read_text(value, "kind"), "t1") == 0)
    *found = value;
  const char *key;
  json_t *member;
  size_t i;
  json_object_foreach((json_t *) value, key, member) find_comment(member, found);
  json_array_foreach(value, i, member) find_comment(member, found);
}

/* A real program's comment, once as it is and once as a person's words. */
static void
test_recorded_reddit(void)
{
  g_autofree char *page = read_recorded("reddit/TestSubmission_test_crosspost__nsfw_0.json");
  if (page == NULL)
    return;
  g_autoptr(json_t) root = json_loads(page, 0, NULL);
  const json_t *found = NULL;
  find_comment(root, &found);
  g_autoptr(json_t) body = json_pack("[{},{s:{s:[O]}}]", "data", "children", found);
  g_autofree char *recorded = json_write(body);
  json_t *comment = json_object_get(found, "data");
  g_autofree char *id = g_strconcat("reddit:", json_read_text(comment, "link_id"), NULL);
  g_autofree char *shown = read_shown(&reddit_source, id, recorded);
  g_assert_cmpstr(shown, ==, "");
  json_object_set_new(comment, "body_html", json_string(LONG));
  g_autofree char *mended = json_write(body);
  g_autofree char *kept = read_shown(&reddit_source, id, mended);
  g_assert_true(g_str_has_prefix(kept, "https://www.reddit.com/r/"));
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/comments/hackernews/asks", test_hackernews_asks);
  g_test_add_func("/comments/hackernews/reads", test_hackernews_reads);
  g_test_add_func("/comments/hackernews/recorded", test_recorded_hackernews);
  g_test_add_func("/comments/reddit/asks", test_reddit_asks);
  g_test_add_func("/comments/reddit/reads", test_reddit_reads);
  g_test_add_func("/comments/reddit/recorded", test_recorded_reddit);
  g_test_add_func("/comments/failed", test_failed);
  return g_test_run();
}
