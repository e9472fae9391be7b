#include "llm/schema.h"

#include "base/error.h"
#include "base/text.h"
#include "llm/bounds.h"
#include "llm/topics.h"

#include <math.h>
#include <string.h>

enum {
  MAX_ANSWER_BYTES = 64 * 1024,
  MAX_REASON_CHARS = 300,
  MAX_SENTENCE_CHARS = 500,
  MAX_TOPIC_CHARS = 40,
  MAX_SENTENCES = 5
};

json_t *
verdict_schema(guint sources)
{
  json_t *numbers = json_array();
  for (guint i = 1; i <= sources; i++)
    json_array_append_new(numbers, json_integer(i));
  json_t *sentence =
      json_pack("{ss sb s[ss] s{s{ss} s{ss so}}}", "type", "object", "additionalProperties", false, "required", "text",
                "source", "properties", "text", "type", "string", "source", "type", "integer", "enum", numbers);
  json_t *schema =
      json_pack("{ss sb s[ssss] s{s{ss} s{ss} s{ss s{ss}} s{ss so}}}", "type", "object", "additionalProperties", false,
                "required", "score", "reason", "topics", "summary", "properties", "score", "type", "number", "reason", "type",
                "string", "topics", "type", "array", "items", "type", "string", "summary", "type", "array", "items", sentence);
  g_assert(schema != NULL);
  return schema;
}

/* What is read of an answer, and by what: @said: its texts so far */
typedef struct {
  const json_t *root;
  const GPtrArray *urls;
  const Bounds *bounds;
  GString *said;
} Reading;

/* Returns: (transfer full) (nullable): a text as one clean line */
static char *
read_line(const Reading *reading, const json_t *text, const char *what, GError **error)
{
  if (!json_is_string(text)) {
    error_set(error, ERROR_BAD_DATA, "%s is no text", what);
    return NULL;
  }
  g_autofree char *line = text_clean_line(json_string_value(text), json_string_length(text));
  if (strstr(line, "://") != NULL || strcasestr(line, "www.") != NULL) {
    error_set(error, ERROR_BAD_DATA, "%s holds an address", what);
    return NULL;
  }
  g_autofree char *host = bounds_find_host(reading->bounds, line);
  if (host != NULL) {
    error_set(error, ERROR_BAD_DATA, "%s names %s, which no source does", what, host);
    return NULL;
  }
  g_string_append_printf(reading->said, "%s\n", line);
  return g_steal_pointer(&line);
}

static bool
read_score(const Reading *reading, double *ret_score, GError **error)
{
  const json_t *score = json_object_get(reading->root, "score");
  double value = json_is_number(score) ? json_number_value(score) : NAN;
  if (!(value >= 0 && value <= 1)) {
    error_set(error, ERROR_BAD_DATA, "score is no number from 0 to 1");
    return false;
  }
  *ret_score = value;
  return true;
}

static char *
read_reason(const Reading *reading, GError **error)
{
  g_autofree char *reason = read_line(reading, json_object_get(reading->root, "reason"), "reason", error);
  if (reason != NULL && *reason == '\0') {
    error_set(error, ERROR_BAD_DATA, "reason is empty");
    return NULL;
  }
  return reason != NULL ? text_truncate(reason, MAX_REASON_CHARS) : NULL;
}

/* A label that is no word or too long is passed over: rather no topic than a poor one. */
static bool
read_topics(const Reading *reading, GPtrArray *topics, GError **error)
{
  const json_t *labels = json_object_get(reading->root, "topics");
  if (!json_is_array(labels)) {
    error_set(error, ERROR_BAD_DATA, "topics is no list");
    return false;
  }
  for (size_t i = 0; i < json_array_size(labels) && topics->len < TOPICS_MAX; i++) {
    g_autofree char *label = read_line(reading, json_array_get(labels, i), "an entry of topics", error);
    if (label == NULL)
      return false;
    if (g_utf8_strlen(label, -1) <= MAX_TOPIC_CHARS)
      topics_add(topics, topic_new(label));
  }
  return true;
}

static bool
read_sentence(const Reading *reading, const json_t *entry, Summary *summary, GError **error)
{
  g_autofree char *line = read_line(reading, json_object_get(entry, "text"), "text of summary", error);
  if (line == NULL)
    return false;
  const json_t *source = json_object_get(entry, "source");
  json_int_t number = json_is_integer(source) ? json_integer_value(source) : 0;
  if (number < 1 || number > (json_int_t) reading->urls->len) {
    error_set(error, ERROR_BAD_DATA, "source of a sentence of summary is no number from 1 to %u", reading->urls->len);
    return false;
  }
  g_autofree char *text = text_truncate(line, MAX_SENTENCE_CHARS);
  if (*text != '\0')
    summary_add_sentence(summary, text, g_ptr_array_index(reading->urls, (guint) number - 1));
  return true;
}

static bool
read_summary(const Reading *reading, Summary *summary, GError **error)
{
  const json_t *sentences = json_object_get(reading->root, "summary");
  if (!json_is_array(sentences)) {
    error_set(error, ERROR_BAD_DATA, "summary is no list");
    return false;
  }
  for (size_t i = 0; i < json_array_size(sentences) && i < MAX_SENTENCES; i++)
    if (!read_sentence(reading, json_array_get(sentences, i), summary, error))
      return false;
  return true;
}

static bool
check_language(const Reading *reading, GError **error)
{
  if (!bounds_is_foreign(reading->bounds, reading->said->str))
    return true;
  error_set(error, ERROR_BAD_DATA, "the answer is neither in English nor in a language of the sources");
  return false;
}

Verdict *
verdict_read(const char *answer, const Prompt *prompt, GError **error)
{
  size_t length = strlen(answer);
  if (length > MAX_ANSWER_BYTES) {
    error_set(error, ERROR_BAD_DATA, "the answer is longer than %d bytes", MAX_ANSWER_BYTES);
    return NULL;
  }
  g_autoptr(json_t) root = json_parse(answer, length, NULL, error);
  if (root == NULL)
    return NULL;
  g_autoptr(Bounds) bounds = bounds_new(prompt->user, prompt->urls);
  g_autoptr(GString) said = g_string_new(NULL);
  const Reading reading = {root, prompt->urls, bounds, said};
  g_autoptr(Verdict) verdict = g_new0(Verdict, 1);
  verdict->summary = summary_new();
  verdict->reason = read_score(&reading, &verdict->score, error) ? read_reason(&reading, error) : NULL;
  bool is_sound = verdict->reason != NULL && read_topics(&reading, verdict->summary->topics, error) &&
                  read_summary(&reading, verdict->summary, error) && check_language(&reading, error);
  return is_sound ? g_steal_pointer(&verdict) : NULL;
}

void
verdict_free(Verdict *verdict)
{
  if (verdict == NULL)
    return;
  g_free(verdict->reason);
  summary_free(verdict->summary);
  g_free(verdict);
}
