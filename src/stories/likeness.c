#include "stories/likeness.h"

#include "base/error.h"

#include <math.h>
#include <string.h>

/* Heads that share so much, numbers apart, are made from one template. */
static const char *const NAMES[LIKENESS_COUNT] = {
    [LIKENESS_RAREST] = "rarest",
    [LIKENESS_SECOND] = "second",
    [LIKENESS_THIRD] = "third",
    [LIKENESS_SHARED] = "shared",
    [LIKENESS_OVERLAP] = "overlap",
    [LIKENESS_CONTAINMENT] = "containment",
    [LIKENESS_HEAD] = "head",
    [LIKENESS_HEAD_WITHIN] = "head_within",
    [LIKENESS_TRIGRAMS] = "trigrams",
    [LIKENESS_PAIRS] = "pairs",
    [LIKENESS_NAMES] = "names",
    [LIKENESS_NUMBERS] = "numbers",
    [LIKENESS_OTHER_NUMBERS] = "other_numbers",
    [LIKENESS_FAMILIES] = "families",
    [LIKENESS_WORDS] = "words",
    [LIKENESS_LENGTH] = "length",
};

/* Sums over the terms of two posts. */
typedef struct {
  double shared;
  double a;
  double b;
  double head_shared;
  double head_a;
  double head_b;
  double names;
  double families;
  double rarest[3];
  unsigned head_count;
  unsigned head_count_a;
  unsigned head_count_b;
  unsigned count;
} Overlap;

const char *
likeness_name(LikenessFeature feature)
{
  return NAMES[feature];
}

static void
note_rare(double rarest[3], double idf)
{
  for (int i = 0; i < 3; i++)
    if (idf > rarest[i]) {
      double pushed = rarest[i];
      rarest[i] = idf;
      idf = pushed;
    }
}

static void
note_shared(Overlap *overlap, const Term *a, const Term *b)
{
  overlap->shared += a->idf;
  overlap->count++;
  note_rare(overlap->rarest, a->idf);
  if (a->is_head && b->is_head) {
    overlap->head_shared += a->idf;
    overlap->head_count++;
  }
  if (a->is_name && b->is_name)
    overlap->names += a->idf;
}

static const Term *
find_term(const Fingerprint *fingerprint, uint32_t key)
{
  unsigned low = 0;
  unsigned high = fingerprint->term_count;
  while (low < high) {
    unsigned middle = (low + high) / 2;
    if (fingerprint->terms[middle].key == key)
      return &fingerprint->terms[middle];
    if (fingerprint->terms[middle].key < key)
      low = middle + 1;
    else
      high = middle;
  }
  return NULL;
}

static double
measure_families(const Fingerprint *a, const Fingerprint *b)
{
  double sum = 0;
  for (unsigned i = 0; i < a->term_count; i++)
    for (unsigned j = 0; j < b->term_count; j++) {
      const Term *first = &a->terms[i];
      const Term *second = &b->terms[j];
      if (first->family != second->family || first->key == second->key)
        continue;
      if (find_term(b, first->key) == NULL && find_term(a, second->key) == NULL)
        sum += MIN(first->idf, second->idf);
    }
  return sum;
}

static Overlap
compare_terms(const Fingerprint *a, const Fingerprint *b)
{
  Overlap overlap = {0};
  for (unsigned i = 0; i < a->term_count; i++) {
    overlap.a += a->terms[i].idf;
    overlap.head_a += a->terms[i].is_head ? a->terms[i].idf : 0;
    overlap.head_count_a += a->terms[i].is_head;
  }
  for (unsigned i = 0; i < b->term_count; i++) {
    overlap.b += b->terms[i].idf;
    overlap.head_b += b->terms[i].is_head ? b->terms[i].idf : 0;
    overlap.head_count_b += b->terms[i].is_head;
  }
  for (unsigned i = 0, j = 0; i < a->term_count && j < b->term_count;) {
    const Term *first = &a->terms[i];
    const Term *second = &b->terms[j];
    if (first->key == second->key)
      note_shared(&overlap, first, second);
    i += first->key <= second->key;
    j += second->key <= first->key;
  }
  overlap.families = measure_families(a, b);
  return overlap;
}

static unsigned
count_trigrams(const Fingerprint *a, const Fingerprint *b)
{
  unsigned count = 0;
  for (unsigned i = 0, j = 0; i < a->trigram_count && j < b->trigram_count;) {
    uint16_t first = a->trigrams[i];
    uint16_t second = b->trigrams[j];
    count += first == second;
    i += first <= second;
    j += second <= first;
  }
  return count;
}

static unsigned
count_pairs(const Fingerprint *a, const Fingerprint *b)
{
  unsigned count = 0;
  for (unsigned i = 0, j = 0; i < a->pair_count && j < b->pair_count;) {
    uint32_t first = a->pairs[i];
    uint32_t second = b->pairs[j];
    count += first == second;
    i += first <= second;
    j += second <= first;
  }
  return count;
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

/* Returns: 0 where there is nothing */
static double
share(double part, double whole)
{
  return whole > 0 ? part / whole : 0;
}

void
likeness_measure(const Fingerprint *a, const Fingerprint *b, double ret_values[LIKENESS_COUNT])
{
  Overlap overlap = compare_terms(a, b);
  unsigned equal = 0;
  unsigned other = 0;
  compare_numbers(a, b, false, &equal, &other);
  double trigrams = sqrt((double) a->trigram_count * b->trigram_count);
  double values[LIKENESS_COUNT] = {
      [LIKENESS_RAREST] = overlap.rarest[0],
      [LIKENESS_SECOND] = overlap.rarest[1],
      [LIKENESS_THIRD] = overlap.rarest[2],
      [LIKENESS_SHARED] = log1p(overlap.count) / log(11),
      [LIKENESS_OVERLAP] = share(overlap.shared, overlap.a + overlap.b - overlap.shared),
      [LIKENESS_CONTAINMENT] = share(overlap.shared, MIN(overlap.a, overlap.b)),
      [LIKENESS_HEAD] = share(overlap.head_shared, overlap.head_a + overlap.head_b - overlap.head_shared),
      [LIKENESS_HEAD_WITHIN] = share(overlap.head_shared, MIN(overlap.head_a, overlap.head_b)),
      [LIKENESS_TRIGRAMS] = share(count_trigrams(a, b), trigrams),
      [LIKENESS_PAIRS] = log1p(count_pairs(a, b)) / log(11),
      [LIKENESS_NAMES] = MIN(overlap.names, 3) / 3,
      [LIKENESS_NUMBERS] = MIN(equal, 2) / 2.0,
      [LIKENESS_OTHER_NUMBERS] = other > 0,
      [LIKENESS_FAMILIES] = MIN(share(overlap.families, MIN(overlap.a, overlap.b)), 1),
      [LIKENESS_WORDS] = share(overlap.head_count, overlap.head_count_a + overlap.head_count_b - overlap.head_count),
      [LIKENESS_LENGTH] = share(MIN(a->term_count, b->term_count), MAX(a->term_count, b->term_count)),
  };
  memcpy(ret_values, values, sizeof values);
}

const char *
likeness_veto(const Fingerprint *a, const Fingerprint *b)
{
  unsigned equal = 0;
  unsigned other = 0;
  compare_numbers(a, b, true, &equal, &other);
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
likeness_probability(const LikenessModel *model, const double values[LIKENESS_COUNT])
{
  double sum = model->constant;
  for (int i = 0; i < LIKENESS_COUNT; i++)
    sum += model->weights[i] * values[i];
  return round(1e6 / (1 + exp(-sum))) / 1e6;
}
