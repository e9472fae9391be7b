/*
 * What is compared of one post: the page it is about, its head, its stems, and the numbers its title names. Pure.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "model/item.h"

/**
 * Fingerprint:
 * @source: the key of the source
 * @link: (nullable): the canonical address without scheme, "www." and last "/"; NULL when there is none or it is a home page,
 *   which many stories share
 * @head: the words of the title, or of the beginning of the text where there is no title, without case, punctuation, labels
 *   ("Show HN:") and addresses; perhaps ""
 * @stems: (element-type utf8): distinct stems of the title and the beginning of the text, without addresses
 * @head_stems: how many of them, from the first, are stems of the head
 * @numbers: (element-type utf8 utf8): for each word of the title that stands before a number, a version or a month, that number
 */
typedef struct {
  char *source;
  char *link;
  char *head;
  GPtrArray *stems;
  guint head_stems;
  GHashTable *numbers;
} Fingerprint;

/** fingerprint_new: Returns: (transfer full) */
Fingerprint *fingerprint_new(const Item *item);

/** fingerprint_free: NULL-safe. */
void fingerprint_free(Fingerprint *fingerprint);

/**
 * fingerprint_conflicts:
 *
 * Returns: true when the same word stands before different numbers in the two titles ("Fedora 42" and "Fedora 43", "day 3" and
 *   "day 4", "hiring (October" and "hiring (November"): two of a series, however alike; "v4.0.0" equals "4.0"
 */
bool fingerprint_conflicts(const Fingerprint *a, const Fingerprint *b);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Fingerprint, fingerprint_free)
