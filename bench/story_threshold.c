/*
 * Where the cut of src/stories/similarity.c comes from: how well the similarity tells pairs of real posts that are of one
 * story from pairs that are not, by threshold; and what clustering at that cut gives on news titles.
 */
#include <stdio.h>

#include "base/json.h"
#include "labelled.h"
#include "stories/cluster.h"
#include "stories/fingerprint.h"
#include "stories/similarity.h"
#include "text/html.h"

static void
free_fingerprint(gpointer fingerprint)
{
  fingerprint_free(fingerprint);
}

static void
free_item(gpointer item)
{
  item_free(item);
}

/* A post of Mastodon is text; the others are a title, perhaps an empty line and text. Addresses of the former are broken in
 * this data ("https:// host"). */
static Item *
read_post(const char *text, const char *source)
{
  Item *item = item_new();
  g_autoptr(GString) mended = g_string_new(text);
  g_string_replace(mended, "https:// ", "https://", 0);
  g_free(item->source);
  item->source = g_strdup(source != NULL ? source : "");
  bool has_title = g_strcmp0(source, "mastodon") != 0;
  const char *gap = strstr(mended->str, "\n\n");
  size_t title_length = !has_title ? 0 : gap != NULL ? (size_t) (gap - mended->str) : mended->len;
  g_free(item->title);
  item->title = html_to_line(mended->str, title_length);
  g_free(item->text);
  item->text = html_to_text(mended->str + title_length, mended->len - title_length, NULL, NULL);
  return item;
}

static guint
document_of(GHashTable *documents, GPtrArray *fingerprints, const char *text, const char *source)
{
  gpointer known = NULL;
  if (g_hash_table_lookup_extended(documents, text, NULL, &known))
    return GPOINTER_TO_UINT(known);
  g_autoptr(Item) item = read_post(text, source);
  guint document = fingerprints->len;
  g_ptr_array_add(fingerprints, fingerprint_new(item));
  g_hash_table_insert(documents, (char *) text, GUINT_TO_POINTER(document));
  return document;
}

/* Returns: (transfer full) (element-type Prediction): for the rows of weight 1; a vetoed pair counts 0 */
static GArray *
predict_pairs(const GPtrArray *rows)
{
  g_autoptr(GHashTable) documents = g_hash_table_new(g_str_hash, g_str_equal);
  g_autoptr(GPtrArray) fingerprints = g_ptr_array_new_with_free_func(free_fingerprint);
  g_autoptr(GArray) pairs = g_array_new(FALSE, FALSE, sizeof(guint));
  for (guint i = 0; i < rows->len; i++) {
    const json_t *row = rows->pdata[i];
    guint a = document_of(documents, fingerprints, json_read_text(row, "a"), json_read_text(row, "source_a"));
    guint b = document_of(documents, fingerprints, json_read_text(row, "b"), json_read_text(row, "source_b"));
    g_array_append_val(pairs, a);
    g_array_append_val(pairs, b);
  }

  g_autoptr(Corpus) corpus = corpus_new(fingerprints);
  GArray *predictions = g_array_new(FALSE, FALSE, sizeof(Prediction));
  for (guint i = 0; i < rows->len; i++) {
    const json_t *row = rows->pdata[i];
    const json_t *weight = json_object_get(row, "weight");
    if (weight != NULL && json_number_value(weight) > 1)
      continue;
    guint a = g_array_index(pairs, guint, 2 * i);
    guint b = g_array_index(pairs, guint, 2 * i + 1);
    bool is_vetoed = fingerprint_conflicts(fingerprints->pdata[a], fingerprints->pdata[b]);
    Prediction prediction = {is_vetoed ? 0 : corpus_similarity(corpus, a, b), json_read_int(row, "same", 0) == 1};
    g_array_append_val(predictions, prediction);
  }
  return predictions;
}

static bool
print_pairs(const char *name, GError **error)
{
  g_autoptr(GPtrArray) rows = labelled_read(name, error);
  if (rows == NULL)
    return false;
  g_autoptr(GArray) predictions = predict_pairs(rows);
  printf("%s: %u pairs, AUC %.3f\n", name, predictions->len, labelled_auc(predictions));
  labelled_print_cuts(predictions, 15, 25);
  return true;
}

/* B-cubed: for each item, how much of its group is of its story, and how much of its story is in its group. */
static void
print_bcubed(const GPtrArray *stories, const GPtrArray *memberships)
{
  double precision = 0;
  double recall = 0;
  for (guint i = 0; i < stories->len; i++) {
    double both = 0;
    double group = 0;
    double story = 0;
    for (guint j = 0; j < stories->len; j++) {
      const Membership *first = memberships->pdata[i];
      const Membership *second = memberships->pdata[j];
      bool is_group = g_str_equal(first->story_id, second->story_id);
      bool is_story = g_str_equal(stories->pdata[i], stories->pdata[j]);
      both += is_group && is_story;
      group += is_group;
      story += is_story;
    }
    precision += both / group / stories->len;
    recall += both / story / stories->len;
  }
  printf("B-cubed precision %.3f  recall %.3f  F1 %.3f\n", precision, recall, 2 * precision * recall / (precision + recall));
}

static bool
print_clusters(const char *name, GError **error)
{
  g_autoptr(GPtrArray) rows = labelled_read(name, error);
  if (rows == NULL)
    return false;
  g_autoptr(GPtrArray) items = g_ptr_array_new_with_free_func(free_item);
  g_autoptr(GPtrArray) stories = g_ptr_array_new();
  int64_t now_ms = 0;
  for (guint i = 0; i < rows->len; i++) {
    const json_t *row = rows->pdata[i];
    Item *item = item_new();
    g_free(item->id);
    item->id = g_strdup_printf("title:%06u", i);
    g_free(item->title);
    item->title = g_strdup(json_read_text(row, "title"));
    item->published_ms = json_read_int(row, "published_ms", 0);
    now_ms = MAX(now_ms, item->published_ms);
    g_ptr_array_add(items, item);
    g_ptr_array_add(stories, (char *) json_read_text(row, "story"));
  }
  g_autoptr(GHashTable) taken_ids = g_hash_table_new(g_str_hash, g_str_equal);
  g_autoptr(GPtrArray) known = g_ptr_array_new();
  g_autoptr(GPtrArray) memberships = cluster_items(items, known, taken_ids, now_ms);
  printf("%s: %u titles at the cut of %.2f\n", name, rows->len, SIMILARITY_CUT);
  print_bcubed(stories, memberships);
  return true;
}

int
main(void)
{
  g_autoptr(GError) error = NULL;
  if (print_pairs("stories/stories.ndjson", &error) && print_pairs("stories/headlines.ndjson", &error) &&
      print_clusters("stories/news-clusters.ndjson", &error))
    return 0;
  fprintf(stderr, "story_threshold: %s\n", error->message);
  return 1;
}
