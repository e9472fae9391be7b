/*
 * The headline: the clearest of the titles that a story's posts and pages have. Pure.
 */
#pragma once

#include "model/article.h"
#include "model/story.h"

#include <glib.h>

/**
 * headline_choose:
 * @story: with its members
 * @evidence: (element-type Evidence): pages that were read, perhaps none
 * @sites: (element-type utf8): what the sites call themselves that titles may end with
 * @find_community: as in brief_write()
 *
 * Returns: (transfer full): one line of 120 characters at most, tidied and not shouted; "" when nothing has a title
 */
char *headline_choose(const Story *story, const GPtrArray *evidence, const GPtrArray *sites,
                      const char *(*find_community)(const char *source_key));
