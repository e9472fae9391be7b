/*
 * The pages of the articles: what each shall be, by the store, and what stands on disk. One that the user changed is left
 * alone, but set aside when it is to go.
 */
#pragma once

#include "model/article.h"
#include "pipeline/stage.h"
#include "store/articles.h"

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

/**
 * Page:
 * @row: its article's newest revision
 * @article: (nullable): what it tells; NULL when it is to go
 * @cover: (nullable): the file name of its picture
 * @aliases: (nullable) (element-type utf8): slugs of pages that lead here, of stories that were merged into this one
 * @path: content/posts/<slug>/index.html, absolute
 * @text: (nullable): as it shall be, with its @sha256 (nullable); NULL when it is to go
 * @on_disk_sha256: (nullable): of what stands there now
 * @is_users: what stands there is not ours
 */
typedef struct {
  ArticleRow *row;
  Article *article;
  char *cover;
  const GPtrArray *aliases;
  char *path;
  char *text;
  char *sha256;
  char *on_disk_sha256;
  bool is_users;
} Page;

/**
 * Pages:
 * @rows: (element-type ArticleRow): by story id
 * @aliases: (element-type utf8 GPtrArray): by story, as articles_aliases() has them
 * @all: (element-type Page): one for each row
 * @topics: (element-type Topic): those of at least two articles, by slug; a label is the newest article's
 * @failed: (element-type Job): what was held back, each with its error
 * @written: how many files were written or removed
 * @covers_drawn: how many covers were drawn
 */
typedef struct {
  GPtrArray *rows;
  GHashTable *aliases;
  GPtrArray *all;
  GPtrArray *topics;
  GPtrArray *failed;
  int64_t written;
  int64_t covers_drawn;
} Pages;

/** pages_clear: frees what @pages holds. */
void pages_clear(Pages *pages);

/** pages_load: @pages: zeroed. Reads the articles; one whose document cannot be read is held back. Errors: DATABASE */
bool pages_load(const Context *context, Pages *pages, GError **error);

/** pages_plan: once the covers are known: what each page shall be, held against what is on disk. */
void pages_plan(Pages *pages);

/** pages_write: what differs and is ours, after the digests of what is about to be written were committed. Errors: DATABASE, IO
 */
bool pages_write(const Context *context, Pages *pages, GError **error);

/** pages_is_shown: whether the page is ours and stands on the site. */
bool pages_is_shown(const Page *page);

/**
 * pages_hold:
 * @page: one that is shown
 * @reason: why it cannot be
 *
 * Takes it off the disk and keeps @reason as a failure; the next run tries again. Errors: IO
 */
bool pages_hold(Pages *pages, Page *page, const GError *reason, GError **error);

/** pages_confirm: what was announced is written; part of the merge's transaction. Errors: DATABASE */
bool pages_confirm(const Context *context, const Pages *pages, GError **error);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Pages, pages_clear)
