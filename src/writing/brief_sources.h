/*
 * Where a brief rests: the pages, posts and discussions of a story, and what each of them says. Private to this layer. Pure.
 */
#pragma once

#include "model/article.h"
#include "model/story.h"

#include <glib.h>
#include <stdint.h>

/**
 * BriefSources:
 * @sentences: (element-type GPtrArray): for each source of the article the sentences it says, without addresses and hashtags at
 *   their ends, none for what could not be read; "" stands between two that do not follow each other there
 * @mentions: (element-type guint): for each source how many of the story's items are about it
 * @indices: by canonical address, the index of the source plus one
 */
typedef struct {
  GPtrArray *sentences;
  GArray *mentions;
  GHashTable *indices;
} BriefSources;

/**
 * brief_sources_new:
 * @find_community: as in brief_write()
 * @article: its sources are filled: the pages that were read, the posts of feeds, the pages that were not, the discussions
 *
 * Returns: (transfer full)
 */
BriefSources *brief_sources_new(const Story *story, const GPtrArray *evidence,
                                const char *(*find_community)(const char *source_key), Article *article);

/** brief_sources_free: NULL-safe. */
void brief_sources_free(BriefSources *sources);

/** brief_sources_find: Returns: the index of the source at @url (nullable), -1 when there is none */
int64_t brief_sources_find(const BriefSources *sources, const char *url);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(BriefSources, brief_sources_free)
