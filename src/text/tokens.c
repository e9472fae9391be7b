#include "text/tokens.h"

#include <libstemmer.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <uniwbrk.h>

/* Words of English that say nothing of what a text is about, sorted. */
static const char *const STOP_WORDS[] = {
    "a",     "about", "above",  "after",   "again",  "all",    "also",    "am",      "an",    "and",    "any",     "are",
    "as",    "at",    "be",     "been",    "before", "being",  "below",   "between", "both",  "but",    "by",      "can",
    "can't", "could", "did",    "didn't",  "do",     "does",   "doesn't", "doing",   "don't", "down",   "during",  "each",
    "few",   "for",   "from",   "further", "had",    "has",    "have",    "having",  "he",    "her",    "here",    "hers",
    "him",   "his",   "how",    "i",       "i'm",    "i've",   "if",      "in",      "into",  "is",     "isn't",   "it",
    "it's",  "its",   "itself", "just",    "may",    "me",     "might",   "more",    "most",  "must",   "my",      "no",
    "nor",   "not",   "now",    "of",      "off",    "on",     "once",    "only",    "or",    "other",  "our",     "ours",
    "out",   "over",  "own",    "same",    "she",    "should", "so",      "some",    "such",  "than",   "that",    "that's",
    "the",   "their", "theirs", "them",    "then",   "there",  "these",   "they",    "this",  "those",  "through", "to",
    "too",   "under", "until",  "up",      "very",   "was",    "we",      "were",    "what",  "when",   "where",   "which",
    "while", "who",   "whom",   "why",     "will",   "with",   "won't",   "would",   "you",   "you're", "your",    "yours",
};

static int
compare_words(const void *word, const void *entry)
{
  return strcmp(word, *(const char *const *) entry);
}

static bool
is_stop_word(const char *word)
{
  return bsearch(word, STOP_WORDS, G_N_ELEMENTS(STOP_WORDS), sizeof STOP_WORDS[0], compare_words) != NULL;
}

/* Appends @start (@length bytes), casefolded, if it holds a letter or a digit. */
static void
add_word(GPtrArray *words, const char *start, size_t length)
{
  bool is_word = false;
  for (const char *at = start; at < start + length && !is_word; at = g_utf8_next_char(at))
    is_word = g_unichar_isalnum(g_utf8_get_char(at));
  if (is_word)
    g_ptr_array_add(words, g_utf8_casefold(start, (gssize) length));
}

/* Both apostrophes are in use; words are equal whichever was typed. */
static char *
unify_apostrophes(const char *text)
{
  g_auto(GStrv) parts = g_strsplit(text, "’", -1);
  return g_strjoinv("'", parts);
}

GPtrArray *
tokens_words(const char *text)
{
  GPtrArray *words = g_ptr_array_new_with_free_func(g_free);
  g_autofree char *unified = unify_apostrophes(text);
  size_t length = strlen(unified);
  g_autofree char *is_break = g_malloc(length + 1);
  u8_wordbreaks((const uint8_t *) unified, length, is_break);
  size_t start = 0;
  for (size_t i = 1; i <= length; i++) {
    if (i < length && !is_break[i])
      continue;
    add_word(words, unified + start, i - start);
    start = i;
  }
  return words;
}

GPtrArray *
tokens_stems(const char *text, const char *language)
{
  g_autoptr(GPtrArray) words = tokens_words(text);
  struct sb_stemmer *stemmer = language != NULL ? sb_stemmer_new(language, NULL) : NULL;
  if (stemmer == NULL)
    stemmer = sb_stemmer_new("en", NULL);
  GPtrArray *stems = g_ptr_array_new_full(words->len, g_free);
  for (unsigned i = 0; i < words->len; i++) {
    const char *word = words->pdata[i];
    if (is_stop_word(word))
      continue;
    const sb_symbol *stem = sb_stemmer_stem(stemmer, (const sb_symbol *) word, (int) strlen(word));
    g_ptr_array_add(stems, g_strndup((const char *) stem, (size_t) sb_stemmer_length(stemmer)));
  }
  sb_stemmer_delete(stemmer);
  return stems;
}
