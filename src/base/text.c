#include "base/text.h"

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <uninorm.h>

enum { REPLACEMENT = 0xFFFD };

/* Returns: the character at @at, REPLACEMENT when the byte there begins none */
static gunichar
read_character(const char *at, const char *end, size_t *ret_length)
{
  unsigned char byte = (unsigned char) *at;
  *ret_length = 1;
  if (byte < 0x80)
    return byte;
  gunichar character = g_utf8_get_char_validated(at, end - at);
  if (character > 0x10FFFF)
    return REPLACEMENT;
  *ret_length = (size_t) (g_utf8_next_char(at) - at);
  return character;
}

static bool
is_kept(gunichar character)
{
  if (character == '\t' || character == '\n')
    return true;
  bool is_control = character < 0x20 || (character >= 0x7F && character < 0xA0);
  bool is_bidi_control = character == 0x061C || character == 0x200E || character == 0x200F ||
                         (character >= 0x202A && character <= 0x202E) || (character >= 0x2066 && character <= 0x2069);
  bool is_tag = character >= 0xE0000 && character <= 0xE007F;
  bool is_outside_xml = character == 0xFFFE || character == 0xFFFF;
  return !is_control && !is_bidi_control && !is_tag && !is_outside_xml;
}

/* not by GLib, whose time grows with the square of the number of characters composed or marks reordered */
static char *
compose(const GString *text)
{
  if (g_str_is_ascii(text->str))
    return g_strndup(text->str, text->len);
  size_t length;
  g_autofree uint8_t *composed = u8_normalize(UNINORM_NFC, (const uint8_t *) text->str, text->len, NULL, &length);
  g_assert(composed != NULL);
  return g_strndup((const char *) composed, length);
}

/* Returns: where a run that no rule changes ends: of ASCII that is seen, and spaces */
static const char *
skip_clean(const char *at, const char *end)
{
  while (at < end && *at >= ' ' && *at < 0x7F)
    at++;
  return at;
}

char *
text_clean(const char *bytes, size_t length)
{
  g_autoptr(GString) text = g_string_sized_new(length + 1);
  const char *end = bytes + length;
  size_t step;
  for (const char *at = bytes; at < end; at += step) {
    const char *run_end = skip_clean(at, end);
    g_string_append_len(text, at, run_end - at);
    at = run_end;
    if (at == end)
      break;
    gunichar character = read_character(at, end, &step);
    if (character == '\r') {
      bool is_pair = at + 1 < end && at[1] == '\n';
      step = is_pair ? 2 : 1;
      character = '\n';
    }
    if (is_kept(character))
      g_string_append_unichar(text, character);
  }
  return compose(text);
}

size_t
text_span_plain(const char *at, const char *end)
{
  const char *start = at;
  while (at<end && * at> ' ' && *at < 0x7F)
    at++;
  return (size_t) (at - start);
}

char *
text_clean_line(const char *bytes, size_t length)
{
  g_autofree char *text = text_clean(bytes, length);
  const char *end = text + strlen(text);
  GString *line = g_string_sized_new((size_t) (end - text) + 1);
  bool is_space_due = false;
  size_t step;
  for (const char *at = text; at < end; at += step) {
    step = MAX(text_span_plain(at, end), (size_t) (g_utf8_next_char(at) - at));
    if (g_unichar_isspace(g_utf8_get_char(at))) {
      is_space_due = line->len > 0;
      continue;
    }
    if (is_space_due)
      g_string_append_c(line, ' ');
    is_space_due = false;
    g_string_append_len(line, at, (gssize) step);
  }
  return g_string_free(line, FALSE);
}

static bool
is_printed(gunichar character)
{
  /* joiners belong to emoji and to Persian and Indic words */
  if (character == 0x200C || character == 0x200D)
    return true;
  return g_unichar_isprint(character) && character != 0x2028 && character != 0x2029;
}

char *
text_printable(const char *text)
{
  if (text == NULL)
    return g_strdup("");
  const char *end = text + strlen(text);
  GString *shown = g_string_sized_new((size_t) (end - text) + 1);
  size_t step;
  for (const char *at = text; at < end; at += step) {
    gunichar character = read_character(at, end, &step);
    bool is_lone_byte = step == 1 && (*at & 0x80) != 0;
    if (is_lone_byte || character < 0x20 || character == 0x7F)
      g_string_append_printf(shown, "\\x%02X", (unsigned) (unsigned char) *at);
    else if (is_printed(character))
      g_string_append_len(shown, at, (gssize) step);
    else
      g_string_append_printf(shown, character > 0xFFFF ? "\\U%08X" : "\\u%04X", character);
  }
  return g_string_free(shown, FALSE);
}

