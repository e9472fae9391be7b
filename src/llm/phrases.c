#include "llm/phrases.h"

#include "base/text.h"
#include "llm/terms.h"
#include "text/tokens.h"

#include <string.h>

/* No phrase has more words; a stem has a number of less than so many bits in a key. */
enum { MAX_WORDS = 3, KEY_BITS = 20, MAX_STEMS = (1 << KEY_BITS) - 2, MAX_SURFACES = 8, MAX_WORD_BYTES = 40 };

/* What a word weighs of which the background knows nothing, as of no language but English. */
static const double IDF_UNKNOWN = 6;

/* A hashtag is said to be a topic by who wrote it, and weighs so much more. */
static const double HASHTAG_WEIGHT = 2;

/* Words around an ambiguous name that say it is about programs, in the order of bytes. */
static const char *const PROGRAMMING_WORDS[] = {
    "api",        "app",       "apps",        "code",        "codebase",    "compiler", "compilers", "developer",
    "developers", "framework", "interpreter", "language",    "libraries",   "library",  "module",    "package",
    "port",       "program",   "programmer",  "programmers", "programming", "programs", "rewrite",   "rewritten",
    "runtime",    "sdk",       "source",      "toolchain",   "version",     "written",
};

/* @stem: a number that words of one stem share; -1: the word stands in no phrase of its own. @begins_name: of a topic, perhaps
 */
typedef struct {
  int stem;
  double idf;
  bool is_unknown;
  bool is_programming;
  bool begins_name;
} Word;

typedef struct {
  char *text;
  unsigned count;
} Surface;

/* @key: first, for the table; @surfaces: (element-type Surface) (nullable) of what has no name; @source: where it was met last
 */
typedef struct {
  gint64 key;
  Phrase phrase;
  unsigned source;
  GArray *surfaces;
} Entry;

struct Phrases {
  const Background *background;
  char *language;
  bool is_english;
  GHashTable *words;
  GHashTable *stems;
  GHashTable *entries;
  GHashTable *lines;
  GPtrArray *order;
};

/* What is known of the line that is counted. */
typedef struct {
  const PhraseLine *line;
  const GArray *terms;
  Word **words;
  bool *is_named;
  bool is_title_case;
} Reading;

static void
free_entry(gpointer data)
{
  Entry *entry = data;
  for (guint i = 0; entry->surfaces != NULL && i < entry->surfaces->len; i++)
    g_free(g_array_index(entry->surfaces, Surface, i).text);
  if (entry->surfaces != NULL)
    g_array_unref(entry->surfaces);
  g_free(entry);
}

Phrases *
phrases_new(const Background *background, const char *language)
{
  Phrases *phrases = g_new0(Phrases, 1);
  phrases->background = background;
  phrases->language = g_strdup(language);
  phrases->is_english = language == NULL || g_str_equal(language, "en");
  phrases->words = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
  phrases->stems = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
  phrases->entries = g_hash_table_new(g_int64_hash, g_int64_equal);
  phrases->lines = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
  phrases->order = g_ptr_array_new_with_free_func(free_entry);
  return phrases;
}

void
phrases_free(Phrases *phrases)
{
  if (phrases == NULL)
    return;
  g_free(phrases->language);
  g_hash_table_unref(phrases->words);
  g_hash_table_unref(phrases->stems);
  g_hash_table_unref(phrases->entries);
  g_hash_table_unref(phrases->lines);
  g_ptr_array_unref(phrases->order);
  g_free(phrases);
}

/* Returns: the number of the stem; -1 when there are too many */
static int
find_stem(Phrases *phrases, const char *stem)
{
  gpointer known = NULL;
  if (g_hash_table_lookup_extended(phrases->stems, stem, NULL, &known))
    return GPOINTER_TO_INT(known);
  int number = (int) g_hash_table_size(phrases->stems);
  if (number >= MAX_STEMS)
    return -1;
  g_hash_table_insert(phrases->stems, g_strdup(stem), GINT_TO_POINTER(number));
  return number;
}

