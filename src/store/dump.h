/*
 * What two runs must agree on, as sorted NDJSON.
 */
#pragma once

#include "store/store.h"

/**
 * store_dump:
 * @write: called with each line (no line break at its end), in order
 *
 * Items, stories, members, corrections, scores, evidence digests and articles; nothing that the real clock or the order of
 * arrival decides.
 */
bool store_dump(Store *store, void (*write)(const char *line, void *data), void *data, GError **error);
