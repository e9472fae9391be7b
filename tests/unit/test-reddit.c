#include "base/json.h"
#include "base/yaml.h"
#include "sources/source.h"

#include <string.h>

static const char *const ANONYMOUS[] = {NULL};
static const char *const CLIENT[] = {"REDDIT_CLIENT_ID=some id", "REDDIT_CLIENT_SECRET=some secret", NULL};
static const char *const TOKEN[] = {"REDDIT_FEED_USER=some&body", "REDDIT_FEED_TOKEN=a/b+c", NULL};

/* Returns: (transfer full): to be freed by free_options() */
static void *
read_options(const char *text, const char *const *environment, GPtrArray *problems)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(YamlNode) node = yaml_parse(text, strlen(text), "options", &error);
  g_assert_no_error(error);
  const OptionReading reading = {.file = "options", .path = "reddit", .environment = environment, .problems = problems};
  return options_read(&reddit_source.section, node, &reading);
}

static void *
read_sound_options(const char *text, const char *const *environment)
{
  g_autoptr(GPtrArray) problems = g_ptr_array_new_with_free_func(g_free);
  void *options = read_options(text, environment, problems);
  g_assert_cmpstr(problems->len > 0 ? problems->pdata[0] : NULL, ==, NULL);
  return options;
}

static void
free_options(void *options)
{
  options_free(&reddit_source.section, options);
}

static void
test_names_of_subreddits(void)
{
  static const struct {
    const char *name;
    bool is_sound;
  } CASES[] = {
      {"go", true},
      {"u_ada", true},
      {"abcdefghijklmnopqrst1", true},
      {"abcdefghijklmnopqrst12", false},
      {"a", false},
      {"r/go", false},
      {"a b", false},
      {"go+c", false},
      {"gö", false},
      {"go?a=b", false},
      {"", false},
  };
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    g_autofree char *text = g_strdup_printf("subreddits: ['%s']", CASES[i].name);
    g_autoptr(GPtrArray) problems = g_ptr_array_new_with_free_func(g_free);
    free_options(read_options(text, ANONYMOUS, problems));
    g_assert_cmpuint(problems->len, ==, CASES[i].is_sound ? 0 : 1);
    g_assert_true(CASES[i].is_sound || strstr(problems->pdata[0], "is no subreddit such as") != NULL);
  }
}

/* What is asked for each part, and as whom. */
static void
test_parts(void)
{
  static const struct {
    const char *options;
    const char *const *environment;
    const char *expected;
  } CASES[] = {
      {"subreddits: [Linux, go, linux]", ANONYMOUS, "reddit:go+linux - https://www.reddit.com/r/go+linux/.rss?limit=40\n"},
      {"{subreddits: [go, cpp, Linux], list: rising, limit: 100, base_url: 'http://reddit.localhost:80/'}", ANONYMOUS,
       "reddit:cpp+go+linux - http://reddit.localhost:80/r/cpp+go+linux/rising/.rss?limit=100\n"},
      {"{subreddits: [Linux, go, LINUX], list: new}", CLIENT,
       "reddit:go reddit https://oauth.reddit.com/r/go/new?limit=20&raw_json=1\n"
       "reddit:linux reddit https://oauth.reddit.com/r/Linux/new?limit=20&raw_json=1\n"},
      {"{subreddits: go, limit: 7}", TOKEN, "reddit:go reddit https://www.reddit.com/r/go/hot/.rss?limit=7&user=some%26body\n"},
  };
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    void *options = read_sound_options(CASES[i].options, CASES[i].environment);
    g_autoptr(GPtrArray) parts = reddit_source.parts(options);
    g_autoptr(GPtrArray) none = g_ptr_array_new();
    g_autoptr(GString) asked = g_string_new(NULL);
    for (unsigned j = 0; j < parts->len; j++) {
      const SourcePart *part = parts->pdata[j];
      const SourceInput input = {.key = part->key, .subject = part->subject, .options = options};
      StepOutcome outcome = {0};
      reddit_source.step(&input, NULL, none, &outcome);
      g_assert_cmpuint(outcome.requests->len, ==, 1);
      const Request *request = outcome.requests->pdata[0];
      g_assert_cmpstr(request->url, ==, part->origin);
      g_string_append_printf(asked, "%s %s %s\n", part->key, request->auth != NULL ? request->auth : "-", request->url);
      step_outcome_clear(&outcome, NULL);
    }
    g_assert_cmpstr(asked->str, ==, CASES[i].expected);
    free_options(options);
  }
}

