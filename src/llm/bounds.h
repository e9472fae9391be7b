/*
 * What an answer may not bring that its input has not: a host, or a language. Thread: pure.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>

/** Bounds: what the input has. */
typedef struct Bounds Bounds;

/** bounds_new: @told: all that the model was shown; @urls (element-type utf8): where that is read. Returns: (transfer full) */
Bounds *bounds_new(const char *told, const GPtrArray *urls);

/** bounds_free: NULL-safe. */
void bounds_free(Bounds *bounds);

/** bounds_find_host: Returns: (transfer full) (nullable): the first name of a host in @text, lower case, that the input has
 * not: a domain below a public suffix or a reserved one (RFC 6761), or an address of IPv4. "Node.js" is none, "main.rs" may be
 */
char *bounds_find_host(const Bounds *bounds, const char *text);

/** bounds_is_foreign: whether @text, not a short one, is written in a script that the input has not, or mostly with the small
 * words of a language that is neither English nor that of the input; nothing is said of languages without a list of them */
bool bounds_is_foreign(const Bounds *bounds, const char *text);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Bounds, bounds_free)
