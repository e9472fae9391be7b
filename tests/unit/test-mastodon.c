#include "base/error.h"
#include "base/json.h"
#include "base/yaml.h"
#include "sources/source.h"

#include <string.h>
#include <sys/resource.h>

static void *
read_options(const char *text)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(YamlNode) node = yaml_parse(text, strlen(text), "options", &error);
  g_assert_no_error(error);
  g_autoptr(GPtrArray) problems = g_ptr_array_new_with_free_func(g_free);
  const OptionReading reading = {.file = "options", .path = "mastodon", .problems = problems};
  void *options = options_read(&mastodon_source.section, node, &reading);
  g_assert_cmpuint(problems->len, ==, 0);
  return options;
}

static void
test_bad_instances(void)
{
  static const char *const BAD[] = {"a b", "ftp://a.example", "https://a.example/explore", "a.example?b", "https://"};
  for (size_t i = 0; i < G_N_ELEMENTS(BAD); i++) {
    g_autofree char *text = g_strdup_printf("instances: [b.example, \"%s\"]", BAD[i]);
    g_autoptr(YamlNode) node = yaml_parse(text, strlen(text), "options", NULL);
    g_autoptr(GPtrArray) problems = g_ptr_array_new_with_free_func(g_free);
    const OptionReading reading = {.file = "options", .path = "mastodon", .problems = problems};
    options_free(&mastodon_source.section, options_read(&mastodon_source.section, node, &reading));
    g_assert_cmpuint(problems->len, ==, 1);
    g_assert_nonnull(strstr(problems->pdata[0], "is no instance"));
  }
}

static void
test_parts(void)
{
  void *options = read_options("instances: [A.example, http://b.localhost:8080/, https://a.example, c.example:443]");
  g_autoptr(GPtrArray) parts = mastodon_source.parts(options);
  options_free(&mastodon_source.section, options);
  static const char *const EXPECTED[][3] = {
      {"mastodon:a.example", "https://a.example", "https://a.example/api/v1/trends/statuses"},
      {"mastodon:b.localhost:8080", "http://b.localhost:8080", "http://b.localhost:8080/api/v1/trends/statuses"},
      {"mastodon:c.example", "https://c.example", "https://c.example/api/v1/trends/statuses"},
  };
  g_assert_cmpuint(parts->len, ==, G_N_ELEMENTS(EXPECTED));
  for (unsigned i = 0; i < parts->len; i++) {
    const SourcePart *part = parts->pdata[i];
    g_assert_cmpstr(part->key, ==, EXPECTED[i][0]);
    g_assert_cmpstr(part->subject, ==, EXPECTED[i][1]);
    g_assert_cmpstr(part->origin, ==, EXPECTED[i][2]);
  }
}

/* Whatever the other instances are called, the token is the first's alone. */
static void
test_token_goes_to_the_first(void)
{
  const char *const environment[] = {"MASTODON_INSTANCES=a.example,b.example", "MASTODON_ACCESS_TOKEN=invented", NULL};
  g_autoptr(GPtrArray) problems = g_ptr_array_new_with_free_func(g_free);
  const OptionReading reading = {.file = "options", .path = "mastodon", .environment = environment, .problems = problems};
  void *options = options_read(&mastodon_source.section, NULL, &reading);
  g_assert_cmpuint(problems->len, ==, 0);
  g_autoptr(GPtrArray) services = mastodon_source.services(options);
  g_autoptr(GPtrArray) parts = mastodon_source.parts(options);
  static const char *const PREFIXES[] = {"https://a.example/", "https://b.example/"};
  g_assert_cmpuint(services->len, ==, G_N_ELEMENTS(PREFIXES));
  for (unsigned i = 0; i < services->len; i++) {
    const Service *service = services->pdata[i];
    const SourcePart *part = parts->pdata[i];
    const SourceInput input = {.key = part->key, .subject = part->subject, .options = options};
    g_assert_cmpstr(service->prefix, ==, PREFIXES[i]);
    g_assert_cmpint(service->requests, ==, 300);
    g_assert_cmpint(service->window_ms, ==, 300 * 1000);
    g_assert_cmpstr(service->auth, ==, i == 0 ? "mastodon" : NULL);
    g_assert_cmpstr(service->secret, ==, i == 0 ? "invented" : NULL);
    g_autoptr(GPtrArray) none = g_ptr_array_new();
    StepOutcome outcome = {0};
    mastodon_source.step(&input, NULL, none, &outcome);
    g_assert_cmpuint(outcome.requests->len, ==, 2);
    for (unsigned j = 0; j < outcome.requests->len; j++)
      g_assert_cmpstr(((const Request *) outcome.requests->pdata[j])->auth, ==, i == 0 ? "mastodon" : NULL);
    step_outcome_clear(&outcome, NULL);
  }
  options_free(&mastodon_source.section, options);
}

