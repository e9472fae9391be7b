#include "store/reference_feedback.h"

#include "base/error.h"
#include "base/text.h"
#include "base/time.h"
#include "store/knowledge.h"

#include <math.h>
#include <string.h>

/* Why an entry is refused: a name, and what is told of it. */
#define REASONS(reason)                                                                                                        \
  reason(MALFORMED, "malformed", "not an entry of such a file") reason(NO_NUMBER, "not_a_number", "its score is no number")    \
      reason(OUT_OF_RANGE, "out_of_range", "its score is not between 0 and 1")                                                 \
          reason(NO_TEXT, "no_text", "too little of its text was kept")                                                        \
              reason(BAD_GAP, "inconsistent", "its score_gap is not the distance of its two scores")                           \
                  reason(FAILURE, "failure_value", "0.5 among nothing but 0.5, which was written when the model had failed")   \
                      reason(IDENTICAL, "identical", "its posts are one text, word for word, which teaches nothing")           \
                          reason(CORRECTION, "correction", "a correction in a form that is not known")                         \
                              reason(REPEATED, "repeated", "the same entry once more")                                         \
                                  reason(TOO_MANY, "too_many", "more than is kept of a kind")

#define ENUMERATOR(name, word, what) REASON_##name,
typedef enum { REASONS(ENUMERATOR) REASON_COUNT } Reason;
#undef ENUMERATOR

static const char *const REASON_WORDS[][2] = {
#define WORDS(name, word, what) {word, what},
    REASONS(WORDS)
#undef WORDS
};

enum {
  MAX_TEXT_CHARS = 1000,
  MAX_EXAMPLE_CHARS = 80,
  MAX_EXAMPLES = 3,
  MAX_METADATA = 32,
  MAX_METADATA_CHARS = 200,
  MAX_GROUP = 100,
};

/*
 * Entries less than a quarter of an hour apart are of one run. In 60 runs of the reference that its model answered, at most two
 * of three scores were 0.5, and never more than three in a row; where it failed, nearly all are.
 */
enum { RUN_GAP_MS = 15 * 60 * 1000, FAILED_PERCENT = 90, FAILED_IN_A_ROW = 5 };
static const double FAILURE_VALUE = 0.5;

typedef struct {
  int64_t count;
  json_t *examples;
} Refusal;

/*
 * @kept: what was taken before and now, @bytes as text; @before: those taken before, as text; @now: those taken now
 */
typedef struct {
  json_t *kept;
  GHashTable *before;
  GHashTable *now;
  size_t bytes;
  int64_t taken;
  int64_t known;
  Refusal refusals[REASON_COUNT];
} Judgement;

/* A score that may be taken. @when_ms: of the entry; @record: (transfer full): as it would be kept */
typedef struct {
  int64_t when_ms;
  double score;
  bool is_failure;
  json_t *record;
} Candidate;

static void
clear_candidate(void *data)
{
  json_decref(((Candidate *) data)->record);
}

static void
refuse(Judgement *judgement, Reason reason, const char *example)
{
  Refusal *refusal = &judgement->refusals[reason];
  refusal->count++;
  if (refusal->examples == NULL)
    refusal->examples = json_array();
  if (json_array_size(refusal->examples) >= MAX_EXAMPLES)
    return;
  g_autofree char *line = text_clean_line(example, strlen(example));
  g_autofree char *cut = text_truncate(line, MAX_EXAMPLE_CHARS);
  json_array_append_new(refusal->examples, json_string(cut));
}

static void
refuse_value(Judgement *judgement, Reason reason, const json_t *value)
{
  g_autofree char *text = json_write(value);
  refuse(judgement, reason, text);
}

/* Takes @record (transfer full), which is told of as @example. */
static void
take(Judgement *judgement, json_t *record, const char *example)
{
  g_autoptr(json_t) owned = record;
  g_autofree char *text = json_write(owned);
  if (g_hash_table_contains(judgement->before, text))
    judgement->known++;
  else if (g_hash_table_contains(judgement->now, text))
    refuse(judgement, REASON_REPEATED, example);
  else if (json_array_size(judgement->kept) >= FEEDBACK_MAX_ENTRIES || judgement->bytes + strlen(text) > FEEDBACK_MAX_BYTES)
    refuse(judgement, REASON_TOO_MANY, example);
  else {
    judgement->taken++;
    judgement->bytes += strlen(text);
    json_array_append(judgement->kept, record);
    g_hash_table_add(judgement->now, g_steal_pointer(&text));
  }
}

