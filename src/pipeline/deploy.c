/* The site: content pages from the store, Hugo into a fresh folder, a check, and one swap. The old site stays on any failure.
 */
#include "pipeline/deploy.h"

#include "base/digest.h"
#include "base/error.h"
#include "base/json.h"
#include "base/time.h"
#include "os/clock.h"
#include "os/file.h"
#include "os/process.h"
#include "pipeline/stage.h"
#include "site/page.h"
#include "store/articles.h"
#include "store/knowledge.h"
#include "threads/cancel.h"

#include <string.h>
#include <unistd.h>

enum { HUGO_TIMEOUT_MS = 300 * 1000, MAX_PAGE_BYTES = 16 * 1024 * 1024 };

#define SITE_STAMP "site_sha256"

/* Marks a folder as a site of ours, which may be replaced as a whole. */
#define SITE_MARK ".courant-site"

/* Absolute paths of a deployment. */
typedef struct {
  char *content;
  char *live;
  char *fresh;
  char *work;
  char *config;
  char *cache;
} Places;

/* A page as it shall be, and what is to be done for it. One that is to go has neither @text nor @sha256. */
typedef struct {
  ArticleRow *row;
  char *path;
  char *text;
  char *sha256;
  char *on_disk_sha256;
  bool is_changed;
  bool is_users;
} PagePlan;

/*
 * A deployment under way.
 * @rows: (element-type ArticleRow): the newest revisions
 * @plans: (element-type PagePlan): a page for each
 * @written: how many pages had to be written
 * @stamp: of all that the site is made from
 */
typedef struct {
  const Context *context;
  Places places;
  char *hugo_config;
  GPtrArray *rows;
  GPtrArray *plans;
  int64_t written;
  char *stamp;
  bool is_built;
} Deployment;

static void
clear_places(Places *places)
{
  g_free(places->content);
  g_free(places->live);
  g_free(places->fresh);
  g_free(places->work);
  g_free(places->config);
  g_free(places->cache);
}

static void
clear_deployment(Deployment *deployment)
{
  clear_places(&deployment->places);
  g_free(deployment->hugo_config);
  g_clear_pointer(&deployment->plans, g_ptr_array_unref);
  g_clear_pointer(&deployment->rows, g_ptr_array_unref);
  g_free(deployment->stamp);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Deployment, clear_deployment)

static void
free_page_plan(void *data)
{
  PagePlan *plan = data;
  g_free(plan->path);
  g_free(plan->text);
  g_free(plan->sha256);
  g_free(plan->on_disk_sha256);
  g_free(plan);
}

/* A replay's site stays below its workspace: the configuration that was recorded may name a live one. */
static Places
find_places(const Context *context)
{
  const char *folder = context->folder;
  Places places = {0};
  places.content = g_build_filename(folder, "content", "posts", NULL);
  places.live = context->is_replay ? g_build_filename(folder, "public", NULL)
                                   : g_canonicalize_filename(context->config->deploy->path, folder);
  places.fresh = g_strconcat(places.live, ".fresh", NULL);
  places.work = g_build_filename(folder, "data", "site", NULL);
  places.config = g_build_filename(places.work, "hugo.json", NULL);
  places.cache = g_build_filename(places.work, "cache", NULL);
  return places;
}

/* Sets @ret_sha256 to NULL when there is no such file. Returns: false when it cannot be read */
static bool
digest_file(const char *path, char **ret_sha256)
{
  *ret_sha256 = NULL;
  if (!g_file_test(path, G_FILE_TEST_EXISTS))
    return true;
  size_t length = 0;
  g_autofree char *data = file_read(path, MAX_PAGE_BYTES, &length, NULL);
  if (data != NULL)
    *ret_sha256 = digest_sha256(data, length);
  return data != NULL;
}

static bool
is_ours(const PagePlan *plan)
{
  const char *on_disk = plan->on_disk_sha256;
  return on_disk == NULL || g_strcmp0(on_disk, plan->sha256) == 0 || g_strcmp0(on_disk, plan->row->page_sha256) == 0 ||
         g_strcmp0(on_disk, plan->row->page_next_sha256) == 0;
}

static void
replace_text(char **field, const char *text)
{
  g_free(*field);
  *field = g_strdup(text);
}

