#include "model/topic.h"

#include "base/text.h"

#include <string.h>

enum { MAX_SLUG_BYTES = 40 };

/* Signs that a slug would lose are spelt out: "C++" is not "C". */
static char *
spell_signs(const char *label)
{
  static const char *const NAMES[][2] = {{"C++", "cpp"}, {"c++", "cpp"}, {"#", "sharp"}, {"+", "plus"}};
  GString *spelt = g_string_new(label[0] == '.' ? "dot" : "");
  g_string_append(spelt, label[0] == '.' ? label + 1 : label);
  for (size_t i = 0; i < G_N_ELEMENTS(NAMES); i++)
    g_string_replace(spelt, NAMES[i][0], NAMES[i][1], 0);
  return g_string_free(spelt, FALSE);
}

Topic *
topic_new(const char *label)
{
  g_autofree char *spelt = spell_signs(label);
  g_autofree char *slug = text_slug(spelt, MAX_SLUG_BYTES);
  if (slug[0] == '\0')
    return NULL;
  Topic *topic = g_new0(Topic, 1);
  topic->slug = g_steal_pointer(&slug);
  topic->label = g_strdup(label);
  return topic;
}

Topic *
topic_copy(const Topic *topic)
{
  Topic *copy = g_new0(Topic, 1);
  copy->slug = g_strdup(topic->slug);
  copy->label = g_strdup(topic->label);
  return copy;
}

void
topic_free(Topic *topic)
{
  if (topic == NULL)
    return;
  g_free(topic->slug);
  g_free(topic->label);
  g_free(topic);
}

GPtrArray *
topics_new(void)
{
  return g_ptr_array_new_with_free_func((GDestroyNotify) topic_free);
}

void
topics_add(GPtrArray *topics, Topic *topic)
{
  g_autoptr(Topic) owned = topic;
  if (owned == NULL)
    return;
  for (guint i = 0; i < topics->len; i++)
    if (strcmp(((const Topic *) topics->pdata[i])->slug, owned->slug) == 0)
      return;
  g_ptr_array_add(topics, g_steal_pointer(&owned));
}
