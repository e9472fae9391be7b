#include "app/plan.h"

#include "app/connect.h"
#include "app/first_requests.h"
#include "base/error.h"
#include "base/money.h"
#include "base/text.h"
#include "base/time.h"
#include "os/clock.h"
#include "pipeline/budget.h"
#include "pipeline/chain.h"
#include "pipeline/deploy.h"
#include "pipeline/stage.h"
#include "store/articles.h"
#include "store/stories.h"

#include <stdio.h>

/* A limit that opens sooner holds up nothing worth telling. */
enum { TOLD_WAIT_MS = 1000 };

/* @store: (nullable): there is none before the first run. @client: knows the limits of hosts and sends nothing. @new_posts:
 * that may come, each a story of its own. @cost_micros: of all calls, if no cap stopped them */
typedef struct {
  const Invocation *invocation;
  Workspace *workspace;
  Store *store;
  Client *client;
  Workers workers;
  int64_t now_ms;
  int64_t new_posts;
  int64_t cost_micros;
} Plan;

static void
clear_plan(Plan *plan)
{
  client_free(plan->client);
  store_free(plan->store);
  workspace_free(plan->workspace);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Plan, clear_plan)

static bool
open_plan(Plan *plan, const RunOptions *options, const Stage *stages, GError **error)
{
  const Invocation *invocation = plan->invocation;
  plan->workspace = workspace_open(invocation, error);
  if (plan->workspace == NULL || !chain_check(plan->workspace->config, invocation->datadir, stages, error))
    return false;
  const Config *config = plan->workspace->config;
  plan->now_ms = options->now_ms > 0 ? options->now_ms : clock_now_ms();
  if (!workers_choose(options->workers, invocation->environment, config->network->in_flight_per_host, &plan->workers, error))
    return false;
  plan->client = connect_client(invocation, config, &plan->workers, false, error);
  if (plan->client == NULL || !store_exists(plan->workspace->data_folder))
    return plan->client != NULL;
  plan->store = workspace_read_store(plan->workspace, error);
  return plan->store != NULL && connect_restore(plan->client, plan->store, error);
}

static json_t *
first_json(Client *client, const FirstRequest *first)
{
  int64_t held_ms = first->is_gone ? 0 : connect_held_ms(client, first->request);
  g_autofree char *opens = held_ms >= TOLD_WAIT_MS ? time_format(clock_now_ms() + held_ms) : NULL;
  return json_pack("{ss ss ss sb ss*}", "key", first->key, "host", first->host, "url", first->request->url, "asked",
                   !first->is_gone, "opens", opens);
}

static json_t *
plan_collect(Plan *plan, GError **error)
{
  g_autoptr(GPtrArray) all = first_requests_find(plan->workspace->config, plan->store, plan->now_ms, error);
  if (all == NULL)
    return NULL;
  json_t *sources = json_array();
  for (guint i = 0; i < all->len; i++) {
    const FirstRequest *first = g_ptr_array_index(all, i);
    json_array_append_new(sources, first_json(plan->client, first));
    plan->new_posts += first->is_gone ? 0 : first->most_posts;
  }
  return json_pack("{so sI}", "sources", sources, "posts_at_most", (json_int_t) plan->new_posts);
}

static int64_t
count_pages(const Story *story)
{
  g_autoptr(GHashTable) pages = g_hash_table_new(g_str_hash, g_str_equal);
  for (guint i = 0; i < story->items->len; i++) {
    const Item *item = g_ptr_array_index(story->items, i);
    if (item->canonical_url != NULL)
      g_hash_table_add(pages, item->canonical_url);
  }
  return MIN(g_hash_table_size(pages), PAGES_A_STORY);
}

/* What @jobs that ask @names, as the configuration has them, cost at most; one above its cap costs nothing. */
static bool
add_cost(Plan *plan, char *const *names, int64_t jobs, GError **error)
{
  const Config *config = plan->workspace->config;
  g_autoptr(GPtrArray) llms = chain_open(config, plan->invocation->datadir, names, error);
  if (llms == NULL)
    return false;
  int64_t worst_micros = chain_worst_micros(llms);
  plan->cost_micros += worst_micros <= config->budget->per_article_micros ? jobs * worst_micros : 0;
  return true;
}

/* Comments are read where a language model will read them. */
static int64_t
count_discussions(const Config *config, int64_t stories)
{
  bool has_llms = false;
  for (char **name = config->enrich->providers; *name != NULL; name++)
    has_llms |= !g_str_equal(*name, BUILT_IN_PROVIDER);
  return has_llms ? MIN(stories, DISCUSSIONS_A_RUN) : 0;
}

