#include "text/entities.h"

#include <stdbool.h>
#include <string.h>

#include "base/text.h"
#include "text/sentences.h"
#include "text/tokens.h"
#include "text/words.h"

/* A name of more capitalised words is a headline's; a line of fewer is not known to be one. */
enum { MAX_NAME_WORDS = 6, MIN_HEADLINE_WORDS = 3 };

/* They join what stands before and behind them to one name. */
static const char *const PARTICLES[] = {"of",  "de",  "du",  "da",  "di", "del", "della", "des", "dos",
                                        "van", "von", "bin", "ibn", "zu", "am",  "d",     NULL};

/* They may follow a particle: "Bank of the West", "Rogier van der Weyden". */
static const char *const ARTICLES[] = {"the", "la", "le", "les", "las", "los", "der", "den", "het", NULL};

/* What a headline leaves small: articles, conjunctions, prepositions. */
static const char *const SMALL_IN_HEADLINES[] = {"a",  "amid", "an",  "and", "as",  "at",   "but",  "by", "for",  "from", "if",
                                                 "in", "into", "nor", "of",  "off", "on",   "onto", "or", "out",  "over", "per",
                                                 "so", "than", "the", "to",  "up",  "upon", "via",  "vs", "with", "yet",  NULL};

/* Capitalised only because they begin a sentence, beside stop words. */
static const char *const OPENERS[] = {"although", "another", "because",  "despite",   "earlier",   "however",
                                      "last",     "later",   "let",      "many",      "meanwhile", "next",
                                      "since",    "today",   "tomorrow", "yesterday", "yet",       NULL};

static const char *const CALENDAR[] = {"january",   "february",  "march",   "april",    "may",      "june",   "july",
                                       "august",    "september", "october", "november", "december", "monday", "tuesday",
                                       "wednesday", "thursday",  "friday",  "saturday", "sunday",   "jan",    "feb",
                                       "mar",       "apr",       "jun",     "jul",      "aug",      "sep",    "sept",
                                       "oct",       "nov",       "dec",     NULL};

/*
 * @words: (element-type Word): of @line
 */
typedef struct {
  char *line;
  GArray *words;
  bool is_headline;
} Sentence;

/*
 * @language: (nullable)
 * @confirmed: (element-type utf8): words capitalised in mid-sentence somewhere
 */
typedef struct {
  const char *language;
  GPtrArray *sentences;
  GHashTable *confirmed;
  GPtrArray *found;
} Search;

static void
free_sentence(gpointer data)
{
  Sentence *sentence = data;
  g_free(sentence->line);
  g_array_unref(sentence->words);
  g_free(sentence);
}

static void
free_entity(gpointer data)
{
  Entity *entity = data;
  g_free(entity->text);
  g_free(entity->key);
  g_free(entity);
}

static const Word *
word_at(const Sentence *sentence, guint i)
{
  return &g_array_index(sentence->words, Word, i);
}

/* Whether it is a stop word, perhaps contracted: "they'll". */
static bool
is_function_word(const Search *search, const Word *word)
{
  g_autofree char *whole = g_strndup(word->key, strcspn(word->key, "'"));
  return tokens_is_stop_word(word->key, search->language) || tokens_is_stop_word(whole, search->language) ||
         (word->is_opening && g_strv_contains(OPENERS, word->key));
}

static bool
has_capital(const Word *word)
{
  return word->form == WORD_CAPITALISED || word->form == WORD_NAMED;
}

/* Whether capitals tell nothing in @sentence. */
static bool
is_headline(const Search *search, const Sentence *sentence)
{
  guint capitals = 0;
  guint row = 0;
  guint longest_row = 0;
  bool has_small = false;
  for (guint i = 0; i < sentence->words->len; i++) {
    const Word *word = word_at(sentence, i);
    row = !has_capital(word) ? 0 : word->is_apart ? 1 : row + 1;
    longest_row = MAX(longest_row, row);
    capitals += has_capital(word) && !is_function_word(search, word) ? 1 : 0;
    has_small = has_small || (word->form == WORD_SMALL && !word->is_shouted && !g_strv_contains(SMALL_IN_HEADLINES, word->key));
  }
  return (capitals >= MIN_HEADLINE_WORDS && !has_small) || longest_row > MAX_NAME_WORDS;
}

/* Where all is written in capitals they make no abbreviations. */
static void
hush(Sentence *sentence)
{
  guint shouted = 0;
  for (guint i = 0; i < sentence->words->len; i++) {
    const Word *word = word_at(sentence, i);
    bool is_written_out = word->form == WORD_SMALL || word->form == WORD_CAPITALISED;
    if (is_written_out && !word->is_shouted && word->end - word->start > 1)
      return;
    shouted += word->is_shouted ? 1 : 0;
  }
  for (guint i = 0; i < sentence->words->len && shouted >= MIN_HEADLINE_WORDS; i++) {
    Word *word = &g_array_index(sentence->words, Word, i);
    if (word->is_shouted && strpbrk(word->key, "0123456789+#.&") == NULL)
      word->form = WORD_CAPITALISED;
  }
}

