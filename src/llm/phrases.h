/*
 * The phrases of a story, counted: runs of one to three words, and the topics that have a name. Thread: pure.
 */
#pragma once

#include "text/background.h"

/**
 * Phrase:
 * @label: as it is written most where a capital letter tells something; of a named topic, what it is called
 * @is_named: it is a topic with a name
 * @length: in words
 * @idf: of its words on average
 * @weight: of the lines it stands in
 * @count: how often it stands anywhere, @titles: in how many titles, @hashtags: in how many hashtags, @sources: in how many
 *   posts and pages
 * @in_prose: how often where a capital letter tells something, and @as_name: with capitals there
 * @is_unknown: of a word that the background never met, as names of new things are
 * @is_unsure: only by an ambiguous name, without a word around it that settles it
 */
typedef struct {
  const char *label;
  bool is_named;
  unsigned length;
  double idf;
  double weight;
  unsigned count;
  unsigned titles;
  unsigned hashtags;
  unsigned sources;
  unsigned in_prose;
  unsigned as_name;
  bool is_unknown;
  bool is_unsure;
} Phrase;

typedef struct Phrases Phrases;

/** PhraseLine: a title or a sentence, and what a phrase in it weighs; @source: a number that lines of one post or page share,
 * which are added one after the other. */
typedef struct {
  const char *text;
  unsigned source;
  double weight;
  bool is_title;
} PhraseLine;

/** phrases_new: @background outlives it; @language (nullable): primary subtag. Returns: (transfer full) */
Phrases *phrases_new(const Background *background, const char *language);

/** phrases_free: NULL-safe. */
void phrases_free(Phrases *phrases);

/** phrases_add: counts what stands in a line; once, however often the line is added, for posts repeat titles and feeds pages.
 */
void phrases_add(Phrases *phrases, const PhraseLine *line);

/** phrases_all: Returns: (transfer container) (element-type Phrase): in the order they were first met; they live as long as
 * @phrases, which is complete now */
GPtrArray *phrases_all(Phrases *phrases);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Phrases, phrases_free)
