/*
 * robots.txt, its plain rules (RFC 9309): groups by product token, longest match, Allow wins ties, `*` and `$`. Pure.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/** robots_allows: whether the file @text (@length bytes) lets the product @token fetch @path (with query, from "/"). */
bool robots_allows(const char *text, size_t length, const char *token, const char *path);
