/*
 * What is asked about a story before it is judged: the pages behind its links as evidence, comments on it as opinion. Pure.
 */
#pragma once

#include "model/config.h"
#include "model/story.h"
#include "pipeline/driver.h"

/** Research: what a story's job works on. @leads: the pages that are asked for; @questions (element-type Request): for the
 * comments on @discussed (nullable), a member of @story */
typedef struct {
  Story *story;
  GPtrArray *leads;
  const Item *discussed;
  GPtrArray *questions;
} Research;

/** research_new: @story: (transfer full); @wants_opinions: whether comments are asked for, too. Returns: (transfer full) */
Research *research_new(const Config *config, Story *story, bool wants_opinions);

/** research_free: NULL-safe. */
void research_free(Research *research);

/** research_keep_liveliest: of @all (element-type Research) those of the @most liveliest discussions ask for comments. */
void research_keep_liveliest(GPtrArray *all, guint most);

/** research_requests: how many requests research_ask() makes */
guint research_requests(const Research *research);

/** research_ask: asks for all at once. */
void research_ask(const Research *research, StepOutcome *outcome);

/** Findings: @evidence, @comments: (element-type Evidence): what pages and commenters say; @unread: pages that say nothing */
typedef struct {
  GPtrArray *evidence;
  GPtrArray *comments;
  int64_t unread;
} Findings;

/** findings_clear: frees what it holds. */
void findings_clear(Findings *findings);

/** research_read: @replies: to research_ask(), in its order, perhaps with others behind them */
Findings research_read(const Research *research, const GPtrArray *replies);
