/* The newest stories. */
#include "store/stories.h"
#include "app/workspace.h"
#include "base/text.h"
#include "base/time.h"

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

static int
run_stories(Invocation *invocation)
{
  int limit = SHOWN_STORIES;
  const GOptionEntry own[] = {{"limit", 'n', 0, G_OPTION_ARG_INT, &limit, "How many (50)", "N"}, {0}};
  int status = EXIT_OK;
  g_autoptr(Workspace) workspace = NULL;
  g_autoptr(Store) store = NULL;
  if (!workspace_begin(invocation, own, &workspace, &store, &status))
    return status;
  if (limit < 1)
    return fail_usage(invocation, "--limit takes a number from 1");
  GError *error = NULL;
  json_t *document = stories_document(store, limit, &error);
  return document != NULL ? print_document(invocation, document, print_stories) : fail_with(invocation, error);
}

const Command stories_command = {
    .name = "stories",
    .usage = "",
    .summary = "list the newest stories with score and number of posts (* has an article)",
    .examples = "  courant stories -n 10\n",
    .run = run_stories,
};
