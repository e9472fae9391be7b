/*
 * What a source is: a descriptor, all of it static. A source builds requests and parses replies; it opens nothing.
 */
#pragma once

#include "model/exchange.h"
#include "model/item.h"
#include "model/options.h"
#include "model/service.h"
#include "model/story.h"

/** COMMENTS_AT_MOST: so many top comments of a discussion are read. */
enum { COMMENTS_AT_MOST = 2 };

/**
 * SourcePart: what one job collects: an instance, a subreddit, a list, a query, a feed.
 * @key: names it for ever and begins with the source's name: "hackernews", "mastodon:hachyderm.io"
 * @subject: which part of the options it is, as the step understands it; perhaps ""
 * @origin: the address shown by `courant sources`
 * @title: (nullable): what the user calls it
 */
typedef struct {
  char *key;
  char *subject;
  char *origin;
  char *title;
} SourcePart;

/** source_part_new: takes all three (transfer full), without a title. Returns: (transfer full) */
SourcePart *source_part_new(char *key, char *subject, char *origin);

/** source_part_free: NULL-safe. */
void source_part_free(SourcePart *part);

/** source_parts_new: Returns: (transfer full) (element-type SourcePart): an empty list of parts */
GPtrArray *source_parts_new(void);

/**
 * SourceInput: the input of a source's step.
 * @key: the part's key, @subject: its subject
 * @options: the source's own struct, read through its table
 * @moved_to: (nullable): where the source said last time that it lives now
 * @memory: (nullable): what the part's last good batch wanted to be remembered
 * @now_ms: the run's now, UTC
 */
typedef struct {
  const char *key;
  const char *subject;
  const void *options;
  const char *moved_to;
  const char *memory;
  int64_t now_ms;
} SourceInput;

/**
 * Source:
 * @label: for people
 * @is_community: its posts are discussions, mostly of other pages; else they are pages of their own
 * @section: its name in courant.yaml and its option table
 * @parts: (element-type SourcePart): what one configured entry collects, a job each; (transfer full)
 * @services: (nullable) (element-type Service): how its hosts want to be asked; (transfer full)
 * @step: input #SourceInput, result #ItemBatch
 * @evidence: (nullable): the request for what the source itself holds of an item's page, such as a README: an HTML fragment;
 *   (transfer full) (nullable)
 * @ask_comments: (nullable): the requests for the top comments on an item; (transfer full) (nullable) (element-type Request)
 * @read_comments: goes with it: appends to @comments (element-type Evidence) what a reply to one of them holds, while they are
 *   less than %COMMENTS_AT_MOST: no author, title or site
 */
typedef struct {
  const char *label;
  bool is_community;
  OptionSection section;
  GPtrArray *(*parts)(const void *options);
  GPtrArray *(*services)(const void *options);
  Step step;
  Request *(*evidence)(const void *options, const Item *item);
  GPtrArray *(*ask_comments)(const void *options, const Item *item);
  void (*read_comments)(const Item *item, const Reply *reply, GPtrArray *comments);
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
