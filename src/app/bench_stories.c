/* Grouping made-up titles, a thousand to a million, with near copies planted among them. */
#include "app/bench.h"
#include "base/error.h"
#include "os/clock.h"
#include "os/file.h"
#include "stories/candidates.h"
#include "stories/cluster.h"

#include <malloc.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

/* Words stand in titles as Zipf says: the one of rank n is n times rarer than the first. */
enum { SEED = 20251112, VOCABULARY = 200000, READ_BEFORE = 15000, MIN_WORDS = 6, MAX_WORDS = 12 };

/* A title in ten repeats one of the last so many, but for a word or two. */
enum { PLANTED_OF = 10, REACH = 5000, SOURCES = 100, ALL_PAIRS = 4000, ADDED = 2000, BYTES_A_MB = 1000 * 1000 };

static const int64_t NOW_MS = 1800000000000;
static const int64_t SPAN_MS = 10LL * 24 * 60 * 60 * 1000;

/* @originals: by position of an item: that of what it repeats, itself where it is new */
typedef struct {
  GStringChunk *texts;
  Item *items;
  GPtrArray *pointers;
  guint *originals;
} Titles;

static void
clear_titles(Titles *titles)
{
  g_string_chunk_free(titles->texts);
  g_free(titles->items);
  g_ptr_array_unref(titles->pointers);
  g_free(titles->originals);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Titles, clear_titles)

/* What is compared with. @threads: as many as there are processors */
typedef struct {
  Bench *bench;
  Background *background;
  Lexicon *lexicon;
  LikenessModel model;
  unsigned threads;
} Grouping;

static void
clear_grouping(Grouping *grouping)
{
  lexicon_free(grouping->lexicon);
  background_free(grouping->background);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Grouping, clear_grouping)

/* ---- titles */

/* Appends the word of @rank, which no stemmer changes and whose beginning few others share. */
static void
append_word(GString *title, guint rank)
{
  static const char LETTERS[] = "bcdfghjklmnpqrtvwxz";
  /* A bijection of 20 bits, so that no two ranks have one word. */
  guint number = (rank * 0x9E375U + 0x3C6EFU) & 0xFFFFF;
  for (int i = 0; i < 5; i++) {
    g_string_append_c(title, LETTERS[number % strlen(LETTERS)]);
    number /= (guint) strlen(LETTERS);
  }
}

static guint
draw_rank(GRand *random)
{
  return (guint) exp(g_rand_double(random) * log(VOCABULARY));
}

/* Returns: how many ranks were set */
static guint
draw_title(GRand *random, guint ranks[MAX_WORDS])
{
  guint count = (guint) g_rand_int_range(random, MIN_WORDS, MAX_WORDS + 1);
  for (guint i = 0; i < count; i++)
    ranks[i] = draw_rank(random);
  return count;
}

/* As somebody else tells it: a word in another's place, one more, and the last ones before the first. */
static void
append_retold(GString *title, const char *original, GRand *random)
{
  g_auto(GStrv) words = g_strsplit(original, " ", -1);
  guint count = g_strv_length(words);
  guint first = (guint) g_rand_int_range(random, 0, (gint32) count);
  guint other = (guint) g_rand_int_range(random, 0, (gint32) count);
  for (guint i = 0; i < count; i++)
    if (i != other)
      g_string_append_printf(title, "%s ", words[(first + i) % count]);
  append_word(title, draw_rank(random));
}

static void
append_new(GString *title, GRand *random)
{
  guint ranks[MAX_WORDS];
  guint count = draw_title(random, ranks);
  for (guint i = 0; i < count; i++) {
    if (i > 0)
      g_string_append_c(title, ' ');
    append_word(title, ranks[i]);
  }
}

static void
describe_item(Titles *titles, guint position, guint count, const char *title)
{
  static char nothing[] = "";
  g_autofree char *id = g_strdup_printf("title:%07u", position);
  g_autofree char *source = g_strdup_printf("source:%u", position % SOURCES);
  titles->items[position] = (Item){.id = g_string_chunk_insert(titles->texts, id),
                                   .source = g_string_chunk_insert_const(titles->texts, source),
                                   .title = g_string_chunk_insert(titles->texts, title),
                                   .text = nothing,
                                   .published_ms = NOW_MS - SPAN_MS + SPAN_MS / count * position};
  g_ptr_array_add(titles->pointers, &titles->items[position]);
}

static Titles
open_titles(guint count)
{
  return (Titles){.texts = g_string_chunk_new(64 * 1024),
                  .items = g_new0(Item, count),
                  .pointers = g_ptr_array_sized_new(count),
                  .originals = g_new(guint, count)};
}

