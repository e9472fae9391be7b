/*
 * A world: a folder with a folder for each host, laid over each other by day. README.md has its form. One made of posts has
 * the same form in memory.
 */
#pragma once

#include "answer.h"

typedef struct World World;

/** world_open: Returns: (transfer full) (nullable). Errors: IO or BAD_DATA for its world.json */
World *world_open(const char *folder, GError **error);

/** world_of_files: the world whose files, by name below its folder, are the texts in @files (transfer full).
 * Returns: (transfer full) (nullable). Errors: as world_open() */
World *world_of_files(GHashTable *files, GError **error);

/** world_free: NULL-safe. */
void world_free(World *world);

/** world_day_count: Returns: how many days it has */
unsigned world_day_count(const World *world);

/** world_day_ms: Returns: the instant of @day (from 1), UTC milliseconds since 1970 */
int64_t world_day_ms(const World *world, unsigned day);

/** world_day: Returns: the present day, at first 1 */
unsigned world_day(const World *world);

/** world_set_day: makes @day, from 1 to the last, the present one. */
void world_set_day(World *world, unsigned day);

/** world_services: Returns: (transfer none) (nullable): what its world.json says of hosts that are more than files */
const json_t *world_services(const World *world);

/** world_workspace: Returns: (transfer full) (nullable): the courant.yaml that reads it, without a port */
char *world_workspace(const World *world);

/**
 * world_file:
 * @asked: for the port that is filled in
 * @path: decoded
 * @ret_changed_ms: the instant of the day that the file is of
 *
 * Returns: (transfer full) (nullable): 200 with the file of @host and @path that is the newest of the present day or a day
 *   before, else of all days; NULL when there is none
 */
Answer *world_file(const World *world, const Asked *asked, const char *host, const char *path, int64_t *ret_changed_ms);

/** world_validate: gives @answer, a 200 as of @changed_ms, its validators; a 304 where those of @asked hold. */
void world_validate(const World *world, const Asked *asked, int64_t changed_ms, Answer *answer);

/** world_answer: the file asked for, with validators, or 404. Returns: (transfer full) */
Answer *world_answer(const World *world, const Asked *asked);

/** world_change: changes @answer as the world's own rules say. */
void world_change(World *world, const Asked *asked, Answer *answer);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(World, world_free)
