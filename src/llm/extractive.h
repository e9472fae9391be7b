/*
 * The built-in provider: what can be found out about a story by counting words alone. It claims nothing that no source says.
 * Thread: pure.
 */
#pragma once

#include "model/story.h"
#include "model/summary.h"
#include "text/background.h"

/**
 * extractive_read:
 * @story: with its members
 * @evidence: (element-type Evidence): pages that were read, perhaps none
 *
 * Topics are the phrases that stand out from the background (TF-IDF), called what they are usually called; 5 at most.
 * Statements are the sentences of posts and pages that most other sentences resemble (LexRank), from titles none; 8 at most.
 *
 * Returns: (transfer full)
 */
Summary *extractive_read(const Story *story, const GPtrArray *evidence, const Background *background);