static Titles
make_titles(guint count)
{
  Titles titles = open_titles(count);
  g_autoptr(GRand) random = g_rand_new_with_seed(SEED);
  g_autoptr(GString) title = g_string_new(NULL);
  for (guint i = 0; i < count; i++) {
    g_string_truncate(title, 0);
    titles.originals[i] = i;
    if (i > 0 && g_rand_int_range(random, 0, PLANTED_OF) == 0) {
      titles.originals[i] = i - (guint) g_rand_int_range(random, 1, (gint32) MIN(i, REACH) + 1);
      append_retold(title, titles.items[titles.originals[i]].title, random);
    } else {
      append_new(title, random);
    }
    describe_item(&titles, i, count, title->str);
  }
  return titles;
}

/* @source: (nullable): of all of them; else each has another than the one before */
static Titles
make_copies(guint count, char *source)
{
  Titles titles = open_titles(count);
  for (guint i = 0; i < count; i++) {
    titles.originals[i] = 0;
    describe_item(&titles, i, count, "The bridge over the strait opens after nineteen years of work");
    if (source != NULL)
      titles.items[i].source = source;
  }
  return titles;
}

/* ---- what it is compared with */

static char *
read_data(const Bench *bench, const char *name, GError **error)
{
  g_autofree char *path = g_build_filename(bench->invocation->datadir, "data", name, NULL);
  return file_read(path, 16 * BYTES_A_MB, NULL, error);
}

/* What a workspace that has read such titles knows of their words. */
static void
read_titles(Lexicon *lexicon)
{
  g_auto(Titles) titles = make_titles(READ_BEFORE);
  for (guint i = 0; i < titles.pointers->len; i++) {
    const Post post = post_of_item(&titles.items[i]);
    g_autoptr(GPtrArray) stems = fingerprint_stems(&post);
    lexicon_learn(lexicon, stems);
  }
}

static bool
open_grouping(Grouping *grouping, GError **error)
{
  const Bench *bench = grouping->bench;
  char *frequencies = read_data(bench, "frequencies-en.tsv", error);
  grouping->background = frequencies != NULL ? background_new(frequencies, g_strdup(""), error) : NULL;
  g_autofree char *families = grouping->background != NULL ? read_data(bench, "families-en.txt", error) : NULL;
  grouping->lexicon = families != NULL ? lexicon_new(grouping->background, families, NULL, error) : NULL;
  g_autofree char *weights = grouping->lexicon != NULL ? read_data(bench, "story-weights.tsv", error) : NULL;
  if (weights == NULL || !likeness_model_read(weights, &grouping->model, error))
    return false;
  read_titles(grouping->lexicon);
  return true;
}

static Fingerprint *
print_title(const Grouping *grouping, const Item *item)
{
  const Post post = post_of_item(item);
  return fingerprint_new(&post, grouping->lexicon);
}

static void
free_fingerprint(gpointer fingerprint)
{
  fingerprint_free(fingerprint);
}

static GPtrArray *
print_titles(const Grouping *grouping, const Titles *titles)
{
  GPtrArray *fingerprints = g_ptr_array_new_with_free_func(free_fingerprint);
  for (guint i = 0; i < titles->pointers->len; i++)
    g_ptr_array_add(fingerprints, print_title(grouping, titles->pointers->pdata[i]));
  return fingerprints;
}

/* ---- measurements */

/* Returns: a line of /proc/self/status, in megabytes; 0 where there is none */
static double
read_memory_mb(const char *key)
{
  g_autofree char *status = NULL;
  const char *line = g_file_get_contents("/proc/self/status", &status, NULL, NULL) ? strstr(status, key) : NULL;
  return line != NULL ? (double) g_ascii_strtoll(line + strlen(key), NULL, 10) * 1024 / BYTES_A_MB : 0;
}

/* Gives back what is free and forgets the peak; where that is not allowed, the peak is of a smaller size before. Returns: the
 * memory in use, in megabytes */
static double
settle_memory(void)
{
  malloc_trim(0);
  FILE *peak = fopen("/proc/self/clear_refs", "w");
  if (peak != NULL) {
    fputs("5", peak);
    fclose(peak);
  }
  return read_memory_mb("VmRSS:");
}

/* @memory_mb: beside the titles */
typedef struct {
  double seconds;
  double memory_mb;
  double found_percent;
} Take;

