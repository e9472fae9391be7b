#include "base/error.h"
#include "base/json.h"
#include "base/yaml.h"
#include "sources/source.h"

#include <string.h>

/*
 * Recorded replies and what must come of them, found by walking tests/data/<source>/<case>/:
 *   options        the source's options as in courant.yaml
 *   reply-1, ...   the bodies answered, in the order asked; a missing one is a connection refused
 *   replies.json   (optional) {"1": {"status", "url", "is_moved", "headers", "error"}}: what else is known of them
 *   input.json     (optional) {"part", "moved_to", "memory", "now_ms"}: which part of the options, from 0; what it is handed
 *   expected.json  what was asked, and the batch or the error; COURANT_UPDATE=1 writes it anew
 */

static char *
read_file(const char *folder, const char *name, size_t *ret_length)
{
  g_autofree char *path = g_build_filename(folder, name, NULL);
  char *text = NULL;
  gsize length = 0;
  if (!g_file_get_contents(path, &text, &length, NULL))
    return NULL;
  if (ret_length != NULL)
    *ret_length = length;
  return text;
}

/* Returns: the object in the file, an empty one when there is none */
static json_t *
read_object(const char *folder, const char *name)
{
  size_t length = 0;
  g_autofree char *text = read_file(folder, name, &length);
  g_autoptr(GError) error = NULL;
  json_t *object = text != NULL ? json_parse(text, length, NULL, &error) : json_object();
  g_assert_no_error(error);
  return object;
}

static Reply *
read_reply(const char *folder, const json_t *details, unsigned number, const Request *request)
{
  g_autofree char *name = g_strdup_printf("reply-%u", number);
  g_autofree char *key = g_strdup_printf("%u", number);
  const json_t *detail = json_object_get(details, key);
  Reply *reply = reply_new();
  reply->body = read_file(folder, name, &reply->body_length);
  reply->status = (long) json_read_int(detail, "status", 200);
  const char *url = json_read_text(detail, "url");
  reply->url = g_strdup(url != NULL ? url : request->url);
  reply->is_moved = json_is_true(json_object_get(detail, "is_moved"));
  reply->headers = g_strdup(json_read_text(detail, "headers"));
  if (reply->body == NULL && reply->status == 200)
    error_set(&reply->error, ERROR_RETRY, "GET %s: HTTP 503 after 4 tries", request->url);
  return reply;
}

static json_t *
text_or_null(const char *text)
{
  return text != NULL ? json_string(text) : json_null();
}

static json_t *
describe_item(const Item *item)
{
  json_t *links = json_array();
  for (unsigned i = 0; i < item->links->len; i++)
    json_array_append_new(links, json_string(item->links->pdata[i]));
  g_assert_true(g_utf8_validate(item->title, -1, NULL) && g_utf8_validate(item->text, -1, NULL));
  return json_pack("{s:s, s:s, s:s, s:o, s:s, s:s, s:s, s:o, s:I, s:o, s:o, s:I, s:I, s:I, s:I}", "id", item->id, "source",
                   item->source, "url", item->url, "canonical_url", text_or_null(item->canonical_url), "title", item->title,
                   "text", item->text, "author", item->author, "language", text_or_null(item->language), "published_ms",
                   (json_int_t) item->published_ms, "links", links, "extra", text_or_null(item->extra), "likes",
                   (json_int_t) item->likes, "shares", (json_int_t) item->shares, "replies", (json_int_t) item->replies,
                   "score", (json_int_t) item->score);
}

static json_t *
describe_error(int code, const char *message)
{
  return json_pack("{s:s, s:s}", "code", error_code_name(code), "message", message);
}

