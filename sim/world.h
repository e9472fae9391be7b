/*
 * A world: a folder with a folder for each host, laid over each other by day. README.md has its form.
 */
#pragma once

#include "answer.h"

typedef struct World World;

/** world_open: Returns: (transfer full) (nullable). Errors: IO or BAD_DATA for its world.json */
World *world_open(const char *folder, GError **error);

/** world_free: NULL-safe. */
void world_free(World *world);

/** world_day_count: Returns: how many days it has */
unsigned world_day_count(const World *world);

/** world_day_ms: Returns: the instant of @day (from 1), UTC milliseconds since 1970 */
int64_t world_day_ms(const World *world, unsigned day);

/**
 * world_answer:
 * @day: from 1
 *
 * The newest file of @day or a day before, else of all days, with validators; 304 where those of @asked hold; 404
 * where there is none; then as the world's own rules change it.
 *
 * Returns: (transfer full)
 */
Answer *world_answer(World *world, const Asked *asked, unsigned day);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(World, world_free)
