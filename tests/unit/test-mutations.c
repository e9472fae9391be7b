/*
 * Every source's recorded replies, each with one thing in it that is missing, null, of another type, huge or hostile: no crash,
 * items that are clean or one clear error, and the other entries' items as before.
 *
 * What must be kept: where a change leaves its reply readable, every item of another entry, and something must come of the
 * changed one: an item, a post left out, a failure or the error. Where it does not, every item of other replies, and if any
 * item of this one goes, a failure or the error says why and where.
 *
 *   COURANT_MUTATIONS=10000  how many a source, spread over its cases
 *   COURANT_SEED=N           the seed, which every run prints
 */
#include "mutation-case.h"
#include "mutations.h"
#include "source-checks.h"
#include "source-files.h"

#include <glib/gstdio.h>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
enum { DEFAULT_MUTATIONS = 200 };
#else
enum { DEFAULT_MUTATIONS = 2000 };
#endif

enum { SHOWN_FAULTS = 3 };

/* Suite: what all tests of this program share. */
typedef struct {
  guint32 seed;
  unsigned mutations;
  GPtrArray *hostile;
  GPtrArray *naughty;
  GPtrArray *cases;
} Suite;

/* Test: some mutations of one case. */
typedef struct {
  const Suite *suite;
  MutationCase *one;
  unsigned count;
} Test;

static GPtrArray *
new_replies(void)
{
  return g_ptr_array_new_with_free_func((GDestroyNotify) reply_free);
}

static Reply *
make_reply(char *body, size_t length)
{
  Reply *reply = reply_new();
  reply->status = 200;
  reply->body = body;
  reply->body_length = length;
  return reply;
}

/* The replies of tests/data/<source>/<case>/, whose form test-sources.c tells. Returns: (transfer full) */
static GPtrArray *
read_recorded(const char *folder)
{
  g_autoptr(json_t) details = read_object(folder, "replies.json");
  GPtrArray *replies = new_replies();
  for (unsigned number = 1; number <= 500; number++) {
    g_autofree char *key = g_strdup_printf("%u", number);
    g_autofree char *name = g_strconcat("reply-", key, NULL);
    const json_t *detail = json_object_get(details, key);
    size_t length = 0;
    char *body = read_file(folder, name, &length);
    Reply *reply = make_reply(body, length);
    reply->status = (long) json_read_int(detail, "status", 200);
    reply->url = g_strdup(json_read_text(detail, "url"));
    reply->is_moved = json_is_true(json_object_get(detail, "is_moved"));
    reply->headers = g_strdup(json_read_text(detail, "headers"));
    g_ptr_array_add(replies, reply);
  }
  return replies;
}

static void
add_case(Suite *suite, MutationCase *one)
{
  if (one != NULL)
    g_ptr_array_add(suite->cases, one);
}

static int
compare_names(const void *left, const void *right)
{
  return strcmp(*(const char *const *) left, *(const char *const *) right);
}

/* Returns: (transfer full) (element-type utf8): the names in @folder, sorted; none when it is not there */
static GPtrArray *
list_folder(const char *folder)
{
  GPtrArray *names = g_ptr_array_new_with_free_func(g_free);
  g_autoptr(GDir) entries = g_dir_open(folder, 0, NULL);
  for (const char *name; entries != NULL && (name = g_dir_read_name(entries)) != NULL;)
    g_ptr_array_add(names, g_strdup(name));
  g_ptr_array_sort(names, compare_names);
  return names;
}

static void
load_cases(Suite *suite, const Source *source, const char *root)
{
  g_autofree char *folder = g_build_filename(root, source->section.name, NULL);
  g_autoptr(GPtrArray) names = list_folder(folder);
  for (unsigned i = 0; i < names->len; i++) {
    const char *name = names->pdata[i];
    g_autofree char *path = g_build_filename(folder, name, NULL);
    g_autofree char *options = read_file(path, "options", NULL);
    g_assert_nonnull(options);
    g_autoptr(GPtrArray) recorded = read_recorded(path);
    add_case(suite, mutation_case_new(source, name, options, read_object(path, "input.json"), recorded));
  }
}

