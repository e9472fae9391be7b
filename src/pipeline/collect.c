/* A job a source; the merge keeps its items, in the order of the configuration. */
#include "pipeline/stage.h"

#include "base/error.h"
#include "base/json.h"
#include "sources/source.h"
#include "store/items.h"
#include "store/peers.h"

enum { MS_A_DAY = 24 * 60 * 60 * 1000, DEADLINE_MS = 120 * 1000 };

/* A planned source: its input, and what the store knew of it. */
typedef struct {
  const Source *source;
  SourceInput input;
  char *key;
  SourceState *state;
} Plan;

/* @seen: ids of items, borrowed: one that two sources bring is the first one's. */
typedef struct {
  GHashTable *seen;
  int64_t collected;
  int64_t fresh;
  int64_t changed;
  int64_t too_old;
  int64_t passed_over;
  int64_t malformed;
  int64_t failed_sources;
} Tally;

static void
free_plan(void *data)
{
  Plan *plan = data;
  source_state_free(plan->state);
  g_free(plan->key);
  g_free(plan);
}

static void
free_batch(void *batch)
{
  item_batch_free(batch);
}

static bool
plan_source(const Context *context, const ConfiguredSource *configured, GPtrArray *jobs, GError **error)
{
  const Source *source = source_find(configured->section->name);
  g_autofree char *key = source->key(configured->values);
  g_autoptr(SourceState) state = peers_source(context->store, key, error);
  if (state == NULL)
    return false;
  if (state->is_disabled && context->run->now_ms - state->last_ok_ms < MS_A_DAY) {
    log_line(context->log, LOG_WARNING,
             "source %s: said that it is gone for good (HTTP 410); asked again tomorrow unless removed", key);
    return true;
  }
  Plan *plan = g_new0(Plan, 1);
  plan->source = source;
  plan->key = g_steal_pointer(&key);
  plan->state = g_steal_pointer(&state);
  plan->input = (SourceInput){.key = plan->key, .options = configured->values, .moved_to = plan->state->moved_to};
  g_ptr_array_add(jobs, job_new("collect", plan->key, plan, free_plan, free_batch));
  return true;
}

static void
step_source(const void *input, const void *snapshot, const GPtrArray *replies, StepOutcome *ret_outcome)
{
  const Plan *plan = input;
  plan->source->step(&plan->input, snapshot, replies, ret_outcome);
  if (ret_outcome->error != NULL)
    g_prefix_error(&ret_outcome->error, "source %s: ", plan->key);
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
is_too_old(const Context *context, const Item *item)
{
  int64_t max_days = context->config->filters->max_age_days;
  return max_days > 0 && item->published_ms != 0 && item->published_ms < context->run->now_ms - max_days * MS_A_DAY;
}

static bool
merge_items(const Context *context, const ItemBatch *batch, Tally *tally, GError **error)
{
  for (guint i = 0; i < batch->items->len; i++) {
    const Item *item = g_ptr_array_index(batch->items, i);
    ItemChange change = ITEM_SAME;
    tally->collected++;
    if (is_too_old(context, item)) {
      tally->too_old++;
      continue;
    }
    if (!g_hash_table_add(tally->seen, (void *) item->id))
      continue;
    if (!items_merge(context->store, context->run->id, item, &change, error))
      return false;
    tally->fresh += change == ITEM_NEW;
    tally->changed += change == ITEM_CHANGED;
  }
  return true;
}

static bool
merge_good_source(const Context *context, const Job *job, Tally *tally, GError **error)
{
  const ItemBatch *batch = job->result;
  SourceState *state = ((Plan *) job->input)->state;
  tally->passed_over += batch->skipped;
  tally->malformed += batch->failures->len;
  for (guint i = 0; i < batch->failures->len; i++)
    if (!runs_add_failure(context->store, context->run->id, job->name, g_ptr_array_index(batch->failures, i), error))
      return false;
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
  return merge_items(context, batch, tally, error) && peers_save_source(context->store, state, error);
}

static bool
merge_source(const Context *context, const Job *job, void *tally, GError **error)
{
  if (job->error != NULL)
    return merge_failed_source(context, job, tally, error);
  return merge_good_source(context, job, tally, error);
}

static bool
merge(const Context *context, const GPtrArray *jobs, const StageTally *work, GError **error)
{
  g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);
  Tally tally = {.seen = seen};
  if (!stage_merge_jobs(context, jobs, merge_source, &tally, error))
    return false;
  json_t *counts = json_pack("{sI sI sI sI sI sI sI}", "collected", (json_int_t) tally.collected, "new",
                             (json_int_t) tally.fresh, "changed", (json_int_t) tally.changed, "too_old",
                             (json_int_t) tally.too_old, "passed_over", (json_int_t) tally.passed_over, "malformed",
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