static const char *
get_shown(const char *text)
{
  return text != NULL ? text : "-";
}

/* How the hosts want to be asked. */
static void
test_services(void)
{
  static const char *const NAMED[] = {"REDDIT_USER_AGENT=mine", "REDDIT_CLIENT_ID=id", NULL};
  static const struct {
    const char *options;
    const char *const *environment;
    const char *expected;
  } CASES[] = {
      {"subreddits: go", ANONYMOUS, "https://www.reddit.com/ 1/60000 linux:courant:" COURANT_VERSION " - 0 - - -\n"},
      {"{subreddits: go, requests_per_minute: 5}", NAMED, "https://www.reddit.com/ 5/60000 mine - 0 - - -\n"},
      {"subreddits: go", TOKEN,
       "https://www.reddit.com/ 60/60000 linux:courant:" COURANT_VERSION " (by /u/some&body) reddit 2 feed=a%2Fb%2Bc - -\n"},
      {"{subreddits: go, base_url: 'http://a.localhost:80/', api_url: 'http://b.localhost:80'}", CLIENT,
       "http://b.localhost:80/ 60/60000 linux:courant:" COURANT_VERSION
       " reddit 3 some secret some id http://a.localhost:80/api/v1/access_token\n"
       "http://a.localhost:80/ 0/0 linux:courant:" COURANT_VERSION " - 0 - - -\n"},
  };
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    void *options = read_sound_options(CASES[i].options, CASES[i].environment);
    g_autoptr(GPtrArray) services = reddit_source.services(options);
    g_autoptr(GString) told = g_string_new(NULL);
    for (unsigned j = 0; j < services->len; j++) {
      const Service *service = services->pdata[j];
      g_string_append_printf(told, "%s %d/%d %s %s %d %s %s %s\n", service->prefix, (int) service->requests,
                             (int) service->window_ms, service->user_agent, get_shown(service->auth), (int) service->credential,
                             get_shown(service->secret), get_shown(service->client_id), get_shown(service->token_url));
    }
    g_assert_cmpstr(told->str, ==, CASES[i].expected);
    free_options(options);
  }
}

/* Steps the source over @body, asked for with a client. */
static void
try_body(const char *body, bool keeps_adult, StepOutcome *ret_outcome)
{
  g_autofree char *text = g_strdup_printf("{subreddits: askreddit, limit: 100, nsfw: %s}", keeps_adult ? "yes" : "no");
  void *options = read_sound_options(text, CLIENT);
  const SourceInput input = {.key = "reddit:askreddit", .subject = "askreddit", .options = options};
  g_autoptr(GPtrArray) replies = g_ptr_array_new_with_free_func((GDestroyNotify) reply_free);
  Reply *reply = reply_new();
  reply->status = 200;
  reply->body = g_strdup(body);
  reply->body_length = strlen(body);
  g_ptr_array_add(replies, reply);
  reddit_source.step(&input, NULL, replies, ret_outcome);
  free_options(options);
}

/* Returns: (transfer full): a real reply, of a page of comments the listing that it begins with */
static char *
read_payload(const char *shared, const char *file)
{
  g_autofree char *path = g_build_filename(shared, "payloads", file, NULL);
  g_autofree char *text = NULL;
  g_assert_true(g_file_get_contents(path, &text, NULL, NULL));
  g_autoptr(json_t) value = json_parse(text, strlen(text), NULL, NULL);
  return json_is_array(value) ? json_write(json_array_get(value, 0)) : g_steal_pointer(&text);
}