char *
text_truncate(const char *text, size_t max_chars)
{
  if (max_chars == 0)
    return g_strdup("");
  const char *cut = text;
  const char *word_end = NULL;
  size_t count = 0;
  for (const char *at = text; *at != '\0'; at = g_utf8_next_char(at), count++) {
    if (count == max_chars) {
      const char *stop = word_end != NULL ? word_end : cut;
      while (stop > text && strchr(",;:.", stop[-1]) != NULL)
        stop--;
      return g_strdup_printf("%.*s…", (int) (stop - text), text);
    }
    bool is_space = g_unichar_isspace(g_utf8_get_char(at));
    /* a word that ends in the first half is no place to cut: what follows is one huge word */
    if (is_space && count > 0 && count < max_chars && count * 2 >= max_chars && !g_unichar_isspace(g_utf8_get_char(cut)))
      word_end = at;
    cut = at;
  }
  return g_strdup(text);
}

char *
text_slug(const char *text, size_t max_bytes)
{
  g_autofree char *ascii = g_str_to_ascii(text, "C");
  GString *slug = g_string_sized_new(max_bytes + 2);
  bool is_dash_due = false;
  size_t word_end = 0;
  for (const char *at = ascii; *at != '\0' && slug->len <= max_bytes; at++) {
    if (*at == '\'')
      continue;
    if (!g_ascii_isalnum(*at)) {
      is_dash_due = slug->len > 0;
      continue;
    }
    if (is_dash_due) {
      word_end = slug->len;
      g_string_append_c(slug, '-');
    }
    is_dash_due = false;
    g_string_append_c(slug, g_ascii_tolower(*at));
  }
  if (slug->len > max_bytes)
    g_string_truncate(slug, word_end > 0 ? word_end : max_bytes);
  return g_string_free(slug, FALSE);
}

char *
text_casefold(const char *text, ssize_t length)
{
  size_t bytes = length < 0 ? strlen(text) : strnlen(text, (size_t) length);
  bool is_ascii = true;
  for (size_t i = 0; i < bytes && is_ascii; i++)
    is_ascii = (unsigned char) text[i] < 0x80;
  return is_ascii ? g_ascii_strdown(text, (gssize) bytes) : g_utf8_casefold(text, (gssize) bytes);
}

static int
compare_words(const void *word, const void *entry)
{
  return strcmp(word, *(const char *const *) entry);
}

bool
text_is_listed(const char *word, const char *const *words, size_t count)
{
  return bsearch(word, words, count, sizeof words[0], compare_words) != NULL;
}

/* Edit distance with swaps of neighbours (optimal string alignment). */
static size_t
measure_distance(const char *left, const char *right)
{
  size_t rows = strlen(left) + 1;
  size_t columns = strlen(right) + 1;
  g_autofree size_t *cells = g_new(size_t, rows * columns);
  for (size_t i = 0; i < rows; i++)
    for (size_t j = 0; j < columns; j++) {
      size_t *cell = &cells[i * columns + j];
      if (i == 0 || j == 0) {
        *cell = i + j;
        continue;
      }
      bool is_same = left[i - 1] == right[j - 1];
      *cell = MIN(cell[-1], *(cell - columns)) + 1;
      *cell = MIN(*cell, *(cell - columns - 1) + (is_same ? 0 : 1));
      if (i > 1 && j > 1 && left[i - 1] == right[j - 2] && left[i - 2] == right[j - 1])
        *cell = MIN(*cell, *(cell - 2 * columns - 2) + 1);
    }
  return cells[rows * columns - 1];
}

static size_t
common_start(const char *a, const char *b)
{
  size_t count = 0;
  while (a[count] != '\0' && a[count] == b[count])
    count++;
  return count;
}

const char *
text_nearest(const char *word, const char *const *candidates)
{
  size_t length = strlen(word);
  size_t limit = CLAMP(length / 3, 1, 3);
  const char *nearest = NULL;
  for (; *candidates != NULL; candidates++) {
    size_t candidate_length = strlen(*candidates);
    if (candidate_length > length + limit || length > candidate_length + limit)
      continue;
    size_t distance = measure_distance(word, *candidates);
    if (distance > limit)
      continue;
    if (nearest != NULL && distance == limit && common_start(word, *candidates) <= common_start(word, nearest))
      continue;
    nearest = *candidates;
    limit = distance;
  }
  return nearest;
}
