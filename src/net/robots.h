/*
 * robots.txt, its plain rules (RFC 9309): groups by product token, longest match, Allow wins ties, `*` and `$`. Pure.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/** ROBOTS_MAX_BYTES: of a file are read; RFC 9309, 2.5 asks for no less. What is beyond, and the line that is cut, is ignored.
 */
enum { ROBOTS_MAX_BYTES = 500 * 1024 };

/** robots_allows: whether the file @text (@length bytes) lets the product @token (letters, "_" and "-") fetch @path (with
 * query, from "/"). */
bool robots_allows(const char *text, size_t length, const char *token, const char *path);
