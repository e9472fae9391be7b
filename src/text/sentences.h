/*
 * Sentences of clean text. Thread: pure.
 */
#pragma once

#include <glib.h>

/**
 * sentences_split:
 *
 * Cuts at sentence ends and paragraph breaks; not after initials, abbreviations ("e.g.", "Dr."), inside numbers and
 * versions ("3.14", "v4.0.0") or addresses. A sentence is one line with single spaces.
 *
 * Returns: (transfer full) (element-type utf8)
 */
GPtrArray *sentences_split(const char *text);
