/*
 * `courant sources add`: the feed behind an address.
 */
#pragma once

#include "app/workspace.h"

/** sources_add: finds the feeds at or announced by the page @address, prints the lines to add, and where @is_written adds the
 * first to courant.yaml. Returns: an exit code */
int sources_add(const Invocation *invocation, const Workspace *workspace, const char *address, bool is_written);
