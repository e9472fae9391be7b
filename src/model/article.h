/*
 * An article: a document of plain text parts that the site turns into a page. No part ever holds markup.
 */
#pragma once

#include "model/topic.h"

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

/**
 * Part: which part of the article a quotation belongs to.
 * @PART_NEWS: what happened
 * @PART_MORE: what else is known
 */
typedef enum { PART_NEWS, PART_MORE } Part;

/**
 * Quotation: words of a source, as they stand there.
 * @text: one to three sentences
 * @source: index into the article's sources
 */
typedef struct {
  Part part;
  char *text;
  int64_t source;
} Quotation;

/**
 * ArticleSource: where the article rests.
 * @kind: "discussion" (a post on a community), "post" (a feed entry) or "page" (a fetched page)
 * @name: for people: "Hacker News", a site's name, or the host
 * @time_ms: when it was published; 0 unknown
 * @likes: of a discussion (points and favourites), as of the revision; @replies likewise; -1 unknown, and for other kinds
 */
typedef struct {
  char *kind;
  char *name;
  char *title;
  char *url;
  int64_t time_ms;
  int64_t likes;
  int64_t replies;
} ArticleSource;

/**
 * Article:
 * @slug: fixed at first publication
 * @revision: 1 at first
 * @kind: "brief"
 * @teaser: one or two sentences for lists and feeds
 * @topics: (element-type Topic): the most telling first
 * @quotations: (element-type Quotation): those of %PART_NEWS before those of %PART_MORE
 * @sources: (element-type ArticleSource)
 * @published_ms: of revision 1; @updated_ms of this one
 * @score: of the story when chosen
 */
typedef struct {
  char *story_id;
  char *slug;
  int64_t revision;
  char *kind;
  char *headline;
  char *teaser;
  GPtrArray *topics;
  GPtrArray *quotations;
  GPtrArray *sources;
  int64_t published_ms;
  int64_t updated_ms;
  double score;
} Article;

/** article_new: Returns: (transfer full): an article with empty texts that owns what is put in */
Article *article_new(void);

/** article_free: NULL-safe. */
void article_free(Article *article);

/** article_add_quotation: appends a copy. */
void article_add_quotation(Article *article, Part part, const char *text, int64_t source);

/** article_add_source: appends a copy. Returns: its index */
int64_t article_add_source(Article *article, const ArticleSource *source);

/** article_document: all but where and when it stands (kind, headline, teaser, topics, quotations, sources), as sorted JSON
 * text. Returns: (transfer full) */
char *article_document(const Article *article);

/** article_says_same: Returns: whether @article says what @document (of article_document()) says; likes and replies alone make
 * no difference */
bool article_says_same(const Article *article, const char *document);

/** article_from_document: fills the parts that article_document() wrote, now or in an earlier version. Returns: (transfer full)
 * (nullable). Errors: BAD_DATA */
Article *article_from_document(const char *json, GError **error);

/**
 * article_slug:
 *
 * The slug a story gets at its first publication: the headline folded to ASCII, 60 characters at a word, a dash and the first 6
 * hex digits of the story's id; the digits alone when nothing of the headline is left.
 *
 * Returns: (transfer full)
 */
char *article_slug(const char *headline, const char *story_id);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Article, article_free)
