#include "stories/trigrams.h"

#include <glib.h>
#include <string.h>

/* Returns: a number below 32 for what stands first or second in a trigram, below 64 for the third; other ones for space and the
 * letters from a to z */
static uint32_t
fold_character(gunichar character, unsigned bits)
{
  if (character == ' ')
    return 0;
  return g_ascii_islower((gchar) MIN(character, 127)) ? character & 31 : character * 0x9E3779B1 >> (32 - bits);
}

static gunichar
read_character(const char *at)
{
  return (*at & 0x80) == 0 ? (gunichar) *at : g_utf8_get_char(at);
}

/* Sorts by one byte of each, the order of equals kept. */
static void
sort_by_byte(const uint16_t *from, uint16_t *to, size_t count, unsigned shift)
{
  uint16_t starts[257] = {0};
  for (size_t i = 0; i < count; i++)
    starts[(from[i] >> shift & 0xFF) + 1]++;
  for (unsigned i = 1; i < 256; i++)
    starts[i] = (uint16_t) (starts[i] + starts[i - 1]);
  for (size_t i = 0; i < count; i++)
    to[starts[from[i] >> shift & 0xFF]++] = from[i];
}

unsigned
trigrams_read(const char *line, uint16_t ret_trigrams[TRIGRAMS_MAX])
{
  uint16_t unsorted[TRIGRAMS_MAX] = {0};
  uint16_t half_sorted[TRIGRAMS_MAX] = {0};
  size_t count = 0;
  unsigned kept = 0;
  size_t length = strnlen(line, TRIGRAMS_MAX);
  while (length > 0 && (line[length] & 0xc0) == 0x80)
    length--;
  const char *end = line + length;
  gunichar first = ' ';
  gunichar second = read_character(line);
  for (const char *at = line; at < end;) {
    at = g_utf8_next_char(at);
    gunichar third = at < end ? read_character(at) : ' ';
    unsorted[count++] = (uint16_t) (fold_character(first, 5) << 11 | fold_character(second, 5) << TRIGRAM_THIRD_BITS |
                                    fold_character(third, TRIGRAM_THIRD_BITS));
    first = second;
    second = third;
  }
  sort_by_byte(unsorted, half_sorted, count, 0);
  sort_by_byte(half_sorted, unsorted, count, 8);
  for (size_t i = 0; i < count; i++)
    if (kept == 0 || ret_trigrams[kept - 1] != unsorted[i])
      ret_trigrams[kept++] = unsorted[i];
  return kept;
}
