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
 * @id: stable: `mastodon:<status uri>`, `mastodon:link:<canonical url>`, `hn:<id>`, `reddit:t3_<id>`,
 *   `github:<owner/name>@<numeric id>`, `feed:<feed url>#<guid, else link, else sha256 of title>`
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

/** item_engagement: Returns: the sum of what is known of likes, shares and score; -1 when nothing is */
int64_t item_engagement(const Item *item);

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
 * DropReason: why a post was left out on purpose, which is no failure.
 * @DROP_REMOVED: deleted by its author or a moderator, or dead
 * @DROP_NO_STORY: a comment, a job, a reply, an announcement of moderators
 * @DROP_REPEATED: the same reply had it before
 * @DROP_OPTED_OUT: its author does not want to be found
 * @DROP_ADULT: not safe for work
 * @DROP_NOT_TRENDING: known, and not grown enough since
 * @DROP_ENGAGEMENT: below the source's min_engagement
 * @DROP_TOO_OLD, @DROP_LANGUAGE, @DROP_EXCLUDED, @DROP_NOT_INCLUDED: by the filters of the configuration
 */
typedef enum {
  DROP_REMOVED,
  DROP_NO_STORY,
  DROP_REPEATED,
  DROP_OPTED_OUT,
  DROP_ADULT,
  DROP_NOT_TRENDING,
  DROP_ENGAGEMENT,
  DROP_TOO_OLD,
  DROP_LANGUAGE,
  DROP_EXCLUDED,
  DROP_NOT_INCLUDED,
} DropReason;

/** drop_reason_name: Returns: (transfer none): as kept and in JSON: "removed", "no_story", ... */
const char *drop_reason_name(DropReason reason);

/** drop_reason_words: Returns: (transfer none): the reason called @name for people; @name itself when there is none such */
const char *drop_reason_words(const char *name);

/**
 * Drop: a post left out. Of who opted out nothing but the address is kept.
 * @id: as of #Item; "" when even that is unknown
 * @url: where a reader would open it
 * @about_url: (nullable): canonical address of the page it is about
 * @detail: (nullable): what decided, for people: `"giveaway" is excluded`
 */
typedef struct {
  char *id;
  char *url;
  char *about_url;
  DropReason reason;
  char *detail;
} Drop;

/** drop_new: of @item; @detail (transfer full). Returns: (transfer full) */
Drop *drop_new(const Item *item, DropReason reason, char *detail);

/** drop_free: NULL-safe. */
void drop_free(Drop *drop);

/**
 * ItemBatch: what one source yielded.
 * @items: (element-type Item), in the source's order
 * @failures: (element-type Failure): malformed entries among good ones
 * @drops: (element-type Drop)
 * @moved_to: (nullable): where the source says it lives now, for good
 * @is_gone: the source says it will not come back (410)
 * @memory: (nullable): a JSON text that this part of the source wants to be handed in its next run
 */
typedef struct {
  GPtrArray *items;
  GPtrArray *failures;
  GPtrArray *drops;
  char *moved_to;
  bool is_gone;
  char *memory;
} ItemBatch;

/** item_batch_new: Returns: (transfer full): an empty batch */
ItemBatch *item_batch_new(void);

/** item_batch_drop: notes that the post @id at @url was left out; @detail is (nullable). */
void item_batch_drop(ItemBatch *batch, const char *id, const char *url, DropReason reason, const char *detail);

/** item_batch_free: NULL-safe. */
void item_batch_free(ItemBatch *batch);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Item, item_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Failure, failure_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Drop, drop_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ItemBatch, item_batch_free)
