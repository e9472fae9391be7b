/*
 * The words of a sentence as they are written, for telling names from other words. Thread: pure.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>

/** WordForm: WORD_NAMED is a name by its form alone: "GitHub", "NASA", "GPT-5", "C++". */
typedef enum { WORD_SMALL, WORD_CAPITALISED, WORD_NAMED, WORD_NUMBER, WORD_VERSION } WordForm;

/**
 * Word:
 * @start: where it stands, without signs around it
 * @end: without the possessive "'s"
 * @is_opening: its capital may only be that of a beginning: of the sentence, of a quotation, behind a colon
 * @is_apart: a sign stands between it and the word before, so that both are no one name
 * @is_shouted: all its letters, two at least, are capitals
 * @key: casefolded, or the key of a number
 */
typedef struct {
  const char *start;
  const char *end;
  WordForm form;
  bool is_opening;
  bool is_apart;
  bool is_shouted;
  char *key;
} Word;

/**
 * words_read:
 * @sentence: one line with single spaces, which outlives the result
 * @language: (nullable): primary subtag
 *
 * Returns: (transfer full) (element-type Word): without hashtags, handles and addresses
 */
GArray *words_read(const char *sentence, const char *language);