/* What real replies hold, as read by eye: how many posts are kept, how many of moderators and how many not safe for work are
 * not; and one of those that are kept. */
typedef struct {
  const char *file;
  unsigned kept;
  unsigned announced;
  unsigned adult;
  unsigned number;
  const char *id;
  const char *title;
  const char *canonical_url;
  const char *author;
  int64_t score;
  int64_t replies;
  int64_t published_ms;
} Payload;

static const Payload PAYLOADS[] = {
    {"reddit/TestListingGenerator_test_no_items_0.json", 0, 0, 0, 0, NULL, NULL, NULL, NULL, 0, 0, 0},
    {"reddit/TestSubredditListings_test_hot_0.json", 97, 2, 3, 0, "48dath", "Reddit, what went 0-100 real fucking quick?",
     "https://www.reddit.com/r/AskReddit/comments/48dath/reddit_what_went_0100_real_fucking_quick/", "Need_better-username",
     2250, 2598, 1456789245000},
    {"reddit/TestSubredditListings_test_top_0.json", 92, 2, 6, 0, "2np694",
     "What tasty food would be distusting if eaten over rice?",
     "https://www.reddit.com/r/AskReddit/comments/2np694/what_tasty_food_would_be_distusting_if_eaten_over/",
     "DO_U_EVN_SPAGHETTI", 38445, 7804, 1417208878000},
    {"reddit/TestSubmission_test_duplicates_0.json", 1, 0, 0, 0, "avj2v", "xkcd: Spirit", "http://www.xkcd.com/695", "bobcat",
     2412, 643, 1264743157000},
    {"reddit/TestSubmission_test_crosspost_0.json", 1, 0, 0, 0, "6vx01b", "Test Title",
     "https://www.reddit.com/r/reddit_api_test/comments/6vx01b/test_title/", "kwwxis2", 1, 0, 1503646514000},
    {"reddit/TestSubmission_test_crosspost_1.json", 1, 0, 0, 0, "6vx8n0", "Test Title",
     "https://www.reddit.com/r/reddit_api_test/comments/6vx01b/test_title/", "<USERNAME>", 1, 0, 1503650742000},
    {"reddit/TestSubmission_test_crosspost__nsfw_0.json", 1, 0, 0, 0, "6vx01b", "Test Title",
     "https://www.reddit.com/r/reddit_api_test/comments/6vx01b/test_title/", "kwwxis2", 1, 1, 1503646514000},
    {"rss/reddit.rss", 24, 0, 0, 13, "3sjmd1", "Constantine is a Terrible Hellblazer Adaption, But a Damned Good Modern Noir",
     "http://www.tor.com/2015/11/12/constantine-is-a-terrible-hellblazer-adaption-but-a-damned-good-modern-noir/", "", -1, -1,
     1447343472000},
    {"rss/reddit-atom.rss", 24, 0, 0, 0, "42babr", "The Difficulties in Space", "https://gfycat.com/UnfinishedForkedBluet", "",
     -1, -1, 1453563637000},
};

static unsigned
count_drops(const ItemBatch *batch, DropReason reason)
{
  unsigned count = 0;
  for (unsigned i = 0; i < batch->drops->len; i++)
    count += ((const Drop *) batch->drops->pdata[i])->reason == reason;
  return count;
}

static void
check_item(const Payload *payload, const Item *item)
{
  g_autofree char *id = g_strconcat("reddit:t3_", payload->id, NULL);
  g_assert_cmpstr(item->id, ==, id);
  g_assert_cmpstr(item->title, ==, payload->title);
  g_assert_cmpstr(item->canonical_url, ==, payload->canonical_url);
  g_assert_cmpstr(item->author, ==, payload->author);
  g_assert_cmpint(item->score, ==, payload->score);
  g_assert_cmpint(item->replies, ==, payload->replies);
  g_assert_cmpint(item->published_ms, ==, payload->published_ms);
}

