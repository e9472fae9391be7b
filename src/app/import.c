/* A backup, or what an earlier pipeline wrote down, taken into the workspace. */
#include "app/workspace.h"
#include "base/error.h"
#include "base/text.h"
#include "store/backup.h"
#include "store/reference_feedback.h"

#include <errno.h>
#include <stdio.h>

/* A file of feedback is read whole: @MAX_FILE_BYTES and @MAX_VALUES bound what that takes. */
enum { MAX_FILE_BYTES = 32 * 1024 * 1024, MAX_VALUES = 1500 * 1000 };

G_DEFINE_AUTOPTR_CLEANUP_FUNC(FILE, fclose)

/* A signal that asks to stop ends what waits, too. */
static void
fail_to_read(const char *path, GError **error)
{
  int reason = errno;
  if (!is_stopped(error))
    error_set(error, ERROR_IO, "cannot read %s: %s", path, g_strerror(reason));
}

static FILE *
open_input(const char *path, GError **error)
{
  if (g_str_equal(path, "-"))
    return stdin;
  FILE *input = fopen(path, "re");
  if (input == NULL)
    fail_to_read(path, error);
  return input;
}

/* The first byte tells what a file is: an object is the header of a backup, a list is feedback. Returns: 0 on error */
static int
peek(FILE *input, const char *path, GError **error)
{
  int byte = getc(input);
  if (byte != EOF && byte != '\0')
    return ungetc(byte, input);
  if (ferror(input))
    fail_to_read(path, error);
  else
    error_set(error, ERROR_BAD_DATA, "%s: %s", path, byte == EOF ? "is empty" : "is no text");
  return 0;
}

/* Returns: (transfer full) (nullable) */
static GString *
read_rest(FILE *input, const char *path, GError **error)
{
  g_autoptr(GString) content = g_string_new(NULL);
  char chunk[16 * 1024];
  for (size_t count; !ferror(input) && (count = fread(chunk, 1, sizeof chunk, input)) > 0;) {
    g_string_append_len(content, chunk, (gssize) count);
    if (content->len > MAX_FILE_BYTES) {
      error_set(error, ERROR_BAD_DATA, "%s: larger than %d MB: split its list", path, MAX_FILE_BYTES / 1024 / 1024);
      return NULL;
    }
  }
  if (!ferror(input))
    return g_steal_pointer(&content);
  fail_to_read(path, error);
  return NULL;
}

/* Python's words for what JSON has no number for become texts of the same length. Returns: how many values there may be */
static guint
mend(GString *content)
{
  static const char *const WORDS[] = {"-Infinity", "Infinity", "NaN"};
  guint values = 0;
  bool is_text = false;
  for (char *at = content->str; at < content->str + content->len; at++) {
    is_text = is_text != (*at == '"');
    if (is_text && *at == '\\')
      at++;
    values += !is_text && strchr(",[{", *at) != NULL;
    for (size_t i = 0; !is_text && i < G_N_ELEMENTS(WORDS); i++)
      if (g_str_has_prefix(at, WORDS[i])) {
        memset(at, ' ', strlen(WORDS[i]));
        at[0] = at[1] = '"';
        at += strlen(WORDS[i]) - 1;
        break;
      }
  }
  return values;
}

/* Returns: (transfer full) (nullable) */
static json_t *
read_feedback(FILE *input, const char *path, GError **error)
{
  g_autoptr(GString) content = read_rest(input, path, error);
  if (content == NULL)
    return NULL;
  if (mend(content) > MAX_VALUES) {
    error_set(error, ERROR_BAD_DATA, "%s: more than %d values: split its list", path, MAX_VALUES);
    return NULL;
  }
  g_autoptr(json_t) document = json_parse(content->str, content->len, NULL, error);
  if (document == NULL)
    g_prefix_error(error, "%s: ", path);
  else if (feedback_kind(document) == FEEDBACK_NONE)
    error_set(error, ERROR_BAD_DATA, "%s: neither a backup nor a list as scoring_feedback.json and dedup_feedback.json are",
              path);
  else
    return g_steal_pointer(&document);
  return NULL;
}

/*
 * @store: (nullable): opened, in a transaction, for the first file that can be read
 * @reports: of the files
 */
typedef struct {
  const Invocation *invocation;
  const Workspace *workspace;
  Store *store;
  json_t *reports;
  bool has_failed;
} Import;

static void
clear_import(Import *import)
{
  store_free(import->store);
  json_decref(import->reports);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Import, clear_import)

static bool
take_feedback(Import *import, const char *path, const json_t *document, GError **error)
{
  FeedbackKind kind = feedback_kind(document);
  if (import->store == NULL) {
    import->store = store_open(import->workspace->data_folder, STORE_WRITE, error);
    if (import->store == NULL || !store_begin(import->store, true, error))
      return false;
  }
  g_autoptr(json_t) kept = feedback_load(import->store, kind, error);
  if (kept == NULL)
    return false;
  g_auto(FeedbackReport) report = feedback_take(kind, document, kept);
  if (report.taken > 0 && !feedback_save(import->store, kind, kept, error))
    return false;
  g_autofree char *shown = g_filename_display_name(path);
  json_array_append_new(import->reports,
                        json_pack("{ss ss sI sI sO}", "file", shown, "into", feedback_kind_name(kind), "taken",
                                  (json_int_t) report.taken, "known", (json_int_t) report.known, "refused", report.refused));
  return true;
}

