#include "pipeline/explain.h"

#include <math.h>
#include <string.h>

enum { MAX_SHARED = 5 };

static json_t *
rounded(double number)
{
  return json_real(round(number * 1e4) / 1e4);
}

static json_t *
contributions(const LikenessModel *model, const double values[LIKENESS_COUNT])
{
  json_t *all = json_object();
  for (int i = 0; i < LIKENESS_COUNT; i++)
    if (fabs(values[i]) >= 1e-4)
      json_object_set_new(
          all, likeness_name((LikenessFeature) i),
          json_pack("{so so}", "value", rounded(values[i]), "contribution", rounded(values[i] * model->weights[i])));
  return all;
}

/* @rarity: as lexicon_weigh() has it */
typedef struct {
  const char *stem;
  double rarity;
} SharedStem;

static int
compare_rarities(const void *a, const void *b)
{
  const SharedStem *first = a;
  const SharedStem *second = b;
  if (first->rarity != second->rarity)
    return first->rarity > second->rarity ? -1 : 1;
  return strcmp(first->stem, second->stem);
}

static json_t *
shared_stems(const Lexicon *lexicon, const Post *post, const Post *other)
{
  g_autoptr(GPtrArray) own = fingerprint_stems(post);
  g_autoptr(GPtrArray) others = fingerprint_stems(other);
  g_autoptr(GHashTable) known = g_hash_table_new(g_str_hash, g_str_equal);
  for (guint i = 0; i < others->len; i++)
    g_hash_table_add(known, g_ptr_array_index(others, i));
  g_autoptr(GArray) shared = g_array_new(false, false, sizeof(SharedStem));
  for (guint i = 0; i < own->len; i++) {
    const char *stem = g_ptr_array_index(own, i);
    const SharedStem found = {stem, lexicon_weigh(lexicon, stem, post->language)};
    if (g_hash_table_remove(known, stem))
      g_array_append_val(shared, found);
  }
  g_array_sort(shared, compare_rarities);
  json_t *list = json_array();
  for (guint i = 0; i < MIN(shared->len, MAX_SHARED); i++)
    json_array_append_new(list, json_string(g_array_index(shared, SharedStem, i).stem));
  return list;
}

json_t *
explain_learned(const Learned *learned)
{
  return json_pack("{s[ss] so so}", "of", learned->item_a, learned->item_b, "confidence", rounded(learned->confidence), "shift",
                   rounded(learned->shift));
}

json_t *
explain_likeness(const Lexicon *lexicon, const LikenessModel *model, const GArray *links, const Item *item, const Item *other)
{
  const Post post = post_of_item(item);
  const Post other_post = post_of_item(other);
  g_autoptr(Fingerprint) own = fingerprint_new(&post, lexicon);
  g_autoptr(Fingerprint) others = fingerprint_new(&other_post, lexicon);
  double values[LIKENESS_COUNT];
  fingerprint_keep_links(own, links);
  likeness_measure(own, others, values);
  return json_pack("{so so so}", "likeness", contributions(model, values), "pair", rounded(likeness_probability(model, values)),
                   "shared", shared_stems(lexicon, &post, &other_post));
}
