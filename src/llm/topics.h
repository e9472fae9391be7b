/*
 * What a story is about, in a few words. Thread: pure.
 */
#pragma once

#include "model/story.h"
#include "text/background.h"

/** TOPICS_MAX: a story has no more. */
enum { TOPICS_MAX = 5 };

/**
 * topics_find:
 * @story: with its members
 * @evidence: (element-type Evidence): pages that were read
 * @language: (nullable): primary subtag of the story
 *
 * The topics with a name (background_topic()) and the phrases that stand out from the background in titles and texts, the
 * most telling first; none that is part of another, an author or the name of a site. A common noun must be said in two posts
 * or pages: rather no topic than a poor one.
 *
 * Returns: (transfer full) (element-type Topic): perhaps none
 */
GPtrArray *topics_find(const Story *story, const GPtrArray *evidence, const Background *background, const char *language);
