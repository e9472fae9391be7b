/*
 * The sentences that tell a story best. Thread: pure.
 */
#pragma once

#include "model/story.h"
#include "model/summary.h"
#include "text/background.h"

/** STATEMENTS_MAX: a story has no more. */
enum { STATEMENTS_MAX = 8 };

/**
 * statements_find:
 * @summary: they are added to it, the most telling first
 * @story: with its members
 * @evidence: (element-type Evidence): pages that were read
 * @language: (nullable): primary subtag of the story
 *
 * Of the sentences of pages and posts those that most others resemble (LexRank), that stand early in their text, near to the
 * story's titles, and stand alone when quoted; none that only repeats a title. Pages and feeds come before what
 * communities say of them.
 */
void statements_find(Summary *summary, const Story *story, const GPtrArray *evidence, const Background *background,
                     const char *language);
