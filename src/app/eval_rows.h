/*
 * Labelled data: pairs of posts that tell one story or not, and titles with the story they tell.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "stories/fingerprint.h"

/**
 * EvalText: a post as labelled data has it.
 * @key: the text as it stands in the file
 */
typedef struct {
  char *key;
  char *source;
  char *title;
  char *text;
} EvalText;

/** EvalPair: @weight: how many pairs like it there are; 1 unless it stands for others that were left out. @line: in its file */
typedef struct {
  EvalText *a;
  EvalText *b;
  bool is_same;
  double weight;
  unsigned line;
} EvalPair;

/** EvalTitle: a title and the story it tells. @published_ms: 0 when it is not known */
typedef struct {
  char *title;
  char *story;
  int64_t published_ms;
} EvalTitle;

/**
 * EvalRows: what a file holds, in its order; one of @pairs (element-type EvalPair) and @titles (element-type EvalTitle) is
 * empty.
 * @texts: (element-type utf8 EvalText): every text once
 * @skipped: bad lines that were passed over; @first_problem: (nullable): what is wrong with the first, with file and line
 */
typedef struct {
  char *name;
  GHashTable *texts;
  GPtrArray *pairs;
  GPtrArray *titles;
  unsigned skipped;
  char *first_problem;
} EvalRows;

/**
 * eval_rows_read:
 * @path: a file of JSON objects, one a line: `{"a","b","same","weight"?,"source_a"?,"source_b"?}` or
 *   `{"title","story","published_ms"?}`
 * @may_skip: passes over bad lines and counts them
 *
 * Returns: (transfer full) (nullable). Errors: IO; BAD_DATA with file and line
 */
EvalRows *eval_rows_read(const char *path, bool may_skip, GError **error);

/** eval_rows_free: NULL-safe. */
void eval_rows_free(EvalRows *rows);

/** eval_post: Returns: @text as grouping reads it; borrowed from it */
Post eval_post(const EvalText *text);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(EvalRows, eval_rows_free)
