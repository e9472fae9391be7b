#include "answer.h"

/* The first ending that fits tells the type. */
static const struct {
  const char *ending;
  const char *type;
  bool is_text;
} CONTENT_TYPES[] = {
    {"/atom.xml", "application/atom+xml", true},
    {".atom", "application/atom+xml", true},
    {".rss", "application/rss+xml", true},
    {".xml", "application/rss+xml", true},
    {"/feed.json", "application/feed+json", true},
    {".json", "application/json", true},
    {".html", "text/html", true},
    {".txt", "text/plain", true},
    {".sse", "text/event-stream", true},
    {".png", "image/png", false},
    {".jpg", "image/jpeg", false},
};

static char *
content_type(const char *path, bool with_charset)
{
  for (size_t i = 0; i < G_N_ELEMENTS(CONTENT_TYPES); i++)
    if (g_str_has_suffix(path, CONTENT_TYPES[i].ending))
      return g_strconcat(CONTENT_TYPES[i].type, with_charset && CONTENT_TYPES[i].is_text ? "; charset=utf-8" : "", NULL);
  return g_strdup("application/octet-stream");
}

void
asked_clear(Asked *asked)
{
  g_free(asked->method);
  g_free(asked->host);
  g_free(asked->path);
  g_free(asked->query);
  g_free(asked->user_agent);
  g_free(asked->if_none_match);
  g_free(asked->if_modified_since);
  g_free(asked->accept);
  g_free(asked->authorization);
  g_free(asked->api_key);
  g_free(asked->version);
  if (asked->body != NULL)
    g_string_free(asked->body, TRUE);
}

char *
asked_path(const Asked *asked)
{
  return g_uri_unescape_string(asked->path, NULL);
}

GHashTable *
form_decode(const char *text)
{
  GHashTable *values = text != NULL ? g_uri_parse_params(text, -1, "&", G_URI_PARAMS_WWW_FORM, NULL) : NULL;
  return values != NULL ? values : g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
}

char *
path_below(const char *folder, const char *path)
{
  if (path == NULL || path[0] != '/')
    return NULL;
  g_auto(GStrv) segments = g_strsplit(path, "/", -1);
  if (g_strv_contains((const char *const *) segments, ".") || g_strv_contains((const char *const *) segments, ".."))
    return NULL;
  return g_strconcat(folder, path, g_str_has_suffix(path, "/") ? "index.html" : NULL, NULL);
}

void
answer_add_header(Answer *answer, const char *name, const char *value)
{
  g_ptr_array_add(answer->headers, g_strdup(name));
  g_ptr_array_add(answer->headers, g_strdup(value));
}

Answer *
answer_new(unsigned status, const char *type, const char *text)
{
  Answer *answer = g_new0(Answer, 1);
  answer->status = status;
  answer->headers = g_ptr_array_new_with_free_func(g_free);
  answer->body = g_string_new(text);
  answer->truncate_at = -1;
  answer_set_header(answer, "Content-Type", type);
  return answer;
}

void
answer_free(Answer *answer)
{
  if (answer == NULL)
    return;
  g_ptr_array_unref(answer->headers);
  g_string_free(answer->body, TRUE);
  g_free(answer->bill.model);
  g_free(answer);
}

void
answer_set_header(Answer *answer, const char *name, const char *value)
{
  for (guint i = 0; i < answer->headers->len; i += 2)
    if (g_ascii_strcasecmp(answer->headers->pdata[i], name) == 0) {
      g_ptr_array_remove_range(answer->headers, i, 2);
      break;
    }
  answer_add_header(answer, name, value);
}

Answer *
answer_json(unsigned status, const json_t *json)
{
  g_autofree char *text = json_dumps(json, JSON_COMPACT);
  return answer_new(status, "application/json; charset=utf-8", text);
}

Answer *
answer_from_file(const char *name, const char *bytes, size_t length, bool with_charset)
{
  g_autofree char *type = content_type(name, with_charset);
  Answer *answer = answer_new(200, type, "");
  g_string_append_len(answer->body, bytes, (gssize) length);
  return answer;
}
