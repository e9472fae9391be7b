/*
 * Words by field: data/score-words-en.tsv. Read-only once made. Pure.
 */
#pragma once

#include <glib.h>
#include <stdint.h>

typedef struct Vocabulary Vocabulary;

/**
 * vocabulary_new:
 * @text: a field, a tab and its words a line, "#" before comments; a hyphen joins two words that follow each other
 *
 * Returns: (transfer full) (nullable). Errors: BAD_DATA with the line
 */
Vocabulary *vocabulary_new(const char *text, GError **error);

/** vocabulary_free: NULL-safe. */
void vocabulary_free(Vocabulary *vocabulary);

/** vocabulary_count_fields: Returns: how many there are; at most 32 */
unsigned vocabulary_count_fields(const Vocabulary *vocabulary);

/** vocabulary_field: Returns: (transfer none): the name of the field at @index, in the order of the file */
const char *vocabulary_field(const Vocabulary *vocabulary, unsigned index);

/** vocabulary_find: @key: a stem, or two with a space between. Returns: the fields it is of, a bit each, from the lowest; 0 for
 * none */
uint32_t vocabulary_find(const Vocabulary *vocabulary, const char *key);

/** vocabulary_key: Returns: (transfer full): how @word, as tokens_words() writes it, stands in keys: its stem, or the word
 * itself where it has none */
char *vocabulary_key(const char *word);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Vocabulary, vocabulary_free)
