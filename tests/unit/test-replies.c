/* Whole replies, real ones and ones beyond all measure, and how much each source makes of them. */
#include "source-checks.h"
#include "source-files.h"

#include "base/error.h"
#include "base/json.h"

#include <string.h>

/* Tally: what came of some replies; an error counts as a failure. */
typedef struct {
  unsigned items;
  unsigned dropped;
  unsigned failures;
  char *first_title;
  char *first_reason;
} Tally;

static void
tally_clear(Tally *tally)
{
  g_free(tally->first_title);
  g_free(tally->first_reason);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Tally, tally_clear)

static void
keep_first(char **text, const char *found)
{
  if (*text == NULL)
    *text = g_strdup(found);
}

static void
count_outcome(const StepOutcome *outcome, Tally *tally)
{
  const ItemBatch *batch = outcome->result;
  if (outcome->error != NULL) {
    tally->failures++;
    keep_first(&tally->first_reason, outcome->error->message);
  }
  if (batch == NULL)
    return;
  tally->items += batch->items->len;
  tally->dropped += batch->drops->len;
  tally->failures += batch->failures->len;
  if (batch->items->len > 0)
    keep_first(&tally->first_title, ((const Item *) batch->items->pdata[0])->title);
  if (batch->failures->len > 0)
    keep_first(&tally->first_reason, ((const Failure *) batch->failures->pdata[0])->message);
}

/* Steps the source called @name over @bodies and adds what comes of them to @tally. */
static void
try_bodies(const char *name, const char *const *bodies, Tally *tally)
{
  const Source *source = source_find(name);
  const char *options_text = g_str_equal(name, "feed") ? "url: https://payload.example/" : "list: top";
  void *options = make_options(source, options_text, false);
  g_autoptr(GPtrArray) parts = source->parts(options);
  const SourcePart *part = parts->pdata[0];
  SourceInput input = {.key = part->key, .subject = part->subject, .options = options};
  g_autoptr(GPtrArray) replies = g_ptr_array_new_with_free_func((GDestroyNotify) reply_free);
  for (; *bodies != NULL; bodies++) {
    Reply *reply = reply_new();
    reply->status = 200;
    reply->url = g_strdup("https://payload.example/");
    reply->body = g_strdup(*bodies);
    reply->body_length = strlen(reply->body);
    g_ptr_array_add(replies, reply);
  }
  StepOutcome outcome = {0};
  source->step(&input, NULL, replies, &outcome);
  count_outcome(&outcome, tally);
  step_outcome_clear(&outcome, (GDestroyNotify) item_batch_free);
  options_free(&source->section, options);
}

/* What real replies hold. uolNoticias dates its entries in Portuguese. */
static const struct {
  const char *file;
  unsigned items;
  unsigned dropped;
  unsigned failures;
  const char *first_title;
} PAYLOADS[] = {
    {"content-encoded.rss", 7, 0, 0, "THE CREATIVE FORAGER"},
    {"craigslist.rss", 25, 0, 0, "Bright, Spacious Beautiful Victorian (oakland north / temescal) $4300 3bd 1930ft2"},
    {"gofeed_json11_full.json", 1, 0, 0, "title"},
    {"gofeed_version_json_10.json", 1, 0, 0, "title"},
    {"gulp-atom.atom", 10, 0, 0, "v3.9.0"},
    {"heise.atom", 15, 0, 0, "Java-Anwendungsserver: Red Hat gibt WildFly 10 frei"},
    {"incomplete-fields.atom", 0, 0, 1, NULL},
    {"missing-fields.atom", 0, 0, 1, NULL},
    {"reddit-atom.rss", 24, 0, 0, "The Difficulties in Space"},
    {"reddit.rss", 24, 0, 0, "The water is too deep, so he improvises"},
    {"uolNoticias.rss", 15, 0, 1, "Ibope: Bolsonaro perde de Haddad, Ciro e Alckmin em simulações de 2º turno"},
    {"algolia_search_by_url.json", 0, 0, 1, NULL},
    {"live2016_items.jsonl", 3, 2, 0, "Google’s autonomous vehicle shelved, plans to partner with existing car makers"},
    {"live2026_items.jsonl", 1, 4, 0, "Show HN: Channel Surfer – Watch YouTube like it’s cable TV"},
    {"readme_0_story.json", 1, 0, 0, "My YC app: Dropbox - Throw away your USB drive"},
    {"readme_10_other.json", 0, 0, 1, NULL},
    {"readme_1_comment.json", 0, 1, 0, NULL},
    {"readme_2_story.json", 1, 0, 0, "Ask HN: The Arc Effect"},
    {"readme_3_job.json", 0, 1, 0, NULL},
    {"readme_4_poll.json", 1, 0, 0, "Poll: What would happen if News.YC had explicit support for polls?"},
    {"readme_5_pollopt.json", 0, 1, 0, NULL},
    {"readme_6_user.json", 0, 0, 1, NULL},
    {"readme_7_other.json", 0, 0, 1, NULL},
    {"readme_8_other.json", 0, 0, 1, NULL},
    {"readme_9_other.json", 0, 0, 1, NULL},
};

