/*
 * Recorded replies that give items, and what a source makes of them when one of them is another.
 */
#pragma once

#include "mutation-document.h"
#include "source-checks.h"

/* Recording: a request's address, what it was answered, and that as a tree. */
typedef struct {
  char *url;
  Reply *reply;
  Document document;
} Recording;

/*
 * MutationCase:
 * @recordings: (element-type Recording), in the order asked
 * @ids: the items that come of them
 * @owned: by unit, as write_unit() names it: the ids that may go where it is changed
 */
typedef struct {
  char *name;
  const Source *source;
  void *options;
  GPtrArray *parts;
  json_t *more;
  GPtrArray *recordings;
  GHashTable *ids;
  GHashTable *owned;
} MutationCase;

/* Change: what the request for @url is answered instead; @body NULL is a server that fails. @is_alone: all others fail. */
typedef struct {
  const char *url;
  const char *body;
  size_t length;
  bool is_alone;
} Change;

enum { WHOLE_REPLY = -1 };

static inline void
recording_free(Recording *recording)
{
  g_free(recording->url);
  reply_free(recording->reply);
  document_clear(&recording->document);
  g_free(recording);
}

static inline void
mutation_case_free(MutationCase *one)
{
  g_free(one->name);
  g_ptr_array_unref(one->recordings);
  if (one->parts != NULL)
    g_ptr_array_unref(one->parts);
  options_free(&one->source->section, one->options);
  json_decref(one->more);
  g_clear_pointer(&one->ids, g_hash_table_unref);
  g_hash_table_unref(one->owned);
  g_free(one);
}

static inline Reply *
make_failing_reply(const char *url)
{
  Reply *reply = reply_new();
  reply->url = g_strdup(url);
  error_set(&reply->error, ERROR_RETRY, "GET %s: HTTP 503 after 4 tries", url);
  return reply;
}

/* Returns: (nullable): what @url was answered */
static inline const Recording *
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
static inline Reply *
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
static inline void
record(MutationCase *one, const char *url, const Reply *reply)
{
  if (reply->body == NULL)
    return;
  Recording *recording = g_new0(Recording, 1);
  recording->url = g_strdup(url);
  recording->reply = reply_copy(reply);
  if (recording->reply->url == NULL)
    recording->reply->url = g_strdup(url);
  g_ptr_array_add(one->recordings, recording);
}

/* Steps the source to its end; @recorded: (nullable) (element-type Reply): answers in the order asked, which become recordings.
 */
static inline void
step_to_end(MutationCase *one, const Change *change, const GPtrArray *recorded, StepOutcome *ret_outcome)
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
        record(one, url, recorded->pdata[replies->len]);
      g_ptr_array_add(replies, answer(one, url, change));
    }
    step_outcome_clear(ret_outcome, (GDestroyNotify) item_batch_free);
  }
}

/* Returns: (transfer full) (element-type utf8): the ids of the items of @outcome */
static inline GHashTable *
collect_ids(const StepOutcome *outcome)
{
  GHashTable *ids = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
  const ItemBatch *batch = outcome->result;
  for (unsigned i = 0; batch != NULL && i < batch->items->len; i++)
    g_hash_table_add(ids, g_strdup(((const Item *) batch->items->pdata[i])->id));
  return ids;
}

/* Returns: (transfer full) (element-type utf8): the ids that come of @one under @change */
static inline GHashTable *
try_change(MutationCase *one, const Change *change)
{
  StepOutcome outcome = {0};
  step_to_end(one, change, NULL, &outcome);
  GHashTable *ids = collect_ids(&outcome);
  step_outcome_clear(&outcome, (GDestroyNotify) item_batch_free);
  return ids;
}

/* Whether the items of @ids have @id, or one that two posts of one name got to tell them apart: @id, "#" and a hash. */
static inline bool
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
static inline void
add_owned(GHashTable *owned, GHashTable *ids, GHashTable *kept)
{
  GHashTableIter iterator;
  gpointer id;
  g_hash_table_iter_init(&iterator, ids);
  while (g_hash_table_iter_next(&iterator, &id, NULL))
    if (kept == NULL || !has_id(kept, id))
      g_hash_table_add(owned, g_strdup(id));
}

