/*
 * What people said of items: two that must be in one story, two that must not. Pure. They beat every other rule; where they
 * contradict each other, the newest wins.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

/** Correction: @is_must: the two items are of one story, else of two. */
typedef struct {
  char *item_a;
  char *item_b;
  bool is_must;
  int64_t made_ms;
} Correction;

/** correction_free: NULL-safe. */
void correction_free(Correction *correction);

/** Corrections: those that hold. */
typedef struct Corrections Corrections;

/**
 * corrections_new:
 * @all: (element-type Correction): in any order; read, not kept
 *
 * The newest first (of one time, by items), each holds unless what holds already says the opposite, also over several items: "a
 * with b" and "b with c" say "a with c".
 *
 * Returns: (transfer full)
 */
Corrections *corrections_new(const GPtrArray *all);

/** corrections_free: NULL-safe. */
void corrections_free(Corrections *corrections);

/** corrections_holds: whether the correction at position @index of what corrections_new() read holds; else a newer one
 * overrules it */
bool corrections_holds(const Corrections *corrections, guint index);

/** corrections_root: Returns: (transfer none) (nullable): equal for items that must be in one story; NULL for one of which
 * nothing was said */
const char *corrections_root(const Corrections *corrections, const char *item_id);

/** corrections_obeyed: Returns: (transfer none) (element-type Correction): those that hold, the newest first */
const GPtrArray *corrections_obeyed(const Corrections *corrections);

/** CorrectionPair: two roots whose items must not be in one story. */
typedef struct {
  const char *root_a;
  const char *root_b;
} CorrectionPair;

/** corrections_forbidden: Returns: (transfer none) (element-type CorrectionPair): all, sorted */
const GArray *corrections_forbidden(const Corrections *corrections);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Corrections, corrections_free)