static void
check_payload(const char *file, const Tally *tally)
{
  g_test_message("%s: %s", file, tally->failures > 0 ? tally->first_reason : tally->first_title);
  for (size_t i = 0; i < G_N_ELEMENTS(PAYLOADS); i++) {
    if (!g_str_equal(file, PAYLOADS[i].file))
      continue;
    g_assert_cmpuint(tally->items, ==, PAYLOADS[i].items);
    g_assert_cmpint(tally->dropped, ==, PAYLOADS[i].dropped);
    g_assert_cmpuint(tally->failures, ==, PAYLOADS[i].failures);
    g_assert_cmpstr(tally->first_title, ==, PAYLOADS[i].first_title);
    g_assert_true(tally->failures == 0 || *tally->first_reason != '\0');
    return;
  }
  g_test_message("%s is not in the table", file);
  g_test_fail();
}

static void
try_feed(const char *text, Tally *tally)
{
  try_bodies("feed", (const char *const[]){text, NULL}, tally);
}

/* Each line, or the whole, is an item; none is a listing. */
static void
try_hackernews(const char *text, Tally *tally)
{
  bool is_lines = strstr(text, "}\n{") != NULL;
  g_auto(GStrv) posts = g_strsplit(text, is_lines ? "\n" : "\f", -1);
  for (size_t i = 0; posts[i] != NULL; i++) {
    if (*posts[i] == '\0')
      continue;
    g_autoptr(json_t) value = json_parse(posts[i], strlen(posts[i]), NULL, NULL);
    int64_t id = value != NULL ? json_read_int(value, "id", 1) : 1;
    g_autofree char *listing = g_strdup_printf("[%" G_GINT64_FORMAT "]", MAX(id, 1));
    try_bodies("hackernews", (const char *const[]){listing, posts[i], NULL}, tally);
    g_auto(Tally) refused = {0};
    try_bodies("hackernews", (const char *const[]){posts[i], NULL}, &refused);
    g_assert_cmpuint(refused.failures, ==, 1);
  }
}

static void
try_folder(const char *name, void (*try)(const char *text, Tally *tally))
{
  const char *shared = g_getenv("COURANT_SHARED");
  if (shared == NULL) {
    g_test_skip("COURANT_SHARED is not set");
    return;
  }
  g_autofree char *folder = g_build_filename(shared, "payloads", name, NULL);
  g_autoptr(GDir) files = g_dir_open(folder, 0, NULL);
  g_assert_nonnull(files);
  int count = 0;
  for (const char *file; (file = g_dir_read_name(files)) != NULL; count++) {
    g_autofree char *text = read_file(folder, file, NULL);
    g_auto(Tally) tally = {0};
    try(text, &tally);
    check_payload(file, &tally);
  }
  g_assert_cmpint(count, >, 5);
}

static void
test_real_feeds(void)
{
  try_folder("rss", try_feed);
}

static void
test_real_hackernews(void)
{
  try_folder("hackernews", try_hackernews);
}

