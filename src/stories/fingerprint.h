/*
 * What is compared of one post, in numbers: made once a post, compared often. Pure.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "model/item.h"
#include "stories/lexicon.h"

/**
 * Post: what grouping reads of an item. All borrowed.
 * @source: the key of the source
 * @link: (nullable): the canonical address of the page it is about
 * @links: (element-type utf8) (nullable): canonical addresses in its text
 * @title: perhaps ""; @text: perhaps ""
 * @language: (nullable): primary subtag
 */
typedef struct {
  const char *source;
  const char *link;
  const GPtrArray *links;
  const char *title;
  const char *text;
  const char *language;
} Post;

/** post_of_item: Returns: what borrows from @item */
Post post_of_item(const Item *item);

/** Term: a distinct stem of a post. @family: equal for stems that tell of the same; @key: its hash; @idf: how rare it is, 0 to
 * 1; @is_head: it stands in the head */
typedef struct {
  uint32_t family;
  uint32_t key;
  float idf;
  bool is_head;
} Term;

/** NumberMark: a number, version or month of the head. @before: the hash of the word before it, 0 for none; @number: of the
 * number as it is meant ("v4.0.0" equals "4.0", "100k" equals "100,000"); @is_series: the word before it counts things that
 * are told of one by one: a product's name ("Fedora 42"), "day", "part", "hiring (October" */
typedef struct {
  uint32_t before;
  uint32_t number;
  bool is_series;
} NumberMark;

/**
 * Fingerprint: one block of memory. The head is the title, or the beginning of the text where there is no title, without case,
 * punctuation, labels ("Show HN:", "Video:") and addresses.
 * @head: the hash of its words, which copies share; 0 when it has none
 * @source: the hash of the source
 * @link: the hash of the canonical address; 0 when there is none or it is a home page, which many stories share
 * @page: a shorter hash of the canonical address; 0 where @link is
 * @links: such hashes of the first FINGERPRINT_LINKS addresses that lead to no home page, the canonical one before those in the
 *   text, distinct, ascending
 * @template_key: the hash of the head's words but numbers and months; 0 when nothing else is there
 * @idf: of all terms, summed
 * @names_place: whether the head does; @is_feed: whether the source is a feed
 * @terms: stems of the first 500 characters of title and text each, by family, then key
 * @pairs: stems of the head that stand side by side, in either order, stop words aside: the lower bits, FINGERPRINT_PAIR_IDF,
 *   the idf of the commoner one (that number: 1), the upper ones a hash, distinct, ascending
 * @trigrams: three characters of the head each, hashes, distinct, ascending; the bits above TRIGRAM_THIRD_BITS are of the
 * first two, and so many of these are distinct as @bigram_count says
 * @numbers: in order
 */
typedef struct {
  uint64_t head;
  uint64_t link;
  uint64_t template_key;
  uint32_t source;
  uint32_t page;
  float idf;
  uint16_t term_count;
  uint16_t pair_count;
  uint16_t trigram_count;
  uint16_t bigram_count;
  uint16_t number_count;
  uint16_t link_count;
  bool names_place;
  bool is_feed;
  Term *terms;
  uint32_t *pairs;
  uint32_t *links;
  uint16_t *trigrams;
  NumberMark *numbers;
} Fingerprint;

static const uint32_t FINGERPRINT_PAIR_IDF = 0xFF;

enum { FINGERPRINT_LINKS = 8 };

/** fingerprint_new: Returns: (transfer full) */
Fingerprint *fingerprint_new(const Post *post, const Lexicon *lexicon);

/** fingerprint_keep_links: drops the links that @kept (element-type uint32_t), ascending, lacks. */
void fingerprint_keep_links(Fingerprint *fingerprint, const GArray *kept);

/** fingerprint_free: NULL-safe. */
void fingerprint_free(Fingerprint *fingerprint);

/** fingerprint_stems: the distinct stems of a post, as fingerprint_new() reads it. Returns: (transfer full) (element-type utf8)
 */
GPtrArray *fingerprint_stems(const Post *post);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Fingerprint, fingerprint_free)
