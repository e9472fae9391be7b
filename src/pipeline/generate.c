/* A job a chosen story: its brief; the merge gives it a slug at first, a revision later. */
#include "pipeline/stage.h"

#include "base/error.h"
#include "sources/source.h"
#include "store/articles.h"
#include "store/items.h"
#include "store/stories.h"
#include "writing/brief.h"

enum { DEADLINE_MS = 600 * 1000 };

typedef struct {
  Story *story;
  GPtrArray *evidence;
  Summary *summary;
} Plan;

typedef struct {
  int64_t written;
  int64_t updated;
  int64_t unchanged;
  int64_t held;
} Tally;

static void
free_plan(void *data)
{
  Plan *plan = data;
  story_free(plan->story);
  if (plan->evidence != NULL)
    g_ptr_array_unref(plan->evidence);
  summary_free(plan->summary);
  g_free(plan);
}

static const char *
find_community(const char *source_key)
{
  const Source *source = source_of_key(source_key);
  return source != NULL && source->is_community ? source->label : NULL;
}

static void
step_brief(const void *input, const void *snapshot, const GPtrArray *replies, StepOutcome *ret_outcome)
{
  (void) snapshot;
  (void) replies;
  const Plan *plan = input;
  ret_outcome->result = brief_write(plan->story, plan->evidence, plan->summary, find_community);
}

static bool
plan_story(const Context *context, const char *id, GPtrArray *jobs, GError **error)
{
  Plan *plan = g_new0(Plan, 1);
  g_ptr_array_add(jobs, job_new("generate", id, plan, free_plan, (GDestroyNotify) article_free));
  plan->story = stories_load(context->store, id, error);
  plan->evidence = plan->story != NULL ? stories_evidence(context->store, id, error) : NULL;
  plan->summary = plan->evidence != NULL ? stories_summary(context->store, id, error) : NULL;
  return plan->summary != NULL;
}

/* What a user hid stays hidden, whatever becomes of its story. */
static const char *
choose_state(const Context *context, const ArticleRow *before)
{
  if (before != NULL && g_str_equal(before->state, "hidden"))
    return "hidden";
  return context->config->generate->review ? "held" : "published";
}

/* A post that tells another story now was not taken back. */
static bool
is_known(Store *store, const char *url)
{
  g_autoptr(GPtrArray) items = items_by_url(store, url, NULL);
  return items != NULL && items->len > 0;
}

/* Whether a post or page that the revision of @document names is no source any more: it was taken back. */
static bool
has_lost_source(const Context *context, const Article *article, const char *document)
{
  g_autoptr(Article) before = article_from_document(document, NULL);
  for (guint i = 0; before != NULL && i < before->sources->len; i++) {
    const ArticleSource *source = before->sources->pdata[i];
    bool is_kept = g_str_equal(source->kind, "page");
    for (guint j = 0; j < article->sources->len && !is_kept; j++)
      is_kept = g_str_equal(((const ArticleSource *) article->sources->pdata[j])->url, source->url);
    if (!is_kept && !is_known(context->store, source->url))
      return true;
  }
  return false;
}

static void
count_revision(Tally *tally, const char *state, const ArticleRow *before)
{
  bool is_held = g_str_equal(state, "held");
  tally->held += is_held;
  tally->written += !is_held && before == NULL;
  tally->updated += !is_held && before != NULL;
}

/* @before: the newest revision, whether held or not: its number is the last one taken, and what it says needs no saying again
 */
static bool
add_revision(const Context *context, const Article *article, const ArticleRow *before, Tally *tally, GError **error)
{
  if (before != NULL && article_says_same(article, before->document)) {
    tally->unchanged++;
    return true;
  }
  const char *state = choose_state(context, before);
  count_revision(tally, state, before);
  g_autofree char *document = article_document(article);
  g_autofree char *slug = before != NULL ? g_strdup(before->slug) : article_slug(article->headline, article->story_id);
  const ArticleRow row = {
      .story_id = article->story_id,
      .revision = before != NULL ? before->revision + 1 : 1,
      .slug = slug,
      .state = (char *) state,
      .kind = article->kind,
      .headline = article->headline,
      .document = document,
      .created_ms = context->run->now_ms,
  };
  /* words that were taken back must not stay until somebody approves the page without them */
  bool must_wait = g_str_equal(state, "held") && before != NULL && has_lost_source(context, article, before->document);
  return (!must_wait || articles_withdraw(context->store, article->story_id, error)) &&
         articles_add(context->store, context->run->id, &row, error);
}

static bool
merge_brief(const Context *context, const Job *job, void *data, GError **error)
{
  Tally *tally = data;
  if (job->error != NULL)
    return stage_fail_job(context, job, error);
  const Article *article = job->result;
  GError *failure = NULL;
  g_autoptr(ArticleRow) before = articles_of_story(context->store, article->story_id, &failure);
  if (failure != NULL) {
    g_propagate_error(error, failure);
    return false;
  }
  return add_revision(context, article, before, tally, error);
}

static bool
merge(const Context *context, const GPtrArray *jobs, const StageTally *work, GError **error)
{
  Tally tally = {0};
  if (!stage_merge_jobs(context, jobs, merge_brief, &tally, error))
    return false;
  json_t *counts =
      json_pack("{sI sI sI sI sI}", "written", (json_int_t) tally.written, "updated", (json_int_t) tally.updated, "held",
                (json_int_t) tally.held, "withheld", (json_int_t) 0, "unchanged", (json_int_t) tally.unchanged);
  return stage_end(context, "generate", work, counts, error);
}

bool
generate_run(const Context *context, GError **error)
{
  const Config *config = context->config;
  g_autoptr(GPtrArray) ids =
      stories_to_write(context->store, context->run->id, config->enrich->threshold, config->generate->articles_per_run, error);
  if (ids == NULL)
    return false;
  g_autoptr(GPtrArray) jobs = g_ptr_array_new_with_free_func((GDestroyNotify) job_free);
  for (guint i = 0; i < ids->len; i++)
    if (!plan_story(context, g_ptr_array_index(ids, i), jobs, error))
      return false;
  StageTally work = {0};
  return stage_work(context, &(StageSpec){.name = "generate", .step = step_brief, .deadline_ms = DEADLINE_MS}, jobs, &work,
                    error) &&
         merge(context, jobs, &work, error);
}
