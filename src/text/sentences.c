#include "text/sentences.h"

#include "base/text.h"
#include "text/tokens.h"

#include <stdbool.h>
#include <string.h>

/* Abbreviations that stand before a name, so their full stop ends nothing: English, German, French, Spanish, Dutch; these lists
 * in the order of bytes. */
static const char *const LEADING_ABBREVIATIONS[] = {
    "adm", "al",   "allg", "approx", "aprox", "av",   "bijv",   "bsp",  "bspw", "bzw",  "ca",  "capt", "cf",   "cmdr", "col",
    "cpl", "dhr",  "dipl", "dr",     "dra",   "drs",  "e.g",    "ed",   "eds",  "ee",   "ej",  "env",  "eq",   "esp",  "est",
    "etw", "evtl", "ex",   "excl",   "exkl",  "frl",  "geb",    "gen",  "gov",  "gral", "hon", "hr",   "hrsg", "i.e",  "incl",
    "ing", "inkl", "ir",   "lic",    "lt",    "maj",  "messrs", "mevr", "mgr",  "mio",  "mm",  "mr",   "mrd",  "mrs",  "ms",
    "mt",  "mw",   "op",   "phil",   "pres",  "prof", "rep",    "resp", "rev",  "sen",  "sgt", "sog",  "sr",   "sra",  "srta",
    "st",  "ste",  "supt", "tsd",    "ud",    "uds",  "v",      "vgl",  "viz",  "vs",   "zzgl"};

/* Abbreviations that stand before a number: "No. 5", "S. 12", "Jan. 1". */
static const char *const NUMBER_ABBREVIATIONS[] = {"abb", "abs",  "apr", "art",  "aug", "bd",  "blz", "chap", "dec", "feb",
                                                   "fig", "figs", "jan", "jul",  "jun", "kap", "mar", "max",  "min", "no",
                                                   "nos", "nov",  "nr",  "num",  "núm", "oct", "okt", "p",    "pp",  "pág",
                                                   "s",   "sec",  "sep", "sept", "tab", "vol", "ziff"};

/* Abbreviations that end a sentence where a capital letter follows. */
static const char *const TRAILING_ABBREVIATIONS[] = {"a.m",  "ave", "blvd", "bv",  "co",  "corp", "dept", "enz", "etc",
                                                     "gmbh", "inc", "jr",   "ltd", "p.m", "ph.d", "usw",  "uu"};

/* Before a number with a full stop, these words of German make it an ordinal: "am 3. Oktober", "der 1. FC". */
static const char *const ORDINAL_LEADERS[] = {"am",    "bis",   "das",  "dem", "den", "der", "des", "eine",
                                              "einem", "einen", "ihre", "im",  "vom", "zum", "zur", NULL};

/* Words beside the stop words that open a sentence more often than they are part of a name. */
static const char *const OPENERS[] = {"finally", "first",  "however", "last",      "later",     "maybe", "meanwhile", "next",
                                      "perhaps", "please", "since",   "sometimes", "therefore", "today", "yes",       NULL};

static const char *const LANGUAGES[] = {"en", "de", "es", "fr"};

/* Full stops and question marks of scripts that know no capitals: Chinese and Japanese, Indic, Arabic, Urdu, Armenian,
 * Ethiopic, Burmese, Khmer, Tibetan. */
static const char WIDE_TERMINATORS[] = "。！？｡।॥؟۔։።፧။។།";

static const char TERMINATORS[] = ".!?…‽‼⁇⁈⁉";

static const char CLOSINGS[] = "\"')]”’“»›）」』】》";

/* What a sentence begins with that leans on the one before it. */
static const char *const LEANING[] = {"also",      "and",     "both",    "but",   "he",    "hence",    "her",     "here",
                                      "his",       "however", "instead", "it",    "its",   "moreover", "neither", "nor",
                                      "or",        "she",     "so",      "still", "such",  "that",     "their",   "then",
                                      "therefore", "these",   "they",    "this",  "those", "thus",     "yet",     NULL};