/* Returns: (transfer full) (nullable): the page of the article; NULL when its document cannot be read */
static char *
render_page(const ArticleRow *row, GError **error)
{
  g_autoptr(Article) article = article_from_document(row->document, error);
  if (article == NULL) {
    g_prefix_error(error, "article %s: ", row->slug);
    return NULL;
  }
  replace_text(&article->story_id, row->story_id);
  replace_text(&article->slug, row->slug);
  article->revision = row->revision;
  article->published_ms = row->first_ms;
  article->updated_ms = row->created_ms;
  article->score = row->score;
  return page_render(article, &(PageSetting){0});
}

static PagePlan *
plan_page(const Places *places, ArticleRow *row, GError **error)
{
  bool is_withdrawn = g_str_equal(row->state, "withdrawn");
  g_autofree char *text = is_withdrawn ? NULL : render_page(row, error);
  if (text == NULL && !is_withdrawn)
    return NULL;
  PagePlan *plan = g_new0(PagePlan, 1);
  plan->row = row;
  plan->path = g_build_filename(places->content, row->slug, "index.html", NULL);
  plan->sha256 = text != NULL ? digest_sha256(text, strlen(text)) : NULL;
  plan->text = g_steal_pointer(&text);
  bool is_readable = digest_file(plan->path, &plan->on_disk_sha256);
  plan->is_changed = g_strcmp0(plan->on_disk_sha256, plan->sha256) != 0;
  plan->is_users = !is_readable || !is_ours(plan);
  return plan;
}

static bool
plan_pages(Deployment *deployment, GError **error)
{
  deployment->rows = articles_latest(deployment->context->store, error);
  deployment->plans = g_ptr_array_new_with_free_func(free_page_plan);
  for (guint i = 0; deployment->rows != NULL && i < deployment->rows->len; i++) {
    PagePlan *plan = plan_page(&deployment->places, g_ptr_array_index(deployment->rows, i), error);
    if (plan == NULL)
      return false;
    g_ptr_array_add(deployment->plans, plan);
  }
  return deployment->rows != NULL;
}

/* The digests of what is about to be written are committed before anything is. */
static bool
announce_pages(const Deployment *deployment, GError **error)
{
  const Context *context = deployment->context;
  const GPtrArray *plans = deployment->plans;
  if (!store_begin(context->store, true, error))
    return false;
  for (guint i = 0; i < plans->len; i++) {
    const PagePlan *plan = g_ptr_array_index(plans, i);
    bool is_known = !plan->is_changed && g_strcmp0(plan->sha256, plan->row->page_sha256) == 0;
    if (plan->text != NULL && !plan->is_users && !is_known &&
        !articles_announce_page(context->store, plan->row, plan->on_disk_sha256, plan->sha256, error)) {
      store_rollback(context->store);
      return false;
    }
  }
  return store_commit(context->store, error);
}

/* What else the user put beside the page stays. */
static bool
write_page(const PagePlan *plan, GError **error)
{
  g_autofree char *folder = g_path_get_dirname(plan->path);
  if (plan->text != NULL)
    return file_make_folder(folder, error) && file_write(plan->path, plan->text, strlen(plan->text), error);
  if (!file_remove_tree(plan->path, error))
    return false;
  rmdir(folder);
  return true;
}

static bool
write_pages(Deployment *deployment, GError **error)
{
  const Log *log = deployment->context->log;
  for (guint i = 0; i < deployment->plans->len; i++) {
    const PagePlan *plan = g_ptr_array_index(deployment->plans, i);
    if (plan->is_users && plan->text == NULL)
      log_line(log, LOG_WARNING, "%s is about a post that was taken back, but was changed by hand: remove it yourself",
               plan->path);
    else if (plan->is_users)
      log_line(log, LOG_WARNING, "%s was changed by hand: left alone", plan->path);
    if (plan->is_users || !plan->is_changed)
      continue;
    if (!write_page(plan, error))
      return false;
    deployment->written++;
  }
  return true;
}

static bool
confirm_pages(const Deployment *deployment, GError **error)
{
  for (guint i = 0; i < deployment->plans->len; i++) {
    const PagePlan *plan = g_ptr_array_index(deployment->plans, i);
    if (!articles_confirm_page(deployment->context->store, plan->row, error))
      return false;
  }
  return true;
}

