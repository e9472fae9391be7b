/*
 * A page's tree measured, and what is no text taken out of it. Private to text/extract. Thread: all functions are pure.
 */
#pragma once

#include <glib.h>
#include <libxml/tree.h>
#include <stdbool.h>

/** What is below an element: the page's heading, what the page names its main part, a button that allows or refuses tracking;
 * and whether something was taken out of it. */
enum { HOLDS_HEADING = 1, HOLDS_MAIN = 2, HOLDS_CONSENT_BUTTON = 4, HAS_LOST = 8 };

/** MIN_MAIN_CHARS: what a page names as its main part must hold as much running text to be believed. */
enum { MIN_MAIN_CHARS = 200 };

/**
 * Block: what is known of an element; each element of a surveyed page has one as its `_private`. Counts are of visible
 * characters, wide ones (Chinese, Japanese, Korean) twice.
 * @text: all below, @heading_text: of it in headings, @link_text: in links, @link_count: the number of links
 * @own_text, @own_link_text, @own_stops: what no block below holds, and the signs that end or part sentences in it
 * @own_prose: the same, where it reads like running text, links not counted; @prose: that of all below
 * @near_prose: that of the element and the blocks right below; @peak: the greatest of that below
 * @consent_words: words that consent walls are full of
 * @articles: parts named articles below, with the text of one
 * @flags: HOLDS_HEADING and the like
 */
typedef struct {
  guint text;
  guint heading_text;
  guint link_text;
  guint link_count;
  guint own_text;
  guint own_link_text;
  guint own_stops;
  guint own_prose;
  guint prose;
  guint near_prose;
  guint peak;
  guint consent_words;
  guint articles;
  guint flags;
} Block;

/** Survey: @blocks: one for each element there was; @has_consent_wall, @has_password, @has_prompt: what was on the page */
typedef struct {
  Block *blocks;
  bool has_consent_wall;
  bool has_password;
  bool has_prompt;
} Survey;

/** survey_take: measures all below @root, a page's root element with the title @title, and takes out what is no text. */
void survey_take(xmlNode *root, const char *title, Survey *ret_survey);

/** survey_clear: frees what survey_take() filled in; the tree's `_private` pointers dangle then. */
void survey_clear(Survey *survey);

/** survey_is_named_main: whether the page names the element @node a main part. */
bool survey_is_named_main(const xmlNode *node);

/** survey_is_consent: whether what @block counts reads like a consent wall. */
bool survey_is_consent(const Block *block);

/** survey_heading_rank: Returns: 1 to 6, 0 when @node is no heading */
int survey_heading_rank(const xmlNode *node);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Survey, survey_clear)
