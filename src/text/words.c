#include "text/words.h"

#include <string.h>

#include "base/text.h"
#include "text/numbers.h"

/* Longer words in capitals are rather shouted than abbreviated. */
enum { MAX_ACRONYM_LETTERS = 6 };

/* Shorter ones of hexadecimal digits may be a name, longer ones are a hash. */
enum { MIN_HASH_LETTERS = 7 };

static bool
is_word_character(gunichar character)
{
  return g_unichar_isalnum(character) || g_unichar_ismark(character) || character == '_';
}

static bool
is_apostrophe(gunichar character)
{
  return character == '\'' || character == 0x2019;
}

/* Returns: the length of the sign at @at that joins what is around it to one word, 0 when none does; @is_capital: the word so
 * far has a capital first or a digit */
static size_t
measure_joiner(const char *start, const char *at, bool is_capital)
{
  gunichar sign = g_utf8_get_char(at);
  size_t length = (size_t) (g_utf8_next_char(at) - at);
  gunichar next = sign != 0 ? g_utf8_get_char(at + length) : 0;
  bool is_letter_before = at > start && g_ascii_isalpha(at[-1]);
  if (sign == '.')
    return g_unichar_isalnum(next) ? length : 0;
  if (is_apostrophe(sign))
    return g_unichar_isalpha(next) && (is_capital || !g_unichar_isupper(next)) ? length : 0;
  if (sign == '-' || sign == 0x2011)
    return is_capital && (g_unichar_isupper(next) || g_unichar_isdigit(next)) ? length : 0;
  if (sign == '&')
    return is_capital && g_unichar_isalnum(next) ? length : 0;
  if (sign == '/')
    return is_capital && g_unichar_isdigit(next) ? length : 0;
  if (sign == '#')
    return is_letter_before && at == start + 1 && !g_unichar_isalpha(next) ? length : 0;
  if (g_str_has_prefix(at, "++"))
    return is_letter_before && at[2] != '+' && !g_unichar_isalpha(g_utf8_get_char(at + 2)) ? strlen("++") : 0;
  return 0;
}

static const char *
find_word_end(const char *start)
{
  const char *end = start + (*start == '.');
  bool is_capital = g_unichar_isupper(g_utf8_get_char(end));
  for (;;) {
    gunichar character = g_utf8_get_char(end);
    if (is_word_character(character)) {
      is_capital = is_capital || g_unichar_isdigit(character);
      end = g_utf8_next_char(end);
      continue;
    }
    size_t joiner = measure_joiner(start, end, is_capital);
    if (joiner == 0)
      return end;
    end += joiner;
  }
}

/*
 * What the letters of a word are.
 * @inner_capitals: not the first of a word or of a part of it
 * @has_glued_digit: directly behind a letter
 */
typedef struct {
  guint letters;
  guint capitals;
  guint inner_capitals;
  guint digits;
  bool has_glued_digit;
} Letters;

static Letters
count_letters(const char *start, const char *end)
{
  Letters found = {0};
  gunichar before = 0;
  for (const char *at = start; at < end; at = g_utf8_next_char(at)) {
    gunichar character = g_utf8_get_char(at);
    bool is_capital = g_unichar_isupper(character);
    bool is_inner = g_unichar_isalnum(before) || before == '.' || before == '&';
    found.letters += g_unichar_isalpha(character) ? 1 : 0;
    found.capitals += is_capital ? 1 : 0;
    found.inner_capitals += is_capital && is_inner ? 1 : 0;
    found.digits += g_unichar_isdigit(character) ? 1 : 0;
    found.has_glued_digit = found.has_glued_digit || (g_unichar_isdigit(character) && g_unichar_isalpha(before));
    before = character;
  }
  return found;
}

static bool
is_hash(const char *start, const char *end)
{
  size_t length = (size_t) (end - start);
  return length >= MIN_HASH_LETTERS && strspn(start, "0123456789abcdef") >= length;
}

/* @word is written without capitals. */
static bool
is_named_small(const char *word, const Letters *letters)
{
  if (g_str_has_suffix(word, "++") || g_str_has_suffix(word, "#") || g_str_has_suffix(word, ".js"))
    return true;
  return letters->has_glued_digit && strchr(word, '.') == NULL && !is_hash(word, word + strlen(word));
}

static WordForm
read_form(const char *start, const char *end, const Letters *letters)
{
  g_autofree char *word = g_strndup(start, (size_t) (end - start));
  if (strchr(word, '_') != NULL || letters->letters == 0)
    return WORD_SMALL;
  if (letters->capitals == 0)
    return is_named_small(word, letters) ? WORD_NAMED : WORD_SMALL;
  bool is_shouted = letters->capitals == letters->letters && letters->letters > MAX_ACRONYM_LETTERS;
  if (letters->digits > 0 || strpbrk(word, "+#.") != NULL || (letters->inner_capitals > 0 && !is_shouted))
    return WORD_NAMED;
  bool is_capitalised = g_unichar_isupper(g_utf8_get_char(word)) && strcmp(word, "I") != 0 && !is_shouted;
  return is_capitalised ? WORD_CAPITALISED : WORD_SMALL;
}

