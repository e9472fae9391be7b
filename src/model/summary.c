#include "model/summary.h"

#include "base/error.h"
#include "base/json.h"

#include <string.h>

static void
statement_free(Statement *statement)
{
  g_free(statement->text);
  g_free(statement->url);
  g_free(statement);
}

Summary *
summary_new(void)
{
  Summary *summary = g_new0(Summary, 1);
  summary->topics = topics_new();
  summary->statements = g_ptr_array_new_with_free_func((GDestroyNotify) statement_free);
  summary->sentences = g_ptr_array_new_with_free_func((GDestroyNotify) statement_free);
  return summary;
}

void
summary_free(Summary *summary)
{
  if (summary == NULL)
    return;
  g_ptr_array_unref(summary->topics);
  g_ptr_array_unref(summary->statements);
  g_ptr_array_unref(summary->sentences);
  g_free(summary);
}

static void
add(GPtrArray *statements, const char *text, const char *url)
{
  Statement *statement = g_new0(Statement, 1);
  *statement = (Statement){.text = g_strdup(text), .url = g_strdup(url)};
  g_ptr_array_add(statements, statement);
}

void
summary_add_statement(Summary *summary, const char *text, const char *url)
{
  add(summary->statements, text, url);
}

void
summary_add_sentence(Summary *summary, const char *text, const char *url)
{
  add(summary->sentences, text, url);
}

char *
summary_topics_json(const Summary *summary)
{
  g_autoptr(json_t) list = json_array();
  for (guint i = 0; i < summary->topics->len; i++)
    json_array_append_new(list, json_string(((const Topic *) summary->topics->pdata[i])->label));
  return json_write(list);
}

char *
summary_statements_json(const Summary *summary)
{
  g_autoptr(json_t) list = json_array();
  for (guint i = 0; i < summary->statements->len; i++) {
    const Statement *statement = summary->statements->pdata[i];
    json_array_append_new(list, json_pack("{ss ss}", "text", statement->text, "url", statement->url));
  }
  for (guint i = 0; i < summary->sentences->len; i++) {
    const Statement *sentence = summary->sentences->pdata[i];
    json_array_append_new(list, json_pack("{ss ss sb}", "text", sentence->text, "url", sentence->url, "is_told", true));
  }
  return json_write(list);
}

/* Returns: (transfer full) (nullable): the list in @text, an empty one where it is NULL */
static json_t *
read_list(const char *text, const char *name, GError **error)
{
  if (text == NULL)
    return json_array();
  g_autoptr(json_t) list = json_parse(text, strlen(text), NULL, error);
  if (list == NULL) {
    g_prefix_error(error, "summary: %s: ", name);
    return NULL;
  }
  if (json_is_array(list))
    return g_steal_pointer(&list);
  error_set(error, ERROR_BAD_DATA, "summary: %s: is no list", name);
  return NULL;
}

Summary *
summary_from_json(const char *topics, const char *statements, GError **error)
{
  g_autoptr(json_t) labels = read_list(topics, "topics", error);
  g_autoptr(json_t) said = labels != NULL ? read_list(statements, "statements", error) : NULL;
  if (said == NULL)
    return NULL;
  g_autoptr(Summary) summary = summary_new();
  size_t i;
  const json_t *part;
  json_array_foreach(labels, i, part) if (json_is_string(part)) topics_add(summary->topics, topic_new(json_string_value(part)));
  json_array_foreach(said, i, part)
  {
    const char *text = json_read_text(part, "text");
    const char *url = json_read_text(part, "url");
    if (text == NULL || url == NULL) {
      error_set(error, ERROR_BAD_DATA, "summary: statements[%zu]: lacks text or url", i);
      return NULL;
    }
    bool is_told = json_is_true(json_object_get(part, "is_told"));
    add(is_told ? summary->sentences : summary->statements, text, url);
  }
  return g_steal_pointer(&summary);
}