static Take
group_titles(const Grouping *grouping, const Titles *titles)
{
  g_autoptr(GPtrArray) known = g_ptr_array_new();
  g_autoptr(GHashTable) taken_ids = g_hash_table_new(g_str_hash, g_str_equal);
  const ClusterSpec spec = {.new_items = titles->pointers,
                            .known = known,
                            .taken_ids = taken_ids,
                            .lexicon = grouping->lexicon,
                            .model = &grouping->model,
                            .threads = grouping->threads,
                            .now_ms = NOW_MS};
  double before_mb = settle_memory();
  double began_ms = clock_precise_ms();
  g_auto(ClusterOutcome) outcome = cluster_items(&spec);
  Take take = {.seconds = (clock_precise_ms() - began_ms) / 1000, .memory_mb = read_memory_mb("VmHWM:") - before_mb};
  guint planted = 0;
  guint found = 0;
  for (guint i = 0; i < outcome.memberships->len; i++) {
    const Membership *own = outcome.memberships->pdata[i];
    const Membership *original = outcome.memberships->pdata[titles->originals[i]];
    planted += titles->originals[i] != i;
    found += titles->originals[i] != i && g_str_equal(own->story_id, original->story_id);
  }
  take.found_percent = planted > 0 ? 100.0 * found / planted : 100;
  return take;
}

static void
add_row(Bench *bench, char *name, BenchRow row)
{
  g_autofree char *own = name;
  row.name = own;
  bench_add(bench, &row);
}

/* Returns: (transfer full): seconds, by round */
static GArray *
group_size(const Grouping *grouping, guint count, double most_seconds)
{
  enum { MOST_MB = 600, LEAST_FOUND = 95, ONCE_FROM = 1000000 };
  g_auto(Titles) titles = make_titles(count);
  g_autoptr(GArray) seconds = series_new();
  g_autoptr(GArray) rates = series_new();
  g_autoptr(GArray) memory = series_new();
  g_autoptr(GArray) found = series_new();
  for (int round = 0; round < (count < ONCE_FROM ? grouping->bench->rounds : 1); round++) {
    Take take = group_titles(grouping, &titles);
    series_add(seconds, take.seconds);
    series_add(rates, count / take.seconds);
    series_add(memory, take.memory_mb);
    series_add(found, take.found_percent);
  }
  Bench *bench = grouping->bench;
  BenchSense most = most_seconds > 0 ? SENSE_AT_MOST : SENSE_NONE;
  add_row(bench, g_strdup_printf("grouping %u titles", count),
          (BenchRow){.unit = "s", .values = seconds, .sense = most, .must = most_seconds});
  add_row(bench, g_strdup_printf("grouping %u titles, titles a second", count), (BenchRow){.unit = "", .values = rates});
  add_row(bench, g_strdup_printf("grouping %u titles, memory beside them", count),
          (BenchRow){.unit = "MB", .values = memory, .sense = SENSE_AT_MOST, .must = MOST_MB});
  add_row(bench, g_strdup_printf("grouping %u titles, planted near copies found", count),
          (BenchRow){.unit = "%", .values = found, .sense = SENSE_AT_LEAST, .must = LEAST_FOUND});
  return g_steal_pointer(&seconds);
}

/* Compares each title with all others. */
static void
measure_candidates(const Grouping *grouping)
{
  g_auto(Titles) titles = make_titles(ALL_PAIRS);
  g_autoptr(GPtrArray) fingerprints = print_titles(grouping, &titles);
  g_autoptr(Candidates) index = candidates_new();
  g_autoptr(CandidateSearch) search = candidate_search_new();
  guint same = 0;
  guint found = 0;
  for (guint i = 0; i < fingerprints->len; i++) {
    uint32_t positions[CANDIDATES_MAX];
    unsigned count = candidates_find(index, search, fingerprints->pdata[i], i, positions);
    for (guint j = 0; j < i; j++) {
      double values[LIKENESS_COUNT];
      likeness_measure(fingerprints->pdata[i], fingerprints->pdata[j], values);
      if (likeness_probability(&grouping->model, values) < grouping->model.cut)
        continue;
      same++;
      for (unsigned k = 0; k < count; k++)
        found += positions[k] == j;
    }
    candidates_add(index, fingerprints->pdata[i]);
  }
  g_autoptr(GArray) percent = series_new();
  series_add(percent, 100.0 * found / MAX(same, 1));
  add_row(grouping->bench, g_strdup_printf("candidates, of the like pairs among all of %d titles", ALL_PAIRS),
          (BenchRow){.unit = "%", .values = percent, .sense = SENSE_AT_LEAST, .must = 99});
}

static int
compare_doubles(const void *a, const void *b)
{
  double first = *(const double *) a;
  double second = *(const double *) b;
  return (first > second) - (first < second);
}

/* Reads @item, compares it with its candidates and adds it. Returns: milliseconds */
static double
add_item(const Grouping *grouping, const Item *item, Candidates *index, CandidateSearch *search, GPtrArray *fingerprints)
{
  double began_ms = clock_precise_ms();
  Fingerprint *fingerprint = print_title(grouping, item);
  uint32_t found[CANDIDATES_MAX];
  unsigned count = candidates_find(index, search, fingerprint, UINT32_MAX, found);
  for (unsigned i = 0; i < count; i++) {
    double values[LIKENESS_COUNT];
    likeness_measure(fingerprint, fingerprints->pdata[found[i]], values);
    if (likeness_veto(fingerprint, fingerprints->pdata[found[i]]) == NULL)
      likeness_probability(&grouping->model, values);
  }
  candidates_add(index, fingerprint);
  g_ptr_array_add(fingerprints, fingerprint);
  return clock_precise_ms() - began_ms;
}

