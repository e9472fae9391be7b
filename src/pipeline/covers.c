#include "pipeline/covers.h"

#include "base/error.h"
#include "os/file.h"
#include "site/cover.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

/* So many drawings are in memory at once. */
enum { BATCH = 128, DEADLINE_MS = 600 * 1000, MAX_COVER_BYTES = 16 * 1024 * 1024 };

/* A job's input: the step sees the cover alone. */
typedef struct {
  Cover cover;
  Page *page;
  char *name;
} Drawing;

static void
free_drawing(void *data)
{
  Drawing *drawing = data;
  g_free(drawing->name);
  g_free(drawing);
}

static char *
covers_folder(const Context *context)
{
  return g_build_filename(context->folder, "data", "site", "covers", NULL);
}

static Cover
cover_of_page(const Context *context, const Page *page)
{
  const GPtrArray *topics = page->article->topics;
  return (Cover){
      .site_title = context->config->general->title,
      .headline = page->article->headline,
      .topic = topics->len > 0 ? ((const Topic *) g_ptr_array_index(topics, 0))->label : NULL,
      .story_id = page->article->story_id,
  };
}

/* ---- drawing */

static void
step_cover(const void *input, const void *snapshot, const GPtrArray *replies, StepOutcome *ret_outcome)
{
  const Drawing *drawing = input;
  (void) snapshot;
  (void) replies;
  ret_outcome->result = cover_draw(&drawing->cover, &ret_outcome->error);
}

/* Names the covers that are there. Returns: (transfer full) (element-type Job): to draw the others */
static GPtrArray *
plan_drawings(const Context *context, Pages *pages)
{
  g_autofree char *folder = covers_folder(context);
  GPtrArray *jobs = g_ptr_array_new_with_free_func((GDestroyNotify) job_free);
  for (guint i = 0; i < pages->all->len; i++) {
    Page *page = g_ptr_array_index(pages->all, i);
    if (page->article == NULL)
      continue;
    Cover cover = cover_of_page(context, page);
    g_autofree char *name = cover_name(&cover);
    g_autofree char *path = g_build_filename(folder, name, NULL);
    if (g_file_test(path, G_FILE_TEST_IS_REGULAR)) {
      page->cover = g_steal_pointer(&name);
      continue;
    }
    g_autofree char *subject = g_build_filename("covers", name, NULL);
    Drawing *drawing = g_new(Drawing, 1);
    *drawing = (Drawing){.cover = cover, .page = page, .name = g_steal_pointer(&name)};
    g_ptr_array_add(jobs, job_new("deploy", subject, drawing, free_drawing, (GDestroyNotify) g_bytes_unref));
  }
  return jobs;
}

/* Writes what was drawn at once, then says which page shows it. */
static bool
keep_drawings(const char *folder, const GPtrArray *batch, GError **error)
{
  g_autoptr(GPtrArray) paths = g_ptr_array_new_with_free_func(g_free);
  g_autoptr(GArray) files = g_array_new(FALSE, FALSE, sizeof(FileText));
  for (guint i = 0; i < batch->len; i++) {
    const Job *job = g_ptr_array_index(batch, i);
    if (job->result == NULL)
      continue;
    FileText file = {.path = g_build_filename(folder, ((const Drawing *) job->input)->name, NULL)};
    file.data = g_bytes_get_data(job->result, &file.length);
    g_ptr_array_add(paths, (char *) file.path);
    g_array_append_val(files, file);
  }
  if (!file_write_many(folder, (const FileText *) files->data, files->len, error))
    return false;
  for (guint i = 0; i < batch->len; i++) {
    const Job *job = g_ptr_array_index(batch, i);
    Drawing *drawing = job->input;
    if (job->result != NULL)
      drawing->page->cover = g_steal_pointer(&drawing->name);
  }
  return true;
}

/* Moves the jobs from @begin on. */
static GPtrArray *
take_batch(GPtrArray *jobs, guint begin)
{
  GPtrArray *batch = g_ptr_array_new_with_free_func((GDestroyNotify) job_free);
  for (guint i = begin; i < MIN(begin + BATCH, jobs->len); i++)
    g_ptr_array_add(batch, g_steal_pointer(&g_ptr_array_index(jobs, i)));
  return batch;
}

