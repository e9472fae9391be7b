#include "stories/likeness.h"

#include "base/error.h"
#include "stories/trigrams.h"

#include <limits.h>
#include <math.h>
#include <string.h>

static const char *const NAMES[LIKENESS_COUNT] = {
    [LIKENESS_LETTERS] = "letters",
    [LIKENESS_SHARED] = "shared",
    [LIKENESS_WITHIN] = "within",
    [LIKENESS_COMMON] = "common",
    [LIKENESS_PAIRS] = "pairs",
    [LIKENESS_OTHER_NUMBERS] = "other_numbers",
    [LIKENESS_OTHER_PLACES] = "other_places",
    [LIKENESS_LINKS] = "links",
};

/* Sums over the terms that two posts share, or of which they have others of the same family. @heads: equal stems in both heads
 */
typedef struct {
  double idf;
  unsigned heads;
  unsigned places;
} Shared;

const char *
likeness_name(LikenessFeature feature)
{
  return NAMES[feature];
}

/* ---- measuring */

static const Term *
find_family_end(const Term *term, const Term *end)
{
  const Term *next = term;
  while (next < end && next->family == term->family)
    next++;
  return next;
}

/* Adds what two posts have of one family, in the order of keys: equal stems, and what is left on both sides. */
static void
add_family(Shared *shared, const Term *a, const Term *a_end, const Term *b, const Term *b_end)
{
  double left_a = 0;
  double left_b = 0;
  shared->places += a->is_head && b->is_head && lexicon_is_place(a->family);
  while (a < a_end || b < b_end) {
    bool has_a = b == b_end || (a < a_end && a->key <= b->key);
    bool has_b = a == a_end || (b < b_end && b->key <= a->key);
    if (has_a && has_b) {
      shared->idf += a->idf;
      shared->heads += a->is_head && b->is_head;
    } else {
      left_a += has_a ? a->idf : 0;
      left_b += has_b ? b->idf : 0;
    }
    a += has_a;
    b += has_b;
  }
  shared->idf += MIN(left_a, left_b);
}

static Shared
compare_terms(const Fingerprint *first, const Fingerprint *second)
{
  Shared shared = {0};
  const Term *a = first->terms;
  const Term *b = second->terms;
  const Term *end = a + first->term_count;
  const Term *other_end = b + second->term_count;
  while (a < end && b < other_end) {
    uint32_t family = MIN(a->family, b->family);
    const Term *a_next = a->family == family ? find_family_end(a, end) : a;
    const Term *b_next = b->family == family ? find_family_end(b, other_end) : b;
    if (a_next > a && b_next > b)
      add_family(&shared, a, a_next, b, b_next);
    a = a_next;
    b = b_next;
  }
  return shared;
}

static bool
is_marked(const uint64_t *bits, unsigned place)
{
  return bits[place / 64] >> place % 64 & 1;
}

/* Returns: 0 where there is nothing */
static double
share(double part, double whole)
{
  return whole > 0 ? part / whole : 0;
}

/* What both heads have of trigrams and of bigrams, which trigrams begin with. */
static double
compare_letters(const Fingerprint *a, const Fingerprint *b)
{
  /* which @a has, a bit each: faster than walking both lists; always cleared after use */
  static _Thread_local uint64_t marked[TRIGRAM_KINDS / 64];
  uint64_t begun[(TRIGRAM_KINDS >> TRIGRAM_THIRD_BITS) / 64] = {0};
  unsigned bigrams = 0;
  unsigned trigrams = 0;
  for (unsigned i = 0; i < a->trigram_count; i++) {
    unsigned bigram = a->trigrams[i] >> TRIGRAM_THIRD_BITS;
    marked[a->trigrams[i] / 64] |= 1ULL << a->trigrams[i] % 64;
    begun[bigram / 64] |= 1ULL << bigram % 64;
  }
  unsigned last = UINT_MAX;
  for (unsigned i = 0; i < b->trigram_count; i++) {
    unsigned bigram = b->trigrams[i] >> TRIGRAM_THIRD_BITS;
    trigrams += is_marked(marked, b->trigrams[i]);
    bigrams += (bigram != last) & is_marked(begun, bigram);
    last = bigram;
  }
  for (unsigned i = 0; i < a->trigram_count; i++)
    marked[a->trigrams[i] / 64] = 0;
  double of_bigrams = share(bigrams, sqrt((double) a->bigram_count * b->bigram_count));
  double of_trigrams = share(trigrams, sqrt((double) a->trigram_count * b->trigram_count));
  return (of_bigrams + of_trigrams) / 2;
}

/* Returns: the idf of the pairs of stems that both heads have */
static double
sum_pairs(const Fingerprint *a, const Fingerprint *b)
{
  unsigned sum = 0;
  for (unsigned i = 0, j = 0; i < a->pair_count && j < b->pair_count;) {
    uint32_t first = a->pairs[i] & ~FINGERPRINT_PAIR_IDF;
    uint32_t second = b->pairs[j] & ~FINGERPRINT_PAIR_IDF;
    sum += first == second ? MIN(a->pairs[i], b->pairs[j]) & FINGERPRINT_PAIR_IDF : 0;
    i += first <= second;
    j += second <= first;
  }
  return sum / (double) FINGERPRINT_PAIR_IDF;
}