static void
measure_adding(const Grouping *grouping, guint count)
{
  g_auto(Titles) titles = make_titles(count + ADDED);
  g_autoptr(Candidates) index = candidates_new();
  g_autoptr(CandidateSearch) search = candidate_search_new();
  g_autoptr(GPtrArray) fingerprints = g_ptr_array_new_with_free_func(free_fingerprint);
  for (guint i = 0; i < count; i++) {
    g_ptr_array_add(fingerprints, print_title(grouping, titles.pointers->pdata[i]));
    candidates_add(index, fingerprints->pdata[i]);
  }
  double taken_ms[ADDED];
  for (guint i = 0; i < ADDED; i++)
    taken_ms[i] = add_item(grouping, titles.pointers->pdata[count + i], index, search, fingerprints);
  qsort(taken_ms, ADDED, sizeof *taken_ms, compare_doubles);
  g_autoptr(GArray) median = series_new();
  g_autoptr(GArray) slowest = series_new();
  series_add(median, taken_ms[ADDED / 2]);
  series_add(slowest, taken_ms[ADDED * 99 / 100]);
  add_row(grouping->bench, g_strdup_printf("one title compared with and added to %u, median", count),
          (BenchRow){.unit = "ms", .values = median});
  add_row(grouping->bench, g_strdup_printf("one title compared with and added to %u, 99th percentile", count),
          (BenchRow){.unit = "ms", .values = slowest, .sense = SENSE_AT_MOST, .must = 1});
}

static void
measure_copies(const Grouping *grouping)
{
  enum { COPIES = 10000 };
  static char source[] = "mastodon:one.example";
  g_auto(Titles) once = make_copies(COPIES, NULL);
  g_auto(Titles) twice = make_copies(2 * COPIES, NULL);
  g_auto(Titles) alone = make_copies(COPIES, source);
  g_autoptr(GArray) third = series_new();
  g_autoptr(GArray) first = series_new();
  g_autoptr(GArray) second = series_new();
  for (int round = 0; round < grouping->bench->rounds * BENCH_SHORT_TAKES; round++) {
    series_add(first, group_titles(grouping, &once).seconds);
    series_add(second, group_titles(grouping, &twice).seconds);
    series_add(third, group_titles(grouping, &alone).seconds);
  }
  add_row(grouping->bench, g_strdup_printf("%d copies of one text", COPIES), (BenchRow){.unit = "s", .values = first});
  add_row(grouping->bench, g_strdup_printf("%d copies of one text", 2 * COPIES), (BenchRow){.unit = "s", .values = second});
  add_row(grouping->bench, g_strdup_printf("%d copies by one source", COPIES), (BenchRow){.unit = "s", .values = third});
  bench_add_ratio(grouping->bench, &(BenchRow){.name = "copies of one text, times longer for twice as many",
                                               .values = first,
                                               .baseline = second,
                                               .sense = SENSE_AT_MOST,
                                               .must = 2.5});
}

bool
bench_stories(Bench *bench, GError **error)
{
  static const struct {
    guint count;
    double most_seconds;
  } SIZES[] = {{1000, 0}, {10000, 0}, {100000, 1.5}, {1000000, 15}};
  /* n log n */
  static const double MOST_GROWTH = 12;
  g_auto(Grouping) grouping = {.bench = bench, .threads = g_get_num_processors()};
  log_line(&bench->invocation->log, LOG_INFO, "titles are made with seed %d, grouped on %u threads", SEED, grouping.threads);
  if (!open_grouping(&grouping, error))
    return false;
  g_autoptr(GArray) smaller = NULL;
  for (size_t i = 0; i < G_N_ELEMENTS(SIZES); i++) {
    if (is_stopped(error))
      return false;
    g_autoptr(GArray) seconds = group_size(&grouping, SIZES[i].count, SIZES[i].most_seconds);
    if (i == G_N_ELEMENTS(SIZES) - 1)
      bench_add_ratio(bench, &(BenchRow){.name = "grouping, times longer for the last ten times as many",
                                         .values = smaller,
                                         .baseline = seconds,
                                         .sense = SENSE_AT_MOST,
                                         .must = MOST_GROWTH});
    g_clear_pointer(&smaller, g_array_unref);
    smaller = g_steal_pointer(&seconds);
  }
  measure_candidates(&grouping);
  measure_copies(&grouping);
  measure_adding(&grouping, SIZES[G_N_ELEMENTS(SIZES) - 1].count);
  return true;
}