static bool
add_tree(GChecksum *stamp, const char *parent, const char *name, GError **error)
{
  g_autofree char *folder = g_build_filename(parent, name, NULL);
  g_autofree char *sha256 = file_tree_sha256(folder, error);
  if (sha256 == NULL)
    return false;
  digest_add(stamp, name);
  digest_add(stamp, sha256);
  return true;
}

/* Of all that the site is made from: equal stamps, equal site. */
static char *
make_stamp(const Deployment *deployment, GError **error)
{
  const Context *context = deployment->context;
  g_autoptr(GChecksum) stamp = g_checksum_new(G_CHECKSUM_SHA256);
  digest_add(stamp, COURANT_VERSION);
  digest_add(stamp, deployment->hugo_config);
  digest_add(stamp, context->config->deploy->path);
  if (!add_tree(stamp, context->datadir, "theme", error) || !add_tree(stamp, context->folder, "content", error) ||
      !add_tree(stamp, context->folder, "layouts", error) || !add_tree(stamp, context->folder, "static", error))
    return NULL;
  return g_strdup(g_checksum_get_string(stamp));
}

static bool
is_within(const char *path, const char *folder)
{
  size_t length = strlen(folder);
  bool is_root = g_str_equal(folder, "/");
  return is_root || (g_str_has_prefix(path, folder) && (path[length] == '\0' || path[length] == '/'));
}

bool
deploy_check_place(const char *folder, const char *live, GError **error)
{
  g_autofree char *data = g_build_filename(folder, "data", NULL);
  g_autofree char *content = g_build_filename(folder, "content", NULL);
  if (is_within(folder, live) || is_within(live, data) || is_within(live, content)) {
    error_set(error, ERROR_CONFIG,
              "deploy.path: %s holds the workspace, or lies in its data or content; name a folder of its own", live);
    return false;
  }
  g_autofree char *mark = g_build_filename(live, SITE_MARK, NULL);
  if (!g_file_test(live, G_FILE_TEST_EXISTS) || g_file_test(mark, G_FILE_TEST_EXISTS))
    return true;
  g_autoptr(GDir) listing = g_dir_open(live, 0, NULL);
  if (listing != NULL && g_dir_read_name(listing) == NULL)
    return true;
  error_set(error, ERROR_IO, "deploy.path: %s is no site made by courant: empty it, or name another folder", live);
  return false;
}

char *
deploy_hugo_config(const Config *config)
{
  const SiteSettings settings = {
      .title = config->general->title, .base_url = config->site->base_url, .language = config->general->language};
  return page_hugo_config(&settings);
}

GPtrArray *
deploy_hugo_arguments(const DeployPlace *place, const char *subcommand)
{
  g_autofree char *config = g_build_filename(place->folder, "data", "site", "hugo.json", NULL);
  g_autofree char *cache = g_build_filename(place->folder, "data", "site", "cache", NULL);
  g_autofree char *now = time_format(place->now_ms);
  GPtrArray *arguments = g_ptr_array_new_with_free_func(g_free);
  const char *const flags[] = {"--source",   place->folder, "--config", config, "--themesDir",  place->datadir,
                               "--cacheDir", cache,         "--clock",  now,    "--noBuildLock"};
  g_ptr_array_add(arguments, g_strdup("hugo"));
  if (subcommand != NULL)
    g_ptr_array_add(arguments, g_strdup(subcommand));
  for (size_t i = 0; i < G_N_ELEMENTS(flags); i++)
    g_ptr_array_add(arguments, g_strdup(flags[i]));
  return arguments;
}

static bool
check_theme(const Context *context, GError **error)
{
  g_autofree char *path = g_build_filename(context->datadir, "theme", "layouts", NULL);
  if (g_file_test(path, G_FILE_TEST_IS_DIR))
    return true;
  error_set(error, ERROR_IO, "no theme at %s: set COURANT_DATADIR to the folder that holds theme/", path);
  return false;
}

static bool
is_cancelled(void)
{
  return cancel_signal() != 0;
}

static bool
run_hugo(const Deployment *deployment, GError **error)
{
  const Context *context = deployment->context;
  const Places *places = &deployment->places;
  const DeployPlace place = {.folder = context->folder, .datadir = context->datadir, .now_ms = context->run->now_ms};
  g_autoptr(GPtrArray) arguments = deploy_hugo_arguments(&place, NULL);
  g_ptr_array_add(arguments, g_strdup("--quiet"));
  g_ptr_array_add(arguments, g_strdup("--destination"));
  g_ptr_array_add(arguments, g_strdup(places->fresh));
  g_ptr_array_add(arguments, NULL);
  const ProcessSpec spec = {
      .argv = (const char *const *) arguments->pdata, .timeout_ms = HUGO_TIMEOUT_MS, .is_cancelled = is_cancelled};
  bool is_built = process_run(&spec, NULL, error);
  return file_remove_tree(places->cache, is_built ? error : NULL) && is_built;
}

