/* Posts with the scores they were given, as the reference recorded them. */
#include "app/eval_scores.h"

#include "base/error.h"
#include "base/json.h"
#include "base/time.h"
#include "base/url.h"
#include "os/file.h"
#include "text/html.h"
#include "text/language.h"

#include <math.h>
#include <string.h>

enum { MAX_BYTES = 256 * 1024 * 1024 };

static void
free_scored(void *data)
{
  EvalScored *scored = data;
  g_free(scored->source);
  g_free(scored->title);
  g_free(scored->text);
  g_free(scored->link);
  g_free(scored->language);
  g_free(scored);
}

/* Returns: the first of @keys that is a count, ended by NULL; -1 when none is */
static int64_t
read_count(const json_t *metadata, const char *const *keys)
{
  static const double MOST = 1e9;
  for (; *keys != NULL; keys++) {
    const json_t *count = json_object_get(metadata, *keys);
    if (json_is_number(count) && json_number_value(count) >= 0)
      return (int64_t) MIN(json_number_value(count), MOST);
  }
  return -1;
}

/* Posts of other communities stand under "reddit" too; what collected them is told beside it. */
static char *
read_source(const char *source, const json_t *metadata)
{
  static const char *const KINDS[] = {"hackernews", "github", "reddit", "mastodon"};
  const char *collector = json_read_text(metadata, "source_name");
  const char *instance = json_read_text(metadata, "instance");
  g_autofree char *host = instance != NULL ? url_host(instance) : NULL;
  for (size_t i = 0; collector != NULL && i < G_N_ELEMENTS(KINDS); i++)
    if (g_str_has_prefix(collector, KINDS[i]))
      source = KINDS[i];
  return host != NULL ? g_strdup_printf("%s:%s", source, host) : g_strdup(source);
}

/* Returns: (transfer full) (nullable): the first address in @text */
static char *
find_address(const char *text)
{
  const char *at = strstr(text, "https://");
  const char *plain = strstr(text, "http://");
  at = at == NULL || (plain != NULL && plain < at) ? plain : at;
  return at != NULL ? g_strndup(at, strcspn(at, " \t\r\n\"<>")) : NULL;
}

/* A post of Mastodon is text; the others are a title, perhaps an empty line and text. An address may be broken behind its
 * scheme ("https:// host"). */
static void
read_texts(EvalScored *scored, const char *text)
{
  g_autoptr(GString) mended = g_string_new(text);
  g_autoptr(GPtrArray) links = g_ptr_array_new_with_free_func(g_free);
  g_string_replace(mended, "https:// ", "https://", 0);
  bool is_titled = !g_str_has_prefix(scored->source, "mastodon");
  const char *gap = strstr(mended->str, "\n\n");
  size_t length = !is_titled ? 0 : gap != NULL ? (size_t) (gap - mended->str) : mended->len;
  scored->title = html_to_line(mended->str, length);
  scored->text = html_to_text(mended->str + length, mended->len - length, NULL, links);
  scored->link = links->len > 0 ? g_strdup(links->pdata[0]) : find_address(scored->text);
  if (scored->link == NULL && !is_titled)
    scored->link = g_strdup("");
}

/* Returns: (transfer none) (nullable): what is wrong with the line */
static const char *
add_row(EvalScores *scores, const char *line_text, unsigned line)
{
  g_autoptr(json_t) row = json_parse(line_text, strlen(line_text), NULL, NULL);
  const char *when = json_read_text(row, "when");
  const char *source = json_read_text(row, "source");
  const char *text = json_read_text(row, "text");
  const json_t *given = json_object_get(row, "ai_score");
  const json_t *metadata = json_object_get(row, "metadata");
  const json_t *heuristic = json_object_get(row, "reference_heuristic");
  const EvalScored *before = scores->posts->len > 0 ? scores->posts->pdata[scores->posts->len - 1] : NULL;
  int64_t when_ms = 0;
  if (!json_is_object(row))
    return "is no JSON object";
  if (source == NULL || text == NULL)
    return "\"source\" and \"text\" must be texts";
  if (when == NULL || !time_parse(when, &when_ms))
    return "\"when\" must be a time";
  if (!json_is_number(given) || !(json_number_value(given) >= 0 && json_number_value(given) <= 1))
    return "\"ai_score\" must be a number from 0 to 1";
  if (before != NULL && when_ms < before->when_ms && scores->early_line == 0)
    scores->early_line = line;
  EvalScored *scored = g_new0(EvalScored, 1);
  *scored = (EvalScored){
      .source = read_source(source, metadata),
      .language = language_primary(json_read_text(metadata, "language")),
      .when_ms = when_ms,
      .length = read_count(row, (const char *const[]){"length", NULL}),
      .applause = read_count(metadata, (const char *const[]){"favourites_count", "stars", "score", NULL}),
      .shares = read_count(metadata, (const char *const[]){"reblogs_count", "forks", NULL}),
      .replies = read_count(metadata, (const char *const[]){"replies_count", "comments", "num_comments", NULL}),
      .given = json_number_value(given),
      .heuristic = json_is_number(heuristic) ? json_number_value(heuristic) : NAN,
      .line = line,
  };
  if (!g_str_has_prefix(scored->source, "mastodon"))
    g_clear_pointer(&scored->language, g_free); /* that of a program */
  read_texts(scored, text);
  g_ptr_array_add(scores->posts, scored);
  return NULL;
}

static bool
read_lines(EvalScores *scores, char *bytes, bool may_skip, GError **error)
{
  unsigned line = 1;
  for (char *at = bytes; *at != '\0'; line++) {
    char *end = strchrnul(at, '\n');
    bool is_last = *end == '\0';
    *end = '\0';
    const char *problem = *g_strchug(at) != '\0' ? add_row(scores, at, line) : NULL;
    if (problem != NULL && scores->first_problem == NULL)
      scores->first_problem = g_strdup_printf("%s:%u: %s", scores->name, line, problem);
    scores->skipped += problem != NULL;
    if (problem != NULL && !may_skip) {
      error_set(error, ERROR_BAD_DATA, "%s; --skip-bad passes over such lines", scores->first_problem);
      return false;
    }
    at = is_last ? end : end + 1;
  }
  if (scores->posts->len > 0)
    return true;
  error_set(error, ERROR_BAD_DATA, "%s: holds no post with a score",
            scores->first_problem != NULL ? scores->first_problem : scores->name);
  return false;
}

EvalScores *
eval_scores_read(const char *path, bool may_skip, GError **error)
{
  size_t length = 0;
  g_autofree char *bytes = file_read(path, MAX_BYTES, &length, error);
  if (bytes == NULL)
    return NULL;
  /* what ends a text in C makes its line a bad one, and no end of the file */
  for (char *at = bytes; (at = memchr(at, '\0', length - (size_t) (at - bytes))) != NULL;)
    *at = '\1';
  g_autoptr(EvalScores) scores = g_new0(EvalScores, 1);
  scores->name = g_path_get_basename(path);
  scores->posts = g_ptr_array_new_with_free_func(free_scored);
  return read_lines(scores, bytes, may_skip, error) ? g_steal_pointer(&scores) : NULL;
}

void
eval_scores_free(EvalScores *scores)
{
  if (scores == NULL)
    return;
  g_free(scores->name);
  g_free(scores->first_problem);
  g_ptr_array_unref(scores->posts);
  g_free(scores);
}
