#include "pipeline/research.h"

#include "base/digest.h"
#include "base/url.h"
#include "pipeline/stage.h"
#include "sources/source.h"
#include "text/charset.h"
#include "text/extract.h"

#include <string.h>

enum { MIN_EVIDENCE_BYTES = 200 };

/* Fewer replies are hardly a discussion. */
enum { MIN_REPLIES = 5 };

/* A page that may hold evidence. @item: (nullable): borrowed: whose own source was asked; readers are shown its page */
typedef struct {
  Request *request;
  const Item *item;
} Lead;

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

void
research_free(Research *research)
{
  if (research == NULL)
    return;
  story_free(research->story);
  g_ptr_array_unref(research->leads);
  g_ptr_array_unref(research->questions);
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

/* Looks for the liveliest discussion of the story that its source can be asked for. */
static void
find_discussion(const Config *config, Research *research)
{
  for (guint i = 0; i < research->story->items->len; i++) {
    const Item *item = g_ptr_array_index(research->story->items, i);
    const Source *source = source_of_key(item->source);
    int64_t least = research->discussed != NULL ? research->discussed->replies + 1 : MIN_REPLIES;
    if (item->replies < least || source == NULL || source->ask_comments == NULL)
      continue;
    const ConfiguredSource *configured = find_configured(config, item->source);
    g_autoptr(GPtrArray) questions = configured != NULL ? source->ask_comments(configured->values, item) : NULL;
    if (questions == NULL || questions->len == 0)
      continue;
    g_ptr_array_unref(research->questions);
    research->questions = g_steal_pointer(&questions);
    research->discussed = item;
  }
}

Research *
research_new(const Config *config, Story *story, bool wants_opinions)
{
  Research *research = g_new(Research, 1);
  *research = (Research){.story = story, .leads = find_leads(config, story), .questions = g_ptr_array_new()};
  if (wants_opinions)
    find_discussion(config, research);
  return research;
}

static int
compare_replies(const void *a, const void *b)
{
  const Item *first = (*(Research *const *) a)->discussed;
  const Item *second = (*(Research *const *) b)->discussed;
  if (first->replies != second->replies)
    return first->replies > second->replies ? -1 : 1;
  return strcmp(first->id, second->id);
}

void
research_keep_liveliest(GPtrArray *all, guint most)
{
  g_autoptr(GPtrArray) discussed = g_ptr_array_new();
  for (guint i = 0; i < all->len; i++) {
    Research *research = g_ptr_array_index(all, i);
    if (research->discussed != NULL)
      g_ptr_array_add(discussed, research);
  }
  g_ptr_array_sort(discussed, compare_replies);
  for (guint i = most; i < discussed->len; i++)
    g_ptr_array_set_size(((Research *) g_ptr_array_index(discussed, i))->questions, 0);
}

static void
ask(StepOutcome *outcome, const Request *request)
{
  step_ask(outcome, request_copy_to(request, request->url));
}

guint
research_requests(const Research *research)
{
  return research->leads->len + research->questions->len;
}

void
research_ask(const Research *research, StepOutcome *outcome)
{
  for (guint i = 0; i < research->leads->len; i++)
    ask(outcome, ((const Lead *) g_ptr_array_index(research->leads, i))->request);
  for (guint i = 0; i < research->questions->len; i++)
    ask(outcome, g_ptr_array_index(research->questions, i));
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

void
findings_clear(Findings *findings)
{
  g_clear_pointer(&findings->evidence, g_ptr_array_unref);
  g_clear_pointer(&findings->comments, g_ptr_array_unref);
}

static void
free_evidence(void *evidence)
{
  evidence_free(evidence);
}

Findings
research_read(const Research *research, const GPtrArray *replies)
{
  Findings found = {g_ptr_array_new_with_free_func(free_evidence), g_ptr_array_new_with_free_func(free_evidence), 0};
  for (guint i = 0; i < research->leads->len; i++) {
    Evidence *evidence = read_page(g_ptr_array_index(replies, i), g_ptr_array_index(research->leads, i));
    if (evidence != NULL)
      g_ptr_array_add(found.evidence, evidence);
    else
      found.unread++;
  }
  const Item *discussed = research->discussed;
  for (guint i = 0; i < research->questions->len; i++)
    source_of_key(discussed->source)
        ->read_comments(discussed, g_ptr_array_index(replies, research->leads->len + i), found.comments);
  return found;
}
