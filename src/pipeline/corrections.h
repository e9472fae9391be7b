/*
 * What people said of items, as grouping wants to know it.
 */
#pragma once

#include "stories/corrections.h"

/** corrections_of_rows: @rows: (element-type CorrectionRow): as the store has them. Returns: (transfer full): positions are
 * those of @rows */
Corrections *corrections_of_rows(const GPtrArray *rows);