/* A recorded item of Hacker News needs a list that names it. */
static void
add_listed(Suite *suite, const Source *source, const char *name, const char *body)
{
  g_autoptr(json_t) item = json_parse(body, strlen(body), NULL, NULL);
  int64_t id = json_read_int(item, "id", 0);
  if (id <= 0)
    return;
  g_autoptr(GPtrArray) recorded = new_replies();
  char *list = g_strdup_printf("[%" G_GINT64_FORMAT "]", id);
  g_ptr_array_add(recorded, make_reply(list, strlen(list)));
  g_ptr_array_add(recorded, make_reply(g_strdup(body), strlen(body)));
  add_case(suite, mutation_case_new(source, name, NULL, json_object(), recorded));
}

static void
add_payload(Suite *suite, const Source *source, const char *name, const char *body, size_t length)
{
  g_autoptr(GPtrArray) recorded = new_replies();
  g_ptr_array_add(recorded, make_reply(g_memdup2(body, length + 1), length));
  add_case(suite, mutation_case_new(source, name, NULL, json_object(), recorded));
}

/* Adds what @source makes items of: the payload, it as the only entry of a list, the first element of a list, or its lines. */
static void
load_payload(Suite *suite, const Source *source, const char *folder, const char *file)
{
  size_t length = 0;
  g_autofree char *body = read_file(folder, file, &length);
  g_autofree char *name = g_strconcat("real-", file, NULL);
  add_payload(suite, source, name, body, length);
  g_auto(GStrv) lines = g_strsplit(body, "\n", g_str_has_suffix(file, ".jsonl") ? -1 : 1);
  for (unsigned i = 0; lines[i] != NULL; i++) {
    g_autofree char *line_name = g_strdup_printf("%s-line-%u", name, i + 1);
    add_listed(suite, source, line_name, lines[i]);
  }
  g_autoptr(json_t) value = json_parse(body, length, NULL, NULL);
  if (json_is_object(value)) {
    g_autofree char *list = g_strconcat("[", body, "]", NULL);
    g_autofree char *list_name = g_strconcat(name, "-in-a-list", NULL);
    add_payload(suite, source, list_name, list, strlen(list));
  } else if (json_array_size(value) > 0) {
    g_autofree char *first = json_write(json_array_get(value, 0));
    g_autofree char *first_name = g_strconcat(name, "-first", NULL);
    add_payload(suite, source, first_name, first, strlen(first));
  }
}

static void
skip(void)
{
  g_test_skip("COURANT_SHARED is not set");
}

/* The real replies that @source makes items of; skipped visibly where there are none. */
static void
load_payloads(Suite *suite, const Source *source)
{
  const char *name = source->section.name;
  const char *const folders[] = {name, "rss"};
  const char *shared = g_getenv("COURANT_SHARED");
  if (shared == NULL) {
    g_autofree char *path = g_strdup_printf("/mutations/%s/real", name);
    g_test_add_func(path, skip);
    return;
  }
  for (size_t i = 0; i < G_N_ELEMENTS(folders); i++) {
    g_autofree char *folder = g_build_filename(shared, "payloads", folders[i], NULL);
    g_autoptr(GPtrArray) files = list_folder(folder);
    for (unsigned j = 0; j < files->len; j++)
      load_payload(suite, source, folder, files->pdata[j]);
  }
}

/* Returns: (transfer full): the recording @number of @one with one thing changed; @ret_index: the entry or WHOLE_REPLY */
static GString *
mutate(Mutator *mutator, const MutationCase *one, unsigned number, int *ret_index)
{
  const Recording *recording = one->recordings->pdata[number];
  const Document *document = &recording->document;
  g_string_printf(mutator->told, "reply %u", number + 1);
  if (document->entry_count == 0 || happens(mutator, 10)) {
    *ret_index = WHOLE_REPLY;
    if (happens(mutator, 20))
      return g_string_new(pick_other_reply(mutator));
    return mutate_bytes(mutator, recording->reply->body, recording->reply->body_length);
  }
  unsigned index = pick(mutator, document->entry_count);
  *ret_index = (int) index;
  g_string_append_printf(mutator->told, " entry %u", index + 1);
  mutator->damage = DAMAGE_ENTRY;
  return document->root != NULL ? mutate_json(mutator, document, index) : mutate_xml(mutator, document, index);
}

