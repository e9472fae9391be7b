#include "app/bench_world.h"

#include "base/json.h"
#include "os/file.h"

#include <string.h>

enum {
  SEED = 20260302,
  POSTS_A_LIST = 10,
  SYLLABLES = 3,
  TITLE_WORDS = 6,
  SENTENCE_WORDS = 6,
  POST_SENTENCES = 4,
  STORY_SENTENCES = 16, /* in bytes more than a call takes in tokens */
  PARAGRAPH_SENTENCES = 5,
  ARTICLE_BYTES = 8 * 1000,
  MENU_ENTRIES = 60,
};

/* An hour before WORLD_NOW. */
static const int64_t POSTED_S = INT64_C(1772434800);
static const char POSTED[] = "2026-03-02T07:00:00Z";

/* The language model's limits are those of WORLD_CALLS calls in a window and a half. */
static json_t *
make_settings(void)
{
  g_autoptr(json_t) services =
      json_pack("{s{ss} s{ss} s{ss} s{ss} s{ss ss}}", "m1.localhost", "protocol", "mastodon", "m2.localhost", "protocol",
                "mastodon", "oauth.reddit.localhost", "protocol", "reddit", "api.github.localhost", "protocol", "github",
                "www.reddit.localhost", "protocol", "reddit-www", "api", "oauth.reddit.localhost");
  json_object_set_new(services, "llm.localhost",
                      json_pack("{ss si si si si sf sf}", "protocol", "openai", "requests", 3000, "tokens_per_window",
                                WORLD_CALLS / 2 * WORLD_CALL_TOKENS, "window_s", 60, "tokens", WORLD_CALL_TOKENS, "input_price",
                                0.05, "output_price", 0.4));
  return json_pack("{s[s] s[{ss si}] sO}", "days", WORLD_NOW, "rules", "host", "llm.localhost", "delay_ms",
                   WORLD_CALL_MS - WORLD_LATENCY_MS, "services", services);
}

/* A world in the making; what went wrong first stays. */
typedef struct {
  const char *folder;
  GRand *random;
  GError *error;
} Making;

static void
add_word(const Making *making, GString *text)
{
  static const char CONSONANTS[] = "bdfgklmnprstvz";
  static const char VOWELS[] = "aeiou";
  for (int syllable = 0; syllable < SYLLABLES; syllable++) {
    g_string_append_c(text, CONSONANTS[g_rand_int_range(making->random, 0, (int) strlen(CONSONANTS))]);
    g_string_append_c(text, VOWELS[g_rand_int_range(making->random, 0, (int) strlen(VOWELS))]);
  }
}

/* Words of no language, so that no two posts tell the same story. */
static char *
make_title(const Making *making)
{
  GString *title = g_string_new(NULL);
  for (int i = 0; i < TITLE_WORDS; i++) {
    g_string_append(title, i > 0 ? " " : "");
    add_word(making, title);
  }
  title->str[0] = g_ascii_toupper(title->str[0]);
  return g_string_free(title, false);
}

/* The same, held together as English is, for that is what tells a text from a menu. */
static char *
make_text(const Making *making, int sentences)
{
  static const char *const BETWEEN[] = {" of the ", " and ", " is ", " to the ", ", which was ", " in a ", " for ", " with "};
  GString *text = g_string_new(NULL);
  for (int i = 0; i < sentences; i++) {
    g_string_append(text, i > 0 ? " The " : "The ");
    for (int word = 0; word < SENTENCE_WORDS; word++) {
      add_word(making, text);
      g_string_append(
          text, word + 1 < SENTENCE_WORDS ? BETWEEN[g_rand_int_range(making->random, 0, (int) G_N_ELEMENTS(BETWEEN))] : ".");
    }
  }
  return g_string_free(text, false);
}

static json_t *
json_title(const Making *making)
{
  g_autofree char *title = make_title(making);
  return json_string(title);
}

static json_t *
json_text(const Making *making)
{
  g_autofree char *text = make_text(making, POST_SENTENCES);
  return json_string(text);
}

/* Puts the file that is served as @path of @host. */
static void
put(Making *making, const char *host, const char *path, const char *text)
{
  if (making->error != NULL)
    return;
  g_autofree char *name = g_build_filename(making->folder, "sites", host, path, NULL);
  g_autofree char *parent = g_path_get_dirname(name);
  if (file_make_folder(parent, &making->error))
    g_file_set_contents(name, text, -1, &making->error);
}

/* As put(), for @json (transfer full). */
static void
put_json(Making *making, const char *host, const char *path, json_t *json)
{
  g_autoptr(json_t) owned = json;
  g_autofree char *text = json_write(owned);
  put(making, host, path, text);
}

