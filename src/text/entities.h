/*
 * Names, numbers and versions in clean text: what two posts of one story share and what a sentence may not claim unless its
 * source has it. Found by how words are written, without any list of names. Thread: pure.
 */
#pragma once

#include <glib.h>

/** EntityKind: what it is. */
typedef enum { ENTITY_NAME, ENTITY_NUMBER, ENTITY_VERSION } EntityKind;

/**
 * Entity:
 * @text: as it stands, on one line, a name without its possessive "'s"
 * @key: equal for what is meant equally: a name casefolded and without the stops of abbreviations ("U.S." gives "us"); numbers
 * and versions as number_read() makes it ("100k" gives "100000", "v4.0.0" gives "4")
 */
typedef struct {
  EntityKind kind;
  char *text;
  char *key;
} Entity;

/**
 * entities_find:
 * @text: clean text
 * @language: (nullable): primary subtag; English where NULL
 *
 * Names are runs of capitalised words, with the particles between them ("Bank of England", "Ursula von der Leyen"), and words
 * that their form makes names: inner capitals ("GitHub"), capitals alone ("NASA"), letters and digits ("GPT-5"), "C++". Not a
 * name is what only begins a sentence, unless it is capitalised elsewhere in mid-sentence; stop words, months and days;
 * hashtags, handles and addresses.
 *
 * In a headline capitals tell nothing: in a line where nothing but articles, conjunctions and prepositions is written small, or
 * with more than 6 capitalised words in a row, a name is only what its form or the sentences of the same text tell to be one.
 * In German, where all nouns have capitals, one capitalised word alone is none. Scripts without capitals have numbers only.
 *
 * Returns: (transfer full) (element-type Entity): in order, repeats kept
 */
GPtrArray *entities_find(const char *text, const char *language);
