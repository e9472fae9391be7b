/*
 * Articles, what the site shows of them, and the digests of their pages.
 *
 * An article is a row of revisions, each in one state. The site shows the newest revision that is not held:
 *
 *   published  its page is on the site
 *   held       waits to be approved; what was published before stays
 *   hidden     taken off by the user; a revision of a hidden article is hidden, too
 *   withdrawn  by its authors: its text is gone, and it can neither be shown nor approved
 *   merged     its story became one with another that has an article: its address leads there
 */
#pragma once

#include "store/store.h"

/**
 * ArticleRow: one revision.
 * @state: "published", "held", "hidden", "withdrawn" or "merged"; the page of the last three is to go; the @document of what is
 * withdrawn is empty when nothing is left of its story
 * @document: article_document()'s text
 * @page_sha256: (nullable): of the page as last written; @page_next_sha256 (nullable) of the one about to be written
 * @created_ms: now of the run that wrote this revision; @first_ms of the one that wrote revision 1
 * @score: of the story when it was written last
 * @told_as: (nullable): the story it was first published for, whose feed id it keeps; NULL: @story_id. articles_add() keeps it
 */
typedef struct {
  char *story_id;
  int64_t revision;
  char *slug;
  char *state;
  char *kind;
  char *headline;
  char *document;
  char *page_sha256;
  char *page_next_sha256;
  int64_t created_ms;
  int64_t first_ms;
  double score;
  char *told_as;
} ArticleRow;

/** article_row_free: NULL-safe. */
void article_row_free(ArticleRow *row);

/** articles_latest: of each article the newest revision that is not held; an article that was never approved has none. Returns:
 * (transfer full) (element-type ArticleRow) (nullable): by story id */
GPtrArray *articles_latest(Store *store, GError **error);

/** articles_of_story: the newest revision, held or not. Returns: (transfer full) (nullable): NULL without error when there is
 * none */
ArticleRow *articles_of_story(Store *store, const char *story_id, GError **error);

/** articles_shown: as articles_latest(), of one story. Returns: (transfer full) (nullable): NULL without error when there is
 * none
 */
ArticleRow *articles_shown(Store *store, const char *story_id, GError **error);

/** articles_aliases: Returns: (transfer full) (element-type utf8 GPtrArray) (nullable): for each story with an article that
 * others were merged into, the slugs of those whose page was ever written, sorted */
GHashTable *articles_aliases(Store *store, GError **error);

/** articles_story_of_slug: Returns: (transfer full) (nullable): a story's id, NULL without error when no article has @slug */
char *articles_story_of_slug(Store *store, const char *slug, GError **error);

/** articles_add: a revision by run @run_id; the digests of its page are those of the revision before. */
bool articles_add(Store *store, int64_t run_id, const ArticleRow *row, GError **error);

/** articles_withdraw: what is published of a story's article becomes withdrawn: its page goes until a later one is approved. */
bool articles_withdraw(Store *store, const char *story_id, GError **error);

/**
 * ArticleLine: an article as a whole, for people.
 * @headline: of the newest revision; "" when it is withdrawn
 * @state: what the site shows of it: "published", "hidden", "withdrawn" or "merged"; "held" when nothing was ever approved
 * @held: how many revisions wait to be approved: those newer than what the site shows
 * @updated_ms: when the newest revision was written
 * @score: of the story when it was written last
 */
typedef struct {
  char *slug;
  char *headline;
  char *state;
  int64_t held;
  int64_t updated_ms;
  double score;
} ArticleLine;

/** article_line_free: NULL-safe. */
void article_line_free(ArticleLine *line);

/** articles_list: Returns: (transfer full) (element-type ArticleLine) (nullable): all, the newest first, then by slug */
GPtrArray *articles_list(Store *store, GError **error);

/** articles_line: Returns: (transfer full) (nullable): the article called @slug, NULL without error when there is none */
ArticleLine *articles_line(Store *store, const char *slug, GError **error);

/** articles_count_held: Returns: how many articles have a revision that waits to be approved; -1 on error */
int64_t articles_count_held(Store *store, GError **error);

/**
 * ArticleOrder: what the user wants of an article.
 * @ARTICLE_HIDE: all of it becomes hidden, also what is held
 * @ARTICLE_SHOW: what is hidden becomes published, also what was held when it was hidden; merged, where its story was
 * @ARTICLE_APPROVE: what is held becomes published; the site shows the newest
 */
typedef enum { ARTICLE_HIDE, ARTICLE_SHOW, ARTICLE_APPROVE } ArticleOrder;

/**
 * articles_set_state:
 * @slug: of an article there is
 * @ret_is_changed: (out): false when all was so before
 *
 * In the transaction under way. Errors: REJECTED: the order does not fit its state, and what does
 */
bool articles_set_state(Store *store, const char *slug, ArticleOrder order, bool *ret_is_changed, GError **error);

/**
 * articles_announce_page:
 * @old_sha256: (nullable): of the page of ours that is on disk now
 * @new_sha256: of the page about to be written in its place
 *
 * Keeps both, so that whatever is on disk after a failure or a kill is known as ours; also with a later revision that is held,
 * for its page will stand in the same place.
 */
bool
articles_announce_page(Store *store, const ArticleRow *row, const char *old_sha256, const char *new_sha256, GError **error);

/** articles_confirm_page: the announced page is written. */
bool articles_confirm_page(Store *store, const ArticleRow *row, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(ArticleRow, article_row_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ArticleLine, article_line_free)