/* Steps the source at @instance over @body as the first page of what trends; everything else is empty. */
static void
try_body(const char *instance, const char *body, StepOutcome *ret_outcome)
{
  g_autofree char *text = g_strdup_printf("instances: [%s]", instance);
  void *options = read_options(text);
  g_autoptr(GPtrArray) parts = mastodon_source.parts(options);
  const SourcePart *part = parts->pdata[0];
  const SourceInput input = {.key = part->key, .subject = part->subject, .options = options};
  g_autoptr(GPtrArray) replies = g_ptr_array_new_with_free_func((GDestroyNotify) reply_free);
  for (;;) {
    mastodon_source.step(&input, NULL, replies, ret_outcome);
    if (ret_outcome->requests == NULL)
      break;
    for (unsigned i = 0; i < ret_outcome->requests->len; i++) {
      Reply *reply = reply_new();
      reply->status = 200;
      reply->body = g_strdup(replies->len == 0 ? body : "[]");
      reply->body_length = strlen(reply->body);
      g_ptr_array_add(replies, reply);
    }
    step_outcome_clear(ret_outcome, NULL);
    *ret_outcome = (StepOutcome){0};
  }
  options_free(&mastodon_source.section, options);
}

/* An instance calls those at others by their full names and its own by less: what comes of a status is the same all the same.
 */
static void
test_one_status_of_two_instances(void)
{
  static const char *const INSTANCES[] = {"a.example", "b.example"};
  static const char *const NAMES[] = {"ada", "ada@a.example"};
  Item *items[G_N_ELEMENTS(INSTANCES)];
  StepOutcome outcomes[G_N_ELEMENTS(INSTANCES)] = {0};
  for (size_t i = 0; i < G_N_ELEMENTS(INSTANCES); i++) {
    g_autoptr(json_t) account = json_pack("{ss ss}", "id", INSTANCES[i], "acct", NAMES[i]);
    g_autoptr(json_t) quoted = json_pack("{ss ss ss ss sO}", "id", INSTANCES[i], "uri", "https://a.example/u/ada/1", "content",
                                         "Words.", "visibility", "public", "account", account);
    g_autoptr(json_t) page = json_pack("[{ss ss ss ss sO s{ss sO}}]", "id", INSTANCES[i], "uri", "https://a.example/u/ada/2",
                                       "content", "More words.", "visibility", "public", "account", account, "quote", "state",
                                       "accepted", "quoted_status", quoted);
    g_autofree char *body = json_write(page);
    try_body(INSTANCES[i], body, &outcomes[i]);
    const ItemBatch *batch = outcomes[i].result;
    g_assert_cmpuint(batch->items->len, ==, 1);
    items[i] = batch->items->pdata[0];
  }
  g_assert_cmpstr(items[0]->id, ==, "mastodon:https://a.example/u/ada/2");
  g_assert_cmpstr(items[0]->text, ==, "More words.\n\nQuoting @ada@a.example: Words.");
  g_assert_cmpstr(items[0]->author, ==, "ada@a.example");
  g_assert_cmpstr(items[0]->id, ==, items[1]->id);
  g_assert_cmpstr(items[0]->text, ==, items[1]->text);
  g_assert_cmpstr(items[0]->author, ==, items[1]->author);
  g_assert_cmpstr(items[0]->extra, ==, items[1]->extra);
  for (size_t i = 0; i < G_N_ELEMENTS(outcomes); i++)
    step_outcome_clear(&outcomes[i], (GDestroyNotify) item_batch_free);
}

