/*
 * What a site of many pages costs: our own part (read the articles, render, write), Hugo's, and a cover.
 * usage: site [PAGES...], 1000 and 10000 when none is named. Needs hugo, and COURANT_DATADIR or the source's folder as the
 * working folder.
 */
#include <stdio.h>

#include "base/error.h"
#include "os/clock.h"
#include "os/file.h"
#include "os/process.h"
#include "pipeline/deploy.h"
#include "pipeline/pages.h"
#include "site/cover.h"
#include "site/page.h"
#include "store/rows.h"

enum { TOPICS = 200, TOPICS_A_PAGE = 4, SOURCES_A_PAGE = 5, QUOTATIONS_A_PAGE = 5, COVERS = 20, HUGO_TIMEOUT_MS = 300 * 1000 };

static const int64_t NOW_MS = INT64_C(1772438400000);
static const unsigned SEED = 7;

typedef struct {
  char *folder;
  char *datadir;
  Store *store;
} Bench;

static const Log LOG = {.level = LOG_ERROR};

static void
stop_on(GError *error)
{
  if (error != NULL)
    g_error("site: %s", error->message);
}

static void
tell(const char *name, int64_t pages, double value, const char *unit)
{
  printf("%-44s %6" G_GINT64_FORMAT " pages %9.3f %s\n", name, pages, value, unit);
}

/* Words of a made-up language, the first ones far more often than the last. */
static char *
make_text(GRand *random, int words)
{
  GString *text = g_string_new(NULL);
  for (int i = 0; i < words; i++) {
    double share = g_rand_double(random);
    g_string_append_printf(text, "%s%c%05d", i > 0 ? " " : "", 'a' + (char) (i % 26), (int) (share * share * share * 30000));
  }
  return g_string_free(text, FALSE);
}

static void
replace_text(char **field, char *text)
{
  g_free(*field);
  *field = text;
}

static Article *
make_article(GRand *random, int64_t number)
{
  Article *article = article_new();
  replace_text(&article->kind, g_strdup("brief"));
  replace_text(&article->headline, make_text(random, 9));
  replace_text(&article->teaser, make_text(random, 25));
  for (int i = 0; i < TOPICS_A_PAGE; i++) {
    double share = g_rand_double(random);
    g_autofree char *label = g_strdup_printf("Topic %d", (int) (share * share * TOPICS));
    topics_add(article->topics, topic_new(label));
  }
  for (int i = 0; i < SOURCES_A_PAGE; i++) {
    g_autofree char *title = make_text(random, 8);
    g_autofree char *url = g_strdup_printf("https://source-%d.example/%" G_GINT64_FORMAT, i, number);
    const ArticleSource source = {i < 2 ? "page" : "discussion", "Source", title, url, NOW_MS - i * 1000, 100, 20};
    article_add_source(article, &source);
  }
  for (int i = 0; i < QUOTATIONS_A_PAGE; i++) {
    g_autofree char *text = make_text(random, 40);
    article_add_quotation(article, i < 3 ? PART_NEWS : PART_MORE, text, i % SOURCES_A_PAGE);
  }
  return article;
}

static void
add_article(const Bench *bench, GRand *random, int64_t number)
{
  GError *error = NULL;
  g_autoptr(Article) article = make_article(random, number);
  g_autofree char *story_id = g_strdup_printf("%016" G_GINT64_MODIFIER "x", number * INT64_C(0x9e3779b97f4a7c1));
  g_autofree char *slug = article_slug(article->headline, story_id);
  g_autofree char *document = article_document(article);
  const ArticleRow row = {
      .story_id = story_id,
      .revision = 1,
      .slug = slug,
      .state = (char *) "published",
      .kind = article->kind,
      .headline = article->headline,
      .document = document,
      .created_ms = NOW_MS - number * 3600 * 1000,
  };
  if (store_run(bench->store, &error, "INSERT INTO stories(id, founded_ms, updated_ms, lead_item) VALUES(?1, 0, 0, '')", "s",
                story_id))
    articles_add(bench->store, 1, &row, &error);
  stop_on(error);
}

static void
fill(const Bench *bench, int64_t pages)
{
  g_autoptr(GRand) random = g_rand_new_with_seed(SEED);
  GError *error = NULL;
  store_begin(bench->store, false, &error);
  for (int64_t i = 0; i < pages; i++)
    add_article(bench, random, i + 1);
  store_commit(bench->store, &error);
  stop_on(error);
}

