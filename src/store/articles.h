/*
 * Articles and the digests of their pages.
 */
#pragma once

#include "store/store.h"

/**
 * ArticleRow: one revision.
 * @state: "published"; "held": waits to be approved, what was published before stays; "hidden": by the user, its page is to go;
 *   "withdrawn": by its authors, its page is to go, and @document is empty
 * @document: article_document()'s text
 * @page_sha256: (nullable): of the page as last written; @page_next_sha256 (nullable) of the one about to be written
 * @created_ms: now of the run that wrote this revision; @first_ms of the one that wrote revision 1
 * @score: of the story when it was written last
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
} ArticleRow;

/** article_row_free: NULL-safe. */
void article_row_free(ArticleRow *row);

/** articles_latest: the newest revision of each article that is not held. Returns: (transfer full) (element-type ArticleRow)
 * (nullable): by story id */
GPtrArray *articles_latest(Store *store, GError **error);

/** articles_of_story: the newest revision. Returns: (transfer full) (nullable): NULL without error when there is none */
ArticleRow *articles_of_story(Store *store, const char *story_id, GError **error);

/** articles_story_of_slug: Returns: (transfer full) (nullable): a story's id, NULL without error when no article has @slug */
char *articles_story_of_slug(Store *store, const char *slug, GError **error);

/** articles_add: a revision by run @run_id; the digests of its page are those of the revision before. */
bool articles_add(Store *store, int64_t run_id, const ArticleRow *row, GError **error);

/**
 * articles_announce_page:
 * @old_sha256: (nullable): of the page of ours that is on disk now
 * @new_sha256: of the page about to be written in its place
 *
 * Keeps both, so that whatever is on disk after a failure or a kill is known as ours.
 */
bool
articles_announce_page(Store *store, const ArticleRow *row, const char *old_sha256, const char *new_sha256, GError **error);

/** articles_confirm_page: the announced page is written. */
bool articles_confirm_page(Store *store, const ArticleRow *row, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(ArticleRow, article_row_free)
