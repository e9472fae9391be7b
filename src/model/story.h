/*
 * A story: the items that tell one piece of news.
 */
#pragma once

#include "model/item.h"

#include <glib.h>
#include <stdint.h>

/**
 * Story:
 * @id: 16 hex digits, fixed when founded
 * @founded_ms: the now of the run that founded it; @updated_ms of the run that last changed its members
 * @lead_item: id of the member that speaks for it
 * @items: (element-type Item): its members, by published_ms and id
 */
typedef struct {
  char *id;
  int64_t founded_ms;
  int64_t updated_ms;
  char *lead_item;
  GPtrArray *items;
} Story;

/**
 * story_make_id:
 * @time_ms, @item_id: of the post that founds it
 * @attempt: from 1; the next one while the id is taken
 *
 * Returns: (transfer full): the first 16 hex digits of the SHA-256 of "<time in ms> <item id>", from the second attempt on with
 *   " <attempt>" behind
 */
char *story_make_id(int64_t time_ms, const char *item_id, unsigned attempt);

/** story_new: Returns: (transfer full): a story with no members that owns the items put in */
Story *story_new(const char *id);

/** story_free: NULL-safe. */
void story_free(Story *story);

/** story_lead: Returns: (transfer none): the member named by @lead_item, else the first */
const Item *story_lead(const Story *story);

/**
 * Evidence: the main text of a fetched page.
 * @sha256: of @text
 * @url: where it was fetched, @title its own title
 * @fetched_ms: when the reply arrived
 */
typedef struct {
  char *sha256;
  char *url;
  char *title;
  char *site_name;
  char *text;
  int64_t fetched_ms;
} Evidence;

/** evidence_free: NULL-safe. */
void evidence_free(Evidence *evidence);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Story, story_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Evidence, evidence_free)
