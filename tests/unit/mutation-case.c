#include "mutation-case.h"

#include "base/error.h"
#include "source-checks.h"

#include <string.h>

static void
recording_free(Recording *recording)
{
  g_free(recording->url);
  reply_free(recording->reply);
  document_clear(&recording->document);
  g_free(recording);
}

static void
unit_free(Unit *unit)
{
  g_hash_table_unref(unit->owned);
  g_free(unit);
}

void
mutation_case_free(MutationCase *one)
{
  g_free(one->name);
  g_ptr_array_unref(one->recordings);
  if (one->parts != NULL)
    g_ptr_array_unref(one->parts);
  options_free(&one->source->section, one->options);
  json_decref(one->more);
  yield_clear(&one->yield);
  g_hash_table_unref(one->units);
  g_free(one);
}

static Reply *
make_failing_reply(const char *url)
{
  Reply *reply = reply_new();
  reply->url = g_strdup(url);
  error_set(&reply->error, ERROR_RETRY, "GET %s: HTTP 503 after 4 tries", url);
  return reply;
}

/* Returns: (nullable): what @url was answered */
static const Recording *
find_recording(const MutationCase *one, const char *url)
{
  for (unsigned i = 0; i < one->recordings->len; i++) {
    const Recording *recording = one->recordings->pdata[i];
    if (g_str_equal(recording->url, url))
      return recording;
  }
  return NULL;
}

/* Returns: (transfer full): what @url is answered under @change (nullable) */
static Reply *
answer(const MutationCase *one, const char *url, const Change *change)
{
  const Recording *recording = find_recording(one, url);
  bool is_changed = change != NULL && g_str_equal(change->url, url);
  bool is_failing = is_changed ? change->body == NULL : change != NULL && change->is_alone;
  if (recording == NULL || is_failing)
    return make_failing_reply(url);
  Reply *reply = reply_copy(recording->reply);
  if (!is_changed)
    return reply;
  g_free(reply->body);
  reply->body = g_malloc0(change->length + 1);
  memcpy(reply->body, change->body, change->length);
  reply->body_length = change->length;
  return reply;
}

/* Keeps @reply as what @url is answered, unless it is none. */
static void
record(GPtrArray *recordings, const char *url, const Reply *reply)
{
  if (reply->body == NULL)
    return;
  Recording *recording = g_new0(Recording, 1);
  recording->url = g_strdup(url);
  recording->reply = reply_copy(reply);
  if (recording->reply->url == NULL)
    recording->reply->url = g_strdup(url);
  g_ptr_array_add(recordings, recording);
}

/* Steps the source to its end; @recorded: (nullable) (element-type Reply): answers in the order asked, which become recordings.
 */
static void
walk(const MutationCase *one, const Change *change, const GPtrArray *recorded, StepOutcome *ret_outcome)
{
  const SourcePart *part = one->parts->pdata[json_read_int(one->more, "part", 0)];
  const SourceInput input = {.key = part->key,
                             .subject = part->subject,
                             .options = one->options,
                             .moved_to = json_read_text(one->more, "moved_to"),
                             .memory = json_read_text(one->more, "memory"),
                             .now_ms = json_read_int(one->more, "now_ms", 0)};
  g_autoptr(GPtrArray) replies = g_ptr_array_new_with_free_func((GDestroyNotify) reply_free);
  for (int round = 0; round <= STEP_MAX_ROUNDS; round++) {
    *ret_outcome = (StepOutcome){0};
    one->source->step(&input, NULL, replies, ret_outcome);
    if (ret_outcome->requests == NULL || ret_outcome->result != NULL || ret_outcome->error != NULL)
      return;
    for (unsigned i = 0; i < ret_outcome->requests->len; i++) {
      const char *url = ((const Request *) ret_outcome->requests->pdata[i])->url;
      if (recorded != NULL && replies->len < recorded->len)
        record(one->recordings, url, recorded->pdata[replies->len]);
      g_ptr_array_add(replies, answer(one, url, change));
    }
    step_outcome_clear(ret_outcome, (GDestroyNotify) item_batch_free);
  }
}

void
mutation_case_step(const MutationCase *one, const Change *change, StepOutcome *ret_outcome)
{
  walk(one, change, NULL, ret_outcome);
}

/* Returns: how many failures @batch has or counts: beyond a few, a source only says how many more there were */
static size_t
count_failures(const ItemBatch *batch)
{
  static const char MORE[] = ": further failures: ";
  size_t count = 0;
  for (unsigned i = 0; i < batch->failures->len; i++) {
    const char *more = strstr(((const Failure *) batch->failures->pdata[i])->message, MORE);
    count += more != NULL ? (size_t) g_ascii_strtoull(more + strlen(MORE), NULL, 10) : 1;
  }
  return count;
}

Yield
yield_of(const StepOutcome *outcome)
{
  Yield yield = {.ids = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL)};
  const ItemBatch *batch = outcome->result;
  if (batch == NULL)
    return yield;
  for (unsigned i = 0; i < batch->items->len; i++)
    g_hash_table_add(yield.ids, g_strdup(((const Item *) batch->items->pdata[i])->id));
  yield.told = batch->items->len + batch->drops->len + count_failures(batch);
  return yield;
}

void
yield_clear(Yield *yield)
{
  g_clear_pointer(&yield->ids, g_hash_table_unref);
}

