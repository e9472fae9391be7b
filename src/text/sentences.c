#include "text/sentences.h"

#include "base/text.h"

#include <stdbool.h>
#include <string.h>

/* Abbreviations that stand before a name or a number, so their full stop ends nothing. */
static const char *const LEADING_ABBREVIATIONS[] = {"al",  "approx", "capt", "cf",  "dr",  "e.g", "ed",   "eds", "eq",
                                                    "esp", "est",    "fig",  "gen", "gov", "i.e", "lt",   "mr",  "mrs",
                                                    "ms",  "mt",     "no",   "nos", "op",  "pp",  "prof", "rep", "resp",
                                                    "rev", "sec",    "sen",  "sgt", "st",  "viz", "vol",  "vs",  NULL};

/* Abbreviations that end a sentence where a capital letter follows. */
static const char *const TRAILING_ABBREVIATIONS[] = {"a.m", "co",  "corp", "dept", "etc", "inc",
                                                     "jr",  "ltd", "p.m",  "ph.d", "sr",  NULL};

static bool
is_terminator(gunichar character)
{
  return character == '.' || character == '!' || character == '?' || character == 0x2026;
}

/* Full stops of Chinese and Japanese, which no space follows. */
static bool
is_wide_terminator(gunichar character)
{
  return character == 0x3002 || character == 0xFF01 || character == 0xFF1F;
}

static bool
is_any_terminator(const char *at)
{
  return is_terminator(g_utf8_get_char(at)) || is_wide_terminator(g_utf8_get_char(at));
}

static bool
is_closing(gunichar character)
{
  return character == '"' || character == '\'' || character == ')' || character == ']' || character == 0x201D ||
         character == 0x2019 || character == 0xBB || character == 0x300D;
}

static bool
is_digits(const char *text)
{
  return *text != '\0' && text[strspn(text, "0123456789")] == '\0';
}

/* Whether @word is letters each followed by a full stop but the last: "J", "U.S", "a.k.a". */
static bool
is_initials(const char *word)
{
  const char *at = word;
  if (strchr(word, '.') == NULL && !g_unichar_isupper(g_utf8_get_char(at)))
    return false;
  for (;;) {
    if (!g_unichar_isalpha(g_utf8_get_char(at)))
      return false;
    at = g_utf8_next_char(at);
    if (*at == '\0')
      return true;
    if (*at++ != '.')
      return false;
  }
}

/* Whether the full stop at @stop, in a sentence that began at @start, belongs to the word before it. */
static bool
is_abbreviation(const char *start, const char *stop, gunichar next)
{
  const char *word = stop;
  while (word > start && word[-1] != ' ')
    word--;
  while (word < stop && strchr("(\"'[", *word) != NULL)
    word++;
  g_autofree char *written = g_strndup(word, (size_t) (stop - word));
  g_autofree char *lower = g_utf8_strdown(written, -1);
  if (*lower == '\0')
    return false;
  if (is_digits(lower))
    return word == start;
  if (g_str_equal(lower, "no"))
    return g_unichar_isdigit(next);
  if (g_strv_contains(TRAILING_ABBREVIATIONS, lower))
    return !g_unichar_isupper(next);
  bool is_pronoun = g_str_equal(lower, "i") && word > start;
  return (is_initials(written) && !is_pronoun) || g_strv_contains(LEADING_ABBREVIATIONS, lower);
}

/* Returns: (nullable): the end of the sentence whose terminator stands at @at, NULL when it goes on */
static const char *
find_end(const char *start, const char *at)
{
  bool is_wide = is_wide_terminator(g_utf8_get_char(at));
  const char *end = at;
  while (is_any_terminator(end))
    end = g_utf8_next_char(end);
  bool is_single_stop = *at == '.' && end == at + 1;
  while (is_closing(g_utf8_get_char(end)))
    end = g_utf8_next_char(end);
  if (is_wide || *end == '\0')
    return end;
  if (*end != ' ')
    return NULL;
  gunichar next = g_utf8_get_char(end + 1);
  if (g_unichar_islower(next) || (is_single_stop && is_abbreviation(start, at, next)))
    return NULL;
  return end;
}

static void
add_sentence(GPtrArray *sentences, const char *start, const char *end)
{
  g_autofree char *sentence = g_strstrip(g_strndup(start, (size_t) (end - start)));
  if (*sentence != '\0')
    g_ptr_array_add(sentences, g_steal_pointer(&sentence));
}

/* Cuts @line, which has single spaces. */
static void
split_line(GPtrArray *sentences, const char *line)
{
  const char *start = line;
  const char *at = line;
  while (*at != '\0') {
    const char *end = is_any_terminator(at) ? find_end(start, at) : NULL;
    if (end != NULL) {
      add_sentence(sentences, start, end);
      at = start = end + strspn(end, " ");
      continue;
    }
    bool is_run = is_any_terminator(at);
    do
      at = g_utf8_next_char(at);
    while (is_run && is_any_terminator(at));
  }
  add_sentence(sentences, start, at);
}

static void
end_paragraph(GPtrArray *sentences, GString *paragraph)
{
  g_autofree char *line = text_clean_line(paragraph->str, paragraph->len);
  split_line(sentences, line);
  g_string_truncate(paragraph, 0);
}

GPtrArray *
sentences_split(const char *text)
{
  GPtrArray *sentences = g_ptr_array_new_with_free_func(g_free);
  g_autoptr(GString) paragraph = g_string_new(NULL);
  for (const char *line = text; *line != '\0';) {
    size_t length = strcspn(line, "\n");
    bool is_blank = strspn(line, " \t") >= length;
    bool is_list_item = g_str_has_prefix(line, "- ");
    if (is_blank || is_list_item)
      end_paragraph(sentences, paragraph);
    size_t skipped = is_list_item ? strlen("- ") : 0;
    g_string_append_len(paragraph, line + skipped, (gssize) (length - skipped));
    g_string_append_c(paragraph, '\n');
    line += length + (line[length] == '\n');
  }
  end_paragraph(sentences, paragraph);
  return sentences;
}
