/*
 * Where Reddit's posts are, and where they lead. Pages are named by where readers find them, wherever the posts were asked for.
 * Private to this layer. Thread: all functions are pure.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>

/** REDDIT_SITE: where readers open posts. */
#define REDDIT_SITE "https://www.reddit.com"

/**
 * RedditPlace:
 * @id: as after "t3_", letters and digits
 * @community: (nullable): "r/linux" or "user/somebody"
 * @url: of its page, canonical
 */
typedef struct {
  char *id;
  char *community;
  char *url;
} RedditPlace;

/** reddit_place_clear: frees the parts of @place and zeroes it. */
void reddit_place_clear(RedditPlace *place);

/**
 * reddit_place_read:
 * @address: (nullable): of a post's page on any host, or its path: "/r/linux/comments/1abcde/words_of_its_title/"
 * @ret_place: (out caller-allocates): filled on success, untouched on failure
 *
 * Returns: false when @address is of no such page
 */
bool reddit_place_read(const char *address, RedditPlace *ret_place);

/** reddit_place_find: where the post called @id (nullable) is, whose page is said to be @page (nullable). Returns: false when
 * @id is none, @ret_place untouched */
bool reddit_place_find(const char *id, const char *page, RedditPlace *ret_place);

/** reddit_place_is_at: Returns: whether @address (nullable) is of the page of the post called @id */
bool reddit_place_is_at(const char *address, const char *id);

/** reddit_place_leave: Returns: (transfer full) (nullable): @address (nullable), canonical, where the post called @id leads out
 * by it: to another site or another post, not to itself, a community, a person, or the pictures and films that Reddit keeps */
char *reddit_place_leave(const char *address, const char *id);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(RedditPlace, reddit_place_clear)
