/* Titles grouped into stories, beside the stories people say they tell. */
#include "app/eval_stories.h"

#include "stories/cluster.h"

#include <string.h>

static void
free_item(void *item)
{
  item_free(item);
}

static Item *
make_item(const EvalTitle *title, guint number)
{
  Item *item = item_new();
  g_free(item->id);
  item->id = g_strdup_printf("title:%09u", number);
  g_free(item->source);
  item->source = g_strdup_printf("title:%09u", number);
  g_free(item->title);
  item->title = g_strdup(title->title);
  item->published_ms = title->published_ms;
  return item;
}

/* Returns: memberships in the order of the titles */
static ClusterOutcome
group_titles(const GPtrArray *titles, guint begin, guint end, const Lexicon *lexicon, const LikenessModel *model)
{
  g_autoptr(GPtrArray) items = g_ptr_array_new_with_free_func(free_item);
  g_autoptr(GPtrArray) known = g_ptr_array_new();
  g_autoptr(GHashTable) taken_ids = g_hash_table_new(g_str_hash, g_str_equal);
  int64_t now_ms = 0;
  for (guint i = begin; i < end; i++) {
    g_ptr_array_add(items, make_item(titles->pdata[i], i));
    now_ms = MAX(now_ms, ((const EvalTitle *) titles->pdata[i])->published_ms);
  }
  const ClusterSpec spec = {
      .new_items = items, .known = known, .taken_ids = taken_ids, .lexicon = lexicon, .model = model, .now_ms = now_ms};
  return cluster_items(&spec);
}

/* Counts, for each title, how many share its group, its story, and both. */
static Rates
compare_groups(const GPtrArray *titles, guint begin, const GPtrArray *memberships)
{
  double precision = 0;
  double recall = 0;
  g_autoptr(GHashTable) groups = g_hash_table_new(g_str_hash, g_str_equal);
  g_autoptr(GHashTable) stories = g_hash_table_new(g_str_hash, g_str_equal);
  g_autoptr(GHashTable) both = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
  for (int pass = 0; pass < 2; pass++)
    for (guint i = 0; i < memberships->len; i++) {
      const char *group = ((const Membership *) memberships->pdata[i])->story_id;
      const char *story = ((const EvalTitle *) titles->pdata[begin + i])->story;
      g_autofree char *pair = g_strdup_printf("%s %s", group, story);
      guint in_group = GPOINTER_TO_UINT(g_hash_table_lookup(groups, group));
      guint in_story = GPOINTER_TO_UINT(g_hash_table_lookup(stories, story));
      guint in_both = GPOINTER_TO_UINT(g_hash_table_lookup(both, pair));
      if (pass == 0) {
        g_hash_table_insert(groups, (char *) group, GUINT_TO_POINTER(in_group + 1));
        g_hash_table_insert(stories, (char *) story, GUINT_TO_POINTER(in_story + 1));
        g_hash_table_insert(both, g_steal_pointer(&pair), GUINT_TO_POINTER(in_both + 1));
      } else {
        precision += (double) in_both / in_group / memberships->len;
        recall += (double) in_both / in_story / memberships->len;
      }
    }
  return (Rates){precision, recall, precision + recall > 0 ? 2 * precision * recall / (precision + recall) : 0};
}

Rates
eval_bcubed(const GPtrArray *titles, guint begin, guint end, const Lexicon *lexicon, const LikenessModel *model)
{
  g_auto(ClusterOutcome) outcome = group_titles(titles, begin, end, lexicon, model);
  return compare_groups(titles, begin, outcome.memberships);
}

double
eval_best_cluster_cut(const GPtrArray *titles, guint begin, guint end, const Lexicon *lexicon, const LikenessModel *model)
{
  double best = -1;
  double cut = model->cut;
  LikenessModel tried = *model;
  for (int percent = 1; percent < 100; percent++) {
    tried.cut = percent / 100.0;
    double f1 = eval_bcubed(titles, begin, end, lexicon, &tried).f1;
    if (f1 > best) {
      best = f1;
      cut = tried.cut;
    }
  }
  return cut;
}
