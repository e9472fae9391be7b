#include "stories/fingerprint.h"

#include "base/text.h"
#include "stories/told.h"
#include "stories/trigrams.h"
#include "text/numbers.h"
#include "text/tokens.h"

#include <stdlib.h>
#include <string.h>

enum { MAX_NUMBERS = 32 };

/* In the order of bytes. */
static const char *const MONTHS[] = {"apr", "april",   "aug",      "august", "dec",     "december", "feb",  "february",
                                     "jan", "january", "jul",      "july",   "jun",     "june",     "mar",  "march",
                                     "may", "nov",     "november", "oct",    "october", "sep",      "sept", "september"};

/* What is told of by number, one after the other; in the order of bytes. */
static const char *const SERIES[] = {"chapter", "day",    "edition", "episode", "hiring", "issue",  "no",  "part",
                                     "phase",   "season", "update",  "version", "vol",    "volume", "week"};

/* A post as it is read. @words: (element-type utf8): of the head; @line: these with single spaces between them; @names:
 * (element-type utf8) (nullable): words that are written as names */
typedef struct {
  const Post *post;
  char *title;
  char *opening;
  GPtrArray *words;
  char *line;
  GPtrArray *names;
} Reading;

static void
reading_clear(Reading *reading)
{
  g_free(reading->title);
  g_free(reading->opening);
  g_free(reading->line);
  g_clear_pointer(&reading->words, g_ptr_array_unref);
  g_clear_pointer(&reading->names, g_ptr_array_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Reading, reading_clear)

/* FNV-1a of 64 bits */
static uint64_t
hash_bytes(const char *bytes, size_t length)
{
  uint64_t hash = 0xcbf29ce484222325;
  for (size_t i = 0; i < length; i++)
    hash = (hash ^ (unsigned char) bytes[i]) * 0x100000001b3;
  return hash;
}

static uint32_t
hash_word(const char *word)
{
  uint64_t hash = hash_bytes(word, strlen(word));
  return (uint32_t) (hash ^ hash >> 32);
}

/* Names are looked for once a number asks for them. */
static bool
is_name(Reading *reading, const char *word)
{
  if (reading->names == NULL) {
    reading->names = g_ptr_array_new_with_free_func(g_free);
    told_names(reading->names, reading->title, true);
    told_names(reading->names, reading->opening, false);
  }
  return g_ptr_array_find_with_equal_func(reading->names, word, g_str_equal, NULL);
}

static void
read_post(Reading *reading, const Post *post)
{
  reading->post = post;
  reading->title = told_in(post->title);
  reading->opening = told_in(post->text);
  reading->words = tokens_words(reading->title);
  if (reading->words->len == 0) {
    g_ptr_array_unref(reading->words);
    reading->words = tokens_words(reading->opening);
  }
  g_ptr_array_add(reading->words, NULL);
  reading->line = g_strjoinv(" ", (char **) reading->words->pdata);
  g_ptr_array_set_size(reading->words, (int) reading->words->len - 1);
}

/* ---- numbers */

/* "may" and "march" are months only where a number follows or nothing. */
static bool
is_month(const char *word, const char *at)
{
  if (!text_is_listed(word, MONTHS, G_N_ELEMENTS(MONTHS)))
    return false;
  const char *next = at + strlen(word);
  bool is_verb = g_str_equal(word, "may") || g_str_equal(word, "march");
  return !is_verb || *next == '\0' || g_ascii_isdigit(next[1]);
}

/* Returns: (transfer full) (nullable): what the word at @at, in a line of words, means as a number or version; a month's first
 * three letters; NULL for another word */
static char *
read_number(const char *word, const char *at, const char *language)
{
  Number number = {0};
  if (is_month(word, at))
    return g_strndup(word, 3);
  bool is_digit = g_ascii_isdigit(word[word[0] == 'v']);
  return is_digit && number_read(at, language, false, &number) ? number.key : NULL;
}

/* Models of one name are told apart by written numbers, too: "Corvid One", "Corvid Zero". Returns: (nullable) */
static const char *
written_number(Reading *reading, const char *before, const char *word)
{
  static const char *const WRITTEN[] = {"zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"};
  static const char *const DIGITS[] = {"0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "10"};
  for (size_t i = 0; i < G_N_ELEMENTS(WRITTEN); i++)
    if (g_str_equal(word, WRITTEN[i]))
      return is_name(reading, word) && is_name(reading, before) ? DIGITS[i] : NULL;
  return NULL;
}

/* Whether numbers behind @word tell one thing of a series from another: a word that counts, or a name that is no common word.
 */
static bool
counts_series(Reading *reading, const char *word, const Lexicon *lexicon)
{
  static const double NAME_IDF = 0.5;
  if (text_is_listed(word, SERIES, G_N_ELEMENTS(SERIES)))
    return true;
  return is_name(reading, word) && lexicon_weigh(lexicon, word, reading->post->language) >= NAME_IDF;
}

/* ---- parts of a fingerprint; each returns an array of what its name says */

typedef struct {
  GArray *terms;
  GArray *pairs;
  GArray *links;
  GArray *numbers;
  uint64_t template_key;
  uint16_t trigrams[TRIGRAMS_MAX];
  unsigned trigram_count;
} Parts;

static void
parts_clear(Parts *parts)
{
  g_array_unref(parts->terms);
  g_array_unref(parts->pairs);
  g_array_unref(parts->links);
  g_array_unref(parts->numbers);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Parts, parts_clear)

static Term
make_term(const Reading *reading, const char *stem, const Lexicon *lexicon, bool is_head)
{
  return (Term){.key = hash_word(stem),
                .family = lexicon_family(lexicon, stem),
                .idf = (float) lexicon_weigh(lexicon, stem, reading->post->language),
                .is_head = is_head};
}

/* @before: (nullable): the stem before @term in the head */
static void
add_pair(Parts *parts, const Term *before, const Term *term)
{
  if (before == NULL || before->key == term->key)
    return;
  uint64_t stems = (uint64_t) MIN(before->key, term->key) << 32 | MAX(before->key, term->key);
  uint32_t hash = (uint32_t) (stems * 0x9E3779B97F4A7C15 >> 32);
  const uint32_t pair =
      (hash & ~FINGERPRINT_PAIR_IDF) | (uint32_t) (MIN(before->idf, term->idf) * (float) FINGERPRINT_PAIR_IDF);
  g_array_append_val(parts->pairs, pair);
}

/* Reads the head word by word: stems and numbers, and what is left without numbers. */
static void
add_head(Parts *parts, Reading *reading, const Lexicon *lexicon)
{
  const char *at = reading->line;
  const char *before = "";
  for (guint i = 0; i < reading->words->len; i++) {
    const char *word = reading->words->pdata[i];
    g_autofree char *number = read_number(word, at, reading->post->language);
    if (number == NULL)
      number = g_strdup(written_number(reading, before, word));
    g_autofree char *stem = number != NULL ? g_strdup(number) : tokens_stem(word, reading->post->language);
    at += strlen(word) + 1;
    if (number == NULL) {
      parts->template_key = parts->template_key * 31 + hash_word(word);
    } else if (parts->numbers->len < MAX_NUMBERS) {
      NumberMark mark = {
          .before = hash_word(before), .number = hash_word(number), .is_series = counts_series(reading, before, lexicon)};
      g_array_append_val(parts->numbers, mark);
    }
    if (stem != NULL) {
      const Term term = make_term(reading, stem, lexicon, true);
      add_pair(parts, parts->terms->len > 0 ? &g_array_index(parts->terms, Term, parts->terms->len - 1) : NULL, &term);
      g_array_append_val(parts->terms, term);
    }
    if (!g_str_equal(word, "version"))
      before = word;
  }
}

static void
add_text(Parts *parts, const Reading *reading, const Lexicon *lexicon)
{
  g_autoptr(GPtrArray) words = tokens_words(reading->opening);
  for (guint i = 0; i < words->len; i++) {
    const char *word = words->pdata[i];
    g_autofree char *stem = tokens_stem(word, reading->post->language);
    if (stem == NULL)
      continue;
    const Term term = make_term(reading, stem, lexicon, false);
    g_array_append_val(parts->terms, term);
  }
}

static int
compare_terms(const void *a, const void *b)
{
  const Term *first = a;
  const Term *second = b;
  if (first->family != second->family)
    return first->family < second->family ? -1 : 1;
  if (first->key != second->key)
    return first->key < second->key ? -1 : 1;
  return second->is_head - first->is_head;
}

/* Sorts, and keeps each once; a term of head and text is the head's. */
static void
make_terms_distinct(GArray *terms)
{
  g_array_sort(terms, compare_terms);
  guint kept = 0;
  for (guint i = 0; i < terms->len; i++) {
    const Term *term = &g_array_index(terms, Term, i);
    const Term *last = kept > 0 ? &g_array_index(terms, Term, kept - 1) : NULL;
    if (last == NULL || last->key != term->key)
      g_array_index(terms, Term, kept++) = *term;
  }
  g_array_set_size(terms, kept);
}

static int
compare_numbers(const void *a, const void *b)
{
  uint32_t first = *(const uint32_t *) a;
  uint32_t second = *(const uint32_t *) b;
  return (first > second) - (first < second);
}

static void
make_pairs_distinct(GArray *pairs)
{
  g_array_sort(pairs, compare_numbers);
  guint kept = 0;
  for (guint i = 0; i < pairs->len; i++) {
    uint32_t pair = g_array_index(pairs, uint32_t, i);
    if (kept == 0 || (g_array_index(pairs, uint32_t, kept - 1) ^ pair) > FINGERPRINT_PAIR_IDF)
      g_array_index(pairs, uint32_t, kept++) = pair;
  }
  g_array_set_size(pairs, kept);
}

/* ---- the whole */

static uint64_t
link_key(const char *canonical_url)
{
  const char *host = canonical_url != NULL ? strstr(canonical_url, "://") : NULL;
  if (host == NULL)
    return 0;
  host += strlen("://");
  if (g_str_has_prefix(host, "www."))
    host += strlen("www.");
  size_t length = strlen(host);
  length -= length > 0 && host[length - 1] == '/';
  bool is_home = memchr(host, '/', length) == NULL && memchr(host, '?', length) == NULL;
  return is_home ? 0 : hash_bytes(host, length);
}

static uint32_t
shorten_link(uint64_t key)
{
  return (uint32_t) (key ^ key >> 32);
}

static void
add_link(GArray *links, const char *canonical_url)
{
  const uint32_t link = shorten_link(link_key(canonical_url));
  bool is_known = link == 0;
  for (guint i = 0; i < links->len; i++)
    is_known |= g_array_index(links, uint32_t, i) == link;
  if (!is_known && links->len < FINGERPRINT_LINKS)
    g_array_append_val(links, link);
}

static void
add_links(GArray *links, const Post *post)
{
  add_link(links, post->link);
  for (guint i = 0; post->links != NULL && i < post->links->len; i++)
    add_link(links, g_ptr_array_index(post->links, i));
  g_array_sort(links, compare_numbers);
}

/* Returns: where the copy of @bytes from @data stands at @at, which is moved behind it */
static void *
place(char **at, const void *data, size_t bytes)
{
  void *start = *at;
  if (bytes > 0)
    memcpy(start, data, bytes);
  *at += bytes;
  return start;
}

/* Behind the struct what needs the widest place comes first. */
static Fingerprint *
assemble(const Parts *parts)
{
  size_t bytes = sizeof(Fingerprint) + parts->terms->len * sizeof(Term) + parts->numbers->len * sizeof(NumberMark) +
                 (parts->pairs->len + parts->links->len) * sizeof(uint32_t) + parts->trigram_count * sizeof *parts->trigrams;
  char *block = g_malloc(bytes);
  char *at = block + sizeof(Fingerprint);
  Fingerprint *fingerprint = (Fingerprint *) (void *) block;
  *fingerprint = (Fingerprint){.template_key = parts->template_key,
                               .term_count = (uint16_t) parts->terms->len,
                               .pair_count = (uint16_t) parts->pairs->len,
                               .trigram_count = (uint16_t) parts->trigram_count,
                               .number_count = (uint16_t) parts->numbers->len,
                               .link_count = (uint16_t) parts->links->len};
  fingerprint->terms = place(&at, parts->terms->data, parts->terms->len * sizeof(Term));
  fingerprint->numbers = place(&at, parts->numbers->data, parts->numbers->len * sizeof(NumberMark));
  fingerprint->pairs = place(&at, parts->pairs->data, parts->pairs->len * sizeof(uint32_t));
  fingerprint->links = place(&at, parts->links->data, parts->links->len * sizeof(uint32_t));
  fingerprint->trigrams = place(&at, parts->trigrams, parts->trigram_count * sizeof *parts->trigrams);
  return fingerprint;
}

static void
sum_parts(Fingerprint *fingerprint)
{
  for (unsigned i = 0; i < fingerprint->trigram_count; i++)
    if (i == 0 || (fingerprint->trigrams[i] ^ fingerprint->trigrams[i - 1]) >> TRIGRAM_THIRD_BITS != 0)
      fingerprint->bigram_count++;
  for (unsigned i = 0; i < fingerprint->term_count; i++) {
    const Term *term = &fingerprint->terms[i];
    fingerprint->idf += term->idf;
    fingerprint->names_place |= term->is_head && lexicon_is_place(term->family);
  }
}

Post
post_of_item(const Item *item)
{
  return (Post){.source = item->source,
                .link = item->canonical_url,
                .links = item->links,
                .title = item->title,
                .text = item->text,
                .language = item->language};
}

Fingerprint *
fingerprint_new(const Post *post, const Lexicon *lexicon)
{
  g_auto(Reading) reading = {0};
  read_post(&reading, post);
  g_auto(Parts) parts = {.terms = g_array_new(FALSE, FALSE, sizeof(Term)),
                         .pairs = g_array_new(FALSE, FALSE, sizeof(uint32_t)),
                         .links = g_array_new(FALSE, FALSE, sizeof(uint32_t)),
                         .numbers = g_array_new(FALSE, FALSE, sizeof(NumberMark))};
  add_head(&parts, &reading, lexicon);
  if (*reading.opening != '\0')
    add_text(&parts, &reading, lexicon);
  if (reading.words->len > 0)
    parts.trigram_count = trigrams_read(reading.line, parts.trigrams);
  add_links(parts.links, post);
  make_terms_distinct(parts.terms);
  make_pairs_distinct(parts.pairs);
  Fingerprint *fingerprint = assemble(&parts);
  sum_parts(fingerprint);
  fingerprint->head = reading.words->len > 0 ? hash_bytes(reading.line, strlen(reading.line)) : 0;
  fingerprint->link = link_key(post->link);
  fingerprint->page = shorten_link(fingerprint->link);
  fingerprint->source = hash_word(post->source);
  fingerprint->is_feed = g_str_has_prefix(post->source, "feed:");
  return fingerprint;
}

void
fingerprint_keep_links(Fingerprint *fingerprint, const GArray *kept)
{
  uint16_t count = 0;
  for (unsigned i = 0; i < fingerprint->link_count; i++)
    if (g_array_binary_search((GArray *) kept, &fingerprint->links[i], compare_numbers, NULL))
      fingerprint->links[count++] = fingerprint->links[i];
  fingerprint->link_count = count;
}

void
fingerprint_free(Fingerprint *fingerprint)
{
  g_free(fingerprint);
}

static void
add_stems(GPtrArray *distinct, GHashTable *seen, const GPtrArray *words, const char *language)
{
  for (guint i = 0; i < words->len; i++) {
    g_autofree char *stem = tokens_stem(words->pdata[i], language);
    if (stem == NULL || g_hash_table_contains(seen, stem))
      continue;
    g_hash_table_add(seen, stem);
    g_ptr_array_add(distinct, g_steal_pointer(&stem));
  }
}

GPtrArray *
fingerprint_stems(const Post *post)
{
  g_auto(Reading) reading = {0};
  read_post(&reading, post);
  GPtrArray *distinct = g_ptr_array_new_with_free_func(g_free);
  g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);
  g_autoptr(GPtrArray) words = tokens_words(reading.opening);
  add_stems(distinct, seen, reading.words, post->language);
  add_stems(distinct, seen, words, post->language);
  return distinct;
}
