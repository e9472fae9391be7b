#include "store/articles.h"

#include "base/error.h"
#include "store/rows.h"

#define SCORE                                                                                                                  \
  "coalesce((SELECT coalesce(given, predicted) FROM scores WHERE story_id = a.story_id AND run_id <= a.run_id"                 \
  " ORDER BY run_id DESC LIMIT 1), 0)"

#define SELECT_ARTICLE                                                                                                         \
  "SELECT a.story_id, a.revision, a.slug, a.state, a.kind, a.headline, a.document, a.page_sha256, a.page_next_sha256,"         \
  " a.created_ms, (SELECT created_ms FROM articles WHERE story_id = a.story_id AND revision = 1),"                             \
  " " SCORE ", a.told_as FROM articles a WHERE a.revision = (SELECT max(revision) FROM articles WHERE story_id = a.story_id"

/* A revision older than the one the site knows waits for nothing any more. */
#define IS_WAITING(held)                                                                                                       \
  held ".state = 'held' AND NOT EXISTS(SELECT 1 FROM articles n WHERE n.story_id = " held ".story_id AND n.state <> 'held'"    \
       " AND n.revision > " held ".revision)"

#define SELECT_LINE                                                                                                            \
  "SELECT a.slug, a.headline, coalesce((SELECT state FROM articles WHERE story_id = a.story_id AND state <> 'held'"            \
  " ORDER BY revision DESC LIMIT 1), 'held'), (SELECT count(*) FROM articles h WHERE h.story_id = a.story_id AND " IS_WAITING( \
      "h") "),"                                                                                                                \
           " a.created_ms, " SCORE                                                                                             \
           " FROM articles a WHERE a.revision = (SELECT max(revision) FROM articles WHERE story_id = a.story_id)"

void
article_row_free(ArticleRow *row)
{
  if (row == NULL)
    return;
  g_free(row->story_id);
  g_free(row->slug);
  g_free(row->state);
  g_free(row->kind);
  g_free(row->headline);
  g_free(row->document);
  g_free(row->page_sha256);
  g_free(row->page_next_sha256);
  g_free(row->told_as);
  g_free(row);
}

bool
articles_withdraw(Store *store, const char *story_id, GError **error)
{
  return store_run(store, error, "UPDATE articles SET state = 'withdrawn' WHERE story_id = ?1 AND state = 'published'", "s",
                   story_id);
}

void
article_line_free(ArticleLine *line)
{
  if (line == NULL)
    return;
  g_free(line->slug);
  g_free(line->headline);
  g_free(line->state);
  g_free(line);
}

static ArticleRow *
read_article(const Rows *rows)
{
  ArticleRow *row = g_new0(ArticleRow, 1);
  row->story_id = g_strdup(rows_text(rows, 0));
  row->revision = rows_int(rows, 1);
  row->slug = g_strdup(rows_text(rows, 2));
  row->state = g_strdup(rows_text(rows, 3));
  row->kind = g_strdup(rows_text(rows, 4));
  row->headline = g_strdup(rows_text(rows, 5));
  row->document = g_strdup(rows_text(rows, 6));
  row->page_sha256 = g_strdup(rows_text(rows, 7));
  row->page_next_sha256 = g_strdup(rows_text(rows, 8));
  row->created_ms = rows_int(rows, 9);
  row->first_ms = rows_int(rows, 10);
  row->score = rows_real(rows, 11);
  row->told_as = g_strdup(rows_text(rows, 12));
  return row;
}

GPtrArray *
articles_latest(Store *store, GError **error)
{
  g_autoptr(GPtrArray) articles = g_ptr_array_new_with_free_func((GDestroyNotify) article_row_free);
  Rows *rows = store_select(store, SELECT_ARTICLE " AND state <> 'held') ORDER BY a.story_id", "");
  while (rows_next(rows))
    g_ptr_array_add(articles, read_article(rows));
  return rows_end(rows, error) ? g_steal_pointer(&articles) : NULL;
}

static ArticleRow *
read_only_article(Rows *rows, GError **error)
{
  g_autoptr(ArticleRow) row = rows_next(rows) ? read_article(rows) : NULL;
  return rows_end(rows, error) ? g_steal_pointer(&row) : NULL;
}

ArticleRow *
articles_of_story(Store *store, const char *story_id, GError **error)
{
  return read_only_article(store_select(store, SELECT_ARTICLE ") AND a.story_id = ?1", "s", story_id), error);
}

ArticleRow *
articles_shown(Store *store, const char *story_id, GError **error)
{
  static const char SELECT[] = SELECT_ARTICLE " AND state <> 'held') AND a.story_id = ?1";
  return read_only_article(store_select(store, SELECT, "s", story_id), error);
}

GHashTable *
articles_aliases(Store *store, GError **error)
{
  g_autoptr(GHashTable) aliases = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, (GDestroyNotify) g_ptr_array_unref);
  Rows *rows = store_select(store,
                            "SELECT DISTINCT s.merged_into, a.slug FROM articles a JOIN stories s ON s.id = a.story_id"
                            " WHERE a.state = 'merged' AND coalesce(a.page_sha256, a.page_next_sha256) IS NOT NULL"
                            " ORDER BY a.slug",
                            "");
  while (rows_next(rows)) {
    GPtrArray *slugs = g_hash_table_lookup(aliases, rows_text(rows, 0));
    if (slugs == NULL) {
      slugs = g_ptr_array_new_with_free_func(g_free);
      g_hash_table_insert(aliases, g_strdup(rows_text(rows, 0)), slugs);
    }
    g_ptr_array_add(slugs, g_strdup(rows_text(rows, 1)));
  }
  return rows_end(rows, error) ? g_steal_pointer(&aliases) : NULL;
}

