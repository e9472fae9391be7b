#include "app/eval_rows.h"

#include "base/error.h"
#include "base/json.h"
#include "os/file.h"
#include "text/html.h"

#include <math.h>
#include <string.h>

enum { MAX_BYTES = 256 * 1024 * 1024 };

static void
free_text(void *data)
{
  EvalText *text = data;
  g_free(text->key);
  g_free(text->source);
  g_free(text->title);
  g_free(text->text);
  g_free(text);
}

static void
free_title(void *data)
{
  EvalTitle *title = data;
  g_free(title->title);
  g_free(title->story);
  g_free(title);
}

/* A post of Mastodon is text; the others are a title, perhaps an empty line and text. An address may be broken behind its
 * scheme ("https:// host"). Returns: (transfer full) */
static EvalText *
read_text(const char *key, const char *source)
{
  g_autoptr(GString) mended = g_string_new(key);
  g_string_replace(mended, "https:// ", "https://", 0);
  const char *gap = strstr(mended->str, "\n\n");
  size_t length = g_strcmp0(source, "mastodon") == 0 ? 0 : gap != NULL ? (size_t) (gap - mended->str) : mended->len;
  EvalText *text = g_new(EvalText, 1);
  *text = (EvalText){.key = g_strdup(key),
                     .source = g_strdup(source != NULL ? source : ""),
                     .title = html_to_line(mended->str, length),
                     .text = html_to_text(mended->str + length, mended->len - length, NULL, NULL)};
  return text;
}

/* Returns: (transfer none): equal texts of one source are one */
static EvalText *
find_text(EvalRows *rows, const char *key, const char *source)
{
  g_autofree char *name = g_strdup_printf("%s\n%s", source != NULL ? source : "", key);
  EvalText *known = g_hash_table_lookup(rows->texts, name);
  if (known != NULL)
    return known;
  EvalText *text = read_text(key, source);
  g_hash_table_insert(rows->texts, g_steal_pointer(&name), text);
  return text;
}

static const char *
add_pair(EvalRows *rows, const json_t *row, unsigned line)
{
  const char *a = json_read_text(row, "a");
  const char *b = json_read_text(row, "b");
  const json_t *same = json_object_get(row, "same");
  const json_t *weight = json_object_get(row, "weight");
  bool is_same = json_is_true(same) || json_integer_value(same) == 1;
  if (a == NULL || b == NULL)
    return "\"a\" and \"b\" must be texts";
  if (!json_is_boolean(same) && (!json_is_integer(same) || (json_integer_value(same) != 0 && !is_same)))
    return "\"same\" must be 0 or 1";
  if (weight != NULL && (!json_is_number(weight) || !(json_number_value(weight) > 0)))
    return "\"weight\" must be a number above 0";
  EvalPair *pair = g_new(EvalPair, 1);
  *pair = (EvalPair){.a = find_text(rows, a, json_read_text(row, "source_a")),
                     .b = find_text(rows, b, json_read_text(row, "source_b")),
                     .is_same = is_same,
                     .weight = weight != NULL ? json_number_value(weight) : 1,
                     .line = line};
  g_ptr_array_add(rows->pairs, pair);
  return NULL;
}

static const char *
add_title(EvalRows *rows, const json_t *row)
{
  const char *title = json_read_text(row, "title");
  const char *story = json_read_text(row, "story");
  const json_t *published = json_object_get(row, "published_ms");
  if (title == NULL || story == NULL)
    return "\"title\" and \"story\" must be texts";
  if (published != NULL && !json_is_integer(published))
    return "\"published_ms\" must be an integer";
  EvalTitle *entry = g_new(EvalTitle, 1);
  *entry = (EvalTitle){g_strdup(title), g_strdup(story), json_integer_value(published)};
  g_ptr_array_add(rows->titles, entry);
  return NULL;
}

/* Returns: (transfer none) (nullable): what is wrong with the line */
static const char *
add_row(EvalRows *rows, const char *text, unsigned line)
{
  g_autoptr(json_t) row = json_parse(text, strlen(text), NULL, NULL);
  if (!json_is_object(row))
    return "is no JSON object";
  bool is_title = json_object_get(row, "title") != NULL;
  if (is_title ? rows->pairs->len > 0 : rows->titles->len > 0)
    return "pairs and titles do not go into one file";
  return is_title ? add_title(rows, row) : add_pair(rows, row, line);
}

/* Returns: whether reading may go on */
static bool
note_problem(EvalRows *rows, const char *problem, unsigned line, bool may_skip)
{
  if (rows->first_problem == NULL)
    rows->first_problem = g_strdup_printf("%s:%u: %s", rows->name, line, problem);
  rows->skipped++;
  return may_skip;
}

static bool
read_lines(EvalRows *rows, char *bytes, bool may_skip, GError **error)
{
  unsigned line = 1;
  for (char *at = bytes; *at != '\0'; line++) {
    char *end = strchrnul(at, '\n');
    bool is_last = *end == '\0';
    *end = '\0';
    const char *problem = *g_strchug(at) != '\0' ? add_row(rows, at, line) : NULL;
    if (problem != NULL && !note_problem(rows, problem, line, may_skip)) {
      error_set(error, ERROR_BAD_DATA, "%s; --skip-bad passes over such lines", rows->first_problem);
      return false;
    }
    at = is_last ? end : end + 1;
  }
  if (rows->pairs->len + rows->titles->len > 0)
    return true;
  error_set(error, ERROR_BAD_DATA, "%s: holds no labelled pair and no title",
            rows->first_problem != NULL ? rows->first_problem : rows->name);
  return false;
}

EvalRows *
eval_rows_read(const char *path, bool may_skip, GError **error)
{
  size_t length = 0;
  g_autofree char *bytes = file_read(path, MAX_BYTES, &length, error);
  if (bytes == NULL)
    return NULL;
  /* what ends a text in C makes its line a bad one, and no end of the file */
  for (char *at = bytes; (at = memchr(at, '\0', length - (size_t) (at - bytes))) != NULL;)
    *at = '\1';
  g_autoptr(EvalRows) rows = g_new0(EvalRows, 1);
  rows->name = g_path_get_basename(path);
  rows->texts = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, free_text);
  rows->pairs = g_ptr_array_new_with_free_func(g_free);
  rows->titles = g_ptr_array_new_with_free_func(free_title);
  return read_lines(rows, bytes, may_skip, error) ? g_steal_pointer(&rows) : NULL;
}

void
eval_rows_free(EvalRows *rows)
{
  if (rows == NULL)
    return;
  g_free(rows->name);
  g_free(rows->first_problem);
  g_hash_table_unref(rows->texts);
  g_ptr_array_unref(rows->pairs);
  g_ptr_array_unref(rows->titles);
  g_free(rows);
}

Post
eval_post(const EvalText *text)
{
  return (Post){.source = text->source, .title = text->title, .text = text->text};
}
