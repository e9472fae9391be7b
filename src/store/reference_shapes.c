#include "store/reference_shapes.h"

#include "base/text.h"
#include "base/time.h"

#include <math.h>
#include <string.h>

/* Where the columns of REFERENCE_ITEM stand. */
enum {
  COLUMN_ID,
  COLUMN_TITLE,
  COLUMN_TEXT,
  COLUMN_SOURCE,
  COLUMN_URL,
  COLUMN_PAGE_URL,
  COLUMN_AUTHOR,
  COLUMN_LANGUAGE,
  COLUMN_PUBLISHED,
  COLUMN_EXTRA,
  COLUMN_LIKES,
  COLUMN_SHARES,
  COLUMN_REPLIES,
  COLUMN_SCORE,
};

/* What a service calls likes, shares, replies and points; NULL where it has none of them. @seconds: where it tells the time */
typedef struct {
  const char *source;
  const char *counts[4];
  const char *seconds;
} ServiceNames;

static const ServiceNames SERVICES[] = {
    {"mastodon", {"favourites_count", "reblogs_count", "replies_count", NULL}, NULL},
    {"hackernews", {NULL, NULL, "comments", "score"}, "time"},
    {"lobsters", {NULL, NULL, "comments", "score"}, "time"},
    {"reddit", {NULL, NULL, "num_comments", "score"}, "created_utc"},
    {"github", {NULL, "forks", NULL, "stars"}, NULL},
};

json_t *
reference_text(const Rows *rows, int column)
{
  const char *text = rows_text(rows, column);
  if (text == NULL)
    return json_null();
  json_t *value = json_string(text);
  if (value != NULL)
    return value;
  g_autofree char *clean = text_clean(text, strlen(text));
  return json_string(clean);
}

json_t *
reference_real(double number)
{
  return isfinite(number) ? json_real(round(number * 1e6) / 1e6) : json_null();
}

json_t *
reference_time(int64_t time_ms, const char *zone)
{
  if (time_ms == 0)
    return json_null();
  g_autofree char *seconds = time_format(time_ms - time_ms % 1000);
  return json_sprintf("%.*s.%03d000%s", (int) strcspn(seconds, "Z."), seconds, (int) ABS(time_ms % 1000), zone);
}

json_t *
reference_parsed(const Rows *rows, int column)
{
  const char *text = rows_text(rows, column);
  json_t *value = text != NULL ? json_parse(text, strlen(text), NULL, NULL) : NULL;
  return value != NULL ? value : json_null();
}

json_t *
reference_preview(const char *text, long max_chars)
{
  g_autofree char *clean = text_clean(text, strlen(text));
  return json_stringn(clean, (size_t) (g_utf8_offset_to_pointer(clean, MIN(max_chars, g_utf8_strlen(clean, -1))) - clean));
}

const char *
reference_content(const Rows *rows)
{
  const char *text = rows_text(rows, COLUMN_TEXT);
  return *text != '\0' ? text : rows_text(rows, COLUMN_TITLE);
}

/* Returns: (nullable) */
static const ServiceNames *
find_service(const char *source)
{
  for (size_t i = 0; i < G_N_ELEMENTS(SERVICES); i++)
    if (strcspn(source, ":") == strlen(SERVICES[i].source) && g_str_has_prefix(source, SERVICES[i].source))
      return &SERVICES[i];
  return NULL;
}