/* Returns: (transfer full): @text as the list that it is, holds, or could be an entry of */
static char *
make_list(const char *text)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(json_t) value = json_parse(text, strlen(text), NULL, &error);
  g_assert_no_error(error);
  json_t *found = json_object_get(value, "statuses");
  if (json_is_array(value) || json_is_array(found))
    return json_write(json_is_array(value) ? value : found);
  g_autoptr(json_t) list = json_pack("[O]", value);
  return json_write(list);
}

/* What real replies hold, as read by eye: the dropped ones are unlisted, but for two replies in a search. */
static const struct {
  const char *file;
  unsigned items;
  unsigned dropped;
  unsigned failures;
  const char *first_title;
} PAYLOADS[] = {
    {"lib_status_filtered.json", 1, 0, 0, "タイムラインを眺めています #e2edaily"},
    {"lib_status_with_poll.json", 1, 0, 0, "What is your favorite language?"},
    {"lib_timelines_local.json", 4, 0, 0, "Testing hashtags #mastodon #dart #flutter"},
    {"lib_timelines_public.json", 40, 0, 0, "どのサーバーが好きですか #e2elife"},
    {"lib_trends_statuses.json", 2, 0, 0, "こちらもどうぞ https://fedibird.test/@fb_ito"},
    {"mpy_polls_0.json", 1, 0, 0, "nice"},
    {"mpy_polls_1.json", 1, 0, 0, "four twenty"},
    {"mpy_public_tl_anon_0.json", 1, 0, 0, "Toot, finally!"},
    {"mpy_public_tl_anon_1.json", 0, 0, 1, NULL},
    {"mpy_public_tl_anon_2.json", 8, 0, 0, "Toot, finally!"},
    {"mpy_quote_0.json", 0, 1, 0, NULL},
    {"mpy_quote_1.json", 0, 1, 0, NULL},
    {"mpy_searchv2_0.json", 0, 0, 1, NULL},
    {"mpy_searchv2_2.json", 0, 2, 0, NULL},
    {"mpy_status_card_0.json", 0, 1, 0, NULL},
    {"mpy_status_card_1.json", 0, 1, 0, NULL},
    {"mpy_status_card_2.json", 0, 1, 0, NULL},
    {"tootsdk_post_edited.json", 1, 0, 0, "listening to #UB40"},
    {"tootsdk_post_no_emojis.json", 0, 1, 0, NULL},
    {"tootsdk_post_source_mastodon.json", 0, 0, 1, NULL},
    {"tootsdk_post_source_pleroma.json", 0, 0, 1, NULL},
    {"tootsdk_post_with_emojis_and_attachments.json", 1, 0, 0, "Coffee, Star Trek"},
    {"tootsdk_post_wordle_linebreaks.json", 0, 1, 0, NULL},
    {"tootsdk_scheduled_post_attachment.json", 0, 0, 1, NULL},
    {"tootsdk_scheduled_post_multiple_attachments.json", 0, 0, 1, NULL},
    {"tootsdk_scheduled_post_reply.json", 0, 0, 1, NULL},
    {"tootsdk_scheduled_post_sensitive.json", 0, 0, 1, NULL},
};

