/*
 * What a language model is asked. What strangers wrote stands in it as data, a line each, and is bounded; nothing in it is
 * invisible to who reads it. Pages and posts are numbered, for an answer to rest on; comments are not, for none may.
 * Thread: pure.
 */
#pragma once

#include "base/json.h"
#include "model/story.h"

#include <glib.h>

/**
 * PROMPT_MAX_BODY_BYTES: no request is longer than this. A token of a byte-level BPE is a byte at least, and what a chat adds
 * of its own (a few tokens a message) is less than the JSON around it: so no call counts more input tokens either.
 * PROMPT_MAX_PROBLEM_BYTES: what is told of a first answer's fault is cut to this.
 */
enum { PROMPT_MAX_BODY_BYTES = 12 * 1024, PROMPT_MAX_PROBLEM_BYTES = 200 };

/**
 * Prompt:
 * @system: our own words
 * @user: the sources, with what the readers want
 * @schema: of the answer, in the subset that every endpoint understands
 * @urls: (element-type utf8): where the source of each number is read; number 1 is the first
 */
typedef struct {
  char *system;
  char *user;
  json_t *schema;
  GPtrArray *urls;
} Prompt;

/**
 * prompt_story:
 * @interests: what readers want to know, perhaps ""
 * @story: with its members
 * @evidence: (element-type Evidence): pages that were read, perhaps none
 * @comments: (element-type Evidence): what people think of it, perhaps none
 *
 * Asks for a score with its reason, topics and a summary. The same for the same texts, whatever the time and the applause.
 *
 * Returns: (transfer full)
 */
Prompt *prompt_story(const char *interests, const Story *story, const GPtrArray *evidence, const GPtrArray *comments);

/** prompt_free: NULL-safe. */
void prompt_free(Prompt *prompt);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Prompt, prompt_free)