static void
describe_batch(const ItemBatch *batch, json_t *ret_result)
{
  json_t *items = json_array();
  for (unsigned i = 0; i < batch->items->len; i++)
    json_array_append_new(items, describe_item(batch->items->pdata[i]));
  json_t *failures = json_array();
  for (unsigned i = 0; i < batch->failures->len; i++) {
    const Failure *failure = batch->failures->pdata[i];
    json_t *described = describe_error(failure->code, failure->message);
    json_object_set_new(described, "input", text_or_null(failure->input));
    json_array_append_new(failures, described);
  }
  json_object_set_new(ret_result, "items", items);
  json_object_set_new(ret_result, "failures", failures);
  json_t *drops = json_array();
  for (unsigned i = 0; i < batch->drops->len; i++) {
    const Drop *drop = batch->drops->pdata[i];
    json_array_append_new(drops, json_pack("{s:s, s:s, s:s, s:o}", "id", drop->id, "url", drop->url, "reason",
                                           drop_reason_name(drop->reason), "detail", text_or_null(drop->detail)));
  }
  json_object_set_new(ret_result, "drops", drops);
  json_object_set_new(ret_result, "memory", text_or_null(batch->memory));
  json_object_set_new(ret_result, "moved_to", text_or_null(batch->moved_to));
  json_object_set_new(ret_result, "is_gone", json_boolean(batch->is_gone));
}

/* Steps @source over the replies in @folder. Returns: (transfer full): all that came of it */
static json_t *
run_case(const Source *source, const SourceInput *input, const char *folder)
{
  g_autoptr(json_t) details = read_object(folder, "replies.json");
  g_autoptr(GPtrArray) replies = g_ptr_array_new_with_free_func((GDestroyNotify) reply_free);
  json_t *result = json_object();
  json_t *requests = json_array();
  json_object_set_new(result, "requests", requests);
  for (int round = 0; round <= STEP_MAX_ROUNDS; round++) {
    StepOutcome outcome = {0};
    source->step(input, NULL, replies, &outcome);
    g_assert_cmpint((outcome.requests != NULL) + (outcome.result != NULL) + (outcome.error != NULL), ==, 1);
    for (unsigned i = 0; outcome.requests != NULL && i < outcome.requests->len; i++) {
      const Request *request = outcome.requests->pdata[i];
      g_autofree char *line = g_strdup_printf("%s %s%s%s", request_kind_name(request->kind), request->url,
                                              request->auth != NULL ? " as " : "", request->auth != NULL ? request->auth : "");
      json_array_append_new(requests, json_string(line));
      g_ptr_array_add(replies, read_reply(folder, details, replies->len + 1, request));
    }
    bool is_done = outcome.requests == NULL;
    if (outcome.result != NULL)
      describe_batch(outcome.result, result);
    if (outcome.error != NULL)
      json_object_set_new(result, "error", describe_error(outcome.error->code, outcome.error->message));
    step_outcome_clear(&outcome, (GDestroyNotify) item_batch_free);
    if (is_done)
      return result;
  }
  g_error("%s: asked more often than allowed", folder);
}

/* Reads the options of @source. Returns: (transfer full): to be freed by options_free() */
static void *
read_options(const Source *source, const char *text)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(YamlNode) node = yaml_parse(text, strlen(text), "options", &error);
  g_assert_no_error(error);
  g_autoptr(GPtrArray) problems = g_ptr_array_new_with_free_func(g_free);
  const OptionReading reading = {.file = "options", .path = source->section.name, .problems = problems};
  void *options = options_read(&source->section, node, &reading);
  if (problems->len > 0)
    g_error("%s", (char *) problems->pdata[0]);
  return options;
}

static void
print_difference(const char *expected, const char *result)
{
  g_auto(GStrv) old_lines = g_strsplit(expected, "\n", -1);
  g_auto(GStrv) new_lines = g_strsplit(result, "\n", -1);
  int shown = 0;
  for (size_t i = 0; shown < 10 && (old_lines[i] != NULL || new_lines[i] != NULL); i++) {
    if (g_strcmp0(old_lines[i], new_lines[i]) != 0) {
      g_printerr("# %zu: - %s\n# %zu: + %s\n", i + 1, old_lines[i], i + 1, new_lines[i]);
      shown++;
    }
    if (old_lines[i] == NULL || new_lines[i] == NULL)
      break;
  }
}

