/*
 * What an earlier pipeline wrote down of its scores and groups, judged before anybody learns from it. All but loading and
 * keeping is pure.
 */
#pragma once

#include "base/json.h"
#include "store/store.h"

/**
 * FeedbackKind: what a file of feedback is.
 * @FEEDBACK_SCORES: scoring_feedback.json: what a language model thought of a post
 * @FEEDBACK_GROUPS: dedup_feedback.json: which posts were taken for one piece of news
 */
typedef enum { FEEDBACK_SCORES, FEEDBACK_GROUPS, FEEDBACK_NONE } FeedbackKind;

/** FEEDBACK_MAX_ENTRIES: of a kind are kept at most, and %FEEDBACK_MAX_BYTES of them: they are one row, which a line of a
 * backup must hold. */
enum { FEEDBACK_MAX_ENTRIES = 50000, FEEDBACK_MAX_BYTES = 24 * 1024 * 1024 };

/** feedback_kind: Returns: what @document is by the shape of its entries; an empty list is %FEEDBACK_SCORES */
FeedbackKind feedback_kind(const json_t *document);

/** feedback_kind_name: Returns: (transfer none): the name under which what was taken stands in `knowledge`:
 * "imported-scores" or "imported-groups" */
const char *feedback_kind_name(FeedbackKind kind);

/**
 * FeedbackReport: what became of the entries of a file.
 * @taken: are new; @known: were taken before
 * @refused: (element-type json_t): why, as `{"reason", "what", "count", "examples"}`, in the order of the reasons
 */
typedef struct {
  int64_t taken;
  int64_t known;
  json_t *refused;
} FeedbackReport;

/** feedback_report_clear: frees what it holds. */
void feedback_report_clear(FeedbackReport *report);

/**
 * feedback_take:
 * @document: the file, of @kind, not %FEEDBACK_NONE
 * @kept: a list: what was taken before; what is taken now is appended
 *
 * Judges each entry. A score kept is `{"when", "source", "text", "length", "metadata", "ai_score"}`, a group `{"texts"}` with
 * the text that was kept first.
 */
FeedbackReport feedback_take(FeedbackKind kind, const json_t *document, json_t *kept);

/** feedback_load: Returns: (transfer full) (nullable): what was taken before, a list */
json_t *feedback_load(Store *store, FeedbackKind kind, GError **error);

/** feedback_save: keeps @kept as a new version. */
bool feedback_save(Store *store, FeedbackKind kind, const json_t *kept, GError **error);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(FeedbackReport, feedback_report_clear)
