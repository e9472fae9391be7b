/* A job a source; the merge keeps its items, in the order of the configuration. */
#include "pipeline/stage.h"

#include "base/error.h"
#include "base/json.h"
#include "sources/select.h"
#include "sources/source.h"
#include "store/drops.h"
#include "store/items.h"
#include "store/peers.h"

enum { DEADLINE_MS = 120 * 1000 };

/* A planned source: its input, and what the store knew of it. */
typedef struct {
  const Source *source;
  SourceInput input;
  char *subject;
  SourceState *state;
} Plan;

/* @seen: ids of items, borrowed: one that two sources bring is the first one's.
 * @taken_back: (element-type Drop): by id, borrowed: what one source says its author or a moderator took back counts for all */
typedef struct {
  Selection *selection;
  GHashTable *seen;
  GHashTable *taken_back;
  int64_t collected;
  int64_t fresh;
  int64_t changed;
  int64_t dropped;
  int64_t malformed;
  int64_t failed_sources;
} Tally;

static void
free_plan(void *data)
{
  Plan *plan = data;
  source_state_free(plan->state);
  g_free(plan->subject);
  g_free(plan);
}

static void
free_batch(void *batch)
{
  item_batch_free(batch);
}

static bool
plan_part(const Context *context, const ConfiguredSource *configured, const SourcePart *part, GPtrArray *jobs, GError **error)
{
  const char *key = part->key;
  g_autoptr(SourceState) state = peers_source(context->store, key, error);
  if (state == NULL)
    return false;
  if (source_state_is_resting(state, context->run->now_ms)) {
    log_line(context->log, LOG_WARNING,
             "source %s: said that it is gone for good (HTTP 410); asked again tomorrow unless removed", key);
    return true;
  }
  Plan *plan = g_new0(Plan, 1);
  plan->source = source_find(configured->section->name);
  plan->state = g_steal_pointer(&state);
  plan->subject = g_strdup(part->subject);
  plan->input = (SourceInput){.key = plan->state->key,
                              .subject = plan->subject,
                              .options = configured->values,
                              .moved_to = plan->state->moved_to,
                              .memory = plan->state->memory,
                              .now_ms = context->run->now_ms};
  g_ptr_array_add(jobs, job_new("collect", key, plan, free_plan, free_batch));
  return true;
}

static bool
plan_source(const Context *context, const ConfiguredSource *configured, GPtrArray *jobs, GError **error)
{
  g_autoptr(GPtrArray) parts = source_find(configured->section->name)->parts(configured->values);
  for (guint i = 0; i < parts->len; i++)
    if (!plan_part(context, configured, g_ptr_array_index(parts, i), jobs, error))
      return false;
  return true;
}

static void
step_source(const void *input, const void *snapshot, const GPtrArray *replies, StepOutcome *ret_outcome)
{
  const Plan *plan = input;
  plan->source->step(&plan->input, snapshot, replies, ret_outcome);
  if (ret_outcome->error != NULL)
    g_prefix_error(&ret_outcome->error, "source %s: ", plan->input.key);
}

static bool
merge_failed_source(const Context *context, const Job *job, Tally *tally, GError **error)
{
  SourceState *state = ((Plan *) job->input)->state;
  state->failures++;
  g_free(state->last_error);
  state->last_error = g_strdup(job->error->message);
  tally->failed_sources++;
  return stage_fail_job(context, job, error) && peers_save_source(context->store, state, error);
}

static bool
merge_item(const Context *context, const char *key, const Item *item, Tally *tally, GError **error)
{
  if (!g_hash_table_add(tally->seen, (void *) item->id))
    return true;
  const Drop *taken_back = g_hash_table_lookup(tally->taken_back, item->id);
  if (taken_back != NULL) {
    const Drop bare = {.id = item->id, .url = item->url, .reason = taken_back->reason};
    tally->dropped++;
    return drops_save(context->store, context->run->id, key, &bare, error);
  }
  g_autoptr(Drop) drop = selection_judge(tally->selection, item);
  if (drop != NULL) {
    tally->dropped++;
    return drops_save(context->store, context->run->id, key, drop, error);
  }
  ItemChange change = ITEM_SAME;
  if (!items_merge(context->store, context->run->id, item, &change, error) ||
      !drops_clear(context->store, key, item->id, error))
    return false;
  tally->fresh += change == ITEM_NEW;
  tally->changed += change == ITEM_CHANGED;
  return true;
}

