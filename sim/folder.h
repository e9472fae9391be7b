/*
 * A folder of recorded replies, served as they are, and its Hacker News items as an API below /hn/v0/.
 */
#pragma once

#include "answer.h"

typedef struct Folder Folder;

/** folder_open: lists @path and reads the items below its hackernews/. Returns: (transfer full) (nullable). Errors: IO */
Folder *folder_open(const char *path, GError **error);

/** folder_free: NULL-safe. */
void folder_free(Folder *folder);

/** folder_answer: the file that the path names or goes on below of, /index.json, or an answer of the API; else 404. Whoever
 * asks for a token of Reddit gets one. Returns: (transfer full) (nullable): NULL for what is no GET */
Answer *folder_answer(const Folder *folder, const Asked *asked);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Folder, folder_free)