static double
compare_links(const Fingerprint *a, const Fingerprint *b)
{
  double best = 0;
  for (unsigned i = 0, j = 0; i < a->link_count && j < b->link_count && best < 1;) {
    uint32_t first = a->links[i];
    uint32_t second = b->links[j];
    if (first == second)
      best = first == a->page || first == b->page ? 1 : 0.5;
    i += first <= second;
    j += second <= first;
  }
  return best;
}

/* Counts numbers that both heads name, and those that differ behind the same word, in series alone when @is_series. */
static void
compare_numbers(const Fingerprint *a, const Fingerprint *b, bool is_series, unsigned *ret_equal, unsigned *ret_other)
{
  for (unsigned i = 0; i < a->number_count; i++)
    for (unsigned j = 0; j < b->number_count; j++) {
      const NumberMark *first = &a->numbers[i];
      const NumberMark *second = &b->numbers[j];
      bool is_equal = first->number == second->number;
      *ret_equal += is_equal;
      *ret_other += !is_equal && first->before == second->before && (!is_series || first->is_series || second->is_series);
    }
}

/* Returns: 0 for none, 1 for ten */
static double
logarithmic(double sum)
{
  return sum > 0 ? log1p(sum) / log(11) : 0;
}

/* One word is anybody's. */
enum { MIN_TERMS = 2 };

void
likeness_measure(const Fingerprint *a, const Fingerprint *b, double ret_values[LIKENESS_COUNT])
{
  memset(ret_values, 0, LIKENESS_COUNT * sizeof *ret_values);
  if (MIN(a->term_count, b->term_count) < MIN_TERMS)
    return;
  Shared shared = compare_terms(a, b);
  unsigned equal = 0;
  unsigned other = 0;
  compare_numbers(a, b, false, &equal, &other);
  double values[LIKENESS_COUNT] = {
      [LIKENESS_LETTERS] = compare_letters(a, b),
      [LIKENESS_SHARED] = logarithmic(shared.idf),
      [LIKENESS_WITHIN] = share(shared.idf, MIN(a->idf, b->idf)),
      [LIKENESS_COMMON] = logarithmic(shared.heads),
      [LIKENESS_PAIRS] = logarithmic(sum_pairs(a, b)),
      [LIKENESS_OTHER_NUMBERS] = other > 0,
      [LIKENESS_OTHER_PLACES] = a->names_place && b->names_place && shared.places == 0,
      [LIKENESS_LINKS] = compare_links(a, b),
  };
  memcpy(ret_values, values, sizeof values);
}

const char *
likeness_veto(const Fingerprint *a, const Fingerprint *b)
{
  unsigned equal = 0;
  unsigned other = 0;
  compare_numbers(a, b, true, &equal, &other);
  if (a->is_feed && a->source == b->source && a->head == b->head)
    return "series";
  if (other > 0)
    return "version";
  bool is_template = a->template_key != 0 && a->template_key == b->template_key;
  bool has_numbers = a->number_count > 0 && a->number_count == b->number_count;
  if (is_template && has_numbers && a->head != b->head && equal < a->number_count)
    return "template";
  return NULL;
}

/* ---- the model */

bool
likeness_model_read(const char *text, LikenessModel *ret_model, GError **error)
{
  LikenessModel model = {0};
  struct {
    const char *name;
    double *value;
    bool is_read;
  } numbers[LIKENESS_COUNT + 2] = {{"constant", &model.constant, false}, {"cut", &model.cut, false}};
  for (int i = 0; i < LIKENESS_COUNT; i++) {
    numbers[i + 2].name = NAMES[i];
    numbers[i + 2].value = &model.weights[i];
  }
  g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
  for (int i = 0; lines[i] != NULL; i++) {
    char *tab = strchr(lines[i], '\t');
    if (*lines[i] == '#' || *lines[i] == '\0')
      continue;
    char *end = NULL;
    size_t length = tab != NULL ? (size_t) (tab - lines[i]) : 0;
    double value = tab != NULL ? g_ascii_strtod(tab + 1, &end) : 0;
    size_t j = 0;
    while (j < G_N_ELEMENTS(numbers) && (strlen(numbers[j].name) != length || strncmp(numbers[j].name, lines[i], length) != 0))
      j++;
    if (j == G_N_ELEMENTS(numbers) || numbers[j].is_read || end == NULL || end == tab + 1 || *end != '\0') {
      error_set(error, ERROR_BAD_DATA, "story-weights.tsv:%d: expected the name of a feature, a tab and a number", i + 1);
      return false;
    }
    *numbers[j].value = value;
    numbers[j].is_read = true;
  }
  for (size_t j = 0; j < G_N_ELEMENTS(numbers); j++)
    if (!numbers[j].is_read) {
      error_set(error, ERROR_BAD_DATA, "story-weights.tsv: \"%s\" is missing", numbers[j].name);
      return false;
    }
  *ret_model = model;
  return true;
}

double
likeness_shift(double probability, double shift)
{
  double odds = probability * exp(shift);
  return round(1e6 * odds / (1 - probability + odds)) / 1e6;
}

double
likeness_probability(const LikenessModel *model, const double values[LIKENESS_COUNT])
{
  double sum = model->constant;
  for (int i = 0; i < LIKENESS_COUNT; i++)
    sum += model->weights[i] * values[i];
  return round(1e6 / (1 + exp(-sum))) / 1e6;
}