/* Whether a failure of @outcome names @url, or there is nothing but an error. */
static bool
is_told(const StepOutcome *outcome, const char *url)
{
  const ItemBatch *batch = outcome->result;
  for (unsigned i = 0; batch != NULL && i < batch->failures->len; i++)
    if (strstr(((const Failure *) batch->failures->pdata[i])->message, url) != NULL)
      return true;
  return outcome->error != NULL;
}

/* Whether as much is told of as was before the entry @index changed: of all the others, and of it. */
static bool
is_accounted_for(MutationCase *one, unsigned number, int index, Damage damage, const Yield *yield)
{
  /* These take the second sight of a post for the first, in silence. */
  static const char *const MERGING[] = {"github", "hackernews", NULL};
  size_t merged = damage == DAMAGE_COPY && g_strv_contains(MERGING, one->source->section.name) ? 1 : 0;
  return yield->told + merged >= mutation_case_unit(one, number, index)->least_told;
}

/* Returns: (transfer full) (nullable): what is wrong with what came of the change to the entry @index */
static char *
judge(MutationCase *one, unsigned number, int index, const Mutator *mutator, const StepOutcome *outcome)
{
  const char *fault = find_outcome_fault(outcome);
  if (fault != NULL || mutator->damage == DAMAGE_HIDING)
    return g_strdup(fault);
  bool is_readable = mutator->damage <= DAMAGE_NAMES;
  GHashTable *owned = mutation_case_unit(one, number, is_readable ? index : WHOLE_REPLY)->owned;
  GHashTable *peers = mutator->damage == DAMAGE_NAMES ? mutation_case_unit(one, number, mutator->peer)->owned : NULL;
  GHashTable *ids = one->yield.ids;
  g_auto(Yield) yield = yield_of(outcome);
  const char *lost = find_lost(ids, yield.ids, owned, peers);
  if (lost != NULL)
    return g_strdup_printf("%s is lost: %s", lost, outcome->error != NULL ? outcome->error->message : "");
  const Recording *recording = one->recordings->pdata[number];
  if (is_readable) {
    bool is_told_of = outcome->error != NULL || is_accounted_for(one, number, index, mutator->damage, &yield);
    return is_told_of ? NULL
                      : g_strdup_printf("nothing came of the entry: %zu told of, %zu before", yield.told, recording->told);
  }
  if (is_told(outcome, recording->url))
    return NULL;
  if (mutator->damage == DAMAGE_REPLY)
    lost = find_lost(ids, yield.ids, NULL, NULL);
  else if (index != WHOLE_REPLY)
    lost = find_lost(ids, yield.ids, mutation_case_unit(one, number, index)->owned, NULL);
  return lost != NULL ? g_strdup_printf("%s is lost, and nothing says why", lost) : NULL;
}

/* Returns: whether what comes of @one with its recording @number changed to @body is as it must be */
static bool
try_mutation(MutationCase *one, unsigned number, int index, const GString *body, const Mutator *mutator)
{
  const Recording *recording = one->recordings->pdata[number];
  StepOutcome outcome = {0};
  mutation_case_step(one, &(Change){.url = recording->url, .body = body->str, .length = body->len}, &outcome);
  g_autofree char *fault = judge(one, number, index, mutator, &outcome);
  if (fault != NULL)
    g_test_message("%s %s: %s: %s", one->source->section.name, one->name, mutator->told->str, fault);
  step_outcome_clear(&outcome, (GDestroyNotify) item_batch_free);
  return fault == NULL;
}

