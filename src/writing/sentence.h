/*
 * What a single sentence is worth to a brief. Private to this layer. Pure.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>

/** sentence_count_words: Returns: how many words @sentence has */
guint sentence_count_words(const char *sentence);

/** sentence_has_end: Returns: whether @sentence ends as sentences do, which headings and bylines do not */
bool sentence_has_end(const char *sentence);

/** sentence_is_telling: Returns: whether @sentence tells anything, which a word or two and greetings do not */
bool sentence_is_telling(const char *sentence);

/** sentence_is_quotable: Returns: whether @sentence tells something and ends */
bool sentence_is_quotable(const char *sentence);

/** sentence_is_leaning: Returns: whether @sentence begins as one that needs the one before it: "But it ..." */
bool sentence_is_leaning(const char *sentence);
