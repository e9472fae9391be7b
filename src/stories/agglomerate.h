/*
 * Average-link agglomeration of groups of posts, with vetoes. Pure; ties go to the smaller positions.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

/** AGGLOMERATION_SAMPLE: so many posts, evenly chosen of all in their order, speak for a group; all of a smaller one. */
enum { AGGLOMERATION_SAMPLE = 5 };

/** PostLikeness: how alike two posts are, 0 to 1; below 0 when they must not come together. */
typedef double (*PostLikeness)(const void *data, uint32_t a, uint32_t b);

/** Agglomeration: groups, named by their position, that may become one. */
typedef struct Agglomeration Agglomeration;

/** agglomeration_new: Returns: (transfer full): no groups yet */
Agglomeration *agglomeration_new(void);

/** agglomeration_free: NULL-safe. */
void agglomeration_free(Agglomeration *agglomeration);

/** agglomeration_add_group: @posts: @count of them, ascending, perhaps none; read, not kept. Returns: its position */
guint agglomeration_add_group(Agglomeration *agglomeration, const uint32_t *posts, guint count);

/** agglomeration_tie: @a and @b, other groups, may become one; what is not tied never does by itself. */
void agglomeration_tie(Agglomeration *agglomeration, guint a, guint b);

/** agglomeration_part: @a and @b must not become one. */
void agglomeration_part(Agglomeration *agglomeration, guint a, guint b);

/** agglomeration_run: joins the two tied groups whose posts are most alike, by a mean without the least alike quarter of their
 * pairs, until none reaches @cut. @data: handed to @likeness */
void agglomeration_run(Agglomeration *agglomeration, PostLikeness likeness, const void *data, double cut);

/** agglomeration_root: Returns: the smallest position among the groups that are one with @group now */
guint agglomeration_root(const Agglomeration *agglomeration, guint group);

/** agglomeration_joined_at: Returns: the average likeness at which @group first became one with another; 0 when it did not */
double agglomeration_joined_at(const Agglomeration *agglomeration, guint group);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Agglomeration, agglomeration_free)