/* A title of a megabyte, in each kind of reply: cut, and its neighbours are kept. */
static void
test_huge_titles(void)
{
  static const struct {
    const char *source;
    const char *listing;
    const char *start;
    const char *end;
  } CASES[] = {
      {"feed", NULL, "<rss><channel><item><title>", "</title></item><item><title>b</title></item></channel></rss>"},
      {"feed", NULL, "<feed><entry><title>", "</title></entry><entry><title>b</title></entry></feed>"},
      {"feed", NULL, "{\"items\": [{\"id\": \"1\", \"title\": \"", "\"}, {\"id\": \"2\", \"title\": \"b\"}]}"},
      {"hackernews", "[1]", "{\"type\": \"story\", \"title\": \"", "\"}"},
  };
  g_autofree char *title = g_strnfill(1024 * 1024, 't');
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    g_autofree char *body = g_strconcat(CASES[i].start, title, CASES[i].end, NULL);
    const char *const bodies[] = {CASES[i].listing != NULL ? CASES[i].listing : body, body, NULL};
    g_auto(Tally) tally = {0};
    try_bodies(CASES[i].source, bodies + (CASES[i].listing == NULL), &tally);
    g_assert_cmpuint(tally.items, ==, CASES[i].listing == NULL ? 2 : 1);
    g_assert_cmpuint(tally.failures, ==, 0);
    g_assert_true(g_str_has_prefix(tally.first_title, "ttt") && g_str_has_suffix(tally.first_title, "…"));
    g_assert_cmpint(g_utf8_strlen(tally.first_title, -1), <=, ITEM_MAX_TITLE_CHARS);
  }
}

/* Millions of values in a reply that is not too long: refused before a tree of a gigabyte is built of them. */
static void
test_millions_of_values(void)
{
  static const struct {
    const char *source;
    const char *start;
    const char *part;
    const char *reason;
  } CASES[] = {
      {"hackernews", "[1", ",{}", "holds more than 200000 values"},
      {"feed", "{\"items\":[{}", ",{}", "holds more than 200000 values"},
      {"feed", "{\"items\":[", "[", "holds more than 200000 values"},
      {"feed", "<rss><channel>", "<a/>", "holds more than 200000 elements, attributes"},
      {"feed", "<rss><channel>", "<a b='' c=''/>", "holds more than 200000 elements, attributes"},
      {"feed", "<rss><channel>", "<a>", "holds more than 200000 elements, attributes"},
      {"feed", "<rss><channel><item><title>", "< ", "signs to escape"},
      {"feed", "<rss><channel><item><title>", "&", "signs to escape"},
  };
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    g_autoptr(GString) body = g_string_new(CASES[i].start);
    while (body->len < 5 * 1000 * 1000)
      g_string_append(body, CASES[i].part);
    g_auto(Tally) tally = {0};
    try_bodies(CASES[i].source, (const char *const[]){body->str, NULL}, &tally);
    g_assert_cmpuint(tally.failures, ==, 1);
    g_assert_nonnull(strstr(tally.first_reason, CASES[i].reason));
  }
}

/* Separators in strings are no values: a feed of long texts is read. */
static void
test_many_commas_in_texts(void)
{
  g_autofree char *commas = g_strnfill(1000 * 1000, ',');
  g_autofree char *json =
      g_strconcat("{\"items\": [{\"title\": \"a\\\"b\", \"content_text\": \"\\\\\\\"[{", commas, "\"}]}", NULL);
  g_autofree char *signs = g_strnfill(1000 * 1000, '<');
  g_autofree char *xml = g_strconcat("<rss><channel><item><title>a\"b</title><description><![CDATA[", signs,
                                     "]]></description></item></channel></rss>", NULL);
  const char *const bodies[] = {json, xml};
  for (size_t i = 0; i < G_N_ELEMENTS(bodies); i++) {
    g_auto(Tally) tally = {0};
    try_feed(bodies[i], &tally);
    g_assert_cmpstr(tally.first_reason, ==, NULL);
    g_assert_cmpstr(tally.first_title, ==, "a\"b");
  }
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/replies/huge-titles", test_huge_titles);
  g_test_add_func("/replies/millions-of-values", test_millions_of_values);
  g_test_add_func("/replies/many-commas-in-texts", test_many_commas_in_texts);
  g_test_add_func("/replies/real-feeds", test_real_feeds);
  g_test_add_func("/replies/real-hackernews", test_real_hackernews);
  return g_test_run();
}
