/*
 * Topics: what a story is about, in a word or a few.
 */
#pragma once

#include <glib.h>

/**
 * Topic:
 * @slug: its place in addresses: `[a-z0-9-]`, distinct for "C" (c), "C++" (cpp) and "C#" (csharp); never ""
 * @label: for people: "C++"
 */
typedef struct {
  char *slug;
  char *label;
} Topic;

/** topic_new: @label: clean, one line. Returns: (transfer full) (nullable): NULL when nothing of @label can stand in a slug */
Topic *topic_new(const char *label);

/** topic_copy: Returns: (transfer full) */
Topic *topic_copy(const Topic *topic);

/** topic_free: NULL-safe. */
void topic_free(Topic *topic);

/** topics_new: Returns: (transfer full) (element-type Topic): an empty list that owns what is put in */
GPtrArray *topics_new(void);

/** topics_add: @topic (transfer full) (nullable): unless it is NULL or its slug is among @topics. */
void topics_add(GPtrArray *topics, Topic *topic);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Topic, topic_free)
