/*
 * Sentences of clean text. Thread: pure.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

/**
 * sentences_split:
 *
 * @text: clean text in any language
 *
 * Cuts at sentence ends, paragraph breaks and the items of lists; not after initials and abbreviations of English, German,
 * French, Spanish and Dutch ("e.g.", "z. B.", "Mme."), inside numbers and versions ("3.14", "v4.0.0") or addresses. A sentence
 * is one line with single spaces, an item without its bullet.
 *
 * Returns: (transfer full) (element-type utf8)
 */
GPtrArray *sentences_split(const char *text);

/** sentence_count_words: Returns: how many words @sentence has; of ideographs and kana, which are no words apart, two count as
 * one */
guint sentence_count_words(const char *sentence);

/** sentence_terminator: Returns: the sign that ends @sentence, quotation marks and brackets behind it aside, U+2026 for three
 * full stops; 0 where none does, as of headings and bylines */
gunichar sentence_terminator(const char *sentence);

/** sentence_has_end: Returns: whether there is one */
bool sentence_has_end(const char *sentence);

/** sentence_is_leaning: Returns: whether @sentence begins as one that needs the one before it: "But it ..." */
bool sentence_is_leaning(const char *sentence);

/** sentences_title_length: Returns: how many bytes of @text @title repeats where it was made of the first words, perhaps cut; 0
 * where @title is one of its own */
size_t sentences_title_length(const char *text, const char *title);
