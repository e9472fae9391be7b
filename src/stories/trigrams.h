/*
 * The letters of a line, three by three. Pure.
 */
#pragma once

#include <stdint.h>

/** TRIGRAMS_MAX: of so many bytes at most; TRIGRAM_KINDS: so many are told apart; TRIGRAM_THIRD_BITS: the lower bits, of the
 * third character: the others are those of the bigram it begins with. */
enum { TRIGRAMS_MAX = 200, TRIGRAM_KINDS = 1 << 16, TRIGRAM_THIRD_BITS = 6 };

/** trigrams_read: @line: words in lower case, a space between two; one more is read before and behind. Sets @ret_trigrams:
 * hashes, distinct, ascending. Returns: how many */
unsigned trigrams_read(const char *line, uint16_t ret_trigrams[TRIGRAMS_MAX]);