/* Returns: (transfer full): the text at @key as one clean line, perhaps "" */
static char *
clean_text(const json_t *value)
{
  const char *text = json_string_value(value);
  g_autofree char *line = text != NULL ? text_clean_line(text, strlen(text)) : g_strdup("");
  return text_truncate(line, MAX_TEXT_CHARS);
}

/* Plain values only: what else a service told is no measure. Returns: (transfer full) */
static json_t *
plain_metadata(const json_t *metadata)
{
  json_t *plain = json_object();
  const char *key;
  json_t *value;
  json_object_foreach((json_t *) metadata, key, value)
  {
    if (json_object_size(plain) >= MAX_METADATA)
      break;
    if (strlen(key) > MAX_METADATA_CHARS || json_is_object(value) || json_is_array(value) || json_is_null(value))
      continue;
    g_autofree char *text = json_is_string(value) ? clean_text(value) : NULL;
    g_autofree char *cut = text != NULL ? text_truncate(text, MAX_METADATA_CHARS) : NULL;
    json_object_set_new(plain, key, cut != NULL ? json_string(cut) : json_incref(value));
  }
  return plain;
}

static bool
fits(const json_t *entry, double score)
{
  const json_t *heuristic = json_object_get(entry, "heuristic_score");
  const json_t *gap = json_object_get(entry, "score_gap");
  static const double ROUNDING = 0.011;
  return !json_is_number(heuristic) || !json_is_number(gap) ||
         fabs(fabs(score - json_number_value(heuristic)) - json_number_value(gap)) < ROUNDING;
}

/* Returns: whether @entry may be taken, unless its score stands among failures; else it is refused */
static bool
read_score(Judgement *judgement, const json_t *entry, Candidate *ret_candidate)
{
  const char *when = json_read_text(entry, "timestamp");
  const char *source = json_read_text(entry, "source");
  const json_t *score = json_object_get(entry, "ai_score");
  int64_t when_ms = 0;
  if (source == NULL || score == NULL || when == NULL || !time_parse(when, &when_ms)) {
    refuse_value(judgement, REASON_MALFORMED, entry);
    return false;
  }
  g_autofree char *text = clean_text(json_object_get(entry, "content_preview"));
  g_autofree char *clean_source = clean_text(json_object_get(entry, "source"));
  g_autofree char *time = time_format(when_ms);
  double value = json_number_value(score);
  if (*text == '\0')
    refuse(judgement, REASON_NO_TEXT, when);
  else if (!json_is_number(score))
    refuse(judgement, REASON_NO_NUMBER, text);
  else if (!(value >= 0 && value <= 1))
    refuse(judgement, REASON_OUT_OF_RANGE, text);
  else if (!fits(entry, value))
    refuse(judgement, REASON_BAD_GAP, text);
  else {
    int64_t length = json_read_int(entry, "content_length", -1);
    int64_t least = g_utf8_strlen(text, -1);
    *ret_candidate = (Candidate){
        .when_ms = when_ms,
        .score = value,
        .record = json_pack("{ss ss ss sI so sf}", "when", time, "source", clean_source, "text", text, "length",
                            (json_int_t) MAX(length, least), "metadata", plain_metadata(json_object_get(entry, "metadata")),
                            "ai_score", value),
    };
    return true;
  }
  return false;
}

static int
compare_times(const void *a, const void *b)
{
  const Candidate *one = *(const Candidate *const *) a;
  const Candidate *other = *(const Candidate *const *) b;
  if (one->when_ms != other->when_ms)
    return one->when_ms < other->when_ms ? -1 : 1;
  return one < other ? -1 : one > other;
}