static Yield
try_change(const MutationCase *one, const Change *change)
{
  StepOutcome outcome = {0};
  mutation_case_step(one, change, &outcome);
  Yield yield = yield_of(&outcome);
  step_outcome_clear(&outcome, (GDestroyNotify) item_batch_free);
  return yield;
}

/* Whether the items of @ids have @id, or one that two posts of one name got to tell them apart: @id, "#" and a hash. */
static bool
has_id(GHashTable *ids, const char *id)
{
  if (g_hash_table_contains(ids, id))
    return true;
  g_autofree char *start = g_strconcat(id, "#", NULL);
  GHashTableIter iterator;
  gpointer other;
  g_hash_table_iter_init(&iterator, ids);
  while (g_hash_table_iter_next(&iterator, &other, NULL))
    if (g_str_has_prefix(other, start))
      return true;
  return false;
}

/* Adds those of @ids that are not among @kept (nullable) to @owned. */
static void
add_owned(GHashTable *owned, GHashTable *ids, GHashTable *kept)
{
  GHashTableIter iterator;
  gpointer id;
  g_hash_table_iter_init(&iterator, ids);
  while (g_hash_table_iter_next(&iterator, &id, NULL))
    if (kept == NULL || !has_id(kept, id))
      g_hash_table_add(owned, g_strdup(id));
}

static Unit *
make_unit(const MutationCase *one, unsigned number, int index)
{
  const Recording *recording = one->recordings->pdata[number];
  const Reply *reply = recording->reply;
  bool is_whole = index == WHOLE_REPLY;
  g_autofree char *without = is_whole ? NULL : document_write_part(&recording->document, (unsigned) index, false);
  g_autofree char *alone = is_whole ? NULL : document_write_part(&recording->document, (unsigned) index, true);
  Change change = {.url = recording->url, .body = without, .length = is_whole ? 0 : strlen(without)};
  g_auto(Yield) others = try_change(one, &change);
  change = (Change){.url = recording->url,
                    .body = is_whole ? reply->body : alone,
                    .length = is_whole ? reply->body_length : strlen(alone),
                    .is_alone = true};
  g_auto(Yield) own = try_change(one, &change);
  Unit *unit = g_new(Unit, 1);
  *unit = (Unit){.owned = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL)};
  add_owned(unit->owned, one->yield.ids, others.ids);
  add_owned(unit->owned, own.ids, NULL);
  if (document_has_list(&recording->document) || g_hash_table_size(unit->owned) > 0)
    unit->least_told = MIN(recording->told, others.told + 1);
  return unit;
}

const Unit *
mutation_case_unit(MutationCase *one, unsigned number, int index)
{
  g_autofree char *key = g_strdup_printf("%u/%d", number, index);
  Unit *unit = g_hash_table_lookup(one->units, key);
  if (unit == NULL) {
    unit = make_unit(one, number, index);
    g_hash_table_insert(one->units, g_steal_pointer(&key), unit);
  }
  return unit;
}

const char *
find_lost(GHashTable *ids, GHashTable *kept, GHashTable *excused, GHashTable *also_excused)
{
  GHashTableIter iterator;
  gpointer id;
  g_hash_table_iter_init(&iterator, ids);
  while (g_hash_table_iter_next(&iterator, &id, NULL)) {
    bool may_go = (excused != NULL && g_hash_table_contains(excused, id)) ||
                  (also_excused != NULL && g_hash_table_contains(also_excused, id));
    if (!may_go && !has_id(kept, id))
      return id;
  }
  return NULL;
}

/* The replies that are trees of entries, and mean the same when they are written anew. */
static void
read_documents(MutationCase *one)
{
  for (unsigned i = 0; i < one->recordings->len; i++) {
    Recording *recording = one->recordings->pdata[i];
    const Reply *reply = recording->reply;
    if (reply->body == NULL || !document_read(reply->body, reply->body_length, &recording->document))
      continue;
    g_autofree char *anew = document_write(&recording->document);
    g_auto(Yield) yield = try_change(one, &(Change){.url = recording->url, .body = anew, .length = strlen(anew)});
    bool has_others = g_hash_table_size(yield.ids) != g_hash_table_size(one->yield.ids);
    if (has_others || find_lost(one->yield.ids, yield.ids, NULL, NULL) != NULL)
      document_clear(&recording->document);
    recording->told = yield.told;
  }
}

MutationCase *
mutation_case_new(const Source *source, const char *name, const char *options_text, json_t *more, const GPtrArray *recorded)
{
  MutationCase *one = g_new0(MutationCase, 1);
  one->name = g_strdup(name);
  one->source = source;
  one->more = more;
  one->recordings = g_ptr_array_new_with_free_func((GDestroyNotify) recording_free);
  one->units = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, (GDestroyNotify) unit_free);
  for (int has_secrets = 0; has_secrets <= 1; has_secrets++) {
    one->options = make_options(source, options_text, has_secrets);
    one->parts = source->parts(one->options);
    StepOutcome outcome = {0};
    walk(one, NULL, recorded, &outcome);
    one->yield = yield_of(&outcome);
    step_outcome_clear(&outcome, (GDestroyNotify) item_batch_free);
    if (g_hash_table_size(one->yield.ids) > 0) {
      read_documents(one);
      return one;
    }
    yield_clear(&one->yield);
    g_clear_pointer(&one->parts, g_ptr_array_unref);
    g_ptr_array_set_size(one->recordings, 0);
    options_free(&source->section, g_steal_pointer(&one->options));
  }
  mutation_case_free(one);
  return NULL;
}