/* What is known of a word, once for each way in which it is written. */
static Word *
find_word(Phrases *phrases, const Term *term)
{
  g_autofree char *written = g_strndup(term->start, (size_t) (term->end - term->start));
  Word *known = g_hash_table_lookup(phrases->words, written);
  if (known != NULL)
    return known;
  g_autofree char *folded = text_casefold(written, -1);
  Word *word = g_new(Word, 1);
  *word = (Word){
      .stem = -1,
      .idf = IDF_UNKNOWN,
      .is_programming = text_is_listed(folded, PROGRAMMING_WORDS, G_N_ELEMENTS(PROGRAMMING_WORDS)),
      .begins_name = background_begins_topic(phrases->background, folded),
  };
  bool is_phrase_word = term->is_plain && term->end - term->start <= MAX_WORD_BYTES;
  g_autoptr(GPtrArray) stems = is_phrase_word ? tokens_stems(folded, phrases->language) : NULL;
  if (stems != NULL && stems->len == 1)
    word->stem = find_stem(phrases, stems->pdata[0]);
  if (word->stem >= 0 && phrases->is_english) {
    bool is_known = false;
    word->idf = background_idf(phrases->background, stems->pdata[0], &is_known);
    word->is_unknown = !is_known;
  }
  g_hash_table_insert(phrases->words, g_steal_pointer(&written), word);
  return word;
}

/* Returns: (transfer none): the entry of @key, new when it is met for the first time */
static Entry *
find_entry(Phrases *phrases, gint64 key)
{
  Entry *known = g_hash_table_lookup(phrases->entries, &key);
  if (known != NULL)
    return known;
  Entry *entry = g_new0(Entry, 1);
  entry->key = key;
  g_hash_table_insert(phrases->entries, &entry->key, entry);
  g_ptr_array_add(phrases->order, entry);
  return entry;
}

static const Term *
term_at(const Reading *reading, guint i)
{
  return &g_array_index(reading->terms, Term, i);
}

/* Whether a word within two of the name from @first, @length words long, is one of programming. */
static bool
is_about_programs(const Reading *reading, guint first, guint length)
{
  enum { REACH = 2 };
  guint from = first > REACH ? first - REACH : 0;
  guint to = MIN(first + length + REACH, reading->terms->len);
  for (guint i = from; i < to; i++)
    if ((i < first || i >= first + length) && reading->words[i]->is_programming)
      return true;
  return false;
}

/* Whether the words are capitals in a longer run of such, where a capital tells of a name: "University" of "Brown University".
 */
static bool
is_part_of_name(const Reading *reading, guint first, guint length)
{
  const Term *start = term_at(reading, first);
  const Term *last = term_at(reading, first + length - 1);
  if (reading->is_title_case || !start->is_capital)
    return false;
  bool follows = first > 0 && term_at(reading, first - 1)->is_capital && !term_at(reading, first - 1)->is_run_end;
  bool precedes = first + length < reading->terms->len && term_at(reading, first + length)->is_capital && !last->is_run_end;
  return follows || precedes;
}

/* Whether what stands around an ambiguous name says that the topic is meant: words of programming, or a capital letter where
 * there is none but in names, and of no longer name. */
static bool
is_settled(const Reading *reading, guint first, guint length, const NamedTopic *topic)
{
  const Term *term = term_at(reading, first);
  size_t bytes = (size_t) (term_at(reading, first + length - 1)->end - term->start);
  if (term->is_hashtag)
    return true;
  if (!g_unichar_isupper(g_utf8_get_char(topic->name)) || bytes != strlen(topic->name) ||
      strncmp(term->start, topic->name, bytes) != 0)
    return false;
  if (is_about_programs(reading, first, length))
    return true;
  return !reading->is_title_case && !term->is_sentence_start && bytes > 1 && !is_part_of_name(reading, first, length);
}

static void
count(Entry *entry, const PhraseLine *line, bool is_hashtag)
{
  Phrase *phrase = &entry->phrase;
  phrase->sources += phrase->count == 0 || line->source != entry->source;
  entry->source = line->source;
  phrase->count++;
  phrase->weight += line->weight + (is_hashtag ? HASHTAG_WEIGHT : 0);
  phrase->titles += line->is_title;
  phrase->hashtags += is_hashtag;
}

