/*
 * Posts left out on purpose: one row a post and source, of the last run in which it was.
 */
#pragma once

#include "model/item.h"
#include "store/store.h"

/** drops_save: replaces what is known of @drop, which the source @key left out in run @run_id. */
bool drops_save(Store *store, int64_t run_id, const char *key, const Drop *drop, GError **error);

/** drops_clear: the source @key left out the post @id before and keeps it now. */
bool drops_clear(Store *store, const char *key, const char *id, GError **error);

/** DropCount: how many posts were left out for @reason. */
typedef struct {
  char *reason;
  int64_t count;
} DropCount;

/** drop_count_free: NULL-safe. */
void drop_count_free(DropCount *count);

/** drops_counts: of the source @key in the last run in which it answered, by reason. Returns: (transfer full) (element-type
 * DropCount) (nullable) */
GPtrArray *drops_counts(Store *store, const char *key, GError **error);

/**
 * DropRow: @source is the key of the source that left it out, @run_id the last run in which it did.
 * @detail: (nullable)
 */
typedef struct {
  char *source;
  char *id;
  char *url;
  char *reason;
  char *detail;
  int64_t run_id;
} DropRow;

/** drop_row_free: NULL-safe. */
void drop_row_free(DropRow *row);

/** drops_find: those whose id, address or page is @word. Returns: (transfer full) (element-type DropRow) (nullable): newest
 * first */
GPtrArray *drops_find(Store *store, const char *word, GError **error);
