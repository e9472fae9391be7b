#include "store/reference.h"

#include "base/error.h"
#include "base/time.h"
#include "store/reference_shapes.h"

void
reference_file_free(ReferenceFile *file)
{
  if (file == NULL)
    return;
  g_free(file->name);
  json_decref(file->document);
  g_free(file);
}

static void
free_file(void *file)
{
  reference_file_free(file);
}

/* Takes @document (transfer full). Returns: false when there is none */
static bool
add_file(GPtrArray *files, const char *name, json_t *document)
{
  ReferenceFile *file = g_new0(ReferenceFile, 1);
  *file = (ReferenceFile){.name = g_strdup(name), .document = document};
  g_ptr_array_add(files, file);
  return document != NULL;
}

/* Of a time as in "2026-03-02T08:00:00Z" what names of files have: "20260302_080000". Returns: (transfer full) */
static char *
stamped_name(const char *prefix, int64_t now_ms)
{
  g_autofree char *time = time_format(now_ms / 1000 * 1000);
  g_autoptr(GString) stamp = g_string_new(NULL);
  for (const char *at = time; *at != '\0'; at++)
    if (g_ascii_isdigit(*at) || *at == 'T')
      g_string_append_c(stamp, *at == 'T' ? '_' : *at);
  return g_strdup_printf("%s_%s.json", prefix, stamp->str);
}

static bool
find_run(Store *store, int64_t *ret_run_id, int64_t *ret_now_ms, GError **error)
{
  Rows *rows = store_select(store,
                            "SELECT id, now_ms FROM runs WHERE id = coalesce((SELECT max(run_id) FROM stages WHERE name ="
                            " 'collect'), (SELECT max(id) FROM runs))",
                            "");
  bool has_run = rows_next(rows);
  if (has_run) {
    *ret_run_id = rows_int(rows, 0);
    *ret_now_ms = rows_int(rows, 1);
  }
  if (!rows_end(rows, error))
    return false;
  if (!has_run)
    error_set(error, ERROR_IO, "the store holds no run yet: run \"courant run\" first");
  return has_run;
}

static bool
add_all(Store *store, GPtrArray *files, GError **error)
{
  int64_t run_id = 0;
  int64_t now_ms = 0;
  if (!find_run(store, &run_id, &now_ms, error))
    return false;
  g_autofree char *collected = stamped_name("collected", now_ms);
  g_autofree char *enriched = stamped_name("enriched", now_ms);
  json_t *feedback = reference_scoring_feedback(store, error);
  return add_file(files, "scoring_feedback.json", feedback) &&
         add_file(files, "scoring_patterns.json", reference_scoring_patterns(feedback)) &&
         add_file(files, collected, reference_collected(store, run_id, now_ms, error)) &&
         add_file(files, enriched, reference_enriched(store, run_id, now_ms, error)) &&
         add_file(files, "dedup_feedback.json", reference_dedup_feedback(store, error)) &&
         add_file(files, "dedup_patterns.json", reference_dedup_patterns(store, error)) &&
         add_file(files, "generation_costs.json", reference_generation_costs(store, error));
}

GPtrArray *
reference_files(Store *store, GError **error)
{
  g_autoptr(GPtrArray) files = g_ptr_array_new_with_free_func(free_file);
  if (!store_execute(store, "BEGIN", error))
    return NULL;
  bool is_done = add_all(store, files, error);
  store_rollback(store);
  return is_done ? g_steal_pointer(&files) : NULL;
}