json_t *
reference_metadata(const Rows *rows)
{
  json_t *metadata = json_object();
  const ServiceNames *service = find_service(rows_text(rows, COLUMN_SOURCE));
  int64_t published_ms = rows_int(rows, COLUMN_PUBLISHED);
  for (int i = 0; service != NULL && i < 4; i++)
    if (service->counts[i] != NULL && !rows_is_null(rows, COLUMN_LIKES + i) && rows_int(rows, COLUMN_LIKES + i) >= 0)
      json_object_set_new(metadata, service->counts[i], json_integer(rows_int(rows, COLUMN_LIKES + i)));
  if (service != NULL && service->seconds != NULL && published_ms > 0)
    json_object_set_new(metadata, service->seconds, json_integer(published_ms / 1000));
  if (service != NULL && service->seconds == NULL && published_ms > 0)
    json_object_set_new(metadata, "created_at", reference_time(published_ms, "Z"));
  json_object_set_new(metadata, "language", reference_text(rows, COLUMN_LANGUAGE));
  json_object_set_new(metadata, "source_name", reference_text(rows, COLUMN_SOURCE));
  g_autoptr(json_t) extra = reference_parsed(rows, COLUMN_EXTRA);
  if (json_is_object(extra))
    json_object_update_missing(metadata, extra);
  return metadata;
}

json_t *
reference_item(const Rows *rows, int64_t now_ms)
{
  const char *source = rows_text(rows, COLUMN_SOURCE);
  const char *content = reference_content(rows);
  json_t *item = json_object();
  json_object_set_new(item, "id", reference_text(rows, COLUMN_ID));
  json_object_set_new(item, "title", reference_text(rows, COLUMN_TITLE));
  json_object_set_new(item, "content", reference_preview(content, G_MAXLONG));
  json_object_set_new(item, "source", reference_preview(source, (long) strcspn(source, ":")));
  json_object_set_new(item, "url", reference_text(rows, COLUMN_PAGE_URL));
  json_object_set_new(item, "discussion_url", reference_text(rows, COLUMN_URL));
  json_object_set_new(item, "author", reference_text(rows, COLUMN_AUTHOR));
  json_object_set_new(item, "published_at", reference_time(rows_int(rows, COLUMN_PUBLISHED), "+00:00"));
  json_object_set_new(item, "collected_at", reference_time(now_ms, "+00:00"));
  json_object_set_new(item, "metadata", reference_metadata(rows));
  return item;
}

void
reference_count_words(GHashTable *counts, const char *text)
{
  enum { LEAST_LETTERS = 4 };
  if (text == NULL)
    return;
  g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
  g_autofree char *folded = text_casefold(text, -1);
  for (const char *at = folded; *at != '\0';) {
    const char *end = at;
    long letters = 0;
    for (; g_unichar_isalpha(g_utf8_get_char(end)); end = g_utf8_next_char(end))
      letters++;
    if (letters >= LEAST_LETTERS) {
      char *word = g_strndup(at, (gsize) (end - at));
      guint count = GPOINTER_TO_UINT(g_hash_table_lookup(counts, word));
      if (g_hash_table_add(seen, word))
        g_hash_table_replace(counts, g_strdup(word), GUINT_TO_POINTER(count + 1));
    }
    at = *end != '\0' && end == at ? g_utf8_next_char(end) : end;
  }
}

typedef struct {
  const char *word;
  guint count;
} CountedWord;

static int
compare_words(const void *a, const void *b)
{
  const CountedWord *one = a;
  const CountedWord *other = b;
  if (one->count != other->count)
    return one->count > other->count ? -1 : 1;
  return strcmp(one->word, other->word);
}

json_t *
reference_frequent_words(GHashTable *counts, guint least, guint limit)
{
  g_autoptr(GArray) words = g_array_new(false, false, sizeof(CountedWord));
  GHashTableIter each;
  void *word = NULL;
  void *count = NULL;
  g_hash_table_iter_init(&each, counts);
  while (g_hash_table_iter_next(&each, &word, &count)) {
    const CountedWord counted = {word, GPOINTER_TO_UINT(count)};
    if (counted.count >= least)
      g_array_append_val(words, counted);
  }
  g_array_sort(words, compare_words);
  json_t *list = json_array();
  for (guint i = 0; i < MIN(words->len, limit); i++)
    json_array_append_new(list, json_string(g_array_index(words, CountedWord, i).word));
  return list;
}
