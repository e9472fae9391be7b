#include "llm/statements.h"

#include "llm/lexrank.h"
#include "llm/vectors.h"
#include "llm/worth.h"
#include "text/sentences.h"
#include "text/tokens.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

/* What is read of one source, and of all. */
enum { MAX_TEXT_BYTES = 8 * 1024, MAX_OF_SOURCE = 40, MAX_SENTENCES = 200, MAX_TITLES = 20 };

/* What a source's sentences weigh: those of posts in communities are opinions. */
static const double PAGE_WEIGHT = 1;
static const double POST_WEIGHT = 0.5;

/* So similar to a title is what only repeats it; the first sentence of a post without a title of its own may do so, and weighs
 * less. */
static const double REPEATS_TITLE = 0.9;
static const double OWN_TITLE_WEIGHT = 0.5;

/* Borrowed from the page or post, but @text. */
typedef struct {
  char *text;
  const char *url;
  double weight;
} Sentence;

/* @sentences: (element-type Sentence); @titles: (element-type utf8), @is_own: (element-type bool) whether a title is the first
 * words of its post */
typedef struct {
  GArray *sentences;
  GPtrArray *titles;
  GArray *is_own;
  GHashTable *seen;
} Material;

static void
clear_sentence(gpointer sentence)
{
  g_free(((Sentence *) sentence)->text);
}

static void
material_init(Material *material)
{
  material->sentences = g_array_new(FALSE, FALSE, sizeof(Sentence));
  g_array_set_clear_func(material->sentences, clear_sentence);
  material->titles = g_ptr_array_new();
  material->is_own = g_array_new(FALSE, FALSE, sizeof(bool));
  material->seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
}

static void
material_clear(Material *material)
{
  g_array_unref(material->sentences);
  g_ptr_array_unref(material->titles);
  g_array_unref(material->is_own);
  g_hash_table_unref(material->seen);
}

static void
add_title(Material *material, const char *title, bool is_own)
{
  if (title == NULL || *title == '\0' || material->titles->len >= MAX_TITLES)
    return;
  g_ptr_array_add(material->titles, (char *) title);
  g_array_append_val(material->is_own, is_own);
}

/* Adds the sentences of @text that are worth it, once each. */
static void
add_text(Material *material, const char *text, const char *url, bool is_post)
{
  if (material->sentences->len == MAX_SENTENCES)
    return;
  size_t length = strlen(text);
  const char *end = length > MAX_TEXT_BYTES ? g_utf8_find_prev_char(text, text + MAX_TEXT_BYTES) : text + length;
  g_autofree char *beginning = g_strndup(text, (size_t) (end - text));
  g_autoptr(GPtrArray) sentences = sentences_split(beginning);
  guint kept = 0;
  for (guint i = 0; i < sentences->len && kept < MAX_OF_SOURCE && material->sentences->len < MAX_SENTENCES; i++) {
    const char *sentence = sentences->pdata[i];
    double worth = sentence_worth(sentence, is_post);
    if (worth <= 0 || !g_hash_table_add(material->seen, g_strdup(sentence)))
      continue;
    double place = 1 + 3.0 / (1 + kept++);
    Sentence entry = {g_strdup(sentence), url, worth * place * (is_post ? POST_WEIGHT : PAGE_WEIGHT)};
    g_array_append_val(material->sentences, entry);
  }
}

/* Whether what @item says is what a community says, and not what a page or a feed does. */
static bool
is_post(const Item *item)
{
  return !g_str_has_prefix(item->source, "feed:") && !g_str_has_prefix(item->source, "github") &&
         !g_str_has_prefix(item->id, "mastodon:link:");
}

static void
gather(Material *material, const Story *story, const GPtrArray *evidence)
{
  for (guint i = 0; i < evidence->len; i++) {
    const Evidence *page = evidence->pdata[i];
    add_title(material, page->title, false);
    add_text(material, page->text, page->url, false);
  }
  for (guint i = 0; i < story->items->len; i++) {
    const Item *item = story->items->pdata[i];
    add_title(material, item->title, sentences_title_length(item->text, item->title) > 0);
    add_text(material, item->text, item->url, is_post(item));
  }
}

static void
free_stems(gpointer stems)
{
  g_ptr_array_unref(stems);
}

/* Returns: (transfer full): of the sentences, and behind them the titles */
static Vectors *
make_vectors(const Material *material, const Background *background, const char *language)
{
  bool is_english = language == NULL || g_str_equal(language, "en");
  g_autoptr(GPtrArray) documents = g_ptr_array_new_with_free_func(free_stems);
  for (guint i = 0; i < material->sentences->len; i++)
    g_ptr_array_add(documents, tokens_stems(g_array_index(material->sentences, Sentence, i).text, language));
  for (guint i = 0; i < material->titles->len; i++)
    g_ptr_array_add(documents, tokens_stems(material->titles->pdata[i], language));
  return vectors_new(documents, is_english ? background : NULL);
}

/* What nearness to the titles does to a sentence that is as similar to them as @cosines says. */
static double
weigh_titles(const Material *material, const double *cosines)
{
  double nearest = 0;
  double factor = 1;
  for (guint i = 0; i < material->titles->len; i++) {
    nearest = MAX(nearest, cosines[i]);
    if (cosines[i] >= REPEATS_TITLE)
      factor = MIN(factor, g_array_index(material->is_own, bool, i) ? OWN_TITLE_WEIGHT : 0);
  }
  return factor * (1 + 1.5 * nearest);
}

void
statements_find(Summary *summary, const Story *story, const GPtrArray *evidence, const Background *background,
                const char *language)
{
  Material material;
  material_init(&material);
  gather(&material, story, evidence);
  size_t count = material.sentences->len;
  g_autoptr(Vectors) vectors = make_vectors(&material, background, language);
  g_autofree double *cosines = vectors_cosines(vectors, count);
  Similarities similarities = {.values = cosines, .count = count, .stride = count + material.titles->len};
  g_autofree double *scores = lexrank(&similarities);
  for (size_t i = 0; i < count; i++)
    scores[i] = sqrt(scores[i]) * g_array_index(material.sentences, Sentence, i).weight *
                weigh_titles(&material, cosines + i * similarities.stride + count);
  g_autoptr(GArray) chosen = lexrank_choose(&similarities, scores, STATEMENTS_MAX);
  for (guint i = 0; i < chosen->len; i++) {
    const Sentence *sentence = &g_array_index(material.sentences, Sentence, g_array_index(chosen, size_t, i));
    summary_add_statement(summary, sentence->text, sentence->url);
  }
  material_clear(&material);
}