/* What the store holds, and each post that may come as a story of its own. */
static json_t *
plan_enrich(Plan *plan, GError **error)
{
  g_autoptr(GPtrArray) ids = plan->store != NULL ? stories_to_enrich(plan->store, plan->now_ms, error) : g_ptr_array_new();
  int64_t pages = plan->new_posts * PAGES_A_STORY;
  for (guint i = 0; ids != NULL && i < ids->len; i++) {
    g_autoptr(Story) story = stories_load(plan->store, g_ptr_array_index(ids, i), error);
    if (story == NULL)
      return NULL;
    pages += count_pages(story);
  }
  if (ids == NULL || !add_cost(plan, plan->workspace->config->enrich->providers, ids->len + plan->new_posts, error))
    return NULL;
  int64_t discussions = count_discussions(plan->workspace->config, ids->len + plan->new_posts);
  return json_pack("{sI sI sI sI}", "waiting", (json_int_t) ids->len, "new_at_most", (json_int_t) plan->new_posts,
                   "pages_at_most", (json_int_t) pages, "discussions_at_most", (json_int_t) discussions);
}

static json_t *
plan_generate(Plan *plan, GError **error G_GNUC_UNUSED)
{
  const Config *config = plan->workspace->config;
  return json_pack("{sI sf sb}", "articles_at_most", (json_int_t) config->generate->articles_per_run, "threshold",
                   config->enrich->threshold, "held", config->generate->review);
}

static json_t *
plan_deploy(Plan *plan, GError **error)
{
  const char *folder = plan->invocation->folder;
  g_autofree char *live = g_canonicalize_filename(plan->workspace->config->deploy->path, folder);
  g_autoptr(GPtrArray) articles = plan->store != NULL ? articles_latest(plan->store, error) : g_ptr_array_new();
  if (articles == NULL)
    return NULL;
  int64_t pages = 0;
  for (guint i = 0; i < articles->len; i++)
    pages += g_str_equal(((const ArticleRow *) g_ptr_array_index(articles, i))->state, "published");
  g_autoptr(GError) fault = NULL;
  g_autofree char *hugo = g_find_program_in_path("hugo");
  if (deploy_check_place(folder, live, &fault) && hugo == NULL)
    error_set(&fault, ERROR_IO, "hugo, which builds the site, is not in PATH; \"courant doctor\" says where to get it");
  return json_pack("{ss sI ss*}", "path", live, "pages", (json_int_t) pages, "fault", fault != NULL ? fault->message : NULL);
}

static json_t *
workers_json(const Workers *workers)
{
  return json_pack("{sI sI ss}", "requests", (json_int_t) workers->requests, "per_host", (json_int_t) workers->per_host,
                   "reason", workers->reason);
}

/* Tells of an unfinished run. */
static bool
add_unfinished(const Plan *plan, json_t *document, GError **error)
{
  GError *failure = NULL;
  g_autoptr(Run) open = plan->store != NULL ? runs_open(plan->store, &failure) : NULL;
  if (failure != NULL) {
    g_propagate_error(error, failure);
    return false;
  }
  if (open == NULL)
    return true;
  g_autofree char *id = g_strdup_printf("%" G_GINT64_FORMAT, open->id);
  g_autofree char *now = time_format(open->now_ms);
  json_object_set_new(document, "unfinished", json_pack("{ss ss ss}", "run", id, "command", open->command, "now", now));
  return true;
}

static void
print_collect(const json_t *collect)
{
  const json_t *sources = json_object_get(collect, "sources");
  printf("Collect: at most %" G_GINT64_FORMAT " posts of\n", json_read_int(collect, "posts_at_most", 0));
  size_t index = 0;
  json_t *source = NULL;
  json_array_foreach(sources, index, source)
  {
    const char *opens = json_read_text(source, "opens");
    g_autofree char *key = text_printable(json_read_text(source, "key"));
    g_autofree char *url = text_printable(json_read_text(source, "url"));
    bool is_in_key = g_str_has_suffix(key, url);
    if (!json_is_true(json_object_get(source, "asked")))
      printf("  %s: not asked before tomorrow, for it said that it is gone for good\n", key);
    else
      printf("  %s%s%s%s%s\n", key, is_in_key ? "" : ": ", is_in_key ? "" : url, opens != NULL ? ", whose limit opens at " : "",
             opens != NULL ? opens : "");
  }
}