static void
put_mastodon(Making *making, const char *host)
{
  json_t *statuses = json_array();
  for (int i = 1; i <= POSTS_A_LIST; i++) {
    g_autofree char *uri = g_strdup_printf("http://%s:%%PORT%%/users/u%d/statuses/%d", host, i, i);
    json_array_append_new(statuses, json_pack("{si s{ss} ss ss ss ss so si si}", "id", i, "account", "acct", "someone", "uri",
                                              uri, "url", uri, "created_at", POSTED, "visibility", "public", "content",
                                              json_text(making), "favourites_count", 7 * i, "reblogs_count", i));
  }
  put_json(making, host, "api/v1/trends/statuses.json", statuses);
  put_json(making, host, "api/v1/trends/links.json", json_array());
}

static void
put_subreddit(Making *making, int number)
{
  json_t *children = json_array();
  for (int i = 1; i <= POSTS_A_LIST; i++) {
    g_autofree char *id = g_strdup_printf("b%dz%d", number, i);
    g_autofree char *permalink = g_strdup_printf("/r/r%d/comments/%s/x/", number, id);
    g_autofree char *url = g_strconcat("http://www.reddit.localhost:%PORT%", permalink, NULL);
    json_t *post = json_pack("{ss ss+ ss ss so so sb si si sI}", "id", id, "name", "t3_", id, "permalink", permalink, "url",
                             url, "title", json_title(making), "selftext", json_text(making), "is_self", 1, "score", 9 * i,
                             "num_comments", i, "created_utc", (json_int_t) POSTED_S);
    json_array_append_new(children, json_pack("{ss so}", "kind", "t3", "data", post));
  }
  g_autofree char *path = g_strdup_printf("r/r%d/hot.json", number);
  json_t *data = json_pack("{so}", "children", children);
  put_json(making, "oauth.reddit.localhost", path, json_pack("{ss so}", "kind", "Listing", "data", data));
}

static void
put_hackernews(Making *making)
{
  json_t *list = json_array();
  for (int i = 1; i <= WORLD_HACKERNEWS; i++) {
    g_autofree char *url = g_strdup_printf("http://p%d.localhost:%%PORT%%/a.html", i);
    g_autofree char *path = g_strdup_printf("v0/item/%d.json", i);
    json_array_append_new(list, json_integer(i));
    put_json(making, "hn.localhost", path,
             json_pack("{si ss ss sI so ss si si}", "id", i, "by", "someone", "type", "story", "time", (json_int_t) POSTED_S,
                       "title", json_title(making), "url", url, "score", 11 * i, "descendants", i));
  }
  put_json(making, "hn.localhost", "v0/topstories.json", list);
}

static void
add_menu(const Making *making, GString *page)
{
  g_string_append(page, "<nav><ul>\n");
  for (int i = 1; i <= MENU_ENTRIES; i++) {
    g_autofree char *title = make_title(making);
    g_string_append_printf(page, "<li><a href=\"/menu/%d\">%s</a></li>\n", i, title);
  }
  g_string_append(page, "</ul></nav>\n");
}

/* An article of a few minutes, and around it what pages have around articles. */
static char *
make_page(const Making *making)
{
  g_autofree char *title = make_title(making);
  GString *page = g_string_new(NULL);
  g_string_append_printf(page, "<!DOCTYPE html>\n<html lang=\"en\"><head><title>%s</title></head>\n<body>\n", title);
  add_menu(making, page);
  g_string_append_printf(page, "<article><h1>%s</h1>\n", title);
  for (gsize end = page->len + ARTICLE_BYTES; page->len < end;) {
    g_autofree char *paragraph = make_text(making, PARAGRAPH_SENTENCES);
    g_string_append_printf(page, "<p>%s</p>\n", paragraph);
  }
  g_string_append(page, "</article>\n<script>\n");
  while (page->len < WORLD_PAGE_BYTES)
    g_string_append(page, "function f(x) { return x && x.length > 0 ? x[0] : null; }\n");
  g_string_append(page, "</script></body></html>\n");
  return g_string_free(page, false);
}

static void
put_pages(Making *making)
{
  for (int i = 1; i <= WORLD_STORIES; i++) {
    g_autofree char *host = g_strdup_printf("p%d.localhost", i);
    g_autofree char *first = make_page(making);
    g_autofree char *second = make_page(making);
    put(making, host, "robots.txt", "User-agent: *\nDisallow: /private/\n");
    put(making, host, "a.html", first);
    put(making, host, "b.html", second);
  }
}

