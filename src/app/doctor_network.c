/* What lies outside this machine: credentials, limits, and whether each host answers. */
#include "app/doctor.h"

#include "app/connect.h"
#include "app/first_requests.h"
#include "base/error.h"
#include "base/time.h"
#include "base/url.h"
#include "llm/provider.h"
#include "net/services.h"
#include "os/clock.h"
#include "sources/source.h"
#include "store/peers.h"
#include "threads/cancel.h"

#include <string.h>

#define MODEL_KEY "llm."

enum { DEADLINE_MS = 10 * 1000, LONGEST_WAIT_MS = 500, TOLD_WAIT_MS = 1000 };

/* Of a credential that is set what else must be: both are options of one source. */
static const struct {
  const char *set;
  const char *wanted;
} PAIRS[] = {{"client_id", "client_secret"}, {"client_secret", "client_id"}, {"feed_token", "feed_user"}};

/* Returns: (nullable) (transfer none) */
static const Option *
find_option(const OptionSection *section, const char *name)
{
  const Option *option = section->options;
  while (option->name != NULL && !g_str_equal(option->name, name))
    option++;
  return option->name != NULL ? option : NULL;
}

static bool
is_filled(const ConfiguredSource *configured, const Option *option)
{
  return **(char *const *) (const void *) ((const char *) configured->values + option->offset) != '\0';
}

static void
check_pairs(const ConfiguredSource *configured, GError **fault)
{
  for (size_t i = 0; i < G_N_ELEMENTS(PAIRS) && *fault == NULL; i++) {
    const Option *set = find_option(configured->section, PAIRS[i].set);
    const Option *wanted = find_option(configured->section, PAIRS[i].wanted);
    if (set != NULL && wanted != NULL && is_filled(configured, set) && !is_filled(configured, wanted))
      error_set(fault, ERROR_CONFIG, "%s is set, but %s is not, and one is of no use without the other", set->environment,
                wanted->environment);
  }
}

/* Appends the names of the keys that are set. @sections: (array zero-terminated=1) */
static void
list_keys(const OptionSection *const *sections, const char *const *environment, GString *names)
{
  for (; *sections != NULL; sections++)
    for (const Option *option = (*sections)->options; option->name != NULL; option++) {
      const char *value = option->is_secret ? g_environ_getenv((char **) environment, option->environment) : NULL;
      if (value != NULL && *value != '\0')
        g_string_append_printf(names, "%s%s", names->len > 0 ? ", " : "", option->environment);
    }
}

static void
check_credentials(Examination *examination)
{
  g_autoptr(GString) names = g_string_new(NULL);
  g_autofree const OptionSection **of_sources = workspace_source_sections();
  g_autofree const OptionSection **of_providers = workspace_provider_sections();
  list_keys(of_sources, examination->invocation->environment, names);
  list_keys(of_providers, examination->invocation->environment, names);
  GError *fault = NULL;
  const GPtrArray *sources = examination->workspace->config->sources;
  for (guint i = 0; i < sources->len; i++)
    check_pairs(g_ptr_array_index(sources, i), &fault);
  examination_judge(examination, "keys", names->len > 0 ? names->str : "none is set, and none is needed", fault);
}

static void
tell_limit(const HostState *host, void *data)
{
  Examination *examination = data;
  int64_t now_ms = clock_now_ms();
  bool is_paused = host->paused_until_ms > now_ms;
  bool is_exhausted = host->remaining == 0 && host->reset_ms > now_ms;
  if (!is_paused && !is_exhausted)
    return;
  g_autofree char *until = time_format(is_paused ? host->paused_until_ms : host->reset_ms);
  examination_add(examination, "limits", FINDING_NOTE, "%s %s until %s", host->host,
                  is_paused ? "wants to be left alone" : "takes no more requests", until);
}

static void
check_limits(Examination *examination)
{
  GError *fault = NULL;
  size_t before = json_array_size(examination->checks);
  bool is_read = examination->store == NULL || peers_each_host(examination->store, tell_limit, examination, &fault);
  if (!is_read || json_array_size(examination->checks) == before)
    examination_judge(examination, "limits", NULL, fault);
}

/* Not all who serve language models list them, but who says so is there. */
static bool
is_there(const FirstRequest *first, const Reply *reply)
{
  bool is_refusal = reply->status >= 400 && reply->status < 500 && reply->status != 401 && reply->status != 403;
  return reply->error == NULL || (first->request->kind == REQUEST_LLM && is_refusal);
}

static void
judge_answer(Examination *examination, const FirstRequest *first, const Reply *reply)
{
  const char *credential = first->request->auth != NULL ? " with the credential" : "";
  bool is_refused = reply->status == 401 || reply->status == 403;
  const Provider *provider = g_str_has_prefix(first->key, MODEL_KEY) ? provider_find(first->key + strlen(MODEL_KEY)) : NULL;
  const Option *key = provider != NULL ? find_option(&provider->section, "key") : NULL;
  if (!is_there(first, reply) && is_refused && first->request->auth != NULL)
    examination_add(examination, "reach", FINDING_FAULT, "%s: %s; is %s still good?", first->key, reply->error->message,
                    key != NULL ? key->environment : "the credential");
  else if (!is_there(first, reply))
    examination_add(examination, "reach", FINDING_FAULT, "%s: %s", first->key, reply->error->message);
  else if (reply->status == 410)
    examination_add(examination, "reach", FINDING_FAULT, "%s: gone for good (HTTP 410); remove it", first->key);
  else
    examination_add(examination, "reach", FINDING_OK, "%s answers%s", first->host, credential);
}

