/* What the likeness is compared with. */
#include "app/eval_stories.h"

#include "base/text.h"
#include "text/entities.h"
#include "text/tokens.h"

#include <math.h>
#include <string.h>

/* Returns: 0 for two empty sets */
static double
jaccard(GHashTable *a, GHashTable *b)
{
  unsigned both = 0;
  GHashTableIter all;
  g_hash_table_iter_init(&all, a);
  for (void *key; g_hash_table_iter_next(&all, &key, NULL);)
    both += g_hash_table_contains(b, key) ? 1 : 0;
  unsigned either = g_hash_table_size(a) + g_hash_table_size(b) - both;
  return either > 0 ? (double) both / either : 0;
}

static char *
whole_text(const EvalText *text)
{
  return g_strconcat(text->title, "\n", text->text, NULL);
}

/* Returns: (transfer full): the words of four letters and more, as a set */
static GHashTable *
long_words(const EvalText *text)
{
  enum { LEAST_LETTERS = 4 };
  GHashTable *set = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
  g_autofree char *whole = whole_text(text);
  g_autoptr(GPtrArray) words = tokens_words(whole);
  for (guint i = 0; i < words->len; i++)
    if (g_utf8_strlen(words->pdata[i], -1) >= LEAST_LETTERS)
      g_hash_table_add(set, g_strdup(words->pdata[i]));
  return set;
}

/* Returns: (transfer full): the keys of the entities of a kind, as a set */
static GHashTable *
entities_of(const EvalText *text, EntityKind kind)
{
  GHashTable *set = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
  g_autofree char *whole = whole_text(text);
  g_autoptr(GPtrArray) entities = entities_find(whole, NULL);
  for (guint i = 0; i < entities->len; i++) {
    const Entity *entity = entities->pdata[i];
    if (entity->kind == kind)
      g_hash_table_add(set, g_strdup(entity->key));
  }
  return set;
}

/* The reference's rule: seven tenths the mean over categories of the Jaccard of entities, three tenths that of long words. Its
 * lists of entities are not at hand; those that the text itself tells to be such stand for them. */
static double
score_reference(const EvalText *a, const EvalText *b, const Fingerprint *first, const Fingerprint *second)
{
  static const EntityKind KINDS[] = {ENTITY_NAME, ENTITY_NUMBER, ENTITY_VERSION};
  double sum = 0;
  double categories = 0;
  (void) first;
  (void) second;
  for (size_t i = 0; i < G_N_ELEMENTS(KINDS); i++) {
    g_autoptr(GHashTable) left = entities_of(a, KINDS[i]);
    g_autoptr(GHashTable) right = entities_of(b, KINDS[i]);
    categories += g_hash_table_size(left) + g_hash_table_size(right) > 0;
    sum += jaccard(left, right);
  }
  g_autoptr(GHashTable) left = long_words(a);
  g_autoptr(GHashTable) right = long_words(b);
  return 0.7 * (categories > 0 ? sum / categories : 0) + 0.3 * jaccard(left, right);
}

static double
score_cosine(const EvalText *a, const EvalText *b, const Fingerprint *first, const Fingerprint *second)
{
  double both = 0;
  double left = 0;
  double right = 0;
  (void) a;
  (void) b;
  for (unsigned i = 0; i < first->term_count; i++)
    left += first->terms[i].idf * first->terms[i].idf;
  for (unsigned i = 0; i < second->term_count; i++)
    right += second->terms[i].idf * second->terms[i].idf;
  for (unsigned i = 0, j = 0; i < first->term_count && j < second->term_count;) {
    const Term *term = &first->terms[i];
    const Term *other = &second->terms[j];
    uint64_t place = (uint64_t) term->family << 32 | term->key;
    uint64_t other_place = (uint64_t) other->family << 32 | other->key;
    both += place == other_place ? term->idf * term->idf : 0;
    i += place <= other_place;
    j += other_place <= place;
  }
  return left * right > 0 ? both / sqrt(left * right) : 0;
}

static double
score_trigrams(const EvalText *a, const EvalText *b, const Fingerprint *first, const Fingerprint *second)
{
  double both = 0;
  (void) a;
  (void) b;
  for (unsigned i = 0, j = 0; i < first->trigram_count && j < second->trigram_count;) {
    uint16_t own = first->trigrams[i];
    uint16_t other = second->trigrams[j];
    both += own == other;
    i += own <= other;
    j += other <= own;
  }
  return both > 0 ? both / sqrt((double) first->trigram_count * second->trigram_count) : 0;
}

/* Returns: (transfer full): runs of two words, as a set */
static GHashTable *
shingles(const EvalText *text)
{
  GHashTable *set = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
  g_autofree char *whole = whole_text(text);
  g_autoptr(GPtrArray) words = tokens_words(whole);
  for (guint i = 1; i < words->len; i++)
    g_hash_table_add(set, g_strconcat(words->pdata[i - 1], " ", words->pdata[i], NULL));
  return set;
}

static double
score_shingles(const EvalText *a, const EvalText *b, const Fingerprint *first, const Fingerprint *second)
{
  (void) first;
  (void) second;
  g_autoptr(GHashTable) left = shingles(a);
  g_autoptr(GHashTable) right = shingles(b);
  return jaccard(left, right);
}

const EvalBaseline *
eval_baselines(void)
{
  static const EvalBaseline BASELINES[] = {
      {"TF-IDF cosine", score_cosine, 0},
      {"trigram cosine", score_trigrams, 0},
      {"shingle Jaccard", score_shingles, 0},
      {"the reference's rule", score_reference, 0.6},
      {0},
  };
  return BASELINES;
}
