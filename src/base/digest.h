/*
 * SHA-256 for ids that outlive us, and UUIDs made from names.
 */
#pragma once

#include <glib.h>
#include <stddef.h>

/** digest_sha256: Returns: (transfer full): 64 lower-case hex digits */
char *digest_sha256(const void *data, size_t length);

/** digest_add: feeds @field (nullable, distinct from "") with its length first, so that no two lists of fields collide. */
void digest_add(GChecksum *checksum, const char *field);

/** digest_uuid: the version 5 UUID (RFC 4122) of @name in the URL namespace. Returns: (transfer full): 36 characters */
char *digest_uuid(const char *name);
