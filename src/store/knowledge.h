/*
 * Named values that runs learn: the newest version counts.
 */
#pragma once

#include "store/store.h"

/** knowledge_get: Returns: (transfer full) (nullable): the newest value called @name, NULL without error when there is none */
char *knowledge_get(Store *store, const char *name, GError **error);

/** knowledge_set: adds a version; older ones go. */
bool knowledge_set(Store *store, int64_t run_id, const char *name, const char *value, GError **error);