static bool
expect_file(const char *folder, const char *name, GError **error)
{
  g_autofree char *path = g_build_filename(folder, name, NULL);
  if (g_file_test(path, G_FILE_TEST_IS_REGULAR))
    return true;
  error_set(error, ERROR_IO, "the built site lacks %s; the old site stays", name);
  return false;
}

/* Hugo skips what it does not like without a word. */
static bool
check_site(const Deployment *deployment, GError **error)
{
  const Places *places = &deployment->places;
  if (!expect_file(places->fresh, "index.html", error) || !expect_file(places->fresh, "index.xml", error))
    return false;
  for (guint i = 0; i < deployment->plans->len; i++) {
    const PagePlan *plan = g_ptr_array_index(deployment->plans, i);
    g_autofree char *page = g_build_filename("posts", plan->row->slug, "index.html", NULL);
    if (plan->text != NULL && !plan->is_users && !expect_file(places->fresh, page, error))
      return false;
  }
  return true;
}

static bool
write_mark(const Places *places, GError **error)
{
  g_autofree char *path = g_build_filename(places->fresh, SITE_MARK, NULL);
  return file_write(path, "", 0, error);
}

static bool
build_and_swap(const Deployment *deployment, GError **error)
{
  const Places *places = &deployment->places;
  const char *config = deployment->hugo_config;
  return deploy_check_place(deployment->context->folder, places->live, error) && check_theme(deployment->context, error) &&
         file_remove_tree(places->fresh, error) && file_make_folder(places->fresh, error) &&
         file_make_folder(places->work, error) && file_write(places->config, config, strlen(config), error) &&
         run_hugo(deployment, error) && check_site(deployment, error) && write_mark(places, error) &&
         file_swap(places->fresh, places->live, error);
}

/* Equal stamps, equal site: nothing is built. Sets @deployment's stamp and is_built. */
static bool
build_if_needed(Deployment *deployment, GError **error)
{
  const Places *places = &deployment->places;
  GError *failure = NULL;
  deployment->stamp = make_stamp(deployment, error);
  if (deployment->stamp == NULL)
    return false;
  g_autofree char *built_stamp = knowledge_get(deployment->context->store, SITE_STAMP, &failure);
  if (failure != NULL) {
    g_propagate_error(error, failure);
    return false;
  }
  deployment->is_built = g_strcmp0(deployment->stamp, built_stamp) != 0 || !expect_file(places->live, "index.html", NULL);
  if (!deployment->is_built)
    return true;
  bool is_swapped = build_and_swap(deployment, error);
  return file_remove_tree(places->fresh, is_swapped ? error : NULL) && is_swapped;
}

static bool
merge(const Deployment *deployment, const StageTally *work, GError **error)
{
  const Context *context = deployment->context;
  if (!store_begin(context->store, true, error))
    return false;
  if (!confirm_pages(deployment, error) ||
      !knowledge_set(context->store, context->run->id, SITE_STAMP, deployment->stamp, error)) {
    store_rollback(context->store);
    return false;
  }
  json_t *counts = json_pack("{sI sI sb}", "pages", (json_int_t) deployment->plans->len, "pages_written",
                             (json_int_t) deployment->written, "is_built", deployment->is_built);
  return stage_end(context, "deploy", work, counts, error);
}

bool
deploy_run(const Context *context, GError **error)
{
  int64_t began_ms = clock_monotonic_ms();
  g_auto(Deployment) deployment = {.context = context, .places = find_places(context)};
  deployment.hugo_config = deploy_hugo_config(context->config);
  if (!plan_pages(&deployment, error) || !announce_pages(&deployment, error) || !write_pages(&deployment, error) ||
      !build_if_needed(&deployment, error))
    return false;
  StageTally work = {.jobs = 1, .workers = 1, .reason = "Hugo"};
  work.seconds = (double) (clock_monotonic_ms() - began_ms) / 1000;
  return merge(&deployment, &work, error);
}
