/* A job a story: the pages behind its links are read as evidence, then it is summarised and scored. */
#include "pipeline/chain.h"
#include "pipeline/stage.h"

#include "base/digest.h"
#include "base/error.h"
#include "base/url.h"
#include "llm/extractive.h"
#include "scoring/model.h"
#include "sources/source.h"
#include "store/ledger.h"
#include "store/stories.h"
#include "text/charset.h"
#include "text/extract.h"

#include <math.h>
#include <string.h>

enum { DEADLINE_MS = 600 * 1000, MIN_EVIDENCE_BYTES = 200 };

/* A page that may hold evidence. @item: (nullable): borrowed: whose own source was asked; readers are shown its page */
typedef struct {
  Request *request;
  const Item *item;
} Lead;

/* What a story's job works on: @leads (element-type Lead) are asked at once. */
typedef struct {
  Story *story;
  GPtrArray *leads;
} Research;

/* What all jobs may know. @llms: (element-type Llm): those that are asked, perhaps none */
typedef struct {
  const Background *background;
  const char *interests;
  GPtrArray *llms;
} Knowledge;

/* What a story's job makes. */
typedef struct {
  GPtrArray *evidence;
  Summary *summary;
  Score *score;
  Opinion opinion;
  int64_t unread;
} Enrichment;

/* @unpaid: stories that got no money; @fallen_back: those that a language model failed */
typedef struct {
  int64_t stories;
  int64_t pages;
  int64_t unread;
  int64_t unpaid;
  int64_t fallen_back;
} Tally;

static void
free_enrichment(void *data)
{
  Enrichment *enrichment = data;
  g_ptr_array_unref(enrichment->evidence);
  summary_free(enrichment->summary);
  score_free(enrichment->score);
  opinion_clear(&enrichment->opinion);
  g_free(enrichment);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Enrichment, free_enrichment)

/* A post of a community that is about nothing but itself, or another post there, has said all in its text. */
static bool
has_page(const Item *item)
{
  if (item->canonical_url == NULL)
    return false;
  const Source *source = source_of_key(item->source);
  g_autofree char *community = url_domain(item->url);
  g_autofree char *domain = url_domain(item->canonical_url);
  return source == NULL || !source->is_community || g_strcmp0(community, domain) != 0;
}

static void
free_lead(void *data)
{
  Lead *lead = data;
  request_free(lead->request);
  g_free(lead);
}

static void
free_research(void *data)
{
  Research *research = data;
  story_free(research->story);
  g_ptr_array_unref(research->leads);
  g_free(research);
}

/* Returns: (nullable): the configured source whose part @key is */
static const ConfiguredSource *
find_configured(const Config *config, const char *key)
{
  for (guint i = 0; i < config->sources->len; i++) {
    const ConfiguredSource *configured = g_ptr_array_index(config->sources, i);
    g_autoptr(GPtrArray) parts = source_find(configured->section->name)->parts(configured->values);
    for (guint j = 0; j < parts->len; j++)
      if (g_str_equal(((const SourcePart *) g_ptr_array_index(parts, j))->key, key))
        return configured;
  }
  return NULL;
}

/* Returns: (nullable): what the item's own source knows of its page */
static Request *
ask_source(const Config *config, const Item *item)
{
  const Source *source = source_of_key(item->source);
  const ConfiguredSource *configured =
      source != NULL && source->evidence != NULL ? find_configured(config, item->source) : NULL;
  return configured != NULL ? source->evidence(configured->values, item) : NULL;
}

/* The pages that the story's items are about. */
static GPtrArray *
find_leads(const Config *config, const Story *story)
{
  GPtrArray *leads = g_ptr_array_new_with_free_func(free_lead);
  g_autoptr(GHashTable) taken = g_hash_table_new(g_str_hash, g_str_equal);
  for (guint i = 0; i < story->items->len && leads->len < PAGES_A_STORY; i++) {
    const Item *item = g_ptr_array_index(story->items, i);
    if (!has_page(item) || !g_hash_table_add(taken, item->canonical_url))
      continue;
    Request *own = ask_source(config, item);
    Lead *lead = g_new0(Lead, 1);
    lead->request = own != NULL ? own : request_new(REQUEST_PAGE, item->canonical_url);
    lead->item = own != NULL ? item : NULL;
    g_ptr_array_add(leads, lead);
  }
  return leads;
}

static Request *
copy_request(const Lead *lead)
{
  return request_copy_to(lead->request, lead->request->url);
}

/* Returns: (transfer full): what readers are shown: a page moved within its site stays where its posts say, so that it is known
 * for theirs */
static char *
choose_address(const char *asked, const char *answered)
{
  g_autofree char *asked_domain = url_domain(asked);
  g_autofree char *answered_domain = url_domain(answered);
  return g_strdup(g_strcmp0(asked_domain, answered_domain) == 0 ? asked : answered);
}

/* Returns: NULL when nothing can be said of the page */
static Evidence *
read_page(const Reply *reply, const Lead *lead)
{
  const Item *item = lead->item;
  if (reply->error != NULL || reply->status == 410)
    return NULL;
  g_autofree char *type = reply_header(reply, "content-type");
  g_autofree char *charset = charset_parameter(type);
  g_autoptr(Page) page = extract_page(reply->body, reply->body_length, charset, reply->url, NULL);
  if (page == NULL || strlen(page->text) < MIN_EVIDENCE_BYTES)
    return NULL;
  Evidence *evidence = g_new0(Evidence, 1);
  evidence->sha256 = digest_sha256(page->text, strlen(page->text));
  evidence->url = item != NULL ? g_strdup(item->url) : choose_address(lead->request->url, reply->url);
  evidence->title = item != NULL ? g_strdup(item->title) : g_steal_pointer(&page->title);
  evidence->site_name = g_steal_pointer(&page->site_name);
  evidence->text = g_steal_pointer(&page->text);
  evidence->fetched_ms = reply->answered_ms;
  return evidence;
}

