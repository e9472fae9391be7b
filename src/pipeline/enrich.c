/* A job a story: the pages behind its links are read as evidence, and what people say of it as opinion; then it is summarised
 * and scored. */
#include "pipeline/chain.h"
#include "pipeline/profile.h"
#include "pipeline/research.h"
#include "pipeline/scorer.h"
#include "pipeline/stage.h"

#include "base/error.h"
#include "llm/extractive.h"
#include "store/ledger.h"
#include "store/stories.h"

#include <math.h>

enum { DEADLINE_MS = 600 * 1000 };

/* What all jobs may know. @interests: of the readers; @llms: (element-type Llm): those that are asked, perhaps none; @sparing:
 * about which stories not */
typedef struct {
  const Background *background;
  const Scorer *scorer;
  SparingRule sparing;
  const char *interests;
  GPtrArray *llms;
} Knowledge;

/* What a story's job makes. */
typedef struct {
  Findings found;
  Summary *summary;
  Score *score;
  ScoreDecision decision;
  Opinion opinion;
} Enrichment;

/* @llms: borrowed: those that were asked; @unpaid: stories that got no money; @fallen_back: those that a language model failed;
 * @spared: those that none was asked about, for their own score is low; @answers: (element-type ScoreAnswer) */
typedef struct {
  const GPtrArray *llms;
  GArray *answers;
  int64_t spared;
  int64_t stories;
  int64_t pages;
  int64_t comments;
  int64_t unread;
  int64_t unpaid;
  int64_t fallen_back;
} Tally;

/* Who judges: language models, and the model that learns from them. */
typedef struct {
  GPtrArray *llms;
  Scorer *scorer;
} Experts;

static void
clear_experts(Experts *experts)
{
  g_clear_pointer(&experts->llms, g_ptr_array_unref);
  scorer_free(experts->scorer);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Experts, clear_experts)

static void
free_enrichment(void *data)
{
  Enrichment *enrichment = data;
  findings_clear(&enrichment->found);
  summary_free(enrichment->summary);
  score_free(enrichment->score);
  opinion_clear(&enrichment->opinion);
  g_free(enrichment);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Enrichment, free_enrichment)

static void
swap(GPtrArray **a, GPtrArray **b)
{
  GPtrArray *held = *a;
  *a = *b;
  *b = held;
}

static void
free_research(void *research)
{
  research_free(research);
}

/* What a language model found out counts, but quotations are the sources' own words. */
static void
take_summary(Enrichment *enrichment, Summary *told)
{
  if (told->topics->len > 0)
    swap(&enrichment->summary->topics, &told->topics);
  swap(&enrichment->summary->sentences, &told->sentences);
}

static Score *
score_story(const Scorer *scorer, const Story *story, const GPtrArray *evidence)
{
  const ScorePost post = score_post_of(story, evidence);
  Gauge gauge = scorer->gauge;
  gauge.history = score_model_history(scorer->model);
  return score_post(scorer->model, &gauge, &post);
}

/* Returns: false when it asked for more */
static bool
ask_llms(const Research *research, const Knowledge *knowledge, const GPtrArray *replies, Enrichment *enrichment,
         StepOutcome *outcome)
{
  enrichment->decision = score_decide(&knowledge->sparing, research->story->id, enrichment->score->value);
  if (knowledge->llms->len == 0 || enrichment->decision == SCORE_SPARE)
    return true;
  g_autoptr(Prompt) prompt =
      prompt_story(knowledge->interests, research->story, enrichment->found.evidence, enrichment->found.comments);
  const Consultation question = {knowledge->llms, prompt, replies, research_requests(research)};
  return chain_ask(&question, outcome, &enrichment->opinion);
}

static void
step_story(const void *input, const void *snapshot, const GPtrArray *replies, StepOutcome *ret_outcome)
{
  const Research *research = input;
  const Knowledge *knowledge = snapshot;
  if (replies->len < research_requests(research)) {
    research_ask(research, ret_outcome);
    return;
  }
  g_autoptr(Enrichment) enrichment = g_new0(Enrichment, 1);
  enrichment->found = research_read(research, replies);
  enrichment->score = score_story(knowledge->scorer, research->story, enrichment->found.evidence);
  if (!ask_llms(research, knowledge, replies, enrichment, ret_outcome))
    return;
  enrichment->summary = extractive_read(research->story, enrichment->found.evidence, knowledge->background);
  if (enrichment->opinion.verdict != NULL)
    take_summary(enrichment, enrichment->opinion.verdict->summary);
  ret_outcome->result = g_steal_pointer(&enrichment);
}

