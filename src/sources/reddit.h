/*
 * Posts as Reddit's API and Reddit's feeds tell them. Private to this layer. Thread: all functions are pure.
 */
#pragma once

#include "model/exchange.h"
#include "model/item.h"

/**
 * RedditReading: what is asked for, and what of it is kept.
 * @key: of the part
 * @url: that was asked
 * @limit: posts beyond it are not read
 * @min_engagement: posts known to have fewer points are left out
 * @keeps_adult: whether posts not safe for work are kept, where they can be told
 */
typedef struct {
  const char *key;
  const char *url;
  size_t limit;
  int64_t min_engagement;
  bool keeps_adult;
} RedditReading;

/**
 * reddit_read:
 *
 * Reads @reply as what it is: the API's listing, or a feed, which tells no points, comments or marks. A post has one id in
 * both, and one canonical address unless it repeats another: a feed does not tell where that one leads, and stops at it.
 *
 * Returns: (transfer full) (nullable). Errors: the reply's own; BAD_DATA when it is neither; REJECTED when Reddit says in it
 * why there is no listing
 */
ItemBatch *reddit_read(const RedditReading *reading, const Reply *reply, GError **error);

/** reddit_read_comments: as of #Source: the top comments on @item that @reply, the API's page of its discussion, holds. */
void reddit_read_comments(const Item *item, const Reply *reply, GPtrArray *comments);