static bool
merge_batch(const Context *context, const Job *job, Tally *tally, GError **error)
{
  const ItemBatch *batch = job->result;
  const char *key = ((Plan *) job->input)->input.key;
  tally->collected += batch->items->len;
  tally->dropped += batch->drops->len;
  tally->malformed += batch->failures->len;
  for (guint i = 0; i < batch->failures->len; i++)
    if (!runs_add_failure(context->store, context->run->id, job->name, g_ptr_array_index(batch->failures, i), error))
      return false;
  for (guint i = 0; i < batch->drops->len; i++)
    if (!drops_save(context->store, context->run->id, key, g_ptr_array_index(batch->drops, i), error))
      return false;
  for (guint i = 0; i < batch->items->len; i++)
    if (!merge_item(context, key, g_ptr_array_index(batch->items, i), tally, error))
      return false;
  return true;
}

static bool
merge_good_source(const Context *context, const Job *job, Tally *tally, GError **error)
{
  const ItemBatch *batch = job->result;
  SourceState *state = ((Plan *) job->input)->state;
  state->failures = 0;
  g_clear_pointer(&state->last_error, g_free);
  state->last_ok_ms = context->run->now_ms;
  state->is_disabled = batch->is_gone;
  if (batch->is_gone)
    g_clear_pointer(&state->moved_to, g_free);
  if (batch->moved_to != NULL) {
    g_free(state->moved_to);
    state->moved_to = g_strdup(batch->moved_to);
    log_line(context->log, LOG_WARNING, "source %s: moved for good to %s; change the configuration", state->key,
             state->moved_to);
  }
  if (batch->memory != NULL) {
    g_free(state->memory);
    state->memory = g_strdup(batch->memory);
  }
  return merge_batch(context, job, tally, error) && peers_save_source(context->store, state, error);
}

static bool
merge_source(const Context *context, const Job *job, void *tally, GError **error)
{
  if (job->error != NULL)
    return merge_failed_source(context, job, tally, error);
  return merge_good_source(context, job, tally, error);
}

static GHashTable *
find_taken_back(const GPtrArray *jobs)
{
  GHashTable *taken_back = g_hash_table_new(g_str_hash, g_str_equal);
  for (guint i = 0; i < jobs->len; i++) {
    const ItemBatch *batch = ((const Job *) g_ptr_array_index(jobs, i))->result;
    for (guint j = 0; batch != NULL && j < batch->drops->len; j++) {
      Drop *drop = g_ptr_array_index(batch->drops, j);
      if (*drop->id != '\0' && (drop->reason == DROP_OPTED_OUT || drop->reason == DROP_REMOVED))
        g_hash_table_insert(taken_back, drop->id, drop);
    }
  }
  return taken_back;
}

/* What was collected before is forgotten, too. */
static bool
withdraw_items(const Context *context, GHashTable *taken_back, GError **error)
{
  GHashTableIter all;
  void *id;
  g_hash_table_iter_init(&all, taken_back);
  while (g_hash_table_iter_next(&all, &id, NULL))
    if (!items_withdraw(context->store, context->run->id, id, error))
      return false;
  return true;
}

static bool
merge(const Context *context, const GPtrArray *jobs, const StageTally *work, GError **error)
{
  int64_t now_ms = context->run->now_ms;
  g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);
  g_autoptr(GHashTable) taken_back = find_taken_back(jobs);
  g_autoptr(Selection) selection = selection_new(context->config->filters, now_ms, error);
  Tally tally = {.seen = seen, .taken_back = taken_back, .selection = selection};
  if (selection == NULL || !stage_merge_jobs(context, jobs, merge_source, &tally, error))
    return false;
  if (!withdraw_items(context, taken_back, error)) {
    store_rollback(context->store);
    return false;
  }
  json_t *counts = json_pack("{sI sI sI sI sI sI}", "collected", (json_int_t) tally.collected, "new", (json_int_t) tally.fresh,
                             "changed", (json_int_t) tally.changed, "dropped", (json_int_t) tally.dropped, "malformed",
                             (json_int_t) tally.malformed, "failed_sources", (json_int_t) tally.failed_sources);
  return stage_end(context, "collect", work, counts, error);
}

bool
collect_run(const Context *context, GError **error)
{
  g_autoptr(GPtrArray) jobs = g_ptr_array_new_with_free_func((GDestroyNotify) job_free);
  const GPtrArray *sources = context->config->sources;
  for (guint i = 0; i < sources->len; i++)
    if (!plan_source(context, g_ptr_array_index(sources, i), jobs, error))
      return false;
  StageTally work = {0};
  return stage_work(context, &(StageSpec){.name = "collect", .step = step_source, .deadline_ms = DEADLINE_MS}, jobs, &work,
                    error) &&
         merge(context, jobs, &work, error);
}
