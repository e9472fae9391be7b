#include "llm/terms.h"

#include <string.h>

static bool
is_word_character(gunichar character)
{
  return g_unichar_isalnum(character) || g_unichar_ismark(character);
}

/* What parts words: white space, and what ends a phrase with them. */
#define SPACES " \t\n"
#define BREAKS ",;()[]\""

/* What may stand inside a word: "Node.js", "O'Neill", "C++", "C#", "AT&T". */
static bool
is_inner_character(gunichar character)
{
  return is_word_character(character) || (character < 0x80 && strchr(".'+#&", (int) character) != NULL) || character == 0x2019;
}

static bool
is_joiner(gunichar character)
{
  return character == '-' || character == '/' || character == 0x2010 || character == 0x2011;
}

static void
end_run(GArray *terms)
{
  if (terms->len > 0)
    g_array_index(terms, Term, terms->len - 1).is_run_end = true;
}

/* Returns: the end of what is left of @start when @end loses a "'s", which ends a phrase */
static const char *
skip_possessive(const char *start, const char *end)
{
  if (end - start > 2 && end[-1] == 's' && end[-2] == '\'')
    return end - 2;
  if (end - start > 4 && end[-1] == 's' && memcmp(end - 4, "’", 3) == 0)
    return end - 4;
  return end;
}

/* Dashes, quotation marks and such: U+2000 to U+203F end before @at. */
static bool
is_general_punctuation(const char *line, const char *at)
{
  return at - line >= 3 && memcmp(at - 3, "\xE2\x80", 2) == 0;
}

/* Whether what stands before @word lets any word after it begin with a capital. */
static bool
is_sentence_start(const char *line, const char *word)
{
  const char *before = word;
  while (before > line && strchr(" \"'([#", before[-1]) != NULL)
    before--;
  return before == line || strchr(".:!?|", before[-1]) != NULL || is_general_punctuation(line, before);
}

/* Adds the word from @start to @end, which has no punctuation at its ends. */
static void
add_term(GArray *terms, const char *line, const char *start, const char *end, bool is_hashtag)
{
  const char *word_end = skip_possessive(start, end);
  bool is_plain = true;
  for (const char *at = start; at < word_end; at = g_utf8_next_char(at))
    is_plain &= g_unichar_isalpha(g_utf8_get_char(at)) || g_unichar_ismark(g_utf8_get_char(at));
  Term term = {
      .start = start,
      .end = word_end,
      .is_hashtag = is_hashtag,
      .is_capital = g_unichar_isupper(g_utf8_get_char(start)),
      .is_plain = is_plain,
      .is_run_end = word_end < end || is_hashtag,
      .is_sentence_start = is_sentence_start(line, start),
  };
  g_array_append_val(terms, term);
}

/* Adds the words of @start to @end; nothing when it holds what no word holds. */
static void
add_joined(GArray *terms, const char *line, const char *start, const char *end)
{
  for (const char *at = start; at < end; at = g_utf8_next_char(at))
    if (!is_inner_character(g_utf8_get_char(at)) && !is_joiner(g_utf8_get_char(at))) {
      end_run(terms);
      return;
    }
  const char *word = start;
  for (const char *at = start; at <= end; at = g_utf8_next_char(at)) {
    if (at < end && !is_joiner(g_utf8_get_char(at)))
      continue;
    if (at > word)
      add_term(terms, line, word, at, false);
    if (at == end)
      return;
    word = g_utf8_next_char(at);
  }
}

static bool
is_address(const char *start, const char *end)
{
  gssize length = end - start;
  return g_strstr_len(start, length, "://") != NULL || g_strstr_len(start, length, "@") != NULL ||
         (length > 4 && g_ascii_strncasecmp(start, "www.", 4) == 0);
}

static void
add_token(GArray *terms, const char *line, const char *start, const char *end)
{
  if (is_address(start, end)) {
    end_run(terms);
    return;
  }
  const char *first = start;
  while (first < end && !is_word_character(g_utf8_get_char(first)))
    first = g_utf8_next_char(first);
  const char *last = end;
  while (last > first) {
    const char *before = g_utf8_prev_char(last);
    gunichar character = g_utf8_get_char(before);
    if (is_word_character(character) || character == '+' || character == '#')
      break;
    last = before;
  }
  if (first > start)
    end_run(terms);
  if (last > first && first > start && first[-1] == '#')
    add_term(terms, line, first, last, true);
  else if (last > first)
    add_joined(terms, line, first, last);
  if (last < end)
    end_run(terms);
}

GArray *
terms_split(const char *line)
{
  GArray *terms = g_array_new(FALSE, FALSE, sizeof(Term));
  for (const char *at = line; *at != '\0';) {
    size_t length = strcspn(at, SPACES BREAKS);
    if (length > 0)
      add_token(terms, line, at, at + length);
    size_t gap = strspn(at + length, SPACES BREAKS);
    if (strcspn(at + length, BREAKS) < gap)
      end_run(terms);
    at += length + gap;
  }
  end_run(terms);
  return terms;
}

bool
terms_title_case(const GArray *terms)
{
  enum { SHORT_WORD_BYTES = 3 };
  unsigned capitals = 0;
  unsigned words = 0;
  for (guint i = 1; i < terms->len; i++) {
    const Term *term = &g_array_index(terms, Term, i);
    if (term->is_hashtag || term->end - term->start <= SHORT_WORD_BYTES)
      continue;
    words++;
    capitals += term->is_capital;
  }
  return words >= 2 && capitals * 3 > words * 2;
}
