/*
 * How well a sentence stands alone when it is quoted. Thread: pure.
 */
#pragma once

#include <stdbool.h>

/**
 * sentence_worth:
 * @sentence: one line, as of sentences_split()
 * @is_post: it is of a post in a community, where people speak of themselves
 *
 * Returns: 0 for what is no statement: without a full stop, too short or too long, a question, a call to do something, a
 *   byline, a credit, code; less than 1 for what leans on the sentence before it, or speaks of its writer; else 1
 */
double sentence_worth(const char *sentence, bool is_post);