/* What may stand between an end and the next word that no space parts from it. */
static const char WORD_ENDS[] = " ,.;:!?)\"'”’…";

static bool
is_one_of(const char *characters, const char *at)
{
  if ((unsigned char) *at < 0x80)
    return *at != '\0' && strchr(characters, *at) != NULL;
  return g_utf8_strchr(characters, -1, g_utf8_get_char(at)) != NULL;
}

static bool
is_any_terminator(const char *at)
{
  if ((unsigned char) *at < 0x80)
    return *at == '.' || *at == '!' || *at == '?';
  return is_one_of(TERMINATORS, at) || is_one_of(WIDE_TERMINATORS, at);
}

static bool
is_emoji(const char *at)
{
  enum { JOINER = 0x200D, VARIATION = 0xFE0F, KEYCAP = 0x20E3 };
  gunichar character = g_utf8_get_char(at);
  bool is_pictogram = character >= 0x2190 && g_unichar_type(character) == G_UNICODE_OTHER_SYMBOL;
  bool is_skin_tone = character >= 0x1F3FB && character <= 0x1F3FF;
  return is_pictogram || is_skin_tone || character == JOINER || character == VARIATION || character == KEYCAP;
}

static bool
is_digits(const char *text)
{
  return *text != '\0' && text[strspn(text, "0123456789")] == '\0';
}

/* Whether @word is letters each followed by a full stop or a hyphen but the last: "J", "U.S", "a.k.a", "J.-P". */
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
    at += *at == '-';
  }
}

static const char *
skip_openings(const char *at)
{
  while (is_one_of("(\"'[“„‘«¿¡", at))
    at = g_utf8_next_char(at);
  return at;
}

static const char *
skip_letters(const char *at)
{
  while (g_unichar_isalpha(g_utf8_get_char(at)))
    at = g_utf8_next_char(at);
  return at;
}

/* Whether the word at @at is capitals, two at least: the "CEO" of "Apple Inc. CEO", the "EST" of "5 p.m. EST". */
static bool
is_acronym(const char *at)
{
  return g_unichar_isupper(g_utf8_get_char(at)) && g_unichar_isupper(g_utf8_get_char(g_utf8_next_char(at)));
}

static bool
opens_sentence(const char *at)
{
  const char *end = skip_letters(at);
  if (!g_unichar_isupper(g_utf8_get_char(at)) || is_acronym(at) || !is_one_of(WORD_ENDS, end) || (*end == '.' && end == at + 1))
    return false;
  g_autofree char *word = text_casefold(at, end - at);
  bool is_opener = g_strv_contains(OPENERS, word);
  for (size_t i = 0; i < G_N_ELEMENTS(LANGUAGES) && !is_opener; i++)
    is_opener = tokens_is_stop_word(word, LANGUAGES[i]);
  return is_opener;
}

/* Whether the word at @at is written small: not "iPhone", which is a name. */
static bool
is_small_word(const char *at)
{
  if (!g_unichar_islower(g_utf8_get_char(at)))
    return false;
  const char *second = g_utf8_next_char(at);
  return !g_unichar_isupper(g_utf8_get_char(second));
}

/* Whether the single letter @word is one of several: the "z" and "B" of "z. B.". */
static bool
is_among_letters(const char *start, const char *word, const char *next)
{
  bool is_letter_next = g_unichar_isalpha(g_utf8_get_char(next)) && *g_utf8_next_char(next) == '.';
  bool is_letter_before =
      word >= start + 3 && word[-2] == '.' && g_ascii_isalpha(word[-3]) && (word == start + 3 || word[-4] == ' ');
  return is_letter_next || is_letter_before;
}

static bool
is_ordinal(const char *start, const char *word)
{
  const char *end = word > start ? word - 1 : word;
  const char *before = end;
  while (before > start && before[-1] != ' ')
    before--;
  if (end - before > 5)
    return false;
  g_autofree char *leader = g_utf8_strdown(before, end - before);
  return g_strv_contains(ORDINAL_LEADERS, leader);
}

