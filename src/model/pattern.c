#include "model/pattern.h"

#include <string.h>

/* A stranger's text and an unlucky expression must not take a run's time. */
#define STEP_LIMIT "(*LIMIT_MATCH=100000)"

/* No letter, digit or underscore beside it. */
#define WORD_BEGINS "(?<![\\p{L}\\p{N}_])"
#define WORD_ENDS   "(?![\\p{L}\\p{N}_])"

bool
pattern_is_expression(const char *text)
{
  size_t length = strlen(text);
  return length > 2 && text[0] == '/' && text[length - 1] == '/';
}

GRegex *
pattern_compile(const char *text)
{
  size_t length = strlen(text);
  bool is_expression = pattern_is_expression(text);
  g_autofree char *inner = is_expression ? g_strndup(text + 1, length - 2) : g_regex_escape_string(text, -1);
  g_autofree char *expression =
      is_expression ? g_strconcat(STEP_LIMIT, inner, NULL) : g_strconcat(STEP_LIMIT, WORD_BEGINS, inner, WORD_ENDS, NULL);
  return g_regex_new(expression, G_REGEX_CASELESS, 0, NULL);
}

bool
pattern_matches(const GRegex *pattern, const char *text)
{
  return g_regex_match(pattern, text, 0, NULL);
}
