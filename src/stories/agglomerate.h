/*
 * Average-link agglomeration of groups of posts, with vetoes. Pure; ties go to the smaller positions.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>

/** Agglomeration: groups, named by their position, that may become one. */
typedef struct Agglomeration Agglomeration;

/** agglomeration_new: Returns: (transfer full): no groups yet */
Agglomeration *agglomeration_new(void);

/** agglomeration_free: NULL-safe. */
void agglomeration_free(Agglomeration *agglomeration);

/** agglomeration_add_group: @posts: how many posts it holds. Returns: its position */
guint agglomeration_add_group(Agglomeration *agglomeration, guint posts);

/**
 * agglomeration_add_pair:
 * @a: the position of a group
 * @b: the position of another one
 * @similarity: of one post of @a and one of @b
 * @is_vetoed: these two posts must not come together
 *
 * A pair of posts that is not given counts as 0.
 */
void agglomeration_add_pair(Agglomeration *agglomeration, guint a, guint b, double similarity, bool is_vetoed);

/** agglomeration_run: joins the two groups of the highest average similarity until none reaches @cut. */
void agglomeration_run(Agglomeration *agglomeration, double cut);

/** agglomeration_root: Returns: the smallest position among the groups that are one with @group now */
guint agglomeration_root(const Agglomeration *agglomeration, guint group);

/** agglomeration_joined_at: Returns: the average similarity at which @group first became one with another; 0 when it did not */
double agglomeration_joined_at(const Agglomeration *agglomeration, guint group);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Agglomeration, agglomeration_free)