/* Marks the failures among @count scores of one run, in their order. */
static void
mark_failures_of_run(Candidate *const *run, guint count)
{
  guint halves = 0;
  for (guint i = 0; i < count; i++)
    halves += run[i]->score == FAILURE_VALUE;
  bool has_failed = halves * 100 >= count * FAILED_PERCENT;
  for (guint i = 0, in_a_row = 0; i < count; i++) {
    in_a_row = run[i]->score == FAILURE_VALUE ? in_a_row + 1 : 0;
    run[i]->is_failure = in_a_row > 0 && (has_failed || in_a_row >= FAILED_IN_A_ROW);
    for (guint j = 1; in_a_row == FAILED_IN_A_ROW && j < FAILED_IN_A_ROW; j++)
      run[i - j]->is_failure = true;
  }
}

static void
mark_failures(GArray *candidates)
{
  if (candidates->len == 0)
    return;
  g_autoptr(GPtrArray) by_time = g_ptr_array_new();
  for (guint i = 0; i < candidates->len; i++)
    g_ptr_array_add(by_time, &g_array_index(candidates, Candidate, i));
  qsort(by_time->pdata, by_time->len, sizeof(void *), compare_times);
  Candidate *const *all = (Candidate *const *) by_time->pdata;
  for (guint from = 0, at = 1; at <= by_time->len; at++)
    if (at == by_time->len || all[at]->when_ms - all[at - 1]->when_ms > RUN_GAP_MS) {
      mark_failures_of_run(all + from, at - from);
      from = at;
    }
}

static void
take_scores(Judgement *judgement, const json_t *document)
{
  g_autoptr(GArray) candidates = g_array_new(false, true, sizeof(Candidate));
  g_array_set_clear_func(candidates, clear_candidate);
  size_t index;
  json_t *entry;
  json_array_foreach(document, index, entry)
  {
    Candidate candidate = {0};
    if (read_score(judgement, entry, &candidate))
      g_array_append_val(candidates, candidate);
  }
  mark_failures(candidates);
  for (guint i = 0; i < candidates->len; i++) {
    const Candidate *candidate = &g_array_index(candidates, Candidate, i);
    const char *text = json_read_text(candidate->record, "text");
    if (candidate->is_failure)
      refuse(judgement, REASON_FAILURE, text);
    else
      take(judgement, json_incref(candidate->record), text);
  }
}

/* Adds the texts of @list to @texts, each once, as those in @seen (folded) are. Returns: how many could be read */
static guint
add_texts(json_t *texts, GHashTable *seen, const json_t *list)
{
  guint readable = 0;
  size_t i;
  json_t *value;
  json_array_foreach(list, i, value)
  {
    g_autofree char *text = clean_text(value);
    if (*text == '\0' || json_array_size(texts) >= MAX_GROUP)
      continue;
    readable++;
    if (g_hash_table_add(seen, text_casefold(text, -1)))
      json_array_append_new(texts, json_string(text));
  }
  return readable;
}

static int
compare_texts(const void *a, const void *b)
{
  return strcmp(*(const char *const *) a, *(const char *const *) b);
}

/* What was kept first, the others sorted: the same for a group that is told again in another order. Returns: (transfer full) */
static json_t *
in_order(const json_t *texts)
{
  g_autoptr(GPtrArray) sorted = g_ptr_array_new();
  for (size_t i = 1; i < json_array_size(texts); i++)
    g_ptr_array_add(sorted, (void *) json_string_value(json_array_get(texts, i)));
  qsort(sorted->pdata, sorted->len, sizeof(void *), compare_texts);
  json_t *list = json_array();
  json_array_append(list, json_array_get(texts, 0));
  for (guint i = 0; i < sorted->len; i++)
    json_array_append_new(list, json_string(g_ptr_array_index(sorted, i)));
  return list;
}

