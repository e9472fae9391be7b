/*
 * What people said of items: two that must be in one story, two that must not. Kept for ever, also of items that are gone.
 * Those that write do so in the transaction under way.
 */
#pragma once

#include "store/store.h"

/**
 * CorrectionRow:
 * @item_a, @item_b: ids, the smaller first
 * @title_a, @title_b: (nullable): NULL when the item is not known any more
 * @is_must: they must be in one story, else they must not
 */
typedef struct {
  char *item_a;
  char *title_a;
  char *item_b;
  char *title_b;
  bool is_must;
  int64_t made_ms;
} CorrectionRow;

/** correction_row_free: NULL-safe. */
void correction_row_free(CorrectionRow *row);

/** corrections_list: Returns: (transfer full) (element-type CorrectionRow) (nullable): the newest first, then by items */
GPtrArray *corrections_list(Store *store, GError **error);

/** corrections_merge: the leads of the two stories must be in one; what was said against it of two members turns round. What
 * is said later is newer, also when the clock goes back. */
bool corrections_merge(Store *store, const char *story_a, const char *story_b, int64_t now_ms, GError **error);

/** corrections_split: each of @items (element-type utf8), members of a story, must be with the others of @items, and must not
 * with each member that stays. */
bool corrections_split(Store *store, const char *story_id, const GPtrArray *items, int64_t now_ms, GError **error);

/** corrections_forget: what was said of @item_a and @item_b, or with whomever where that is NULL. Returns: how many were
 * removed; -1 on error */
int64_t corrections_forget(Store *store, const char *item_a, const char *item_b, GError **error);
