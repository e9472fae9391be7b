#include "pipeline/pages.h"

#include "base/digest.h"
#include "base/error.h"
#include "os/file.h"
#include "site/page.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

enum { MAX_PAGE_BYTES = 16 * 1024 * 1024, SHARED_FROM = 2 };

/* A topic as told by @articles of them. @newest_ms: when the article that gives the label was published */
typedef struct {
  Topic *topic;
  int64_t articles;
  int64_t newest_ms;
} Telling;

static void
free_page(void *data)
{
  Page *page = data;
  article_free(page->article);
  g_free(page->cover);
  g_free(page->path);
  g_free(page->text);
  g_free(page->sha256);
  g_free(page->on_disk_sha256);
  g_free(page);
}

void
pages_clear(Pages *pages)
{
  g_clear_pointer(&pages->all, g_ptr_array_unref);
  g_clear_pointer(&pages->rows, g_ptr_array_unref);
  g_clear_pointer(&pages->aliases, g_hash_table_unref);
  g_clear_pointer(&pages->topics, g_ptr_array_unref);
  g_clear_pointer(&pages->failed, g_ptr_array_unref);
}

/* ---- from the store */

static void
keep_failure(Pages *pages, const Page *page, const GError *reason)
{
  Job *job = job_new("deploy", page->row->slug, NULL, NULL, NULL);
  job->error = g_error_copy(reason);
  g_prefix_error(&job->error, "article %s is held back: ", page->row->slug);
  g_ptr_array_add(pages->failed, job);
}

static void
replace_text(char **field, const char *text)
{
  g_free(*field);
  *field = g_strdup(text);
}

static Article *
read_article(const ArticleRow *row, GError **error)
{
  Article *article = article_from_document(row->document, error);
  if (article == NULL)
    return NULL;
  replace_text(&article->story_id, row->story_id);
  replace_text(&article->slug, row->slug);
  article->revision = row->revision;
  article->published_ms = row->first_ms;
  article->updated_ms = row->created_ms;
  article->score = row->score;
  return article;
}

static void
add_page(const Context *context, Pages *pages, ArticleRow *row)
{
  g_autoptr(GError) reason = NULL;
  Page *page = g_new0(Page, 1);
  g_ptr_array_add(pages->all, page);
  page->row = row;
  page->aliases = g_hash_table_lookup(pages->aliases, row->story_id);
  page->path = g_build_filename(context->folder, "content", "posts", row->slug, "index.html", NULL);
  if (!g_str_equal(row->state, "published"))
    return;
  page->article = read_article(row, &reason);
  if (page->article == NULL)
    keep_failure(pages, page, reason);
}

static void
free_telling(void *data)
{
  Telling *telling = data;
  topic_free(telling->topic);
  g_free(telling);
}

static void
count_topic(GHashTable *tellings, const Topic *topic, int64_t published_ms)
{
  Telling *telling = g_hash_table_lookup(tellings, topic->slug);
  if (telling == NULL) {
    telling = g_new0(Telling, 1);
    telling->topic = topic_copy(topic);
    telling->newest_ms = published_ms;
    g_hash_table_insert(tellings, telling->topic->slug, telling);
  }
  telling->articles++;
  if (published_ms > telling->newest_ms) {
    replace_text(&telling->topic->label, topic->label);
    telling->newest_ms = published_ms;
  }
}

static int
compare_topics(const void *a, const void *b)
{
  return strcmp((*(const Topic *const *) a)->slug, (*(const Topic *const *) b)->slug);
}

static GPtrArray *
find_shared_topics(const Pages *pages)
{
  g_autoptr(GHashTable) tellings = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, free_telling);
  for (guint i = 0; i < pages->all->len; i++) {
    const Article *article = ((const Page *) g_ptr_array_index(pages->all, i))->article;
    for (guint j = 0; article != NULL && j < article->topics->len; j++)
      count_topic(tellings, g_ptr_array_index(article->topics, j), article->published_ms);
  }
  GPtrArray *topics = topics_new();
  GHashTableIter iterator;
  void *value = NULL;
  g_hash_table_iter_init(&iterator, tellings);
  while (g_hash_table_iter_next(&iterator, NULL, &value)) {
    const Telling *telling = value;
    if (telling->articles >= SHARED_FROM)
      g_ptr_array_add(topics, topic_copy(telling->topic));
  }
  g_ptr_array_sort(topics, compare_topics);
  return topics;
}

bool
pages_load(const Context *context, Pages *pages, GError **error)
{
  pages->rows = articles_latest(context->store, error);
  pages->aliases = pages->rows != NULL ? articles_aliases(context->store, error) : NULL;
  if (pages->aliases == NULL)
    return false;
  pages->all = g_ptr_array_new_with_free_func(free_page);
  pages->failed = g_ptr_array_new_with_free_func((GDestroyNotify) job_free);
  for (guint i = 0; i < pages->rows->len; i++)
    add_page(context, pages, g_ptr_array_index(pages->rows, i));
  pages->topics = find_shared_topics(pages);
  return true;
}

/* ---- against the disk */

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
is_ours(const Page *page)
{
  const char *on_disk = page->on_disk_sha256;
  return on_disk == NULL || g_strcmp0(on_disk, page->sha256) == 0 || g_strcmp0(on_disk, page->row->page_sha256) == 0 ||
         g_strcmp0(on_disk, page->row->page_next_sha256) == 0;
}