/* @has_llms: whether anybody will read what people think: counting words does not */
static bool
plan(const Context *context, bool has_llms, int64_t worst_micros, GPtrArray *jobs, GError **error)
{
  g_autoptr(GPtrArray) ids = stories_to_enrich(context->store, context->run->now_ms, error);
  if (ids == NULL)
    return false;
  g_autoptr(GPtrArray) all = g_ptr_array_new();
  for (guint i = 0; i < ids->len; i++) {
    const char *id = g_ptr_array_index(ids, i);
    Story *story = stories_load(context->store, id, error);
    if (story == NULL)
      return false;
    Research *research = research_new(context->config, story, has_llms);
    Job *job = job_new("enrich", id, research, free_research, free_enrichment);
    job->worst_micros = worst_micros;
    g_ptr_array_add(jobs, job);
    g_ptr_array_add(all, research);
  }
  research_keep_liveliest(all, DISCUSSIONS_A_RUN);
  return true;
}

static ScoreRow
score_row(const char *story_id, const Enrichment *enrichment)
{
  const Verdict *verdict = enrichment->opinion.verdict;
  return (ScoreRow){
      .story_id = story_id,
      .predicted = enrichment->score->value,
      .given = verdict != NULL ? verdict->score : NAN,
      .reason = verdict != NULL ? verdict->reason : enrichment->score->reason,
      .provider = verdict != NULL ? enrichment->opinion.provider : BUILT_IN_PROVIDER,
      .is_provisional = verdict == NULL && enrichment->opinion.failure != NULL,
      .features = enrichment->score->features,
  };
}

/* A language model that failed a story is told of; the story has lost nothing but its opinion. */
static bool
merge_failure(const Context *context, const Job *job, const GError *failure, Tally *tally, GError **error)
{
  if (failure == NULL)
    return true;
  bool is_unpaid = error_is(failure, ERROR_BUDGET);
  int64_t count = ++*(is_unpaid ? &tally->unpaid : &tally->fallen_back);
  if (count == 1)
    log_line(context->log, LOG_WARNING, "%s; the next provider serves, here and wherever that happens again", failure->message);
  if (is_unpaid)
    return true;
  g_autoptr(Failure) kept = failure_new(failure->code, failure->message, NULL, 0);
  return runs_add_failure(context->store, context->run->id, job->name, kept, error);
}

/* What a language model gave, the model learns; never what stands for a failure. */
static void
note_answer(const Enrichment *enrichment, GArray *answers)
{
  const Verdict *verdict = enrichment->opinion.verdict;
  const ScoreAnswer answer = {.measured = &enrichment->score->measured,
                              .predicted = enrichment->score->value,
                              .given = verdict != NULL ? verdict->score : NAN,
                              .is_explored = enrichment->decision == SCORE_EXPLORE};
  if (verdict != NULL)
    g_array_append_val(answers, answer);
}

static bool
merge_story(const Context *context, const Job *job, void *data, GError **error)
{
  Tally *tally = data;
  const Enrichment *enrichment = job->result;
  bool is_scored = job->error == NULL && enrichment->opinion.verdict != NULL;
  if (!ledger_judge(context->store, context->run->id, job->name, is_scored, error))
    return false;
  if (job->error != NULL)
    return stage_fail_job(context, job, error);
  const Story *story = ((const Research *) job->input)->story;
  tally->stories++;
  tally->pages += enrichment->found.evidence->len;
  tally->comments += enrichment->found.comments->len;
  tally->unread += enrichment->found.unread;
  tally->spared += tally->llms->len > 0 && enrichment->decision == SCORE_SPARE ? 1 : 0;
  chain_learn(tally->llms, &enrichment->opinion);
  note_answer(enrichment, tally->answers);
  const ScoreRow score = score_row(story->id, enrichment);
  return merge_failure(context, job, enrichment->opinion.failure, tally, error) &&
         stories_set_evidence(context->store, story->id, enrichment->found.evidence, enrichment->found.comments, error) &&
         stories_set_summary(context->store, story->id, enrichment->summary, error) &&
         stories_add_score(context->store, context->run->id, &score, error);
}

