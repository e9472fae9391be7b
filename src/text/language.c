#include "text/language.h"

#include "base/error.h"

#include <errno.h>
#include <libexttextcat/textcat.h>
#include <stdbool.h>
#include <string.h>

/* Some hundred characters tell a language; more only take time. */
enum { MAX_BYTES = 2000 };

struct LanguageDetector {
  void *handle;
};

char *
language_primary(const char *tag)
{
  if (tag == NULL)
    return NULL;
  size_t length = strspn(tag, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ");
  bool is_language = (length == 2 || length == 3) && strchr("-_", tag[length]) != NULL;
  return is_language ? g_ascii_strdown(tag, (gssize) length) : NULL;
}

LanguageDetector *
language_detector_new(GError **error)
{
  void *handle = special_textcat_Init(TEXTCAT_FOLDER "/fpdb.conf", TEXTCAT_FOLDER "/");
  if (handle == NULL) {
    error_set(error, ERROR_IO, "%s: the fingerprints of languages cannot be read (%s); is libexttextcat-data installed?",
              TEXTCAT_FOLDER, g_strerror(errno));
    return NULL;
  }
  LanguageDetector *detector = g_new(LanguageDetector, 1);
  detector->handle = handle;
  return detector;
}

void
language_detector_free(LanguageDetector *detector)
{
  if (detector == NULL)
    return;
  textcat_Done(detector->handle);
  g_free(detector);
}

/* The answer is a list such as "[en--utf8][nl--utf8]", or a word. */
char **
language_detect(LanguageDetector *detector, const char *text)
{
  g_autoptr(GStrvBuilder) languages = g_strv_builder_new();
  if (g_utf8_strlen(text, -1) < LANGUAGE_MIN_CHARS)
    return g_strv_builder_end(languages);
  const char *answer = textcat_Classify(detector->handle, text, strnlen(text, MAX_BYTES));
  for (const char *at = strchr(answer, '['); at != NULL; at = strchr(at + 1, '[')) {
    g_autofree char *tag = g_strndup(at + 1, strcspn(at + 1, "-]"));
    /* short English passes for Scots, which hardly anybody posts in */
    g_autofree char *language = strcmp(tag, "sco") == 0 ? g_strdup("en") : language_primary(tag);
    if (language != NULL)
      g_strv_builder_add(languages, language);
  }
  return g_strv_builder_end(languages);
}
