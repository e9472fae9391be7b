/*
 * One post as collected. Every text is clean (base/text.h) and holds no markup.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * Item:
 * @id: stable: `hn:<id>`, `feed:<feed url>#<guid, else link, else sha256 of title>`
 * @source: the key of the configured source it came from, such as "hackernews" or "feed:https://lwn.net/headlines/rss"
 * @url: where a reader opens the post itself: the discussion page, the feed entry's page
 * @canonical_url: (nullable): canonical form of the page the post is about: its link, or its own page; NULL when none
 * @title: one line, perhaps ""
 * @text: paragraphs separated by blank lines, perhaps ""
 * @author: perhaps ""
 * @language: (nullable): as the source says, lower-case primary subtag
 * @published_ms: UTC; 0 when unknown
 * @links: (element-type utf8): outbound addresses as found, canonical, without duplicates, at most 50
 * @extra: (nullable): a JSON object as text with what only this source knows; "site_name" is what the site calls itself
 * @likes: -1 when the source does not say; the same for @shares, @replies, @score
 */
typedef struct {
  char *id;
  char *source;
  char *url;
  char *canonical_url;
  char *title;
  char *text;
  char *author;
  char *language;
  int64_t published_ms;
  GPtrArray *links;
  char *extra;
  int64_t likes;
  int64_t shares;
  int64_t replies;
  int64_t score;
} Item;

/** ITEM_MAX_TITLE_CHARS: longer titles are cut at a word; ITEM_MAX_TEXT_BYTES: longer texts are cut at a character. */
enum { ITEM_MAX_TITLE_CHARS = 300, ITEM_MAX_TEXT_BYTES = 64 * 1024, ITEM_MAX_LINKS = 50 };

/** item_new: an item with empty texts, no links and unknown (-1) engagement. Returns: (transfer full) */
Item *item_new(void);

/** item_free: NULL-safe. */
void item_free(Item *item);

/** item_add_link: canonicalises @url and adds it unless it is no http(s) address, known already or one too many. */
void item_add_link(Item *item, const char *url);

/**
 * Failure: an input that could not be used, kept in the failures table.
 * @code: an #ErrorCode
 * @message: what, where and why
 * @input: (nullable): the offending input, at most 4 KB, clean text
 */
typedef struct {
  int code;
  char *message;
  char *input;
} Failure;

/** failure_new: copies its texts; @input (nullable) is @length bytes, cleaned and cut. Returns: (transfer full) */
Failure *failure_new(int code, const char *message, const char *input, size_t length);

/** failure_free: NULL-safe. */
void failure_free(Failure *failure);

/**
 * ItemBatch: what one source yielded.
 * @items: (element-type Item), in the source's order
 * @failures: (element-type Failure): malformed entries among good ones
 * @skipped: posts passed over on purpose (dead, deleted, no story), not failures
 * @moved_to: (nullable): where the source says it lives now, for good
 * @is_gone: the source says it will not come back (410)
 */
typedef struct {
  GPtrArray *items;
  GPtrArray *failures;
  int64_t skipped;
  char *moved_to;
  bool is_gone;
} ItemBatch;

/** item_batch_new: Returns: (transfer full): an empty batch */
ItemBatch *item_batch_new(void);

/** item_batch_free: NULL-safe. */
void item_batch_free(ItemBatch *batch);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Item, item_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Failure, failure_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ItemBatch, item_batch_free)
