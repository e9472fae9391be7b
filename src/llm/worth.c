#include "llm/worth.h"

#include "text/sentences.h"

#include <glib.h>
#include <string.h>

enum { MIN_WORDS = 5, MAX_WORDS = 60, FEW_WORDS = 9, MAX_HASHTAGS = 1, MAX_CODE_CHARACTERS = 3 };

/* Sentences that begin so stand beside a text, not in it. */
static const char *const ASIDES[] = {
    "advertisement", "by the author",
    "caption",       "click",
    "comments",      "copyright",
    "credit",        "disclaimer",
    "disclosure",    "featured image",
    "figure ",       "filed under",
    "follow",        "image ",
    "image:",        "join ",
    "last updated",  "learn more",
    "photo ",        "photo:",
    "photograph",    "picture:",
    "please ",       "posted ",
    "published ",    "read more",
    "read on",       "reporting by",
    "see also",      "share this",
    "sign up",       "source:",
    "submitted by",  "subscribe",
    "tags:",         "thanks ",
    "thank you",     "this article was",
    "this post was", "tl;dr",
    "updated ",      "view all",
    "watch ",        "written by",
    "you can also",  "©",
};

/* Sentences that hold such ask for something, or tell of the page they are on. */
static const char *const CALLS[] = {
    "all rights reserved",
    "boost this",
    "check it out",
    "check out",
    "click here",
    "cookie policy",
    "enable javascript",
    "feedback is welcome",
    "follow me",
    "follow us",
    "leave a comment",
    "let me know",
    "let us know",
    "link in bio",
    "log in to",
    "our newsletter",
    "please boost",
    "please share",
    "privacy policy",
    "read the full",
    "sign up for",
    "thanks for",
    "thank you for",
    "originally published",
    "subscri",
    "support us",
    "terms of service",
    "the link below",
    "this newsletter",
    "your browser",
    "your inbox",
};

/* What leans on the sentence before less than what sentence_is_leaning() knows. */
static const char *const LEANING_STARTS[] = {"additionally", "another",     "as a result",   "as such",        "because of th",
                                             "consequently", "finally",     "for example",   "for instance",   "for this",
                                             "furthermore",  "in addition", "in fact",       "in other words", "in th",
                                             "likewise",     "meanwhile",   "nevertheless",  "otherwise",      "similarly",
                                             "there ",       "though",      "unfortunately", "which"};

/* Words that do so a little anywhere in a sentence. */
static const char *const POINTING[] = {" such ", " that case", " these ", " this ", " those "};

static const char *const FIRST_PERSON[] = {"i",   "i'm",  "i've", "i'd", "i'll", "i’m", "i’ve",
                                           "i’d", "i’ll", "my",   "me",  "mine", NULL};

static bool
begins_with_any(const char *text, const char *const *starts, size_t count)
{
  for (size_t i = 0; i < count; i++)
    if (g_str_has_prefix(text, starts[i]))
      return true;
  return false;
}

static bool
holds_any(const char *text, const char *const *needles, size_t count)
{
  for (size_t i = 0; i < count; i++)
    if (strstr(text, needles[i]) != NULL)
      return true;
  return false;
}

/* Whether a full stop or an exclamation mark ends it; three full stops and a question mark do not. */
static bool
is_ended(const char *sentence)
{
  gunichar sign = sentence_terminator(sentence);
  return sign == '.' || sign == '!' || sign == 0x3002 || sign == 0xFF01;
}

/* Whether it is made of what prose is made of. */
static bool
is_prose(const char *sentence)
{
  size_t letters = 0;
  size_t capitals = 0;
  size_t others = 0;
  size_t code = 0;
  size_t hashtags = 0;
  for (const char *at = sentence; *at != '\0'; at = g_utf8_next_char(at)) {
    gunichar character = g_utf8_get_char(at);
    bool is_letter = g_unichar_isalpha(character) != 0;
    letters += is_letter ? 1 : 0;
    capitals += g_unichar_isupper(character) ? 1 : 0;
    others += !is_letter && character != ' ';
    code += !is_letter && character < 0x80 && strchr("{}[]<>=|\\$`~^_;@*", (int) character) != NULL;
    hashtags += character == '#' && g_unichar_isalpha(g_utf8_get_char(at + 1));
  }
  return letters > 3 * others && 2 * capitals < letters && code <= MAX_CODE_CHARACTERS && hashtags <= MAX_HASHTAGS &&
         strstr(sentence, "://") == NULL && strstr(sentence, "()") == NULL && strstr(sentence, " @") == NULL &&
         *sentence != '@' && strstr(sentence, "/u/") == NULL && strstr(sentence, "/r/") == NULL;
}

/* Whether it is speech of somebody who was named before. */
static bool
is_said_by_pronoun(const char *lower)
{
  static const char *const SPEAKERS[] = {"” she ", "” he ", "” they ", "\" she ", "\" he ", "\" they "};
  return holds_any(lower, SPEAKERS, G_N_ELEMENTS(SPEAKERS));
}

static bool
is_first_person(const char *lower)
{
  g_auto(GStrv) words = g_strsplit_set(lower, " ,.()\"!", -1);
  for (size_t i = 0; words[i] != NULL; i++)
    if (g_strv_contains(FIRST_PERSON, words[i]))
      return true;
  return false;
}

/* Whether it begins as what was added to a post later does: "Edit 2: ...". */
static bool
is_note(const char *lower)
{
  enum { MAX_MARK_BYTES = 10 };
  return (g_str_has_prefix(lower, "edit") || g_str_has_prefix(lower, "update")) && strcspn(lower, ":") <= MAX_MARK_BYTES;
}

double
sentence_worth(const char *sentence, bool is_post)
{
  g_autofree char *lower = g_utf8_strdown(sentence, -1);
  bool is_byline = g_str_has_prefix(lower, "by ") && strlen(lower) < 60;
  guint words = sentence_count_words(sentence);
  if (words < MIN_WORDS || words > MAX_WORDS || !is_ended(sentence) || !is_prose(sentence) || is_byline || is_note(lower) ||
      begins_with_any(lower, ASIDES, G_N_ELEMENTS(ASIDES)) || holds_any(lower, CALLS, G_N_ELEMENTS(CALLS)))
    return 0;
  double worth = 1;
  if (sentence_is_leaning(sentence) || begins_with_any(lower, LEANING_STARTS, G_N_ELEMENTS(LEANING_STARTS)) ||
      is_said_by_pronoun(lower))
    worth *= 0.5;
  if (holds_any(lower, POINTING, G_N_ELEMENTS(POINTING)))
    worth *= 0.6;
  if (words < FEW_WORDS)
    worth *= 0.7;
  if (is_first_person(lower))
    worth *= is_post ? 0.3 : 0.5;
  if (strchr(sentence, '!') != NULL)
    worth *= 0.6;
  if (!g_unichar_isupper(g_utf8_get_char(sentence)))
    worth *= 0.8;
  return worth;
}
