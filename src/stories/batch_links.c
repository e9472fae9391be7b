/* Which of the links in their texts speak for two posts being one story. */
#include "stories/batch.h"

#include <stdlib.h>

/* A page that more groups link is an institution's, a campaign's, or the news of the day that everything refers to. */
enum { MAX_GROUPS = 8 };

/* @giver: the hash of who linked it: the feed, else the source's author */
typedef struct {
  uint32_t link;
  uint32_t group;
  uint32_t giver;
} LinkUse;

static int
compare_hashes(uint32_t a, uint32_t b)
{
  return (a > b) - (a < b);
}

static int
compare_uses(const void *a, const void *b)
{
  const LinkUse *first = a;
  const LinkUse *second = b;
  int order = compare_hashes(first->link, second->link);
  return order != 0 ? order : compare_hashes(first->group, second->group);
}

static int
compare_givers(const void *a, const void *b)
{
  const LinkUse *first = a;
  const LinkUse *second = b;
  int order = compare_hashes(first->giver, second->giver);
  return order != 0 ? order : compare_hashes(first->group, second->group);
}

static uint32_t
giver_of(const Member *member)
{
  bool is_feed = g_str_has_prefix(member->item->source, "feed:");
  return member->fingerprint->source * 31 + (is_feed ? 0 : g_str_hash(member->item->author));
}

static GArray *
collect_uses(const Batch *batch)
{
  GArray *uses = g_array_new(FALSE, FALSE, sizeof(LinkUse));
  for (uint32_t i = 0; i < batch->count; i++) {
    const Member *member = &batch->members[i];
    for (unsigned j = 0; j < member->fingerprint->link_count; j++) {
      const LinkUse use = {member->fingerprint->links[j], member->group, giver_of(member)};
      g_array_append_val(uses, use);
    }
  }
  g_array_sort(uses, compare_uses);
  return uses;
}

/* @uses: all @count of one link, by group; they are put in another order */
static bool
speaks_for_one_story(LinkUse *uses, size_t count)
{
  unsigned groups = 1;
  for (size_t i = 1; i < count; i++)
    groups += uses[i].group != uses[i - 1].group;
  if (groups < 2 || groups > MAX_GROUPS)
    return false;
  qsort(uses, count, sizeof *uses, compare_givers);
  for (size_t i = 1; i < count; i++)
    if (uses[i].giver == uses[i - 1].giver && uses[i].group != uses[i - 1].group)
      return false;
  return true;
}

GArray *
batch_keep_links(Batch *batch)
{
  GArray *kept = g_array_new(FALSE, FALSE, sizeof(uint32_t));
  g_autoptr(GArray) uses = collect_uses(batch);
  for (guint first = 0, end = 0; first < uses->len; first = end) {
    LinkUse *use = &g_array_index(uses, LinkUse, first);
    const uint32_t link = use->link;
    for (end = first + 1; end < uses->len && use[end - first].link == link;)
      end++;
    if (speaks_for_one_story(use, end - first))
      g_array_append_val(kept, link);
  }
  for (uint32_t i = 0; i < batch->count; i++)
    fingerprint_keep_links(batch->members[i].fingerprint, kept);
  return kept;
}
