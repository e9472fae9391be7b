/* The site: content pages from the store, Hugo into a fresh folder, a check, and one swap. The old site stays on any failure.
 */
#include "pipeline/deploy.h"

#include "base/digest.h"
#include "base/error.h"
#include "base/json.h"
#include "base/text.h"
#include "base/time.h"
#include "os/clock.h"
#include "os/file.h"
#include "os/process.h"
#include "pipeline/covers.h"
#include "pipeline/pages.h"
#include "site/page.h"
#include "store/knowledge.h"
#include "threads/cancel.h"

#include <string.h>

enum { HUGO_TIMEOUT_MS = 300 * 1000, MAX_HELD = 8, MAX_COMPLAINT_CHARS = 400 };

#define SITE_STAMP "site_sha256"

/* What of the workspace Hugo makes the site from, but for the program's own data. */
static const char *const MADE_FROM[] = {"content", "static", "layouts", "assets", "archetypes", "i18n", "themes"};

/* Marks a folder as a site of ours, which may be replaced as a whole. */
#define SITE_MARK ".courant-site"

/* Absolute paths of a deployment. */
typedef struct {
  char *live;
  char *fresh;
  char *work;
  char *config;
  char *cache;
} Places;

/*
 * A deployment under way.
 * @stamp: of all that the site is made from
 * @faulty: (nullable): the page that kept the site from being built
 */
typedef struct {
  const Context *context;
  Places places;
  char *hugo_config;
  Pages pages;
  char *stamp;
  Page *faulty;
  bool is_built;
} Deployment;

static void
clear_places(Places *places)
{
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
  pages_clear(&deployment->pages);
  g_free(deployment->stamp);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Deployment, clear_deployment)

