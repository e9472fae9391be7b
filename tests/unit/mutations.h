/*
 * One random change of a reply: of a member of one of its entries, or of the reply as a whole.
 */
#pragma once

#include "mutation-document.h"

/**
 * Damage: what must still hold.
 * @DAMAGE_ENTRY: the reply is readable: what other entries give must be there, and something must come of this one
 * @DAMAGE_COPY: as before, but it is a copy of another entry: what is told of the one may stand for both
 * @DAMAGE_NAMES: as @DAMAGE_ENTRY, but two entries may have one name now: of the two, one may go
 * @DAMAGE_BYTES: it may be another document: where what other entries give is not there, something must say why
 * @DAMAGE_REPLY: it is a part, or none: where anything is not there, something must say why
 * @DAMAGE_HIDING: a comment or CDATA section begins or ends elsewhere, and entries may be text of another: no reader can tell
 */
typedef enum { DAMAGE_ENTRY, DAMAGE_COPY, DAMAGE_NAMES, DAMAGE_BYTES, DAMAGE_REPLY, DAMAGE_HIDING } Damage;

/**
 * Mutator:
 * @hostile: (element-type utf8): strings that somebody thought of to break programs, not all of them UTF-8
 * @told: what was done last, for people
 * @damage: how much of the reply was changed by what was done last
 * @peer: the other entry that members, perhaps its name, are taken from
 */
typedef struct {
  GRand *random;
  const GPtrArray *hostile;
  GString *told;
  Damage damage;
  int peer;
} Mutator;

/** PLACEHOLDER: stands in a tree for what no tree can hold, until that is filled in. */
#define PLACEHOLDER "@placeholder@"

/** mutate_json: Returns: (transfer full): @document, of JSON, with a change to the entry @index */
GString *mutate_json(Mutator *mutator, const Document *document, unsigned index);

/** mutate_xml: as mutate_json(), for a feed. */
GString *mutate_xml(Mutator *mutator, const Document *document, unsigned index);

/** mutate_bytes: a change that may leave @body no document at all. Returns: (transfer full) */
GString *mutate_bytes(Mutator *mutator, const char *body, size_t length);

/** note_hiding: makes the damage %DAMAGE_HIDING where @changed has other signs of comments and CDATA sections than @body. */
void note_hiding(Mutator *mutator, const GString *changed, const char *body, size_t length);

/** pick_other_reply: Returns: (transfer none): a reply that no source asks for */
const char *pick_other_reply(Mutator *mutator);

/** pick: Returns: a random number below @count */
unsigned pick(Mutator *mutator, size_t count);

/** happens: Returns: true in @percent of the cases */
bool happens(Mutator *mutator, unsigned percent);

/** repeat: Returns: (transfer full): @part again and again, @length bytes */
char *repeat(const char *part, size_t length);

/** make_huge_text: Returns: (transfer full): a text of a megabyte */
char *make_huge_text(Mutator *mutator);

/** quote: Returns: (transfer full): @text as a JSON string; bytes that are no UTF-8 stay */
char *quote(const char *text);

/** fill_in: Returns: (transfer full): @text with @value in the place of @mark */
GString *fill_in(const char *text, const char *mark, const char *value);

/** tell: notes what was done; @value is (nullable). */
void tell(Mutator *mutator, const char *what, const char *where, const char *value);