static void
take_group(Judgement *judgement, const json_t *group)
{
  const json_t *removed = json_object_get(group, "removed_items");
  if (!json_is_string(json_object_get(group, "kept_item")) || !json_is_array(removed)) {
    refuse_value(judgement, REASON_MALFORMED, group);
    return;
  }
  g_autoptr(json_t) kept = json_pack("[O]", json_object_get(group, "kept_item"));
  g_autoptr(json_t) texts = json_array();
  g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
  guint kept_count = add_texts(texts, seen, kept);
  guint removed_count = add_texts(texts, seen, removed);
  const char *example = json_string_value(json_array_get(texts, 0));
  if (kept_count == 0 || removed_count == 0)
    refuse_value(judgement, REASON_NO_TEXT, group);
  else if (json_array_size(texts) < 2)
    refuse(judgement, REASON_IDENTICAL, example);
  else
    take(judgement, json_pack("{so}", "texts", in_order(texts)), example);
}

static void
take_groups(Judgement *judgement, const json_t *document)
{
  size_t i;
  json_t *entry;
  json_array_foreach(document, i, entry)
  {
    const json_t *groups = json_object_get(entry, "examples");
    const json_t *corrections = json_object_get(entry, "user_corrections");
    if (!json_is_array(groups)) {
      refuse_value(judgement, REASON_MALFORMED, entry);
      continue;
    }
    if (corrections != NULL && !json_is_null(corrections))
      refuse_value(judgement, REASON_CORRECTION, corrections);
    size_t j;
    json_t *group;
    json_array_foreach(groups, j, group) take_group(judgement, group);
  }
}

FeedbackKind
feedback_kind(const json_t *document)
{
  if (!json_is_array(document))
    return FEEDBACK_NONE;
  size_t i;
  json_t *entry;
  json_array_foreach(document, i, entry)
  {
    if (json_object_get(entry, "ai_score") != NULL)
      return FEEDBACK_SCORES;
    if (json_object_get(entry, "examples") != NULL && json_object_get(entry, "items_processed") != NULL)
      return FEEDBACK_GROUPS;
  }
  return json_array_size(document) == 0 ? FEEDBACK_SCORES : FEEDBACK_NONE;
}

const char *
feedback_kind_name(FeedbackKind kind)
{
  return kind == FEEDBACK_SCORES ? "imported-scores" : "imported-groups";
}

void
feedback_report_clear(FeedbackReport *report)
{
  g_clear_pointer(&report->refused, json_decref);
}

FeedbackReport
feedback_take(FeedbackKind kind, const json_t *document, json_t *kept)
{
  g_autoptr(GHashTable) before = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr(GHashTable) now = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
  size_t i;
  json_t *record;
  Judgement judgement = {.kept = kept, .before = before, .now = now};
  json_array_foreach(kept, i, record)
  {
    char *text = json_write(record);
    judgement.bytes += strlen(text);
    g_hash_table_add(before, text);
  }
  if (kind == FEEDBACK_SCORES)
    take_scores(&judgement, document);
  else
    take_groups(&judgement, document);
  FeedbackReport report = {.taken = judgement.taken, .known = judgement.known, .refused = json_array()};
  for (int reason = 0; reason < REASON_COUNT; reason++)
    if (judgement.refusals[reason].count > 0)
      json_array_append_new(report.refused,
                            json_pack("{ss ss sI so}", "reason", REASON_WORDS[reason][0], "what", REASON_WORDS[reason][1],
                                      "count", (json_int_t) judgement.refusals[reason].count, "examples",
                                      judgement.refusals[reason].examples));
  return report;
}

json_t *
feedback_load(Store *store, FeedbackKind kind, GError **error)
{
  GError *failure = NULL;
  g_autofree char *value = knowledge_get(store, feedback_kind_name(kind), &failure);
  if (failure != NULL) {
    g_propagate_error(error, failure);
    return NULL;
  }
  if (value == NULL)
    return json_array();
  g_autoptr(json_t) kept = json_parse(value, strlen(value), NULL, error);
  if (kept == NULL || json_is_array(kept))
    return g_steal_pointer(&kept);
  error_set(error, ERROR_DATABASE, "the store's %s are no list", feedback_kind_name(kind));
  return NULL;
}

bool
feedback_save(Store *store, FeedbackKind kind, const json_t *kept, GError **error)
{
  g_autofree char *value = json_write(kept);
  return knowledge_set(store, 0, feedback_kind_name(kind), value, error);
}