/* Returns: (transfer none): the ids that may go where the entry @index of the recording @number, or all of it, is changed:
 * those that are not there without it, and those that it gives alone. */
static inline GHashTable *
find_owned(MutationCase *one, unsigned number, int index)
{
  g_autofree char *unit = g_strdup_printf("%u/%d", number, index);
  GHashTable *owned = g_hash_table_lookup(one->owned, unit);
  if (owned != NULL)
    return owned;
  const Recording *recording = one->recordings->pdata[number];
  const Reply *reply = recording->reply;
  bool is_whole = index == WHOLE_REPLY;
  g_autofree char *without = is_whole ? NULL : document_write_part(&recording->document, (unsigned) index, false);
  g_autofree char *alone = is_whole ? NULL : document_write_part(&recording->document, (unsigned) index, true);
  Change change = {.url = recording->url, .body = without, .length = is_whole ? 0 : strlen(without)};
  g_autoptr(GHashTable) others = try_change(one, &change);
  change = (Change){.url = recording->url,
                    .body = is_whole ? reply->body : alone,
                    .length = is_whole ? reply->body_length : strlen(alone),
                    .is_alone = is_whole};
  g_autoptr(GHashTable) own = try_change(one, &change);
  owned = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
  add_owned(owned, one->ids, others);
  add_owned(owned, own, NULL);
  g_hash_table_insert(one->owned, g_steal_pointer(&unit), owned);
  return owned;
}

/* Returns: (nullable): one of @ids that is not among @kept, nor among those that may go: @excused and @also_excused (nullable)
 */
static inline const char *
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
static inline void
read_documents(MutationCase *one)
{
  for (unsigned i = 0; i < one->recordings->len; i++) {
    Recording *recording = one->recordings->pdata[i];
    const Reply *reply = recording->reply;
    if (reply->body == NULL || !document_read(reply->body, reply->body_length, &recording->document))
      continue;
    g_autofree char *anew = document_write(&recording->document);
    g_autoptr(GHashTable) ids = try_change(one, &(Change){.url = recording->url, .body = anew, .length = strlen(anew)});
    if (g_hash_table_size(ids) != g_hash_table_size(one->ids) || find_lost(one->ids, ids, NULL, NULL) != NULL)
      document_clear(&recording->document);
  }
}

/*
 * @options_text: (nullable): as of make_options(); @more: (transfer full): as of input.json; @recorded: (element-type Reply):
 * in the order asked. Returns: (transfer full) (nullable): NULL when no item comes of it, with secrets or without
 */
static inline MutationCase *
mutation_case_new(const Source *source, const char *name, const char *options_text, json_t *more, const GPtrArray *recorded)
{
  MutationCase *one = g_new0(MutationCase, 1);
  one->name = g_strdup(name);
  one->source = source;
  one->more = more;
  one->recordings = g_ptr_array_new_with_free_func((GDestroyNotify) recording_free);
  one->owned = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, (GDestroyNotify) g_hash_table_unref);
  for (int has_secrets = 0; has_secrets <= 1; has_secrets++) {
    one->options = make_options(source, options_text, has_secrets);
    one->parts = source->parts(one->options);
    StepOutcome outcome = {0};
    step_to_end(one, NULL, recorded, &outcome);
    one->ids = collect_ids(&outcome);
    step_outcome_clear(&outcome, (GDestroyNotify) item_batch_free);
    if (g_hash_table_size(one->ids) > 0) {
      read_documents(one);
      return one;
    }
    g_clear_pointer(&one->ids, g_hash_table_unref);
    g_clear_pointer(&one->parts, g_ptr_array_unref);
    g_ptr_array_set_size(one->recordings, 0);
    options_free(&source->section, g_steal_pointer(&one->options));
  }
  mutation_case_free(one);
  return NULL;
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC(MutationCase, mutation_case_free)