/* What the deploy stage does of its own, with nothing on disk and then with all there. */
static void
write_pages(const Bench *bench, int64_t count, const char *name, GPtrArray **ret_topics)
{
  GError *error = NULL;
  Run run = {.id = 1, .now_ms = NOW_MS};
  const Context context = {.folder = bench->folder, .datadir = bench->datadir, .store = bench->store, .run = &run, .log = &LOG};
  g_auto(Pages) pages = {0};
  int64_t began_ms = clock_monotonic_ms();
  if (pages_load(&context, &pages, &error)) {
    pages_plan(&pages);
    pages_write(&context, &pages, &error);
  }
  double seconds = (double) (clock_monotonic_ms() - began_ms) / 1000;
  stop_on(error);
  tell(name, count, seconds, "s");
  if (ret_topics != NULL)
    *ret_topics = g_steal_pointer(&pages.topics);
}

static void
write_config(const Bench *bench, const GPtrArray *topics)
{
  GError *error = NULL;
  g_autofree char *folder = g_build_filename(bench->folder, "data", "site", NULL);
  g_autofree char *path = g_build_filename(folder, "hugo.json", NULL);
  const SiteSettings settings = {
      .title = "Many pages", .base_url = "https://example.org/news", .language = "en", .topics = topics};
  g_autofree char *config = page_hugo_config(&settings);
  if (file_make_folder(folder, &error))
    file_write(path, config, strlen(config), &error);
  stop_on(error);
}

static void
run_hugo(const Bench *bench, int64_t count)
{
  GError *error = NULL;
  const DeployPlace place = {.folder = bench->folder, .datadir = bench->datadir, .now_ms = NOW_MS};
  g_autoptr(GPtrArray) arguments = deploy_hugo_arguments(&place, NULL);
  g_ptr_array_add(arguments, g_strdup("--destination"));
  g_ptr_array_add(arguments, g_build_filename(bench->folder, "public", NULL));
  g_ptr_array_add(arguments, NULL);
  const ProcessSpec spec = {.argv = (const char *const *) arguments->pdata, .timeout_ms = HUGO_TIMEOUT_MS};
  int64_t began_ms = clock_monotonic_ms();
  process_run(&spec, NULL, &error);
  tell("Hugo", count, (double) (clock_monotonic_ms() - began_ms) / 1000, "s");
  stop_on(error);
}

static void
measure(const char *datadir, int64_t count)
{
  GError *error = NULL;
  Bench bench = {.folder = g_dir_make_tmp("courant-bench-XXXXXX", &error), .datadir = (char *) datadir};
  stop_on(error);
  g_autofree char *data = g_build_filename(bench.folder, "data", NULL);
  bench.store = store_open(data, STORE_WRITE, &error);
  stop_on(error);
  g_autoptr(GPtrArray) topics = NULL;
  fill(&bench, count);
  write_pages(&bench, count, "our own, all pages new (must: 0.5 s a 1,000)", &topics);
  write_pages(&bench, count, "our own, nothing changed", NULL);
  write_config(&bench, topics);
  run_hugo(&bench, count);
  store_free(bench.store);
  file_remove_tree(bench.folder, NULL);
  g_free(bench.folder);
}

static void
draw_covers(void)
{
  GError *error = NULL;
  g_autoptr(GRand) random = g_rand_new_with_seed(SEED);
  int64_t began_ms = clock_monotonic_ms();
  for (int i = 0; i < COVERS; i++) {
    g_autofree char *headline = make_text(random, 9);
    g_autofree char *id = g_strdup_printf("%016x", (unsigned) i * 2654435761U);
    GBytes *png = cover_draw(&(Cover){"Many pages", headline, "Topic", id}, &error);
    stop_on(error);
    g_bytes_unref(png);
  }
  printf("%-57s %9.1f ms (must: 40 ms)\n", "a cover", (double) (clock_monotonic_ms() - began_ms) / COVERS);
}

int
main(int argc, char **argv)
{
  const char *set = g_getenv("COURANT_DATADIR");
  g_autofree char *here = g_get_current_dir();
  const char *datadir = set != NULL ? set : here;
  draw_covers();
  if (argc < 2) {
    measure(datadir, 1000);
    measure(datadir, 10000);
  }
  for (int i = 1; i < argc; i++)
    measure(datadir, MAX(g_ascii_strtoll(argv[i], NULL, 10), 1));
  return 0;
}