static Enrichment *
read_pages(const Research *research, const GPtrArray *replies)
{
  Enrichment *enrichment = g_new0(Enrichment, 1);
  enrichment->evidence = g_ptr_array_new_with_free_func((GDestroyNotify) evidence_free);
  for (guint i = 0; i < research->leads->len; i++) {
    Evidence *evidence = read_page(g_ptr_array_index(replies, i), g_ptr_array_index(research->leads, i));
    if (evidence != NULL)
      g_ptr_array_add(enrichment->evidence, evidence);
    else
      enrichment->unread++;
  }
  return enrichment;
}

static void
swap(GPtrArray **a, GPtrArray **b)
{
  GPtrArray *held = *a;
  *a = *b;
  *b = held;
}

/* What a language model found out counts, but quotations are the sources' own words. */
static void
take_summary(Enrichment *enrichment, Summary *told)
{
  if (told->topics->len > 0)
    swap(&enrichment->summary->topics, &told->topics);
  swap(&enrichment->summary->sentences, &told->sentences);
}

/* Returns: false when it asked for more */
static bool
ask_llms(const Research *research, const Knowledge *knowledge, const GPtrArray *replies, Enrichment *enrichment,
         StepOutcome *outcome)
{
  if (knowledge->llms->len == 0)
    return true;
  g_autoptr(Prompt) prompt = prompt_story(knowledge->interests, research->story, enrichment->evidence);
  const Consultation question = {knowledge->llms, prompt, replies, research->leads->len};
  return chain_ask(&question, outcome, &enrichment->opinion);
}

static void
step_story(const void *input, const void *snapshot, const GPtrArray *replies, StepOutcome *ret_outcome)
{
  const Research *research = input;
  const Knowledge *knowledge = snapshot;
  if (replies->len < research->leads->len) {
    for (guint i = 0; i < research->leads->len; i++)
      step_ask(ret_outcome, copy_request(g_ptr_array_index(research->leads, i)));
    return;
  }
  g_autoptr(Enrichment) enrichment = read_pages(research, replies);
  if (!ask_llms(research, knowledge, replies, enrichment, ret_outcome))
    return;
  enrichment->summary = extractive_read(research->story, enrichment->evidence, knowledge->background);
  enrichment->score = model_score(research->story, enrichment->evidence);
  if (enrichment->opinion.verdict != NULL)
    take_summary(enrichment, enrichment->opinion.verdict->summary);
  ret_outcome->result = g_steal_pointer(&enrichment);
}

static bool
plan(const Context *context, int64_t worst_micros, GPtrArray *jobs, GError **error)
{
  g_autoptr(GPtrArray) ids = stories_to_enrich(context->store, context->run->now_ms, error);
  if (ids == NULL)
    return false;
  for (guint i = 0; i < ids->len; i++) {
    const char *id = g_ptr_array_index(ids, i);
    Story *story = stories_load(context->store, id, error);
    if (story == NULL)
      return false;
    Research *research = g_new(Research, 1);
    *research = (Research){.story = story, .leads = find_leads(context->config, story)};
    Job *job = job_new("enrich", id, research, free_research, free_enrichment);
    job->worst_micros = worst_micros;
    g_ptr_array_add(jobs, job);
  }
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

static bool
merge_story(const Context *context, const Job *job, void *data, GError **error)
{
  Tally *tally = data;
  const Enrichment *enrichment = job->result;
  bool is_scored = enrichment != NULL && enrichment->opinion.verdict != NULL;
  if (!ledger_judge(context->store, context->run->id, job->name, is_scored, error))
    return false;
  if (job->error != NULL)
    return stage_fail_job(context, job, error);
  const Story *story = ((const Research *) job->input)->story;
  tally->stories++;
  tally->pages += enrichment->evidence->len;
  tally->unread += enrichment->unread;
  const ScoreRow score = score_row(story->id, enrichment);
  return merge_failure(context, job, enrichment->opinion.failure, tally, error) &&
         stories_set_evidence(context->store, story->id, enrichment->evidence, error) &&
         stories_set_summary(context->store, story->id, enrichment->summary, error) &&
         stories_add_score(context->store, context->run->id, &score, error);
}

static bool
merge(const Context *context, const GPtrArray *jobs, const StageTally *work, GError **error)
{
  Tally tally = {0};
  if (!stage_merge_jobs(context, jobs, merge_story, &tally, error))
    return false;
  json_t *counts =
      json_pack("{sI sI sI sI sI}", "enriched", (json_int_t) tally.stories, "pages", (json_int_t) tally.pages, "unread_pages",
                (json_int_t) tally.unread, "fallen_back", (json_int_t) tally.fallen_back, "unpaid", (json_int_t) tally.unpaid);
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

bool
enrich_run(const Context *context, GError **error)
{
  const Config *config = context->config;
  g_autoptr(GPtrArray) llms = chain_open(config, context->datadir, config->enrich->providers, error);
  if (llms == NULL)
    return false;
  const Knowledge knowledge = {context->background, config->general->interests, llms};
  g_autoptr(GPtrArray) jobs = g_ptr_array_new_with_free_func((GDestroyNotify) job_free);
  const StageSpec spec = {
      .name = "enrich",
      .step = step_story,
      .snapshot = &knowledge,
      .kept_back_micros = keep_back(config),
      .deadline_ms = DEADLINE_MS,
  };
  StageTally work = {0};
  return plan(context, chain_worst_micros(llms), jobs, error) && stage_work(context, &spec, jobs, &work, error) &&
         merge(context, jobs, &work, error);
}
