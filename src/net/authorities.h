/*
 * Whose certificates are trusted: the system's authorities, and one of the user's own beside them.
 */
#pragma once

#include <glib.h>

/** Authorities: read-only once made; outlives the handles that use it. */
typedef struct Authorities Authorities;

/** authorities_new: @own: (nullable): a PEM file. Returns: (transfer full) (nullable). Errors: CONFIG when it cannot be read */
Authorities *authorities_new(const char *own, GError **error);

/** authorities_free: NULL-safe. */
void authorities_free(Authorities *authorities);

/** authorities_use: @handle: a CURL easy handle, which trusts them from now on */
void authorities_use(const Authorities *authorities, void *handle);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Authorities, authorities_free)