static void
test_mutations(const void *data)
{
  const Test *test = data;
  MutationCase *one = test->one;
  const guint32 seeds[] = {test->suite->seed, g_str_hash(one->name), g_str_hash(one->source->section.name)};
  g_autoptr(GRand) random = g_rand_new_with_seed_array(seeds, G_N_ELEMENTS(seeds));
  g_autoptr(GString) told = g_string_new(NULL);
  Mutator mutator = {.random = random, .hostile = test->suite->hostile, .told = told};
  int fault_count = 0;
  for (unsigned i = 0; i < test->count && fault_count < SHOWN_FAULTS; i++) {
    int index = WHOLE_REPLY;
    unsigned number = pick(&mutator, one->recordings->len);
    g_autoptr(GString) body = mutate(&mutator, one, number, &index);
    if (try_mutation(one, number, index, body, &mutator))
      continue;
    fault_count++;
    g_test_message("that was mutation %u of %u with COURANT_SEED=%u", i + 1, test->count, test->suite->seed);
    g_test_fail();
  }
}

/* Sets each member of @entry that people write to the placeholder. Returns: whether there is one */
static bool
set_texts(json_t *entry, const char *key)
{
  bool is_set = false;
  const char *name;
  json_t *member;
  json_object_foreach(entry, name, member)
  {
    if (json_is_object(member))
      is_set = set_texts(member, key) || is_set;
    else if (g_str_equal(name, key) && json_is_string(member))
      is_set = json_string_set(member, PLACEHOLDER) == 0;
  }
  return is_set;
}

/* The first entry of the recording @number with every naughty string as its @key. Returns: whether it has one */
static bool
try_naughty(const Test *test, unsigned number, const char *key)
{
  const Recording *recording = test->one->recordings->pdata[number];
  g_auto(Document) copy = document_copy(&recording->document);
  if (!set_texts(find_entry(copy.root, 0), key))
    return false;
  g_autofree char *text = document_write(&copy);
  g_autoptr(GString) told = g_string_new(NULL);
  const Mutator mutator = {.told = told, .damage = DAMAGE_ENTRY};
  for (unsigned i = 0; i < test->suite->naughty->len; i++) {
    g_autofree char *value = quote(test->suite->naughty->pdata[i]);
    g_autoptr(GString) body = fill_in(text, "\"" PLACEHOLDER "\"", value);
    g_string_printf(told, "reply %u: %s %s", number + 1, key, value);
    if (!try_mutation(test->one, number, 0, body, &mutator))
      g_test_fail();
  }
  return true;
}

static void
test_naughty_strings(const void *data)
{
  static const char *const KEYS[] = {"title",        "name",         "full_name",    "text",     "content",
                                     "content_html", "content_text", "summary",      "by",       "author",
                                     "description",  "display_name", "spoiler_text", "selftext", "selftext_html"};
  const Test *test = data;
  unsigned count = 0;
  for (unsigned number = 0; number < test->one->recordings->len; number++)
    for (size_t i = 0; i < G_N_ELEMENTS(KEYS); i++)
      count += try_naughty(test, number, KEYS[i]);
  g_test_message("%u members took %u strings", count, test->suite->naughty->len);
  g_assert_cmpuint(count, >, 0);
}

static void
add_strings(GPtrArray *strings, const char *corpus)
{
  const char *shared = g_getenv("COURANT_SHARED");
  g_autofree char *folder = g_build_filename(shared != NULL ? shared : "", "corpora", NULL);
  size_t length = 0;
  g_autofree char *text = shared != NULL ? read_file(folder, corpus, &length) : NULL;
  if (text == NULL)
    return;
  g_autoptr(json_t) list = json_parse(text, length, NULL, NULL);
  g_auto(GStrv) lines = list == NULL ? g_strsplit(text, "\n", -1) : NULL;
  size_t index;
  const json_t *string;
  json_array_foreach(list, index, string) g_ptr_array_add(strings, g_strdup(json_string_value(string)));
  for (size_t i = 0; lines != NULL && lines[i] != NULL; i++)
    g_ptr_array_add(strings, g_strdup(lines[i]));
}

