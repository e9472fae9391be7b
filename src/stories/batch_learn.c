/* What the posts of a batch teach: those that people put together or parted, and those that share a link. */
#include "stories/batch.h"
#include "threads/parallel.h"

/* A person's word counts as much as so many shared links. */
enum { SAID_WEIGHT = 3 };

/* Lesson: two posts that tell one story, or two. */
typedef struct {
  uint32_t a;
  uint32_t b;
  bool is_same;
  unsigned weight;
} Lesson;

const Pattern *
batch_pattern(const Batch *batch, uint32_t a, uint32_t b)
{
  return batch->held != NULL ? patterns_strongest(batch->patterns, &batch->held[a], &batch->held[b]) : NULL;
}

static void
add_said(const Batch *batch, const Corrections *corrections, GArray *lessons)
{
  g_autoptr(GHashTable) places = g_hash_table_new(g_str_hash, g_str_equal);
  for (uint32_t i = 0; i < batch->count; i++)
    if (corrections_root(corrections, batch->members[i].item->id) != NULL)
      g_hash_table_insert(places, batch->members[i].item->id, GUINT_TO_POINTER(i + 1));
  const GPtrArray *obeyed = corrections_obeyed(corrections);
  for (guint i = 0; i < obeyed->len; i++) {
    const Correction *correction = obeyed->pdata[i];
    uint32_t a = GPOINTER_TO_UINT(g_hash_table_lookup(places, correction->item_a));
    uint32_t b = GPOINTER_TO_UINT(g_hash_table_lookup(places, correction->item_b));
    const Lesson lesson = {a - 1, b - 1, correction->is_must, SAID_WEIGHT};
    if (MIN(a, b) > 0)
      g_array_append_val(lessons, lesson);
  }
}

/* Posts of one group that share a link: each with the first one. */
static void
add_linked(const Batch *batch, GArray *lessons)
{
  g_autoptr(GHashTable) firsts = g_hash_table_new(NULL, NULL);
  for (uint32_t i = 0; i < batch->count; i++) {
    gpointer link = GSIZE_TO_POINTER(batch->members[i].fingerprint->link);
    gpointer first = NULL;
    if (link == NULL)
      continue;
    if (!g_hash_table_lookup_extended(firsts, link, NULL, &first)) {
      g_hash_table_insert(firsts, link, GUINT_TO_POINTER(i));
      continue;
    }
    const Lesson lesson = {GPOINTER_TO_UINT(first), i, true, 1};
    if (batch->members[lesson.a].group == batch->members[i].group)
      g_array_append_val(lessons, lesson);
  }
}

/* Drops what teaches nothing: pairs of equal heads, and of heads that taught before. */
static void
drop_repeats(const Batch *batch, GArray *lessons)
{
  g_autoptr(GHashTable) seen = g_hash_table_new(NULL, NULL);
  guint kept = 0;
  for (guint i = 0; i < lessons->len; i++) {
    Lesson lesson = g_array_index(lessons, Lesson, i);
    uint64_t a = batch->members[lesson.a].fingerprint->head;
    uint64_t b = batch->members[lesson.b].fingerprint->head;
    uint64_t heads = MIN(a, b) * 0x9E3779B97F4A7C15 ^ MAX(a, b);
    if (a != b && g_hash_table_add(seen, GSIZE_TO_POINTER(heads)))
      g_array_index(lessons, Lesson, kept++) = lesson;
  }
  g_array_set_size(lessons, kept);
}

/* Only what text alone would have told otherwise opens a pattern. */
static void
open_patterns(Batch *batch, const GArray *lessons)
{
  for (guint i = 0; i < lessons->len; i++) {
    const Lesson *lesson = &g_array_index(lessons, Lesson, i);
    PostPair pair = batch_compare(batch, lesson->a, lesson->b);
    bool is_like = pair.untaught >= batch->spec->model->cut;
    if (pair.veto == NULL && is_like != lesson->is_same)
      patterns_open(batch->patterns, batch->members[lesson->a].fingerprint, batch->members[lesson->b].fingerprint, lesson->a,
                    lesson->b);
  }
}

static void
hold_patterns(void *data, size_t begin, size_t end)
{
  const Batch *batch = data;
  for (size_t i = begin; i < end; i++)
    batch->held[i] = patterns_hold(batch->patterns, batch->members[i].fingerprint);
}

void
batch_learn(Batch *batch)
{
  g_autoptr(GArray) lessons = g_array_new(FALSE, FALSE, sizeof(Lesson));
  if (batch->spec->corrections != NULL)
    add_said(batch, batch->spec->corrections, lessons);
  add_linked(batch, lessons);
  drop_repeats(batch, lessons);
  batch->patterns = patterns_new();
  open_patterns(batch, lessons);
  if (patterns_count(batch->patterns) == 0)
    return;
  PatternSet *held = g_new(PatternSet, batch->count);
  batch->held = held;
  parallel_for(batch->count, batch->spec->threads, hold_patterns, batch);
  for (guint i = 0; i < lessons->len; i++) {
    const Lesson *lesson = &g_array_index(lessons, Lesson, i);
    patterns_teach(batch->patterns, &held[lesson->a], &held[lesson->b], lesson->is_same, lesson->weight);
  }
}
