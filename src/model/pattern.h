/*
 * The words, phrases and /regular expressions/ of the filters. Thread: all functions are pure.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>

/** pattern_is_expression: whether @text stands between slashes. */
bool pattern_is_expression(const char *text);

/**
 * pattern_compile:
 * @text: a word or phrase, found whole and in any case; between slashes a regular expression (PCRE), in any case too
 *
 * Returns: (transfer full) (nullable): NULL when it is no regular expression
 */
GRegex *pattern_compile(const char *text);

/** pattern_matches: whether @pattern occurs in @text; false too when it would take more than 100,000 steps to tell. */
bool pattern_matches(const GRegex *pattern, const char *text);
