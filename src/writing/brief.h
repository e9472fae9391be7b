/*
 * The extractive brief: headline, the sources' own words as quotations, links. Nothing is claimed that no source says.
 */
#pragma once

#include "model/article.h"
#include "model/story.h"
#include "model/summary.h"

#include <glib.h>

/**
 * brief_write:
 * @story: with its members
 * @evidence: (element-type Evidence): pages that were read, perhaps none
 * @summary: what enrichment found out; where it has no statements, sources are quoted from their beginning
 * @find_community: for a member's source key, the community it was posted in ("hackernews" gives "Hacker News"); NULL for a
 *   page of its own
 *
 * What happened is told by the page that most members are about, else by the first source that says anything; what else is
 * known by the others, as far as it is new. Quotations follow the order of their source; sentences that stand together are one.
 * A story that is a title and a link gives a brief of just that.
 *
 * Returns: (transfer full): an article without slug, revision, times and score
 */
Article *brief_write(const Story *story, const GPtrArray *evidence, const Summary *summary,
                     const char *(*find_community)(const char *source_key));