static void
check_payload(const char *file, const StepOutcome *outcome)
{
  const ItemBatch *batch = outcome->result;
  unsigned items = batch != NULL ? batch->items->len : 0;
  unsigned dropped = batch != NULL ? batch->drops->len : 0;
  unsigned failures = batch != NULL ? batch->failures->len : 1;
  const char *title = items > 0 ? ((const Item *) batch->items->pdata[0])->title : NULL;
  g_test_message("%s: %u items, %u dropped, %u failures; %s", file, items, dropped, failures,
                 outcome->error != NULL ? outcome->error->message : title);
  for (size_t i = 0; i < G_N_ELEMENTS(PAYLOADS); i++) {
    if (g_strcmp0(file, PAYLOADS[i].file) != 0)
      continue;
    g_assert_cmpuint(items, ==, PAYLOADS[i].items);
    g_assert_cmpuint(dropped, ==, PAYLOADS[i].dropped);
    g_assert_cmpuint(failures, ==, PAYLOADS[i].failures);
    g_assert_cmpstr(title, ==, PAYLOADS[i].first_title);
    return;
  }
  g_test_message("%s is not in the table", file);
  g_test_fail();
}

static void
test_real_replies(void)
{
  const char *shared = g_getenv("COURANT_SHARED");
  if (shared == NULL) {
    g_test_skip("COURANT_SHARED is not set");
    return;
  }
  g_autofree char *folder = g_build_filename(shared, "payloads", "mastodon", NULL);
  g_autoptr(GDir) files = g_dir_open(folder, 0, NULL);
  g_assert_nonnull(files);
  unsigned count = 0;
  for (const char *file; (file = g_dir_read_name(files)) != NULL; count++) {
    g_autofree char *path = g_build_filename(folder, file, NULL);
    g_autofree char *text = NULL;
    g_assert_true(g_file_get_contents(path, &text, NULL, NULL));
    g_autofree char *list = make_list(text);
    StepOutcome outcome = {0};
    try_body("m.example", list, &outcome);
    check_payload(file, &outcome);
    step_outcome_clear(&outcome, (GDestroyNotify) item_batch_free);
  }
  g_assert_cmpuint(count, ==, G_N_ELEMENTS(PAYLOADS));
}

/* Megabytes of sentences or paragraphs are cut before anything is made of them, also in a quotation: no list of them fills the
 * memory. */
static void
test_huge_texts(void)
{
  static const char *const PARTS[] = {". ", "a\n\n", "RE: http://a\n\n"};
  for (size_t i = 0; i < G_N_ELEMENTS(PARTS); i++) {
    g_autoptr(GString) text = g_string_new(NULL);
    while (text->len < 4 * 1000 * 1000)
      g_string_append(text, PARTS[i]);
    g_autoptr(json_t) quoted = json_pack("{ss ss ss s{ss}}", "uri", "https://a.example/1", "visibility", "public", "content",
                                         text->str, "account", "acct", "ada");
    g_autoptr(json_t) page = json_pack("[{ss ss ss s{ss} sO}]", "uri", "https://a.example/2", "visibility", "public", "content",
                                       text->str, "account", "acct", "ada", "quote", quoted);
    g_autofree char *body = json_write(page);
    StepOutcome outcome = {0};
    try_body("a.example", body, &outcome);
    g_assert_no_error(outcome.error);
    const ItemBatch *batch = outcome.result;
    g_assert_cmpuint(batch->items->len + batch->drops->len, ==, 1);
    step_outcome_clear(&outcome, (GDestroyNotify) item_batch_free);
  }
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
  struct rusage usage;
  g_assert_cmpint(getrusage(RUSAGE_SELF, &usage), ==, 0);
  g_test_message("%ld KB at most", usage.ru_maxrss);
  g_assert_cmpint(usage.ru_maxrss, <, 100 * 1000);
#endif
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/mastodon/bad-instances", test_bad_instances);
  g_test_add_func("/mastodon/parts", test_parts);
  g_test_add_func("/mastodon/token-goes-to-the-first", test_token_goes_to_the_first);
  g_test_add_func("/mastodon/one-status-of-two-instances", test_one_status_of_two_instances);
  g_test_add_func("/mastodon/huge-texts", test_huge_texts);
  g_test_add_func("/mastodon/real-replies", test_real_replies);
  return g_test_run();
}