static void
test_case(const void *data)
{
  const char *folder = data;
  g_autofree char *parent = g_path_get_dirname(folder);
  g_autofree char *name = g_path_get_basename(parent);
  const Source *source = source_find(name);
  g_assert_nonnull(source);
  g_autofree char *options_text = read_file(folder, "options", NULL);
  g_assert_nonnull(options_text);
  void *options = read_options(source, options_text);
  g_autoptr(GPtrArray) parts = source->parts(options);
  g_autoptr(json_t) more = read_object(folder, "input.json");
  const SourcePart *part = parts->pdata[json_read_int(more, "part", 0)];
  SourceInput input = {.key = part->key,
                       .subject = part->subject,
                       .options = options,
                       .moved_to = json_read_text(more, "moved_to"),
                       .memory = json_read_text(more, "memory"),
                       .now_ms = json_read_int(more, "now_ms", 0)};
  g_autoptr(json_t) outcome = run_case(source, &input, folder);
  options_free(&source->section, options);

  char *dumped = json_dumps(outcome, JSON_INDENT(2) | JSON_SORT_KEYS);
  g_autofree char *result = g_strconcat(dumped, "\n", NULL);
  free(dumped);
  g_autofree char *path = g_build_filename(folder, "expected.json", NULL);
  if (g_getenv("COURANT_UPDATE") != NULL)
    g_assert_true(g_file_set_contents(path, result, -1, NULL));
  g_autofree char *expected = read_file(folder, "expected.json", NULL);
  if (g_strcmp0(expected, result) == 0)
    return;
  print_difference(expected != NULL ? expected : "", result);
  g_test_message("%s: not as in expected.json", folder);
  g_test_fail();
}

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
  void *options = read_options(source, options_text);
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
      {"feed", "<rss><channel>", "<a/>", "holds more than 200000 elements and attributes"},
      {"feed", "<rss><channel>", "<a b='' c=''/>", "holds more than 200000 elements and attributes"},
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

static void
add_cases(const char *root, const char *source)
{
  g_autofree char *folder = g_build_filename(root, source, NULL);
  g_autoptr(GDir) cases = g_dir_open(folder, 0, NULL);
  if (cases == NULL)
    g_error("%s: the source has no cases", folder);
  int count = 0;
  for (const char *name; (name = g_dir_read_name(cases)) != NULL; count++) {
    g_autofree char *path = g_strdup_printf("/sources/%s/%s", source, name);
    g_test_add_data_func_full(path, g_build_filename(folder, name, NULL), test_case, g_free);
  }
  g_assert_cmpint(count, >, 0);
}

static void
test_registry(void)
{
  g_assert_null(source_find("nonsense"));
  for (const Source *const *source = sources_all(); *source != NULL; source++) {
    const char *name = (*source)->section.name;
    g_autofree char *key = g_strconcat(name, ":more", NULL);
    g_assert_true(source_find(name) == *source && source_of_key(name) == *source && source_of_key(key) == *source);
  }
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  const char *root = g_getenv("COURANT_TEST_DATA");
  g_assert_nonnull(root);
  g_test_add_func("/sources/registry", test_registry);
  for (const Source *const *source = sources_all(); *source != NULL; source++)
    add_cases(root, (*source)->section.name);
  g_test_add_func("/sources/huge-titles", test_huge_titles);
  g_test_add_func("/sources/millions-of-values", test_millions_of_values);
  g_test_add_func("/sources/many-commas-in-texts", test_many_commas_in_texts);
  g_test_add_func("/sources/real-feeds", test_real_feeds);
  g_test_add_func("/sources/real-hackernews", test_real_hackernews);
  return g_test_run();
}