/* Whether the abbreviation @word measures: "5 ms" and "24 hr" are no "Ms." and "Hr.". */
static bool
is_unit(const char *start, const char *word)
{
  return word >= start + 2 && g_ascii_isdigit(word[-2]) &&
         (g_str_has_prefix(word, "ms") || g_str_has_prefix(word, "mm") || g_str_has_prefix(word, "hr"));
}

/* Whether the full stop at @stop, in a sentence that began at @start, belongs to the word before it. */
static bool
is_abbreviation(const char *start, const char *stop, const char *next)
{
  const char *word = stop;
  while (word > start && word[-1] != ' ')
    word--;
  word = skip_openings(word);
  g_autofree char *written = g_strndup(word, (size_t) (stop - word));
  g_autofree char *lower = g_utf8_strdown(written, -1);
  if (*lower == '\0')
    return false;
  if (is_digits(lower))
    return word == start || (strlen(lower) <= 2 && is_ordinal(start, word));
  if (text_is_listed(lower, TRAILING_ABBREVIATIONS, G_N_ELEMENTS(TRAILING_ABBREVIATIONS)))
    return !g_unichar_isupper(g_utf8_get_char(next)) || is_acronym(next);
  if (text_is_listed(lower, LEADING_ABBREVIATIONS, G_N_ELEMENTS(LEADING_ABBREVIATIONS)))
    return !is_unit(start, word);
  if (text_is_listed(lower, NUMBER_ABBREVIATIONS, G_N_ELEMENTS(NUMBER_ABBREVIATIONS)) && g_ascii_isdigit(*next))
    return true;
  if (g_unichar_isalpha(g_utf8_get_char(written)) && *g_utf8_next_char(written) == '\0' && is_among_letters(start, word, next))
    return true;
  bool is_pronoun = g_str_equal(lower, "i") && word > start;
  bool is_upper = g_unichar_isupper(g_utf8_get_char(written));
  return is_initials(written) && !is_pronoun && !(is_upper && opens_sentence(next));
}

/* Whether the words at both sides of the terminator at @at are such as a forgotten space would part: "the end.Then". */
static bool
is_space_forgotten(const char *start, const char *at, const char *end)
{
  const char *word = at;
  const char *before = g_utf8_find_prev_char(start, word);
  while (before != NULL && g_unichar_islower(g_utf8_get_char(before))) {
    word = before;
    before = g_utf8_find_prev_char(start, word);
  }
  if (before != NULL && g_unichar_isupper(g_utf8_get_char(before))) {
    word = before;
    before = g_utf8_find_prev_char(start, word);
  }
  bool is_word = at - word > 1 && (before == NULL || is_one_of(" (\"'", before));
  return is_word && opens_sentence(end);
}

/* Skips a mark of a footnote: "[12]". */
static const char *
skip_footnote(const char *at)
{
  size_t digits = *at == '[' ? strspn(at + 1, "0123456789") : 0;
  return digits > 0 && at[1 + digits] == ']' ? at + digits + 2 : at;
}

/* Skips what belongs to an end behind its terminators. */
static const char *
skip_closings(const char *end)
{
  static const char SPACED_CLOSING[] = " »";
  const char *at = skip_footnote(end);
  if (g_str_has_prefix(at, SPACED_CLOSING)) {
    const char *behind = at + strlen(SPACED_CLOSING);
    at = *behind == '\0' || is_one_of(WORD_ENDS, behind) ? behind : at;
  }
  while (is_one_of(CLOSINGS, at))
    at = g_utf8_next_char(at);
  at = skip_footnote(at);
  const char *emoji = at + (*at == ' ');
  const char *rest = emoji;
  while (*rest != '\0' && is_emoji(rest))
    rest = g_utf8_next_char(rest);
  return rest > emoji && (*rest == ' ' || *rest == '\0') ? rest : at;
}