static void
print_enrich(const json_t *enrich)
{
  printf("Enrich: %" G_GINT64_FORMAT " stories that wait and at most %" G_GINT64_FORMAT
         " new ones, by at most %" G_GINT64_FORMAT " pages and %" G_GINT64_FORMAT " discussions.\n",
         json_read_int(enrich, "waiting", 0), json_read_int(enrich, "new_at_most", 0),
         json_read_int(enrich, "pages_at_most", 0), json_read_int(enrich, "discussions_at_most", 0));
}

static void
print_generate(const json_t *generate)
{
  bool is_held = json_is_true(json_object_get(generate, "held"));
  printf("Generate: at most %" G_GINT64_FORMAT " new articles, of stories that score %.2f or more%s.\n",
         json_read_int(generate, "articles_at_most", 0), json_real_value(json_object_get(generate, "threshold")),
         is_held ? "; all are held until approved" : "");
}

static void
print_deploy(const json_t *deploy)
{
  const char *fault = json_read_text(deploy, "fault");
  g_autofree char *path = text_printable(json_read_text(deploy, "path"));
  g_autofree char *problem = text_printable(fault);
  if (fault != NULL)
    printf("Deploy: would fail: %s\n", problem);
  else
    printf("Deploy: %" G_GINT64_FORMAT " articles so far; builds the site if anything changed, swaps it in at %s\n",
           json_read_int(deploy, "pages", 0), path);
}

static const struct {
  const char *stage;
  json_t *(*plan)(Plan *plan, GError **error);
  void (*print)(const json_t *part);
} PARTS[] = {
    {"collect", plan_collect, print_collect},
    {"enrich", plan_enrich, print_enrich},
    {"generate", plan_generate, print_generate},
    {"deploy", plan_deploy, print_deploy},
};

static bool
holds_stage(const Stage *stages, const char *name)
{
  while (stages->name != NULL && !g_str_equal(stages->name, name))
    stages++;
  return stages->name != NULL;
}

static json_t *
plan_document(Plan *plan, const Stage *stages, GError **error)
{
  g_autofree char *schema = g_strdup_printf("courant.%s/1", plan->invocation->command->name);
  g_autofree char *now = time_format(plan->now_ms);
  g_autoptr(json_t) document =
      json_pack("{ss sb ss so}", "schema", schema, "dry_run", true, "now", now, "workers", workers_json(&plan->workers));
  for (size_t i = 0; i < G_N_ELEMENTS(PARTS); i++) {
    if (!holds_stage(stages, PARTS[i].stage))
      continue;
    json_t *part = PARTS[i].plan(plan, error);
    if (part == NULL)
      return NULL;
    json_object_set_new(document, PARTS[i].stage, part);
  }
  int64_t room_micros = budget_room(plan->store, plan->now_ms, plan->workspace->config->budget, error);
  if (room_micros < 0)
    return NULL;
  json_object_set_new(document, "cost_micros", json_integer(MIN(plan->cost_micros, room_micros)));
  return add_unfinished(plan, document, error) ? g_steal_pointer(&document) : NULL;
}

static void
print_plan(const json_t *document)
{
  const json_t *workers = json_object_get(document, "workers");
  const json_t *unfinished = json_object_get(document, "unfinished");
  printf("A dry run as of %s: nothing is asked, nothing is changed.\n", json_read_text(document, "now"));
  if (unfinished != NULL)
    printf("Run %s (%s) of %s is not finished: it is continued if it still fits, else a new one begins.\n",
           json_read_text(unfinished, "run"), json_read_text(unfinished, "command"), json_read_text(unfinished, "now"));
  printf("Workers: %" G_GINT64_FORMAT " requests at once, %" G_GINT64_FORMAT " to one host (%s).\n",
         json_read_int(workers, "requests", 0), json_read_int(workers, "per_host", 0), json_read_text(workers, "reason"));
  for (size_t i = 0; i < G_N_ELEMENTS(PARTS); i++) {
    const json_t *part = json_object_get(document, PARTS[i].stage);
    if (part != NULL)
      PARTS[i].print(part);
  }
  g_autofree char *cost = money_text(json_read_int(document, "cost_micros", 0));
  printf("Cost: at most %s.\n", cost);
}

int
plan_run(const Invocation *invocation, const RunOptions *options, const Stage *stages)
{
  g_auto(Plan) plan = {.invocation = invocation};
  GError *error = NULL;
  json_t *document = open_plan(&plan, options, stages, &error) ? plan_document(&plan, stages, &error) : NULL;
  return document != NULL ? print_document(invocation, document, print_plan) : fail_with(invocation, error);
}
