#include "writing/sentence.h"

#include "text/tokens.h"

#include <string.h>

enum { MIN_TELLING_WORDS = 4, MAX_GREETING_WORDS = 8 };

/* What a sentence begins with that leans on the one before it. */
static const char *const LEANING[] = {"it",      "its",  "this",  "that",     "these", "those", "they",      "their",
                                      "he",      "she",  "his",   "her",      "but",   "and",   "so",        "or",
                                      "however", "then", "also",  "instead",  "thus",  "such",  "therefore", "both",
                                      "neither", "here", "still", "moreover", "yet",   "hence", NULL};

static const char *const GREETINGS[] = {"hi", "hello", "hey", "dear", NULL};

static bool
begins_with_any(const char *sentence, const char *const *beginnings)
{
  g_autoptr(GPtrArray) words = tokens_words(sentence);
  return words->len > 0 && g_strv_contains(beginnings, words->pdata[0]);
}

guint
sentence_count_words(const char *text)
{
  g_autoptr(GPtrArray) words = tokens_words(text);
  return words->len;
}

bool
sentence_has_end(const char *line)
{
  static const char ENDS[] = ".!?\u2026\u3002\uff01\uff1f";
  static const char CLOSERS[] = "\"')]\u2019\u201d\u00bb";
  const char *last = line + strlen(line);
  do
    last = g_utf8_find_prev_char(line, last);
  while (last != NULL && g_utf8_strchr(CLOSERS, -1, g_utf8_get_char(last)) != NULL);
  return last != NULL && g_utf8_strchr(ENDS, -1, g_utf8_get_char(last)) != NULL;
}

bool
sentence_is_telling(const char *sentence)
{
  guint words = sentence_count_words(sentence);
  return words >= MIN_TELLING_WORDS && (words > MAX_GREETING_WORDS || !begins_with_any(sentence, GREETINGS));
}

bool
sentence_is_quotable(const char *sentence)
{
  return sentence_has_end(sentence) && sentence_is_telling(sentence);
}

bool
sentence_is_leaning(const char *sentence)
{
  return begins_with_any(sentence, LEANING);
}
