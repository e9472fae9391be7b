#include "pipeline/chain.h"

#include "base/error.h"
#include "base/json.h"
#include "os/file.h"
#include "store/knowledge.h"

#include <string.h>

enum { MAX_PRICES_BYTES = 1024 * 1024 };

/* Who asks: a stage, and where the configuration names its providers. */
typedef struct {
  const char *stage;
  char **names;
} Asker;

static void
list_askers(const Config *config, Asker ret_askers[2])
{
  ret_askers[0] = (Asker){"enrich", config->enrich->providers};
  ret_askers[1] = (Asker){"generate", config->generate->providers};
}

static char *
read_prices(const char *datadir, GError **error)
{
  g_autofree char *path = g_build_filename(datadir, "data", "prices.tsv", NULL);
  return file_read(path, MAX_PRICES_BYTES, NULL, error);
}

GPtrArray *
chain_open(const Config *config, const char *datadir, char *const *names, GError **error)
{
  g_autoptr(GPtrArray) llms = g_ptr_array_new_with_free_func((GDestroyNotify) llm_free);
  g_autofree char *prices = NULL;
  for (char *const *name = names; *name != NULL; name++) {
    if (g_str_equal(*name, BUILT_IN_PROVIDER))
      continue;
    if (prices == NULL && (prices = read_prices(datadir, error)) == NULL)
      return NULL;
    Llm *llm = llm_new(config_provider(config, *name), prices, error);
    if (llm == NULL)
      return NULL;
    g_ptr_array_add(llms, llm);
  }
  return g_steal_pointer(&llms);
}

static bool
check_names(const Config *config, const char *datadir, char *const *names, GError **error)
{
  g_autoptr(GPtrArray) llms = chain_open(config, datadir, names, error);
  for (guint i = 0; llms != NULL && i < llms->len; i++) {
    const Llm *llm = g_ptr_array_index(llms, i);
    if (!llm->provider->check(llm->options, error))
      return false;
  }
  return llms != NULL;
}

bool
chain_check(const Config *config, const char *datadir, const Stage *stages, GError **error)
{
  Asker askers[2];
  list_askers(config, askers);
  for (const Stage *stage = stages; stage->name != NULL; stage++)
    for (size_t i = 0; i < G_N_ELEMENTS(askers); i++)
      if (g_str_equal(askers[i].stage, stage->name) && !check_names(config, datadir, askers[i].names, error))
        return false;
  return true;
}

bool
chain_add_services(Client *client, const Config *config, GError **error)
{
  Asker askers[2];
  list_askers(config, askers);
  for (size_t i = 0; i < G_N_ELEMENTS(askers); i++)
    for (char **name = askers[i].names; *name != NULL; name++) {
      const ConfiguredProvider *configured = config_provider(config, *name);
      if (configured == NULL)
        continue;
      g_autoptr(Service) service = provider_find(*name)->service(configured->values);
      g_autofree char *owner = g_strconcat("llm.", *name, NULL);
      if (!client_add_service(client, service, owner, error))
        return false;
    }
  return true;
}

int64_t
chain_worst_micros(const GPtrArray *llms)
{
  int64_t worst = 0;
  for (guint i = 0; i < llms->len; i++)
    worst = MAX(worst, llm_worst_micros(g_ptr_array_index(llms, i)));
  return worst;
}

/* By address and model, names of what is not taken. */
static const char KNOWN[] = "llm_lacks";

static const struct {
  Lack lack;
  const char *name;
} LACKS[] = {
    {LACKS_SCHEMA, "json_schema"},
    {LACKS_JSON, "json_object"},
    {LACKS_COMPLETION_TOKENS, "max_completion_tokens"},
    {LACKS_EFFORT, "reasoning_effort"},
};

static char *
name_endpoint(const Llm *llm)
{
  return g_strconcat(llm->terms.base_url, " ", llm->terms.model, NULL);
}

static unsigned
read_lacks(const json_t *names)
{
  unsigned lacks = 0;
  for (size_t i = 0; i < json_array_size(names); i++)
    for (size_t j = 0; j < G_N_ELEMENTS(LACKS); j++)
      if (g_strcmp0(json_string_value(json_array_get(names, i)), LACKS[j].name) == 0)
        lacks |= LACKS[j].lack;
  return lacks;
}

static json_t *
write_lacks(unsigned lacks)
{
  json_t *names = json_array();
  for (size_t i = 0; i < G_N_ELEMENTS(LACKS); i++)
    if ((lacks & LACKS[i].lack) != 0)
      json_array_append_new(names, json_string(LACKS[i].name));
  return names;
}

/* Returns: (transfer full) (nullable): what is known of all endpoints */
static json_t *
load_known(Store *store, GError **error)
{
  GError *failure = NULL;
  g_autofree char *value = knowledge_get(store, KNOWN, &failure);
  if (failure != NULL) {
    g_propagate_error(error, failure);
    return NULL;
  }
  json_t *known = value != NULL ? json_parse(value, strlen(value), NULL, NULL) : NULL;
  return json_is_object(known) ? known : json_object();
}

