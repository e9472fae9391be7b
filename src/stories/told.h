/*
 * What a text tells, without what only marks it. Pure.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>

/**
 * told_in: Returns: (transfer full): the first 500 characters of @text without addresses, labels ("Show HN:", "Reuters:") and
 * rows of hashtags, with the apostrophes that became question marks on the way
 */
char *told_in(const char *text);

/** told_names: adds (element-type utf8) the casefolded words of @text that are written as names; the capitals of a title that
 * has them everywhere tell nothing. */
void told_names(GPtrArray *names, const char *text, bool is_title);