static void
read_sentences(Search *search, const char *text)
{
  g_autoptr(GPtrArray) lines = sentences_split(text);
  for (guint i = 0; i < lines->len; i++) {
    Sentence *sentence = g_new0(Sentence, 1);
    sentence->line = g_strdup(lines->pdata[i]);
    sentence->words = words_read(sentence->line, search->language);
    hush(sentence);
    sentence->is_headline = is_headline(search, sentence);
    g_ptr_array_add(search->sentences, sentence);
    for (guint j = 0; j < sentence->words->len && !sentence->is_headline; j++) {
      const Word *word = word_at(sentence, j);
      if (word->form == WORD_CAPITALISED && !word->is_opening && !is_function_word(search, word))
        g_hash_table_add(search->confirmed, word->key);
    }
  }
}

static bool
is_sure(const Search *search, const Sentence *sentence, const Word *word)
{
  bool is_telling = !sentence->is_headline && !word->is_opening;
  return word->form == WORD_NAMED || is_telling || g_hash_table_contains(search->confirmed, word->key);
}

/* Whether @word may be part of a name: its capital tells something, or it begins a sentence and what follows may tell. */
static bool
is_candidate(const Search *search, const Sentence *sentence, const Word *word)
{
  if (word->form == WORD_NAMED)
    return true;
  if (word->form != WORD_CAPITALISED || is_function_word(search, word))
    return false;
  return !sentence->is_headline || is_sure(search, sentence, word);
}

/* Returns: the word that goes on with the name whose last word so far is @last, @last when none does */
static guint
find_next(const Search *search, const Sentence *sentence, guint last)
{
  guint count = sentence->words->len;
  guint next = last + 1;
  bool is_abbreviation = word_at(sentence, last)->is_shouted;
  if (next < count && !is_abbreviation && !word_at(sentence, next)->is_apart &&
      g_strv_contains(PARTICLES, word_at(sentence, next)->key)) {
    next++;
    if (next < count && !word_at(sentence, next)->is_apart && g_strv_contains(ARTICLES, word_at(sentence, next)->key))
      next++;
  }
  bool goes_on = next < count && !word_at(sentence, next)->is_apart && is_candidate(search, sentence, word_at(sentence, next));
  return goes_on ? next : last;
}

/* Whether the name from @first to @last is one, not a beginning's capital, a noun of German or a day. */
static bool
is_name(const Search *search, const Sentence *sentence, guint first, guint last)
{
  const Word *word = word_at(sentence, first);
  if (first < last || word->form == WORD_NAMED)
    return true;
  bool is_noun = g_strcmp0(search->language, "de") == 0;
  return is_sure(search, sentence, word) && !is_noun && !g_strv_contains(CALENDAR, word->key);
}

/* Returns: (transfer full): the words from @start to @end casefolded, "U.S." and "J. Doe" without their full stops */
static char *
make_name_key(const char *start, const char *end)
{
  g_autofree char *folded = text_casefold(start, end - start);
  GString *key = g_string_new(NULL);
  const char *part = folded;
  for (const char *at = folded; *at != '\0'; at = g_utf8_next_char(at)) {
    const char *next = g_utf8_next_char(at);
    bool is_after_letter = at > part && g_utf8_next_char(part) == at;
    bool is_dropped = *at == '.' && at > folded && (is_after_letter || *next == ' ' || *next == '\0');
    if (*at == ' ' || *at == '.' || *at == '-')
      part = next;
    if (g_str_has_prefix(at, "’"))
      g_string_append_c(key, '\'');
    else if (!is_dropped)
      g_string_append_len(key, at, next - at);
  }
  return g_string_free(key, FALSE);
}

static void
add_entity(Search *search, EntityKind kind, const char *start, const char *end, char *key)
{
  Entity *entity = g_new0(Entity, 1);
  entity->kind = kind;
  entity->text = g_strndup(start, (size_t) (end - start));
  entity->key = key;
  g_ptr_array_add(search->found, entity);
}

/* Returns: the word behind what begins with the word @first, an entity or not */
static guint
read_entity(Search *search, const Sentence *sentence, guint first)
{
  const Word *word = word_at(sentence, first);
  if (word->form == WORD_NUMBER || word->form == WORD_VERSION) {
    EntityKind kind = word->form == WORD_NUMBER ? ENTITY_NUMBER : ENTITY_VERSION;
    add_entity(search, kind, word->start, word->end, g_strdup(word->key));
    return first + 1;
  }
  if (!is_candidate(search, sentence, word))
    return first + 1;
  guint last = first;
  for (guint next = find_next(search, sentence, last); next > last; next = find_next(search, sentence, next))
    last = next;
  const char *end = word_at(sentence, last)->end;
  if (is_name(search, sentence, first, last))
    add_entity(search, ENTITY_NAME, word->start, end, make_name_key(word->start, end));
  return last + 1;
}

GPtrArray *
entities_find(const char *text, const char *language)
{
  Search search = {.language = language, .found = g_ptr_array_new_with_free_func(free_entity)};
  g_autoptr(GPtrArray) sentences = g_ptr_array_new_with_free_func(free_sentence);
  g_autoptr(GHashTable) confirmed = g_hash_table_new(g_str_hash, g_str_equal);
  search.sentences = sentences;
  search.confirmed = confirmed;
  read_sentences(&search, text);
  for (guint i = 0; i < sentences->len; i++) {
    const Sentence *sentence = sentences->pdata[i];
    for (guint word = 0; word < sentence->words->len;)
      word = read_entity(&search, sentence, word);
  }
  return search.found;
}
