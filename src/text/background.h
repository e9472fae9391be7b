/*
 * What is known of the language at large: how common its words are, and what topics are called. Read-only once made, shared by
 * all steps. Thread: all functions but the first and the last are pure and may be called at once.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>

typedef struct Background Background;

/**
 * NamedTopic:
 * @label: what it is called: "PostgreSQL"
 * @name: the name it was found by, as the file writes it: "postgres"
 * @is_ambiguous: @name is a word of its own as well ("go"), and means the topic only where what stands around it says so
 */
typedef struct {
  const char *label;
  const char *name;
  bool is_ambiguous;
} NamedTopic;

/**
 * background_new:
 * @frequencies: (transfer full): `data/frequencies-en.tsv`: the number of documents that were counted, then one line a stem:
 *   the stem, a tab, in how many of the documents it stands. Lines before that begin with `#` and say how
 *   the file was made and from what
 * @topics: (transfer full): `data/topics-en.tsv`: a topic a line: its label and the other names it goes by, separated by tabs;
 *   a name after `?` is ambiguous, the label too where it stands again so; a line that begins with `#` is a comment
 *
 * Returns: (transfer full) (nullable). Errors: BAD_DATA with the line
 */
Background *background_new(char *frequencies, char *topics, GError **error);

/**
 * background_idf:
 * @ret_is_known: (nullable): whether @stem was counted
 *
 * Returns: the natural logarithm of documents over documents with @stem; that of a stem in one document for one that was never
 * counted
 */
double background_idf(const Background *background, const char *stem, bool *ret_is_known);

/** background_topic: Returns: (transfer none) (nullable): the topic that goes by @name, in any case and with hyphens or spaces
 * ("postgres" gives "PostgreSQL") */
const NamedTopic *background_topic(const Background *background, const char *name);

/** background_begins_topic: whether a topic may go by a name of which @folded, a word as text_casefold() writes it, is the
 * first, in the plural too; false is certain. */
bool background_begins_topic(const Background *background, const char *folded);

/** background_free: NULL-safe. */
void background_free(Background *background);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Background, background_free)