/* A replay's site stays below its workspace: the configuration that was recorded may name a live one. */
static Places
find_places(const Context *context)
{
  const char *folder = context->folder;
  Places places = {0};
  places.live = context->is_replay ? g_build_filename(folder, "public", NULL)
                                   : g_canonicalize_filename(context->config->deploy->path, folder);
  places.fresh = g_strconcat(places.live, ".fresh", NULL);
  places.work = g_build_filename(folder, "data", "site", NULL);
  places.config = g_build_filename(places.work, "hugo.json", NULL);
  places.cache = g_build_filename(places.work, "cache", NULL);
  return places;
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
  if (!add_tree(stamp, context->datadir, "theme", error))
    return NULL;
  for (size_t i = 0; i < G_N_ELEMENTS(MADE_FROM); i++)
    if (!add_tree(stamp, context->folder, MADE_FROM[i], error))
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

static bool
is_below(const char *folder, const char *name, const char *path)
{
  g_autofree char *own = g_build_filename(folder, name, NULL);
  return is_within(path, own);
}

bool
deploy_check_place(const char *folder, const char *live, GError **error)
{
  bool is_taken = is_within(folder, live) || is_below(folder, "data", live);
  for (size_t i = 0; i < G_N_ELEMENTS(MADE_FROM) && !is_taken; i++)
    is_taken = is_below(folder, MADE_FROM[i], live);
  if (is_taken) {
    error_set(
        error, ERROR_CONFIG,
        "deploy.path: %s holds the workspace, or lies in its data or what the site is made from; name a folder of its own",
        live);
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

static char *
make_hugo_config(const Config *config, const GPtrArray *topics)
{
  const SiteSettings settings = {
      .title = config->general->title,
      .base_url = config->site->base_url,
      .language = config->general->language,
      .topics = topics,
  };
  return page_hugo_config(&settings);
}

bool
deploy_has_config(const char *folder)
{
  g_autofree char *path = g_build_filename(folder, "data", "site", "hugo.json", NULL);
  return g_file_test(path, G_FILE_TEST_IS_REGULAR);
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

/* Returns: (transfer full) (nullable): the line of Hugo's @output that names @what */
static char *
find_complaint(const char *output, const char *what)
{
  const char *place = strstr(output, what);
  if (place == NULL)
    return NULL;
  const char *begin = place;
  while (begin > output && begin[-1] != '\n')
    begin--;
  g_autofree char *line = g_strndup(begin, strcspn(begin, "\n"));
  g_autofree char *printable = text_printable(line);
  return text_truncate(printable, MAX_COMPLAINT_CHARS);
}

/* Makes the @failure of Hugo say more: which page of ours is at fault, or what else it complained of. */
static void
explain_failure(Deployment *deployment, const char *output, GError **failure)
{
  g_autofree char *complaint = NULL;
  for (guint i = 0; i < deployment->pages.all->len && complaint == NULL; i++) {
    Page *page = g_ptr_array_index(deployment->pages.all, i);
    g_autofree char *name = g_strdup_printf("posts/%s/index.html", page->row->slug);
    complaint = pages_is_shown(page) ? find_complaint(output, name) : NULL;
    deployment->faulty = complaint != NULL ? page : NULL;
  }
  if (complaint == NULL)
    complaint = find_complaint(output, "ERROR ");
  if (complaint == NULL)
    complaint = find_complaint(output, "Error: ");
  if (complaint != NULL) {
    g_clear_error(failure);
    error_set(failure, ERROR_IO, "hugo: %s", complaint);
  }
  g_prefix_error(failure, "the site cannot be built, the old one stays: ");
}

static void
tidy_store(void *store)
{
  store_checkpoint(store);
}

/* Not quiet, for then it keeps to itself what it complains of. */
static bool
run_hugo(Deployment *deployment, GError **error)
{
  const Context *context = deployment->context;
  const Places *places = &deployment->places;
  const DeployPlace place = {.folder = context->folder, .datadir = context->datadir, .now_ms = context->run->now_ms};
  g_autoptr(GPtrArray) arguments = deploy_hugo_arguments(&place, NULL);
  g_ptr_array_add(arguments, g_strdup("--destination"));
  g_ptr_array_add(arguments, g_strdup(places->fresh));
  g_ptr_array_add(arguments, NULL);
  const ProcessSpec spec = {.argv = (const char *const *) arguments->pdata,
                            .timeout_ms = HUGO_TIMEOUT_MS,
                            .is_cancelled = is_cancelled,
                            .meanwhile = tidy_store,
                            .data = context->store};
  g_autofree char *output = NULL;
  g_autoptr(GError) failure = NULL;
  stage_note(context, "deploy", "work");
  bool is_built = process_run(&spec, &output, &failure);
  stage_note(context, "deploy", "hugo");
  if (!is_built && output != NULL && error_is(failure, ERROR_IO))
    explain_failure(deployment, output, &failure);
  if (!is_built)
    g_propagate_error(error, g_steal_pointer(&failure));
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

static bool
check_page(const Places *places, const Page *page, GError **error)
{
  g_autofree char *file = g_build_filename("posts", page->row->slug, "index.html", NULL);
  g_autofree char *cover = page->cover != NULL ? g_build_filename("covers", page->cover, NULL) : NULL;
  for (guint i = 0; page->aliases != NULL && i < page->aliases->len; i++) {
    g_autofree char *alias = g_build_filename("posts", page->aliases->pdata[i], "index.html", NULL);
    if (!expect_file(places->fresh, alias, error))
      return false;
  }
  return expect_file(places->fresh, file, error) && (cover == NULL || expect_file(places->fresh, cover, error));
}

/* Hugo skips what it does not like without a word. */
static bool
check_site(Deployment *deployment, GError **error)
{
  static const char *const FILES[] = {"index.html", "index.xml", "atom.xml", "feed.json", "search.json", "sitemap.xml"};
  for (size_t i = 0; i < G_N_ELEMENTS(FILES); i++)
    if (!expect_file(deployment->places.fresh, FILES[i], error))
      return false;
  for (guint i = 0; i < deployment->pages.all->len; i++) {
    Page *page = g_ptr_array_index(deployment->pages.all, i);
    if (pages_is_shown(page) && !check_page(&deployment->places, page, error)) {
      deployment->faulty = page;
      return false;
    }
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
build_and_swap(Deployment *deployment, GError **error)
{
  const Context *context = deployment->context;
  const Places *places = &deployment->places;
  const char *config = deployment->hugo_config;
  return deploy_check_place(context->folder, places->live, error) && check_theme(context, error) &&
         file_remove_tree(places->fresh, error) && file_make_folder(places->fresh, error) &&
         file_make_folder(places->work, error) && file_write(places->config, config, strlen(config), error) &&
         run_hugo(deployment, error) && covers_place(context, &deployment->pages, places->fresh, error) &&
         check_site(deployment, error) && write_mark(places, error) && file_swap(places->fresh, places->live, error);
}

/* Equal stamps, equal site: nothing is built. Sets @deployment's stamp and is_built. */
static bool
build_if_needed(Deployment *deployment, GError **error)
{
  const Places *places = &deployment->places;
  GError *failure = NULL;
  g_free(deployment->stamp);
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
has_other_page(const Deployment *deployment)
{
  bool has_other = false;
  for (guint i = 0; i < deployment->pages.all->len && !has_other; i++) {
    const Page *page = g_ptr_array_index(deployment->pages.all, i);
    has_other = page != deployment->faulty && pages_is_shown(page);
  }
  return has_other;
}

/* One bad page is held back without the others; that many at once are no fault of the pages. */
static bool
build(Deployment *deployment, GError **error)
{
  for (int held = 0;; held++) {
    g_autoptr(GError) failure = NULL;
    deployment->faulty = NULL;
    if (build_if_needed(deployment, &failure))
      return true;
    if (deployment->faulty == NULL || held == MAX_HELD || !has_other_page(deployment)) {
      g_propagate_error(error, g_steal_pointer(&failure));
      return false;
    }
    if (!pages_hold(&deployment->pages, deployment->faulty, failure, error))
      return false;
  }
}

static bool
keep_failures(const Deployment *deployment, GError **error)
{
  const GPtrArray *failed = deployment->pages.failed;
  for (guint i = 0; i < failed->len; i++)
    if (!stage_fail_job(deployment->context, g_ptr_array_index(failed, i), error))
      return false;
  return true;
}

static bool
merge(const Deployment *deployment, const StageTally *work, GError **error)
{
  const Context *context = deployment->context;
  const Pages *pages = &deployment->pages;
  if (!store_begin(context->store, true, error))
    return false;
  if (!pages_confirm(context, pages, error) || !keep_failures(deployment, error) ||
      !knowledge_set(context->store, context->run->id, SITE_STAMP, deployment->stamp, error)) {
    store_rollback(context->store);
    return false;
  }
  json_t *counts =
      json_pack("{sI sI sI sb}", "pages", (json_int_t) pages->all->len, "pages_written", (json_int_t) pages->written,
                "covers_drawn", (json_int_t) pages->covers_drawn, "is_built", deployment->is_built);
  return stage_end(context, "deploy", work, counts, error);
}

bool
deploy_run(const Context *context, GError **error)
{
  int64_t began_ms = clock_monotonic_ms();
  g_auto(Deployment) deployment = {.context = context, .places = find_places(context)};
  Pages *pages = &deployment.pages;
  StageTally work = {.workers = 1, .reason = "Hugo"};
  if (!pages_load(context, pages, error) || !covers_draw(context, pages, &work, error))
    return false;
  pages_plan(pages);
  deployment.hugo_config = make_hugo_config(context->config, pages->topics);
  if (!pages_write(context, pages, error) || !covers_sweep(context, pages, error) || !build(&deployment, error))
    return false;
  work.jobs += 1 + (int64_t) pages->all->len;
  work.failed = pages->failed->len;
  work.seconds = (double) (clock_monotonic_ms() - began_ms) / 1000;
  return merge(&deployment, &work, error);
}
