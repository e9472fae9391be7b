#include "llm/extractive.h"

#include "llm/statements.h"
#include "llm/topics.h"

Summary *
extractive_read(const Story *story, const GPtrArray *evidence, const Background *background)
{
  const Item *lead = story_lead(story);
  Summary *summary = summary_new();
  g_ptr_array_unref(summary->topics);
  summary->topics = topics_find(story, evidence, background, lead->language);
  statements_find(summary, story, evidence, background, lead->language);
  return summary;
}
