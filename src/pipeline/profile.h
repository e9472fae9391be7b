/*
 * Whom a site is for, in plain words and by a name: a text file that ships with courant, or one of the workspace.
 */
#pragma once

#include <glib.h>

/** PROFILE_MAX_BYTES: a longer file is none. */
enum { PROFILE_MAX_BYTES = 2 * 1024 };

/**
 * profile_read:
 * @folder: the workspace, whose `profiles/NAME.txt` comes first
 * @datadir: holds `data/profiles/NAME.txt`
 * @name: as the configuration has it; "" for none
 *
 * Returns: (transfer full) (nullable): its words, on one line; "" for none. Errors: CONFIG nobody knows it, or it says nothing;
 * IO
 */
char *profile_read(const char *folder, const char *datadir, const char *name, GError **error);