/* Returns: (transfer none) (nullable): the topic that goes by the words, in the plural too */
static const NamedTopic *
find_named(const Phrases *phrases, const char *start, const char *end)
{
  g_autofree char *name = g_strndup(start, (size_t) (end - start));
  const NamedTopic *topic = background_topic(phrases->background, name);
  size_t length = strlen(name);
  if (topic != NULL || length < 4 || name[length - 1] != 's')
    return topic;
  name[length - 1] = '\0';
  return background_topic(phrases->background, name);
}

static void
count_named(Phrases *phrases, const Reading *reading, guint first, guint length, const NamedTopic *topic)
{
  Entry *entry = find_entry(phrases, -1 - (gint64) (gintptr) topic->label);
  Phrase *phrase = &entry->phrase;
  bool is_sure = !topic->is_ambiguous || is_settled(reading, first, length, topic);
  bool is_new = phrase->count == 0;
  phrase->label = topic->label;
  phrase->is_named = true;
  phrase->length = length;
  phrase->idf = IDF_UNKNOWN;
  phrase->is_unsure = !is_sure && (is_new || phrase->is_unsure);
  count(entry, reading->line, term_at(reading, first)->is_hashtag);
  for (guint i = first; i < first + length; i++)
    reading->is_named[i] = is_sure;
}

/* Counts the longest names, from left to right; a word for things of a kind is none inside the name of one of them. */
static void
count_names(Phrases *phrases, const Reading *reading)
{
  for (guint i = 0; i < reading->terms->len;) {
    if (!reading->words[i]->begins_name) {
      i++;
      continue;
    }
    const NamedTopic *topic = NULL;
    guint longest = 1;
    while (longest < MAX_WORDS && i + longest < reading->terms->len && !term_at(reading, i + longest - 1)->is_run_end)
      longest++;
    guint length = longest + 1;
    while (topic == NULL && --length > 0)
      topic = find_named(phrases, term_at(reading, i)->start, term_at(reading, i + length - 1)->end);
    bool is_thing = topic != NULL && g_unichar_isupper(g_utf8_get_char(topic->label));
    if (topic != NULL && (is_thing || !is_part_of_name(reading, i, length)))
      count_named(phrases, reading, i, length, topic);
    i += MAX(length, 1);
  }
}

static void
count_surface(Entry *entry, const char *text, size_t length, bool is_telling)
{
  if (entry->surfaces == NULL)
    entry->surfaces = g_array_new(FALSE, FALSE, sizeof(Surface));
  for (guint i = 0; i < entry->surfaces->len; i++) {
    Surface *surface = &g_array_index(entry->surfaces, Surface, i);
    if (strlen(surface->text) != length || strncmp(surface->text, text, length) != 0)
      continue;
    surface->count += is_telling;
    return;
  }
  if (entry->surfaces->len == MAX_SURFACES)
    return;
  Surface surface = {.text = g_strndup(text, length), .count = is_telling};
  g_array_append_val(entry->surfaces, surface);
}

/* Whether a hyphen ties the words to one that is left out, other than the number of a model. */
static bool
is_cut_compound(const Reading *reading, guint first, guint length)
{
  const char *start = term_at(reading, first)->start;
  const char *end = term_at(reading, first + length - 1)->end;
  bool is_tied_back = first > 0 && start[-1] == '-' && term_at(reading, first - 1)->end == start - 1;
  const Term *next = first + length < reading->terms->len ? term_at(reading, first + length) : NULL;
  return is_tied_back || (next != NULL && *end == '-' && next->start == end + 1 && next->is_plain);
}

static void
count_run(Phrases *phrases, const Reading *reading, guint first, guint length)
{
  const Term *start = term_at(reading, first);
  const char *end = term_at(reading, first + length - 1)->end;
  if (is_cut_compound(reading, first, length))
    return;
  gint64 key = 0;
  double idf = 0;
  bool is_name = true;
  bool is_unknown = false;
  for (guint i = first; i < first + length; i++) {
    key = (key << KEY_BITS) | (reading->words[i]->stem + 1);
    idf += reading->words[i]->idf;
    is_name &= term_at(reading, i)->is_capital;
    is_unknown |= reading->words[i]->is_unknown;
  }
  Entry *entry = find_entry(phrases, key);
  Phrase *phrase = &entry->phrase;
  bool is_telling = !reading->is_title_case && !start->is_hashtag && !(start->is_sentence_start && start->is_capital);
  phrase->length = length;
  phrase->idf = idf / length;
  phrase->is_unknown = is_unknown;
  phrase->in_prose += is_telling;
  phrase->as_name += is_telling && is_name;
  count(entry, reading->line, start->is_hashtag);
  count_surface(entry, start->start, (size_t) (end - start->start), is_telling);
}