static bool
merge(const Context *context, const Experts *experts, const GPtrArray *jobs, const StageTally *work, GError **error)
{
  g_autoptr(GArray) answers = g_array_new(FALSE, FALSE, sizeof(ScoreAnswer));
  Tally tally = {.llms = experts->llms, .answers = answers};
  if (!stage_merge_jobs(context, jobs, merge_story, &tally, error))
    return false;
  if (!chain_remember(experts->llms, context->store, context->run->id, error) ||
      !scorer_learn(experts->scorer, context->store, context->run->id, answers, error)) {
    store_rollback(context->store);
    return false;
  }
  json_t *counts =
      json_pack("{sI sI sI sI sI sI sI}", "enriched", (json_int_t) tally.stories, "pages", (json_int_t) tally.pages,
                "unread_pages", (json_int_t) tally.unread, "comments", (json_int_t) tally.comments, "fallen_back",
                (json_int_t) tally.fallen_back, "unpaid", (json_int_t) tally.unpaid, "spared", (json_int_t) tally.spared);
  return stage_end(context, "enrich", work, counts, error);
}

/* What generation is left, where it pays. */
static int64_t
keep_back(const Config *config)
{
  bool is_paid = false;
  for (char **name = config->generate->providers; *name != NULL; name++)
    is_paid |= !g_str_equal(*name, BUILT_IN_PROVIDER);
  return is_paid ? config->generate->articles_per_run * config->budget->per_article_micros : 0;
}

/* Returns: (transfer full) (nullable): the readers by their profile, then what is said of them besides */
static char *
describe_readers(const Context *context, GError **error)
{
  const char *interests = context->config->general->interests;
  g_autofree char *profile = profile_read(context->folder, context->datadir, context->config->enrich->profile, error);
  return profile != NULL ? g_strconcat(profile, *profile != '\0' && *interests != '\0' ? " " : "", interests, NULL) : NULL;
}

/* What was learned before and is damaged is begun anew: the next answers teach it again. */
static bool
recall_scores(const Context *context, Scorer *scorer, GError **error)
{
  g_autoptr(GError) failure = NULL;
  if (scorer_recall(scorer, context->store, &failure))
    return true;
  if (!error_is(failure, ERROR_BAD_DATA)) {
    g_propagate_error(error, g_steal_pointer(&failure));
    return false;
  }
  log_line(context->log, LOG_WARNING, "%s; what scores taught is learned anew", failure->message);
  return true;
}

static bool
open_experts(const Context *context, Experts *experts, GError **error)
{
  experts->llms = chain_open(context->config, context->datadir, context->config->enrich->providers, error);
  if (experts->llms == NULL || !chain_recall(experts->llms, context->store, error))
    return false;
  experts->scorer = scorer_open(context->datadir, context->background, error);
  return experts->scorer != NULL && recall_scores(context, experts->scorer, error);
}

bool
enrich_run(const Context *context, GError **error)
{
  const Config *config = context->config;
  g_auto(Experts) experts = {0};
  if (!open_experts(context, &experts, error))
    return false;
  g_autofree char *interests = describe_readers(context, error);
  if (interests == NULL)
    return false;
  const Knowledge knowledge = {.background = context->background,
                               .scorer = experts.scorer,
                               .sparing =
                                   score_model_rule(experts.scorer->model, config->enrich->threshold, config->enrich->recall),
                               .interests = interests,
                               .llms = experts.llms};
  g_autoptr(GPtrArray) jobs = g_ptr_array_new_with_free_func((GDestroyNotify) job_free);
  const StageSpec spec = {
      .name = "enrich",
      .step = step_story,
      .snapshot = &knowledge,
      .kept_back_micros = keep_back(config),
      .deadline_ms = DEADLINE_MS,
  };
  StageTally work = {0};
  return plan(context, experts.llms->len > 0, chain_worst_micros(experts.llms), jobs, error) &&
         stage_work(context, &spec, jobs, &work, error) && merge(context, &experts, jobs, &work, error);
}