static void
print_refusal(const json_t *refusal)
{
  printf("%8" G_GINT64_FORMAT " refused: %s\n", json_read_int(refusal, "count", 0), json_read_text(refusal, "what"));
  size_t i;
  json_t *example;
  json_array_foreach(json_object_get(refusal, "examples"), i, example)
  {
    g_autofree char *text = text_printable(json_string_value(example));
    printf("          %s\n", text);
  }
}

static void
print_reports(const json_t *document)
{
  size_t i;
  json_t *report;
  json_array_foreach(json_object_get(document, "files"), i, report)
  {
    printf("%s:\n%8" G_GINT64_FORMAT " taken into %s\n", json_read_text(report, "file"), json_read_int(report, "taken", 0),
           json_read_text(report, "into"));
    if (json_read_int(report, "known", 0) > 0)
      printf("%8" G_GINT64_FORMAT " were taken before\n", json_read_int(report, "known", 0));
    size_t j;
    json_t *refusal;
    json_array_foreach(json_object_get(report, "refused"), j, refusal) print_refusal(refusal);
  }
}

/* What was taken before counts as done. */
static int
exit_code(const Import *import)
{
  bool has_failed = import->has_failed;
  bool has_done = false;
  size_t i;
  json_t *report;
  json_array_foreach(import->reports, i, report)
  {
    bool has_refused = json_array_size(json_object_get(report, "refused")) > 0;
    has_failed |= has_refused;
    has_done |= !has_refused || json_read_int(report, "taken", 0) + json_read_int(report, "known", 0) > 0;
  }
  if (!has_failed)
    return EXIT_OK;
  return has_done ? EXIT_PARTIAL : EXIT_FAILED;
}

static int
end_import(Import *import)
{
  GError *error = NULL;
  if (import->store != NULL && !store_commit(import->store, &error))
    return fail_with(import->invocation, error);
  int output = print_document(import->invocation, json_pack("{ss sO}", "schema", "courant.import/1", "files", import->reports),
                              print_reports);
  return output != EXIT_OK ? output : exit_code(import);
}

static void
print_restored(const json_t *document)
{
  printf("%" G_GINT64_FORMAT " rows of %s are in the store\n", json_read_int(document, "rows", 0),
         json_read_text(document, "backup"));
}

static int
import_backup(const Import *import, FILE *input, const char *path)
{
  const char *folder = import->workspace->data_folder;
  if (store_exists(folder))
    return fail_usage(import->invocation, "a backup goes into a workspace without a store, and this one has a store");
  GError *error = NULL;
  BackupSummary summary = {0};
  g_autofree char *shown = g_filename_display_name(path);
  if (!backup_restore(&(BackupStream){input, shown, is_stopped}, folder, &summary, &error))
    return fail_with(import->invocation, error);
  return print_document(import->invocation,
                        json_pack("{ss ss sI sI}", "schema", "courant.import/1", "backup", shown, "rows",
                                  (json_int_t) summary.rows, "bytes", (json_int_t) summary.bytes),
                        print_restored);
}

/* Returns: false when all is said: it was a backup, the store failed, or a signal asked to stop */
static bool
import_file(Import *import, const char *path, bool is_only, int *ret_exit)
{
  GError *error = NULL;
  g_autoptr(FILE) input = open_input(path, &error);
  int first = input != NULL ? peek(input, path, &error) : 0;
  if (first == '{' && is_only) {
    *ret_exit = import_backup(import, input, path);
    return false;
  }
  if (first == '{')
    error_set(&error, ERROR_BAD_DATA, "%s: no list of feedback; a backup is imported alone", path);
  g_autoptr(json_t) document = error == NULL ? read_feedback(input, path, &error) : NULL;
  bool is_taken = document != NULL && take_feedback(import, path, document, &error);
  if (is_taken && !is_stopped(&error))
    return true;
  *ret_exit = fail_with(import->invocation, error);
  import->has_failed = true;
  return document == NULL && !is_stopped(NULL);
}

static int
run_import(Invocation *invocation)
{
  int status = EXIT_OK;
  g_autoptr(Workspace) workspace = NULL;
  if (!workspace_begin(invocation, NULL, &workspace, NULL, &status))
    return status;
  g_auto(Import) import = {.invocation = invocation, .workspace = workspace, .reports = json_array()};
  bool is_only = invocation->arguments[1] == NULL;
  for (char **path = invocation->arguments; *path != NULL; path++)
    if (!import_file(&import, *path, is_only, &status))
      return status;
  return end_import(&import);
}

const Command import_command = {
    .name = "import",
    .usage = "FILE...",
    .summary = "take in a backup, or the scores and groups that another pipeline wrote down",
    .examples = "  courant import courant.ndjson        into a workspace without a store\n"
                "  zstdcat courant.ndjson.zst | courant import -\n"
                "  courant import scoring_feedback.json dedup_feedback.json\n",
    .min_arguments = 1,
    .max_arguments = 64,
    .run = run_import,
};