/* Counts the runs of words that are no topic with a name, for these are counted by it. */
static void
count_runs(Phrases *phrases, const Reading *reading)
{
  for (guint i = 0; i < reading->terms->len; i++)
    for (guint length = 1; length <= MAX_WORDS && i + length <= reading->terms->len; length++) {
      guint last = i + length - 1;
      if (reading->is_named[last] || reading->words[last]->stem < 0)
        break;
      count_run(phrases, reading, i, length);
      if (term_at(reading, last)->is_run_end)
        break;
    }
}

/* Returns: (transfer full): "Rust Lang" of "RustLang" */
static char *
split_camel_case(const Term *tag)
{
  GString *words = g_string_new(NULL);
  bool was_lower = false;
  for (const char *at = tag->start; at < tag->end; at = g_utf8_next_char(at)) {
    gunichar character = g_utf8_get_char(at);
    if (was_lower && g_unichar_isupper(character))
      g_string_append_c(words, ' ');
    was_lower = g_unichar_islower(character);
    g_string_append_unichar(words, character == '_' ? ' ' : character);
  }
  return g_string_free(words, FALSE);
}

static void
read_line(Phrases *phrases, const PhraseLine *line, GArray *terms)
{
  g_autofree Word **words = g_new(Word *, terms->len + 1);
  g_autofree bool *is_named = g_new0(bool, terms->len + 1);
  for (guint i = 0; i < terms->len; i++)
    words[i] = find_word(phrases, &g_array_index(terms, Term, i));
  Reading reading = {line, terms, words, is_named, terms_title_case(terms)};
  count_names(phrases, &reading);
  count_runs(phrases, &reading);
}

/* A hashtag says what its words say: it is read as a line of its own where it is no name as it stands. */
static void
read_hashtag(Phrases *phrases, const PhraseLine *line, const Term *tag)
{
  g_autofree char *words = find_named(phrases, tag->start, tag->end) != NULL
                               ? g_strndup(tag->start, (size_t) (tag->end - tag->start))
                               : split_camel_case(tag);
  g_autoptr(GArray) terms = terms_split(words);
  for (guint i = 0; i < terms->len; i++)
    g_array_index(terms, Term, i).is_hashtag = true;
  read_line(phrases, line, terms);
}

void
phrases_add(Phrases *phrases, const PhraseLine *line)
{
  if (!g_hash_table_add(phrases->lines, g_strdup(line->text)))
    return;
  g_autoptr(GArray) terms = terms_split(line->text);
  g_autoptr(GArray) prose = g_array_sized_new(FALSE, FALSE, sizeof(Term), terms->len);
  for (guint i = 0; i < terms->len; i++) {
    const Term *term = &g_array_index(terms, Term, i);
    if (term->is_hashtag)
      read_hashtag(phrases, line, term);
    else
      g_array_append_val(prose, *term);
  }
  read_line(phrases, line, prose);
}

/* The one written most; of words that are no name and written equally often the plural. */
static const char *
best_surface(const GArray *surfaces)
{
  const Surface *best = &g_array_index(surfaces, Surface, 0);
  for (guint i = 1; i < surfaces->len; i++) {
    const Surface *surface = &g_array_index(surfaces, Surface, i);
    bool is_longer = strlen(surface->text) > strlen(best->text) && g_unichar_islower(g_utf8_get_char(surface->text));
    if (surface->count > best->count || (surface->count == best->count && is_longer))
      best = surface;
  }
  return best->text;
}

GPtrArray *
phrases_all(Phrases *phrases)
{
  GPtrArray *all = g_ptr_array_sized_new(phrases->order->len);
  for (guint i = 0; i < phrases->order->len; i++) {
    Entry *entry = phrases->order->pdata[i];
    if (entry->surfaces != NULL)
      entry->phrase.label = best_surface(entry->surfaces);
    g_ptr_array_add(all, &entry->phrase);
  }
  return all;
}
