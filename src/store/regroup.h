/*
 * Two stories that become one, and one that becomes two. All in the transaction under way; who is concerned is enriched again
 * by the next run.
 */
#pragma once

#include "store/stories.h"

/**
 * stories_merge:
 * @gone_id: a story that is not merged yet
 * @joined: the member of @gone_id that joined the two, and how; its @story_id is that of the older story
 *
 * All of @gone_id, also what was merged into it, belongs to the older story. The article that is shown tells of both, and keeps
 * its slug and what feeds know it by; of two that are, it is the older story's, and the other's pages lead to it. An article
 * that is not shown gives way to one that is.
 */
bool stories_merge(Store *store, const char *gone_id, const MemberRow *joined, int64_t now_ms, GError **error);

/**
 * stories_split:
 * @items: (element-type utf8): some members of @story_id, but not all
 *
 * They found a story, whose id is made from the first of them as cluster_items() makes it. The article stays with those that
 * stay.
 *
 * Returns: (transfer full) (nullable): its id
 */
char *stories_split(Store *store, const char *story_id, const GPtrArray *items, int64_t now_ms, GError **error);

/** stories_survivor: Returns: (transfer full) (nullable): @id, or that of the story it was merged into */
char *stories_survivor(Store *store, const char *id, GError **error);
