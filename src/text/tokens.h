/*
 * Words and stems. Thread: all functions are pure.
 */
#pragma once

#include <glib.h>

/** tokens_words: the words of @text by Unicode's rules (libunistring), casefolded, numbers kept, punctuation dropped. Returns:
 * (transfer full) (element-type utf8) */
GPtrArray *tokens_words(const char *text);

/**
 * tokens_stems:
 * @text: clean text
 * @language: (nullable): primary subtag; English where NULL or without a stemmer
 *
 * The words of @text without stop words (English), each brought to its stem (libstemmer), in order, repeats kept.
 *
 * Returns: (transfer full) (element-type utf8)
 */
GPtrArray *tokens_stems(const char *text, const char *language);
