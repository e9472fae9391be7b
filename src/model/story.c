#include "model/story.h"

#include "base/digest.h"

#include <string.h>

enum { ID_LENGTH = 16 };

char *
story_make_id(int64_t time_ms, const char *item_id, unsigned attempt)
{
  g_autoptr(GString) name = g_string_new(NULL);
  g_string_append_printf(name, "%" G_GINT64_FORMAT " %s", time_ms, item_id);
  if (attempt > 1)
    g_string_append_printf(name, " %u", attempt);
  g_autofree char *digest = digest_sha256(name->str, name->len);
  return g_strndup(digest, ID_LENGTH);
}

Story *
story_new(const char *id)
{
  Story *story = g_new0(Story, 1);
  story->id = g_strdup(id);
  story->items = g_ptr_array_new_with_free_func((GDestroyNotify) item_free);
  return story;
}

void
story_free(Story *story)
{
  if (story == NULL)
    return;
  g_free(story->id);
  g_free(story->lead_item);
  g_ptr_array_unref(story->items);
  g_free(story);
}

const Item *
story_lead(const Story *story)
{
  for (guint i = 0; i < story->items->len; i++) {
    const Item *item = story->items->pdata[i];
    if (g_strcmp0(item->id, story->lead_item) == 0)
      return item;
  }
  return story->items->len > 0 ? story->items->pdata[0] : NULL;
}

void
evidence_free(Evidence *evidence)
{
  if (evidence == NULL)
    return;
  g_free(evidence->sha256);
  g_free(evidence->url);
  g_free(evidence->title);
  g_free(evidence->site_name);
  g_free(evidence->text);
  g_free(evidence);
}