static bool
draw_batch(const Context *context, Pages *pages, GPtrArray *batch, StageTally *tally, GError **error)
{
  const StageSpec spec = {.name = "deploy", .step = step_cover, .deadline_ms = DEADLINE_MS};
  g_autofree char *folder = covers_folder(context);
  StageTally work = {0};
  if (!stage_work(context, &spec, batch, &work, error) || !keep_drawings(folder, batch, error))
    return false;
  tally->jobs += work.jobs;
  tally->workers = MAX(tally->workers, work.workers);
  tally->reason = work.reason;
  for (guint i = 0; i < batch->len; i++) {
    Job *job = g_ptr_array_index(batch, i);
    pages->covers_drawn += job->result != NULL;
    if (job->error != NULL)
      g_ptr_array_add(pages->failed, g_steal_pointer(&g_ptr_array_index(batch, i)));
  }
  return true;
}

bool
covers_draw(const Context *context, Pages *pages, StageTally *tally, GError **error)
{
  g_autofree char *folder = covers_folder(context);
  g_autoptr(GPtrArray) jobs = plan_drawings(context, pages);
  if (jobs->len > 0 && !file_make_folder(folder, error))
    return false;
  for (guint begin = 0; begin < jobs->len; begin += BATCH) {
    g_autoptr(GPtrArray) batch = take_batch(jobs, begin);
    if (!draw_batch(context, pages, batch, tally, error))
      return false;
  }
  return true;
}

/* ---- files */

/* Returns: (transfer full): names of covers that pages show, and ids of stories whose page the user changed: one that was kept
 * by hand may show any that its story had */
static GHashTable *
find_shown(const Pages *pages)
{
  GHashTable *shown = g_hash_table_new(g_str_hash, g_str_equal);
  for (guint i = 0; i < pages->all->len; i++) {
    const Page *page = g_ptr_array_index(pages->all, i);
    if (page->cover != NULL && page->text != NULL)
      g_hash_table_add(shown, page->cover);
    if (page->is_users)
      g_hash_table_add(shown, page->row->story_id);
  }
  return shown;
}

static bool
is_shown(GHashTable *shown, const char *name)
{
  g_autofree char *story_id = g_strndup(name, strcspn(name, "-"));
  return g_hash_table_contains(shown, name) || g_hash_table_contains(shown, story_id);
}

bool
covers_sweep(const Context *context, const Pages *pages, GError **error)
{
  g_autofree char *folder = covers_folder(context);
  g_autoptr(GHashTable) shown = find_shown(pages);
  g_autoptr(GPtrArray) names = file_list_tree(folder, error);
  for (guint i = 0; names != NULL && i < names->len; i++) {
    const char *name = g_ptr_array_index(names, i);
    g_autofree char *path = g_build_filename(folder, name, NULL);
    if (!is_shown(shown, name) && !file_remove_tree(path, error))
      return false;
  }
  return names != NULL;
}

/* The disk holds it once; where there can be no links it is copied. */
static bool
place_cover(const char *from, const char *to, GError **error)
{
  if (link(from, to) == 0 || errno == EEXIST)
    return true;
  size_t length = 0;
  g_autofree char *png = file_read(from, MAX_COVER_BYTES, &length, error);
  return png != NULL && file_write(to, png, length, error);
}

bool
covers_place(const Context *context, const Pages *pages, const char *site, GError **error)
{
  g_autofree char *kept = covers_folder(context);
  g_autofree char *placed = g_build_filename(site, "covers", NULL);
  g_autoptr(GHashTable) shown = find_shown(pages);
  g_autoptr(GPtrArray) names = file_list_tree(kept, error);
  if (names == NULL || !file_make_folder(placed, error))
    return false;
  for (guint i = 0; i < names->len; i++) {
    const char *name = g_ptr_array_index(names, i);
    g_autofree char *from = g_build_filename(kept, name, NULL);
    g_autofree char *to = g_build_filename(placed, name, NULL);
    if (is_shown(shown, name) && !place_cover(from, to, error))
      return false;
  }
  return true;
}
