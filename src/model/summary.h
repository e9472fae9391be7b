/*
 * What enrichment found out about a story: its topics, and the sentences of its sources that tell it best.
 */
#pragma once

#include "model/topic.h"

#include <glib.h>

/**
 * Statement: a sentence of a source, as it stands there.
 * @url: of the page (as of #Evidence) or of the post (as of #Item) that says it
 */
typedef struct {
  char *text;
  char *url;
} Statement;

/**
 * Summary:
 * @topics: (element-type Topic): the most telling first
 * @statements: (element-type Statement): the most telling first; none says again what one before it said
 * @sentences: (element-type Statement): what a language model says of it in words of its own, which no source may be quoted
 * with; perhaps none
 */
typedef struct {
  GPtrArray *topics;
  GPtrArray *statements;
  GPtrArray *sentences;
} Summary;

/** summary_new: Returns: (transfer full): an empty one that owns what is put in */
Summary *summary_new(void);

/** summary_free: NULL-safe. */
void summary_free(Summary *summary);

/** summary_add_statement: appends a copy. */
void summary_add_statement(Summary *summary, const char *text, const char *url);

/** summary_add_sentence: appends a copy. */
void summary_add_sentence(Summary *summary, const char *text, const char *url);

/** summary_topics_json: the labels as a JSON array. Returns: (transfer full) */
char *summary_topics_json(const Summary *summary);

/** summary_statements_json: statements and sentences as a JSON array of objects with `text` and `url`; a sentence has
 * `is_told`, too. Returns: (transfer full) */
char *summary_statements_json(const Summary *summary);

/** summary_from_json: what the two wrote; either may be NULL, for none. Returns: (transfer full) (nullable). Errors: BAD_DATA
 */
Summary *summary_from_json(const char *topics, const char *statements, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Summary, summary_free)
