/*
 * How a word names a story.
 */
#pragma once

#include "store/store.h"

/** STORY_PREFIX_DIGITS: so many digits of a story's id name it at least. */
enum { STORY_PREFIX_DIGITS = 4 };

/** story_lookup: @word: a post's id, the address of a post or of the page it is about, an article's address or slug, or the
 * first digits of a story's id. Returns: (transfer full) (nullable): the story's id, perhaps of one that was merged into
 * another; NULL without error when @word names none */
char *story_lookup(Store *store, const char *word, GError **error);