/* Asks all of @chosen at once. Returns: (transfer full) (element-type ClientAnswer): in the order they came */
static GPtrArray *
ask(Client *client, const GPtrArray *chosen)
{
  GPtrArray *answers = g_ptr_array_new_with_free_func((GDestroyNotify) client_answer_free);
  client_set_deadline(client, clock_monotonic_ms() + DEADLINE_MS);
  for (guint i = 0; i < chosen->len; i++) {
    FirstRequest *first = g_ptr_array_index(chosen, i);
    client_submit(client, first->request, NULL, first);
  }
  while (answers->len < chosen->len && cancel_signal() == 0) {
    client_perform(client);
    for (ClientAnswer *answer = client_take(client); answer != NULL; answer = client_take(client))
      g_ptr_array_add(answers, answer);
    if (answers->len < chosen->len)
      client_wait(client, LONGEST_WAIT_MS);
  }
  return answers;
}

/* The language models that a stage names are asked what costs nothing. */
static void
add_models(const Config *config, GPtrArray *all)
{
  char **const stages[] = {config->enrich->providers, config->generate->providers};
  for (size_t i = 0; i < G_N_ELEMENTS(stages); i++)
    for (char **name = stages[i]; *name != NULL; name++) {
      const ConfiguredProvider *configured = config_provider(config, *name);
      if (configured == NULL)
        continue;
      FirstRequest *first = g_new0(FirstRequest, 1);
      g_auto(Url) url = {0};
      first->key = g_strconcat(MODEL_KEY, *name, NULL);
      first->request = provider_find(*name)->probe(configured->values);
      first->host = url_parse(first->request->url, &url, NULL) ? services_host(&url) : g_strdup("");
      g_ptr_array_add(all, first);
    }
}

/* Tells of @answers in the order of @chosen. */
static void
judge_answers(Examination *examination, const GPtrArray *chosen, const GPtrArray *answers)
{
  for (guint i = 0; i < chosen->len; i++)
    for (guint j = 0; j < answers->len; j++) {
      const ClientAnswer *answer = g_ptr_array_index(answers, j);
      if (answer->tag == g_ptr_array_index(chosen, i))
        judge_answer(examination, answer->tag, answer->reply);
    }
}

/* A host that wants to be left alone is told of, but not asked. Returns: (transfer container) (element-type FirstRequest): one
 * a host */
static GPtrArray *
choose_hosts(Examination *examination, Client *client, const GPtrArray *all)
{
  GPtrArray *chosen = g_ptr_array_new();
  g_autoptr(GHashTable) hosts = g_hash_table_new(g_str_hash, g_str_equal);
  for (guint i = 0; i < all->len; i++) {
    FirstRequest *first = g_ptr_array_index(all, i);
    if (first->is_gone)
      examination_add(examination, "reach", FINDING_NOTE, "%s said that it is gone for good (HTTP 410); remove it", first->key);
    if (first->is_gone || !g_hash_table_add(hosts, first->host))
      continue;
    int64_t held_ms = connect_held_ms(client, first->request);
    g_autofree char *opens = time_format((clock_now_ms() + held_ms) / 1000 * 1000);
    if (held_ms >= TOLD_WAIT_MS)
      examination_add(examination, "reach", FINDING_NOTE, "%s is not asked before %s, when its limit opens", first->host,
                      opens);
    else
      g_ptr_array_add(chosen, first);
  }
  return chosen;
}

/* What was sent counts for the next run. @store: (nullable) */
static bool
keep_limits(Client *client, Store *store, GError **error)
{
  g_autoptr(GPtrArray) states = client_host_states(client);
  return store == NULL ||
         (store_begin(store, false, error) && peers_save_hosts(store, states, error) && store_commit(store, error));
}

/* @store: (nullable): for writing */
static bool
ask_hosts(Examination *examination, Client *client, Store *store, GError **error)
{
  if (store != NULL && !connect_restore(client, store, error))
    return false;
  g_autoptr(GPtrArray) all = first_requests_find(examination->workspace->config, store, clock_now_ms(), error);
  if (all == NULL)
    return false;
  add_models(examination->workspace->config, all);
  g_autoptr(GPtrArray) chosen = choose_hosts(examination, client, all);
  g_autoptr(GPtrArray) answers = ask(client, chosen);
  judge_answers(examination, chosen, answers);
  return keep_limits(client, store, error);
}

/* Limits are one courant's at a time: while another works here nothing is asked. */
static void
check_reach(Examination *examination, Client *client)
{
  GError *fault = NULL;
  const char *data = examination->workspace->data_folder;
  g_clear_pointer(&examination->store, store_free);
  g_autoptr(Store) store = store_exists(data) ? store_open(data, STORE_WRITE, &fault) : NULL;
  if (error_is(fault, ERROR_BUSY)) {
    g_clear_error(&fault);
    examination_add(examination, "reach", FINDING_NOTE, "nothing is asked while another courant works in this workspace");
  } else if (fault != NULL || !ask_hosts(examination, client, store, &fault)) {
    examination_judge(examination, "reach", NULL, fault);
  }
}

void
doctor_check_network(Examination *examination)
{
  check_credentials(examination);
  check_limits(examination);
  const Invocation *invocation = examination->invocation;
  const Config *config = examination->workspace->config;
  GError *fault = NULL;
  Workers workers = {0};
  bool is_chosen = workers_choose(0, invocation->environment, config->network->in_flight_per_host, &workers, &fault);
  g_autoptr(Client) client = is_chosen ? connect_client(invocation, config, &workers, true, &fault) : NULL;
  examination_judge(examination, "network", NULL, fault);
  if (client != NULL && !examination->is_offline && examination->is_store_sound)
    check_reach(examination, client);
}
