#include "text/readability.h"

#include "text/sentences.h"
#include "text/tokens.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

/* Björnsson, Läsbarhet, 1968: a word of more letters than these is long. */
enum { LIX_SHORT_LETTERS = 6 };

/* Reading ease is @base, less @per_sentence_word for each word of a sentence and @per_syllable for each syllable of a word. */
typedef struct {
  const char *language;
  double base;
  double per_sentence_word;
  double per_syllable;
} Constants;

static const Constants CONSTANTS[] = {
    {"en", 206.835, 1.015, 84.6}, /* Flesch, A new readability yardstick, 1948 */
    {"de", 180, 1, 58.5},         /* Amstad, Wie verständlich sind unsere Zeitungen?, 1978 */
    {"fr", 207, 1.015, 73.6},     /* Kandel and Moles, Application de l'indice de Flesch à la langue française, 1958 */
    {"es", 206.84, 1.02, 60},     /* Fernández Huerta, Medidas sencillas de lecturabilidad, 1959 */
    {"it", 217, 1.3, 60},         /* Franchina and Vacca, Adaptation of Flesch readability index on a bilingual text, 1986 */
    {"nl", 206.84, 0.93, 77},     /* Douma, De leesbaarheid van landbouwbladen, 1960 */
};

/* Returns: the letter without its accents */
static gunichar
base_letter(gunichar letter)
{
  gunichar decomposed[G_UNICHAR_MAX_DECOMPOSITION_LENGTH] = {0};
  g_unichar_fully_decompose(letter, FALSE, decomposed, G_N_ELEMENTS(decomposed));
  return decomposed[0];
}

static bool
is_vowel(gunichar letter)
{
  static const char VOWELS[] = "aeiouyæœøаеиоуыэюяєіαεηιουω";
  gunichar base = base_letter(letter);
  return base != 0 && g_utf8_strchr(VOWELS, -1, base) != NULL;
}

/* The vowel of "walked" and "rules", "made" and "care" is silent; that of "wanted", "houses" and "table" is not. */
static bool
is_ending_silent(const char *word)
{
  static const char *const SOUNDED[] = {"ted", "ded", "ses", "ces", "ges", "zes", "xes", "shes", "ches", NULL};
  for (size_t i = 0; SOUNDED[i] != NULL; i++)
    if (g_str_has_suffix(word, SOUNDED[i]))
      return false;
  size_t length = strlen(word);
  size_t ending = g_str_has_suffix(word, "e") ? 1 : g_str_has_suffix(word, "es") || g_str_has_suffix(word, "ed") ? 2 : 0;
  if (ending == 0 || length < ending + 2)
    return false;
  const char *last = word + length - ending - 1;
  bool is_table = *last == 'l' && strchr("aeiouylr", last[-1]) == NULL;
  return strchr("aeiouy", *last) == NULL && !is_table;
}

static guint
count_syllables(const char *word, bool is_english)
{
  guint groups = 0;
  bool was_vowel = false;
  for (const char *at = word; *at != '\0'; at = g_utf8_next_char(at)) {
    bool is_now = is_vowel(g_utf8_get_char(at));
    groups += is_now && !was_vowel;
    was_vowel = is_now;
  }
  if (is_english && groups > 1 && is_ending_silent(word))
    groups--;
  return MAX(groups, 1);
}

static guint
count_letters(const char *word)
{
  guint letters = 0;
  for (const char *at = word; *at != '\0'; at = g_utf8_next_char(at))
    letters += g_unichar_isalpha(g_utf8_get_char(at)) ? 1 : 0;
  return letters;
}

static double
measure_flesch(const Readability *measured, const char *language)
{
  double word_syllables = (double) measured->syllables / measured->words;
  for (size_t i = 0; i < G_N_ELEMENTS(CONSTANTS); i++) {
    const Constants *constants = &CONSTANTS[i];
    if (strcmp(constants->language, language) == 0)
      return constants->base - constants->per_sentence_word * measured->sentence_words -
             constants->per_syllable * word_syllables;
  }
  return NAN;
}

Readability
readability_measure(const char *text, const char *language)
{
  const char *known_language = language != NULL ? language : "en";
  bool is_english = strcmp(known_language, "en") == 0;
  Readability measured = {.flesch = NAN, .lix = NAN};
  guint long_words = 0;
  g_autoptr(GPtrArray) sentences = sentences_split(text);
  for (guint i = 0; i < sentences->len; i++) {
    guint words_before = measured.words;
    g_autoptr(GPtrArray) words = tokens_words(sentences->pdata[i]);
    for (guint j = 0; j < words->len; j++) {
      guint letters = count_letters(words->pdata[j]);
      measured.words += letters > 0;
      measured.syllables += letters > 0 ? count_syllables(words->pdata[j], is_english) : 0;
      long_words += letters > LIX_SHORT_LETTERS;
    }
    measured.sentences += measured.words > words_before;
  }
  if (measured.words == 0)
    return measured;
  measured.sentence_words = (double) measured.words / measured.sentences;
  measured.flesch = measure_flesch(&measured, known_language);
  measured.lix = measured.sentence_words + 100.0 * long_words / measured.words;
  return measured;
}
