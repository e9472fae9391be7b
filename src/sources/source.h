/*
 * What a source is: a descriptor, all of it static. A source builds requests and parses replies; it opens nothing.
 */
#pragma once

#include "model/exchange.h"
#include "model/item.h"
#include "model/options.h"

/**
 * SourceInput: the input of a source's step.
 * @key: the configured source's key, as the descriptor's @key made it
 * @options: the source's own struct, read through its table
 * @moved_to: (nullable): where the source said last time that it lives now
 */
typedef struct {
  const char *key;
  const void *options;
  const char *moved_to;
} SourceInput;

/**
 * Source:
 * @label: for people
 * @is_community: its posts are discussions, mostly of other pages; else they are pages of their own
 * @section: its name in courant.yaml and its option table
 * @key: the key that names one configured source for ever; (transfer full)
 * @origin: (nullable): the address shown by `courant sources`; (transfer full)
 * @step: input #SourceInput, result #ItemBatch
 */
typedef struct {
  const char *label;
  bool is_community;
  OptionSection section;
  char *(*key)(const void *options);
  char *(*origin)(const void *options);
  Step step;
} Source;

/** sources_all: Returns: (transfer none) (array zero-terminated=1): every source, in the order of sources.def */
const Source *const *sources_all(void);

/** source_find: Returns: (transfer none) (nullable): the source called @name */
const Source *source_find(const char *name);

/** source_of_key: Returns: (transfer none) (nullable): the source that made @key */
const Source *source_of_key(const char *key);

#define SOURCE(name) extern const Source name##_source;
#include "sources/sources.def"
#undef SOURCE