/* @page: (nullable): where on each host its entries link to */
static void
put_feed(Making *making, const char *name, int entries, const char *page)
{
  g_autoptr(GString) feed = g_string_new("<?xml version=\"1.0\"?>\n<rss version=\"2.0\"><channel><title>Bench</title>\n");
  for (int i = 1; i <= entries; i++) {
    g_autofree char *title = make_title(making);
    g_autofree char *text = make_text(making, STORY_SENTENCES);
    g_autofree char *link =
        page != NULL ? g_strdup_printf("<link>http://p%d.localhost:%%PORT%%/%s</link>", i, page) : g_strdup("");
    g_string_append_printf(feed,
                           "<item><title>%s</title><guid isPermaLink=\"false\">%s-%d</guid>%s<description>%s</description>"
                           "<pubDate>Mon, 02 Mar 2026 07:00:00 GMT</pubDate></item>\n",
                           title, name, i, link, text);
  }
  g_string_append(feed, "</channel></rss>\n");
  put(making, "feeds.localhost", name, feed->str);
}

bool
world_write(const char *folder, GError **error)
{
  g_autoptr(GRand) random = g_rand_new_with_seed(SEED);
  Making making = {.folder = folder, .random = random};
  put_json(&making, "..", "world.json", make_settings());
  put_mastodon(&making, "m1.localhost");
  put_mastodon(&making, "m2.localhost");
  for (int i = 1; i <= WORLD_SUBREDDITS; i++)
    put_subreddit(&making, i);
  put_hackernews(&making);
  put_json(&making, "api.github.localhost", "search/repositories.json", json_pack("{s[]}", "items"));
  put_pages(&making);
  put_feed(&making, "a.xml", WORLD_STORIES, "a.html");
  put_feed(&making, "b.xml", WORLD_STORIES, "b.html");
  put_feed(&making, "calls.xml", WORLD_CALLS, NULL);
  if (making.error != NULL)
    g_propagate_error(error, making.error);
  return making.error == NULL;
}

char **
world_hosts(void)
{
  static const char NAMES[] =
      "m1.localhost m2.localhost www.reddit.localhost oauth.reddit.localhost hn.localhost api.github.localhost";
  return g_strsplit(NAMES, " ", -1);
}

static const char COMMUNITIES[] =
    "  - mastodon: {instances: [\"%BASE%m1.localhost:%PORT%\", \"%BASE%m2.localhost:%PORT%\"], limit: 20}\n"
    "  - hackernews: {list: top, limit: 30, base_url: \"%BASE%hn.localhost:%PORT%/v0\"}\n"
    "  - reddit: {subreddits: [r1, r2, r3, r4, r5, r6, r7, r8], limit: 20, base_url: \"%BASE%www.reddit.localhost:%PORT%\","
    " api_url: \"%BASE%oauth.reddit.localhost:%PORT%\"}\n"
    "  - github: {query: \"stars:>50\", limit: 20, base_url: \"%BASE%api.github.localhost:%PORT%\"}\n";

static const char MODEL[] = "llm: {openai: {base_url: \"%%BASE%%llm.localhost:%%PORT%%/v1\", model: gpt-5-nano, in_flight: 128,"
                            " requests_per_minute: 3000, tokens_per_minute: %d}}\n"
                            "budget: {per_run: 1000, per_day: 1000, per_month: 1000}\n";

bool
world_configure(const WorldReader *reader, GError **error)
{
  static const char *const FEEDS[] = {[WORLD_FIRST_FEED] = "a", [WORLD_SECOND_FEED] = "b", [WORLD_CALLS_FEED] = "calls"};
  g_autoptr(GString) text = g_string_new("title: Bench\nfilters: {max_age_days: 0}\nsources:\n");
  if (reader->sources == WORLD_COMMUNITIES)
    g_string_append(text, COMMUNITIES);
  else
    g_string_append_printf(text, "  - feed: {url: \"%%BASE%%feeds.localhost:%%PORT%%/%s.xml\", limit: 1000}\n",
                           FEEDS[reader->sources]);
  g_string_append_printf(text,
                         "network: {in_flight_per_host: %d, ca_file: \"%s\", allow_private: [\"*.localhost:%%PORT%%\"]}\n",
                         reader->per_host, reader->ca_file != NULL ? reader->ca_file : "");
  g_string_append_printf(text, "enrich: {%sthreshold: 0}\n",
                         reader->tokens_a_minute > 0 ? "providers: [openai, extractive], " : "");
  if (reader->tokens_a_minute > 0)
    g_string_append_printf(text, MODEL, reader->tokens_a_minute);
  g_autofree char *port = g_strdup_printf("%u", reader->port);
  g_autofree char *base = g_strconcat(reader->scheme, "://", NULL);
  g_string_replace(text, "%PORT%", port, 0);
  g_string_replace(text, "%BASE%", base, 0);
  g_autofree char *name = g_build_filename(reader->folder, "courant.yaml", NULL);
  return file_make_folder(reader->folder, error) && g_file_set_contents(name, text->str, -1, error);
}
