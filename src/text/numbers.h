/*
 * Numbers and versions as people write them. Thread: pure.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

/**
 * Number:
 * @length: its bytes, with its currency and unit
 * @is_version: "v4", "4.0.1" or "2.0-rc1"
 * @key: equal for equal numbers: "100k", "100,000" and "100 000" give "100000", "1.5 million" "1500000", "$5bn" "$5000000000",
 *   "12 percent" "12%", "16GB" "16gb"; equal for equal versions: "v4.0.0", "4.0" and "4" give "4"
 */
typedef struct {
  size_t length;
  bool is_version;
  char *key;
} Number;

/** number_has_currency: Returns: true when a number behind the sign of its currency begins at @at: "$5" */
bool number_has_currency(const char *at);

/**
 * number_read:
 * @at: where a word begins, in a line with single spaces
 * @language: (nullable): primary subtag: whether "1.500" is a thousand and a half ("de"), or one and a half (English and NULL)
 * @follows_name: "3.10" is a version behind "Python", and 3.1 elsewhere
 * @ret_number: (out): untouched when there is none; the caller frees its key
 *
 * Returns: true when a number begins at @at; false also for a word such as "3D", which is a name
 */
bool number_read(const char *at, const char *language, bool follows_name, Number *ret_number);