char *
articles_story_of_slug(Store *store, const char *slug, GError **error)
{
  Rows *rows = store_select(store, "SELECT story_id FROM articles WHERE slug = ?1 LIMIT 1", "s", slug);
  g_autofree char *story_id = rows_next(rows) ? g_strdup(rows_text(rows, 0)) : NULL;
  return rows_end(rows, error) ? g_steal_pointer(&story_id) : NULL;
}

bool
articles_add(Store *store, int64_t run_id, const ArticleRow *row, GError **error)
{
  return store_run(
      store, error,
      "INSERT INTO articles(story_id, revision, slug, state, kind, headline, document, cost_micros, created_ms, run_id,"
      " page_sha256, page_next_sha256, told_as)"
      " SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, 0, ?8, ?9, max(page_sha256), max(page_next_sha256), max(told_as)"
      " FROM articles WHERE story_id = ?1 AND revision = ?2 - 1",
      "sisssssii", row->story_id, row->revision, row->slug, row->state, row->kind, row->headline, row->document,
      row->created_ms, run_id);
}

static ArticleLine *
read_line(const Rows *rows)
{
  ArticleLine *line = g_new0(ArticleLine, 1);
  line->slug = g_strdup(rows_text(rows, 0));
  line->headline = g_strdup(rows_text(rows, 1));
  line->state = g_strdup(rows_text(rows, 2));
  line->held = rows_int(rows, 3);
  line->updated_ms = rows_int(rows, 4);
  line->score = rows_real(rows, 5);
  return line;
}

GPtrArray *
articles_list(Store *store, GError **error)
{
  g_autoptr(GPtrArray) lines = g_ptr_array_new_with_free_func((GDestroyNotify) article_line_free);
  Rows *rows = store_select(store, SELECT_LINE " ORDER BY a.created_ms DESC, a.slug", "");
  while (rows_next(rows))
    g_ptr_array_add(lines, read_line(rows));
  return rows_end(rows, error) ? g_steal_pointer(&lines) : NULL;
}

ArticleLine *
articles_line(Store *store, const char *slug, GError **error)
{
  Rows *rows = store_select(store, SELECT_LINE " AND a.slug = ?1", "s", slug);
  g_autoptr(ArticleLine) line = rows_next(rows) ? read_line(rows) : NULL;
  return rows_end(rows, error) ? g_steal_pointer(&line) : NULL;
}

int64_t
articles_count_held(Store *store, GError **error)
{
  Rows *rows = store_select(store, "SELECT count(DISTINCT story_id) FROM articles h WHERE " IS_WAITING("h"), "");
  int64_t count = rows_next(rows) ? rows_int(rows, 0) : -1;
  return rows_end(rows, error) ? count : -1;
}

/* Why @line cannot be ordered so; NULL when it can. */
static const char *
reason_to_refuse(const ArticleLine *line, ArticleOrder order)
{
  if (order == ARTICLE_APPROVE && line->held > 0)
    return NULL;
  if (g_str_equal(line->state, "withdrawn"))
    return order == ARTICLE_HIDE
               ? NULL
               : "its authors took back what it was about; its text was forgotten and nothing can bring it back";
  if (order == ARTICLE_SHOW && g_str_equal(line->state, "held"))
    return "it was never hidden but waits to be approved: \"courant article approve\" publishes it";
  if (order == ARTICLE_APPROVE && g_str_equal(line->state, "hidden"))
    return "it is hidden and nothing of it is held: \"courant article show\" brings it back";
  return NULL;
}

bool
articles_set_state(Store *store, const char *slug, ArticleOrder order, bool *ret_is_changed, GError **error)
{
  g_autoptr(ArticleLine) line = articles_line(store, slug, error);
  if (line == NULL)
    return false;
  static const char *const UPDATES[] = {
      [ARTICLE_HIDE] = "UPDATE articles SET state = 'hidden' WHERE slug = ?1 AND state IN ('published', 'held', 'merged')",
      [ARTICLE_SHOW] = ("UPDATE articles SET state = iif((SELECT merged_into FROM stories WHERE id = story_id) IS NULL,"
                        " 'published', 'merged') WHERE slug = ?1 AND state = 'hidden'"),
      [ARTICLE_APPROVE] = "UPDATE articles SET state = 'published' WHERE slug = ?1 AND state = 'held'",
  };
  const char *reason = reason_to_refuse(line, order);
  if (reason != NULL) {
    error_set(error, ERROR_REJECTED, "article %s: %s", slug, reason);
    return false;
  }
  bool is_shown = g_str_equal(line->state, "published") || g_str_equal(line->state, "merged");
  bool is_hidden = g_str_equal(line->state, "hidden");
  *ret_is_changed = order == ARTICLE_SHOW ? is_hidden : line->held > 0 || (order == ARTICLE_HIDE && is_shown);
  return store_run(store, error, UPDATES[order], "s", slug);
}

bool
articles_announce_page(Store *store, const ArticleRow *row, const char *old_sha256, const char *new_sha256, GError **error)
{
  return store_run(store, error,
                   "UPDATE articles SET page_sha256 = ?3, page_next_sha256 = ?4 WHERE story_id = ?1 AND revision >= ?2", "siss",
                   row->story_id, row->revision, old_sha256, new_sha256);
}

bool
articles_confirm_page(Store *store, const ArticleRow *row, GError **error)
{
  return store_run(store, error,
                   "UPDATE articles SET page_sha256 = page_next_sha256, page_next_sha256 = NULL"
                   " WHERE story_id = ?1 AND revision >= ?2 AND page_next_sha256 IS NOT NULL",
                   "si", row->story_id, row->revision);
}
