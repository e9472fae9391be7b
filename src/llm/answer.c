#include "llm/answer.h"

#include "base/error.h"

#include <string.h>

enum {
  MAX_REPLY_BYTES = 256 * 1024,
  MAX_STREAM_BYTES = 1000 * 1000, /* each of its tokens comes in some 200 bytes */
  MAX_OBJECTS = 32,               /* looked at in one text */
};

static const char EVENT_DATA[] = "data:";
static const char *const THOUGHTS[] = {"<think", "<reasoning"};

json_t *
answer_root(const Reply *reply, GError **error)
{
  if (reply->body_length > MAX_REPLY_BYTES) {
    error_set(error, ERROR_BAD_DATA, "the reply is longer than %d bytes", MAX_REPLY_BYTES);
    return NULL;
  }
  json_t *root = json_parse(reply->body, reply->body_length, NULL, error);
  if (root == NULL)
    g_prefix_error(error, "the reply is no JSON: ");
  return root;
}

/* What a stream said so far. @last: (nullable): the last reason for an end, usage and error that a chunk had */
typedef struct {
  GString *content;
  GString *refusal;
  json_t *finish_reason;
  json_t *usage;
  json_t *error;
  bool is_done;
} Stream;

static void
keep(json_t **kept, json_t *value)
{
  if (value == NULL || json_is_null(value))
    return;
  json_decref(*kept);
  *kept = json_incref(value);
}

static void
add_chunk(Stream *stream, const json_t *chunk)
{
  const json_t *choice = json_array_get(json_object_get(chunk, "choices"), 0);
  const json_t *delta = json_object_get(choice, "delta");
  g_autofree char *content = answer_text(json_object_get(delta, "content"));
  const char *refusal = json_read_text(delta, "refusal");
  g_string_append(stream->content, content != NULL ? content : "");
  g_string_append(stream->refusal, refusal != NULL ? refusal : "");
  keep(&stream->finish_reason, json_object_get(choice, "finish_reason"));
  keep(&stream->usage, json_object_get(chunk, "usage"));
  keep(&stream->error, json_object_get(chunk, "error"));
}

/* Returns: whether it could be read; comments and other fields of the stream say nothing */
static bool
add_line(Stream *stream, const char *line, GError **error)
{
  if (!g_str_has_prefix(line, EVENT_DATA))
    return true;
  const char *data = line + strlen(EVENT_DATA);
  data += strspn(data, " \t");
  if (g_str_has_prefix(data, "[DONE]")) {
    stream->is_done = true;
    return true;
  }
  g_autoptr(json_t) chunk = json_parse(data, strlen(data), NULL, error);
  if (chunk == NULL)
    g_prefix_error(error, "the stream was cut off or is none: ");
  else
    add_chunk(stream, chunk);
  return chunk != NULL;
}

/* Returns: (transfer full): the stream as one completion */
static json_t *
write_completion(const Stream *stream)
{
  json_t *message = json_pack("{ss so}", "content", stream->content->str, "refusal",
                              stream->refusal->len > 0 ? json_string(stream->refusal->str) : json_null());
  return json_pack("{s[{so sO?}] sO? sO?}", "choices", "message", message, "finish_reason", stream->finish_reason, "usage",
                   stream->usage, "error", stream->error);
}

static json_t *
read_stream(const Reply *reply, GError **error)
{
  if (reply->body_length > MAX_STREAM_BYTES) {
    error_set(error, ERROR_BAD_DATA, "the reply is longer than %d bytes", MAX_STREAM_BYTES);
    return NULL;
  }
  g_auto(GStrv) lines = g_strsplit_set(reply->body, "\r\n", -1);
  Stream stream = {.content = g_string_new(NULL), .refusal = g_string_new(NULL)};
  bool is_sound = true;
  for (char **line = lines; *line != NULL && is_sound; line++)
    is_sound = add_line(&stream, *line, error);
  bool is_whole = stream.is_done || stream.finish_reason != NULL || stream.error != NULL;
  if (is_sound && !is_whole)
    error_set(error, ERROR_BAD_DATA, "the stream was cut off before its end");
  json_t *root = is_sound && is_whole ? write_completion(&stream) : NULL;
  g_string_free(stream.content, true);
  g_string_free(stream.refusal, true);
  json_decref(stream.finish_reason);
  json_decref(stream.usage);
  json_decref(stream.error);
  return root;
}

