/*
 * Recorded replies that give items, and what a source makes of them when one of them is another.
 */
#pragma once

#include "mutation-document.h"
#include "sources/source.h"

/** WHOLE_REPLY: the index of no entry, but of all of a reply. */
enum { WHOLE_REPLY = -1 };

/**
 * Yield: what came of replies.
 * @ids: (element-type utf8): of the items
 * @told: how many entries, and other things, something was said of: items, posts left out and failures, also those that are
 * only counted
 */
typedef struct {
  GHashTable *ids;
  size_t told;
} Yield;

/**
 * Recording: a request's address, what it was answered, and that as a tree.
 * @told: as #Yield.told, of its case with this reply written anew from the tree
 */
typedef struct {
  char *url;
  Reply *reply;
  Document document;
  size_t told;
} Recording;

/**
 * Unit: an entry of a recording, or all of it.
 * @owned: (element-type utf8): the items that may go where it is changed: those that are not there without it, and those that
 * it gives alone
 * @least_told: as #Yield.told, where it is changed and readable: as before, but never more than without it and one more, for a
 *   list may go on beyond what is read of it; 0 for a reply that is neither a list nor a post
 */
typedef struct {
  GHashTable *owned;
  size_t least_told;
} Unit;

/**
 * MutationCase:
 * @recordings: (element-type Recording), in the order asked
 * @yield: what comes of them
 * @units: (element-type Unit): those asked for so far, by recording and index
 */
typedef struct {
  char *name;
  const Source *source;
  void *options;
  GPtrArray *parts;
  json_t *more;
  GPtrArray *recordings;
  Yield yield;
  GHashTable *units;
} MutationCase;

/** Change: what the request for @url is answered instead; @body NULL is a server that fails. @is_alone: all others fail. */
typedef struct {
  const char *url;
  const char *body;
  size_t length;
  bool is_alone;
} Change;

/**
 * mutation_case_new:
 * @options_text: (nullable): as of make_options()
 * @more: (transfer full): as of input.json
 * @recorded: (element-type Reply): in the order asked
 *
 * Returns: (transfer full) (nullable): NULL when no item comes of it, with secrets or without
 */
MutationCase *
mutation_case_new(const Source *source, const char *name, const char *options_text, json_t *more, const GPtrArray *recorded);

/** mutation_case_free: frees @one. */
void mutation_case_free(MutationCase *one);

/** mutation_case_step: steps the source under @change to its end; @ret_outcome is empty when it never ends. */
void mutation_case_step(const MutationCase *one, const Change *change, StepOutcome *ret_outcome);

/** mutation_case_unit: Returns: (transfer none): the entry @index of the recording @number, or all of it */
const Unit *mutation_case_unit(MutationCase *one, unsigned number, int index);

/** yield_of: Returns: (transfer full): what @outcome says; nothing for an error */
Yield yield_of(const StepOutcome *outcome);

/** yield_clear: frees what @yield holds. */
void yield_clear(Yield *yield);

/** find_lost: Returns: (transfer none) (nullable): one of @ids that is not among @kept, nor among those that may go: @excused
 * and @also_excused (both nullable) */
const char *find_lost(GHashTable *ids, GHashTable *kept, GHashTable *excused, GHashTable *also_excused);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Yield, yield_clear)
