/* The newest stories, or what people said of stories. */
#include "store/stories.h"
#include "app/workspace.h"
#include "base/text.h"
#include "base/time.h"
#include "pipeline/corrections.h"
#include "store/corrections.h"

#include <math.h>
#include <stdio.h>

enum { SHOWN_STORIES = 50 };

static json_t *
stories_document(Store *store, int64_t limit, GError **error)
{
  g_autoptr(GPtrArray) lines = stories_list(store, limit, error);
  if (lines == NULL)
    return NULL;
  json_t *list = json_array();
  for (guint i = 0; i < lines->len; i++) {
    const StoryLine *line = g_ptr_array_index(lines, i);
    g_autofree char *updated = time_format(line->updated_ms);
    json_array_append_new(list, json_pack("{ss ss sI ss so ss*}", "id", line->id, "title", line->title, "items",
                                          (json_int_t) line->members, "updated", updated, "score",
                                          isnan(line->score) ? json_null() : json_real(line->score), "article", line->slug));
  }
  return json_pack("{ss so}", "schema", "courant.stories/1", "stories", list);
}

static void
print_story(const json_t *story)
{
  const json_t *score = json_object_get(story, "score");
  g_autofree char *title = text_printable(json_read_text(story, "title"));
  g_autofree char *shown = json_is_real(score) ? g_strdup_printf("%.2f", json_real_value(score)) : g_strdup("   -");
  printf("%s  %s  %3" G_GINT64_FORMAT " post(s)  %s%s\n", json_read_text(story, "id"), shown, json_read_int(story, "items", 0),
         title, json_read_text(story, "article") != NULL ? "  *" : "");
}

static void
print_stories(const json_t *document)
{
  size_t index = 0;
  json_t *story = NULL;
  json_array_foreach(json_object_get(document, "stories"), index, story) print_story(story);
}

static json_t *
corrections_document(Store *store, GError **error)
{
  g_autoptr(GPtrArray) rows = corrections_list(store, error);
  if (rows == NULL)
    return NULL;
  g_autoptr(Corrections) corrections = corrections_of_rows(rows);
  json_t *list = json_array();
  for (guint i = 0; i < rows->len; i++) {
    const CorrectionRow *row = g_ptr_array_index(rows, i);
    g_autofree char *made = time_format(row->made_ms);
    json_array_append_new(list, json_pack("{ss ss? ss ss? ss ss sb}", "item_a", row->item_a, "title_a", row->title_a, "item_b",
                                          row->item_b, "title_b", row->title_b, "kind", row->is_must ? "must" : "must_not",
                                          "made", made, "holds", corrections_holds(corrections, i)));
  }
  return json_pack("{ss so}", "schema", "courant.stories/1", "corrections", list);
}

static void
print_post(const json_t *correction, const char *id_key, const char *title_key)
{
  const char *known = json_read_text(correction, title_key);
  g_autofree char *id = text_printable(json_read_text(correction, id_key));
  g_autofree char *title = text_printable(known != NULL ? known : "(not known any more)");
  printf("  %s: %s\n", id, title);
}

static void
print_corrections(const json_t *document)
{
  const json_t *list = json_object_get(document, "corrections");
  size_t index = 0;
  json_t *correction = NULL;
  json_array_foreach(list, index, correction)
  {
    bool is_must = g_str_equal(json_read_text(correction, "kind"), "must");
    printf("%s  %s%s\n", json_read_text(correction, "made"), is_must ? "one story" : "two stories",
           json_is_true(json_object_get(correction, "holds")) ? "" : ", overruled by a newer one");
    print_post(correction, "item_a", "title_a");
    print_post(correction, "item_b", "title_b");
  }
  if (json_array_size(list) == 0)
    printf("Nothing was corrected: \"courant story\" merges and splits stories.\n");
}

static int
run_stories(Invocation *invocation)
{
  int limit = SHOWN_STORIES;
  gboolean are_corrections = false;
  const GOptionEntry own[] = {
      {"limit", 'n', 0, G_OPTION_ARG_INT, &limit, "How many (50)", "N"},
      {"corrections", 0, 0, G_OPTION_ARG_NONE, &are_corrections, "What was merged and split by hand instead, the newest first",
       NULL},
      {0},
  };
  int status = EXIT_OK;
  g_autoptr(Workspace) workspace = NULL;
  g_autoptr(Store) store = NULL;
  if (!workspace_begin(invocation, own, &workspace, &store, &status))
    return status;
  if (limit < 1)
    return fail_usage(invocation, "--limit takes a number from 1");
  GError *error = NULL;
  json_t *document = are_corrections ? corrections_document(store, &error) : stories_document(store, limit, &error);
  return document != NULL ? print_document(invocation, document, are_corrections ? print_corrections : print_stories)
                          : fail_with(invocation, error);
}

const Command stories_command = {
    .name = "stories",
    .usage = "",
    .summary = "list the newest stories with score and number of posts (* has an article)",
    .examples = "  courant stories -n 10\n"
                "  courant stories --corrections\n",
    .run = run_stories,
};
