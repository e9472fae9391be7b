/*
 * Posts to be clustered, for the tests of stories/cluster.h.
 */
#pragma once

#include "stories/cluster.h"

#include "shipped-likeness.h"

#include <string.h>

#include "base/digest.h"

static const int64_t NOW_MS = 1800000000000;
static const int64_t HOUR_MS = 60LL * 60 * 1000;

/*
 * @hours: age when it is clustered
 * @link: (nullable): an address in its text; @author: (nullable)
 * @story: (nullable): the story it is a member of, NULL for a new item
 */
typedef struct {
  const char *id;
  const char *source;
  const char *url;
  const char *title;
  const char *text;
  const char *link;
  const char *author;
  int64_t hours;
  const char *story;
  int64_t founded_ms;
} Given;

typedef struct {
  GPtrArray *items;
  GPtrArray *new_items;
  GPtrArray *known;
  GPtrArray *said;
  GHashTable *taken_ids;
  const LikenessModel *model;
  unsigned threads;
} World;

static inline void
free_item(gpointer item)
{
  item_free(item);
}

static inline void
free_said(gpointer correction)
{
  correction_free(correction);
}

static inline void
clear_world(World *world)
{
  g_ptr_array_unref(world->items);
  g_ptr_array_unref(world->new_items);
  g_ptr_array_unref(world->known);
  g_ptr_array_unref(world->said);
  g_hash_table_unref(world->taken_ids);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(World, clear_world)

static inline World
make_world(void)
{
  return (World){
      .items = g_ptr_array_new_with_free_func(free_item),
      .new_items = g_ptr_array_new(),
      .known = g_ptr_array_new_with_free_func(g_free),
      .said = g_ptr_array_new_with_free_func(free_said),
      .taken_ids = g_hash_table_new(g_str_hash, g_str_equal),
      .model = shipped_model(),
  };
}

static inline void
give(World *world, Given given)
{
  Item *item = item_new();
  g_free(item->id);
  item->id = g_strdup(given.id);
  g_free(item->source);
  item->source = g_strdup(given.source != NULL ? given.source : "hackernews");
  item->canonical_url = g_strdup(given.url);
  g_free(item->title);
  item->title = g_strdup(given.title);
  g_free(item->text);
  item->text = g_strdup(given.text != NULL ? given.text : "");
  if (given.link != NULL)
    item_add_link(item, given.link);
  g_free(item->author);
  item->author = g_strdup(given.author != NULL ? given.author : given.id);
  item->published_ms = NOW_MS - given.hours * HOUR_MS;
  g_ptr_array_add(world->items, item);
  if (given.story == NULL) {
    g_ptr_array_add(world->new_items, item);
    return;
  }
  KnownItem *known = g_new0(KnownItem, 1);
  *known = (KnownItem){item, given.story, given.founded_ms};
  g_ptr_array_add(world->known, known);
  g_hash_table_add(world->taken_ids, (char *) given.story);
}

/* People say that two items are of one story, or of two. */
static inline void
say(World *world, const char *a, const char *b, bool is_must)
{
  Correction *correction = g_new(Correction, 1);
  *correction = (Correction){g_strdup(a), g_strdup(b), is_must, world->said->len};
  g_ptr_array_add(world->said, correction);
}

static inline ClusterOutcome
cluster(const World *world)
{
  g_autoptr(Corrections) corrections = corrections_new(world->said);
  const ClusterSpec spec = {.new_items = world->new_items,
                            .known = world->known,
                            .taken_ids = world->taken_ids,
                            .lexicon = shipped_lexicon(),
                            .model = world->model,
                            .corrections = world->said->len > 0 ? corrections : NULL,
                            .threads = world->threads,
                            .now_ms = NOW_MS};
  return cluster_items(&spec);
}

static inline const Membership *
find(const GPtrArray *memberships, const char *item_id)
{
  for (guint i = 0; i < memberships->len; i++) {
    const Membership *membership = memberships->pdata[i];
    if (strcmp(membership->item_id, item_id) == 0)
      return membership;
  }
  g_error("no membership of %s", item_id);
}

static inline bool
are_together(const GPtrArray *memberships, const char *a, const char *b)
{
  return strcmp(find(memberships, a)->story_id, find(memberships, b)->story_id) == 0;
}

/* Has nothing in common with any title. */
static const char LONG_TEXT[] =
    "Amber bracket candle dolphin engine falcon glacier hammer island jacket kettle ladder magnet needle orchard pepper quarry "
    "ribbon saddle tunnel umbrella violin walnut yogurt zipper anchor basket copper desert ember feather goblet harvest insect "
    "jungle kitten lantern meadow nutmeg oyster pigeon quiver rocket shovel thimble urchin velvet willow yarrow zephyr";

static inline char *
expected_id(int64_t time_ms, const char *rest)
{
  g_autofree char *name = g_strdup_printf("%" G_GINT64_FORMAT " %s", time_ms, rest);
  char *id = digest_sha256(name, strlen(name));
  id[16] = '\0';
  return id;
}