static bool
is_changed(const Page *page)
{
  return g_strcmp0(page->on_disk_sha256, page->sha256) != 0;
}

void
pages_plan(Pages *pages)
{
  g_autoptr(GHashTable) shared_topics = g_hash_table_new(g_str_hash, g_str_equal);
  for (guint i = 0; i < pages->topics->len; i++)
    g_hash_table_add(shared_topics, ((const Topic *) g_ptr_array_index(pages->topics, i))->slug);
  for (guint i = 0; i < pages->all->len; i++) {
    Page *page = g_ptr_array_index(pages->all, i);
    if (page->article != NULL) {
      const PageSetting setting = {
          .shared_topics = shared_topics, .cover = page->cover, .told_as = page->row->told_as, .aliases = page->aliases};
      page->text = page_render(page->article, &setting);
      page->sha256 = digest_sha256(page->text, strlen(page->text));
    }
    bool is_readable = digest_file(page->path, &page->on_disk_sha256);
    page->is_users = !is_readable || !is_ours(page);
  }
}

bool
pages_is_shown(const Page *page)
{
  return page->text != NULL && !page->is_users;
}

/* ---- onto the disk */

/* The digests of what is about to be written are committed before anything is. */
static bool
announce(const Context *context, const Pages *pages, GError **error)
{
  if (!store_begin(context->store, true, error))
    return false;
  for (guint i = 0; i < pages->all->len; i++) {
    const Page *page = g_ptr_array_index(pages->all, i);
    bool is_known = !is_changed(page) && g_strcmp0(page->sha256, page->row->page_sha256) == 0;
    if (pages_is_shown(page) && !is_known &&
        !articles_announce_page(context->store, page->row, page->on_disk_sha256, page->sha256, error)) {
      store_rollback(context->store);
      return false;
    }
  }
  return store_commit(context->store, error);
}

/* What else the user put beside the page stays. */
static bool
remove_page(const Page *page, GError **error)
{
  if (!file_remove_tree(page->path, error))
    return false;
  g_autofree char *folder = g_path_get_dirname(page->path);
  rmdir(folder);
  return true;
}

/* Returns: (transfer full): where nothing stands yet, beside @page; Hugo passes over what begins with a dot */
static char *
find_kept_path(const Page *page)
{
  g_autofree char *folder = g_path_get_dirname(page->path);
  char *path = g_build_filename(folder, ".index.html.kept", NULL);
  for (unsigned number = 2; g_file_test(path, G_FILE_TEST_EXISTS); number++) {
    g_free(path);
    path = g_strdup_printf("%s/.index.html.kept%u", folder, number);
  }
  return path;
}

/* What is hidden, withdrawn or merged leaves the site whatever the user made of its page, which is not lost. */
static bool
set_aside(const Context *context, Page *page, GError **error)
{
  g_autofree char *kept = find_kept_path(page);
  if (rename(page->path, kept) != 0) {
    error_set(error, ERROR_IO, "cannot move %s to %s: %s", page->path, kept, g_strerror(errno));
    return false;
  }
  const char *reason = "its post was taken back";
  if (g_str_equal(page->row->state, "hidden"))
    reason = "its article is hidden";
  else if (g_str_equal(page->row->state, "merged"))
    reason = "its story is one with another now";
  log_line(context->log, LOG_WARNING, "%s was changed by hand, and %s: it left the site and is kept as %s", page->path, reason,
           kept);
  page->is_users = false;
  return true;
}

/* What the user changed stays as it is. */
static bool
treat_users(const Context *context, Page *page, GError **error)
{
  if (!g_str_equal(page->row->state, "published"))
    return set_aside(context, page, error);
  if (page->text != NULL)
    log_line(context->log, LOG_WARNING, "%s was changed by hand: left alone", page->path);
  return true;
}

/* Makes room for each page that is to be written, and removes or sets aside those that are to go. */
static bool
prepare(const Context *context, Pages *pages, GArray *files, GError **error)
{
  for (guint i = 0; i < pages->all->len; i++) {
    Page *page = g_ptr_array_index(pages->all, i);
    bool was_users = page->is_users;
    if (was_users && !treat_users(context, page, error))
      return false;
    if (was_users || !is_changed(page))
      continue;
    pages->written++;
    if (page->text == NULL) {
      if (!remove_page(page, error))
        return false;
      continue;
    }
    g_autofree char *folder = g_path_get_dirname(page->path);
    if (!file_make_folder(folder, error))
      return false;
    const FileText file = {.path = page->path, .data = page->text, .length = strlen(page->text)};
    g_array_append_val(files, file);
  }
  return true;
}

bool
pages_write(const Context *context, Pages *pages, GError **error)
{
  g_autoptr(GArray) files = g_array_new(FALSE, FALSE, sizeof(FileText));
  return announce(context, pages, error) && prepare(context, pages, files, error) &&
         file_write_many(context->folder, (const FileText *) files->data, files->len, error);
}

bool
pages_hold(Pages *pages, Page *page, const GError *reason, GError **error)
{
  keep_failure(pages, page, reason);
  g_clear_pointer(&page->article, article_free);
  g_clear_pointer(&page->text, g_free);
  return remove_page(page, error);
}

bool
pages_confirm(const Context *context, const Pages *pages, GError **error)
{
  for (guint i = 0; i < pages->all->len; i++) {
    const Page *page = g_ptr_array_index(pages->all, i);
    if (!articles_confirm_page(context->store, page->row, error))
      return false;
  }
  return true;
}