/* Returns: (nullable): the end of the sentence whose terminator stands at @at, NULL when it goes on */
static const char *
find_end(const char *start, const char *at)
{
  const char *end = at;
  bool is_wide = false;
  while (is_any_terminator(end)) {
    is_wide = is_wide || is_one_of(WIDE_TERMINATORS, end);
    end = g_utf8_next_char(end);
  }
  bool is_single_stop = *at == '.' && end == at + 1;
  end = skip_closings(end);
  if (is_wide || *end == '\0')
    return end;
  if (*end != ' ')
    return is_space_forgotten(start, at, end) ? end : NULL;
  if (is_small_word(end + 1))
    return NULL;
  return is_single_stop && is_abbreviation(start, at, end + 1) ? NULL : end;
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

/* Returns: how long the mark of a list's item is at @line, 0 when none is there; a number is kept with its item */
static size_t
measure_bullet(const char *line)
{
  static const char *const BULLETS[] = {"- ", "* ", "+ ", "\u2022 ", "\u25e6 ", "\u2023 ", "\u2013 ", NULL};
  for (size_t i = 0; BULLETS[i] != NULL; i++)
    if (g_str_has_prefix(line, BULLETS[i]))
      return strlen(BULLETS[i]);
  return 0;
}

static bool
is_numbered(const char *line)
{
  size_t digits = strspn(line, "0123456789");
  return (digits == 1 || digits == 2) && (line[digits] == '.' || line[digits] == ')') && line[digits + 1] == ' ';
}

GPtrArray *
sentences_split(const char *text)
{
  GPtrArray *sentences = g_ptr_array_new_with_free_func(g_free);
  g_autoptr(GString) paragraph = g_string_new(NULL);
  for (const char *line = text; *line != '\0';) {
    size_t length = strcspn(line, "\n");
    bool is_blank = strspn(line, " \t") >= length;
    size_t skipped = measure_bullet(line);
    if (is_blank || skipped > 0 || is_numbered(line))
      end_paragraph(sentences, paragraph);
    g_string_append_len(paragraph, line + skipped, (gssize) (length - skipped));
    g_string_append_c(paragraph, '\n');
    line += length + (line[length] == '\n');
  }
  end_paragraph(sentences, paragraph);
  return sentences;
}

guint
sentence_count_words(const char *sentence)
{
  g_autoptr(GPtrArray) words = tokens_words(sentence);
  guint halves = 0;
  for (guint i = 0; i < words->len; i++)
    halves += g_unichar_iswide(g_utf8_get_char(words->pdata[i])) ? 1 : 2;
  return (halves + 1) / 2;
}

gunichar
sentence_terminator(const char *sentence)
{
  const char *last = sentence + strlen(sentence);
  do
    last = g_utf8_find_prev_char(sentence, last);
  while (last != NULL && is_one_of(CLOSINGS, last));
  if (last == NULL || !is_any_terminator(last))
    return 0;
  bool is_ellipsis = *last == '.' && last > sentence && last[-1] == '.';
  return is_ellipsis ? 0x2026 : g_utf8_get_char(last);
}

bool
sentence_has_end(const char *sentence)
{
  return sentence_terminator(sentence) != 0;
}

bool
sentence_is_leaning(const char *sentence)
{
  const char *word = skip_openings(sentence);
  const char *end = skip_letters(word);
  g_autofree char *first = text_casefold(word, end - word);
  return *end != '-' && g_strv_contains(LEANING, first);
}

size_t
sentences_title_length(const char *text, const char *title)
{
  size_t length = strlen(title);
  bool is_cut = g_str_has_suffix(title, "…");
  if (is_cut)
    length -= strlen("…");
  if (length == 0 || strncmp(text, title, length) != 0)
    return 0;
  bool is_inside_word = !is_cut && g_unichar_isalnum(g_utf8_get_char(text + length)) &&
                        g_unichar_isalnum(g_utf8_get_char(g_utf8_prev_char(text + length)));
  return is_inside_word ? 0 : length;
}
