#include "model/refusal.h"

#include "base/text.h"

#include <string.h>

enum { MAX_WORDS = 300, MAX_BODY_BYTES = 16 * 1024, MAX_PLAIN_BYTES = 1000 };

char *
refusal_words(const char *words)
{
  g_autofree char *line = text_clean_line(words, strlen(words));
  return text_truncate(line, MAX_WORDS);
}

/* @value: a text, or what a framework found wrong, as it wrote it. Returns: (transfer full) (nullable) */
static char *
tell(const json_t *value)
{
  if (json_is_string(value))
    return refusal_words(json_string_value(value));
  if (!json_is_object(value) && !json_is_array(value))
    return NULL;
  g_autofree char *written = json_write(value);
  return refusal_words(written);
}

char *
refusal_find(const json_t *root)
{
  const json_t *error = json_object_get(root, "error");
  if (error != NULL && !json_is_null(error)) {
    const json_t *message = json_object_get(error, "message");
    return tell(message != NULL ? message : error);
  }
  const char *kind = json_read_text(root, "object");
  if (g_strcmp0(kind, "error") == 0)
    return tell(json_object_get(root, "message"));
  return tell(json_object_get(root, "detail"));
}

char *
refusal_read(const Reply *reply)
{
  if (reply->body == NULL || reply->body_length == 0 || reply->body_length > MAX_BODY_BYTES)
    return NULL;
  g_autoptr(json_t) root = json_parse(reply->body, reply->body_length, NULL, NULL);
  if (root != NULL) {
    char *words = refusal_find(root);
    return words != NULL ? words : tell(json_object_get(root, "message"));
  }
  g_autofree char *beginning = g_strndup(reply->body, MIN(reply->body_length, MAX_PLAIN_BYTES));
  g_autofree char *words = refusal_words(beginning);
  return *words != '\0' && *words != '<' ? g_steal_pointer(&words) : NULL;
}