bool
chain_recall(const GPtrArray *llms, Store *store, GError **error)
{
  g_autoptr(json_t) known = load_known(store, error);
  for (guint i = 0; i < llms->len && known != NULL; i++) {
    Llm *llm = g_ptr_array_index(llms, i);
    g_autofree char *name = name_endpoint(llm);
    llm->lacks |= read_lacks(json_object_get(known, name));
  }
  return known != NULL;
}

void
chain_learn(const GPtrArray *llms, const Opinion *opinion)
{
  for (guint i = 0; i < llms->len && opinion->lacks != NULL; i++)
    ((Llm *) g_ptr_array_index(llms, i))->lacks |= opinion->lacks[i];
}

bool
chain_remember(const GPtrArray *llms, Store *store, int64_t run_id, GError **error)
{
  g_autoptr(json_t) known = load_known(store, error);
  bool has_more = false;
  for (guint i = 0; i < llms->len && known != NULL; i++) {
    const Llm *llm = g_ptr_array_index(llms, i);
    g_autofree char *name = name_endpoint(llm);
    unsigned lacks = read_lacks(json_object_get(known, name)) | llm->lacks;
    has_more = has_more || lacks != read_lacks(json_object_get(known, name));
    if (lacks != 0)
      json_object_set_new(known, name, write_lacks(lacks));
  }
  g_autofree char *value = has_more ? json_write(known) : NULL;
  return known != NULL && (!has_more || knowledge_set(store, run_id, KNOWN, value, error));
}

void
opinion_clear(Opinion *opinion)
{
  verdict_free(opinion->verdict);
  g_clear_error(&opinion->failure);
  g_clear_pointer(&opinion->lacks, g_free);
}

/* One provider's part: @next: the place of the next reply; @lacks: what it is not sent; @problem (nullable): of its first
 * answer */
typedef struct {
  const Consultation *consultation;
  const Llm *llm;
  guint *next;
  unsigned lacks;
  GError *problem;
} Talk;

/* Returns: (nullable): the reply; NULL when it is only asked for now, or, with @failure, no more */
static const Reply *
call(Talk *talk, StepOutcome *outcome, GError **failure)
{
  const Consultation *consultation = talk->consultation;
  if (*talk->next < consultation->replies->len)
    return g_ptr_array_index(consultation->replies, (*talk->next)++);
  if (*talk->next - consultation->first < CHAIN_MAX_CALLS)
    step_ask(outcome,
             llm_request(talk->llm, consultation->prompt, talk->problem != NULL ? talk->problem->message : NULL, talk->lacks));
  else
    error_set(failure, ERROR_BAD_DATA, "asked %d times already", CHAIN_MAX_CALLS);
  return NULL;
}

/* As call(), but past those that were refused for what the endpoint does not take. */
static const Reply *
call_stepping_down(Talk *talk, StepOutcome *outcome, GError **failure)
{
  const Reply *reply = call(talk, outcome, failure);
  while (reply != NULL) {
    unsigned lacks = talk->llm->provider->read_lacks(talk->llm->options, reply, talk->lacks);
    if (lacks == talk->lacks)
      break;
    talk->lacks = lacks;
    reply = call(talk, outcome, failure);
  }
  return reply;
}

/* Returns: false when it asked for more */
static bool
talk_to(Talk *talk, StepOutcome *outcome, Opinion *opinion)
{
  g_autoptr(GError) failure = NULL;
  const Llm *llm = talk->llm;
  for (int answers = 0; answers < 2 && opinion->verdict == NULL && failure == NULL; answers++) {
    const Reply *reply = call_stepping_down(talk, outcome, &failure);
    if (reply == NULL && failure == NULL)
      return false;
    g_autofree char *answer = reply != NULL ? llm->provider->read_answer(reply, &failure) : NULL;
    if (answer == NULL)
      break;
    g_clear_error(&talk->problem);
    opinion->verdict = verdict_read(answer, talk->consultation->prompt, &talk->problem);
  }
  if (opinion->verdict == NULL && failure == NULL)
    g_propagate_prefixed_error(&failure, g_steal_pointer(&talk->problem), "the second answer does not hold either: ");
  if (failure != NULL && opinion->failure == NULL)
    g_propagate_prefixed_error(&opinion->failure, g_steal_pointer(&failure), "llm.%s: ", llm->provider->section.name);
  return true;
}

bool
chain_ask(const Consultation *consultation, StepOutcome *outcome, Opinion *ret_opinion)
{
  guint next = consultation->first;
  ret_opinion->lacks = g_new0(unsigned, consultation->llms->len);
  for (guint i = 0; i < consultation->llms->len && ret_opinion->verdict == NULL; i++) {
    const Llm *llm = g_ptr_array_index(consultation->llms, i);
    Talk talk = {.consultation = consultation, .llm = llm, .next = &next, .lacks = llm->lacks};
    bool has_ended = talk_to(&talk, outcome, ret_opinion);
    g_clear_error(&talk.problem);
    if (!has_ended)
      return false;
    ret_opinion->provider = llm->provider->section.name;
    if (next > consultation->first && ((const Reply *) g_ptr_array_index(consultation->replies, next - 1))->error == NULL)
      ret_opinion->lacks[i] = talk.lacks;
  }
  return true;
}
