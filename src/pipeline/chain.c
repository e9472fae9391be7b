#include "pipeline/chain.h"

#include "os/file.h"

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

void
opinion_clear(Opinion *opinion)
{
  verdict_free(opinion->verdict);
  g_clear_error(&opinion->failure);
}

/* Returns: (nullable): the reply, after which @next is the place of the one that follows; NULL when it was only asked for now
 */
static const Reply *
call(const Consultation *consultation, guint *next, const Llm *llm, const GError *problem, StepOutcome *outcome)
{
  if (*next < consultation->replies->len)
    return g_ptr_array_index(consultation->replies, (*next)++);
  step_ask(outcome, llm_request(llm, consultation->prompt, problem != NULL ? problem->message : NULL));
  return NULL;
}

/* Returns: false when it asked for more */
static bool
ask_one(const Consultation *consultation, guint *next, const Llm *llm, StepOutcome *outcome, Opinion *opinion)
{
  g_autoptr(GError) problem = NULL;
  GError **failure = opinion->failure == NULL ? &opinion->failure : NULL;
  for (int calls = 0; calls < 2; calls++) {
    const Reply *reply = call(consultation, next, llm, problem, outcome);
    if (reply == NULL)
      return false;
    g_autofree char *answer = llm->provider->read_answer(reply, failure);
    if (answer == NULL)
      return true;
    g_clear_error(&problem);
    opinion->verdict = verdict_read(answer, consultation->prompt->urls, &problem);
    if (opinion->verdict != NULL)
      return true;
  }
  g_propagate_prefixed_error(failure, g_steal_pointer(&problem), "the second answer does not hold either: ");
  return true;
}

bool
chain_ask(const Consultation *consultation, StepOutcome *outcome, Opinion *ret_opinion)
{
  guint next = consultation->first;
  for (guint i = 0; i < consultation->llms->len && ret_opinion->verdict == NULL; i++) {
    const Llm *llm = g_ptr_array_index(consultation->llms, i);
    bool is_first = ret_opinion->failure == NULL;
    if (!ask_one(consultation, &next, llm, outcome, ret_opinion))
      return false;
    ret_opinion->provider = llm->provider->section.name;
    if (is_first)
      g_prefix_error(&ret_opinion->failure, "llm.%s: ", ret_opinion->provider);
  }
  return true;
}
