/*
 * Which posts the filters of the configuration let through. Thread: a selection is used by one thread at a time.
 */
#pragma once

#include "model/config.h"
#include "model/item.h"

typedef struct Selection Selection;

/** selection_new: @filters: read once; @now_ms: the run's now, UTC. Returns: (transfer full) (nullable). Errors: CONFIG a
 * pattern is none; IO the fingerprints of languages are not installed */
Selection *selection_new(const FilterOptions *filters, int64_t now_ms, GError **error);

/** selection_free: NULL-safe. */
void selection_free(Selection *selection);

/** selection_judge: Returns: (transfer full) (nullable): why @item is left out; NULL when it is kept */
Drop *selection_judge(Selection *selection, const Item *item);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Selection, selection_free)