static void
check_payload(const Payload *payload, const ItemBatch *batch)
{
  g_test_message("%s", payload->file);
  g_assert_cmpuint(batch->failures->len, ==, 0);
  g_assert_cmpuint(batch->items->len, ==, payload->kept);
  g_assert_cmpuint(count_drops(batch, DROP_NO_STORY), ==, payload->announced);
  g_assert_cmpuint(count_drops(batch, DROP_ADULT), ==, payload->adult);
  g_assert_cmpuint(batch->drops->len, ==, payload->announced + payload->adult);
  for (unsigned i = 0; i < batch->items->len; i++)
    g_assert_null(strstr(((const Item *) batch->items->pdata[i])->text, "submitted by"));
  if (payload->kept > 0)
    check_item(payload, batch->items->pdata[payload->number]);
}

static void
test_real_replies(void)
{
  const char *shared = g_getenv("COURANT_SHARED");
  if (shared == NULL) {
    g_test_skip("COURANT_SHARED is not set");
    return;
  }
  for (size_t i = 0; i < G_N_ELEMENTS(PAYLOADS); i++) {
    g_autofree char *body = read_payload(shared, PAYLOADS[i].file);
    StepOutcome outcome = {0};
    try_body(body, false, &outcome);
    g_assert_no_error(outcome.error);
    check_payload(&PAYLOADS[i], outcome.result);
    step_outcome_clear(&outcome, (GDestroyNotify) item_batch_free);

    outcome = (StepOutcome){0};
    try_body(body, true, &outcome);
    const ItemBatch *all = outcome.result;
    g_assert_cmpuint(all->items->len, ==, PAYLOADS[i].kept + PAYLOADS[i].adult);
    step_outcome_clear(&outcome, (GDestroyNotify) item_batch_free);
  }
}

/* A title of a megabyte and a text of a thousand links are cut; their neighbour is kept. */
static void
test_huge_posts(void)
{
  g_autofree char *title = g_strnfill(1024 * 1024, 't');
  g_autoptr(GString) text = g_string_new(NULL);
  for (int i = 0; i < 1000; i++)
    g_string_append_printf(text, "<p>%0100d <a href='https://a.example/%d'>a</a></p>", i, i);
  g_autoptr(json_t) listing =
      json_pack("{s:s, s:{s:[{s:s, s:{s:s, s:s, s:s, s:s}}, {s:s, s:{s:s, s:s}}]}}", "kind", "Listing", "data", "children",
                "kind", "t3", "data", "name", "t3_a1", "title", title, "author", title, "selftext_html", text->str, "kind",
                "t3", "data", "name", "t3_a2", "title", "short");
  g_autofree char *body = json_write(listing);
  StepOutcome outcome = {0};
  try_body(body, false, &outcome);
  g_assert_no_error(outcome.error);
  const ItemBatch *batch = outcome.result;
  g_assert_cmpuint(batch->items->len, ==, 2);
  const Item *item = batch->items->pdata[0];
  g_assert_cmpint(g_utf8_strlen(item->title, -1), <=, ITEM_MAX_TITLE_CHARS);
  g_assert_cmpint(g_utf8_strlen(item->author, -1), <=, ITEM_MAX_TITLE_CHARS);
  g_assert_cmpuint(strlen(item->text), <=, ITEM_MAX_TEXT_BYTES);
  g_assert_cmpuint(item->links->len, ==, ITEM_MAX_LINKS);
  step_outcome_clear(&outcome, (GDestroyNotify) item_batch_free);
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/reddit/names-of-subreddits", test_names_of_subreddits);
  g_test_add_func("/reddit/parts", test_parts);
  g_test_add_func("/reddit/services", test_services);
  g_test_add_func("/reddit/real-replies", test_real_replies);
  g_test_add_func("/reddit/huge-posts", test_huge_posts);
  return g_test_run();
}
