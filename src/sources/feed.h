/*
 * A feed as read, before its entries become items. Private to this layer. Thread: all functions are pure.
 */
#pragma once

#include "model/exchange.h"

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * FeedEntry: every member but @links may be NULL; texts are clean.
 * @guid: the entry's own name
 * @link: absolute address of its page
 * @subject: absolute address of the page it is about, where that is another
 * @published_ms: 0 when unknown
 * @odd_date: its date as it stood there, where it is none that can be read
 * @links: (element-type utf8): addresses in its text
 * @input: the entry as it stood there, where feed_entry_is_empty()
 */
typedef struct {
  char *guid;
  char *link;
  char *subject;
  char *title;
  char *text;
  char *author;
  char *language;
  int64_t published_ms;
  char *odd_date;
  GPtrArray *links;
  char *input;
} FeedEntry;

/**
 * Feed:
 * @title: (nullable): the feed's own
 * @link: (nullable): absolute address of the site it belongs to
 * @author: (nullable): of entries that name none; the same for @language
 * @entries: (element-type FeedEntry)
 * @problem: (nullable): where and why the document is not well-formed, although it could be read
 * @problem_input: (nullable): the text before that place
 * @is_cut: the document ends inside an entry
 */
typedef struct {
  char *title;
  char *link;
  char *author;
  char *language;
  GPtrArray *entries;
  char *problem;
  char *problem_input;
  bool is_cut;
} Feed;

/** feed_new: Returns: (transfer full): an empty feed */
Feed *feed_new(void);

/** feed_free: NULL-safe. */
void feed_free(Feed *feed);

/** feed_add_entry: Returns: (transfer none): a new entry at the end of @feed */
FeedEntry *feed_add_entry(Feed *feed);

/** feed_entry_is_empty: whether @entry has no title, link or text, and so is malformed. */
bool feed_entry_is_empty(const FeedEntry *entry);

/** feed_entry_set_date: takes @text (nullable) for the date of @entry, unless it is none or one is known. */
void feed_entry_set_date(FeedEntry *entry, const char *text);

/**
 * feed_mend_xml:
 * @text: clean text (base/text.h) that should be XML
 * @feed: whose @problem, @problem_input and @is_cut are set
 *
 * Escapes bare "&" and "<", spells HTML's references as numbers, closes what was left open and drops end tags of nothing; takes
 * out document types, comments and processing instructions, and what only costs a parser time.
 *
 * Returns: (transfer full) (nullable): nearly always well-formed XML. Errors: BAD_DATA when its tree would be too large
 */
char *feed_mend_xml(const char *text, Feed *feed, GError **error);

/**
 * feed_read_xml:
 * @text: an RSS, RDF or Atom document, UTF-8
 * @base_url: what relative addresses are resolved against
 * @limit: entries beyond it are not read
 *
 * Returns: (transfer full) (nullable). Errors: BAD_DATA when it is no feed, too large a tree, or broken without
 *   an entry
 */
Feed *feed_read_xml(const char *text, size_t length, const char *base_url, size_t limit, GError **error);

/** feed_read_json: as feed_read_xml(), for JSON Feed (https://www.jsonfeed.org/version/1.1/). */
Feed *feed_read_json(const char *text, size_t length, const char *base_url, size_t limit, GError **error);

/**
 * feed_read:
 * @reply: what the request for @url was answered with
 * @limit: entries beyond it are not read
 *
 * Returns: (transfer full) (nullable): the feed in @reply, of whichever kind. Errors: BAD_DATA, as the two above
 */
Feed *feed_read(const Reply *reply, const char *url, size_t limit, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Feed, feed_free)
