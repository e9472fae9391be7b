/*
 * Covers: the picture of an article that other sites show beside a link to it. Thread: pure; every thread draws on its own.
 */
#pragma once

#include <glib.h>

enum { COVER_WIDTH = 1200, COVER_HEIGHT = 630 };

/**
 * Cover: what stands on it; all borrowed.
 * @site_title: of the site
 * @headline: of the article
 * @topic: (nullable): the label of its first topic
 * @story_id: what the pattern is made of
 */
typedef struct {
  const char *site_title;
  const char *headline;
  const char *topic;
  const char *story_id;
} Cover;

/** cover_name: a file name that changes when the picture does. Returns: (transfer full): "<story id>-<8 hex digits>.png" */
char *cover_name(const Cover *cover);

/** cover_draw: Returns: (transfer full) (nullable): a PNG of %COVER_WIDTH x %COVER_HEIGHT. Errors: IO when it cannot be drawn
 */
GBytes *cover_draw(const Cover *cover, GError **error);
