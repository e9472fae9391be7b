/*
 * What is known of the language at large: how common its words are, and what topics are called. Read-only once made, shared by
 * all steps. Thread: all functions but the first and the last are pure and may be called at once.
 */
#pragma once

#include <glib.h>
#include <stddef.h>

typedef struct Background Background;

/**
 * background_new:
 * @frequencies: (transfer full): `data/frequencies-en.tsv`: the number of documents that were counted, then one line a stem in
 *   the order of bytes: the stem, a tab, in how many of the documents it stands
 * @topics: (transfer full): `data/topics-en.tsv`: a topic a line: its label, a tab, the other names it goes by, separated by
 *   tabs; `#` begins a comment
 *
 * The file tools/count-words made the frequencies from, and how, stands in its head.
 *
 * Returns: (transfer full) (nullable). Errors: BAD_DATA with the line
 */
Background *background_new(char *frequencies, char *topics, GError **error);

/** background_idf: Returns: the natural logarithm of documents over documents with @stem; that of a stem in one document for
 * one that was never counted */
double background_idf(const Background *background, const char *stem);

/** background_topic: Returns: (transfer none) (nullable): the label of the topic that goes by @name (casefolded words, single
 * spaces: "postgres" gives "PostgreSQL") */
const char *background_topic(const Background *background, const char *name);

/** background_free: NULL-safe. */
void background_free(Background *background);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Background, background_free)