json_t *
answer_chat_root(const Reply *reply, GError **error)
{
  const char *beginning = reply->body + strspn(reply->body, " \t\r\n");
  bool is_stream = g_str_has_prefix(beginning, EVENT_DATA) || g_str_has_prefix(beginning, "event:") || *beginning == ':';
  return is_stream ? read_stream(reply, error) : answer_root(reply, error);
}

char *
answer_text(const json_t *content)
{
  if (json_is_string(content))
    return g_strdup(json_string_value(content));
  GString *text = g_string_new(NULL);
  for (size_t i = 0; i < json_array_size(content); i++) {
    const json_t *part = json_array_get(content, i);
    const char *type = json_read_text(part, "type");
    const char *said = type == NULL || strstr(type, "text") != NULL ? json_read_text(part, "text") : NULL;
    g_string_append(text, said != NULL ? said : "");
  }
  return g_string_free(text, text->len == 0);
}

static size_t
object_length(const char *text)
{
  json_error_t problem;
  g_autoptr(json_t) object = json_loadb(text, strlen(text), JSON_DISABLE_EOF_CHECK, &problem);
  return json_is_object(object) ? (size_t) problem.position : 0;
}

/* Returns: (transfer full) (nullable) */
static char *
find_longest_object(const char *text)
{
  const char *found = NULL;
  size_t longest = 0;
  const char *at = strchr(text, '{');
  for (int looks = 0; at != NULL && looks < MAX_OBJECTS; looks++) {
    size_t length = object_length(at);
    found = length > longest ? at : found;
    longest = MAX(length, longest);
    at = strchr(at + MAX(length, 1), '{');
  }
  return found != NULL ? g_strndup(found, longest) : NULL;
}

/* Returns: (nullable): what follows the last thought in @text; NULL when one has no end */
static const char *
skip_thoughts(const char *text)
{
  const char *said = text;
  for (size_t i = 0; i < G_N_ELEMENTS(THOUGHTS); i++) {
    g_autofree char *end = g_strconcat("</", THOUGHTS[i] + 1, NULL);
    const char *last = g_strrstr(said, end);
    if (last != NULL)
      said = last + strcspn(last, ">");
    else if (g_str_has_prefix(said, THOUGHTS[i]))
      return NULL;
  }
  return said;
}

char *
answer_object(const char *text)
{
  /* one that begins with the object has thought nothing aloud, whatever its sentences quote */
  const char *beginning = text + strspn(text, " \t\r\n");
  const char *said = *beginning == '{' ? beginning : skip_thoughts(beginning);
  const char *first = said != NULL ? strchr(said, '{') : NULL;
  const char *last = said != NULL ? strrchr(said, '}') : NULL;
  if (first == NULL || last < first)
    return g_strdup(text);
  g_autofree char *widest = g_strndup(first, (size_t) (last - first) + 1);
  g_autoptr(json_t) object = json_parse(widest, strlen(widest), NULL, NULL);
  char *longest = object == NULL ? find_longest_object(first) : NULL;
  return longest != NULL ? longest : g_steal_pointer(&widest);
}

char *
answer_system(const Prompt *prompt, bool tells_schema)
{
  g_autofree char *schema = tells_schema ? json_write(prompt->schema) : NULL;
  return schema != NULL
             ? g_strconcat(prompt->system, "\nNothing but the object, which holds to this JSON Schema: ", schema, NULL)
             : g_strdup(prompt->system);
}

char *
answer_repair(const char *problem)
{
  return problem != NULL ? g_strconcat("Your first answer could not be used: ", problem, ". Answer again, in full.", NULL)
                         : NULL;
}
