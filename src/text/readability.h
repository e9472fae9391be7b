/*
 * How hard a text is to read. Thread: pure.
 */
#pragma once

#include <glib.h>

/**
 * Readability:
 * @words: those with a letter; numbers are not counted
 * @syllables: of all words, by rules that miss some
 * @sentence_words: words of a sentence on average; 0 without words
 * @flesch: reading ease, about 0 (hard) to 100 (easy) and not cut off there; NAN without words and in a language without
 *   known constants
 * @lix: about 20 (easy) to 60 (hard), for any language that puts spaces between words; NAN without words
 */
typedef struct {
  guint sentences;
  guint words;
  guint syllables;
  double sentence_words;
  double flesch;
  double lix;
} Readability;

/** readability_measure: @text: clean; @language: (nullable): primary subtag; English where NULL */
Readability readability_measure(const char *text, const char *language);