/* Returns: the end of the hashtag, handle or address that begins at @at, @at when none does */
static const char *
skip_address(const char *sentence, const char *at)
{
  bool is_tag = (*at == '#' || *at == '@') && is_word_character(g_utf8_get_char(at + 1));
  if (!is_tag && at > sentence && at[-1] != ' ')
    return at;
  size_t length = strcspn(at, " ");
  bool is_mail = memchr(at, '@', length) != NULL;
  bool is_address = g_str_has_prefix(at, "www.") || memmem(at, length, "://", strlen("://")) != NULL;
  return is_tag || is_mail || is_address ? at + length : at;
}

static bool
starts_word(const char *at)
{
  gunichar character = g_utf8_get_char(at);
  return g_unichar_isalnum(character) || (character == '.' && g_ascii_isalpha(at[1]));
}

/* Whether the sign at @at, between two words, keeps them from being one name. */
static bool
is_parting(const char *at)
{
  bool is_spaced = at[1] == ' ' || at[1] == '\0';
  if (*at == '-')
    return is_spaced;
  return *at != ' ' && !(is_spaced && (*at == '.' || *at == '&'));
}

/* The key of a name must not change with how its apostrophe was typed. */
static char *
fold(const char *start, const char *end)
{
  g_autofree char *folded = text_casefold(start, end - start);
  g_auto(GStrv) parts = g_strsplit(folded, "’", -1);
  return g_strjoinv("'", parts);
}

/* Returns: where the next word may begin */
static const char *
read_word(const char *at, Word *word)
{
  const char *end = find_word_end(at);
  const char *name_end = end;
  if (end - at > 2 && g_str_has_prefix(end - 2, "'s"))
    name_end = end - 2;
  if (end - at > 4 && g_str_has_prefix(end - 4, "’s"))
    name_end = end - 4;
  Letters letters = count_letters(at, name_end);
  bool is_initials =
      letters.letters > 1 && letters.inner_capitals == letters.letters - 1 && memchr(at, '.', (size_t) (name_end - at));
  if (is_initials && *name_end == '.')
    name_end = end = name_end + 1;
  word->start = at;
  word->end = name_end;
  word->form = read_form(at, name_end, &letters);
  word->is_shouted = letters.letters > 1 && letters.capitals == letters.letters;
  word->key = fold(at, name_end);
  return end;
}

static const char *
read_number(const char *at, const char *language, const Word *before, Word *word)
{
  static const char *const VERSION_WORDS[] = {"version", "release", NULL};
  bool is_named = before != NULL && (before->form == WORD_CAPITALISED || before->form == WORD_NAMED ||
                                     g_strv_contains(VERSION_WORDS, before->key));
  Number number = {0};
  if (!number_read(at, language, is_named && !word->is_apart, &number))
    return at;
  word->start = at;
  word->end = at + number.length;
  word->form = number.is_version ? WORD_VERSION : WORD_NUMBER;
  word->key = number.key;
  return word->end;
}

static void
clear_word(gpointer word)
{
  g_free(((Word *) word)->key);
}

/* Returns: where the next word begins, or the end; notes what stands before it in @word */
static const char *
skip_signs(const char *sentence, const char *at, Word *word)
{
  while (*at != '\0') {
    const char *address_end = skip_address(sentence, at);
    bool is_address = address_end > at;
    if (!is_address && (starts_word(at) || number_has_currency(at)))
      return at;
    word->is_apart = word->is_apart || is_address || is_parting(at);
    word->is_opening = !is_address && (*at == ':' || (word->is_opening && *at == ' ') ||
                                       g_utf8_strchr("\"“„«‘'", -1, g_utf8_get_char(at)) != NULL);
    at = is_address ? address_end : g_utf8_next_char(at);
  }
  return at;
}

GArray *
words_read(const char *sentence, const char *language)
{
  GArray *words = g_array_new(FALSE, TRUE, sizeof(Word));
  g_array_set_clear_func(words, clear_word);
  bool is_apart = true;
  for (const char *at = sentence;;) {
    Word word = {.is_opening = words->len == 0, .is_apart = is_apart};
    at = skip_signs(sentence, at, &word);
    if (*at == '\0')
      return words;
    word.is_opening = word.is_opening || words->len == 0;
    const Word *before = words->len > 0 ? &g_array_index(words, Word, words->len - 1) : NULL;
    const char *end = read_number(at, language, before, &word);
    if (end == at)
      end = read_word(at, &word);
    is_apart = end > word.end;
    at = end;
    g_array_append_val(words, word);
  }
}