/* The built-in handful stands in where there is no corpus. */
static GPtrArray *
make_strings(void)
{
  static const char *const OWN[] = {"",
                                    " ",
                                    "\n",
                                    "\t",
                                    "null",
                                    "\u202Eevil",
                                    "\xF3\xA0\x81\xA1",
                                    "\x1B[2J",
                                    "a\xCC\x81\xCC\x81",
                                    "<script>alert(1)</script>",
                                    "<img src=x onerror=alert(1)>",
                                    "\"><svg/onload=alert(1)>",
                                    "&lt;b&gt;",
                                    "&#0;&#xD800;&#x202E;",
                                    "javascript:alert(1)",
                                    "{{ .Site }}",
                                    "]]>",
                                    "<!--",
                                    "../../etc/passwd",
                                    "http://a.example/\\@b.example/",
                                    "\xFF\xFE",
                                    "\xED\xA0\x80",
                                    "%00%ff"};
  GPtrArray *strings = g_ptr_array_new_with_free_func(g_free);
  for (size_t i = 0; i < G_N_ELEMENTS(OWN); i++)
    g_ptr_array_add(strings, g_strdup(OWN[i]));
  g_ptr_array_add(strings, repeat("x", 20 * 1000));
  return strings;
}

static unsigned
read_number(const char *variable, unsigned fallback)
{
  const char *text = g_getenv(variable);
  return text != NULL ? (unsigned) g_ascii_strtoull(text, NULL, 10) : fallback;
}

static void
add_test(const char *kind, const Suite *suite, MutationCase *one, unsigned count, GTestDataFunc function)
{
  g_autofree char *path = g_strdup_printf("/%s/%s/%s", kind, one->source->section.name, one->name);
  Test *test = g_new(Test, 1);
  *test = (Test){.suite = suite, .one = one, .count = count};
  g_test_add_data_func_full(path, test, function, g_free);
}

/* Whether a reply of @one is a JSON text whose first entry is an object. */
static bool
is_of_objects(const MutationCase *one)
{
  for (unsigned i = 0; i < one->recordings->len; i++) {
    json_t *root = ((const Recording *) one->recordings->pdata[i])->document.root;
    if (root != NULL && json_is_object(find_entry(root, 0)))
      return true;
  }
  return false;
}

/* Adds the tests of @source: its mutations spread evenly over its cases, the naughty strings in the first of objects. */
static void
add_tests(Suite *suite, const Source *source)
{
  unsigned first = suite->cases->len;
  load_cases(suite, source, g_getenv("COURANT_TEST_DATA"));
  load_payloads(suite, source);
  unsigned count = suite->cases->len - first;
  if (count == 0)
    g_error("%s: no recorded reply gives an item", source->section.name);
  bool has_objects = false;
  for (unsigned i = first; i < suite->cases->len; i++) {
    MutationCase *one = suite->cases->pdata[i];
    add_test("mutations", suite, one, (suite->mutations + count - 1) / count, test_mutations);
    if (!has_objects && is_of_objects(one))
      add_test("naughty-strings", suite, one, 0, test_naughty_strings);
    has_objects = has_objects || is_of_objects(one);
  }
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  Suite suite = {.seed = read_number("COURANT_SEED", (unsigned) g_test_rand_int()),
                 .mutations = read_number("COURANT_MUTATIONS", DEFAULT_MUTATIONS)};
  g_test_message("COURANT_SEED=%u, COURANT_MUTATIONS=%u", suite.seed, suite.mutations);
  suite.hostile = make_strings();
  add_strings(suite.hostile, "blns.json");
  add_strings(suite.hostile, "xss-payloads.txt");
  suite.naughty = make_strings();
  add_strings(suite.naughty, "blns.json");
  suite.cases = g_ptr_array_new_with_free_func((GDestroyNotify) mutation_case_free);
  for (const Source *const *source = sources_all(); *source != NULL; source++)
    add_tests(&suite, *source);
  int status = g_test_run();
  g_ptr_array_unref(suite.cases);
  g_ptr_array_unref(suite.hostile);
  g_ptr_array_unref(suite.naughty);
  return status;
}
