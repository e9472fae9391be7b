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
 * @source_label: for a member's source key, what people call it ("hackernews" gives "Hacker News"); (nullable) result means:
 * use the host
 *
 * Returns: (transfer full): an article without slug, revision, times and score
 */
Article *brief_write(const Story *story, const GPtrArray *evidence, const char *(*source_label)(const char *source_key));
