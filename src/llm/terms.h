/*
 * Words of a line with what their spelling tells, for those who look for names and phrases. Thread: pure.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>

/**
 * Term: a word where it stands; words joined by a hyphen or a slash are two.
 * @start: in the line; @end: behind its last byte
 * @is_hashtag: `#` stands before it and is not part of it
 * @is_capital: begins with a capital letter
 * @is_plain: of letters only
 * @is_run_end: what follows does not go on with the same phrase: punctuation, an address, the end
 * @is_sentence_start: a capital letter says nothing here
 */
typedef struct {
  const char *start;
  const char *end;
  bool is_hashtag;
  bool is_capital;
  bool is_plain;
  bool is_run_end;
  bool is_sentence_start;
} Term;

/** terms_split: the words of @line (one line of clean text), without addresses, user names and code. Returns: (transfer full)
 * (element-type Term): they point into @line */
GArray *terms_split(const char *line);

/** terms_title_case: whether most of @terms begin with a capital, as headlines do, so that a capital tells of no name */
bool terms_title_case(const GArray *terms);
