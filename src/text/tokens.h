/*
 * Words and stems. Thread: all functions are pure.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>

/**
 * tokens_words:
 *
 * The words of @text by Unicode's rules (libunistring), casefolded, numbers and versions kept, punctuation dropped but what
 * belongs to a name: "c++", "c#", ".net", "node.js". Hyphens part words: "gpt-5" is "gpt" and "5".
 *
 * Returns: (transfer full) (element-type utf8)
 */
GPtrArray *tokens_words(const char *text);

/** tokens_is_stop_word: Returns: true when @word, casefolded, says nothing of what a text in @language ((nullable): primary
 * subtag) is about; those of English are taken where the language has no list: others than German, French and Spanish */
bool tokens_is_stop_word(const char *word, const char *language);

/** tokens_stem: @word: as tokens_words() writes it. Returns: (transfer full) (nullable): as tokens_stems() gives it, NULL for a
 * stop word */
char *tokens_stem(const char *word, const char *language);

/**
 * tokens_stems:
 * @text: clean text
 * @language: (nullable): primary subtag; English where NULL or without a stemmer
 *
 * The words of @text without stop words, each brought to its stem (libstemmer), in order, repeats kept; names with a sign in
 * them ("c++", "node.js") stay as they are.
 *
 * Returns: (transfer full) (element-type utf8)
 */
GPtrArray *tokens_stems(const char *text, const char *language);
