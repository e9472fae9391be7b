/*
 * The extractive brief: headline, the sources' own words as quotations, links. Nothing is claimed that no source says.
 */
#pragma once

#include "model/article.h"
#include "model/story.h"

#include <glib.h>

/**
 * brief_write:
 * @story: with its members
 * @evidence: (element-type Evidence): pages that were read, perhaps none
 * @find_community: for a member's source key, the community it was posted in ("hackernews" gives "Hacker News"); NULL for a
 *   page of its own
 *
 * Returns: (transfer full): an article without slug, revision, times and score
 */
Article *brief_write(const Story *story, const GPtrArray *evidence, const char *(*find_community)(const char *source_key));
